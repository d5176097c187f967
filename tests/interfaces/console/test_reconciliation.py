"""Reconciliation through the console's own pages: a statement brought in, a difference found, written off by two; wrong files change nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rongshu.domain.settlement.reconciliation.models import Bill, CashMove, Difference, ReconciledDay
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import new_id, outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.interfaces.console.test_runs import signed_in, text_of

HERE = "/console/reconciliation"
DAY = (utc_now() - timedelta(days=3)).date()


def bring(client: Client, text: str, **more: str) -> str:
    file = SimpleUploadedFile("statement.csv", text.encode(), content_type="text/csv")
    answer = client.post(f"{HERE}/bring", {"provider": "bank", "statement": file, **more})
    return answer["Location"] if answer.status_code == 302 else answer.content.decode()


@pytest.fixture
def finance(tenant: int) -> Client:
    return signed_in(tenant, Role.FINANCE)


def test_a_statement_a_difference_two_people(tenant: int, finance: Client) -> None:
    owner, auditor = signed_in(tenant, Role.OWNER), signed_in(tenant, Role.AUDITOR)
    assert "No bill was held against the books yet" in text_of(finance, HERE)
    opening = {
        "provider": "bank",
        "kind": "opening",
        "amount": "1,000.00",
        "day": str(DAY),
        "reason": "网银",
        "key": outside("csh", new_id()),
    }
    for _ in range(2):
        assert finance.post(f"{HERE}/cash", opening).status_code == 302
    text = f"Date,Description,Debit,Credit,Balance\n{DAY},Office rent,77.00,,923.00\n"
    for _ in range(2):
        assert bring(finance, text) == HERE
    with tenant_scope(tenant):
        assert (Bill.objects.count(), CashMove.objects.count(), ReconciledDay.objects.count()) == (1, 1, 1)
        task = outside("dif", Difference.objects.get().id)
    shown = text_of(auditor, HERE)
    assert "923.00" in shown and "1,000.00" in shown and "1 open" in shown
    assert "Office rent" in text_of(auditor, f"{HERE}/bank/{DAY}")
    assert "Only on the bill" in text_of(finance, f"{HERE}/differences")
    assert "1 difference between books and bills" in text_of(finance, "/console/")
    address = f"{HERE}/differences/{task}"
    assert auditor.post(address, {"do": "explain", "reason": "why"}).status_code == 403
    assert "Say why" in finance.post(address, {"do": "write_off", "reason": ""}).content.decode()
    assert finance.post(address, {"do": "write_off", "reason": "rent from the wrong account"}).status_code == 302
    assert "Somebody else has to confirm" in finance.post(address, {"do": "agree"}).content.decode()
    assert owner.post(address, {"do": "agree"}).status_code == 302
    assert "Settled" in text_of(auditor, address)
    with tenant_scope(tenant):
        assert ReconciledDay.objects.get().books == 923_00


def test_what_cannot_be_read_is_said_and_changes_nothing(tenant: int, finance: Client) -> None:
    assert "No column was recognised as" in bring(finance, "When,What\n2026-01-01,1\n")
    assert "Row 2, Date: 1/2/2026 is not a date" in bring(finance, "Date,Amount\n1/2/2026,1\n")
    assert "reconciled when it is over" in bring(finance, f"Date,Amount\n{utc_now().date() + timedelta(days=1)},1\n")
    assert "There is no provider" in bring(finance, "Date,Amount\n2026-01-01,1\n", provider="other")
    assert (
        "is not an amount"
        in finance.post(
            f"{HERE}/cash", {"provider": "bank", "kind": "fee", "amount": "x", "day": str(DAY)}
        ).content.decode()
    )
    assert finance.post(f"{HERE}/differences", {"reason": "x"}).status_code == 302
    assert finance.get(f"{HERE}/bank/{DAY}").status_code == 404
    assert finance.get(f"{HERE}/bank/never").status_code == 404
    with tenant_scope(tenant):
        assert not Bill.objects.exists() and not CashMove.objects.exists()


def test_differences_explained_together(tenant: int, finance: Client) -> None:
    rows = "".join(f"{DAY},Supplier {number},-{number}.00\n" for number in range(1, 4))
    bring(finance, f"Date,Description,Amount\n{rows}")
    with tenant_scope(tenant):
        tasks = [outside("dif", one) for one in Difference.objects.values_list("id", flat=True)]
    finance.post(f"{HERE}/differences", {"difference": tasks[:2], "reason": "suppliers are paid from here"})
    with tenant_scope(tenant):
        assert sorted(Difference.objects.values_list("state", flat=True)) == ["explained", "explained", "open"]
    assert "suppliers are paid from here" in text_of(finance, f"{HERE}/differences/{tasks[0]}")
