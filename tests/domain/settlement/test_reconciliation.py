"""Books against bills: injected differences are found exactly, none is invented, and the cash says why it differs."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from rongshu.domain.settlement.payouts.actions import make_batch, settle_by_hand
from rongshu.domain.settlement.payouts.adapters import serial_of
from rongshu.domain.settlement.reconciliation.actions import enter_cash, reconcile, take_bill, upload_statement
from rongshu.domain.settlement.reconciliation.decisions import confirm_decision, decide_difference, explain_differences
from rongshu.domain.settlement.reconciliation.findings import cash_findings
from rongshu.domain.settlement.reconciliation.lines import Line
from rongshu.domain.settlement.reconciliation.models import Bill, BilledLine, CashMove, Difference, ReconciledDay
from rongshu.domain.settlement.reconciliation.reckoning import bridge
from rongshu.domain.settlement.withdrawals.models import Withdrawal
from rongshu.domain.settlement.withdrawals.returns import return_withdrawals
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import new_id, outside
from rongshu.kernel.outbox.models import OutboxEvent
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.settlement.test_withdrawals import ANN, BEN, NOW, approve, ask, promoter, standing
from tests.races.test_ledger_races import hold_invariants

__all__ = ["promoter"]
ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 6, 10)
LATER = NOW + timedelta(days=20)


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime.combine(DAY + timedelta(days=day), time(hour, minute), ZONE)


def send(promoter: int, amount: int, when: datetime) -> int:
    one = ask(promoter, amount, when)
    approve(one)
    return make_batch(identifiers=[one], provider="manual", by=BEN, now=when).id


def pay(promoter: int, amount: int, when: datetime = NOW) -> Withdrawal:
    batch = send(promoter, amount, when)
    (one,) = Withdrawal.objects.filter(batch_id=batch)
    settle_by_hand(batch_id=batch, paid=[one.id], failed=[], reason="", by=BEN, now=when)
    return Withdrawal.objects.get(id=one.id)


def paid(one: Withdrawal, when: datetime, amount: int | None = None, ref: str = "") -> Line:
    return Line("paid", one.net if amount is None else amount, when, serial_of(one.id), ref)


def take(day: int, *lines: Line, balance: int | None = None) -> int:
    said = {} if balance is None else {"balance": balance, "balance_at": at(day + 1, 9)}
    return take_bill(
        provider="manual", day=DAY + timedelta(days=day), lines=lines, by=ANN, now=at(day + 1, 9), **said
    ).opened


def tasks() -> dict[tuple[str, int], tuple[int, int]]:
    return {(one.kind, one.about): (one.ours, one.theirs) for one in Difference.objects.filter(state="open")}


def row(day: int) -> ReconciledDay:
    return ReconciledDay.objects.get(provider="manual", day=DAY + timedelta(days=day))  # type: ignore[no-any-return]


def test_a_clean_day(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        one, two = pay(promoter, 100_00, at(0)), pay(promoter, 1_000_00, at(0, 13))
        lines = (
            Line("deposit", 5_000_00, at(0, 8)), Line("fee", 1_50, at(0, 23)), paid(one, at(0)),
            Line("paid", two.net, at(0, 13), "", "", f"佣金 {outside('wdr', two.id)}"),
        )  # fmt: skip
        assert take(0, *lines, balance=5_000_00 - 1_50 - one.net - two.net) == 0
        assert tasks() == {}
        day = row(0)
        assert (day.payments, day.matched, day.waiting, day.lines) == (2, 2, 0, 2)
        assert day.books == day.billed == day.balance == 5_000_00 - 1_50 - one.net - two.net
        assert day.rest == 0
        assert all(found.differences == 0 for found in cash_findings())
        counts = [model.objects.count() for model in (Bill, BilledLine, CashMove, OutboxEvent)]
        assert take(0, *lines) == 0
        assert [model.objects.count() for model in (Bill, BilledLine, CashMove, OutboxEvent)] == counts
    hold_invariants(tenant)


def test_each_kind_of_difference(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        gone, other, twice, back = (pay(promoter, 100_00 + n, at(0)) for n in range(4))
        mine_back = pay(promoter, 200_00, at(0))
        return_withdrawals(identifiers=[mine_back.id], reason="退汇", by=ANN, now=at(0, 13))
        batch = send(promoter, 300_00, at(0))
        (on_its_way,) = Withdrawal.objects.filter(batch_id=batch)
        take(
            0, paid(other, at(0), 99_00), paid(twice, at(0)), paid(twice, at(0, 14)), paid(back, at(0), ref="r1"),
            Line("returned", back.net, at(0, 15), "", "r1"), paid(mine_back, at(0)), paid(on_its_way, at(0)),
            Line("paid", 77, at(0), "unknown", "r2"),
        )  # fmt: skip
        again, stranger = BilledLine.objects.get(at=at(0, 14)).id, BilledLine.objects.get(serial="unknown").id
        assert tasks() == {
            ("missing", gone.id): (gone.net, 0),
            ("amount", other.id): (other.net, 99_00),
            ("extra", again): (0, twice.net),
            ("came_back", back.id): (back.net, 0),
            ("not_back", mine_back.id): (0, mine_back.net),
            ("unconfirmed", on_its_way.id): (0, on_its_way.net),
            ("extra", stranger): (0, 77),
        }
        rows, count, total = bridge("manual", str(ZONE), DAY, LATER)
        assert (count, total) == (7, row(0).billed - row(0).books)
        assert {kind for *_, kind, _ in rows} == {
            "missing",
            "amount",
            "extra",
            "came_back",
            "not_back",
            "unconfirmed",
        }
        assert OutboxEvent.objects.get(kind="reconciliation.differs").subjects == sorted(
            Difference.objects.values_list("id", flat=True)
        )


def test_around_midnight_a_payment_is_one(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        late = pay(promoter, 100_00, at(0, 23, 58))
        assert take(0) == 0
        assert (row(0).matched, row(0).waiting) == (0, 1)
        assert take(1, paid(late, at(1, 0, 1))) == 0
        assert (row(0).matched, row(0).waiting, row(1).payments, row(1).lines) == (1, 0, 0, 1)
        assert row(0).billed - row(0).books == late.net  # on its way around midnight
        assert row(1).billed == row(1).books
        # billed before midnight, confirmed after it
        early = pay(promoter, 100_00, at(2, 0, 5))
        assert take(1, paid(late, at(1, 0, 1)), paid(early, at(1, 23, 59))) == 0
        assert take(2) == 0
        assert tasks() == {}
        # nobody showed it at all
        never = pay(promoter, 100_00, at(3, 23))
        assert take(3) == 0
        assert take(4) == 1
        assert tasks() == {("missing", never.id): (never.net, 0)}
        # the bill mends itself, and the task goes with it
        assert take(3, paid(never, at(3, 23))) == 0
        assert Difference.objects.get().state == "resolved"
        # and back again
        assert take(3) == 1
        assert Difference.objects.get().state == "open"


def test_injected_differences_are_found_exactly(tenant: int, promoter: int) -> None:
    dice = random.Random(4)
    with tenant_scope(tenant):
        expected: dict[tuple[str, int], tuple[int, int]] = {}
        bills: dict[int, list[Line]] = {day: [] for day in range(5)}
        strange: list[tuple[Line, int]] = []
        for turn in range(48):
            day, hour = dice.randrange(0, 4), dice.randrange(24)
            what = dice.choice(
                [
                    "match",
                    "match",
                    "match",
                    "missing",
                    "amount",
                    "twice",
                    "came_back",
                    "stranger",
                    "next_day",
                    "sent",
                    "bounced",
                ]
            )
            amount = 100_00 + turn
            if what in ("sent", "bounced"):
                batch = send(promoter, amount, at(day, hour))
                (one,) = Withdrawal.objects.filter(batch_id=batch)
                if what == "bounced":  # paid, came back, and failed with us too: nothing differs
                    settle_by_hand(
                        batch_id=batch, paid=[], failed=[one.id], reason="户名不符", by=BEN, now=at(day, hour)
                    )
                    bills[day].append(Line("returned", one.net, at(day, hour, 5), serial_of(one.id)))
                else:
                    expected["unconfirmed", one.id] = (0, one.net)
                bills[day].append(paid(one, at(day, hour)))
                continue
            one = pay(promoter, amount, at(day, hour, 30))
            billed = day + 1 if what == "next_day" else day
            if what == "missing":
                expected["missing", one.id] = (one.net, 0)
            else:
                bills[billed].append(paid(one, at(billed, hour, 30), one.net + 1 if what == "amount" else None))
            if what == "amount":
                expected["amount", one.id] = (one.net, one.net + 1)
            if what == "twice":
                strange.append((paid(one, at(day, hour, 45)), day))
            if what == "came_back":
                expected["came_back", one.id] = (one.net, 0)
                bills[day + 1].append(Line("returned", one.net, at(day + 1, 20), serial_of(one.id)))
            if what == "stranger":
                strange.append((Line("paid", amount, at(day, hour), f"x{turn}"), day))
        for line, day in strange:
            bills[day].append(line)
        order = list(bills)
        dice.shuffle(order)
        for day in order:
            dice.shuffle(bills[day])
            take(day, *bills[day])
        for line, _ in strange:
            found = BilledLine.objects.get(serial=line.serial, at=line.at)
            expected["extra", found.id] = (0, line.amount)
        assert tasks() == expected
        assert len(Counter(kind for kind, _ in expected)) == 5
        for day in bills:
            rows, _, total = bridge("manual", str(ZONE), DAY + timedelta(days=day), LATER)
            assert total == row(day).billed - row(day).books == sum(item[2] for item in rows)  # type: ignore[misc]
        assert row(4).billed == -sum(
            line.amount if line.kind == "paid" else -line.amount for lines in bills.values() for line in lines
        )
        before = list(Difference.objects.order_by("id").values())
        assert reconcile(provider="manual", now=LATER) == []
        assert list(Difference.objects.order_by("id").values()) == before


def test_what_came_back_is_given_back_by_a_decision(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        one = pay(promoter, 1_000_00, at(0))
        take(0, paid(one, at(0), ref="r"), Line("returned", one.net, at(0, 20), "", "r"))
        task = Difference.objects.get()
        before = standing(promoter).available
        with pytest.raises(Refusal):
            decide_difference(identifier=task.id, decision="write_off", reason="no", by=BEN, now=LATER)
        proposed = decide_difference(identifier=task.id, decision="give_back", reason="户名不符", by=ANN, now=LATER)
        assert proposed.state == "proposed"  # the same person brought the bill
        with pytest.raises(Refusal, match="Somebody else"):
            confirm_decision(identifier=task.id, agree=True, by=ANN, now=LATER)
        assert confirm_decision(identifier=task.id, agree=True, by=BEN, now=LATER).state == "settled"
        assert standing(promoter).available == before + 1_000_00
        assert Withdrawal.objects.get(id=one.id).state == "returned"
        assert tasks() == {}
    hold_invariants(tenant)


def test_cash_is_written_off_by_two(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        enter_cash(
            provider="manual",
            kind="opening",
            amount=1_000_00,
            day=DAY,
            reason="网银余额",
            key=new_id(),
            by=ANN,
            now=NOW,
        )
        take(0, Line("paid", 77, at(0), "unknown"), balance=1_000_00 - 77)
        assert (row(0).books, row(0).billed, row(0).rest) == (1_000_00, 999_23, 0)
        task = Difference.objects.get()
        assert (
            decide_difference(identifier=task.id, decision="write_off", reason="测试付款", by=ANN, now=LATER).state
            == "proposed"
        )
        assert row(0).books == 1_000_00
        with pytest.raises(Refusal, match="Somebody else"):
            confirm_decision(identifier=task.id, agree=True, by=ANN, now=LATER)
        confirm_decision(identifier=task.id, agree=True, by=BEN, now=LATER)
        assert (row(0).books, row(0).billed, row(0).rest) == (999_23, 999_23, 0)
        with pytest.raises(Refusal, match="meanwhile"):
            confirm_decision(identifier=task.id, agree=True, by=BEN, now=LATER)
        reconcile(provider="manual", now=LATER)
        assert Difference.objects.get().state == "settled"
        assert all(found.differences == 0 for found in cash_findings())
    hold_invariants(tenant)


def test_explained_stays_explained_and_a_rest_is_shown(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        take(0, Line("paid", 77, at(0), "unknown"), balance=-100)
        (task,) = Difference.objects.all()
        with pytest.raises(Refusal):
            explain_differences(identifiers=[task.id], reason=" ", by=ANN, now=LATER)
        assert explain_differences(identifiers=[task.id], reason="办公用品", by=ANN, now=LATER) == 1
        reconcile(provider="manual", now=LATER)
        assert Difference.objects.get().state == "explained"
        assert row(0).rest == -23
        ((_, line, amount, identifier, _, state),) = bridge("manual", str(ZONE), DAY, LATER)[0]
        assert (line, amount, identifier, state) == (task.line_id, -77, task.id, "explained")


def test_what_is_paid_after_the_bills_day_does_not_disturb_the_balance(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        one = pay(promoter, 100_00, at(0))
        two = pay(promoter, 100_00, at(1, 8))  # after the day, before the balance was asked for
        take(0, Line("deposit", 1_000_00, at(0, 1)), paid(one, at(0)), balance=1_000_00 - one.net - two.net)
        assert row(0).rest == 0


def test_what_was_entered_by_hand_gives_way_to_the_bill(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        key = new_id()
        for _ in range(2):
            enter_cash(
                provider="manual", kind="deposit", amount=50_00, day=DAY, reason="转账", key=key, by=ANN, now=NOW
            )
        assert sum(move.amount for move in CashMove.objects.all()) == 50_00
        take(0, Line("deposit", 50_00, at(0, 9)), balance=50_00)
        assert (row(0).books, row(0).rest) == (50_00, 0)
        with pytest.raises(Refusal) as refused:
            enter_cash(provider="manual", kind="fee", amount=1, day=DAY, reason="手续费", key=new_id(), by=ANN, now=NOW)
        assert refused.value.code == "bill_says"
        take(0)
        assert row(0).books == 0
        assert all(found.differences == 0 for found in cash_findings())
    hold_invariants(tenant)


def statement(*rows: str, head: str = "交易日期,交易时间,借方金额,贷方金额,余额,摘要,流水号") -> bytes:
    return "\r\n".join(("某某银行 账户明细", "", head, *rows, "合计,,,,,,")).encode("gb18030")


def test_a_statement_counts_nothing_twice(tenant: int, promoter: int) -> None:
    with tenant_scope(tenant):
        one, two = pay(promoter, 100_00, at(0)), pay(promoter, 300_00, at(1))
        rows = (
            "2026-06-10,08:00:00,,\"5,000.00\",5000.00,转入,1",
            f"2026-06-10,12:00:00,100.00,,4900.00,佣金 {outside('wdr', one.id)},2",
            "2026/06/10,13:00:00,2.00,,4898.00,网银手续费,3",
            f"20260611,12:00:00,300.00,,4598.00,佣金 {outside('wdr', two.id)},4",
        )  # fmt: skip
        first = upload_statement(provider="manual", content=statement(*rows[:3]), by=ANN, now=LATER)
        assert not isinstance(first, list)
        assert (first.fresh, first.opened) == (3, 0)
        newest_first = statement(*reversed(rows))
        second = upload_statement(provider="manual", content=newest_first, by=ANN, now=LATER)
        assert not isinstance(second, list)
        assert (second.fresh, second.again, second.opened) == (1, False, 0)
        counts = [model.objects.count() for model in (Bill, BilledLine, CashMove)]
        third = upload_statement(provider="manual", content=newest_first, by=BEN, now=LATER)
        assert not isinstance(third, list)
        assert (third.again, third.fresh) == (True, 0)
        assert [model.objects.count() for model in (Bill, BilledLine, CashMove)] == counts
        assert [(row(n).books, row(n).balance, row(n).rest) for n in (0, 1)] == [
            (4898_00, 4898_00, 0),
            (4598_00, 4598_00, 0),
        ]
        with pytest.raises(Refusal) as refused:
            upload_statement(provider="manual", content=statement(*rows), since=DAY, until=DAY, by=ANN, now=LATER)
        assert refused.value.code == "days_too_few"
        with pytest.raises(Refusal) as refused:
            upload_statement(provider="manual", content=statement(*rows), by=ANN, now=NOW)
        assert refused.value.code == "day_not_over"
    hold_invariants(tenant)
