from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import orjson
from numpy.typing import NDArray

from rongshu.domain.commission.plans.models import PlanDraft, PlanVersion
from rongshu.engine.plan import Plan, read_plan
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import missing


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
        return any({"promoter_day", "promoter_month"} & (version.document.get("caps") or {}).keys() for version in self.versions)


def versions() -> Versions:
    """The published versions of the active tenant."""
    return Versions(tuple(PlanVersion.objects.order_by("effective_from")))


def version(number: int) -> PlanVersion:
    """A published version by its number. Raises `missing`."""
    found = PlanVersion.objects.filter(number=number).first()
    if found is None:
        raise missing("unknown_version", "There is no version %(number)s.", number=number)
    return found  # type: ignore[no-any-return]


def drafts() -> list[PlanDraft]:
    """The drafts, latest change first."""
    return list(PlanDraft.objects.order_by("-updated_at")[:50])
