"""Answers to entries that one call holds several times, and other cases that were once answered wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rongshu.flows.intake import work
from rongshu.flows.intake.accept import accept_orders, accept_refunds
from rongshu.flows.intake.results import Outcome
from rongshu.flows.intake.shapes import ORDERS, REFUNDS
from tests.factories import TESTER
from tests.ledger.flow import PLAIN, START, FlowTrial

PAID_AT = (START - timedelta(days=1)).isoformat()


def an_order(name: str, paid: str = "10.00") -> dict[str, Any]:
    return {"id": name, "paid_at": PAID_AT, "promoter": "p3", "lines": [{"sku": "A", "paid": paid}]}


def outcomes(trial: FlowTrial, entries: list[dict[str, Any]]) -> list[Outcome]:
    accepted = accept_orders(orders=ORDERS.validate_python(entries), tenant=trial.house, by=TESTER, now=START)
    return [result.outcome for result in accepted.results]


def test_a_repetition_of_a_conflict_is_a_conflict() -> None:
    with FlowTrial(PLAIN) as trial:
        outcomes(trial, [an_order("o1")])
        changed = an_order("o1", "11.00")
        assert outcomes(trial, [changed, changed]) == [Outcome.CONFLICT, Outcome.CONFLICT]


def test_the_same_again_is_a_duplicate_beside_a_conflict() -> None:
    with FlowTrial(PLAIN) as trial:
        outcomes(trial, [an_order("o1")])
        assert outcomes(trial, [an_order("o1", "11.00"), an_order("o1")]) == [Outcome.CONFLICT, Outcome.DUPLICATE]


def test_a_repetition_of_a_refused_refund_is_refused() -> None:
    with FlowTrial(PLAIN) as trial:
        trial.bodies["o1"] = an_order("o1")
        trial.send("orders", [an_order("o1")])
        trial.work_off(5000)
        refund = {"id": "r1", "order": "o1", "refunded_at": START, "lines": [{"line_no": 9, "amount": "1.00"}]}
        accepted = accept_refunds(
            refunds=REFUNDS.validate_python([refund, refund]), tenant=trial.house, by=TESTER, now=START
        )
        assert [result.outcome for result in accepted.results] == [Outcome.REFUSED, Outcome.REFUSED]


def test_a_batch_of_two_versions_needs_no_second_attempt() -> None:
    with FlowTrial({"name": "two", "levels": PLAIN["levels"]}) as trial:
        start = START + timedelta(seconds=1)
        trial.publish_version(trial.rater.versions[0][1] | {"name": "later"}, start)
        orders = [an_order(f"o{number}") | {"promoter": "p4"} for number in range(22)]
        for order in orders[11:]:
            order["paid_at"] = start.isoformat()
        assert outcomes(trial, orders) == [Outcome.ACCEPTED] * 22
        assert work._work_off(5000, None, START) == 22
