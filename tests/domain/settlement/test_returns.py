"""Payments that come back days after they had arrived."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rongshu.domain.settlement.payouts.actions import make_batch, settle_by_hand
from rongshu.domain.settlement.statements.queries import RETURNED, statement
from rongshu.domain.settlement.withdrawals.findings import settlement_findings
from rongshu.domain.settlement.withdrawals.models import Withdrawal
from rongshu.domain.settlement.withdrawals.queries import declared, steps_of
from rongshu.domain.settlement.withdrawals.returns import return_withdrawals
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.queries import Standing
from tests.domain.settlement.test_withdrawals import ANN, BEN, NOW, approve, ask, books, promoter, standing
from tests.races.test_ledger_races import hold_invariants

__all__ = ["promoter"]
LATER = NOW + timedelta(days=30)


def pay(promoter: int, amount: int) -> int:
    one = ask(promoter, amount)
    approve(one)
    batch = make_batch(identifiers=[one], provider="manual", by=BEN, now=NOW)
    settle_by_hand(batch_id=batch.id, paid=[one], failed=[], reason="", by=BEN, now=NOW)
    return one


def test_what_comes_back_is_the_promoters_again_with_its_tax(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        one = pay(promoter, 1_000_00)
        assert return_withdrawals(identifiers=[one], reason="户名不符", by=ANN, now=LATER) == 1
        assert return_withdrawals(identifiers=[one], reason="户名不符", by=ANN, now=LATER) == 0
        assert standing(promoter) == Standing(10_000_00, 0, 0)
        assert {book: amount for book, amount in books().items() if amount} == {}
        assert [found.differences for found in settlement_findings()] == [0] * len(settlement_findings())
        (row,) = declared(2026 * 12 + 5)
        assert (row.gross, row.tax) == (0, 0)
        assert steps_of([one])[one][-1].reason == "户名不符"
        assert Withdrawal.objects.get(id=one).ended_at == NOW
        july = statement(promoter, LATER.date())
        assert (july.total(RETURNED), july.closing) == (1_000_00, 10_000_00)
    hold_invariants(tenant)


def test_only_what_arrived_comes_back(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        one, two = pay(promoter, 100_00), ask(promoter, 100_00)
        for chosen in ([two], [one, two]):
            with pytest.raises(Refusal) as refused:
                return_withdrawals(identifiers=chosen, reason="退汇", by=ANN, now=LATER)
            assert refused.value.code == "not_confirmed"
        with pytest.raises(Refusal):
            return_withdrawals(identifiers=[one], reason=" ", by=ANN, now=LATER)
        assert standing(promoter) == Standing(9_800_00, 100_00, 0)
