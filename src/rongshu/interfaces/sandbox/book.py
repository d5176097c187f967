"""What the stand-in knows: transfers, the merchant's balance at each provider, every movement, faults that wait. Amounts in fen."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
FAULTS = (
    "accepted_then_silent", "silent", "server_error", "wrong_signature", "balance_low", "unknown_code", "name_mismatch",
    "account_closed", "told_twice", "told_wrongly_signed", "not_told", "stays_under_way", "fails_later",
)  # fmt: skip
"""accepted_then_silent: taken in, then no answer. silent: not taken in, no answer. Each is used up by one transfer."""
CLOSES_AFTER = timedelta(hours=24)


@dataclass
class Transfer:
    """One transfer under the merchant's number."""

    provider: str
    number: str
    ref: str
    account: str
    name: str
    amount: int
    at: datetime
    state: str
    """waiting (for the payee), going, paid, failed, closed"""
    reason: str = ""
    package: str = ""
    notify: str = ""
    times_told: int = 1
    wrongly_signed: bool = False
    changed: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Movement:
    """Money that moved; `amount` below 0 leaves the merchant."""

    provider: str
    number: str
    ref: str
    kind: str
    amount: int
    at: datetime


class Book:
    """The one book of a stand-in. Safe for its threads."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.lock = threading.RLock()
        self.transfers: dict[tuple[str, str], Transfer] = {}
        self.movements: list[Movement] = []
        self.balances = {"wechat": 0, "alipay": 0}
        self.faults: dict[str, deque[str]] = {"wechat": deque(), "alipay": deque()}
        self.calls: list[tuple[str, str, str]] = []
        """Provider, what was called, number: what the merchant's side did."""
        self.ahead = timedelta()
        self._clock = clock
        self._count = 0
        self.confirm_at_once = False

    def now(self) -> datetime:
        return self._clock() + self.ahead

    def deposit(self, provider: str, amount: int) -> None:
        with self.lock:
            self.balances[provider] += amount
            self.movements.append(Movement(provider, "", self.number(), "deposit", amount, self.now()))

    def fault(self, provider: str) -> str:
        """The fault for the next transfer, used up; empty for none."""
        with self.lock:
            return self.faults[provider].popleft() if self.faults[provider] else ""

    def put_fault(self, provider: str, *names: str) -> None:
        unknown = [name for name in names if name and name not in FAULTS]
        if unknown or provider not in self.faults:
            raise ValueError(f"no such fault: {', '.join(unknown) or provider}")
        with self.lock:
            self.faults[provider].extend(names)

    def number(self) -> str:
        self._count += 1
        return f"{self.now().astimezone(CHINA):%Y%m%d%H%M%S}{self._count:010d}"

    def find(self, provider: str, number: str) -> Transfer | None:
        with self.lock:
            self.close_old()
            return self.transfers.get((provider, number))

    def take(self, transfer: Transfer) -> Transfer:
        """Takes a transfer in: its money is set aside."""
        with self.lock:
            self.balances[transfer.provider] -= transfer.amount
            self.transfers[transfer.provider, transfer.number] = transfer
            return transfer

    def pay(self, transfer: Transfer) -> None:
        with self.lock:
            if transfer.state in ("waiting", "going"):
                transfer.state, transfer.changed = "paid", self.now()
                self.movements.append(
                    Movement(transfer.provider, transfer.number, transfer.ref, "paid", -transfer.amount, self.now())
                )

    def fail(self, transfer: Transfer, reason: str, state: str = "failed") -> None:
        with self.lock:
            if transfer.state in ("waiting", "going"):
                transfer.state, transfer.reason, transfer.changed = state, reason, self.now()
                self.balances[transfer.provider] += transfer.amount

    def send_back(self, transfer: Transfer) -> None:
        """A paid one comes back later, as a closed account's does."""
        with self.lock:
            if transfer.state == "paid":
                transfer.state, transfer.reason, transfer.changed = "returned", "REFUND", self.now()
                self.balances[transfer.provider] += transfer.amount
                self.movements.append(
                    Movement(transfer.provider, transfer.number, transfer.ref, "returned", transfer.amount, self.now())
                )

    def close_old(self) -> list[Transfer]:
        """Closes what its payee has not confirmed in time; which."""
        with self.lock:
            old = [
                one for one in self.transfers.values() if one.state == "waiting" and one.at + CLOSES_AFTER <= self.now()
            ]
            for one in old:
                self.fail(one, "OVERDUE_CLOSE")
            return old

    def paid_to(self, account: str) -> int:
        """What an account received in all."""
        with self.lock:
            accounts = {(one.provider, one.number): one.account for one in self.transfers.values()}
            return -sum(
                move.amount
                for move in self.movements
                if move.number and accounts.get((move.provider, move.number)) == account
            )

    def of_day(self, provider: str, day: str) -> list[Movement]:
        """Movements of a day of China, `2026-06-10`."""
        with self.lock:
            return [
                move
                for move in self.movements
                if move.provider == provider and f"{move.at.astimezone(CHINA):%Y-%m-%d}" == day
            ]
