"""Rating runs: a batch of orders becomes commissions on the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rongshu.domain.commerce.orders.actions import store_orders
from rongshu.domain.commerce.orders.batch import NO_INSTANT, OrderBatch, coded
from rongshu.domain.commerce.orders.queries import buyers_with_orders
from rongshu.domain.commission.plans.queries import Versions, plan_of, versions
from rongshu.domain.commission.rating import caps
from rongshu.domain.commission.rating.models import PENDING, RELEASED
from rongshu.domain.commission.rating.queries import Earned
from rongshu.domain.referral.promoters.queries import Upline, upline_of
from rongshu.engine.calendar import local_days, sums_by_day
from rongshu.engine.jurisdictions import permits_instant_release
from rongshu.engine.plan import Plan
from rongshu.engine.rating import Lines, Orders, Promoters, Rated, due_at, instant_rows, rate
from rongshu.engine.rating.frames import FIRST, FOREVER, REPEAT, UNKNOWN, Usage
from rongshu.kernel import copying
from rongshu.kernel.clock import from_micros, to_micros
from rongshu.kernel.ids import new_id
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.actions import accrue, claim, release

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Result:
    """Rows of one or several versions, in terms of the batch and of member ids."""

    order: I64
    """Row in the batch."""
    line_no: I64
    kind: I64
    level: I64
    beneficiary: I64
    rule: list[str]
    base: I64
    ppm: I64
    before_caps: I64
    cut_order: I64
    cut_day: I64
    cut_month: I64
    amount: I64
    instant: NDArray[np.bool_]


class Accrued:
    """The commission rows of a batch as they were stored, by order."""

    __slots__ = ("columns", "rules")

    def __init__(self, columns: dict[str, Any], rules: list[str]) -> None:
        self.columns = columns
        self.rules = rules

    def __len__(self) -> int:
        return len(self.rules)

    def earned(self) -> list[Earned]:
        """The rows as a query would list them."""
        names = (
            "order_id",
            "row",
            "line_no",
            "kind",
            "level",
            "beneficiary",
            "base",
            "ppm",
            "amount",
            "paid_at",
            "instant",
        )
        if not len(self):
            return []
        rows = zip(*(self.columns[name].tolist() for name in names), self.rules, strict=True)
        return [
            Earned(
                order_id=order_id,
                row=row,
                line_no=line_no,
                kind=kind,
                level=level,
                beneficiary_id=beneficiary,
                rule=rule,
                base=base,
                ppm=ppm,
                amount=amount,
                reversed=0,
                state=RELEASED if instant else PENDING,
                paid_at=from_micros(paid_at),
            )
            for order_id, row, line_no, kind, level, beneficiary, base, ppm, amount, paid_at, instant, rule in rows
        ]


def rate_orders(*, batch: OrderBatch, tenant: House, now: datetime) -> Accrued:
    """Stores the orders, rates them by the version in force when each was paid, and accrues what they earn.

    The caller holds the tenant's turn for background writing; the sequence of rating is the sequence in which orders count
    for caps and as a buyer's first. Returns what was accrued.
    """
    if not len(batch):
        return Accrued({}, [])
    batch = batch.pick(np.lexsort((batch.id, batch.paid_at)))
    published = versions()
    first = _first_orders(batch)
    which = published.in_force(batch.paid_at)
    upline = upline_of(*_starts(batch, published, which), ranks_from=int(batch.paid_at[0]))
    parts, chains, due = [], _Chains(), np.full(len(batch), FOREVER, dtype=np.int64)
    with_caps = published.any_promoter_cap
    for position in np.unique(which[which >= 0]).tolist():
        plan = plan_of(published.versions[position])
        members = np.flatnonzero(which == position)
        usage = caps.usage_before(batch, members, upline, tenant.zone) if with_caps else Usage()
        part = _rate_version(plan, batch, members, first, upline, tenant, usage, chains)
        if with_caps:
            caps.count_usage(batch.paid_at[part.order], part.beneficiary, part.amount, tenant.zone)
        parts.append(part)
        completed = np.where(batch.completed_at == NO_INSTANT, FOREVER, batch.completed_at)
        due[members] = due_at(plan.release, batch.paid_at[members], completed[members])
    days = local_days(batch.paid_at, tenant.zone)
    accrued = _joined(batch, parts)
    with copying.together(max(len(batch.line_no), sum(len(part.order) for part in parts))):
        store_orders(batch=batch)
        _store_ratings(batch, published, which, first, chains, due, now)
        announce(
            "order.paid",
            subjects=batch.id,
            now=now,
            days=sums_by_day(days, np.ones(len(batch), dtype=np.int64), batch.total_paid),
        )
        if len(accrued):
            _store_commissions(accrued, batch, days, now)
    return accrued


def _first_orders(batch: OrderBatch) -> I64:
    """FIRST where the buyer has no order yet, neither stored nor earlier in this (sorted) batch."""
    known = buyers_with_orders(np.unique(batch.buyer[batch.buyer > 0]))
    unique, at = np.unique(batch.buyer, return_index=True)
    first = np.full(len(batch), REPEAT, dtype=np.int64)
    first[at[~np.isin(unique, known)]] = FIRST
    first[batch.buyer == 0] = UNKNOWN
    return first


def _starts(batch: OrderBatch, published: Versions, which: I64) -> tuple[I64, int | None]:
    """From whom, and how far up, the chains of this batch have to be known."""
    plans = [plan_of(published.versions[position]) for position in np.unique(which[which >= 0]).tolist()]
    starts = [batch.promoter[batch.promoter > 0]]
    if any(plan.self_purchase == "rebate" for plan in plans):
        starts.append(batch.buyer[batch.buyer > 0])
    if any(plan.compress or plan.differential is not None for plan in plans):
        return np.concatenate(starts), None
    depth = max((plan.max_level for plan in plans), default=0)
    return np.concatenate(starts), depth


class _Chains:
    """The chains of a batch's orders: who stood where, in which state; sorted by order."""

    def __init__(self) -> None:
        self._parts: list[tuple[I64, I64, I64]] = []

    def add(self, members: I64, rated: Rated, ids: I64) -> None:
        found = rated.chains
        self._parts.append((members[found.order], ids[found.promoter], found.state))

    def columns(self, rows: int) -> dict[str, copying.Column]:
        """The columns `chain` and `states` of that many orders."""
        nothing = np.zeros(0, dtype=np.int64)
        order, who, state = (
            (np.concatenate([nothing, *parts]) for parts in zip(*self._parts, strict=True))
            if self._parts
            else (nothing,) * 3
        )
        if len(self._parts) > 1:
            sequence = np.argsort(order, kind="stable")
            order, who, state = order[sequence], who[sequence], state[sequence]
        return {"chain": copying.lists(rows, order, who, 8), "states": copying.lists(rows, order, state, 2)}


def _rate_version(
    plan: Plan,
    batch: OrderBatch,
    members: I64,
    first: I64,
    upline: Upline,
    tenant: House,
    usage: Usage,
    chains: _Chains,
) -> _Result:
    part = batch if len(members) == len(batch) else batch.pick(members)
    promoters = Promoters(
        inviter=upline.inviter,
        rank=upline.rank,
        joined_at=upline.joined_at,
        active_from=upline.active_from,
        active_to=upline.active_to,
        ranks=upline.ranks,
        history=upline.history,
    )
    vocabularies = {
        name: coded(getattr(part, name)) for name in ("tier", "channel", "store", "region", "sku", "category")
    }
    orders = Orders(
        paid_at=part.paid_at,
        buyer=upline.rows_of(part.buyer),
        direct=upline.rows_of(part.promoter),
        first=first[members],
        **{name: vocabularies[name][0] for name in ("tier", "channel", "store", "region")},
        tiers=vocabularies["tier"][1],
        channels=vocabularies["channel"][1],
        stores=vocabularies["store"][1],
        regions=vocabularies["region"][1],
    )
    lines = Lines(
        order=part.line_order,
        line_no=part.line_no,
        sku=vocabularies["sku"][0],
        category=vocabularies["category"][0],
        qty=part.qty,
        paid=part.paid,
        cost=part.cost,
        skus=vocabularies["sku"][1],
        categories=vocabularies["category"][1],
    )
    rated = rate(plan, tenant.zone, promoters, orders, lines, usage)
    chains.add(members, rated, upline.ids)
    rows = rated.rows
    words = np.array(rows.rules, dtype=object)
    return _Result(
        order=members[rows.order],
        line_no=part.line_no[rows.line],
        kind=rows.kind,
        level=rows.level,
        beneficiary=upline.ids[rows.beneficiary],
        rule=words[rows.rule].tolist() if len(rows) else [],
        base=rows.base,
        ppm=rows.ppm,
        before_caps=rows.before_caps,
        cut_order=rows.cut_order,
        cut_day=rows.cut_day,
        cut_month=rows.cut_month,
        amount=rows.amount,
        instant=instant_rows(plan, rows, permits_instant_release(plan.jurisdiction)),
    )


def _store_ratings(
    batch: OrderBatch, published: Versions, which: I64, first: I64, chains: _Chains, due: I64, now: datetime
) -> None:
    versions_by_position = np.array([*(version.id for version in published.versions), 0], dtype=np.int64)
    copying.copy(
        "commission_rating",
        {
            "tenant_id": copying.int8(current_tenant()),
            "order_id": copying.int8(batch.id),
            "first": copying.int2(first),
            "rated_at": copying.instant(to_micros(now)),
            "version_id": copying.int8_or_null(versions_by_position[which], 0),
            **chains.columns(len(batch)),
            "due_at": copying.instant_or_null(np.where(due == FOREVER, NO_INSTANT, due)),
        },
        len(batch),
    )


def _joined(batch: OrderBatch, parts: list[_Result]) -> Accrued:
    """The rows of all parts, by order, numbered within each."""
    names = [name for name in _Result.__slots__ if name != "rule"]
    joined: dict[str, Any] = (
        {name: np.concatenate([getattr(part, name) for part in parts]) for name in names} if parts else {}
    )
    rules = [rule for part in parts for rule in part.rule]
    if not rules:
        return Accrued({}, [])
    if len(parts) > 1:
        sequence = np.argsort(joined["order"], kind="stable")
        joined = {name: values[sequence] for name, values in joined.items()}
        rules = [rules[i] for i in sequence.tolist()]
    order, size = joined["order"], len(rules)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(order) != 0]))
    joined["row"] = np.arange(size, dtype=np.int64) - np.repeat(starts, np.diff([*starts, size])) + 1
    joined["order_id"], joined["paid_at"] = batch.id[order], batch.paid_at[order]
    joined["instant"] &= joined["amount"] > 0
    return Accrued(joined, rules)


def _store_commissions(accrued: Accrued, batch: OrderBatch, days: I64, now: datetime) -> None:
    joined, size = accrued.columns, len(accrued)
    order, row, instant = joined["order"], joined["row"], joined["instant"]
    orders, amounts, owners = joined["order_id"], joined["amount"], joined["beneficiary"]
    rule_codes, words = coded(accrued.rules)
    copying.copy(
        "commission_commission",
        {
            "tenant_id": copying.int8(current_tenant()),
            "order_id": copying.int8(orders),
            "row": copying.int4(row),
            "line_no": copying.int4(joined["line_no"]),
            "kind": copying.int2(joined["kind"]),
            "level": copying.int4(joined["level"]),
            "beneficiary_id": copying.int8(owners),
            "base": copying.int8(joined["base"]),
            "ppm": copying.int4(joined["ppm"]),
            "before_caps": copying.int8(joined["before_caps"]),
            "cut_order": copying.int8(joined["cut_order"]),
            "cut_day": copying.int8(joined["cut_day"]),
            "cut_month": copying.int8(joined["cut_month"]),
            "amount": copying.int8(amounts),
            "reversed": copying.int8(0),
            "state": copying.int2(np.where(instant, RELEASED, PENDING)),
            "paid_at": copying.instant(joined["paid_at"]),
            "rule": copying.words(rule_codes, words),
        },
        size,
    )
    accrue(orders=orders, rows=row, owners=owners, amounts=amounts, now=now)
    announce("commission.accrued", subjects=np.unique(orders), now=now, days=sums_by_day(days[order], amounts))
    if instant.any():
        _release_at_once(owners[instant], amounts[instant], orders[instant], now)


def _release_at_once(owners: I64, amounts: I64, orders: I64, now: datetime) -> None:
    journal = new_id()
    claim("release", [f"instant:{journal}"], [b""], np.array([journal], dtype=np.int64))
    unique, group = np.unique(owners, return_inverse=True)
    sums = np.zeros(len(unique), dtype=np.int64)
    np.add.at(sums, group, amounts)
    release(journal=journal, owners=unique, amounts=sums, now=now)
    announce("commission.released", subjects=np.unique(orders), now=now, journal=str(journal), amount=int(sums.sum()))
