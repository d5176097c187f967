"""Batches through providers over real HTTP: given once, asked when unknown, told twice, taken back in time. The stand-in's book is the judge."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application

from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.settlement.payees.actions import Papers, give_papers
from rongshu.domain.settlement.payouts import actions, sending
from rongshu.domain.settlement.payouts.adapters import Answer, serial_of
from rongshu.domain.settlement.payouts.findings import payout_findings
from rongshu.domain.settlement.payouts.models import Batch, ProviderPayment
from rongshu.domain.settlement.payouts.sending import claim_payments, learn, pay_out, tenants_with_payments
from rongshu.domain.settlement.payouts.settings import provider_settings, set_provider
from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.domain.settlement.withdrawals.actions import approve_withdrawals, ask_withdrawal
from rongshu.domain.settlement.withdrawals.findings import settlement_findings
from rongshu.domain.settlement.withdrawals.models import TaxLine, Withdrawal
from rongshu.domain.settlement.withdrawals.queries import steps_of
from rongshu.engine.withdrawals import Policy
from rongshu.interfaces.sandbox.keys import alipay_settings, wechat_settings
from rongshu.interfaces.sandbox.server import GATEWAY, Sandbox
from rongshu.kernel.actor import Actor
from rongshu.kernel.clock import utc_now
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.actions import give_back
from rongshu.ledger.queries import standings_of
from tests import providers
from tests.factories import TESTER
from tests.races.test_ledger_races import fill, hold_invariants

NOW = datetime(2026, 6, 10, 4, tzinfo=UTC)
ANN, BEN = Actor("login", "ann"), Actor("login", "ben")
ACCOUNTS = {"wechat": "oABCDEFGHIJKLMNOPQRSTUVWX012", "alipay": "13800138000"}
NET = 960_00
"""Of 1,000.00 in one month: 40.00 tax."""
BOTH = pytest.mark.parametrize("name", ["wechat", "alipay"])


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    running = providers.running()
    monkeypatch.setattr(environment(), "wechat_pay_url", running.address)
    monkeypatch.setattr(environment(), "alipay_url", running.address + GATEWAY)
    yield running
    running.stop()


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The web application over real HTTP, where providers tell."""
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(environment(), "site_url", address)
    yield address
    server.shutdown()
    server.server_close()


@dataclass
class Case:
    """A tenant with one promoter an account kind, and a clock that the test moves."""

    tenant: int
    promoters: dict[str, int]
    now: datetime = NOW

    def batch(self, name: str, *amounts: int) -> list[int]:
        """Withdrawals of 1,000.00 (or `amounts`), approved and in a batch; their ids."""
        with tenant_scope(self.tenant):
            made = [
                ask_withdrawal(promoter_id=self.promoters[name], amount=amount, by=TESTER, now=self.now).id
                for amount in amounts or (1_000_00,)
            ]
            approve_withdrawals(identifiers=made, by=ANN, login_member=None, now=self.now)
            actions.make_batch(identifiers=made, provider=name, by=BEN, now=self.now)
        return made

    def work(self, minutes: float = 0) -> int:
        """Lets time pass, then does what is due."""
        self.now += timedelta(minutes=minutes)
        done = 0
        while more := pay_out(self.tenant, now=self.now):
            done += more
        return done

    def state(self, withdrawal: int) -> tuple[str, str]:
        with tenant_scope(self.tenant):
            payment = ProviderPayment.objects.get(withdrawal_id=withdrawal)
            return payment.state, Withdrawal.objects.get(id=withdrawal).state

    def sound(self) -> None:
        with tenant_scope(self.tenant):
            assert [one for one in (*payout_findings(), *settlement_findings()) if one.differences] == []
        hold_invariants(self.tenant)


@pytest.fixture
def case(tenant: int, sandbox: Sandbox) -> Case:
    members = {}
    with tenant_scope(tenant):
        set_policy(rules=Policy(per_day=0), by=ANN, now=NOW)
        for number, (name, account) in enumerate(ACCOUNTS.items()):
            members[name] = add_member(external_id=name, by=TESTER, now=NOW).id
            enrol_promoters(joinings=[Joining(members[name], None, NOW - timedelta(days=90))], by=TESTER, now=NOW)
            papers = Papers("张三丰", "passport", f"E1234567{number}", name, account)
            give_papers(promoter_id=members[name], papers=papers, agreement="1", by=TESTER, now=NOW)
        set_provider(provider="wechat", values=wechat_settings(providers.keys()), by=ANN, now=NOW)
        set_provider(provider="alipay", values=alipay_settings(providers.keys()), by=ANN, now=NOW)
    for member in members.values():
        fill(tenant, member, 10_000_00)
    return Case(tenant, members)


def paid(sandbox: Sandbox, name: str) -> int:
    return sandbox.book.paid_to(ACCOUNTS[name])


@BOTH
def test_the_whole_way(case: Case, sandbox: Sandbox, name: str) -> None:
    (one,) = case.batch(name)
    assert tenants_with_payments(case.now).count(case.tenant) == 1
    case.work()
    if name == "wechat":
        assert case.state(one) == ("to_confirm", "sent")
        sandbox.confirm(serial_of(one))
        case.work(minutes=6)
    assert case.state(one) == ("paid", "confirmed") and paid(sandbox, name) == NET
    assert case.work(minutes=60) == 0
    with tenant_scope(case.tenant):
        assert Batch.objects.get().settled_at is not None
    case.sound()


@BOTH
@pytest.mark.parametrize("fault", ["accepted_then_silent", "silent", "server_error", "wrong_signature", "unknown_code"])
def test_an_unknown_result_is_asked_for_and_paid_once(case: Case, sandbox: Sandbox, name: str, fault: str) -> None:
    sandbox.book.confirm_at_once = True
    sandbox.book.put_fault(name, fault)
    (one,) = case.batch(name)
    case.work()
    assert case.state(one) == ("calling", "sent")
    case.sound()
    case.work(minutes=10)
    case.work(minutes=10)
    assert case.state(one) == ("paid", "confirmed") and paid(sandbox, name) == NET
    calls = [what for _, what, _ in sandbox.book.calls]
    assert calls[:2] == ["transfer", "query"]
    assert calls.count("transfer") == (1 if fault in ("accepted_then_silent", "wrong_signature") else 2)
    case.sound()


@BOTH
def test_a_balance_too_low_waits_for_money(case: Case, sandbox: Sandbox, name: str) -> None:
    sandbox.book.confirm_at_once = True
    sandbox.book.balances[name] = NET - 1
    (one,) = case.batch(name)
    case.work()
    assert case.state(one) == ("waiting", "sent")
    sandbox.book.deposit(name, 1)
    case.work(minutes=10)
    assert case.state(one) == ("paid", "confirmed") and paid(sandbox, name) == NET


@BOTH
def test_part_of_a_batch_fails_and_only_that_comes_back(case: Case, sandbox: Sandbox, name: str) -> None:
    sandbox.book.confirm_at_once = True
    sandbox.book.put_fault(name, "", "name_mismatch", "accepted_then_silent")
    them = case.batch(name, 500_00, 100_00, 100_00)
    case.work()
    assert [case.state(one)[1] for one in them] == ["confirmed", "failed", "sent"]
    case.work(minutes=10)
    assert [case.state(one)[0] for one in them] == ["paid", "failed", "paid"]
    with tenant_scope(case.tenant):
        standing = standings_of([case.promoters[name]])[case.promoters[name]]
        assert (standing.available, standing.reserved) == (9_400_00, 0)
        assert "姓名与收款账户不符" in steps_of([them[1]])[them[1]][-1].reason
    case.sound()


def test_not_confirmed_in_a_day_comes_back_and_can_be_asked_for_again(case: Case, sandbox: Sandbox) -> None:
    (one,) = case.batch("wechat")
    case.work()
    sandbox.move_clock(24)
    case.work(minutes=24 * 60)
    assert case.state(one) == ("failed", "failed") and paid(sandbox, "wechat") == 0
    sandbox.book.confirm_at_once = True
    (two,) = case.batch("wechat")
    case.work()
    assert case.state(two) == ("paid", "confirmed") and paid(sandbox, "wechat") == NET
    case.sound()


class Killed(BaseException):
    """The process ends here."""


@BOTH
@pytest.mark.parametrize(
    "where", ["before the call", "after acceptance", "before the answer is kept", "while it is kept"]
)
def test_killed_between_steps_nothing_is_paid_twice(
    case: Case, sandbox: Sandbox, name: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.book.confirm_at_once = True
    them = case.batch(name, 500_00, 300_00, 100_00)

    def killed(*args: object, **more: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        if where == "before the call":
            patched.setattr(
                f"rongshu.domain.settlement.payouts.adapters.{name}.{'WechatPay' if name == 'wechat' else 'Alipay'}.send",
                killed,
            )
        elif where == "after acceptance":
            reads = f"rongshu.domain.settlement.payouts.adapters.{name}._read"
            patched.setattr(reads, killed)
        elif where == "before the answer is kept":
            patched.setattr(sending, "learn", killed)
        else:
            patched.setattr(sending, "confirm_withdrawals", killed)
        with pytest.raises(Killed):
            case.work()
    taken = {"before the call": 0, "after acceptance": 1}.get(where, 3)
    assert len(sandbox.book.transfers) == taken
    assert case.work() == 0  # whoever was at it is not yet taken for dead
    case.work(minutes=6)
    case.work(minutes=6)
    assert [case.state(one) for one in them] == [("paid", "confirmed")] * 3
    with tenant_scope(case.tenant):
        assert paid(sandbox, name) == sum(one.net for one in Withdrawal.objects.filter(id__in=them))
    assert sum(1 for move in sandbox.book.movements if move.kind == "paid") == 3
    case.sound()


@BOTH
def test_told_by_the_provider_over_http_once_or_twice(case: Case, sandbox: Sandbox, site: str, name: str) -> None:
    case.now = utc_now()
    sandbox.book.put_fault(name, "told_twice", "told_wrongly_signed")
    them = case.batch(name, 500_00, 100_00)
    case.work()
    for one in them:
        known = sandbox.book.transfers[name, serial_of(one)]
        assert known.notify.startswith(site) and known.notify.endswith(f"/{name}")
    first, second = (sandbox.book.transfers[name, serial_of(one)] for one in them)
    for known in (first, second):
        sandbox.book.pay(known)
    good = 204 if name == "wechat" else 200
    assert sandbox.tell(first) == [good, good]
    assert case.state(them[0]) == ("paid", "confirmed")
    if name == "wechat":
        assert sandbox.tell(second) == [401]
        assert case.state(them[1]) == ("to_confirm", "sent")
    with tenant_scope(case.tenant):
        assert [step.state for step in steps_of([them[0]])[them[0]]].count("confirmed") == 1
    case.sound()


def test_a_notification_for_another_tenant_or_nobody_changes_nothing(case: Case, sandbox: Sandbox, site: str) -> None:
    import urllib.error
    import urllib.request

    for path in ("nobody/wechat", "nobody/alipay"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{site}/providers/{path}", b"{}")
        assert refused.value.code == 404
    with tenant_scope(case.tenant):
        slug = house().slug
    for name in ("wechat", "alipay", "paypal"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{site}/providers/{slug}/{name}", b"{}")
        assert refused.value.code == 401


def test_taken_back_in_time(case: Case, sandbox: Sandbox) -> None:
    with tenant_scope(case.tenant):
        set_policy(rules=Policy(per_day=0, undo_minutes=30), by=ANN, now=NOW)
    (one,) = case.batch("alipay")
    assert case.work(minutes=29) == 0 and not sandbox.book.calls
    with tenant_scope(case.tenant):
        batch = Batch.objects.get()
        assert batch.state(case.now) == "made"
        back = actions.undo_batch(batch_id=batch.id, by=ANN, now=case.now)
        assert back.state(case.now) == "undone" and back.undone_by == str(ANN)
        actions.undo_batch(batch_id=batch.id, by=ANN, now=case.now)
        found = Withdrawal.objects.get(id=one)
        assert (found.state, found.batch_id, found.tax) == ("approved", None, 0)
        assert sum(line.tax for line in TaxLine.objects.filter(withdrawal_id=one)) == 0
        with pytest.raises(Refusal, match="Somebody else"):  # Ann alone approved it
            actions.make_batch(identifiers=[one], provider="alipay", by=ANN, now=case.now)
    assert case.work(minutes=60) == 0
    with tenant_scope(case.tenant):
        again = actions.make_batch(identifiers=[one], provider="alipay", by=BEN, now=case.now)
    case.work(minutes=31)
    assert case.state(one) == ("paid", "confirmed") and paid(sandbox, "alipay") == NET
    with tenant_scope(case.tenant), pytest.raises(Refusal, match="too late"):
        actions.undo_batch(batch_id=again.id, by=ANN, now=case.now)
    case.sound()


def test_a_bank_batch_leaves_only_after_its_time(case: Case) -> None:
    with tenant_scope(case.tenant):
        set_policy(rules=Policy(per_day=0, undo_minutes=30), by=ANN, now=NOW)
        one = ask_withdrawal(promoter_id=case.promoters["alipay"], amount=100_00, by=TESTER, now=NOW).id
        approve_withdrawals(identifiers=[one], by=ANN, login_member=None, now=NOW)
        made = actions.make_batch(identifiers=[one], provider="manual", by=BEN, now=NOW)
        with pytest.raises(Refusal, match="can still be taken back"):
            actions.settle_by_hand(batch_id=made.id, paid=[one], failed=[], reason="", by=BEN, now=NOW)
        later = NOW + timedelta(minutes=30)
        actions.settle_by_hand(batch_id=made.id, paid=[one], failed=[], reason="", by=BEN, now=later)
        assert Batch.objects.get().state(later) == "settled"
    case.sound()


def test_what_was_approved_cannot_change(case: Case, sandbox: Sandbox) -> None:
    (one,) = case.batch("alipay")
    with tenant_scope(case.tenant):
        Withdrawal.objects.filter(id=one).update(amount=2_000_00)
        assert {found.name for found in payout_findings() if found.differences} >= {
            "batches are what they were when they were made"
        }
    case.work()
    assert case.state(one)[0] == "stuck" and not sandbox.book.transfers


def test_accounts_go_only_through_their_own_provider(case: Case) -> None:
    with tenant_scope(case.tenant):
        one = ask_withdrawal(promoter_id=case.promoters["wechat"], amount=100_00, by=TESTER, now=NOW).id
        approve_withdrawals(identifiers=[one], by=ANN, login_member=None, now=NOW)
    for provider in ("alipay", "bank", "paypal"):
        with tenant_scope(case.tenant), pytest.raises(Refusal):
            actions.make_batch(identifiers=[one], provider=provider, by=BEN, now=NOW)
    with tenant_scope(case.tenant):
        assert Withdrawal.objects.get(id=one).state == "approved"


def test_another_amount_is_never_confirmed_and_a_person_settles_it(case: Case, sandbox: Sandbox) -> None:
    (one,) = case.batch("alipay")
    with tenant_scope(case.tenant):
        claim = claim_payments(case.now)
        assert claim is not None
        learn([Answer(serial_of(one), "paid", ref="9", amount=NET - 1)], by=TESTER, now=case.now)
    assert case.state(one) == ("stuck", "sent")
    with tenant_scope(case.tenant):
        with pytest.raises(Refusal, match="Say why"):
            actions.end_payment(withdrawal_id=one, arrived=True, reason="", by=BEN, now=case.now)
        actions.end_payment(withdrawal_id=one, arrived=False, reason="sent back by them", by=BEN, now=case.now)
    assert case.state(one) == ("failed", "failed")
    with tenant_scope(case.tenant):
        learn([Answer(serial_of(one), "paid", ref="9", amount=NET)], by=TESTER, now=case.now)
        assert [found.differences for found in payout_findings()] == [0, 0, 1]


def test_one_that_the_books_refuse_keeps_none_of_the_others_waiting(case: Case, sandbox: Sandbox) -> None:
    one, two = case.batch("alipay", 100_00, 200_00)
    with tenant_scope(case.tenant):
        assert claim_payments(case.now) is not None
        give_back(ref=f"W{one}", owner=case.promoters["alipay"], amount=100_00, now=case.now)
        said = [Answer(serial_of(each), "paid", ref="9") for each in (one, two)]
        assert learn(said, by=TESTER, now=case.now) == 1
    assert (case.state(one), case.state(two)) == (("stuck", "sent"), ("paid", "confirmed"))
    with tenant_scope(case.tenant):
        assert ProviderPayment.objects.get(withdrawal_id=one).code == "not_booked"
        found = learn(said, by=TESTER, now=case.now)
        assert (found, Withdrawal.objects.get(id=one).state) == (0, "sent"), "told again, it is tried again"


def test_what_has_ended_in_the_books_is_not_sent(case: Case, sandbox: Sandbox) -> None:
    with tenant_scope(case.tenant):
        made = ask_withdrawal(promoter_id=case.promoters["alipay"], amount=500_00, by=TESTER, now=NOW).id
        approve_withdrawals(identifiers=[made], by=ANN, login_member=None, now=NOW)
        give_back(ref=f"W{made}", owner=case.promoters["alipay"], amount=500_00, now=NOW)
        with pytest.raises(Refusal) as refused:
            actions.make_batch(identifiers=[made], provider="alipay", by=BEN, now=NOW)
        assert refused.value.code == "ended_before"


def test_a_payment_is_ended_by_a_person_only_when_it_was_surely_not_taken_in(case: Case, sandbox: Sandbox) -> None:
    sandbox.book.put_fault("alipay", "accepted_then_silent", "balance_low")
    one, two = case.batch("alipay", 100_00, 200_00)
    case.work()
    with tenant_scope(case.tenant):
        with pytest.raises(Refusal, match="may have taken"):
            actions.end_payment(withdrawal_id=one, arrived=False, reason="give up", by=BEN, now=case.now)
        with pytest.raises(Refusal, match="may have taken"):
            actions.end_payment(withdrawal_id=two, arrived=True, reason="give up", by=BEN, now=case.now)
        actions.end_payment(withdrawal_id=two, arrived=False, reason="give up", by=BEN, now=case.now)
    case.work(minutes=10)
    assert (case.state(one), case.state(two)) == (("paid", "confirmed"), ("failed", "failed"))
    case.sound()


def test_asked_again_at_once(case: Case, sandbox: Sandbox) -> None:
    sandbox.book.put_fault("alipay", "silent")
    (one,) = case.batch("alipay")
    case.work()
    with tenant_scope(case.tenant):
        assert actions.ask_again(batch_id=Batch.objects.get().id, by=BEN, now=case.now) == 1
    case.work()
    assert case.state(one) == ("paid", "confirmed") and paid(sandbox, "alipay") == NET


def test_credentials_are_sealed_and_shown_masked_and_wrong_ones_refused(case: Case) -> None:
    with tenant_scope(case.tenant):
        kept = provider_settings()["wechat"]
        assert kept.shown["private_key"] == "set" and kept.shown["mchid"] == providers.keys().mchid
        assert b"PRIVATE" not in bytes(kept.sealed)
        values = wechat_settings(providers.keys())
        again = set_provider(provider="wechat", values=values | {"private_key": "", "scene": "1005"}, by=ANN, now=NOW)
        assert again.shown["private_key"] == "set"
        pasted = {
            name: text.replace("\n", "\r\n") for name, text in values.items()
        }  # as browsers send a text of many lines
        assert set_provider(provider="wechat", values=pasted, by=ANN, now=NOW).shown == kept.shown
        for field, wrong in {"apiv3_key": "short", "private_key": "no key", "mchid": "", "public_key": "-"}.items():
            with pytest.raises(Refusal) as refused:
                set_provider(provider="wechat", values=values | {field: wrong}, by=ANN, now=NOW)
            assert refused.value.at == field


def test_two_workers_at_once_give_each_payment_once(case: Case, sandbox: Sandbox) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    them = case.batch("alipay", *[100_00] * 12)

    def work(_: int) -> int:
        try:
            return pay_out(case.tenant, now=case.now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 12
    assert all(case.state(one) == ("paid", "confirmed") for one in them)
    assert [what for _, what, _ in sandbox.book.calls].count("transfer") == 12
    case.sound()
