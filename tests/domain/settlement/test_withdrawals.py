"""From an available balance to a bank's confirmation: what is reserved, withheld, paid, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.settlement.payees.actions import Papers, give_papers, reveal_papers
from rongshu.domain.settlement.payees.queries import payee_of
from rongshu.domain.settlement.payouts.actions import bring_results, make_batch, settle_by_hand, take_file
from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.domain.settlement.withdrawals import actions
from rongshu.domain.settlement.withdrawals.findings import settlement_findings
from rongshu.domain.settlement.withdrawals.models import Withdrawal
from rongshu.domain.settlement.withdrawals.queries import Declared, declared, steps_of
from rongshu.engine.withdrawals import Policy
from rongshu.kernel.actor import Actor
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import new_id, outside
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.books import Book
from rongshu.ledger.models import Balance
from rongshu.ledger.queries import Standing, standings_of
from tests.factories import TESTER
from tests.races.test_ledger_races import fill, hold_invariants

NOW = datetime(2026, 6, 10, 4, tzinfo=UTC)  # a Wednesday, noon in Shanghai
ANN, BEN = Actor("login", "ann"), Actor("login", "ben")
OPEN = Policy(per_day=0)
PAPERS = Papers("张三丰", "cn_id", "11010519491231002X", "bank", "6222 0200 0000 0000 000", "中国工商银行")


def luhn(body: str) -> str:
    for last in "0123456789":
        from rongshu.engine.payees import is_card

        if is_card(body + last):
            return body + last
    raise AssertionError


CARD = luhn("622202000000000000")


def papers(document: str = "11010519491231002X", **changes: str) -> Papers:
    values = {
        "name": "张三丰", "document_kind": "cn_id", "document": document, "account_kind": "bank", "account": CARD,
        "bank": "中国工商银行",
    } | changes  # fmt: skip
    return Papers(**values)  # type: ignore[arg-type]


@pytest.fixture
def promoter(tenant: int) -> Iterator[int]:
    """A promoter with 10,000.00 available, papers given, and a policy without a daily limit."""
    with tenant_scope(tenant):
        member = add_member(external_id="p1", by=TESTER, now=NOW).id
        enrol_promoters(joinings=[Joining(member, None, NOW - timedelta(days=90))], by=TESTER, now=NOW)
        give_papers(promoter_id=member, papers=papers(), agreement="1", by=TESTER, now=NOW)
        set_policy(rules=OPEN, by=ANN, now=NOW)
    fill(tenant, member, 10_000_00)
    return member


def ask(promoter: int, amount: int, now: datetime = NOW) -> int:
    return int(actions.ask_withdrawal(promoter_id=promoter, amount=amount, by=TESTER, now=now).id)


def approve(*identifiers: int, by: Actor = ANN) -> None:
    actions.approve_withdrawals(identifiers=identifiers, by=by, login_member=None, now=NOW)


def standing(promoter: int) -> Standing:
    return standings_of([promoter])[promoter]


def books() -> dict[int, int]:
    found: dict[int, int] = {}
    for balance in Balance.objects.filter(book__in=[Book.PAID_OUT, Book.TAX, Book.FEE]):
        found[balance.book] = found.get(balance.book, 0) + balance.amount
    return found


def test_the_whole_way(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        one = ask(promoter, 1_000_00)
        assert standing(promoter) == Standing(9_000_00, 1_000_00, 0)
        approve(one)
        batch = make_batch(identifiers=[one], provider="bank", by=BEN, now=NOW)
        assert (batch.amount, batch.tax) == (1_000_00, 40_00)
        text = take_file(batch_id=batch.id, by=BEN, now=NOW).decode("utf-8-sig")
        assert text.splitlines()[1] == f"{outside('wdr', one)},张三丰,{CARD},中国工商银行,960.00,commission"
        back = f"serial,status,message\n{outside('wdr', one)},paid,\n".encode()
        assert bring_results(batch_id=batch.id, content=back, by=BEN, now=NOW).paid == 1
        assert bring_results(batch_id=batch.id, content=back, by=BEN, now=NOW).paid == 0
        assert standing(promoter) == Standing(9_000_00, 0, 0)
        assert books() == {Book.PAID_OUT: 960_00, Book.TAX: 40_00}
        assert [step.state for step in steps_of([one])[one]] == ["asked", "approved", "sent", "confirmed"]
        payee = Withdrawal.objects.get(id=one).payee_id
        assert declared(2026 * 12 + 5) == [Declared("labour", payee, 1_000_00, 40_00, 1)]
    hold_invariants(tenant)


def test_payments_of_a_month_are_taxed_as_one_and_the_next_month_begins_anew(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        one, two, three = (ask(promoter, 600_00) for _ in range(3))
        approve(one, two, three)
        make_batch(identifiers=[one, two], provider="bank", by=BEN, now=NOW)
        make_batch(identifiers=[three], provider="bank", by=BEN, now=NOW)
        assert [Withdrawal.objects.get(id=each).tax for each in (one, two, three)] == [0, 80_00, 120_00]
        july = ask(promoter, 600_00)
        approve(july)
        make_batch(identifiers=[july], provider="bank", by=BEN, now=NOW + timedelta(days=30))
        assert Withdrawal.objects.get(id=july).tax == 0


def test_what_failed_is_available_again_and_its_tax_taken_back(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        one, two = ask(promoter, 5_000_00), ask(promoter, 1_000_00)
        approve(one, two)
        first = make_batch(identifiers=[one], provider="bank", by=BEN, now=NOW)
        back = f"serial,status,message\n{outside('wdr', one)},失败,户名不符\n".encode("gb18030")
        outcome = bring_results(batch_id=first.id, content=back, by=BEN, now=NOW)
        assert (outcome.paid, outcome.failed, outcome.open) == (0, 1, 0)
        assert standing(promoter) == Standing(9_000_00, 1_000_00, 0)
        second = make_batch(identifiers=[two], provider="manual", by=BEN, now=NOW)
        assert second.tax == 40_00  # as if the first had never been
        settle_by_hand(batch_id=second.id, paid=[two], failed=[], reason="", by=BEN, now=NOW)
        assert steps_of([one])[one][-1].reason == "户名不符"
        with pytest.raises(Refusal, match="W"):
            actions.confirm_withdrawals(identifiers=[one], by=BEN, now=NOW)
    hold_invariants(tenant)


def test_a_fee_is_kept_back_before_the_tax(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        set_policy(rules=Policy(minimum=10_00, per_day=0, fee_ppm=10_000, fee_fixed=1_00), by=ANN, now=NOW)
        one = ask(promoter, 1_000_00)
        approve(one)
        batch = make_batch(identifiers=[one], provider="manual", by=BEN, now=NOW)
        settle_by_hand(batch_id=batch.id, paid=[one], failed=[], reason="", by=BEN, now=NOW)
        assert books() == {Book.FEE: 11_00, Book.TAX: 37_80, Book.PAID_OUT: 951_20}


def test_cancelled_and_refused_give_the_money_back(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        one, two = ask(promoter, 100_00), ask(promoter, 200_00)
        actions.cancel_withdrawal(identifier=one, promoter_id=promoter, by=TESTER, now=NOW)
        actions.refuse_withdrawal(identifier=two, reason="姓名不符", by=ANN, now=NOW)
        assert standing(promoter) == Standing(10_000_00, 0, 0)
        approve(one, two)
        assert {Withdrawal.objects.get(id=each).state for each in (one, two)} == {"cancelled", "refused"}
        with pytest.raises(Refusal):
            make_batch(identifiers=[one], provider="manual", by=BEN, now=NOW)
        with pytest.raises(Refusal):
            actions.cancel_withdrawal(identifier=two, promoter_id=promoter, by=TESTER, now=NOW)


def test_whoever_sends_is_not_the_only_one_who_approved(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        one = ask(promoter, 100_00)
        approve(one, by=BEN)
        with pytest.raises(Refusal, match="Somebody else"):
            make_batch(identifiers=[one], provider="manual", by=BEN, now=NOW)
        set_policy(rules=Policy(per_day=0, two_people=False), by=ANN, now=NOW)
        make_batch(identifiers=[one], provider="manual", by=BEN, now=NOW)


def test_what_was_changed_behind_the_ledger_is_found(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        one = ask(promoter, 100_00)
        assert [found.differences for found in settlement_findings()] == [0, 0]
        Withdrawal.objects.filter(id=one).update(amount=99_00)
        assert [found.differences for found in settlement_findings()] == [1, 0]
        Withdrawal.objects.filter(id=one).update(amount=100_00, tax=1_00, state="confirmed")
        assert [found.differences for found in settlement_findings()] == [1, 2]


def test_two_people_approve_large_ones_and_nobody_the_own(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        set_policy(rules=Policy(per_day=0, two_from=5_000_00, at_once_below=50_00), by=ANN, now=NOW)
        large, small = ask(promoter, 5_000_00), ask(promoter, 49_99)
        assert Withdrawal.objects.get(id=small).state == "approved"
        approve(large)
        approve(large)
        assert Withdrawal.objects.get(id=large).state == "asked"
        with pytest.raises(Refusal, match="your own"):
            actions.approve_withdrawals(identifiers=[large], by=BEN, login_member=promoter, now=NOW)
        approve(large, by=BEN)
        assert Withdrawal.objects.get(id=large).state == "approved"


@pytest.mark.parametrize(
    ("rules", "amount", "code"),
    [
        (Policy(minimum=10_00), 9_99, "below_minimum"),
        (Policy(maximum=10_00), 10_01, "above_maximum"),
        (Policy(weekdays=(0, 1)), 10_00, "closed_today"),
        (Policy(agreement="2"), 10_00, "new_agreement"),
        (Policy(per_day=0), 10_000_01, "not_enough"),
    ],
)
def test_what_the_policy_does_not_take(tenant: int, promoter: int, rules: Policy, amount: int, code: str) -> None:
    with tenant_scope(tenant):
        set_policy(rules=rules, by=ANN, now=NOW)
        with pytest.raises(Refusal) as refused:
            ask(promoter, amount)
        assert refused.value.code == code
        assert standing(promoter) == Standing(10_000_00, 0, 0)
        assert not Withdrawal.objects.exists()  # a page says the refusal and commits


def test_one_a_day_counts_what_came_to_something(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        set_policy(rules=Policy(per_day=1), by=ANN, now=NOW)
        one = ask(promoter, 10_00)
        with pytest.raises(Refusal, match="tomorrow"):
            ask(promoter, 10_00)
        actions.cancel_withdrawal(identifier=one, promoter_id=promoter, by=TESTER, now=NOW)
        ask(promoter, 10_00)
        ask(promoter, 10_00, NOW + timedelta(hours=12))


def test_many_at_once_never_exceed_the_balance(tenant: int, promoter: int) -> None:
    def one() -> str:
        try:
            with tenant_scope(tenant):
                ask(promoter, 3_000_00)
            return "asked"
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        results = sorted(pool.map(lambda _: one(), range(8)))
    assert results == ["asked"] * 3 + ["not_enough"] * 5
    with tenant_scope(tenant):
        assert standing(promoter) == Standing(1_000_00, 9_000_00, 0)


def test_one_person_in_two_batches_at_once_is_taxed_as_one(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        asked = [ask(promoter, 1_000_00) for _ in range(6)]
        approve(*asked)

    def send(identifier: int) -> None:
        try:
            with tenant_scope(tenant):
                make_batch(identifiers=[identifier], provider="manual", by=BEN, now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(send, asked))
    with tenant_scope(tenant):
        assert sum(Withdrawal.objects.get(id=each).tax for each in asked) == 960_00  # of 6,000.00 in one month


def test_the_same_key_is_one_withdrawal(tenant: int, promoter: int) -> None:
    key = new_id()
    with tenant_scope(tenant):
        for _ in range(2):
            actions.ask_withdrawal(promoter_id=promoter, amount=5_00, by=TESTER, now=NOW, key=key)
        assert standing(promoter).reserved == 5_00
        with pytest.raises(Refusal):
            actions.ask_withdrawal(promoter_id=promoter, amount=6_00, by=TESTER, now=NOW, key=key)


def test_a_result_file_that_cannot_be_read_changes_nothing(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        one, other = ask(promoter, 100_00), ask(promoter, 100_00)
        approve(one, other)
        batch = make_batch(identifiers=[one], provider="bank", by=BEN, now=NOW)
        line = outside("wdr", one)
        for content, code in (
            (b"\xff\xff\xff", "not_utf8"), (b"a,b\n", "no_column"), (f"serial,status\n{line},perhaps\n".encode(), "unknown_status"),
            (f"serial,status\n{line},paid\n{line},failed\n".encode(), "serial_twice"),
        ):  # fmt: skip
            outcome = bring_results(batch_id=batch.id, content=content, by=BEN, now=NOW)
            assert outcome.unreadable[0].code == code
        with pytest.raises(Refusal, match="not of this batch"):
            stranger = f"serial,status\n{line},paid\n{outside('wdr', other)},paid\n"
            bring_results(batch_id=batch.id, content=stranger.encode(), by=BEN, now=NOW)
        assert Withdrawal.objects.get(id=one).state == "sent"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"document": "110105194912310021"}, "bad_document"),
        ({"document": "110105201512310011"}, "bad_document"),
        ({"account": "6222020000000000001"}, "bad_account"),
        ({"bank": ""}, "no_bank"),
        ({"name": "张"}, "bad_name"),
        ({"account_kind": "alipay", "account": "nobody"}, "bad_account"),
        ({"account_kind": "purse"}, "bad_account"),
    ],
)
def test_papers_that_cannot_be_right(tenant: int, promoter: int, changes: dict[str, str], code: str) -> None:
    with tenant_scope(tenant), pytest.raises(Refusal) as refused:
        give_papers(promoter_id=promoter, papers=papers(**changes), agreement="1", by=TESTER, now=NOW)
    assert refused.value.code == code


def test_papers_are_sealed_and_shown_in_full_only_with_a_reason(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(p)::text FROM settlement_payee p WHERE promoter_id = %s", [promoter])
        (row,) = cursor.fetchone()
        assert "张三丰" not in row and "11010519491231002X" not in row and CARD not in row
        cursor.execute("SELECT id FROM settlement_payee WHERE promoter_id = %s", [promoter])
        (payee,) = cursor.fetchone()
        with pytest.raises(Refusal):
            reveal_papers(payee_id=payee, reason="", by=ANN, now=NOW)
        assert reveal_papers(payee_id=payee, reason="复核户名", by=ANN, now=NOW).document == "11010519491231002X"
        cursor.execute("SELECT count(*) FROM kernel_auditentry WHERE action = 'payee.revealed'")
        assert cursor.fetchone() == (1,)


def test_consent_taken_back_takes_the_papers_and_what_is_not_sent(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        first = payee_of(promoter)
        paid = ask(promoter, 100_00)
        approve(paid)
        make_batch(identifiers=[paid], provider="manual", by=BEN, now=NOW)
        waiting = ask(promoter, 200_00)
        with pytest.raises(Refusal, match="on its way"):
            actions.take_back_consent(promoter_id=promoter, by=TESTER, now=NOW)
        actions.confirm_withdrawals(identifiers=[paid], by=BEN, now=NOW)
        give_papers(
            promoter_id=promoter, papers=papers(account=luhn("622848000000000000")), agreement="1", by=TESTER, now=NOW
        )
        second = payee_of(promoter)
        assert actions.take_back_consent(promoter_id=promoter, by=TESTER, now=NOW) == 1
        assert (payee_of(promoter), standing(promoter).reserved) == (None, 0)
        assert steps_of([waiting])[waiting][-1].state == "cancelled"
        assert first is not None and second is not None
        assert reveal_papers(payee_id=first.id, reason="tax office", by=ANN, now=NOW).name, "paid by: kept"
        with pytest.raises(Refusal, match="no such papers"):
            reveal_papers(payee_id=second.id, reason="tax office", by=ANN, now=NOW)
        with pytest.raises(Refusal) as refused:
            ask(promoter, 100_00)
        assert refused.value.code == "consent_taken_back"
        with pytest.raises(Refusal, match="No papers"):
            actions.take_back_consent(promoter_id=promoter, by=TESTER, now=NOW)
        give_papers(promoter_id=promoter, papers=papers(), agreement="1", by=TESTER, now=NOW)
        assert ask(promoter, 100_00)


def test_a_child_is_not_paid(tenant: int, promoter: int) -> None:
    young = "11010520150101001"
    check = next(letter for letter in "0123456789X" if _valid(young + letter))
    with tenant_scope(tenant), pytest.raises(Refusal) as refused:
        give_papers(promoter_id=promoter, papers=papers(young + check), agreement="1", by=TESTER, now=NOW)
    assert refused.value.code == "under_age"


def _valid(number: str) -> bool:
    from rongshu.engine.payees import birthday_of_cn_id

    return birthday_of_cn_id(number) is not None
