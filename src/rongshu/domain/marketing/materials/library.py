"""The library as whoever cares for it reads it: materials by state, with what waits for a second person, and who took what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from rongshu.domain.marketing.materials.models import Material, Taking, Version, Withdrawn

OFFERED, WAITING, WITHDRAWN, OVER, COMING = "offered", "waiting", "withdrawn", "over", "coming"
STATES = (WAITING, OFFERED, COMING, OVER, WITHDRAWN)
"""Waiting: nobody but its writer has looked at what was written; withdrawn: it was offered once and is not any more."""


def find_materials(
    *,
    now: datetime,
    kind: str = "",
    occasion: str = "",
    state: str = "",
    search: str = "",
    after: int | None = None,
    limit: int = 50,
) -> list[Material]:
    """The library, the latest made first; `search` is a part of title or a sku, `after` the id of the page before's last."""
    rows = _in_state(Material.objects.all(), state, now) if state else Material.objects.all()
    if kind:
        rows = rows.filter(kind=kind)
    if occasion:
        rows = rows.filter(occasion=occasion)
    if search:
        rows = rows.filter(Q(title__icontains=search) | Q(sku__iexact=search))
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def _in_state(rows: QuerySet[Material], state: str, now: datetime) -> QuerySet[Material]:
    past, early = Q(valid_until__lte=now), Q(valid_from__gt=now)
    taken_back = Exists(
        Withdrawn.objects.filter(
            version_id__in=Version.objects.filter(material_id=OuterRef(OuterRef("id"))).values("id")
        )
    )
    match state:
        case "offered":
            return rows.filter(offered_id__isnull=False).exclude(past | early)
        case "coming":
            return rows.filter(early, offered_id__isnull=False)
        case "over":
            return rows.filter(past, offered_id__isnull=False)
        case "withdrawn":
            return rows.filter(taken_back, offered_id__isnull=True)
        case _:
            return rows.filter(~taken_back, offered_id__isnull=True)


def states_of(found: Sequence[Material], now: datetime) -> dict[int, str]:
    """The state of each of some materials."""
    bare = [one.id for one in found if one.offered_id is None]
    versions = dict(Version.objects.filter(material_id__in=bare).values_list("id", "material_id"))
    back = {
        versions[one]
        for one in Withdrawn.objects.filter(version_id__in=list(versions)).values_list("version_id", flat=True)
    }
    states = {}
    for one in found:
        if one.offered_id is None:
            states[one.id] = WITHDRAWN if one.id in back else WAITING
        elif one.valid_until is not None and one.valid_until <= now:
            states[one.id] = OVER
        else:
            states[one.id] = COMING if one.valid_from is not None and one.valid_from > now else OFFERED
    return states


@dataclass(frozen=True, slots=True)
class Taker:
    """A promoter who took a version, how often and when last."""

    promoter_id: int
    times: int
    last: datetime


def takers(version_id: int, *, limit: int = 100) -> list[Taker]:
    """Who took a version, the latest first."""
    rows = (
        Taking.objects.filter(version_id=version_id)
        .values("promoter_id")
        .annotate(times=Count("at"), last=Max("at"))
        .order_by("-last", "promoter_id")[:limit]
    )
    return [Taker(row["promoter_id"], row["times"], row["last"]) for row in rows]


def count_takers(version_ids: Sequence[int]) -> dict[int, int]:
    """How many promoters took each of some versions; those nobody took are left out."""
    rows = Taking.objects.filter(version_id__in=list(version_ids)).values("version_id")
    return {row["version_id"]: row["people"] for row in rows.annotate(people=Count("promoter_id", distinct=True))}
