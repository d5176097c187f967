"""Months declared, and what comes into them afterwards: a corrected return, never an offset in a later month."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest

from rongshu.domain.settlement.declarations.actions import declaration_file, declare_payer, file_month, filed_file
from rongshu.domain.settlement.declarations.layouts import CN_HEAD, platform_rows, us_rows
from rongshu.domain.settlement.declarations.queries import (
    Changed,
    corrections,
    filed_months,
    filings_of,
    months,
    months_to_correct,
    paid_between,
    standing_of,
    turned_since,
    year_of,
)
from rongshu.domain.settlement.payees.actions import Papers
from rongshu.domain.settlement.payees.models import Payee
from rongshu.domain.settlement.payouts.actions import make_batch, settle_by_hand
from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.domain.settlement.withdrawals.models import TaxLine, Withdrawal
from rongshu.domain.settlement.withdrawals.returns import return_withdrawals
from rongshu.engine.withdrawals import Policy
from rongshu.kernel.audit.models import AuditEntry
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.settlement.test_returns import pay
from tests.domain.settlement.test_withdrawals import ANN, BEN, NOW, approve, ask, promoter

__all__ = ["promoter"]
JUNE, JULY = 2026 * 12 + 5, 2026 * 12 + 6
LATER = datetime(2026, 7, 3, 4, tzinfo=UTC)


def payer() -> None:
    declare_payer(name="榕树商贸有限公司", tax_id="91350100M000100Y43", address="福州市鼓楼区", by=ANN, now=NOW)


def rows(content: bytes) -> list[dict[str, str]]:
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert read[5] == list(CN_HEAD)
    return [dict(zip(CN_HEAD, row, strict=True)) for row in read[6:]]


def paid_later(promoter: int, amount: int, now: datetime) -> int:
    one = ask(promoter, amount, now)
    approve(one)
    make_batch(identifiers=[one], provider="manual", by=BEN, now=now)
    return int(Withdrawal.objects.get(id=one).tax)


def test_the_form_says_what_was_withheld(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        payer()
        pay(promoter, 3_000_00)
        pay(promoter, 2_000_00)
        (row,) = rows(declaration_file(month=JUNE, by=ANN, now=LATER))
        assert row["姓名"] == "张三丰"
        assert row["身份证件号码"] == row["纳税人识别号"] == "'11010519491231002X"
        shown = [
            row[name] for name in ("收入", "费用", "应纳税所得额", "税率/预扣率", "应纳税额", "应补/退税额", "备注")
        ]
        assert shown == ["5000.00", "1000.00", "4000.00", "20%", "800.00", "800.00", ""]
        assert AuditEntry.objects.filter(action="payees.revealed").count() == 1
        (line,) = standing_of(JUNE)
        assert (line.payments, line.gross, line.tax) == (2, 5_000_00, 800_00)


def test_what_was_kept_too_much_stands_in_the_remarks(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        payer()
        one = pay(promoter, 3_000_00)
        pay(promoter, 2_000_00)
        return_withdrawals(identifiers=[one], reason="户名不符", by=ANN, now=NOW + timedelta(days=2))
        (row,) = rows(declaration_file(month=JUNE, by=ANN, now=LATER))
        assert (row["收入"], row["应纳税额"]) == ("2000.00", "240.00")
        assert "360.00" in row["备注"] and "120.00" in row["备注"]


def test_a_platform_declares_the_year_so_far(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        payer()
        set_policy(rules=Policy(per_day=0, tax="platform"), by=ANN, now=NOW)
        may = NOW - timedelta(days=31)
        assert paid_later(promoter, 8_000_00, may) == 42_00
        one = TaxLine.objects.get()
        assert one.month == JUNE - 1
        pay(promoter, 1_500_00)
        (row,) = rows(declaration_file(month=JUNE, by=ANN, now=LATER))
        shown = [
            row[name]
            for name in ("收入", "累计收入额", "累计减除费用", "应纳税所得额", "应纳税额", "已缴税额", "应补/退税额")
        ]
        assert shown == ["1500.00", "7600.00", "10000.00", "0.00", "0.00", "42.00", "0.00"]


def test_a_filed_month_is_kept_as_it_was(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        one = pay(promoter, 1_000_00)
        with pytest.raises(Refusal) as refused:
            file_month(month=JUNE, by=ANN, now=LATER)
        assert refused.value.code == "no_payer"
        payer()
        with pytest.raises(Refusal) as refused:
            file_month(month=JUNE, by=ANN, now=NOW)
        assert refused.value.code == "month_not_over"
        with pytest.raises(Refusal) as refused:
            file_month(month=JUNE - 1, by=ANN, now=LATER)
        assert refused.value.code == "nothing_to_declare"
        filing = file_month(month=JUNE, by=ANN, now=LATER)
        assert (filing.number, filing.people, filing.gross, filing.tax) == (0, 1, 1_000_00, 40_00)
        assert file_month(month=JUNE, by=BEN, now=LATER).id == filing.id
        assert filed_months() == {JUNE}
        assert corrections(filing) == [] and months_to_correct() == {}
        return_withdrawals(identifiers=[one], reason="户名不符", by=ANN, now=LATER)
        declare_payer(name="新名称有限公司", tax_id="91350100M000100Y43", address="福州市鼓楼区", by=ANN, now=LATER)
        content = filed_file(month=JUNE, number=0, by=ANN, now=LATER)
        assert hashlib.sha256(content).hexdigest() == filing.sha256
        assert rows(content)[0]["收入"] == "1000.00"
        assert "榕树商贸有限公司" in content.decode()


@pytest.mark.parametrize("came_back", [True, False])
def test_what_fails_after_filing_is_a_correction_and_no_offset(tenant: int, promoter: int, came_back: bool) -> None:
    with tenant_scope(tenant):
        payer()
        pay(promoter, 3_000_00)
        if came_back:
            one = pay(promoter, 2_000_00)
        else:
            one = ask(promoter, 2_000_00)
            approve(one)
            batch = make_batch(identifiers=[one], provider="manual", by=BEN, now=NOW)
        filing = file_month(month=JUNE, by=ANN, now=LATER)
        assert (filing.gross, filing.tax) == (5_000_00, 800_00)
        after = LATER + timedelta(hours=1)
        if came_back:
            return_withdrawals(identifiers=[one], reason="户名不符", by=ANN, now=after)
        else:
            settle_by_hand(batch_id=batch.id, paid=[], failed=[one], reason="户名不符", by=BEN, now=after)
        assert standing_of(JULY) == []
        (changed,) = corrections(filing)
        payee = Payee.objects.get().id
        assert changed == Changed(payee, "labour", 5_000_00, 800_00, 3_000_00, 440_00)
        assert months_to_correct() == {JUNE: 1}
        assert [(line.withdrawal_id, line.tax) for line in turned_since(filing)] == [(one, -360_00)]
        # the new month is taxed by itself: 1,000.00 gives 40.00 as if nothing had come back
        assert paid_later(promoter, 1_000_00, after) == 40_00
        second = file_month(month=JUNE, by=BEN, now=after)
        assert (second.number, second.gross, second.tax) == (1, 3_000_00, 440_00)
        assert corrections(second) == [] and months_to_correct() == {}
        assert file_month(month=JUNE, by=BEN, now=after).id == second.id
        assert len(filings_of(JUNE)) == 2
        assert rows(filed_file(month=JUNE, number=0, by=ANN, now=after))[0]["收入"] == "5000.00"
        assert rows(filed_file(month=JUNE, number=1, by=ANN, now=after))[0]["收入"] == "3000.00"


def test_everything_came_back_is_a_return_of_nobody(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        payer()
        one = pay(promoter, 1_000_00)
        first = file_month(month=JUNE, by=ANN, now=LATER)
        return_withdrawals(identifiers=[one], reason="户名不符", by=ANN, now=LATER)
        assert [(row.gross, row.tax) for row in corrections(first)] == [(0, 0)]
        second = file_month(month=JUNE, by=ANN, now=LATER)
        assert (second.number, second.people, second.gross, second.tax) == (1, 0, 0, 0)


def test_months_people_and_the_year(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        payer()
        one = pay(promoter, 1_000_00)
        pay(promoter, 500_00)
        paid_later(promoter, 2_000_00, LATER)
        file_month(month=JUNE, by=ANN, now=LATER)
        return_withdrawals(identifiers=[one], reason="户名不符", by=ANN, now=LATER + timedelta(seconds=1))
        found = months()
        assert [(row.month, row.gross, row.tax, row.under_way) for row in found] == [
            (JULY, 2_000_00, 240_00, 1),
            (JUNE, 500_00, 100_00, 0),
        ]
        (person,) = paid_between(JUNE, JULY)
        assert (person.gross, person.returned, person.net) == (3_500_00, 1_000_00, 2_500_00)
        document = bytes(Payee.objects.get().document_hash)
        june, july = year_of(promoter, 2026, documents=[document])
        assert (june.gross, june.tax, june.gross_back, june.corrected) == (500_00, 100_00, -1_000_00, True)
        assert (july.gross, july.tax, july.corrected) == (2_000_00, 240_00, False)
        assert june.tax + july.tax == sum(TaxLine.objects.values_list("tax", flat=True))
        assert year_of(promoter, 2025, documents=[document]) == []
        whose = {person.payee_id: Papers("=1+1", "passport", "E1234567", "bank", "1", "B")}
        assert platform_rows([person], whose, "CNY") == [
            ("'=1+1", "passport", "'E1234567", "3500.00", "1000.00", "2500.00", 3, "340.00")
        ]
        assert us_rows([person], whose, 2026, "USD")[0][-1] == "yes"
        assert us_rows([person], whose, 2030, "USD")[0][-1] == "?"


def test_the_payer_is_read(tenant: int) -> None:
    with tenant_scope(tenant):
        for values in (
            ("榕", "91350100M000100Y43", "福州市"),
            ("榕树商贸", "税号", "福州市鼓楼区"),
            ("榕树商贸", "91350100M", "福"),
        ):
            with pytest.raises(Refusal):
                declare_payer(name=values[0], tax_id=values[1], address=values[2], by=ANN, now=NOW)
        payer()
        payer()
        assert AuditEntry.objects.filter(action="payer.declared").count() == 1
