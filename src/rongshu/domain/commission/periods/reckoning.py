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
