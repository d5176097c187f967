"""The portal's points mall: parses, asks, shows."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.commerce.mall.actions import cancel_exchange, exchange, finish_exchange
from rongshu.domain.commerce.mall.addresses import Address, opened
from rongshu.domain.commerce.mall.models import ASKED, GOODS, PRIVILEGE, SENT, MallExchange, MallItem
from rongshu.domain.commerce.mall.queries import (
    exchanges,
    item,
    left_of,
    on_sale,
    open_of,
    refusal_of,
    taken_of,
)
from rongshu.domain.members.points.queries import standing
from rongshu.domain.members.profiles.models import Member
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.faces.pictures import picture_address
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.mall import ExchangeRow, Exchanges, Mall, MallOne, MallTile
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import inside, new_id, outside

PAGE = 20
FEW = 100
"""So many left are told."""
TYPED = ("name", "phone", "place")


@page("me", member="points")
def mall(visit: Visit) -> Mall:
    """What can be had for points now, the cheapest first."""
    me = myself(visit)
    token = unpack(visit.request.GET.get("cursor", ""), 2)
    found = on_sale(now=visit.now, after=None if token is None else (token[0], token[1]), limit=PAGE + 1)
    rows = found[:PAGE]
    taken, tier = taken_of(me, [one.id for one in rows]), _member(me).tier
    return Mall(
        usable=standing(me, now=visit.now).usable,
        rows=tuple(_tile(visit, one, tier, taken.get(one.id, 0)) for one in rows),
        waiting=open_of(me),
        cursor=Cursor(pack(rows[-1].points, rows[-1].id) if len(found) > PAGE else None),
    )


@page("me", member="points")
def mall_item(visit: Visit, id: str) -> MallOne | HttpResponse:
    """One item; posting exchanges points for it."""
    me, form = myself(visit), visit.request.POST
    one = item(inside("itm", id) or 0)
    if visit.request.method != "POST":
        return _one(visit, one, _last_address(me) if one.kind == GOODS else {}, f"once-{new_id()}")
    typed = {name: form.get(name, "")[:300] for name in TYPED}
    key, points = form.get("key", "")[:100], form.get("points", "")
    try:
        made = exchange(
            item_id=one.id, member=_member(me), key=key, points=int(points) if points.isascii() and points.isdigit() else None,
            address=Address(**typed) if one.kind == GOODS else None, by=visit.login.actor, now=visit.now,
        )  # fmt: skip
    except Refusal as refusal:
        return _one(visit, item(one.id), typed, key, problem=said(refusal), at=refusal.at or "item")
    if made.coupon_id is not None:
        messages.success(visit.request, _("The coupon is yours."))
        return redirect("portal:coupons")
    messages.success(visit.request, _("It is yours; below you see how far it is."))
    return redirect("portal:exchanges")


@page("me", member="points")
def my_exchanges(visit: Visit) -> Exchanges | HttpResponse:
    """What the reader had for points; posting gives one up, or says that it came."""
    me, form = myself(visit), visit.request.POST
    problem = ""
    if visit.request.method == "POST":
        wanted = inside("exc", form.get("exchange", "")) or 0
        try:
            if form.get("do") == "finish":
                finish_exchange(exchange_id=wanted, member_id=me, by=visit.login.actor, now=visit.now)
            else:
                cancel_exchange(exchange_id=wanted, member_id=me, by=visit.login.actor, now=visit.now)
                messages.success(visit.request, _("It is given up; your points are back."))
        except Refusal as refusal:
            problem = said(refusal)
        else:
            return redirect("portal:exchanges")
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = exchanges(member_id=me, after=None if token is None else token[0], limit=PAGE + 1)
    return Exchanges(
        rows=tuple(_row(one) for one in found[:PAGE]),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        problem=problem,
        at="exchange" if problem else "",
    )


def _member(member_id: int) -> Member:
    found: Member = Member.objects.get(id=member_id)
    return found


def _one(visit: Visit, one: MallItem, values: dict[str, str], key: str, *, problem: str = "", at: str = "") -> MallOne:
    me = myself(visit)
    usable = standing(me, now=visit.now).usable
    tile = _tile(visit, one, _member(me).tier, taken_of(me, [one.id]).get(one.id, 0), small=False)
    return MallOne(tile, usable, max(0, one.points - usable), key, values, problem, at)


def _tile(visit: Visit, one: MallItem, tier: str, taken: int, *, small: bool = True) -> MallTile:
    problem, left = refusal_of(one, tier=tier, taken=taken, now=visit.now), left_of(one)
    return MallTile(
        id=outside("itm", one.id), name=one.name, kind=one.kind, points=one.points,
        picture=picture_address(visit.house.slug, one.picture, small=small), note=one.note,
        left=left if left is not None and left <= FEW else None, until=one.sale_until, reason="" if problem is None else said(problem),
    )  # fmt: skip


def _last_address(member_id: int) -> dict[str, str]:
    """Where the last goods went, so that nobody types it twice."""
    rows = MallExchange.objects.filter(member_id=member_id, kind=GOODS, address__isnull=False).order_by("-id")
    kept = opened(rows.values_list("address", flat=True).first())
    return {} if kept is None else {"name": kept.name, "phone": kept.phone, "place": kept.place}


def _row(one: MallExchange) -> ExchangeRow:
    place = opened(one.address)
    return ExchangeRow(
        id=outside("exc", one.id), name=one.name, kind=one.kind, state=one.state, points=one.points, at=one.asked_at,
        code=outside("exc", one.id).upper() if one.kind == PRIVILEGE and one.state == ASKED else "",
        parcel=f"{one.carrier} {one.tracking}".strip(), place="" if place is None else f"{place.name} · {place.place}",
        reason=one.reason, back=one.back, may_cancel=one.state == ASKED, may_finish=one.state == SENT,
    )  # fmt: skip
