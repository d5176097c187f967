from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np
import orjson
from django.db import connection
from numpy.typing import NDArray

from rongshu.domain.commission.plans.models import PlanDraft, PlanVersion
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
    """Every published version of the tenant, by `effective_from`."""

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
    """The published versions of the active tenant. A process reads each once, for they never change."""
    known = known_in_turn()
    if known is not None and "versions" in known:
        return cast(Versions, known["versions"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM commission_planversion WHERE tenant_id = %s ORDER BY effective_from", [current_tenant()]
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
    """Has the present transaction read the versions again: it has just published one."""
    known = known_in_turn()
    if known is not None:
        known.pop("versions", None)


def version(number: int) -> PlanVersion:
    """A published version by its number. Raises `missing`."""
    found = PlanVersion.objects.filter(number=number).first()
    if found is None:
        raise missing("unknown_version", "There is no version %(number)s.", number=number)
    return found  # type: ignore[no-any-return]


def drafts() -> list[PlanDraft]:
    """The drafts, latest change first."""
    return list(PlanDraft.objects.order_by("-updated_at")[:50])
