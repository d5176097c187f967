"""Statements, certificates, declarations and the month through the pages of console and portal."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pypdf
import pytest

from rongshu.domain.settlement.declarations.actions import declare_payer, file_month
from rongshu.domain.settlement.declarations.queries import number_of
from rongshu.domain.settlement.payouts.actions import make_batch, settle_by_hand
from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.domain.settlement.statements.queries import statement
from rongshu.domain.settlement.statements.sources import sources_of
from rongshu.domain.settlement.withdrawals.actions import approve_withdrawals, ask_withdrawal
from rongshu.domain.settlement.withdrawals.models import TaxLine
from rongshu.domain.settlement.withdrawals.returns import return_withdrawals
from rongshu.engine.withdrawals import Policy
from rongshu.kernel.access.rules import Role
from rongshu.kernel.audit.models import AuditEntry
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.queries import standings_of
from tests.domain.settlement.test_withdrawals import ANN, BEN, promoter
from tests.factories import TESTER
from tests.interfaces.console.test_runs import signed_in, text_of

__all__ = ["promoter"]


def pay(promoter: int, amount: int, now: object) -> int:
    one = ask_withdrawal(promoter_id=promoter, amount=amount, by=TESTER, now=now).id  # type: ignore[arg-type]
    approve_withdrawals(identifiers=[one], by=ANN, login_member=None, now=now)  # type: ignore[arg-type]
    batch = make_batch(identifiers=[one], provider="manual", by=BEN, now=now)  # type: ignore[arg-type]
    settle_by_hand(batch_id=batch.id, paid=[one], failed=[], reason="", by=BEN, now=now)  # type: ignore[arg-type]
    return int(one)


def words(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def payer() -> None:
    declare_payer(name="榕树商贸有限公司", tax_id="91350100M000100Y43", address="福州市鼓楼区", by=ANN, now=utc_now())


def test_a_statement_on_every_face_of_the_console(tenant: int, promoter: int) -> None:
    now = utc_now()
    with tenant_scope(tenant):
        one = pay(promoter, 1_000_00, now)
        held = standings_of([promoter])[promoter]
    finance, support = signed_in(tenant, Role.FINANCE), signed_in(tenant, Role.SUPPORT)
    address = f"/console/promoters/{outside('mem', promoter)}/statement"
    assert support.get(address).status_code == 403
    page = finance.get(address).content.decode()
    assert f"/console/withdrawals/{outside('wdr', one)}" in page
    shown = text_of(finance, address)
    assert "9,000.00" in shown and "Tax withheld" in shown
    rows = list(csv.reader(io.StringIO(finance.get(f"{address}?format=csv").content.decode("utf-8-sig"))))
    kinds = {row[1]: row for row in rows[1:]}
    assert kinds["paid"][2:5] == ["-960.00", "withdrawal", outside("wdr", one)]
    assert kinds["tax"][2] == "-40.00"
    moved = sum(round(float(row[2]) * 100) for row in rows[2:-1])
    closing = held.available + held.reserved + held.debt
    assert round(float(rows[1][2]) * 100) + moved == round(float(rows[-1][2]) * 100) == closing
    pdf = words(finance.get(f"{address}?format=pdf").content)
    for text in ("Statement", "9,000.00", "960.00", outside("wdr", one)):
        assert text in pdf
    with tenant_scope(tenant):
        assert AuditEntry.objects.filter(action="statement.taken").count() == 2
        found = statement(promoter, now.date())
        assert all(
            source.kind
            for line, source in zip(found.lines, sources_of(promoter, found.lines), strict=True)
            if line.kind != "released"
        )


def test_a_certificate_masks_and_reveals(tenant: int, promoter: int) -> None:
    now = utc_now()
    with tenant_scope(tenant):
        pay(promoter, 1_000_00, now)
        year = now.year
    finance, auditor = signed_in(tenant, Role.FINANCE), signed_in(tenant, Role.AUDITOR)
    address = f"/console/promoters/{outside('mem', promoter)}/certificate-{year}"
    assert auditor.get(f"{address}.pdf").status_code == 403
    assert finance.get(f"{address}.pdf").status_code == 409  # nobody has declared who withholds
    with tenant_scope(tenant):
        payer()
    pdf = words(finance.get(f"{address}.pdf").content)
    for text in (
        "榕树商贸有限公司",
        "91350100M000100Y43",
        "11010519491231002X",
        "张三丰",
        "1,000.00",
        "40.00",
        f"{year}",
    ):
        assert text in pdf
    assert finance.get(f"{address}.xml").status_code == 404
    content = finance.get(f"{address}.csv").content.decode("utf-8-sig")
    assert "total,,1000.00,40.00" in content
    with tenant_scope(tenant):
        assert AuditEntry.objects.filter(action="payee.revealed").count() == 2
        assert sum(TaxLine.objects.values_list("tax", flat=True)) == 40_00


def test_a_month_is_filed_and_corrected(tenant: int, promoter: int, monkeypatch: pytest.MonkeyPatch) -> None:
    now = utc_now()
    earlier = now.replace(day=1) - timedelta(days=10)
    with tenant_scope(tenant):
        set_policy(rules=Policy(per_day=0, vat="advise"), by=ANN, now=earlier)
        one = pay(promoter, 2_000_00, earlier)
        month = f"{earlier:%Y-%m}"
    finance, auditor = signed_in(tenant, Role.FINANCE), signed_in(tenant, Role.AUDITOR)
    address = f"/console/withdrawals/tax/{month}"
    assert "Not yet" in text_of(auditor, "/console/withdrawals/tax")
    assert auditor.post(address).status_code == 403
    assert "Say first who withholds" in finance.post(address).content.decode()
    assert "full registered name" in finance.post("/console/withdrawals/tax", {"name": "x"}).content.decode()
    typed = {"name": "榕树商贸有限公司", "tax_id": "91350100M000100Y43", "address": "福州市鼓楼区"}
    assert finance.post("/console/withdrawals/tax", typed).status_code == 302
    assert finance.post(address).status_code == 302
    assert (
        finance.get(f"{address}/declaration.csv?filed=0").content == finance.get(f"{address}/declaration.csv").content
    )
    assert "1 payment reaches the threshold" in text_of(auditor, address) or "known for this month" in text_of(
        auditor, address
    )
    with tenant_scope(tenant):
        return_withdrawals(identifiers=[one], reason="户名不符", by=ANN, now=utc_now())
    assert "1 person to correct" in text_of(finance, "/console/withdrawals/tax")
    shown = text_of(finance, address)
    assert "¥2,000.00 → ¥0.00" in shown.replace("¥ ", "¥") and outside("wdr", one) in shown
    assert finance.post(address).status_code == 302
    assert "Corrected return 1" in text_of(finance, address)
    assert auditor.get(f"{address}/declaration.csv").status_code == 403
    span = f"{earlier.year}-Q{(earlier.month - 1) // 3 + 1}"
    quarter = finance.get(f"/console/withdrawals/tax/people/{span}.csv").content.decode("utf-8-sig")
    assert "张三丰,cn_id,'11010519491231002X,2000.00,2000.00,0.00" in quarter
    assert finance.get(f"/console/withdrawals/tax/people/{earlier.year}.csv").status_code == 200
    assert finance.get("/console/withdrawals/tax/people/x.csv").status_code == 404
    assert finance.get("/console/withdrawals/tax/2026-13").status_code == 404
    with tenant_scope(tenant):
        assert file_month(month=number_of(earlier.date()), by=ANN, now=utc_now()).number == 1


def test_the_promoters_own(tenant: int, promoter: int) -> None:
    from django.test import Client

    from rongshu.kernel.access.actions import add_login
    from tests.interfaces.console.test_runs import PASSWORD

    now = utc_now()
    with tenant_scope(tenant):
        payer()
        one = pay(promoter, 1_000_00, now)
        add_login(
            name=f"1380{tenant % 10_000_000:07d}",
            password=PASSWORD,
            role=Role.PROMOTER,
            member_id=promoter,
            by=TESTER,
            now=now,
        )
    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"203.0.114.{tenant % 250}", headers={"accept-language": "en"})
    client.cookies["django_language"] = "en"
    assert (
        client.post("/portal/sign-in", {"phone": f"1380{tenant % 10_000_000:07d}", "password": PASSWORD}).status_code
        == 302
    )
    shown = text_of(client, "/portal/statement")
    assert "9,000.00" in shown and f"{now.year}" in shown
    back = client.get("/portal/statement").content.decode().split("/portal/withdraw?cursor=")[1].split('"')[0]
    assert outside("wdr", one) not in back
    assert "1,000.00" in text_of(client, f"/portal/withdraw?cursor={back}")
    pdf = words(client.get(f"/portal/statement/certificate-{now.year}.pdf").content)
    assert "40.00" in pdf and "11010519491231002X" not in pdf and "张三丰" not in pdf
    assert words(client.get("/portal/statement?format=pdf").content).count("960.00") >= 1
    # 1,000.00 and 2,000.00 of one month owe 440.00, of which 40.00 is kept already
    asked = client.post("/portal/withdraw", {"amount": "2000", "do": "preview"}).content.decode()
    assert "1,600.00" in re.sub(r"<[^>]*>", "", asked)
    received = client.post("/portal/withdraw", {"amount": "1600", "do": "receive"}).content.decode()
    assert 'value="2000.00"' in received
    refused = client.post("/portal/withdraw", {"amount": "9000000000", "do": "receive"})
    assert "beyond what is accepted" in refused.content.decode()
