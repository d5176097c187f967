"""Batches and providers through the console's and the portal's own pages, against the stand-in over real HTTP."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from rongshu.domain.settlement.payees.actions import give_papers
from rongshu.domain.settlement.payouts.adapters import serial_of
from rongshu.domain.settlement.payouts.models import Batch, ProviderPayment
from rongshu.domain.settlement.payouts.sending import pay_out
from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.domain.settlement.withdrawals.actions import approve_withdrawals, ask_withdrawal
from rongshu.domain.settlement.withdrawals.models import Withdrawal
from rongshu.engine.withdrawals import Policy
from rongshu.interfaces.sandbox.keys import wechat_settings
from rongshu.interfaces.sandbox.server import Sandbox
from rongshu.kernel.access.rules import Role
from rongshu.kernel.actor import Actor
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests import providers
from tests.domain.settlement.test_bank_iso20022 import report
from tests.domain.settlement.test_payouts import ACCOUNTS, Case, case, sandbox
from tests.domain.settlement.test_withdrawals import papers
from tests.factories import TESTER
from tests.interfaces.console.test_runs import signed_in, text_of

__all__ = ["case", "sandbox"]
PROVIDERS = "/console/payouts/providers"


def approved(case: Case, name: str) -> int:
    now = utc_now()
    with tenant_scope(case.tenant):
        one = ask_withdrawal(promoter_id=case.promoters[name], amount=1_000_00, by=TESTER, now=now).id
        approve_withdrawals(identifiers=[one], by=Actor("login", "x"), login_member=None, now=now)
    return int(one)


def test_a_batch_from_the_queue_is_taken_back_then_sent(case: Case, sandbox: Sandbox) -> None:
    finance, auditor = signed_in(case.tenant, Role.FINANCE), signed_in(case.tenant, Role.AUDITOR)
    with tenant_scope(case.tenant):
        set_policy(rules=Policy(per_day=0, undo_minutes=30), by=TESTER, now=utc_now())
    one = approved(case, "wechat")
    chosen = {"state": "approved", "do": "send-wechat", "withdrawal": outside("wdr", one)}
    wrong = finance.post("/console/withdrawals", chosen | {"do": "send-alipay"})
    assert "state=approved" in wrong["Location"]
    with tenant_scope(case.tenant):
        assert Withdrawal.objects.get(id=one).state == "approved"  # refused as a whole
    address = finance.post("/console/withdrawals", chosen)["Location"]
    assert "it can be taken back for" in text_of(finance, address)
    assert auditor.post(address, {"do": "undo"}).status_code == 403
    assert finance.post(address, {"do": "undo"}).status_code == 302
    assert "Taken back" in text_of(finance, address)
    with tenant_scope(case.tenant):
        set_policy(rules=Policy(per_day=0), by=TESTER, now=utc_now())
    address = finance.post("/console/withdrawals", chosen)["Location"]
    pay_out(case.tenant, now=utc_now())
    assert "Waits for the payee to confirm" in text_of(finance, address)
    sandbox.confirm(serial_of(one))
    assert finance.post(address, {"do": "again"}).status_code == 302
    pay_out(case.tenant, now=utc_now())
    assert "Settled" in text_of(finance, address)
    listed = finance.get(f"{address}/list.csv").content.decode("utf-8-sig").splitlines()
    assert listed[1].split(",")[6:9] == ["960.00", "confirmed", "wechat"]
    assert ACCOUNTS["wechat"] not in listed[1]
    assert sandbox.book.paid_to(ACCOUNTS["wechat"]) == 960_00


def test_an_unknown_code_is_said_and_the_payment_is_ended_by_a_person(case: Case, sandbox: Sandbox) -> None:
    finance = signed_in(case.tenant, Role.FINANCE)
    sandbox.book.put_fault("alipay", *["unknown_code"] * 40)
    one = approved(case, "alipay")
    chosen = {"state": "approved", "do": "send-alipay", "withdrawal": outside("wdr", one)}
    address = finance.post("/console/withdrawals", chosen)["Location"]
    now = utc_now()
    for _ in range(40):
        now += timedelta(minutes=61)
        pay_out(case.tenant, now=now)
    with tenant_scope(case.tenant):
        stuck = ProviderPayment.objects.get()
        assert (stuck.state, stuck.code) == ("stuck", "SOMETHING_NEW")
        ProviderPayment.objects.update(given_at=utc_now() - timedelta(hours=2))
    shown = text_of(finance, address)
    assert "a code that is not known here" in shown and "SOMETHING_NEW" in shown
    form = {"do": "ended-failed", "withdrawal": outside("wdr", one)}
    assert "Say why" in finance.post(address, form).content.decode()
    assert finance.post(address, form | {"reason": "refused by them"}).status_code == 302
    with tenant_scope(case.tenant):
        assert Withdrawal.objects.get(id=one).state == "failed"
        assert Batch.objects.get().settled_at is not None
    case.sound()


def test_credentials_are_entered_tried_and_never_shown(case: Case, sandbox: Sandbox) -> None:
    owner, auditor = signed_in(case.tenant, Role.OWNER), signed_in(case.tenant, Role.AUDITOR)
    values = wechat_settings(providers.keys()) | {"provider": "wechat"}
    assert auditor.post(PROVIDERS, values).status_code == 403
    refused = owner.post(PROVIDERS, values | {"apiv3_key": "short"})
    assert "32 characters" in refused.content.decode()
    assert owner.post(PROVIDERS, values).status_code == 302
    page = owner.get(PROVIDERS).content.decode()
    assert values["mchid"] in page
    assert "PRIVATE KEY" not in page and values["apiv3_key"] not in page
    owner.post(PROVIDERS, {"provider": "wechat", "do": "try"})
    assert "Balance: 100000.00" in text_of(owner, PROVIDERS)
    sandbox.stop()
    owner.post(PROVIDERS, {"provider": "wechat", "do": "try"})
    assert "did not answer" in text_of(owner, PROVIDERS)


def test_a_bank_batch_leaves_as_iso_20022_once_the_payer_is_known(case: Case) -> None:
    owner = signed_in(case.tenant, Role.OWNER)
    with tenant_scope(case.tenant):
        give_papers(promoter_id=case.promoters["alipay"], papers=papers(), agreement="1", by=TESTER, now=utc_now())
    one = approved(case, "alipay")
    chosen = {"state": "approved", "do": "send-bank", "withdrawal": outside("wdr", one)}
    address = owner.post("/console/withdrawals", chosen)["Location"]
    assert owner.post(f"{address}/file", {"form": "iso20022"}).status_code == 409
    bank = {"provider": "bank", "name": "品牌", "account": "1234", "bank": "招商银行"}
    assert owner.post(PROVIDERS, bank).status_code == 302
    answer = owner.post(f"{address}/file", {"form": "iso20022"})
    assert answer["Content-Type"] == "application/xml"
    assert f"<EndToEndId>{serial_of(one)}</EndToEndId>" in answer.content.decode()
    back = SimpleUploadedFile("back.xml", report((serial_of(one), "ACSC", "")))
    assert owner.post(address, {"results": back}).status_code == 302
    with tenant_scope(case.tenant):
        assert Withdrawal.objects.get(id=one).state == "confirmed"
    case.sound()
