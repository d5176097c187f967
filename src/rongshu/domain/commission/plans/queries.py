from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np
import orjson
from django.db import connection
from numpy.typing import NDArray

from rongshu.domain.commission.plans.models import PlanDraft, PlanVersion, PlanWithdrawal
from rongshu.engine.plan import Plan, read_plan
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.scope import current_tenant, known_in_turn


@lru_cache(maxsize=512)
def _parsed(document: bytes) -> Plan:
    return read_plan(document)


def plan_of(version: PlanVersion) -> Plan:
    """The plan of a published version; parsed once a process, for it never changes."""
    return _parsed(orjson.dumps(version.document))


@dataclass(frozen=True, slots=True)
class Versions:
    """The published versions of the tenant that count, by `effective_from`: without those withdrawn."""

    versions: tuple[PlanVersion, ...]

    def in_force(self, paid_at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which version (by position) was in force at each instant, -1 before the first."""
        starts = np.array([to_micros(version.effective_from) for version in self.versions], dtype=np.int64)
        return np.searchsorted(starts, paid_at, side="right").astype(np.int64) - 1

    @property
    def any_promoter_cap(self) -> bool:
        """Whether any version caps what a promoter may accrue."""
        return any(
            {"promoter_day", "promoter_month"} & (version.document.get("caps") or {}).keys()
            for version in self.versions
        )


_seen: dict[int, PlanVersion] = {}


def versions() -> Versions:
    """The published versions of the active tenant, without those withdrawn. A process reads each once, for they never change.

    Which of them count is asked anew in every transaction; while one has the tenant's turn nobody publishes or withdraws.
    """
    known = known_in_turn()
    if known is not None and "versions" in known:
        return cast(Versions, known["versions"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM commission_planversion v WHERE tenant_id = %s AND NOT EXISTS (SELECT 1 FROM "
            "commission_plan_withdrawal w WHERE w.tenant_id = v.tenant_id AND w.version_id = v.id) ORDER BY effective_from",
            [current_tenant()],
        )
        ids = [identifier for (identifier,) in cursor.fetchall()]
    if unseen := [identifier for identifier in ids if identifier not in _seen]:
        if len(_seen) > 5000:
            _seen.clear()
            unseen = ids
        _seen.update((each.id, each) for each in PlanVersion.objects.filter(id__in=unseen))
    found = Versions(tuple(_seen[identifier] for identifier in ids))
    if known is not None:
        known["versions"] = found
    return found


def forget_versions() -> None:
    """Has the present transaction read the versions again: it has just published or withdrawn one."""
    known = known_in_turn()
    if known is not None:
        known.pop("versions", None)


def version(number: int) -> PlanVersion:
    """A published version by its number. Raises `missing`."""
    found = PlanVersion.objects.filter(number=number).first()
    if found is None:
        raise missing("unknown_version", "There is no version %(number)s.", number=number)
    return found  # type: ignore[no-any-return]


def withdrawals() -> list[tuple[PlanVersion, PlanWithdrawal]]:
    """The versions withdrawn before they took effect, the latest number first."""
    gone = {row.version_id: row for row in PlanWithdrawal.objects.all()}
    return [(one, gone[one.id]) for one in PlanVersion.objects.filter(id__in=gone).order_by("-number")]


def withdrawal_of(version_id: int) -> PlanWithdrawal | None:
    """How a version was withdrawn; None for one that was not."""
    return PlanWithdrawal.objects.filter(version_id=version_id).first()


def draft(identifier: int) -> PlanDraft:
    """A draft by its id. Raises `missing`."""
    found = PlanDraft.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_draft", "There is no such draft.")
    return found  # type: ignore[no-any-return]


def drafts() -> list[PlanDraft]:
    """The drafts, latest change first."""
    return list(PlanDraft.objects.order_by("-updated_at")[:50])
