from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rongshu.domain.members.points.models import PointsVersion
from rongshu.engine.points.rules import Rules, read_rules
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import invalid
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import lock_background_writing
from rongshu.kernel.tenancy.versions import next_version

Source = str | bytes | Mapping[Any, Any]


def read_for_house(source: Source) -> Rules:
    """Rules in the tenant's currency. Raises PlanError naming each wrong key, `invalid` for another currency."""
    rules = read_rules(source)
    wanted = house().currency
    if rules.currency != wanted:
        raise invalid(
            "points_currency",
            "The rules of points are in %(found)s and the tenant works in %(wanted)s.",
            at="currency", found=rules.currency, wanted=wanted,
        )  # fmt: skip
    return rules


def publish_rules(
    *,
    source: Source,
    reason: str,
    by: Actor,
    now: datetime,
    effective_from: datetime | None = None,
    instead_of: int | None = None,
) -> PointsVersion:
    """Sets the rules from now on, or from an instant to come. The same rules again, at once, change nothing.

    `instead_of` is the number of the version that was edited (0 for none): `conflict` when another was published since.
    Raises PlanError, `invalid` for another currency or a beginning in the past.
    """
    rules = read_for_house(source)
    lock_background_writing()
    version: PointsVersion
    version, new = next_version(
        PointsVersion, document=rules.canonical(), effective_from=effective_from, instead_of=instead_of,
        moved="points_moved", by=by, now=now, reason=reason[:500],
    )  # fmt: skip
    if not new:
        return version
    record(
        "points_rules.published", subject=f"#{version.number}", by=by, now=now, reason=reason,
        begins=version.effective_from.isoformat(),
    )  # fmt: skip
    announce("points_rules.published", subjects=[version.id], now=now)
    return version
