"""Gifts for birthdays and anniversaries, by the rules of points and by the tier: once a year each, days missed made up within a week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from rongshu.domain.commerce.coupons.actions.giving import give
from rongshu.domain.members.cards.queries import without_card
from rongshu.domain.members.gifts.models import GiftDay
from rongshu.domain.members.gifts.queries import BIRTHDAY, OCCASIONS, members_of_day
from rongshu.domain.members.points.actions.gifting import gift_points
from rongshu.domain.members.points.queries import newest_number
from rongshu.domain.members.points.rulebook import rules_at
from rongshu.domain.members.tiers.queries import ladder_at
from rongshu.engine.tiers.frames import Gift
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import inside
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

PORTION = 1_000
MADE_UP = timedelta(days=7)


def give_gifts(*, now: datetime) -> int:
    """Goes on with the oldest day that is not done; how many members were looked at, 0 when all are. A portion repeated gives nothing.

    A day missed gives what was promised on it.
    """
    if not any(_gifts(occasion, now) for occasion in OCCASIONS):
        return 0
    today = now.astimezone(house().zone).date()
    first = GiftDay.objects.order_by("day").values_list("day", flat=True).first()
    day = max(today - MADE_UP, today if first is None else first)
    GiftDay.objects.bulk_create(
        [
            GiftDay(tenant_id=current_tenant(), day=day + timedelta(days=at), occasion=occasion)
            for at in range((today - day).days + 1)
            for occasion in OCCASIONS
        ],
        ignore_conflicts=True,
    )
    open_days = GiftDay.objects.select_for_update(skip_locked=True).filter(day__gte=day, done_at__isnull=True)
    found = open_days.order_by("day", "occasion").first()
    if found is None:
        return 0
    people = members_of_day(found.occasion, found.day, after=found.after_id, limit=PORTION)
    found.given += _give(found.occasion, found.day, people, now)
    if people:
        found.after_id = people[-1][0]
    if len(people) < PORTION:
        found.done_at = now
    found.save(update_fields=["given", "after_id", "done_at"])
    return max(1, len(people))


def _gifts(occasion: str, at: datetime) -> dict[str, Gift]:
    """What each tier, and `` whoever is in none, is given; only where there is something."""
    rules, ladder = rules_at(at)[1], ladder_at(at)
    extra = (rules.birthday or 0) if occasion == BIRTHDAY and newest_number() else 0
    found = {"": Gift(points=extra)}
    for tier in () if ladder is None else ladder.tiers:
        gift = getattr(tier.benefits.gifts, occasion)
        found[tier.code] = Gift(points=gift.points + extra, coupon=gift.coupon)
    return {code: gift for code, gift in found.items() if gift}


def _give(occasion: str, day: date, people: Sequence[tuple[int, str]], now: datetime) -> int:
    ends = datetime.combine(day + timedelta(days=1), time(), tzinfo=house().zone)
    gifts = _gifts(occasion, min(now, ends - timedelta(microseconds=1)))
    if not gifts:
        return 0
    no = without_card([member for member, _ in people], [now] * len(people))
    theirs = [
        (member, gifts.get(tier, gifts.get("")))
        for (member, tier), left_out in zip(people, no, strict=True)
        if not left_out
    ]
    mine = [(member, gift) for member, gift in theirs if gift is not None]
    pointed = [(member, gift.points) for member, gift in mine if gift.points]
    gift_points(
        members=[member for member, _ in pointed], points=[points for _, points in pointed],
        refs=[f"{occasion}:{member}:{day.year}" for member, _ in pointed], source=occasion, now=now,
    )  # fmt: skip
    of_coupon: dict[int, list[int]] = defaultdict(list)
    for member, gift in mine:
        kind = inside("cpk", gift.coupon) if gift.coupon else None
        if kind is not None:
            of_coupon[kind].append(member)
    for kind, members in sorted(of_coupon.items()):
        try:
            made = give(
                kind_id=kind, members=members, refs=[f"{occasion}:{day.year}"] * len(members), way="gift", now=now, as_many=True
            )  # fmt: skip
        except Refusal:
            continue  # a coupon that is no more: the points are given all the same
        announce("coupon.given", subjects=sorted(made.values()), now=now)
    announce(
        "gift.given", subjects=[member for member, _ in mine], now=now,
        occasion=occasion, year=day.year, points=[gift.points for _, gift in mine],
    )  # fmt: skip
    return len(mine)
