"""What is known to be wrong and not mended yet. Each of these fails today; strict, so that mending one shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from rongshu.flows.intake import work
from rongshu.flows.intake.accept import accept_orders, accept_refunds
from rongshu.flows.intake.results import Outcome
from rongshu.flows.intake.shapes import ORDERS, REFUNDS
from rongshu.kernel import bulk
from tests.factories import TESTER
from tests.ledger.flow import PLAIN, START, FlowTrial

PAID_AT = (START - timedelta(days=1)).isoformat()


def an_order(name: str, paid: str = "10.00") -> dict[str, Any]:
    return {"id": name, "paid_at": PAID_AT, "promoter": "p3", "lines": [{"sku": "A", "paid": paid}]}


def outcomes(trial: FlowTrial, entries: list[dict[str, Any]]) -> list[Outcome]:
    accepted = accept_orders(orders=ORDERS.validate_python(entries), tenant=trial.house, by=TESTER, now=START)
    return [result.outcome for result in accepted.results]


@pytest.mark.xfail(strict=True, reason="errors of the bulk cursors pass Django by")
def test_a_failure_of_the_database_is_not_blamed_on_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadlock or a full disk while working off: the batch waits again; nothing is set aside."""
    with FlowTrial(PLAIN) as trial:
        outcomes(trial, [an_order("o1")])

        def full(**_: Any) -> None:
            with bulk.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$")

        monkeypatch.setattr(work, "rate_orders", full)
        with pytest.raises((OperationalError, psycopg.OperationalError)):
            work.work_off(trial.tenant, now=START)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM commerce_inbox WHERE tenant_id = %s AND refused_at IS NULL", [trial.tenant])
            assert cursor.fetchone() == (1,)


@pytest.mark.xfail(strict=True, reason="a repetition within a call is compared with the call, not with what was accepted")
def test_a_repetition_of_a_conflict_is_a_conflict() -> None:
    with FlowTrial(PLAIN) as trial:
        outcomes(trial, [an_order("o1")])
        changed = an_order("o1", "11.00")
        assert outcomes(trial, [changed, changed]) == [Outcome.CONFLICT, Outcome.CONFLICT]


@pytest.mark.xfail(strict=True, reason="a repetition within a call is compared with the call, not with what was accepted")
def test_the_same_again_is_a_duplicate_beside_a_conflict() -> None:
    with FlowTrial(PLAIN) as trial:
        outcomes(trial, [an_order("o1")])
        assert outcomes(trial, [an_order("o1", "11.00"), an_order("o1")]) == [Outcome.CONFLICT, Outcome.DUPLICATE]


@pytest.mark.xfail(strict=True, reason="a repetition within a call is answered before its first is refused")
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
