from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Sum

from rongshu.domain.settlement.withdrawals.models import CANCELLED, FAILED, REFUSED, TaxLine, Withdrawal, WithdrawalStep
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.scope import current_tenant


def withdrawal(identifier: int) -> Withdrawal:
    """One withdrawal. Raises `missing`."""
    found = Withdrawal.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_withdrawal", "There is no such withdrawal.")
    return found  # type: ignore[no-any-return]


def withdrawals_in(state: str, *, after: int | None = None, limit: int = 50, newest: bool = False) -> list[Withdrawal]:
    """Withdrawals in a state (`""` for any): the oldest first, as a queue is worked off, or the newest; `after` is the id of the page before's last."""
    rows = Withdrawal.objects.all() if not state else Withdrawal.objects.filter(state=state)
    if after is not None:
        rows = rows.filter(id__lt=after) if newest else rows.filter(id__gt=after)
    return list(rows.order_by("-id" if newest else "id")[:limit])


def withdrawals_of(promoter_id: int, *, after: int | None = None, limit: int = 50) -> list[Withdrawal]:
    """A promoter's withdrawals, latest first."""
    rows = Withdrawal.objects.filter(promoter_id=promoter_id)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def withdrawals_of_batch(batch_id: int) -> list[Withdrawal]:
    """What is in a batch, in the order of its lines."""
    return list(Withdrawal.objects.filter(batch_id=batch_id).order_by("id"))


def steps_of(identifiers: Sequence[int]) -> dict[int, list[WithdrawalStep]]:
    """What happened to some withdrawals, in order."""
    found: dict[int, list[WithdrawalStep]] = {identifier: [] for identifier in identifiers}
    for step in WithdrawalStep.objects.filter(withdrawal_id__in=list(identifiers)).order_by("withdrawal_id", "id"):
        found[step.withdrawal_id].append(step)
    return found


def totals_by_state() -> dict[str, tuple[int, int]]:
    """How many withdrawals stand in each state that waits for somebody, and their sum."""
    rows = Withdrawal.objects.filter(state__in=("asked", "approved", "sent")).values("state")
    return {row["state"]: (row["n"], row["total"]) for row in rows.annotate(n=Count("id"), total=Sum("amount"))}


def asked_since(promoter_id: int, day: datetime, month: datetime) -> tuple[int, int]:
    """How many withdrawals a promoter asked for since the day and the month began; those that came to nothing, and a run's, do not count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE asked_at >= %s), count(*) FROM settlement_withdrawal "
            "WHERE tenant_id = %s AND promoter_id = %s AND asked_at >= %s AND run_id IS NULL AND state <> ALL (%s)",
            [day, current_tenant(), promoter_id, min(day, month), [FAILED, REFUSED, CANCELLED]],
        )
        today, this_month = cursor.fetchone()
    return int(today), int(this_month)


def paid_to(document_hashes: Sequence[bytes], months: tuple[int, int]) -> dict[bytes, list[tuple[int, int, int]]]:
    """What some people were paid and had withheld in each month from `months[0]` to `months[1]`: (month, gross, tax)."""
    found: dict[bytes, list[tuple[int, int, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT document_hash, month, sum(gross)::bigint, sum(tax)::bigint FROM settlement_tax "
            "WHERE tenant_id = %s AND document_hash = ANY (%s) AND month BETWEEN %s AND %s GROUP BY 1, 2 ORDER BY 1, 2",
            [current_tenant(), list(document_hashes), *months],
        )
        for person, month, gross, tax in cursor.fetchall():
            found.setdefault(bytes(person), []).append((int(month), int(gross), int(tax)))
    return found


def tax_lines_of(identifiers: Sequence[int]) -> dict[int, list[TaxLine]]:
    """The tax lines of some withdrawals, in order."""
    found: dict[int, list[TaxLine]] = {}
    for line in TaxLine.objects.filter(withdrawal_id__in=list(identifiers)).order_by("id"):
        found.setdefault(line.withdrawal_id, []).append(line)
    return found


@dataclass(frozen=True, slots=True)
class Declared:
    """One person's month by one method: what was paid and withheld, minor units; `payee_id` are the papers of the last payment."""

    method: str
    payee_id: int
    gross: int
    tax: int
    payments: int


def declared(month: int) -> list[Declared]:
    """The month's tax declaration: one row a person, what was paid and withheld, by method. Months are year * 12 + month - 1."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.method, w.payee_id, sum(t.gross)::bigint, sum(t.tax)::bigint, count(DISTINCT t.withdrawal_id) "
            "FROM (SELECT document_hash, method, max(withdrawal_id) AS last FROM settlement_tax "
            " WHERE tenant_id = %s AND month = %s GROUP BY 1, 2) p "
            "JOIN settlement_withdrawal w ON w.tenant_id = %s AND w.id = p.last "
            "JOIN settlement_tax t ON t.tenant_id = %s AND t.document_hash = p.document_hash AND t.method = p.method AND t.month = %s "
            "GROUP BY t.method, w.payee_id, p.document_hash ORDER BY t.method, w.payee_id",
            [current_tenant(), month, current_tenant(), current_tenant(), month],
        )
        return [Declared(*row) for row in cursor.fetchall()]
