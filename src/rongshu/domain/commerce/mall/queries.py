from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db.models import Count, Q

from rongshu.domain.commerce.mall.models import OPEN_STATES, MallExchange, MallItem, MallTaker
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.tiers.queries import ladder_at
from rongshu.kernel.errors import Refusal, conflict, forbidden, missing
from rongshu.kernel.ids import inside


def item(item_id: int) -> MallItem:
    """One item. Raises `missing`."""
    found = MallItem.objects.filter(id=item_id).first()
    if found is None:
        raise missing("unknown_item", "There is no such item.")
    return cast(MallItem, found)


def items(*, search: str = "", after: int | None = None, limit: int = 50) -> list[MallItem]:
    """All items, the latest made first; `after` is the id of the page before's last."""
    rows = MallItem.objects.all()
    if search:
        rows = rows.filter(name__icontains=search)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def items_by_id(wanted: Sequence[int]) -> dict[int, MallItem]:
    """Some items by their ids."""
    return {one.id: one for one in MallItem.objects.filter(id__in=list(wanted))}


def on_sale(*, now: datetime, after: tuple[int, int] | None = None, limit: int = 50) -> list[MallItem]:
    """What can be had now, or could if there were any left, the cheapest first; `after` is the (points, id) of the page before's last."""
    rows = MallItem.objects.filter(open=True, sale_from__lte=now)
    rows = rows.filter(Q(sale_until__isnull=True) | Q(sale_until__gt=now))
    if after is not None:
        rows = rows.filter(Q(points__gt=after[0]) | Q(points=after[0], id__gt=after[1]))
    return list(rows.order_by("points", "id")[:limit])


def best_for(points: int, *, tier: str, member_id: int, now: datetime) -> MallItem | None:
    """The dearest item that so many points are enough for; None where there is none."""
    rows = MallItem.objects.filter(open=True, sale_from__lte=now, points__lte=points)
    rows = rows.filter(Q(sale_until__isnull=True) | Q(sale_until__gt=now)).order_by("-points", "-id")
    found = list(rows[:50])
    taken = taken_of(member_id, [one.id for one in found])
    return next((one for one in found if refusal_of(one, tier=tier, taken=taken.get(one.id, 0), now=now) is None), None)


def best_for_each(points: Mapping[int, int], *, now: datetime, most: int = 200) -> dict[int, str]:
    """The name of the dearest item each of many members has enough points for, among the `most` dearest that any of them has; a few
    queries. Whoever has enough for none is left out.
    """
    rows = MallItem.objects.filter(open=True, sale_from__lte=now, points__lte=max(points.values(), default=0))
    found = list(rows.filter(Q(sale_until__isnull=True) | Q(sale_until__gt=now)).order_by("-points", "-id")[:most])
    if not found:
        return {}
    codes = _codes(now)
    tiers = dict(Member.objects.filter(id__in=list(points)).values_list("id", "tier"))
    takers = MallTaker.objects.filter(member_id__in=list(points), item_id__in=[one.id for one in found])
    taken = {(one.member_id, one.item_id): one.taken for one in takers}
    best: dict[int, str] = {}
    for member, some in points.items():
        for one in found:
            had = taken.get((member, one.id), 0)
            enough = one.points <= some and left_of(one) != 0 and not 0 < one.per_member <= had
            if enough and _reaches(codes, tiers.get(member, ""), one.tier):
                best[member] = one.name
                break
    return best


def left_of(one: MallItem) -> int | None:
    """How many are left; None where there is no limit."""
    return None if one.stock is None else max(0, one.stock - one.taken)


def taken_of(member_id: int, item_ids: Sequence[int]) -> dict[int, int]:
    """How many of each a member took."""
    rows = MallTaker.objects.filter(member_id=member_id, item_id__in=list(item_ids))
    return dict(rows.values_list("item_id", "taken"))


def refusal_of(one: MallItem, *, tier: str, taken: int, now: datetime) -> Refusal | None:
    """Why a member of a tier who took so many cannot have another one now; None where they can, given the points."""
    if not one.open or (one.sale_until is not None and one.sale_until <= now):
        return conflict("not_on_sale", "This is not to be had any more; see what else there is.", at="item")
    if one.sale_from > now:
        return conflict("not_yet", "This is not to be had yet; come back when it begins.", at="item")
    if not reaches(tier, one.tier, now):
        return forbidden("other_tier", "This is for members of a higher tier.", at="item")
    if one.per_member and taken >= one.per_member:
        return had_enough(one)
    return sold_out() if left_of(one) == 0 else None


def had_enough(one: MallItem) -> Refusal:
    """What is said to somebody who took as many as one may."""
    return conflict("per_member", "You have had this as often as one may (%(limit)s).", at="item", limit=one.per_member)


def sold_out() -> Refusal:
    """What is said when there is none left."""
    return conflict("none_left", "There is none left; your points are as they were. See what else there is.", at="item")


def reaches(tier: str, lowest: str, now: datetime) -> bool:
    """Whether a tier is `lowest` or above it on the ladder that holds; nobody reaches one that is not on it."""
    return not lowest or _reaches(_codes(now), tier, lowest)


def _codes(now: datetime) -> list[str]:
    ladder = ladder_at(now)
    return [] if ladder is None else [one.code for one in ladder.tiers]


def _reaches(codes: Sequence[str], tier: str, lowest: str) -> bool:
    return not lowest or (lowest in codes and tier in codes and codes.index(tier) >= codes.index(lowest))


def exchange_of(exchange_id: int, *, member_id: int | None = None) -> MallExchange:
    """One exchange, of a member where one is given. Raises `missing`."""
    rows = MallExchange.objects.filter(id=exchange_id)
    found = (rows if member_id is None else rows.filter(member_id=member_id)).first()
    if found is None:
        raise missing("unknown_exchange", "There is no such exchange.")
    return cast(MallExchange, found)


def exchanges(
    *, state: str = "", member_id: int | None = None, item_id: int | None = None, after: int | None = None, limit: int = 50
) -> list[MallExchange]:  # fmt: skip
    """Exchanges, the latest first; `after` is the id of the page before's last."""
    rows = MallExchange.objects.all()
    for name, value in (("state", state), ("member_id", member_id), ("item_id", item_id), ("id__lt", after)):
        if value:
            rows = rows.filter(**{name: value})
    return list(rows.order_by("-id")[:limit])


def exchange_named(name: str) -> int:
    """The id an exchange's code stands for; 0, which nothing has, for what is none."""
    return inside("exc", name.strip().lower()) or 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many exchanges wait to be sent or given, and how many are on their way."""

    asked: int
    sent: int


def waiting() -> Waiting:
    """What the team has to do. Counted over an index."""
    rows = MallExchange.objects.filter(state__in=OPEN_STATES).values_list("state").annotate(count=Count("id"))
    found = dict(rows.order_by())
    return Waiting(found.get("asked", 0), found.get("sent", 0))


def open_of(member_id: int) -> int:
    """How many of a member's exchanges have not ended."""
    return MallExchange.objects.filter(member_id=member_id, state__in=OPEN_STATES).count()
