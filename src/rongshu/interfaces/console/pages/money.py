"""Console pages of withdrawals and payouts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Moment, Money, Person


@dataclass(frozen=True, slots=True)
class WithdrawalRow:
    id: str
    person: Person
    amount: Money
    net: Money
    state: str
    asked_at: datetime
    name: str
    account: str
    kind: str
    approvals: int
    needed: int


@dataclass(frozen=True, slots=True)
class StateTotal:
    code: str
    count: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """The queue. What waits for approval first; approving and sending are done for those ticked."""

    template: ClassVar[str] = "console/withdrawals.html"
    states: ClassVar[tuple[str, ...]] = (
        "asked",
        "approved",
        "sent",
        "confirmed",
        "failed",
        "refused",
        "cancelled",
        "all",
    )
    state: str
    totals: tuple[StateTotal, ...]
    rows: tuple[WithdrawalRow, ...]
    cursor: Cursor
    may_approve: bool
    may_send: bool
    may_set: bool


@dataclass(frozen=True, slots=True)
class TaxRow:
    method: str
    gross: Money
    tax: Money
    basis: str
    month: str


@dataclass(frozen=True, slots=True)
class WithdrawalPage:
    """One withdrawal with all its steps; papers masked unless just revealed with a reason."""

    template: ClassVar[str] = "console/withdrawal.html"
    row: WithdrawalRow
    fee: Money
    tax: Money
    document: str
    document_kind: str
    resident: bool
    bank: str
    agreement: str
    papers_at: datetime
    batch: str
    steps: tuple[Moment, ...]
    taxes: tuple[TaxRow, ...]
    may_refuse: bool
    may_approve: bool
    may_see: bool
    revealed: tuple[tuple[str, str], ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class MoneyRules:
    """The rules for withdrawals as a form; amounts are decimals as typed."""

    template: ClassVar[str] = "console/money_rules.html"
    values: dict[str, str]
    weekdays: tuple[int, ...]
    tax: str
    two_people: bool
    vat: str = "off"
    cycle: str = "request"
    working_weekdays: tuple[int, ...] = ()
    days: tuple[tuple[int, date], ...] = ()
    """The days of a week, each with a date that falls on it: its name is the language's."""
    may_set: bool = False
    problem: str = ""
    at: str = ""
    history: tuple[tuple[datetime, str], ...] = field(default=())
