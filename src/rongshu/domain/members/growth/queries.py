from __future__ import annotations

from datetime import datetime

import numpy as np
from django.db.models import Sum
from numpy.typing import NDArray

from rongshu.domain.members.growth.models import GrowthEntry, GrowthMonth, GrowthVersion
from rongshu.engine.tiers.growth import GrowthRules, read_growth_rules
from rongshu.kernel import bulk
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]


def growth_version_at(now: datetime) -> GrowthVersion | None:
    """The version of the rules that holds at an instant."""
    return GrowthVersion.objects.filter(effective_from__lte=now).order_by("-effective_from", "-number").first()


def growth_rules_at(now: datetime) -> GrowthRules | None:
    """The rules that hold at an instant; None where none has begun."""
    found = growth_version_at(now)
    return None if found is None else read_growth_rules(found.document)


def growth_versions(*, limit: int = 50) -> list[GrowthVersion]:
    """Published versions of the rules, newest first."""
    return list(GrowthVersion.objects.order_by("-number")[:limit])


def total_of(member_id: int) -> int:
    """All growth value a member has, of every month."""
    return int(GrowthMonth.objects.filter(member_id=member_id).aggregate(sum=Sum("amount"))["sum"] or 0)


def window_sums_of(member_id: int, first: int, last: int) -> int:
    """A member's growth value of the months from `first` to `last`."""
    found = GrowthMonth.objects.filter(member_id=member_id, month__gte=first, month__lte=last)
    return int(found.aggregate(sum=Sum("amount"))["sum"] or 0)


def sums_between(members: I64, first: int, last: int) -> I64:
    """Growth value of each of `members` (sorted, unique) in the months from `first` to `last`."""
    found = np.zeros(len(members), dtype=np.int64)
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT member_id, sum(amount)::bigint FROM members_growth_month WHERE tenant_id = %s "
            "AND member_id = ANY (%s::bigint[]) AND month BETWEEN %s AND %s GROUP BY member_id",
            [current_tenant(), bulk.int8s(members), first, last],
        )
        rows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    found[np.searchsorted(members, rows[:, 0])] = rows[:, 1]
    return found


def brought_growth(order_id: int) -> tuple[int, int]:
    """What an order brought its buyer in growth value, and what refunds took back of it."""
    amounts = list(GrowthEntry.objects.filter(about=order_id).values_list("amount", flat=True))
    return sum(one for one in amounts if one > 0), -sum(one for one in amounts if one < 0)


def entries_of(member_id: int, *, before: int | None = None, limit: int = 30) -> list[GrowthEntry]:
    """A member's growth value, newest first; `before` is the id of the last one seen."""
    found = GrowthEntry.objects.filter(member_id=member_id)
    if before is not None:
        found = found.filter(id__lt=before)
    return list(found.order_by("-id")[:limit])
