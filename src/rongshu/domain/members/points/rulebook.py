"""The rules in force, read once a version."""

from __future__ import annotations

from datetime import datetime

from rongshu.domain.members.points.models import PointsVersion
from rongshu.engine.points.rules import Offset, Rules, read_rules
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.kernel.tenancy.versions import in_force

_KEPT = 256
_READ: dict[tuple[int, int], Rules] = {}
"""Versions as they were read, by tenant and id; they never change."""


def version_in_force(at: datetime) -> PointsVersion | None:
    """The version that holds at an instant; None where none has begun."""
    begun = PointsVersion.objects.filter(effective_from__lte=at)
    return begun.order_by("-effective_from", "-number").first()


def rules_of(version: PointsVersion) -> Rules:
    """What a version says."""
    key = (version.tenant_id, version.id)
    found = _READ.get(key)
    if found is None:
        if len(_READ) >= _KEPT:
            _READ.clear()
        found = _READ[key] = read_rules(version.document)
    return found


def rules_at(at: datetime) -> tuple[int, Rules]:
    """The rules that hold at an instant and the number of their version; 0 and nothing where none was published."""
    found = _in_force(at)
    return found if found is not None else (0, Rules(currency=house().currency))


def offset_at(at: datetime) -> Offset | None:
    """What points are worth at checkout then; None: nothing."""
    found = _in_force(at)
    return None if found is None else found[1].offset


def _in_force(at: datetime) -> tuple[int, Rules] | None:
    """Number and rules; a version that was read before is not read again."""
    found = in_force(PointsVersion, at)
    if found is None:
        return None
    identifier, number = found
    kept = _READ.get((current_tenant(), identifier))
    return number, kept if kept is not None else rules_of(PointsVersion.objects.get(id=identifier))


def all_versions() -> list[PointsVersion]:
    """Published versions by when they begin."""
    return list(PointsVersion.objects.order_by("effective_from", "number"))
