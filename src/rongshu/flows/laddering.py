"""What another ladder of tiers, or other rules of growth value and points, would do to the members there are. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from rongshu.domain.members.points.rulebook import rules_at
from rongshu.domain.members.tiers.queries import ladder_at
from rongshu.engine.money import MILLION, floor_ratio, round_half_up_rate
from rongshu.engine.points.arithmetic import line_weights, points_of
from rongshu.engine.points.rules import Rules
from rongshu.engine.tiers.assessment import Warning, warnings_of
from rongshu.engine.tiers.frames import Benefits, Ladder
from rongshu.engine.tiers.growth import GrowthRules, earned
from rongshu.engine.tiers.windows import judged, month_of, running
from rongshu.kernel import bulk
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

YEAR = timedelta(days=365)

_WHERE_THEY_STAND = """WITH grown AS (
  SELECT member_id, sum(amount) FILTER (WHERE month BETWEEN %(rise0)s AND %(rise1)s) AS rise,
    sum(amount) FILTER (WHERE month BETWEEN %(judge0)s AND %(judge1)s) AS judge
  FROM members_growth_month WHERE tenant_id = %(tenant)s GROUP BY member_id
), bought AS (
  SELECT buyer_id, sum(paid) AS paid FROM commerce_order WHERE tenant_id = %(tenant)s AND paid_at >= %(since)s
    AND paid_at < %(now)s AND buyer_id > 0 GROUP BY buyer_id
), stand AS (
  SELECT m.tier, coalesce(b.paid, 0) AS paid, coalesce(g.judge, 0) AS judge,
    greatest(width_bucket(coalesce(g.rise, 0)::bigint, %(steps)s::bigint[]),
      coalesce(array_position(%(codes)s::text[], m.tier), 0)) AS after
  FROM members_member m
  LEFT JOIN grown g ON g.member_id = m.id LEFT JOIN bought b ON b.buyer_id = m.id
  WHERE m.tenant_id = %(tenant)s
)
SELECT tier, after, count(*), sum(paid)::bigint, count(*) FILTER (WHERE after > 0 AND judge < (%(keeps)s::bigint[])[after])
FROM stand GROUP BY tier, after ORDER BY tier, after"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a year's benefits come to, minor units, by what members paid in the last one."""

    discount: int
    points: int
    """Points beyond those without a tier."""
    points_worth: int
    """What they would take off at checkout."""

    @property
    def whole(self) -> int:
        return self.discount + self.points_worth


@dataclass(frozen=True, slots=True)
class TierPreview:
    """One tier of the new ladder: who would have it, and what it would cost in a year."""

    code: str
    members: int
    before: int
    """Who has the tier of this code now."""
    paid: int
    """What its members paid in the last year."""
    at_risk: int
    """Who would not keep it if they were assessed today."""
    cost: Cost


@dataclass(frozen=True, slots=True)
class LadderPreview:
    """`moves`: members by (tier now, tier then), "" for none. `cost_now` is that of the ladder in force."""

    members: int
    without: int
    tiers: tuple[TierPreview, ...]
    moves: Mapping[tuple[str, str], int]
    rising: int
    falling: int
    """Whose tier is not on the new ladder and who reach a lower one by growth value."""
    cost: Cost
    cost_now: Cost
    warnings: tuple[Warning, ...]


def preview_ladder(ladder: Ladder, *, now: datetime) -> LadderPreview:
    """Where every member would stand at once: who reaches more rises, nobody falls but whose tier is gone.

    One pass over members, their months of growth value and a year of orders. Costs: the discount of what each tier's members
    paid, half up; points beyond the single ones, rounded down, at their worth at checkout, rounded down.
    """
    found = _stand(ladder, now)
    present, rules = ladder_at(now), rules_at(now)[1]
    places = {code: at for at, code in enumerate(("", *ladder.codes))}
    old = {code: at for at, code in enumerate(("", *(() if present is None else present.codes)))}
    moves: dict[tuple[str, str], int] = {}
    paid_by: dict[str, int] = {}
    paid_now: dict[str, int] = {}
    risky: dict[str, int] = {}
    for tier, after, count, paid, falls in found:
        new = ("", *ladder.codes)[after]
        moves[tier, new] = moves.get((tier, new), 0) + count
        paid_by[new] = paid_by.get(new, 0) + paid
        paid_now[tier] = paid_now.get(tier, 0) + paid
        risky[new] = risky.get(new, 0) + falls
    counts = [sum(n for (_, new), n in moves.items() if new == code) for code in ladder.codes]
    without = sum(n for (_, new), n in moves.items() if new == "")
    tiers = tuple(
        TierPreview(
            code=one.code,
            members=count,
            before=sum(n for (tier, _), n in moves.items() if tier == one.code),
            paid=paid_by.get(one.code, 0),
            at_risk=risky.get(one.code, 0),
            cost=_cost(one.benefits, paid_by.get(one.code, 0), rules),
        )
        for one, count in zip(ladder.tiers, counts, strict=True)
    )
    costs_now = (
        [] if present is None else [_cost(one.benefits, paid_now.get(one.code, 0), rules) for one in present.tiers]
    )
    rising = falling = 0
    for (tier, new), count in moves.items():
        if tier in places:
            rising += count if places[new] > places[tier] else 0
        elif tier in old and places[new] < old[tier]:
            falling += count
    return LadderPreview(
        members=sum(counts) + without,
        without=without,
        tiers=tiers,
        moves=moves,
        rising=rising,
        falling=falling,
        cost=_sum([one.cost for one in tiers]),
        cost_now=_sum(costs_now),
        warnings=tuple(warnings_of(ladder, counts, without)),
    )


def _stand(ladder: Ladder, now: datetime) -> list[tuple[str, int, int, int, int]]:
    """(tier now, place then from 1, members, paid in a year, who would not keep it) of every pair there is."""
    month = month_of(now, house().zone)
    rise, judge = running(ladder, month), judged(ladder, month)
    with bulk.cursor() as cursor:
        cursor.execute(
            _WHERE_THEY_STAND,
            {
                "tenant": current_tenant(), "rise0": rise[0], "rise1": rise[1], "judge0": judge[0], "judge1": judge[1],
                "since": now - YEAR, "now": now, "codes": list(ladder.codes),
                "steps": [one.growth for one in ladder.tiers], "keeps": [one.kept_from for one in ladder.tiers],
            },
        )  # fmt: skip
        return [(str(tier), int(after), int(count), int(paid), int(falls)) for tier, after, count, paid, falls in cursor.fetchall()]  # fmt: skip


_BOUGHT = """SELECT o.paid, NOT EXISTS (SELECT FROM commerce_order e WHERE e.tenant_id = o.tenant_id AND e.buyer_id = o.buyer_id
  AND (e.paid_at, e.id) < (o.paid_at, o.id)) FROM commerce_order o
WHERE o.tenant_id = %s AND o.paid_at >= %s AND o.paid_at < %s AND o.buyer_id > 0"""


def try_growth(
    present: GrowthRules | None, rules: GrowthRules, *, since: datetime, now: datetime
) -> tuple[int, int, int]:
    """What the orders paid since then bring: (orders, growth value by the rules in force, by those tried). Refunds aside."""
    with bulk.cursor() as cursor:
        cursor.execute(_BOUGHT, [current_tenant(), since, now])
        found = cursor.fetchall()
    paid = np.array([row[0] for row in found], dtype=np.int64)
    first = np.array([row[1] for row in found], dtype=bool)
    by = [0 if one is None else int(earned(one, paid, first).sum()) for one in (present, rules)]
    return len(found), by[0], by[1]


_LINES = """SELECT o.id, l.sku, l.category, l.paid FROM commerce_order o
JOIN commerce_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id
WHERE o.tenant_id = %s AND o.paid_at >= %s AND o.paid_at < %s AND o.buyer_id > 0"""


def try_points(present: Rules, rules: Rules, *, since: datetime, now: datetime) -> tuple[int, int, int]:
    """What the orders paid since then bring: (orders, points by the rules in force, by those tried).

    Refunds, caps, what tiers multiply and first orders aside.
    """
    with bulk.cursor() as cursor:
        cursor.execute(_LINES, [current_tenant(), since, now])
        found = cursor.fetchall()
    orders, at = np.unique(np.array([row[0] for row in found], dtype=np.int64), return_inverse=True)
    skus, categories = [row[1] for row in found], [row[2] for row in found]
    paid = np.array([row[3] for row in found], dtype=np.int64)
    by = []
    for one in (present, rules):
        weighted = np.zeros(len(orders), dtype=np.int64)
        np.add.at(weighted, at.reshape(-1), paid * line_weights(one, skus, categories))
        ones = [MILLION] * len(orders)
        by.append(0 if one.spending is None else sum(points_of(one.spending, weighted.tolist(), ones)))
    return len(orders), by[0], by[1]


def _cost(benefits: Benefits, paid: int, rules: Rules) -> Cost:
    points = worth = 0
    if rules.spending is not None:
        points = floor_ratio(
            paid * rules.spending.points, max(0, benefits.points_ppm - MILLION), rules.spending.per * MILLION
        )
        worth = 0 if rules.offset is None else floor_ratio(points, rules.offset.worth, 100)
    return Cost(round_half_up_rate(paid, benefits.discount), points, worth)


def _sum(costs: Sequence[Cost]) -> Cost:
    return Cost(
        sum(one.discount for one in costs), sum(one.points for one in costs), sum(one.points_worth for one in costs)
    )
