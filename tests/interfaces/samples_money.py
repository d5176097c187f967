"""Sample pages about withdrawals, payouts and statements."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from rongshu.interfaces.console.pages import money as pages
from rongshu.interfaces.faces.parts import Cursor, Moment, Money, Person
from rongshu.interfaces.portal.pages import money as portal

NOW = datetime(2026, 11, 22, 11, 32, tzinfo=UTC)
LIN = Person("mem_7k2m", "林秀英", "13812345678")
CHEN = Person("mem_2c8d", "陈晓雯", "15022223333")


def _yuan(amount: float) -> Money:
    return Money(round(amount * 100), "CNY")


def _row(state: str, person: Person = LIN, amount: float = 1000.0, needed: int = 1) -> pages.WithdrawalRow:
    return pages.WithdrawalRow(
        id="wdr_0am6k61nr0200", person=person, amount=_yuan(amount), net=_yuan(amount * 0.96), state=state,
        asked_at=NOW - timedelta(hours=3), name="林**", account="中国工商银行 ****0000", kind="bank", approvals=0, needed=needed,
    )  # fmt: skip


def withdrawals(state: str = "asked") -> pages.Withdrawals:
    return pages.Withdrawals(
        state=state,
        totals=(
            pages.StateTotal("asked", 2, _yuan(9000)),
            pages.StateTotal("approved", 0, _yuan(0)),
            pages.StateTotal("sent", 1, _yuan(400)),
        ),
        rows=(_row(state), _row(state, CHEN, 8000, 2)),
        cursor=Cursor("z"),
        may_approve=True,
        may_send=True,
        may_set=True,
    )


def no_withdrawals() -> pages.Withdrawals:
    none = tuple(pages.StateTotal(code, 0, _yuan(0)) for code in ("asked", "approved", "sent"))
    return pages.Withdrawals("asked", none, (), Cursor(), may_approve=True, may_send=True, may_set=True)


def withdrawal() -> pages.WithdrawalPage:
    return pages.WithdrawalPage(
        row=_row("sent"),
        fee=_yuan(0),
        tax=_yuan(40),
        document="1****X",
        document_kind="cn_id",
        resident=True,
        bank="中国工商银行",
        agreement="1",
        papers_at=NOW - timedelta(days=20),
        batch="bat_0am6k74jr0200",
        steps=(
            Moment(NOW - timedelta(hours=3), "已申请", "林秀英"),
            Moment(NOW - timedelta(hours=2), "已审批", "何静"),
            Moment(NOW - timedelta(hours=1), "打款中", "周会计"),
        ),
        taxes=(pages.TaxRow("劳务报酬（按月）", _yuan(1000), _yuan(40), "0 + 100000", "2026-11"),),
        may_refuse=True,
        may_approve=True,
        may_see=True,
    )


def money_rules() -> pages.MoneyRules:
    return pages.MoneyRules(
        values={
            "minimum": "1.00", "maximum": "5000.00", "per_day": "1", "per_month": "0", "fee": "0.5000", "fee_fixed": "0.00",
            "at_once_below": "0.00", "two_from": "5000.00", "agreement": "1",
            "undo_minutes": "30", "threshold": "10.00", "cycle_wait_days": "1", "cycle_weekday": "0", "cycle_monthday": "15",
        },
        weekdays=(0, 1, 2, 3, 4),
        working_weekdays=(0, 1, 2, 3, 4),
        cycle="monthly",
        tax="labour",
        two_people=True,
        days=tuple((day, date(2026, 6, 1 + day)) for day in range(7)),
        may_set=True,
        problem="最高金额低于最低金额。",
        at="maximum",
        history=((NOW - timedelta(days=30), "何静"),),
    )  # fmt: skip


def withdraw(*, asked: bool = True) -> portal.Withdraw:
    steps = (
        Moment(NOW - timedelta(hours=3), "已申请"),
        Moment(NOW - timedelta(hours=1), "驳回", "姓名不符", tone="loss"),
    )
    return portal.Withdraw(
        available=_yuan(2486.5),
        least=_yuan(1),
        most=_yuan(5000),
        account="中国工商银行 ****0000",
        agreed=True,
        asked="1000" if asked else "",
        key="wdr_0am6k61nr0200",
        arrives=portal.Arrives(_yuan(1000), _yuan(5), _yuan(39), _yuan(956)) if asked else None,
        problem="" if asked else "今天的提现次数已用完，请明天再试。",
        rows=tuple(
            portal.Mine(
                "wdr_1", _yuan(800), _yuan(4), _yuan(0), _yuan(796), state, NOW, "****0000", steps, state == "asked"
            )
            for state in ("asked", "sent", "confirmed", "refused")
        )
        + (
            portal.Mine(
                "wdr_2",
                _yuan(960),
                _yuan(0),
                _yuan(38),
                _yuan(922),
                "sent",
                NOW,
                "oABC****X012",
                steps[:1],
                False,
                portal.Confirmation("1900000109", "wx1234", "cGFja2FnZQ==", NOW + timedelta(hours=20)),
            ),
        ),
        cursor=Cursor("z"),
    )


def papers() -> portal.GivePapers:
    return portal.GivePapers(
        name="林秀英", document="110105194912310021", account="6222020000000000000", bank="中国工商银行", agreement="1",
        problem="身份证号有误：某一位不对。", at="document", given="林** · 1****X · 中国工商银行 ****0000",
    )  # fmt: skip


CONSOLE = {
    "withdrawals": (withdrawals, "money"), "withdrawals_approved": (lambda: withdrawals("approved"), "money"),
    "no_withdrawals": (no_withdrawals, "money"), "withdrawal": (withdrawal, "money"),
    "money_rules": (money_rules, "money"),
}  # fmt: skip
PORTAL = {
    "withdraw": (withdraw, "home"), "withdraw_refused": (lambda: withdraw(asked=False), "home"), "papers": (papers, "home"),
}  # fmt: skip
