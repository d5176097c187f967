"""Members: found, and one of them with all there is to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.utils.translation import get_language

from rongshu.domain.commerce.coupons.queries import held_by
from rongshu.domain.commerce.purchases.queries import history, purchases_of
from rongshu.domain.marketing.segments.queries import segments_of
from rongshu.domain.members.duplicates.models import MemberMerge
from rongshu.domain.members.duplicates.queries import merges_of
from rongshu.domain.members.points.queries import lots_of, standings
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import (
    find_member,
    latest_members,
    masked_email,
    regions_lived_in,
    shown_names,
)
from rongshu.domain.members.profiles.regions import region_name
from rongshu.domain.members.tags.queries import tags
from rongshu.domain.members.tiers.queries import ladder_at, standing_of
from rongshu.domain.referral.promoters.queries import which_promote
from rongshu.engine.segments.life import LIVES
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.members import (
    CouponRow,
    LotRow,
    MemberPage,
    MemberRow,
    Members,
    Merged,
    OrderOfMember,
    TierNow,
)
from rongshu.interfaces.console.views.profiles import tag_parts
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.erasing import erasing_of
from rongshu.interfaces.faces.parts import Cursor, Money, Person
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.interfaces.faces.profile_form import consent_parts, profile_part
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import Refusal, missing
from rongshu.kernel.ids import inside, outside

PAGE = 50
ORDERS = 20


def tier_titles(visit: Visit) -> dict[str, str]:
    """The tiers of the ladder in force, lowest first, by code."""
    ladder, language = ladder_at(visit.now), get_language() or "zh-hans"
    return {} if ladder is None else {one.code: one.titled(language) for one in ladder.tiers}


@page("members", Permission.SEE_MEMBERS)
def members(visit: Visit) -> Members:
    """The latest to join; one by id, phone or e-mail; those of a tier, a region, with a tag."""
    asked, titles, language = visit.request.GET, tier_titles(visit), get_language() or "zh-hans"
    q, tier, region = asked.get("q", "").strip()[:200], asked.get("tier", ""), asked.get("region", "")
    tier = tier if tier in titles else ""
    regions = {one: region_name(one, language) for one in regions_lived_in()}
    region = region if region in regions else ""
    known = {outside("tag", one.id): one for one in tags(off=True)}
    tag = known.get(asked.get("tag", ""))
    more = None
    if q:
        found = _named(q)
    else:
        token = unpack(asked.get("cursor", ""), 1)
        found = latest_members(
            tier=tier, region=region, tag=None if tag is None else tag.id,
            after=None if token is None else int(token[0]), limit=PAGE + 1,
        )  # fmt: skip
        more = pack(found[PAGE - 1].id) if len(found) > PAGE else None
    chosen = {"tier": tier, "region": region, "tag": asked.get("tag", "") if tag is not None else ""}
    return Members(
        q, tier, tuple(titles.items()), _rows(visit, found[:PAGE], titles), Cursor(more), region, tuple(regions.items()),
        chosen["tag"], tuple((id, one.name) for id, one in known.items()),
        tuple((id, one.name) for id, one in known.items() if one.active) if visit.may(Permission.EDIT_MEMBERS) else (),
        urlencode({name: value for name, value in chosen.items() if value}),
    )  # fmt: skip


def _named(q: str) -> list[Member]:
    try:
        return [find_member(q)]
    except Refusal:
        return []


def member_rows(visit: Visit, found: Sequence[Member]) -> tuple[MemberRow, ...]:
    """Members as lists show them."""
    return _rows(visit, found, tier_titles(visit))


def _rows(visit: Visit, found: Sequence[Member], titles: dict[str, str]) -> tuple[MemberRow, ...]:
    ids = [one.id for one in found]
    people, bought, points = People(ids), purchases_of(ids), standings(ids, now=visit.now)
    rows = []
    for one in found:
        figures = bought.get(one.id)
        rows.append(
            MemberRow(
                person=people.person(one.id),
                tier=titles.get(one.tier, one.tier),
                joined_at=one.created_at,
                life=LIVES[figures.life] if figures else "",
                orders=figures.orders if figures else 0,
                net=Money(figures.paid - figures.refunded if figures else 0, visit.house.currency),
                points=points[one.id].usable,
            )
        )
    return tuple(rows)


def merged_rows(rows: Sequence[MemberMerge]) -> tuple[Merged, ...]:
    """Merges as lists show them."""
    both = [one for row in rows for one in (row.source_id, row.heir_id)]
    people, shown = People(both), shown_names(both)

    def called(identifier: int) -> Person:
        """Two who are one mostly have one name: what else they are known by tells them apart."""
        one, other = people.person(identifier), shown.get(identifier, "")
        return one if other in ("", one.name) else replace(one, name=f"{one.name} ({other})")

    return tuple(
        Merged(
            outside("mrg", row.id), called(row.source_id), called(row.heir_id), row.reason, row.at, actor_name(row.actor),
            len(row.moved["orders"]), sum(one[2] for one in row.moved["points"]), row.undone_at,
            actor_name(row.undone_by) if row.undone_by else "",
        )
        for row in rows
    )  # fmt: skip


@page("members", Permission.SEE_MEMBERS)
def member(visit: Visit, id: str) -> MemberPage:
    """One member: figures, tier, points by lot, coupons, segments, and what they bought."""
    identifier = inside("mem", id)
    found = None if identifier is None else Member.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_member", "There is no member %(name)s.", name=id)
    token = unpack(visit.request.GET.get("cursor", ""), 2)
    before = None if token is None else (datetime.fromtimestamp(int(token[0]) / 1_000_000, UTC), int(token[1]))
    orders = history(member_id=found.id, before=before, limit=ORDERS + 1)
    last = orders[ORDERS - 1] if len(orders) > ORDERS else None
    currency, titles = visit.house.currency, tier_titles(visit)
    points, bought = standings([found.id], now=visit.now)[found.id], purchases_of([found.id]).get(found.id)
    return MemberPage(
        row=_rows(visit, [found], titles)[0],
        external_id=found.external_id or "",
        email=masked_email(found.id),
        promotes=found.id in which_promote([found.id]),
        tier=_tier(visit, found.id, titles) if titles else None,
        usable=points.usable,
        pending=points.pending,
        reserved=points.reserved,
        owed=points.owed,
        lots=tuple(LotRow(one.left, one.amount, one.expires_at, one.is_open) for one in lots_of(found.id, limit=20)),
        coupons=tuple(
            CouponRow(outside("cpn", one.coupon.id), one.kind.name, one.coupon.state, one.coupon.until_at)
            for one in held_by(found.id, now=visit.now, limit=20)
        ),
        segments=tuple(one.name for one in segments_of(found.id)),
        orders=tuple(
            OrderOfMember(
                outside("ord", one.id), one.external_id, one.paid_at, Money(one.paid, currency), Money(one.refunded, currency),
                one.skus[:4],
            )
            for one in orders[:ORDERS]
        ),
        first_at=bought.first_at if bought else None,
        last_at=bought.last_at if bought else None,
        cursor=Cursor(None if last is None else pack(to_micros(last.paid_at), last.id)),
        about=profile_part(found),
        tags=tag_parts(found.id),
        consents=tuple(one for one in consent_parts(found.id) if one.given is not None),
        heir=None if found.heir_id is None else People([found.heir_id]).person(found.heir_id),
        merged=merged_rows(merges_of(found.id)),
        may_edit=visit.may(Permission.EDIT_MEMBERS),
        erasing=erasing_of(found.id, outside("mem", found.id)) if visit.may(Permission.EDIT_MEMBERS) else None,
    )  # fmt: skip


def _tier(visit: Visit, identifier: int, titles: dict[str, str]) -> TierNow:
    now = standing_of(identifier, now=visit.now)
    wanted = 0 if now.next is None else now.next.growth
    return TierNow(
        name=titles.get(now.code, now.code),
        window=now.window,
        total=now.total,
        next="" if now.next is None else titles.get(now.next.code, now.next.code),
        missing=now.missing,
        percent=min(100, 100 * now.window // wanted) if wanted else 100,
        since=now.since,
        kept_until=now.kept_until,
    )
