"""Bills of the stand-in, fetched over real HTTP: what was paid matches, whatever happened on the way; money sent back is found."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rongshu.domain.settlement.payouts.adapters import BillLine, ProviderError, serial_of
from rongshu.domain.settlement.reconciliation import fetching
from rongshu.domain.settlement.reconciliation.decisions import decide_difference
from rongshu.domain.settlement.reconciliation.fetching import CHINA, bills_due, fetch_bills
from rongshu.domain.settlement.reconciliation.findings import cash_findings
from rongshu.domain.settlement.reconciliation.models import Bill, BilledLine, Difference, ReconciledDay
from rongshu.domain.settlement.withdrawals.models import Withdrawal
from rongshu.interfaces.sandbox.server import Sandbox
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.settlement.test_payouts import ANN, BOTH, NET, Case, case, sandbox
from tests.races.test_ledger_races import hold_invariants

__all__ = ["case", "sandbox"]


def _tomorrow(now: datetime) -> datetime:
    return (now.astimezone(CHINA) + timedelta(days=1)).replace(hour=12)


@BOTH
def test_the_stand_ins_bill_matches_what_was_paid(case: Case, sandbox: Sandbox, name: str) -> None:
    case.now = utc_now()
    sandbox.book.put_fault(name, "accepted_then_silent")
    (one,) = case.batch(name)
    case.work()
    if name == "wechat":
        sandbox.confirm(serial_of(one))
    case.work(minutes=6)
    case.work(minutes=60)
    assert case.state(one) == ("paid", "confirmed")
    now = _tomorrow(utc_now())
    with tenant_scope(case.tenant):
        assert [(due.name, len(due.days)) for due in bills_due(now)] == [(name, 1)]
        assert bills_due(utc_now()) == []
    assert fetch_bills(case.tenant, now=now) == 1
    assert fetch_bills(case.tenant, now=now) == 0
    with tenant_scope(case.tenant):
        day = ReconciledDay.objects.get()
        paid = BilledLine.objects.get(kind="paid")
        assert (paid.withdrawal_id, paid.amount, Difference.objects.count()) == (one, NET, 0)
        assert day.billed == day.balance
        assert day.rest == 0
    transfer = sandbox.book.transfers[name, serial_of(one)]
    sandbox.book.ahead = timedelta(days=1)
    sandbox.book.send_back(transfer)
    assert fetch_bills(case.tenant, now=now + timedelta(days=1)) == 1
    with tenant_scope(case.tenant):
        (task,) = Difference.objects.all()
        assert (task.kind, task.withdrawal_id, task.ours, task.theirs) == ("came_back", one, NET, 0)
        done = decide_difference(identifier=task.id, decision="give_back", reason="账户已注销", by=ANN, now=now)
        assert done.state == "settled"
        assert Withdrawal.objects.get(id=one).state == "returned"
        last = ReconciledDay.objects.latest("day")
        assert last.books == last.billed
        assert [one for one in cash_findings() if one.differences] == []
    hold_invariants(case.tenant)


class _Broken:
    """A provider whose second day cannot be had."""

    def __init__(self) -> None:
        self.asked = 0

    def bill(self, day: object) -> list[BillLine]:
        self.asked += 1
        if self.asked == 2:
            raise ProviderError("timeout")
        return []

    def balance(self) -> int | None:
        return None


def test_a_bill_that_cannot_be_had_is_waited_for(case: Case, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    case.now = utc_now()
    case.batch("alipay")
    case.work()
    broken = _Broken()
    monkeypatch.setattr(fetching, "provider_of", lambda name: broken)
    now = _tomorrow(utc_now()) + timedelta(days=2)
    assert fetch_bills(case.tenant, now=now) == 1
    assert fetch_bills(case.tenant, now=now) == 2
    with tenant_scope(case.tenant):
        days = list(Bill.objects.order_by("since").values_list("since", flat=True))
    assert len(days) == 3
    assert (days[2] - days[0]).days == 2
