"""What the bundle of a period's reward says: the promoter's own orders in full, of everybody else sums and commitments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from rongshu.domain.commission.evidence.bundle import plan_part
from rongshu.domain.commission.explanations.periods import RewardExplanation, explain_reward
from rongshu.domain.commission.periods.models import Reward, RewardPeriod
from rongshu.domain.commission.periods.queries import period_of_row, rewards_in, runs_of
from rongshu.domain.commission.periods.reckoning import (
    Reckoned,
    Rule,
    Sold,
    reckon,
    rule_of,
    sales_between,
    sold_by,
    standing_at,
)
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import plan_of
from rongshu.domain.members.profiles.queries import shown_names
from rongshu.engine.evidence.weights import Node, committed, leaf
from rongshu.engine.money import format_units
from rongshu.engine.periods import steps_due
from rongshu.engine.plan import Plan
from rongshu.engine.plan.model import Pool, Steps
from rongshu.kernel.errors import invalid
from rongshu.kernel.founding import LANGUAGES
from rongshu.kernel.ids import outside
from rongshu.kernel.secrets import fingerprint
from rongshu.kernel.tenancy.queries import House, house
from rongshu.ledger.queries import transfers_with

MOST_LINES = 50_000
"""Order lines one bundle can hold, so that the file stays one that a check reads."""


@dataclass(frozen=True, slots=True)
class FoundReward:
    """Everything about one promoter's reward of one closed period."""

    house: House
    period: RewardPeriod
    promoter_id: int
    version: PlanVersion
    plan: Plan
    rule: Rule
    rows: tuple[Reward, ...]
    sold: tuple[Sold, ...]
    told: RewardExplanation

    def money(self, units: int) -> str:
        """Decimal text in the currency of the house."""
        return format_units(units, self.house.currency)

    def weight(self, metric: int) -> str | int:
        """Own sales as money; where a pool is split equally, a number."""
        equal = not isinstance(self.rule, Steps) and self.rule.split == "equal"
        return metric if equal else self.money(metric)

    @property
    def paid(self) -> int:
        return sum(row.amount for row in self.rows)


def find_reward(period_id: int, promoter_id: int) -> FoundReward:
    """Reads it. Raises `missing` where the promoter has nothing of the period, `invalid` for more lines than a file may hold."""
    told = explain_reward(period_id, promoter_id)
    period, plan = told.period, plan_of(told.version)
    sold = sold_by(plan, promoter_id, period.starts_at, period.ends_at, limit=MOST_LINES + 1)
    if sum(len(one.lines) for one in sold) > MOST_LINES:
        raise invalid(
            "evidence_too_large",
            "There are more order lines than one file of evidence can hold (%(most)s).",
            most=MOST_LINES,
        )
    return FoundReward(
        house=house(),
        period=period,
        promoter_id=promoter_id,
        version=told.version,
        plan=plan,
        rule=rule_of(plan, period.kind, period.rule),
        rows=tuple(rewards_in(period_id, promoter_id)),
        sold=tuple(sold),
        told=told,
    )


def reward_parts(found: FoundReward) -> dict[str, Any]:
    """The parts of the bundle, as its promoter may know them."""
    name = shown_names([found.promoter_id]).get(found.promoter_id, "–")
    return {
        "house": {"name": found.house.name, "currency": found.house.currency, "zone": str(found.house.zone)},
        "period": _period(found.period),
        "promoter": {"id": outside("mem", found.promoter_id), "name": name},
        "plan": plan_part(found.version, found.plan),
        "sales": _sales(found),
        "figures": _figures(found),
        "runs": _runs(found),
        "transfers": _transfers(found),
        "explanation": {
            language: {"runs": [part.sentence(language) for part in found.told.parts]} for language in LANGUAGES
        },
    }


def _period(row: RewardPeriod) -> dict[str, Any]:
    return {
        "id": outside("per", row.id),
        "name": period_of_row(row).name,
        "kind": row.kind,
        "rule": row.rule,
        "length": row.length,
        "first_day": row.start.isoformat(),
        "last_day": (row.end - timedelta(days=1)).isoformat(),
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "closed_at": row.closed_at.isoformat(),
        "adjusted_at": None if row.adjusted_at is None else row.adjusted_at.isoformat(),
        "carried_at": None if row.adjust_at is None else row.adjust_at.isoformat(),
    }


def _sales(found: FoundReward) -> list[dict[str, Any]]:
    """Cost is the house's own affair and said only where rates apply to the margin."""
    costly = found.plan.basis == "margin"
    return [
        {
            "order": outside("ord", one.order_id),
            "external_id": one.external_id,
            "paid_at": one.paid_at.isoformat(),
            "state": one.state,
            "lines": [
                {
                    "line_no": line.line_no, "qty": line.qty, "paid": found.money(line.paid),
                    "cost": found.money(line.cost) if costly else None, "refunded": found.money(line.refunded),
                }
                for line in one.lines
            ],
        }
        for one in found.sold
    ]  # fmt: skip


def _figures(found: FoundReward) -> dict[str, Any]:
    """What the rule makes of the orders as they are now, and what of it was not paid or taken back yet."""
    period, rule, paid = found.period, found.rule, found.paid
    own = int(sales_between(found.plan, period.starts_at, period.ends_at, of=found.promoter_id).own.sum())
    if isinstance(rule, Steps):
        due = int(steps_due(rule.bands, rule.apply, np.array([own], dtype=np.int64))[0])
        shared: dict[str, Any] = {}
    else:
        reckoned = reckon(found.plan, rule, period.starts_at, period.ends_at, period.ends_at)
        due, shared = _shared(found, rule, reckoned)
    return {
        "own_sales": found.money(own),
        **shared,
        "due": found.money(due),
        "paid": found.money(paid),
        "open": found.money(due - paid),
    }


def _shared(found: FoundReward, rule: Pool, reckoned: Reckoned) -> tuple[int, dict[str, Any]]:
    """What the promoter's share of a pool comes to, and the figures it follows from."""
    me = found.promoter_id
    rank, active = standing_at(me, found.period.ends_at)
    shares = active and (rule.eligible.rank is None or rank in rule.eligible.rank)
    by_id = dict(zip(reckoned.ids.tolist(), reckoned.metric.tolist(), strict=True))
    if shares:
        by_id.setdefault(me, 0)  # whoever may share but sold nothing stands in the sum with nothing
    fund, together, weight = reckoned.fund, reckoned.weights, by_id.get(me, 0) if shares else 0
    told: dict[str, Any] = {
        "rank": rank or None,
        "active": active,
        "base": found.money(reckoned.base),
        "fund": found.money(fund),
        "sharers": len(by_id),
        "weights": found.weight(together),
        "weight": found.weight(weight),
        "rest": None,
        "before": None,
        "nonce": None,
        "root": None,
        "path": None,
    }
    if not shares:
        return 0, told
    if rule.split == "own_sales":
        told |= _commitment(found, by_id)
    if not together:
        return 0, told | {"rest": 0, "before": 0}
    over = {who: one * fund % together for who, one in by_id.items()}
    told["rest"] = sum(over.values()) // together
    told["before"] = sum(one > over[me] or (one == over[me] and who < me) for who, one in over.items())
    return int(reckoned.amount[np.searchsorted(reckoned.ids, me)]) if weight else 0, told


def _commitment(found: FoundReward, by_id: Mapping[int, int]) -> dict[str, Any]:
    """The root over all weights and the way of the own one to it. Leaves stand in the order of their nonces, which tells nothing."""
    leaves = sorted(
        (fingerprint("pool weight", f"{found.period.id}:{who}"), weight, who == found.promoter_id)
        for who, weight in by_id.items()
    )
    at = next(place for place, (_nonce, _weight, own) in enumerate(leaves) if own)
    nodes: list[Node] = [leaf(nonce, weight) for nonce, weight, _own in leaves]
    root, path = committed(nodes, at)
    return {
        "nonce": leaves[at][0].hex(),
        "root": root.digest.hex(),
        "path": [
            {
                "side": "left" if step.left else "right",
                "hash": step.node.digest.hex(),
                "sum": found.money(step.node.total),
            }
            for step in path
        ],
    }


def _runs(found: FoundReward) -> list[dict[str, Any]]:
    """Every run that gave the promoter something or took it; for a pool with what it found of the house."""
    of_period = {run.journal: run for run in runs_of(found.period.id)}
    told = []
    for row in found.rows:
        run: dict[str, Any] = {
            "journal": str(row.journal),
            "at": row.at.isoformat(),
            "adjusts": row.adjustment_of is not None,
            "metric": found.weight(row.metric),
            "amount": found.money(row.amount),
        }
        if not isinstance(found.rule, Steps):
            whole = of_period[row.journal]
            run |= {
                "base": found.money(whole.base),
                "fund": found.money(whole.fund),
                "weights": found.weight(whole.weights),
            }
        told.append(run)
    return told


def _transfers(found: FoundReward) -> list[dict[str, Any]]:
    """What the ledger moved to or from the promoter for these runs."""
    return [
        {
            "journal": str(moved.journal), "line": moved.line, "at": moved.at.isoformat(),
            "from": moved.debit[1].name.lower(), "to": moved.credit[1].name.lower(), "amount": found.money(moved.amount),
        }
        for moved in transfers_with(found.promoter_id, [row.journal for row in found.rows])
    ]  # fmt: skip
