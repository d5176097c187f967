"""What a rule of a plan comes to for a stretch of time, from the orders as they are now: read by SQL, reckoned by the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from rongshu.engine.periods import fund_of, split_pool, steps_due
from rongshu.engine.plan import Plan
from rongshu.engine.plan.model import Pool, Steps
from rongshu.kernel import bulk
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]
Rule = Steps | Pool

_BASE = {
    "paid": "greatest(l.paid, 0)",
    "margin": "greatest(l.paid::numeric - l.cost::numeric * l.qty, 0)",
}
_BACK = {
    "paid": "greatest(least(l.refunded, l.paid), 0)",
    "margin": (
        "CASE WHEN l.refunded > 0 AND l.paid > 0 "
        "THEN div(2 * b.base * least(l.refunded, l.paid) + l.paid, 2 * l.paid::numeric) ELSE 0 END"
    ),
}
"""What refunds take from a line's base: its share of them, half up (`engine.rating.reversal_due`)."""
_ACTIVE = "{0}.active_from <= o.paid_at AND ({0}.active_to IS NULL OR o.paid_at < {0}.active_to)"


@dataclass(frozen=True, slots=True)
class Sales:
    """Own sales by promoter (those with an order only, by id), and the net base of all orders of the time."""

    ids: I64
    own: I64
    base: int


def sales_between(plan: Plan, since: datetime, until: datetime, *, of: int | None = None) -> Sales:
    """Whose own sales the orders paid from `since` until before `until` are, net of refunds so far.

    With `of` the orders of one promoter alone are read, and `base` is theirs. The lines are looked up order by order: the cost is
    that of the time's own orders, whatever came before.
    """
    tenant = current_tenant()
    rebate = plan.self_purchase == "rebate"
    seller = "coalesce(b.id, p.id)" if rebate else "CASE WHEN o.promoter_id IS DISTINCT FROM o.buyer_id THEN p.id END"
    buyers = (
        f"LEFT JOIN referral_promoter b ON b.tenant_id = o.tenant_id AND b.id = o.buyer_id AND {_ACTIVE.format('b')} "
        if rebate
        else ""
    )
    only, one = "", []
    if of is not None:
        only = "AND (o.promoter_id = %s OR o.buyer_id = %s) " if rebate else "AND o.promoter_id = %s "
        one = [of] * (2 if rebate else 1)
    with bulk.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce({seller}, 0) AS seller, sum(n.net)::bigint FROM commerce_order o "
            f"LEFT JOIN referral_promoter p ON p.tenant_id = o.tenant_id AND p.id = o.promoter_id AND {_ACTIVE.format('p')} "
            f"{buyers}CROSS JOIN LATERAL (SELECT sum(b.base - {_BACK[plan.basis]}) AS net FROM commerce_line l "
            f"CROSS JOIN LATERAL (SELECT {_BASE[plan.basis]} AS base) b WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id) n "
            f"WHERE o.tenant_id = %s AND o.paid_at >= %s AND o.paid_at < %s {only}GROUP BY 1",
            [tenant, since, until, *one],
        )
        table = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    table = table[np.argsort(table[:, 0])]
    if of is not None:
        table = table[table[:, 0] == of]
    known = table[:, 0] > 0
    return Sales(table[known, 0], table[known, 1], int(table[:, 1].sum()))


def eligible_at(pool: Pool, end: datetime) -> I64:
    """Who shares a pool of a period that ends before `end`: active at its last instant, with one of the ranks held then; by id."""
    ranks = None if pool.eligible.rank is None else list(pool.eligible.rank)
    # The rank held then is the one that the first change afterwards took away; nobody's history before is looked at.
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT p.id FROM referral_promoter p LEFT JOIN (SELECT DISTINCT ON (promoter_id) promoter_id, old_rank "
            " FROM referral_rank_change WHERE tenant_id = %s AND at >= %s ORDER BY promoter_id, at, id) c ON c.promoter_id = p.id "
            "WHERE p.tenant_id = %s AND p.active_from < %s AND (p.active_to IS NULL OR p.active_to >= %s) "
            "AND (%s::text[] IS NULL OR coalesce(c.old_rank, p.rank) = ANY (%s::text[])) ORDER BY p.id",
            [current_tenant(), end, current_tenant(), end, end, ranks, ranks],
        )
        return np.array(cursor.fetchall(), dtype=np.int64).reshape(-1)


def standing_at(promoter_id: int, end: datetime) -> tuple[str, bool]:
    """The rank held at the last instant of a period that ends before `end`, and whether a promoter was active then."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT c.old_rank FROM referral_rank_change c WHERE c.tenant_id = p.tenant_id "
            " AND c.promoter_id = p.id AND c.at >= %s ORDER BY c.at, c.id LIMIT 1), p.rank), "
            "p.active_from < %s AND (p.active_to IS NULL OR p.active_to >= %s) "
            "FROM referral_promoter p WHERE p.tenant_id = %s AND p.id = %s",
            [end, end, end, current_tenant(), promoter_id],
        )
        found = cursor.fetchone()
    return ("", False) if found is None else (found[0], found[1])


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line of an order; `cost` is of one unit, `refunded` everything so far. Minor units."""

    line_no: int
    qty: int
    paid: int
    cost: int
    refunded: int


@dataclass(frozen=True, slots=True)
class Sold:
    """An order that concerns a promoter's own sales, and whether it counts for them (`engine.evidence.rewards.SALES`)."""

    order_id: int
    external_id: str
    paid_at: datetime
    state: str
    lines: tuple[SoldLine, ...]


def sold_by(plan: Plan, promoter_id: int, since: datetime, until: datetime, *, limit: int) -> list[Sold]:
    """The orders paid from `since` until before `until` that are credited to a promoter or, where buyers earn, bought by them as
    one who may earn; by time. At most `limit` lines.
    """
    rebate = plan.self_purchase == "rebate"
    buyer = (
        f"LEFT JOIN referral_promoter b ON b.tenant_id = o.tenant_id AND b.id = o.buyer_id AND {_ACTIVE.format('b')} "
        if rebate
        else ""
    )
    state = "CASE WHEN p.id IS NULL THEN 'inactive' ELSE 'counts' END"
    mine = "o.promoter_id = %(me)s"
    if rebate:
        state = f"CASE WHEN b.id = %(me)s THEN 'counts' WHEN b.id IS NOT NULL THEN 'buyer_earns' ELSE {state} END"
        mine = "(o.promoter_id = %(me)s OR (o.buyer_id = %(me)s AND b.id IS NOT NULL))"
    else:
        state = f"CASE WHEN o.buyer_id = o.promoter_id THEN 'own_purchase' ELSE {state} END"
    with bulk.cursor() as cursor:
        cursor.execute(
            f"SELECT o.id, o.external_id, o.paid_at, {state}, l.line_no, l.qty, l.paid, l.cost, l.refunded "
            "FROM commerce_order o JOIN commerce_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id "
            f"LEFT JOIN referral_promoter p ON p.tenant_id = o.tenant_id AND p.id = o.promoter_id AND {_ACTIVE.format('p')} "
            f"{buyer}WHERE o.tenant_id = %(tenant)s AND o.paid_at >= %(since)s AND o.paid_at < %(until)s AND {mine} "
            "ORDER BY o.paid_at, o.id, l.line_no LIMIT %(limit)s",
            {"me": promoter_id, "tenant": current_tenant(), "since": since, "until": until, "limit": limit},
        )
        found: dict[int, tuple[tuple[str, datetime, str], list[SoldLine]]] = {}
        for order, external, paid_at, word, *line in cursor.fetchall():
            found.setdefault(order, ((external, paid_at, word), []))[1].append(SoldLine(*line))
    return [Sold(order, *head, tuple(lines)) for order, (head, lines) in found.items()]


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What a rule comes to: who (by id) has which metric and gets how much; people without an amount may be among them."""

    ids: I64
    metric: I64
    amount: I64
    base: int
    fund: int
    weights: int


def reckon(plan: Plan, rule: Rule, since: datetime, until: datetime, end: datetime) -> Reckoned:
    """What `rule` comes to for the orders paid from `since` until before `until`; a pool is shared as things stand at `end`."""
    sales = sales_between(plan, since, until)
    if isinstance(rule, Steps):
        amount = steps_due(rule.bands, rule.apply, sales.own)
        return Reckoned(sales.ids, sales.own, amount, int(sales.own.sum()), 0, 0)
    may = eligible_at(rule, end)
    if rule.split == "own_sales":
        shares = np.isin(sales.ids, may)
        ids, weights = sales.ids[shares], sales.own[shares]
    else:
        ids, weights = may, np.ones(len(may), dtype=np.int64)
    fund = fund_of(rule, sales.base)
    return Reckoned(ids, weights, split_pool(fund, weights, ids), sales.base, fund, int(weights.sum()))


def rule_of(plan: Plan, kind: str, name: str) -> Rule:
    """A plan's rule by its kind (`steps`, `pool`) and id. Raises LookupError for one it does not have."""
    rules: tuple[Rule, ...] = plan.steps if kind == "steps" else plan.pools
    for rule in rules:
        if rule.id == name:
            return rule
    raise LookupError(name)
