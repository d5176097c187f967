from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from rongshu.domain.members.tags.models import HAND, Tag, TagChange, Tagging
from rongshu.kernel.errors import missing


@dataclass(frozen=True, slots=True)
class Worn:
    """A tag on a member; on by hand and by a rule it is there once, as by hand."""

    id: int
    name: str
    source: str
    at: datetime
    actor: str


def tags(*, off: bool = False) -> list[Tag]:
    """The catalogue by name; with `off` also what is switched off."""
    rows = Tag.objects.all() if off else Tag.objects.filter(active=True)
    return list(rows.order_by("name"))


def tag_by_name(name: str) -> Tag:
    """A tag by its name, in any case. Raises `missing`."""
    found = Tag.objects.filter(name__iexact=" ".join(name.split())).first()
    if found is None:
        raise missing("no_tag_named", "There is no tag %(name)s.", name=name[:60])
    return found  # type: ignore[no-any-return]


def tags_of(member_ids: Sequence[int]) -> dict[int, list[Worn]]:
    """The tags of members, by name."""
    names = {one.id: one.name for one in tags(off=True)}
    found: dict[int, dict[int, Worn]] = {one: {} for one in member_ids}
    for row in Tagging.objects.filter(member_id__in=list(member_ids)):
        mine = found[row.member_id]
        if row.source == HAND or row.tag_id not in mine:
            mine[row.tag_id] = Worn(row.tag_id, names[row.tag_id], row.source, row.at, row.actor)
    return {member: sorted(mine.values(), key=lambda one: one.name) for member, mine in found.items()}


def worn_by() -> dict[int, int]:
    """How many members have each tag, by its id."""
    rows = Tagging.objects.values("tag_id").annotate(count=Count("member_id", distinct=True))
    return dict(rows.values_list("tag_id", "count"))


def changes_of(member_id: int, *, limit: int = 50) -> list[TagChange]:
    """Every putting on and taking off of a member, the latest first."""
    return list(TagChange.objects.filter(member_id=member_id).order_by("-id")[:limit])
