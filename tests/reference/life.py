"""What becomes of commissions after they were rated: pending, available, reserved and debt of every promoter.

One event at a time, each balance moved by hand. The caller says what an order earns whom; this page only follows the
money. Every event may arrive more than once, and before the event it depends on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tests.reference.commission import release_due, reversal


@dataclass
class Commission:
    order_id: str
    line_no: int
    beneficiary: str
    amount: int
    reversed: int = 0
    released: bool = False


@dataclass
class Account:
    pending: int = 0
    available: int = 0
    reserved: int = 0
    debt: int = 0
    """Never above 0."""
    paid_out: int = 0

    def earned(self) -> int:
        """All that was ever granted less all that was taken back, wherever it is now."""
        return self.pending + self.available + self.reserved + self.debt + self.paid_out


@dataclass
class KnownOrder:
    paid_at: datetime
    paid: dict[int, int]
    """What was paid for each line."""
    commissions: list[Commission]
    refunded: dict[int, int] = field(default_factory=dict)


@dataclass
class Life:
    """`plan` needs `currency` and `release`; `instant_permitted` is what the market's law says."""

    plan: dict
    instant_permitted: bool = False
    orders: dict[str, KnownOrder] = field(default_factory=dict)
    completed: dict[str, datetime] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    refunds_seen: set[tuple[str, str, int]] = field(default_factory=set)
    refunds_waiting: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    withdrawals: dict[str, tuple[str, int]] = field(default_factory=dict)
    withdrawals_ended: set[str] = field(default_factory=set)

    # ---- events

    def order_paid(
        self, order_id: str, paid_at: datetime, paid: Mapping[int, int], earned: list[tuple[int, str, int]]
    ) -> None:
        """`paid` by line number; `earned` lists (line number, beneficiary, amount after caps)."""
        if order_id in self.orders:
            return
        order = KnownOrder(paid_at, dict(paid), [])
        for line_no, beneficiary, amount in earned:
            order.commissions.append(Commission(order_id, line_no, beneficiary, amount))
            self.account(beneficiary).pending += amount
        self.orders[order_id] = order
        for line_no, amount in self.refunds_waiting.pop(order_id, []):
            self.apply_refund(order, line_no, amount)

    def order_completed(self, order_id: str, at: datetime) -> None:
        if order_id not in self.completed:
            self.completed[order_id] = at

    def refund(self, refund_id: str, order_id: str, amounts: Mapping[int, int]) -> None:
        """`amounts` by line number."""
        for line_no, amount in amounts.items():
            name = (refund_id, order_id, line_no)
            if name in self.refunds_seen:
                continue
            self.refunds_seen.add(name)
            if order_id in self.orders:
                self.apply_refund(self.orders[order_id], line_no, amount)
            else:
                self.refunds_waiting.setdefault(order_id, []).append((line_no, amount))

    def release(self, now: datetime) -> None:
        for order_id, order in self.orders.items():
            for commission in order.commissions:
                if commission.released:
                    continue
                due = release_due(
                    self.plan, order.paid_at, self.completed.get(order_id), commission.amount, self.instant_permitted
                )
                if due is not None and due <= now:
                    commission.released = True
                    rest = commission.amount - commission.reversed
                    account = self.account(commission.beneficiary)
                    account.pending -= rest
                    self.receive(account, rest)

    def withdraw(self, withdrawal_id: str, promoter: str, amount: int) -> bool:
        """Sets the amount aside; False, and nothing moves, when there is not that much."""
        if withdrawal_id in self.withdrawals:
            return True
        account = self.account(promoter)
        if amount <= 0 or amount > account.available:
            return False
        self.withdrawals[withdrawal_id] = (promoter, amount)
        account.available -= amount
        account.reserved += amount
        return True

    def withdrawal_paid(self, withdrawal_id: str) -> None:
        if withdrawal_id in self.withdrawals and withdrawal_id not in self.withdrawals_ended:
            self.withdrawals_ended.add(withdrawal_id)
            promoter, amount = self.withdrawals[withdrawal_id]
            account = self.account(promoter)
            account.reserved -= amount
            account.paid_out += amount

    def withdrawal_failed(self, withdrawal_id: str) -> None:
        """What comes back fills a debt first, like anything else that becomes available."""
        if withdrawal_id in self.withdrawals and withdrawal_id not in self.withdrawals_ended:
            self.withdrawals_ended.add(withdrawal_id)
            promoter, amount = self.withdrawals[withdrawal_id]
            account = self.account(promoter)
            account.reserved -= amount
            self.receive(account, amount)

    # ---- consequences

    def account(self, promoter: str) -> Account:
        return self.accounts.setdefault(promoter, Account())

    @staticmethod
    def receive(account: Account, amount: int) -> None:
        to_debt = min(amount, -account.debt)
        account.debt += to_debt
        account.available += amount - to_debt

    def apply_refund(self, order: KnownOrder, line_no: int, amount: int) -> None:
        if line_no not in order.paid:
            return
        order.refunded[line_no] = order.refunded.get(line_no, 0) + amount
        for commission in order.commissions:
            if commission.line_no != line_no:
                continue
            in_all = reversal(commission.amount, order.paid[line_no], order.refunded[line_no])
            now = in_all - commission.reversed
            commission.reversed = in_all
            account = self.account(commission.beneficiary)
            if not commission.released:
                account.pending -= now
            else:
                from_available = min(now, account.available)
                account.available -= from_available
                account.debt -= now - from_available
