from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from rongshu.domain.marketing.segments.facts import house_facts
from rongshu.domain.marketing.segments.models import Segment, SegmentCount, SegmentMember, SegmentVersion
from rongshu.domain.marketing.segments.statement import Statement
from rongshu.domain.members.profiles.queries import shown_names
from rongshu.engine.segments.facts import Fact
from rongshu.engine.segments.model import Node
from rongshu.engine.segments.reading import read_conditions
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

EXAMPLES = 20
TREND = 30


@dataclass(frozen=True, slots=True)
class Preview:
    """How many members a document means now, of how many, and some of them: (id, masked name), latest first."""

    count: int
    of: int
    examples: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A segment of the list; `sizes` are those of its last looks, oldest first."""

    segment: Segment
    document: Mapping[str, Any]
    sizes: tuple[int, ...]


def read_for_house(document: Any, facts: Mapping[str, Fact] | None = None) -> Node:
    """What a document asks, money in the tenant's currency; `facts` where the caller has them. Raises PlanError naming each wrong key."""
    return read_conditions(document, house().currency, house_facts() if facts is None else facts)


def preview(document: Any, *, now: datetime, examples: int = EXAMPLES) -> Preview:
    """What a document would mean, before anything is kept. Raises PlanError."""
    asked = Statement(read_for_house(document), now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), (SELECT count(*) FROM members_member WHERE tenant_id = %(tenant)s) {asked.source}",
            asked.parameters,
        )
        count, total = cursor.fetchone()
        members = _latest(cursor, asked, examples) if examples else []
    names = shown_names(members)
    return Preview(count, total, tuple((member, names[member]) for member in members))


def meant(document: Any, *, before: int | None = None, limit: int, now: datetime) -> list[int]:
    """The members a document means now, latest first; `before` is the page before's last. Raises PlanError."""
    with connection.cursor() as cursor:
        return _latest(cursor, Statement(read_for_house(document), now=now), limit, before)


def _latest(cursor: Any, asked: Statement, limit: int, before: int | None = None) -> list[int]:
    edge = "" if before is None else "AND m.id < %(before)s "
    cursor.execute(
        f"SELECT m.id {asked.source} {edge}ORDER BY m.id DESC LIMIT {limit}", {**asked.parameters, "before": before}
    )
    return [member for (member,) in cursor.fetchall()]


def segment(segment_id: int) -> Segment:
    """A segment, ended or not. Raises `missing`."""
    found = Segment.objects.filter(id=segment_id).first()
    if found is None:
        raise missing("unknown_segment", "There is no such segment.")
    return found  # type: ignore[no-any-return]


def version_of(found: Segment) -> SegmentVersion:
    """The version in force."""
    return SegmentVersion.objects.get(segment_id=found.id, number=found.version)  # type: ignore[no-any-return]


def segments(*, ended: bool = False, before: int | None = None, limit: int = 50) -> list[Listed]:
    """Segments that have not ended, or those that have, latest first; `before` is the id of the page before's last."""
    going = Segment.objects.filter(ended_at__isnull=not ended)
    rows = list((going if before is None else going.filter(id__lt=before)).order_by("-id")[:limit])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id, v.document, c.sizes FROM marketing_segment s JOIN marketing_segment_version v "
            "ON v.tenant_id = s.tenant_id AND v.segment_id = s.id AND v.number = s.version LEFT JOIN LATERAL "
            "(SELECT array_agg(size ORDER BY at) AS sizes FROM (SELECT size, at FROM marketing_segment_count "
            f" WHERE tenant_id = s.tenant_id AND segment_id = s.id ORDER BY at DESC LIMIT {TREND}) l) c ON true "
            "WHERE s.tenant_id = %s AND s.id = ANY (%s::bigint[])",
            [current_tenant(), [row.id for row in rows]],
        )
        found = {identifier: (_json(document), tuple(sizes or ())) for identifier, document, sizes in cursor.fetchall()}
    return [Listed(row, *found[row.id]) for row in rows]


def _json(document: Any) -> Mapping[str, Any]:
    """A raw cursor gives JSON as text."""
    read: Mapping[str, Any] = json.loads(document) if isinstance(document, str) else document
    return read


def counts_of(segment_id: int, *, limit: int = TREND) -> list[SegmentCount]:
    """The last looks at a segment, latest first."""
    return list(SegmentCount.objects.filter(segment_id=segment_id).order_by("-at")[:limit])


def members_of(segment_id: int, *, after: int = 0, limit: int = 100) -> list[tuple[int, datetime]]:
    """(member, since) of a segment by member id; `after` is the page before's last."""
    rows = SegmentMember.objects.filter(segment_id=segment_id, member_id__gt=after).order_by("member_id")
    return list(rows.values_list("member_id", "since")[:limit])


def is_in(segment_id: int, member_id: int) -> bool:
    """Whether a member was in a segment when it was looked at last."""
    return SegmentMember.objects.filter(segment_id=segment_id, member_id=member_id).exists()


def segments_of(member_id: int) -> Sequence[Segment]:
    """The segments a member is in, by name."""
    own = SegmentMember.objects.filter(member_id=member_id).values_list("segment_id", flat=True)
    return list(Segment.objects.filter(id__in=list(own), ended_at=None).order_by("name"))


def called_of(member_id: int) -> frozenset[str]:
    """What the segments of a member are called by price rules: by our id (`seg_…`) and by name. One small read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id, s.name FROM marketing_segment_member m "
            "JOIN marketing_segment s ON s.tenant_id = m.tenant_id AND s.id = m.segment_id AND s.ended_at IS NULL "
            "WHERE m.tenant_id = %s AND m.member_id = %s",
            [current_tenant(), member_id],
        )
        return frozenset(text for identifier, name in cursor.fetchall() for text in (outside("seg", identifier), name))


def segment_names() -> dict[str, str]:
    """Names by our id (`seg_…`) of the segments that have not ended, by name."""
    rows = Segment.objects.filter(ended_at=None).order_by("name").values_list("id", "name")
    return {outside("seg", identifier): name for identifier, name in rows}
