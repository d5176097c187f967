from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rongshu.domain.commission.notices.models import CANCELLED, CHANGE, PlanNotice, PlanNoticeSeen, RulesPage
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.engine.plan import Plan
from rongshu.kernel.errors import missing

FRESH = timedelta(days=30)
"""For how long a change that has begun, or was called off, is still news."""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice with what it is about. `before` is the plan in force until then; None for the first version."""

    id: int
    cancelled: bool
    at: datetime
    version: PlanVersion
    plan: Plan
    before: Plan | None


def news(*, now: datetime, joined_at: datetime) -> list[Told]:
    """The notices a promoter who joined then may still have to know of, the latest first.

    A version that began before they joined changed nothing for them; of a version withdrawn only the withdrawal is told.
    """
    rows = list(PlanNotice.objects.filter(at__gte=now - timedelta(days=400)).order_by("-at", "-id")[:50])
    called_off = {row.version_id for row in rows if row.kind == CANCELLED}
    rows = [row for row in rows if row.kind == CANCELLED or row.version_id not in called_off]
    return [one for one in _told(rows) if _still(one, now) and one.version.effective_from > joined_at]


def _still(one: Told, now: datetime) -> bool:
    since = one.at if one.cancelled else max(one.version.effective_from, one.at)
    return since > now - FRESH


def notice(identifier: int) -> Told:
    """A notice by its id. Raises `missing`."""
    row = PlanNotice.objects.filter(id=identifier).first()
    if row is None:
        raise missing("unknown_notice", "There is no such notice.")
    return _told([row])[0]


def _told(rows: Sequence[PlanNotice]) -> list[Told]:
    found = {one.id: one for one in PlanVersion.objects.filter(id__in=[row.version_id for row in rows])}
    known = versions().versions
    told = []
    for row in rows:
        about = found[row.version_id]
        before = [one for one in known if one.effective_from < about.effective_from]
        told.append(
            Told(
                row.id,
                row.kind == CANCELLED,
                row.at,
                about,
                plan_of(about),
                plan_of(before[-1]) if before else None,
            )
        )
    return told


def unseen(*, promoter_id: int, notices: Sequence[int]) -> set[int]:
    """Which of the notices a promoter has not opened."""
    seen = PlanNoticeSeen.objects.filter(promoter_id=promoter_id, notice_id__in=list(notices))
    return set(notices) - set(seen.values_list("notice_id", flat=True))


def seen_by(versions_: Sequence[int]) -> dict[int, int]:
    """By version id: how many promoters have opened the notice of its change; a version without a notice is left out."""
    rows = {row.id: row.version_id for row in PlanNotice.objects.filter(version_id__in=list(versions_), kind=CHANGE)}
    counted = dict.fromkeys(rows.values(), 0)
    for identifier, version_id in rows.items():  # a handful of scheduled versions at most
        counted[version_id] = PlanNoticeSeen.objects.filter(notice_id=identifier).count()
    return counted


def rules_page() -> RulesPage | None:
    """What the tenant adds to its rules page; None when it has added nothing yet."""
    return RulesPage.objects.first()
