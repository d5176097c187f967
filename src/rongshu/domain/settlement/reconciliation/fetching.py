"""Bills of providers that are called, fetched day by day. No transaction is open while the network is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

import structlog
from django.db.models import Max, Min

from rongshu.domain.settlement.payouts.adapters import BillLine, Provider, ProviderError
from rongshu.domain.settlement.payouts.models import ProviderPayment
from rongshu.domain.settlement.payouts.settings import provider_of, provider_settings
from rongshu.domain.settlement.reconciliation.actions import take_bill
from rongshu.domain.settlement.reconciliation.lines import Line
from rongshu.domain.settlement.reconciliation.models import FETCHED, Bill
from rongshu.kernel.actor import WORKER
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope

log = structlog.get_logger(__name__)

CHINA = timezone(timedelta(hours=8))
"""The day of a provider's bill is a day of this zone."""
READY = timedelta(hours=10)
"""How long after a day's end its bill can be had: from ten in the morning."""
AT_ONCE = 7
"""Days fetched of a provider in one go."""


@dataclass(frozen=True, slots=True)
class Due:
    """A provider and the days of it whose bills are due, oldest first; `last` is the latest day there can be a bill of."""

    name: str
    provider: Provider
    days: Sequence[date]
    last: date


def bills_due(now: datetime) -> list[Due]:
    """What is to be fetched of the active tenant: from the day after the last bill, at first from the first payment's day."""
    last = ((now - READY).astimezone(CHINA) - timedelta(days=1)).date()
    fetched = dict(Bill.objects.filter(source=FETCHED).values_list("provider").annotate(day=Max("since")))
    began = dict(ProviderPayment.objects.exclude(called_at=None).values_list("provider").annotate(at=Min("called_at")))
    due = []
    for name in sorted(provider_settings()):
        if name in fetched:
            first = fetched[name] + timedelta(days=1)
        elif name in began:
            first = began[name].astimezone(CHINA).date()
        else:
            continue
        days = [first + timedelta(days=number) for number in range(min((last - first).days + 1, AT_ONCE))]
        if not days:
            continue
        try:
            due.append(Due(name, provider_of(name), days, last))
        except Refusal:
            continue
    return due


def fetch_bills(tenant: int, *, now: datetime, clock: Callable[[], datetime] | None = None) -> int:
    """Fetches and reconciles the bills that are due of a tenant; how many days. Opens its own transactions: call it outside any.

    A bill that cannot be had is tried again the next time, and the days after it wait for it.
    """
    then = clock or (lambda: now)
    with tenant_scope(tenant):
        wanted = bills_due(now)
    taken = 0
    for one in wanted:
        for day in one.days:
            try:
                lines = one.provider.bill(day)
                balance = one.provider.balance() if day == one.last else None
            except ProviderError as error:
                log.warning("a bill could not be had", provider=one.name, day=str(day), code=error.code)
                break
            with tenant_scope(tenant):
                take_bill(
                    provider=one.name, day=day, lines=[_line(line) for line in lines], balance=balance, balance_at=then(),
                    by=WORKER, now=then(),
                )  # fmt: skip
            taken += 1
    return taken


def _line(line: BillLine) -> Line:
    return Line(line.kind, line.amount, line.at, line.serial, line.provider_ref)


__all__ = ["bills_due", "fetch_bills"]
