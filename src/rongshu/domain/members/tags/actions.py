from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from rongshu.domain.members.tags.models import HAND, RULE, Tag
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.ids import new_ids
from rongshu.kernel.tenancy.scope import current_tenant

LONGEST, MOST = 40, 500


def add_tag(*, name: str, by: Actor, now: datetime) -> Tag:
    """A new tag of the catalogue. Raises `invalid` for a name that is none, `conflict` for one that is there (in any case)."""
    name = _name(name)
    if Tag.objects.count() >= MOST:
        raise conflict("tags_full", "There are %(most)s tags already.", most=MOST)
    try:
        with transaction.atomic():
            made = Tag.add(name=name, created_at=now, actor=str(by))
    except IntegrityError as error:
        raise conflict("tag_exists", "There is a tag %(name)s already.", name=name) from error
    record("tag.added", subject=str(made.id), by=by, now=now, name=name)
    return made


def change_tag(*, tag_id: int, name: str, active: bool, by: Actor, now: datetime) -> None:
    """Another name, or no longer offered. Raises `missing`, `invalid`, `conflict`."""
    name = _name(name)
    try:
        with transaction.atomic():
            changed = Tag.objects.filter(id=tag_id).update(name=name, active=active)
    except IntegrityError as error:
        raise conflict("tag_exists", "There is a tag %(name)s already.", name=name) from error
    if not changed:
        raise missing("unknown_tag", "There is no such tag.")
    record("tag.changed", subject=str(tag_id), by=by, now=now, name=name, active=active)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST or "," in name or "\0" in name:
        raise invalid("bad_tag", "A tag has 1 to %(most)s characters and no comma.", at="name", most=LONGEST)
    return name


def put_tag(*, tag_id: int, members: Sequence[int], by: Actor, now: datetime, source: str = HAND) -> int:
    """Puts a tag on members; how many had it not from this source. Three statements, however many they are.

    Raises `missing` for a tag nobody knows, `conflict` by hand for one that is switched off. Unknown members are passed over.
    """
    tag = _known(tag_id, source)
    if source == HAND and not tag.active:
        raise conflict("tag_off", "The tag %(name)s is switched off.", name=tag.name)
    with bulk.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_tagging (tenant_id, member_id, tag_id, source, at, actor) "
            "SELECT tenant_id, id, %s, %s, %s, %s FROM members_member WHERE tenant_id = %s AND id = ANY (%s::bigint[]) ORDER BY id "
            "ON CONFLICT DO NOTHING RETURNING member_id",
            [tag_id, source, now, str(by), current_tenant(), bulk.int8s(list(members))],
        )
        changed = [row[0] for row in cursor.fetchall()]
    _note(changed, tag_id, True, source, by, now)
    return len(changed)


def take_tag(*, tag_id: int, members: Sequence[int] | None, by: Actor, now: datetime, source: str = HAND) -> int:
    """Takes a tag off members (None: off everybody who has it); how many had it from this source. Raises `missing`."""
    _known(tag_id, source)
    with bulk.cursor() as cursor:
        cursor.execute(
            "DELETE FROM members_tagging WHERE tenant_id = %s AND tag_id = %s AND source = %s "
            "AND (%s OR member_id = ANY (%s::bigint[])) RETURNING member_id",
            [current_tenant(), tag_id, source, members is None, bulk.int8s(list(members or ()))],
        )
        changed = [row[0] for row in cursor.fetchall()]
    _note(changed, tag_id, False, source, by, now)
    return len(changed)


def _known(tag_id: int, source: str) -> Tag:
    if source not in (HAND, RULE):
        raise invalid("unknown_source", "A tag is put on by hand or by a rule.", at="source")
    tag = Tag.objects.filter(id=tag_id).first()
    if tag is None:
        raise missing("unknown_tag", "There is no such tag.")
    return tag  # type: ignore[no-any-return]


def _note(members: Sequence[int], tag_id: int, on: bool, source: str, by: Actor, now: datetime) -> None:
    if not members:
        return
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "members_tag_change",
            {"id": bulk.int8s(new_ids(len(members))), "member_id": bulk.int8s(members)},
            constants={
                "tenant_id": current_tenant(), "tag_id": tag_id, '"on"': on, "source": source, "at": now, "actor": str(by),
            },
        )  # fmt: skip
    record("tag.put" if on else "tag.taken", subject=str(tag_id), by=by, now=now, members=len(members), source=source)
