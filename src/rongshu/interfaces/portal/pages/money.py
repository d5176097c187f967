"""Pages of the way of money out, as the promoter sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Moment, Money


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the payee's confirmation inside WeChat needs, and until when it can be given."""

    merchant: str
    app: str
    package: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Mine:
    """One of the reader's withdrawals; `steps` name no person but the reader."""

    id: str
    amount: Money
    fee: Money
    tax: Money
    net: Money
    state: str
    asked_at: datetime
    account: str
    steps: tuple[Moment, ...]
    may_cancel: bool
    confirm: Confirmation | None = None


@dataclass(frozen=True, slots=True)
class Arrives:
    """What would arrive of an amount."""

    amount: Money
    fee: Money
    tax: Money
    net: Money
    vat: Money | None = None
    """What may be due as VAT with its surcharges and is not withheld; None where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Asking for a withdrawal, and those asked for. Without `account` the papers come first."""

    template: ClassVar[str] = "portal/withdraw.html"
    part: ClassVar[str] = "portal/parts/withdrawals.html"
    available: Money
    least: Money
    most: Money | None
    account: str
    agreed: bool
    handled: date | None = None
    """When one asked for today is handled, should that not be today."""
    asked: str = ""
    key: str = ""
    arrives: Arrives | None = None
    problem: str = ""
    rows: tuple[Mine, ...] = ()
    cursor: Cursor = field(default_factory=Cursor)


@dataclass(frozen=True, slots=True)
class GivePapers:
    """Who the reader is by law, and where the money goes. Values come back as typed, except that they are never shown from storage."""

    template: ClassVar[str] = "portal/papers.html"
    places: ClassVar[tuple[str, ...]] = (
        "name",
        "document_kind",
        "document",
        "account_kind",
        "account",
        "bank",
        "agree",
    )
    """Fields a problem may stand beside; any other stands above the form."""
    name: str = ""
    document_kind: str = "cn_id"
    document: str = ""
    account_kind: str = "bank"
    account: str = ""
    bank: str = ""
    resident: bool = True
    agreement: str = ""
    problem: str = ""
    at: str = ""
    given: str = ""
    """How the present ones are shown; empty when there are none."""
    wechat: bool = False
    """Whether the reader's own WeChat can be paid to: it is known by the app the brand pays through."""
