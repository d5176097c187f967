"""The portal's wallet of coupons: parses, asks, shows."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.commerce.coupons.actions import claim_coupon, redeem_code, take_shared
from rongshu.domain.commerce.coupons.models import EXPIRED, HELD, RESERVED, SENT, USED
from rongshu.domain.commerce.coupons.queries import (
    Held,
    claimable,
    coupon,
    held_by,
    share_token,
    shared_coupon,
    uses_of_coupons,
)
from rongshu.domain.commerce.coupons.terms import left_of
from rongshu.domain.members.profiles.models import Member
from rongshu.interfaces.faces.coupon_words import WAYS, face_of, held_face
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.qr import qr_svg
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.coupons import Claimable, Coupons, Mine, ShareCoupon, TakeCoupon
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import Refusal, conflict, missing, unavailable
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.throttle import allow

PAGE = 20
FEW = 100
"""So many left are told."""
TRIES_A_MINUTE = 10
"""Codes somebody may try."""
TABS = {"mine": (HELD, RESERVED), "used": (USED,), "over": (EXPIRED, SENT)}


@page("me", member="coupons")
def coupons(visit: Visit) -> Coupons | HttpResponse:
    """What can be claimed and what the reader has; posting claims one, or redeems a code."""
    if visit.request.method != "POST":
        return _wallet(visit)
    me, form = myself(visit), visit.request.POST
    code = form.get("code", "").strip()[:40]
    try:
        if "code" in form:
            if not allow("coupon-code", str(visit.login.id), limit=TRIES_A_MINUTE, seconds=60):
                raise unavailable("too_many_codes", "That were many codes in a minute. Wait a little.", at="code")
            redeem_code(code=code, member_id=me, by=visit.login.actor, now=visit.now)
        else:
            claim_coupon(
                kind_id=inside("cpk", form.get("kind", "")) or 0, member_id=me, tier=_tier(me), by=visit.login.actor,
                now=visit.now,
            )  # fmt: skip
    except Refusal as refusal:
        return _wallet(visit, code=code, at="code" if "code" in form else "claim", problem=said(refusal))
    messages.success(visit.request, _("The coupon is yours."))
    return redirect("portal:coupons")


def _tier(member_id: int) -> str:
    return str(Member.objects.filter(id=member_id).values_list("tier", flat=True).first() or "")


def _wallet(visit: Visit, *, code: str = "", at: str = "", problem: str = "") -> Coupons:
    me, asked = myself(visit), visit.request.GET
    tab = asked.get("tab", "mine") if asked.get("tab") in TABS else "mine"
    token = unpack(asked.get("cursor", ""), 1)
    found = held_by(
        me, states=TABS[tab], now=visit.now, after=None if token is None else token[0], limit=PAGE + 1
    )  # fmt: skip
    rows = found[:PAGE]
    uses = uses_of_coupons([one.coupon.id for one in rows]) if tab == "used" else {}
    free = claimable(member_id=me, tier=_tier(me), now=visit.now) if tab == "mine" and token is None else []
    return Coupons(
        tab=tab,
        claimable=tuple(
            Claimable(outside("cpk", one.id), face_of(one, visit.house.currency, now=visit.now), _few(left_of(one)))
            for one in free
        ),
        rows=tuple(_mine(visit, one, uses.get(one.coupon.id)) for one in rows),
        cursor=Cursor(pack(rows[-1].coupon.id) if len(found) > PAGE else None),
        code=code,
        at=at,
        problem=problem,
    )


def _few(left: int | None) -> int | None:
    return left if left is not None and left <= FEW else None


def _mine(visit: Visit, held: Held, use: object) -> Mine:
    one = held.coupon
    return Mine(
        id=outside("cpn", one.id),
        face=held_face(held, visit.house.currency, now=visit.now),
        way=str(WAYS.get(one.way, one.way)),
        shareable=held.kind.shareable and one.state == HELD,
        saved=None if use is None else Money(use.saved, visit.house.currency),  # type: ignore[attr-defined]
        used_at=one.ended_at if use is not None else None,
    )


@page("me", member="coupons")
def share(visit: Visit, id: str) -> ShareCoupon:
    """The link that gives one of the reader's coupons to whoever opens it first."""
    held = coupon(inside("cpn", id) or 0, member_id=myself(visit))
    if not held.kind.shareable or held.coupon.state != HELD:
        raise missing("unknown_coupon", "There is no such coupon.")
    path = reverse("portal:coupon_take", args=(share_token(held.coupon.id),))
    site = environment().site_url.rstrip("/")
    address = site + path if site else visit.request.build_absolute_uri(path)
    return ShareCoupon(
        face=held_face(held, visit.house.currency, now=visit.now),
        address=address,
        written=address.split("://", 1)[1],
        qr=qr_svg(address),
    )


@page("me", member="coupons")
def take(visit: Visit, token: str) -> TakeCoupon | HttpResponse:
    """A coupon somebody gives; posting takes it."""
    if visit.request.method == "POST":
        try:
            take_shared(token=token, member_id=myself(visit), by=visit.login.actor, now=visit.now)
        except Refusal as refusal:
            return _offered(visit, token, said(refusal))
        messages.success(visit.request, _("The coupon is yours."))
        return redirect("portal:coupons")
    return _offered(visit, token, "")


def _offered(visit: Visit, token: str, problem: str) -> TakeCoupon:
    held = shared_coupon(token)
    if not problem and held.coupon.state != HELD:
        problem = said(conflict("share_over", "Somebody else has taken this coupon, or its time is over."))
    return TakeCoupon(token, face_of(held.kind, visit.house.currency, now=visit.now), problem)
