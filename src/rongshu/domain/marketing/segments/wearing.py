"""The tags that segments put on their members: on while somebody is in a segment with the tag, off when they are in none any more.

Tags put on by hand are rows of their own and never touched.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from rongshu.domain.marketing.segments.facts import house_facts
from rongshu.domain.marketing.segments.models import Segment, SegmentVersion
from rongshu.domain.members.tags.actions import put_tag, take_tag
from rongshu.domain.members.tags.models import RULE, Tag
from rongshu.engine.segments.model import Node, conditions
from rongshu.engine.segments.reading import read_conditions
from rongshu.kernel.actor import Actor
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

_IN_ONE = (
    "FROM marketing_segment s JOIN marketing_segment_member m ON m.tenant_id = s.tenant_id AND m.segment_id = s.id "
    "WHERE s.tenant_id = %(tenant)s AND s.tag = %(called)s AND s.ended_at IS NULL"
)
_WORN = "FROM members_tagging t WHERE t.tenant_id = %(tenant)s AND t.tag_id = %(tag)s AND t.source = %(rule)s"


def wear(tag: str, *, by: Actor, now: datetime) -> tuple[int, int]:
    """Puts a tag (`tag_…`) on whoever is in a segment with it, and takes it off whoever is in none; how many of each."""
    identifier = inside("tag", tag)
    if identifier is None:
        return 0, 0
    Tag.objects.select_for_update(no_key=True).filter(id=identifier).first()  # segments with one tag take turns
    given: dict[str, int | str] = {"tenant": current_tenant(), "called": tag, "tag": identifier, "rule": RULE}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT m.member_id {_IN_ONE} AND NOT EXISTS (SELECT 1 {_WORN} AND t.member_id = m.member_id) ORDER BY 1",
            given,
        )
        came = [member for (member,) in cursor.fetchall()]
        cursor.execute(
            f"SELECT t.member_id {_WORN} AND NOT EXISTS (SELECT 1 {_IN_ONE} AND m.member_id = t.member_id) ORDER BY 1",
            given,
        )
        left = [member for (member,) in cursor.fetchall()]
    put = put_tag(tag_id=identifier, members=came, by=by, now=now, source=RULE) if came else 0
    taken = take_tag(tag_id=identifier, members=left, by=by, now=now, source=RULE) if left else 0
    return put, taken


def check_tag(tag: str, asked: Node, *, but: int = 0, kept: str = "") -> str:
    """The tag (`tag_…`, "" for none) as a segment that asks this may have it. `kept` is what it had: fine, though switched off.

    Raises `invalid` for one nobody knows, `conflict` for one that is switched off, or that its own conditions come back to.
    """
    if not tag:
        return ""
    identifier = inside("tag", tag)
    found = None if identifier is None else Tag.objects.filter(id=identifier).first()
    if identifier is None or found is None:
        raise invalid("unknown_tag", "There is no such tag.", at="tag")
    if not found.active and tag != kept:
        raise conflict("tag_off", "The tag %(name)s is switched off.", at="tag", name=found.name)
    waiting, seen, giving = list(_tags_in(asked)), set[str](), _giving(but)
    while waiting:
        if (one := waiting.pop()) == tag:
            raise conflict(
                "tag_circle",
                "The conditions come back to the tag %(name)s itself: who has it would depend on who has it.",
                at="tag",
                name=found.name,
            )
        if one not in seen:
            seen.add(one)
            waiting += giving.get(one, ())
    return outside("tag", identifier)


def _tags_in(asked: Node) -> set[str]:
    return {value for one in conditions(asked) if one.fact == "tag" for value in one.values}


def _giving(but: int) -> dict[str, set[str]]:
    """Of every tag that other segments put on, the tags that their conditions ask for."""
    rows = list(Segment.objects.filter(ended_at=None).exclude(tag="").exclude(id=but))
    documents = {
        (one.segment_id, one.number): one.document for one in SegmentVersion.objects.filter(segment_id__in=[row.id for row in rows])
    }  # fmt: skip
    facts, found = house_facts(), dict[str, set[str]]()
    for row in rows:
        asked = read_conditions(documents[row.id, row.version], house().currency, facts)
        found.setdefault(row.tag, set()).update(_tags_in(asked))
    return found
