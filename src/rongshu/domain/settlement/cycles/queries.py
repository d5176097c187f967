from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Sum

from rongshu.domain.settlement.cycles.models import LeftOut, SettlementRun
from rongshu.domain.settlement.withdrawals.models import Withdrawal
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.scope import current_tenant


def run(identifier: int) -> SettlementRun:
    """One run. Raises `missing`."""
    found = SettlementRun.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_run", "There is no such run.")
    return found  # type: ignore[no-any-return]


def runs(*, after: int | None = None, limit: int = 50) -> list[SettlementRun]:
    """Runs, latest first; `after` is the id of the page before's last."""
    rows = SettlementRun.objects.all() if after is None else SettlementRun.objects.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def withdrawals_of_run(run_id: int, *, after: int | None = None, limit: int = 50) -> list[Withdrawal]:
    """What a run asked for, in the order of the promoters; `after` is the promoter of the page before's last."""
    rows = Withdrawal.objects.filter(run_id=run_id)
    if after is not None:
        rows = rows.filter(promoter_id__gt=after)
    return list(rows.order_by("promoter_id")[:limit])


def states_of_run(run_id: int) -> dict[str, tuple[int, int]]:
    """How many of a run's withdrawals stand in each state, and their sum."""
    rows = Withdrawal.objects.filter(run_id=run_id).values("state").annotate(n=Count("id"), total=Sum("amount"))
    return {row["state"]: (row["n"], row["total"]) for row in rows}


def waiting_for(run_id: int, actor: str, member_id: int | None, limit: int) -> list[int]:
    """Withdrawals of a run that wait for an approval this person (`member_id`: the member they are) may give and has not given yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.id FROM settlement_withdrawal w WHERE w.tenant_id = %s AND w.run_id = %s AND w.state = 'asked' "
            "AND NOT EXISTS (SELECT 1 FROM settlement_step s WHERE s.tenant_id = w.tenant_id AND s.withdrawal_id = w.id "
            " AND s.state = 'approved' AND s.actor = %s) AND w.promoter_id <> %s ORDER BY w.id LIMIT %s",
            [current_tenant(), run_id, actor, member_id or 0, limit],
        )
        return [row[0] for row in cursor.fetchall()]


def batches_of_run(run_id: int) -> list[int]:
    """The batches a run's withdrawals went into, latest first."""
    rows = Withdrawal.objects.filter(run_id=run_id, batch_id__isnull=False).order_by("-batch_id")
    return list(rows.values_list("batch_id", flat=True).distinct()[:50])


@dataclass(frozen=True, slots=True)
class LeftTotal:
    """Who was left out for one reason: how many, and what they have available."""

    why: str
    promoters: int
    amount: int


def left_out_totals(run_id: int) -> list[LeftTotal]:
    """Who was left out of a run, by reason, most first."""
    rows = LeftOut.objects.filter(run_id=run_id).values("why").annotate(n=Count("promoter_id"), total=Sum("amount"))
    return [LeftTotal(row["why"], row["n"], row["total"]) for row in rows.order_by("-n", "why")]


def left_out(run_id: int, why: str, *, after: int | None = None, limit: int = 50) -> list[LeftOut]:
    """Who was left out of a run for one reason, in the order of their ids."""
    rows = LeftOut.objects.filter(run_id=run_id, why=why)
    if after is not None:
        rows = rows.filter(promoter_id__gt=after)
    return list(rows.order_by("promoter_id")[:limit])
