from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rongshu.domain.referral.care.models import FROZEN, RESUMED, PlannedMove, PromoterChange, PromoterTag
from rongshu.domain.referral.promoters.models import Promoter


def changes_of(promoter_id: int, *, after: int | None = None, limit: int = 50) -> list[PromoterChange]:
    """What the team did with a promoter and wrote about them, latest first; `after` is the id of the page before's last."""
    rows = PromoterChange.objects.filter(promoter_id=promoter_id)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


@dataclass(frozen=True, slots=True)
class Freeze:
    """A time somebody was frozen: who froze them and why; until when, who let them go on and why. None and "" while it lasts."""

    since: datetime
    by: str
    why: str
    until: datetime | None = None
    thawed_by: str = ""
    thawed_why: str = ""


def freezes_of(promoter_id: int, *, most: int = 20) -> list[Freeze]:
    """The latest times a promoter was frozen, latest first."""
    rows = PromoterChange.objects.filter(promoter_id=promoter_id, what__in=(FROZEN, RESUMED)).order_by("-id")
    found: list[Freeze] = []
    thawed: PromoterChange | None = None
    for row in rows[: 2 * most]:
        if row.what == RESUMED:
            thawed = row
            continue
        end = (None, "", "") if thawed is None else (thawed.at, thawed.actor, thawed.text)
        found.append(Freeze(row.at, row.actor, row.text, *end))
        thawed = None
    return found


def tags_of(promoter_id: int) -> list[str]:
    """The tags of a promoter."""
    return list(PromoterTag.objects.filter(promoter_id=promoter_id).order_by("tag").values_list("tag", flat=True))


def tags_in_use(*, limit: int = 200) -> list[str]:
    """The tags that are on anybody."""
    return list(PromoterTag.objects.order_by("tag").values_list("tag", flat=True).distinct()[:limit])


def how_ended(identifiers: Sequence[int]) -> dict[int, str]:
    """How those of some promoters stopped that did."""
    rows = Promoter.objects.filter(id__in=list(identifiers), active_to__isnull=False)
    return dict(rows.values_list("id", "ended_as"))


def tagged(tag: str, *, after: int | None = None, limit: int = 50) -> list[int]:
    """Promoters with a tag, those known last first; `after` is the id of the page before's last."""
    rows = PromoterTag.objects.filter(tag=tag)
    if after is not None:
        rows = rows.filter(promoter_id__lt=after)
    return list(rows.order_by("-promoter_id").values_list("promoter_id", flat=True)[:limit])


def ended(how: str, *, after: int | None = None, limit: int = 50) -> list[int]:
    """Promoters who stopped in one way, those known last first; `after` is the id of the page before's last."""
    rows = Promoter.objects.filter(ended_as=how)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id").values_list("id", flat=True)[:limit])


def transfers_of(promoter_id: int) -> list[PlannedMove]:
    """Transfers planned for a promoter, latest first."""
    return list(PlannedMove.objects.filter(promoter_id=promoter_id).order_by("-id")[:20])
