"""The portal's views of a member who need not promote: home, and what they bought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.http import HttpResponse
from django.utils.translation import gettext as _

from rongshu.domain.commerce.coupons.queries import count_held
from rongshu.domain.commerce.products.queries import products_by_sku
from rongshu.domain.commerce.purchases.queries import Bought, history, purchases_of
from rongshu.domain.members.points.queries import lots_of, signing, standing
from rongshu.domain.members.points.rulebook import rules_at
from rongshu.domain.members.tiers.queries import ladder_at, standing_of
from rongshu.interfaces.faces.cursors import instant_first, pack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.files import attached, plain, table
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.people import People
from rongshu.interfaces.faces.points_words import SOON, worth_of
from rongshu.interfaces.faces.templatetags.faces import money_text
from rongshu.interfaces.faces.tier_words import shown
from rongshu.interfaces.portal.card import lacks_card, way_up
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.member import MemberHome, Purchase, Purchases
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import outside

PAGE = 20
RECENT = 3
NAMES = 2
IN_A_YEAR = 10_000
"""Orders a statement of a year holds at most."""


def member_home(visit: Visit) -> MemberHome:
    """What the reader has here, and their latest orders."""
    me = myself(visit)
    stands, rules = standing_of(me, now=visit.now), rules_at(visit.now)[1]
    have = standing(me, now=visit.now)
    _streak, may_sign, sign_points = signing(me, rules=rules, now=visit.now)
    lacking = lacks_card(visit)
    return MemberHome(
        name=People([me]).person(me).name,
        slug=visit.house.slug,
        tier=None if stands.tier is None else shown(stands.tier),
        next=None if stands.next is None else shown(stands.next),
        growth=stands.window,
        missing=stands.missing,
        percent=way_up(stands),
        ladder=ladder_at(visit.now) is not None,
        points=have.usable,
        worth=worth_of(have.usable, rules),
        ending=sum(
            one.left
            for one in lots_of(me)
            if one.is_open and one.expires_at is not None and one.expires_at - visit.now < SOON
        ),
        coupons=count_held(me, now=visit.now),
        may_sign=may_sign and not lacking,
        sign_points=sign_points,
        recent=_purchases(history(member_id=me, limit=RECENT), visit.house.currency),
        lacks_card=lacking,
    )


@page("me", member="me")
def purchases(visit: Visit) -> Purchases:
    """The reader's orders; htmx asks for more while they scroll."""
    me, currency = myself(visit), visit.house.currency
    key = instant_first(visit.request.GET.get("cursor", ""), 2)
    found = history(member_id=me, before=key, limit=PAGE + 1)  # type: ignore[arg-type]
    figures = purchases_of([me]).get(me)
    zone = visit.house.zone
    first, last = (figures.first_at, figures.last_at) if figures is not None else (visit.now, visit.now)
    rest = found[PAGE - 1] if len(found) > PAGE else None
    return Purchases(
        orders=0 if figures is None else figures.orders,
        paid=Money(0 if figures is None else figures.paid, currency),
        refunded=Money(0 if figures is None else figures.refunded, currency),
        years=tuple(range(last.astimezone(zone).year, first.astimezone(zone).year - 1, -1)) if figures else (),
        rows=_purchases(found[:PAGE], currency),
        cursor=Cursor(None if rest is None else pack(to_micros(rest.paid_at), rest.id)),
    )


@page("me", member="me")
def purchases_file(visit: Visit, year: int) -> HttpResponse:
    """A year of the reader's orders as a table. Raises `missing` for a year without one."""
    me, currency = myself(visit), visit.house.currency
    if not 2000 <= year <= 2999:
        raise missing("no_purchases", "You bought nothing here in that year.")
    starts, ends = visit.starts(date(year, 1, 1)), visit.starts(date(year + 1, 1, 1))
    rows = [
        one for one in history(member_id=me, before=(ends, 0), limit=IN_A_YEAR) if one.paid_at >= starts
    ]  # fmt: skip
    if not rows:
        raise missing("no_purchases", "You bought nothing here in that year.")
    known = products_by_sku([sku for one in rows for sku in one.skus])
    lines: list[Sequence[str]] = [(_("Order"), _("Paid on"), _("Products"), _("Paid"), _("Refunded"))]
    lines += [
        (
            plain(one.external_id),
            one.paid_at.astimezone(visit.house.zone).isoformat(timespec="seconds"),
            plain(", ".join(known[sku].title if sku in known else sku for sku in one.skus)),
            money_text(Money(one.paid, currency)),
            money_text(Money(one.refunded, currency)),
        )
        for one in rows
    ]
    return attached(table(lines), f"purchases-{year}.csv")


def _purchases(found: Sequence[Bought], currency: str) -> tuple[Purchase, ...]:
    known = products_by_sku([sku for one in found for sku in one.skus[:NAMES]])
    return tuple(
        Purchase(
            number=one.external_id,
            at=one.paid_at,
            names=tuple(known[sku].title if sku in known else sku for sku in one.skus[:NAMES]),
            more=max(0, len(one.skus) - NAMES),
            paid=Money(one.paid, currency),
            refunded=Money(one.refunded, currency),
            id=outside("ord", one.id),
        )
        for one in found
    )
