"""Withdrawals and payouts, one module a page or two; each write is one call."""

from rongshu.interfaces.console.views.money.holidays import holidays
from rongshu.interfaces.console.views.money.payouts import file, listed, payout, payouts
from rongshu.interfaces.console.views.money.providers import providers
from rongshu.interfaces.console.views.money.queue import papers, withdrawal, withdrawals
from rongshu.interfaces.console.views.money.rules import rules
from rongshu.interfaces.console.views.money.runs import run, runs, stop
from rongshu.interfaces.console.views.money.tax import declaration

__all__ = [
    "declaration",
    "file",
    "holidays",
    "listed",
    "papers",
    "payout",
    "payouts",
    "providers",
    "rules",
    "run",
    "runs",
    "stop",
    "withdrawal",
    "withdrawals",
]
