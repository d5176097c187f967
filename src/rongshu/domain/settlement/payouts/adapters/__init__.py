"""How money leaves, one module a provider. Each says what its file or call looks like and reads what came back.

`Provider` is the shape of those that are called over the network: WeChat Pay, Alipay. They know no tenant, no table and no
transaction: they are given credentials and payments, and say what became of them. What is paid as a file (`bank_file`,
`bank_iso20022`) or by hand needs no provider.

The serial of a payment is the key the provider counts by: the same serial is never paid twice. It is made from the
withdrawal's id, stored before the first call, and never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from rongshu.kernel.ids import inside, outside

CALLED = ("wechat", "alipay")
"""Providers that are called; each pays accounts of its own kind only."""

Became = Literal["paid", "failed", "under_way", "to_confirm", "later", "absent", "unknown"]
"""What became of a payment.

paid: the money has arrived. failed: it never will under this serial. under_way: taken in, not yet decided. to_confirm: the
payee has to confirm. later: refused for now, nothing was taken in; the same serial may be given again (balance too low, too
many calls). absent: the provider does not know the serial. unknown: no answer to be trusted; ask.
"""


@dataclass(frozen=True, slots=True)
class Pay:
    """One payment as a provider needs it; `amount` in minor units, `account` what the payee gave (openid, login, card)."""

    serial: str
    amount: int
    name: str
    account: str
    bank: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider says of one payment; `code` is the provider's own word, `package` what the payee's confirmation needs."""

    serial: str
    became: Became
    ref: str = ""
    code: str = ""
    message: str = ""
    package: str = ""
    amount: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BillLine:
    """One movement on the provider's bill of a day; `amount` in minor units, above 0; `serial` is empty for what is not a payment's."""

    serial: str
    provider_ref: str
    kind: Literal["paid", "returned", "deposit", "fee"]
    amount: int
    at: datetime


class ProviderError(Exception):
    """A bill or a balance that could not be had: `code` is the provider's, or timeout, signature, unreadable."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code, self.message = code, message


class Provider(Protocol):
    """A provider that is called. `send` and `ask` never raise for what the network or the provider does: the answer says it."""

    def send(self, payments: Sequence[Pay]) -> list[Answer]:
        """Gives payments, one answer each, in their order. Giving the same serial again pays nothing twice."""
        ...

    def ask(self, serials: Sequence[str]) -> list[Answer]:
        """What became of payments, one answer each, in their order."""
        ...

    def bill(self, day: date) -> list[BillLine]:
        """Every movement of a day (the provider's, UTC+8). Raises `ProviderError`; a day without movements is an empty list."""
        ...

    def balance(self) -> int | None:
        """What may be paid out of now, in minor units; None where the provider does not say. Raises `ProviderError`."""
        ...


def serial_of(withdrawal_id: int) -> str:
    """The serial of a withdrawal's payment: letters and digits only, at most 32, as every provider takes it."""
    return outside("wdr", withdrawal_id).replace("_", "")


def withdrawal_of(serial: str) -> int | None:
    """The withdrawal a serial was made from, None for a foreign one. Takes the outside form of an id, too."""
    text = serial.strip()
    return inside("wdr", text if "_" in text else f"wdr_{text[3:]}") if text[:3] == "wdr" else None


__all__ = [
    "CALLED", "Answer", "Became", "BillLine", "Pay", "Provider", "ProviderError", "serial_of", "withdrawal_of",
]  # fmt: skip
