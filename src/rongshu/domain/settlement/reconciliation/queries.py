from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, Min

from rongshu.domain.settlement.reconciliation.models import (
    FETCHED,
    OPEN,
    PROPOSED,
    Bill,
    BilledLine,
    CashMove,
    Difference,
    ReconciledDay,
)
from rongshu.domain.settlement.reconciliation.reckoning import bridge
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

WAITING = (OPEN, PROPOSED)


def days(*, before: date | None = None, limit: int = 31) -> tuple[list[ReconciledDay], date | None]:
    """Reconciled days of every provider, latest first: all rows of up to `limit` days before a day; and that day of the next page."""
    rows = ReconciledDay.objects.all() if before is None else ReconciledDay.objects.filter(day__lt=before)
    found = list(rows.order_by("-day").values_list("day", flat=True).distinct()[: limit + 1])
    if not found:
        return [], None
    shown = found[:limit]
    return list(rows.filter(day__gte=shown[-1]).order_by("-day", "provider")), shown[-1] if len(found) > limit else None


def reconciled_day(provider: str, day: date) -> ReconciledDay:
    """One day of a provider. Raises `missing`."""
    found = ReconciledDay.objects.filter(provider=provider, day=day).first()
    if found is None:
        raise missing("unknown_day", "No bill covers this day.")
    return found  # type: ignore[no-any-return]


def last_days() -> list[ReconciledDay]:
    """The last covered day of every provider."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT provider, max(day) FROM settlement_reconciled_day WHERE tenant_id = %s GROUP BY 1 ORDER BY 1",
            [current_tenant()],
        )
        last = cursor.fetchall()
    return [reconciled_day(provider, day) for provider, day in last]


def waiting_by_day(rows: Sequence[ReconciledDay]) -> dict[tuple[str, date], int]:
    """How many differences of some days wait for somebody."""
    found = (
        Difference.objects.filter(state__in=WAITING, day__in=[row.day for row in rows])
        .values("provider", "day")
        .annotate(n=Count("id"))
    )
    return {(one["provider"], one["day"]): one["n"] for one in found}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Differences that wait for somebody: how many, and since when the oldest."""

    count: int
    since: datetime | None


def waiting() -> Waiting:
    """What waits over all providers."""
    found = Difference.objects.filter(state__in=WAITING).aggregate(n=Count("id"), since=Min("opened_at"))
    return Waiting(found["n"], found["since"])


def differences(states: Sequence[str], *, after: int | None = None, limit: int = 50) -> list[Difference]:
    """Differences in some states, latest first; `after` is the id of the page before's last."""
    rows = Difference.objects.filter(state__in=list(states))
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def differences_of(provider: str, day: date, *, limit: int = 200) -> list[Difference]:
    """The differences of a day, those that wait first."""
    found = Difference.objects.filter(provider=provider, day=day).exclude(state="resolved").order_by("id")[:limit]
    return sorted(found, key=lambda one: one.state not in WAITING)


def difference(identifier: int) -> Difference:
    """One difference. Raises `missing`."""
    found = Difference.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_difference", "There is no such difference.")
    return found  # type: ignore[no-any-return]


def lines_about(one: Difference) -> list[BilledLine]:
    """The bills' lines that a difference rests on, oldest first."""
    rows = BilledLine.objects.filter(provider=one.provider, gone_at=None)
    if one.withdrawal_id is not None:
        rows = rows.filter(withdrawal_id=one.withdrawal_id)
    else:
        rows = rows.filter(id=one.line_id)
    return list(rows.order_by("at", "id")[:50])


def lines_by_id(identifiers: Sequence[int]) -> dict[int, BilledLine]:
    """Some lines of bills."""
    return {line.id: line for line in BilledLine.objects.filter(id__in=list(identifiers))}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that leads from the books' cash to the bills': a withdrawal or a line, what it comes to, and the difference it is known as."""

    withdrawal_id: int | None
    line_id: int | None
    amount: int
    difference_id: int | None
    kind: str
    """Of the difference; empty where it stands only on the other side of the day's end."""
    state: str


@dataclass(frozen=True, slots=True)
class Bridge:
    """What leads from the books' cash to the bills' at a day's end: the largest steps, how many there are, and their sum."""

    steps: Sequence[Step]
    count: int
    amount: int


def bridge_of(row: ReconciledDay, now: datetime) -> Bridge:
    """Why the books' cash is not the bills', at the end of a day."""
    if row.books == row.billed:
        return Bridge((), 0, 0)
    rows, count, amount = bridge(row.provider, str(house().zone), row.day, now)
    steps = [
        Step(withdrawal, line, step_amount, known, kind or "", state or "")
        for withdrawal, line, step_amount, known, kind, state in rows
    ]
    return Bridge(steps, count, amount)


def on_their_way(provider: str) -> tuple[int, int]:
    """Payments that were sent and are not decided yet, and what they come to: the provider may have taken it already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(w.amount - w.fee - w.tax), 0)::bigint FROM settlement_withdrawal w "
            "JOIN settlement_batch b ON b.tenant_id = w.tenant_id AND b.id = w.batch_id "
            "WHERE w.tenant_id = %s AND w.state = 'sent' AND b.provider = %s",
            [current_tenant(), provider],
        )
        count, amount = cursor.fetchone()
    return int(count), int(amount)


def cash_moves(provider: str, *, until: date, limit: int = 50) -> list[CashMove]:
    """What came to and left the money at a provider up to a day, besides payments; latest first."""
    return list(CashMove.objects.filter(provider=provider, day__lte=until).order_by("-day", "-id")[:limit])


def fetched_providers() -> set[str]:
    """The providers whose bills are fetched."""
    return set(Bill.objects.filter(source=FETCHED).values_list("provider", flat=True).distinct())
