"""The portal's member card: parses, asks, shows."""

from __future__ import annotations

from django.urls import reverse

from rongshu.domain.commerce.coupons.queries import count_held
from rongshu.domain.members.cards.actions import held_card
from rongshu.domain.members.cards.queries import doors_now
from rongshu.domain.members.growth.queries import entries_of, growth_rules_at
from rongshu.domain.members.points.queries import standing
from rongshu.domain.members.points.rulebook import rules_at
from rongshu.domain.members.tiers.queries import Standing, history_of, ladder_at, standing_of
from rongshu.engine.money import floor_ratio
from rongshu.interfaces.faces.card_words import spaced
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.faces.people import People
from rongshu.interfaces.faces.points_words import worth_of
from rongshu.interfaces.faces.qr import qr_svg
from rongshu.interfaces.faces.tier_words import gives, grown, shown, stepped, what_counts
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.card import Card
from rongshu.kernel.environment import environment

PAGE = 20
STEPS = 5


@page("me", member="card")
def card(visit: Visit) -> Card:
    """Where the reader stands and why; what they have to spend."""
    me = myself(visit)
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    stands, ladder, rules = standing_of(me, now=visit.now), ladder_at(visit.now), growth_rules_at(visit.now)
    found = entries_of(me, before=None if token is None else token[0], limit=PAGE + 1)
    activities = {} if rules is None else {one.id: one.name for one in rules.activities}
    have = standing(me, now=visit.now)
    tier, above = stands.tier, stands.next
    now_given = () if tier is None else gives(tier.benefits)
    held, doors = held_card(member_id=me, now=visit.now), doors_now()
    invites = held is not None and doors is not None and doors[1].invite
    return Card(
        name=People([me]).person(me).name,
        tier=None if tier is None else shown(tier),
        growth=stands.window,
        counts="" if ladder is None else what_counts(ladder),
        next=None if above is None else shown(above),
        missing=stands.missing,
        percent=way_up(stands),
        adds=() if above is None else tuple(one for one in gives(above.benefits) if one not in now_given),
        kept_until=stands.kept_until if tier is not None and (ladder is None or ladder.window != "ever") else None,
        keeps=0 if tier is None else tier.kept_from,
        grace_until=stands.grace_until,
        points=have.usable,
        worth=worth_of(have.usable, rules_at(visit.now)[1]),
        coupons=count_held(me, now=visit.now),
        tiers=() if ladder is None else tuple(shown(one) for one in ladder.tiers),
        rows=tuple(grown(one, activities) for one in found[:PAGE]),
        steps=tuple(stepped(one, ladder) for one in history_of(me, limit=STEPS)) if token is None else (),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        more=token is None,
        number="" if held is None else spaced(held.number),
        qr="" if held is None else qr_svg(held.number),
        invites=f"{site_of(visit)}{reverse('card', args=[visit.house.slug])}?by={held.number}"
        if invites and held
        else "",
        without=visit.house.slug if held is None and doors is not None else "",
    )


def lacks_card(visit: Visit) -> bool:
    """Whether the brand asks for a card that the reader does not hold."""
    return doors_now() is not None and held_card(member_id=myself(visit), now=visit.now) is None


def site_of(visit: Visit) -> str:
    """The address of this installation, as others reach it."""
    return environment().site_url.rstrip("/") or visit.request.build_absolute_uri("/").rstrip("/")


def way_up(stands: Standing) -> int:
    """Percent of the way to the next tier, rounded down; 100 at the top."""
    low = 0 if stands.tier is None else stands.tier.growth
    way = 0 if stands.next is None else stands.next.growth - low
    gone = max(0, min(stands.window - low, way))
    return floor_ratio(gone, 100, way) if way else 100
