"""The points mall in the console: items written by form, exchanges sent, given or cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.commerce.coupons.queries import kinds as coupon_kinds
from rongshu.domain.commerce.mall.actions import (
    Terms,
    cancel_exchange,
    change_item,
    finish_exchange,
    make_item,
    send_exchange,
)
from rongshu.domain.commerce.mall.addresses import opened
from rongshu.domain.commerce.mall.models import ASKED, PRIVILEGE, MallExchange, MallItem
from rongshu.domain.commerce.mall.queries import exchange_named, exchanges, item, items, waiting
from rongshu.domain.commerce.products.actions import keep_picture
from rongshu.domain.members.profiles.queries import shown_names
from rongshu.domain.members.tiers.queries import ladder_at
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.mall import ExchangeLine, ItemForm, ItemRow, MallExchanges, MallItems
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.faces.pictures import picture_address
from rongshu.interfaces.faces.tier_words import shown
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid
from rongshu.kernel.ids import inside, outside

PAGE = 50
MOST_BYTES = 8 * 2**20
FIELDS = ("name", "kind", "points", "note", "coupon", "stock", "per_member", "tier", "sale_from", "sale_until", "open", "picture")  # fmt: skip


@page("offers", Permission.SEE_MEMBERS)
def mall(visit: Visit) -> MallItems:
    """The items, the latest made first."""
    q = visit.request.GET.get("q", "").strip()[:100]
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = items(search=q, after=None if token is None else token[0], limit=PAGE + 1)
    return MallItems(
        q=q,
        rows=tuple(
            ItemRow(
                outside("itm", one.id), one.name, one.kind, "open" if one.open else "closed", one.points, one.taken, one.stock,
                picture_address(visit.house.slug, one.picture, small=True), one.sale_until,
            )
            for one in found[:PAGE]
        ),
        asked=waiting().asked,
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        may_set=visit.may(Permission.SET_MEMBERSHIP),
    )  # fmt: skip


@page("offers", Permission.SET_MEMBERSHIP)
def mall_item(visit: Visit, id: str = "") -> ItemForm | HttpResponse:
    """One item, or a new one; posting keeps it."""
    one = item(inside("itm", id) or 0) if id else None
    if visit.request.method != "POST":
        return _form(visit, one, _filled(visit, one))
    typed = {name: visit.request.POST.get(name, "").strip()[:1000] for name in FIELDS}
    typed["picture"] = "" if one is None else one.picture
    try:
        picture = visit.request.FILES.get("picture")
        if picture is not None:
            if (picture.size or 0) > MOST_BYTES:
                raise invalid("picture_too_large", "A picture has at most 8 MB.", at="picture")
            typed["picture"] = keep_picture(content=picture.read(), now=visit.now)
        terms = _terms(visit, typed, one)
        if one is None:
            make_item(terms=terms, by=visit.login.actor, now=visit.now)
        else:
            change_item(item_id=one.id, terms=terms, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return _form(visit, one, typed, problem=said(refusal), at=refusal.at or "")
    messages.success(visit.request, _("The item is kept."))
    return redirect("console:mall")


@page("offers", Permission.SEE_MEMBERS)
def mall_exchanges(visit: Visit) -> MallExchanges | HttpResponse:
    """What members had, the latest first; posting sends, gives or cancels one."""
    form = visit.request.POST
    if visit.request.method != "POST":
        return _exchanges(visit)
    visit.demand(Permission.ISSUE_COUPONS)
    wanted, by = inside("exc", form.get("exchange", "")) or 0, visit.login.actor
    try:
        match form.get("do"):
            case "send":
                send_exchange(
                    exchange_id=wanted, carrier=form.get("carrier", ""), tracking=form.get("tracking", ""), by=by, now=visit.now
                )  # fmt: skip
            case "finish":
                finish_exchange(exchange_id=wanted, by=by, now=visit.now)
            case _:
                if not form.get("reason", "").strip():
                    raise invalid("no_reason", "Say why; the member reads it.", at="reason")
                cancel_exchange(exchange_id=wanted, reason=form["reason"], by=by, now=visit.now)
    except Refusal as refusal:
        typed = {name: form.get(name, "")[:200] for name in ("exchange", "carrier", "tracking", "reason")}
        return _exchanges(visit, problem=said(refusal), values=typed)
    messages.success(visit.request, _("Done."))
    return redirect(visit.request.get_full_path())


def _exchanges(visit: Visit, *, problem: str = "", values: dict[str, str] | None = None) -> MallExchanges:
    asked, q = visit.request.GET.get("state", ASKED), visit.request.GET.get("q", "").strip()[:40]
    state = asked if asked in MallExchanges.states else ASKED
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    if q:
        found = list(MallExchange.objects.filter(id=exchange_named(q)))
    else:
        found = exchanges(state=state, after=None if token is None else token[0], limit=PAGE + 1)
    names, may_send = shown_names([one.member_id for one in found[:PAGE]]), visit.may(Permission.ISSUE_COUPONS)
    return MallExchanges(
        state=state,
        q=q,
        rows=tuple(_line(one, names.get(one.member_id, ""), may_send) for one in found[:PAGE]),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        may_send=may_send,
        problem=problem,
        values=values or {},
    )


def _line(one: MallExchange, member: str, may_send: bool) -> ExchangeLine:
    kept = opened(one.address) if may_send and one.state == ASKED else None
    return ExchangeLine(
        id=outside("exc", one.id), code=outside("exc", one.id).upper() if one.kind == PRIVILEGE else "",
        member_id=outside("mem", one.member_id), member=member or outside("mem", one.member_id), name=one.name, kind=one.kind,
        state=one.state, points=one.points, at=one.asked_at,
        place="" if kept is None else f"{kept.name} · {kept.phone} · {kept.place}", parcel=f"{one.carrier} {one.tracking}".strip(),
        reason=one.reason,
    )  # fmt: skip


def _filled(visit: Visit, one: MallItem | None) -> dict[str, str]:
    if one is None:
        return {**dict.fromkeys(FIELDS, ""), "kind": "goods", "open": "yes"}

    def at(instant: datetime | None) -> str:
        return "" if instant is None else instant.astimezone(visit.house.zone).strftime("%Y-%m-%dT%H:%M")

    return {
        "name": one.name, "kind": one.kind, "points": str(one.points), "note": one.note,
        "coupon": "" if one.coupon_kind_id is None else outside("cpk", one.coupon_kind_id),
        "stock": "" if one.stock is None else str(one.stock), "per_member": str(one.per_member) if one.per_member else "",
        "tier": one.tier, "sale_from": at(one.sale_from), "sale_until": at(one.sale_until), "open": "yes" if one.open else "",
        "picture": one.picture,
    }  # fmt: skip


def _form(visit: Visit, one: MallItem | None, values: dict[str, str], *, problem: str = "", at: str = "") -> ItemForm:
    ladder = ladder_at(visit.now)
    return ItemForm(
        id="" if one is None else outside("itm", one.id),
        values=values,
        kinds=(("goods", _("Goods")), ("coupon", _("A coupon")), ("privilege", _("A privilege"))),
        coupons=tuple((outside("cpk", kind.id), kind.name) for kind in coupon_kinds(limit=200)),
        tiers=() if ladder is None else tuple((tier.code, shown(tier).title) for tier in ladder.tiers),
        picture=picture_address(visit.house.slug, values.get("picture", ""), small=True),
        locked=one is not None,
        problem=problem,
        at=at,
    )


def _terms(visit: Visit, typed: Mapping[str, str], one: MallItem | None) -> Terms:
    kind = typed["kind"] if one is None else one.kind
    coupon = inside("cpk", typed["coupon"]) if kind == "coupon" else None
    return Terms(
        name=typed["name"], kind=kind, points=_number(typed, "points") or 0,
        sale_from=_instant(visit, typed, "sale_from") or (visit.now if one is None else one.sale_from),
        sale_until=_instant(visit, typed, "sale_until"), note=typed["note"], picture=typed["picture"], coupon_kind_id=coupon,
        stock=_number(typed, "stock"), per_member=_number(typed, "per_member") or 0, tier=typed["tier"], open=typed["open"] == "yes",
    )  # fmt: skip


def _number(typed: Mapping[str, str], name: str) -> int | None:
    text = typed[name].replace(",", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise invalid("no_number", "Give a number.", at=name)
    return int(text)


def _instant(visit: Visit, typed: Mapping[str, str], name: str) -> datetime | None:
    if not typed[name]:
        return None
    try:
        return datetime.fromisoformat(typed[name]).replace(tzinfo=visit.house.zone)
    except ValueError:
        raise invalid("no_day", "This is not a day.", at=name) from None
