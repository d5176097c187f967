"""Console pages of batches and of the providers they go through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.console.pages.money import WithdrawalRow
from rongshu.interfaces.faces.parts import Cursor, Money


@dataclass(frozen=True, slots=True)
class BatchRow:
    id: str
    provider: str
    state: str
    """made, sending, settled, undone"""
    withdrawals: int
    amount: Money
    tax: Money
    fee: Money
    net: Money
    made_at: datetime
    who: str
    sends_at: datetime | None = None
    taken_at: datetime | None = None
    settled_at: datetime | None = None
    undone_at: datetime | None = None
    undone_by: str = ""


@dataclass(frozen=True, slots=True)
class ProviderTotal:
    provider: str
    withdrawals: int
    net: Money


@dataclass(frozen=True, slots=True)
class Payouts:
    """Batches, latest first, and what is on its way by provider."""

    template: ClassVar[str] = "console/payouts.html"
    rows: tuple[BatchRow, ...]
    cursor: Cursor
    month: str
    totals: tuple[ProviderTotal, ...] = ()
    may_set: bool = False


@dataclass(frozen=True, slots=True)
class PaidRow:
    """One withdrawal of a batch with what its provider says of it; `state` is empty for a file or by hand."""

    row: WithdrawalRow
    state: str = ""
    words: str = ""
    code: str = ""
    serial: str = ""
    tries: int = 0
    heard_at: datetime | None = None
    may_end: bool = False


@dataclass(frozen=True, slots=True)
class Payout:
    """One batch: its file out and the bank's answer in, or called payment by payment, or paid by hand line by line."""

    template: ClassVar[str] = "console/payout.html"
    batch: BatchRow
    rows: tuple[PaidRow, ...]
    open: int
    may_send: bool
    minutes_left: int = 0
    """For how long it can be taken back; 0: not any more."""
    called: bool = False
    totals: tuple[tuple[str, int, Money], ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a provider's credentials; a secret shows only whether it is kept."""

    name: str
    text: str
    help: str
    value: str = ""
    secret: bool = False
    kept: bool = False
    long: bool = False
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class ProviderForm:
    provider: str
    entries: tuple[Entry, ...]
    set_at: datetime | None = None
    set_by: str = ""
    address: str = ""
    """Where it tells results; empty while the installation does not know its own address."""
    called: bool = True


@dataclass(frozen=True, slots=True)
class Providers:
    """What the tenant has of each provider."""

    template: ClassVar[str] = "console/providers.html"
    forms: tuple[ProviderForm, ...]
    may_set: bool
    problem: str = ""
