from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from rongshu.domain.commission.notices.models import CANCELLED, CHANGE, PlanNotice, RulesPage
from rongshu.domain.commission.plans.queries import versions
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import invalid
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import current_tenant

LONGEST = 4000


def tell_of_versions(*, published: Sequence[int], at: datetime) -> None:
    """Notices that versions were published; the first of all changes nothing for anybody, one withdrawn meanwhile neither."""
    following = {one.id for one in versions().versions[1:]}
    _tell([one for one in published if one in following], CHANGE, at)


def tell_of_withdrawals(*, withdrawn: Sequence[int], at: datetime) -> None:
    """Notices that announced versions will not come; one that was not announced is not called off."""
    _tell(
        PlanNotice.objects.filter(version_id__in=list(withdrawn), kind=CHANGE).values_list("version_id", flat=True),
        CANCELLED,
        at,
    )


def _tell(subjects: Iterable[int], kind: int, at: datetime) -> None:
    if rows := [
        PlanNotice(tenant_id=current_tenant(), id=new_id(), version_id=one, kind=kind, at=at) for one in subjects
    ]:
        PlanNotice.objects.bulk_create(rows, ignore_conflicts=True)


def mark_seen(*, notice_id: int, promoter_id: int, now: datetime) -> None:
    """Notes that a promoter has opened a notice; opening it again changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO commission_plan_notice_seen (tenant_id, notice_id, promoter_id, at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            [current_tenant(), notice_id, promoter_id, now],
        )


def keep_rules_page(*, contact: str, tax: str, leaving: str, more: str, by: Actor, now: datetime) -> RulesPage:
    """What the tenant adds to its public rules page, in its own words. Raises `invalid` beyond 4,000 characters a field."""
    given = {"contact": contact, "tax": tax, "leaving": leaving, "more": more}
    for name, text in given.items():
        if len(text) > LONGEST:
            raise invalid("text_too_long", "A text has at most 4,000 characters.", at=name)
    kept = {name: text.strip() for name, text in given.items()}
    page, _made = RulesPage.objects.update_or_create(
        tenant_id=current_tenant(), defaults={**kept, "updated_at": now, "actor": str(by)}
    )
    record("rules_page.kept", subject="rules", by=by, now=now)
    return page  # type: ignore[no-any-return]
