"""Coupons in words: what one is worth and what is needed to use it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongshu.domain.commerce.coupons.actions import Terms
from rongshu.domain.commerce.coupons.models import (
    HELD,
    INVITED_BOUGHT,
    INVITED_JOINED,
    INVITER_BOUGHT,
    INVITER_JOINED,
    NEW_MEMBER,
    CouponKind,
)
from rongshu.domain.commerce.coupons.queries import Held
from rongshu.interfaces.faces.coupon_parts import CouponFace
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.price_words import tier_title
from rongshu.interfaces.faces.templatetags.faces import money_text
from rongshu.kernel.clock import utc_now

NAMED = 5
"""Products or categories that are named one by one."""

KINDS: Mapping[str, object] = {
    "fixed": gettext_lazy("An amount off"),
    "percent": gettext_lazy("A percentage off"),
    "gift": gettext_lazy("A gift"),
    "shipping": gettext_lazy("Off the shipping fee"),
}

OCCASIONS: Mapping[str, object] = {
    "": gettext_lazy("Not by itself"),
    NEW_MEMBER: gettext_lazy("When somebody becomes a member"),
    INVITED_JOINED: gettext_lazy("To whoever was invited, when they join"),
    INVITER_JOINED: gettext_lazy("To whoever invited, when the invited join"),
    INVITED_BOUGHT: gettext_lazy("To whoever was invited, when they first buy"),
    INVITER_BOUGHT: gettext_lazy("To whoever invited, when the invited first buy"),
}

WAYS: Mapping[str, object] = {
    "claim": gettext_lazy("Claimed"),
    "send": gettext_lazy("Sent"),
    "code": gettext_lazy("By a code"),
    "share": gettext_lazy("Given by somebody"),
    "mall": gettext_lazy("For points"),
    "gift": gettext_lazy("As a gift"),
    NEW_MEMBER: gettext_lazy("As a new member"),
    INVITED_JOINED: gettext_lazy("As somebody invited"),
    INVITER_JOINED: gettext_lazy("For an invitation"),
    INVITED_BOUGHT: gettext_lazy("For the first purchase"),
    INVITER_BOUGHT: gettext_lazy("For the first purchase of somebody invited"),
}

OTHERS: Mapping[str, object] = {
    "member_price": gettext_lazy("member prices"),
    "sale": gettext_lazy("limited offers"),
    "bundle": gettext_lazy("bundles"),
    "reduction": gettext_lazy("full reductions"),
    "coupon": gettext_lazy("other coupons"),
}


def face_of(kind: CouponKind | Terms, currency: str, *, now: datetime) -> CouponFace:
    """A kind as whoever gets it sees it."""
    amount = money_text(Money(kind.amount, currency))
    worth, what = {
        "fixed": (amount, _("taken off")),
        "percent": (f"{kind.ppm / 10_000:.2f}".rstrip("0").rstrip(".") + "%", _("taken off")),
        "gift": (_("Gift"), kind.gift_sku),
        "shipping": (amount if kind.amount else _("Free"), _("shipping fee")),
    }[kind.kind]
    return CouponFace(
        name=kind.name,
        worth=worth,
        what=what,
        needs=tuple(_needs(kind, currency)),
        note=kind.note,
        from_at=kind.valid_from if kind.valid_from > now else None,
        until_at=kind.valid_until,
        days=kind.days,
    )


def held_face(held: Held, currency: str, *, now: datetime) -> CouponFace:
    """A coupon as its holder sees it; one whose time is over is over, even before the clock came by."""
    one = held.coupon
    face = face_of(held.kind, currency, now=now)
    over = one.state == HELD and one.until_at is not None and one.until_at <= now
    return CouponFace(
        name=face.name, worth=face.worth, what=face.what, needs=face.needs, note=face.note,
        from_at=one.from_at if one.from_at > now else None, until_at=one.until_at, state="expired" if over else one.state,
    )  # fmt: skip


def _needs(kind: CouponKind | Terms, currency: str) -> list[str]:
    said = []
    if kind.min_spend:
        said.append(_("From %(amount)s on") % {"amount": money_text(Money(kind.min_spend, currency))})
    else:
        said.append(_("From any amount on"))
    if kind.kind == "percent" and kind.max_minus:
        said.append(_("At most %(amount)s off") % {"amount": money_text(Money(kind.max_minus, currency))})
    means = [*kind.categories, *kind.skus]
    if means:
        said.append(_("Only for %(products)s") % {"products": _listed(means)})
    if kind.except_skus:
        said.append(_("Not for %(products)s") % {"products": _listed(list(kind.except_skus))})
    if kind.tiers:
        said.append(
            _("Only for members of %(tiers)s") % {"tiers": _listed([tier_title(one, utc_now()) for one in kind.tiers])}
        )
    apart = [str(OTHERS[other]) for other in OTHERS if other not in kind.stacks]
    if apart:
        said.append(_("Not together with %(others)s") % {"others": _(", ").join(apart)})
    return said


def _listed(names: list[str]) -> str:
    shown = _(", ").join(names[:NAMED])
    return (
        shown
        if len(names) <= NAMED
        else _("%(names)s and %(more)s more") % {"names": shown, "more": len(names) - NAMED}
    )
