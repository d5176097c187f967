"""What is told by the day: after the tenant's quiet morning, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

from django.db import connection

from rongshu.domain.commission.rerating.models import PREVIEWED, Rerating
from rongshu.domain.marketing.messages.actions import tell
from rongshu.domain.marketing.messages.models import Digest
from rongshu.domain.marketing.messages.telling import tell_of_rerating, tell_team
from rongshu.domain.settlement.policies.queries import policy
from rongshu.kernel import ids
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.books import Book

HOUR = 9
"""The hour of the tenant's day from which digests are told."""
_BEFORE = 3_600_000
"""Milliseconds a journal's id may be older than what it says it happened at."""


def tell_digests(*, now: datetime) -> int:
    """Tells what is due today and was not told yet; how many messages. Idle before nine in the morning."""
    zone = house().zone
    local = now.astimezone(zone)
    if local.hour < HOUR:
        return 0
    today, told = local.date(), 0
    numbers = {
        "commission.released": today.toordinal(),
        "team.withdrawals": today.toordinal(),
        "papers.waiting": today.year * 12 + today.month,
    }
    done = set(Digest.objects.filter(day__in=set(numbers.values())).values_list("kind", "day"))
    for kind, number in numbers.items():
        if (kind, number) not in done and _claimed(kind, number, now):
            told += _TELL[kind](number, today, now)
    for one in Rerating.objects.filter(state=PREVIEWED, stale=False, changed__gt=0).exclude(preview_id=0)[:20]:
        told += _waiting_rerating(one, now)
    return told


def _claimed(kind: str, number: int, now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO marketing_digest (tenant_id, kind, day, at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [current_tenant(), kind, number, now],
        )
        return bool(cursor.rowcount == 1)


def _waiting_rerating(one: Rerating, now: datetime) -> int:
    return tell_of_rerating(preview=one.preview_id, orders=one.changed, at=now)


def _released(number: int, today: date, now: datetime) -> int:
    """Yesterday's releases, one sum a promoter."""
    zone, day = house().zone, today - timedelta(days=1)
    since, until = (datetime.combine(one, time(), zone) for one in (day, today))
    first = ids.least_at(int(since.timestamp() * 1000) - _BEFORE)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cr_owner, sum(amount)::bigint FROM ledger_transfer WHERE tenant_id = %s AND journal >= %s AND dr_book = %s "
            "AND cr_book = %s AND cr_owner > 0 AND at >= %s AND at < %s GROUP BY 1",
            [current_tenant(), first, Book.PENDING, Book.AVAILABLE, since, until],
        )
        rows = cursor.fetchall()
    return tell(
        kind="commission.released",
        recipients=[row[0] for row in rows],
        about=[number] * len(rows),
        data=[{"amount": row[1], "day": day.isoformat()} for row in rows],
        at=now,
    )


def _withdrawals(number: int, today: date, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(amount), 0)::bigint, min(asked_at) FROM settlement_withdrawal WHERE tenant_id = %s AND state = 'asked'",
            [current_tenant()],
        )
        count, amount, oldest = cursor.fetchone()
    if not count:
        return 0
    day = oldest.astimezone(house().zone).date().isoformat()
    return tell_team(kind="team.withdrawals", about=number, data={"count": count, "amount": amount, "day": day}, at=now)


def _papers(number: int, today: date, now: datetime) -> int:
    """Once a month: whoever could withdraw and has given no papers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.owner, b.amount FROM ledger_balance b JOIN referral_promoter p ON p.tenant_id = b.tenant_id AND p.id = b.owner "
            "WHERE b.tenant_id = %s AND b.book = %s AND b.amount >= %s "
            "AND NOT EXISTS (SELECT 1 FROM settlement_payee y WHERE y.tenant_id = b.tenant_id AND y.promoter_id = b.owner)",
            [current_tenant(), Book.AVAILABLE, max(policy().minimum, 1)],
        )
        rows = cursor.fetchall()
    return tell(
        kind="papers.waiting",
        recipients=[row[0] for row in rows],
        about=[number] * len(rows),
        data=[{"amount": row[1]} for row in rows],
        at=now,
    )


_TELL: Mapping[str, Callable[[int, date, datetime], int]] = {
    "commission.released": _released,
    "team.withdrawals": _withdrawals,
    "papers.waiting": _papers,
}
