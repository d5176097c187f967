from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from rongshu.domain.marketing.segments.models import Segment, SegmentCount, SegmentMember, SegmentVersion
from rongshu.domain.marketing.segments.queries import read_for_house, segment, version_of
from rongshu.domain.marketing.segments.statement import Statement
from rongshu.domain.marketing.segments.wearing import check_tag, wear
from rongshu.engine.segments.model import canonical
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house

MOST_SEGMENTS = 200
EVERY = timedelta(hours=1)
_LONGEST_NAME = 60


def create_segment(*, name: str, document: Any, tag: str = "", by: Actor, now: datetime) -> Segment:
    """A new segment, with its members at once; they wear its `tag` (`tag_…`). Raises PlanError, `invalid` for its name or tag,
    `conflict` where the name is taken or the conditions come back to the tag.
    """
    asked = read_for_house(document)
    name = _named(name)
    if Segment.objects.filter(ended_at=None).count() >= MOST_SEGMENTS:
        raise conflict("many_segments", "There are %(most)s segments; end one first.", most=MOST_SEGMENTS)
    tag = check_tag(tag, asked)
    made = Segment.add(name=name, version=1, tag=tag, created_at=now, due_at=now)
    _write(made, canonical(asked, house().currency), by, now)
    record("segment.created", subject=str(made.id), by=by, now=now, name=name)
    refresh_segment(segment_id=made.id, now=now)
    return segment(made.id)


def change_segment(
    *, segment_id: int, name: str, document: Any, tag: str | None = None, instead_of: int, by: Actor, now: datetime
) -> Segment:
    """Another name, tag (None: the one it has) or other conditions, in a new version; its members follow at once.

    `instead_of` is the version that was edited.

    Raises PlanError, `invalid`, `missing`, and `conflict` when somebody else has changed it meanwhile or it has ended.
    """
    found = _held(segment_id)
    if found.version != instead_of:
        raise conflict("segment_moved", "Somebody else has changed the segment meanwhile; look at it again.")
    asked = read_for_house(document)
    written, before = canonical(asked, house().currency), found.tag
    tag = check_tag(before if tag is None else tag, asked, but=found.id, kept=before)
    if (name := _named(name, but=found.id)) != found.name:
        found.name = name
        found.save(update_fields=["name"])
        record("segment.renamed", subject=str(found.id), by=by, now=now, name=name)
    if written != version_of(found).document:
        found.version += 1
        found.save(update_fields=["version"])
        _write(found, written, by, now)
        record("segment.changed", subject=str(found.id), by=by, now=now, version=found.version)
        refresh_segment(segment_id=found.id, now=now)
    if tag != before:
        found.tag = tag
        Segment.objects.filter(id=found.id).update(tag=tag)
        record("segment.tag_set", subject=str(found.id), by=by, now=now, tag=tag, before=before)
        for one in (before, tag):
            wear(one, by=_rule(found), now=now)
    return segment(segment_id)


def end_segment(*, segment_id: int, by: Actor, now: datetime) -> None:
    """Nobody is in it any more; what it asked and how large it was stays to be read. Raises `missing`, `conflict`."""
    found = _held(segment_id)
    found.ended_at, found.size = now, 0
    found.save(update_fields=["ended_at", "size"])
    SegmentMember.objects.filter(segment_id=found.id).delete()
    wear(found.tag, by=_rule(found), now=now)
    record("segment.ended", subject=str(found.id), by=by, now=now, name=found.name)


def refresh_segment(*, segment_id: int, now: datetime) -> tuple[int, int]:
    """Looks who is in a segment now, in one statement that writes only who joined and who left; how many of each."""
    found = _held(segment_id)
    asked = Statement(read_for_house(version_of(found).document), now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH found AS MATERIALIZED (SELECT m.id {asked.source}), "
            "gone AS (DELETE FROM marketing_segment_member s WHERE s.tenant_id = %(tenant)s AND s.segment_id = %(segment)s "
            " AND NOT EXISTS (SELECT 1 FROM found f WHERE f.id = s.member_id) RETURNING 1), "
            "news AS (INSERT INTO marketing_segment_member (tenant_id, segment_id, member_id, since) "
            " SELECT %(tenant)s, %(segment)s, f.id, %(now)s FROM found f WHERE NOT EXISTS (SELECT 1 FROM marketing_segment_member s "
            "  WHERE s.tenant_id = %(tenant)s AND s.segment_id = %(segment)s AND s.member_id = f.id) RETURNING 1) "
            "SELECT (SELECT count(*) FROM found), (SELECT count(*) FROM news), (SELECT count(*) FROM gone)",
            {**asked.parameters, "segment": found.id},
        )
        size, joined, left = cursor.fetchone()
    first = found.refreshed_at is None
    found.size, found.refreshed_at, found.due_at = size, now, now + EVERY
    found.save(update_fields=["size", "refreshed_at", "due_at"])
    if joined or left or first:
        SegmentCount.objects.bulk_create(
            [
                SegmentCount(
                    tenant_id=found.tenant_id, segment_id=found.id, at=now, version=found.version, size=size,
                    joined=joined, left=left,
                )
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        wear(found.tag, by=_rule(found), now=now)
        announce("segment.moved", subjects=[found.id], now=now, joined=joined, left=left, size=size)
    return joined, left


def refresh_due(*, now: datetime) -> int:
    """Looks at the segment whose time has come longest ago; 1, or 0 when none has."""
    due = Segment.objects.filter(ended_at=None, due_at__lte=now).select_for_update(skip_locked=True)
    found = due.order_by("due_at").first()
    if found is None:
        return 0
    refresh_segment(segment_id=found.id, now=now)
    return 1


def _rule(found: Segment) -> Actor:
    """Whoever puts a segment's tag on and takes it off."""
    return Actor("segment", found.name)


def _held(segment_id: int) -> Segment:
    found = Segment.objects.select_for_update().filter(id=segment_id).first() or segment(segment_id)
    if found.ended_at is not None:
        raise conflict("segment_ended", "This segment has ended.")
    return found


def _named(name: str, *, but: int = 0) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise invalid(
            "segment_name", "Give the segment a name of at most %(most)s characters.", at="name", most=_LONGEST_NAME
        )
    if Segment.objects.filter(name=name, ended_at=None).exclude(id=but).exists():
        raise conflict("segment_name_taken", "There is a segment with this name already.", at="name")
    return name


def _write(found: Segment, document: dict[str, Any], by: Actor, now: datetime) -> None:
    SegmentVersion.add(segment_id=found.id, number=found.version, document=document, at=now, actor=str(by))
