"""Judged rows written: members by two statements, own fields, tags and consents by a few each, however many rows there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from django.db import IntegrityError, transaction

from rongshu.domain.members.consents.actions import Brought, bring_consents
from rongshu.domain.members.files.judging import NEW, OPENING_SOURCE, Judged
from rongshu.domain.members.growth.actions import bring_growth
from rongshu.domain.members.points.actions import gift_points
from rongshu.domain.members.profiles.birthdays import sealed_year
from rongshu.domain.members.profiles.editing import IMPORT
from rongshu.domain.members.profiles.models import Member, ProfileField
from rongshu.domain.members.profiles.queries import email_hash, phone_hash
from rongshu.domain.members.profiles.values import keep_values
from rongshu.domain.members.tags.actions import put_tag
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.errors import conflict
from rongshu.kernel.ids import new_ids
from rongshu.kernel.secrets import seal
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

_COLUMNS = (
    "external_id", "phone", "phone_hash", "email", "email_hash", "name", "birth_day", "birth_year", "birth_by", "region", "city",
    "preference",
)  # fmt: skip
_TEXTS = frozenset({"external_id", "birth_by", "region", "city", "preference"})
_NO_DAY = {"birth_day": "NULLIF(r.birth_day, 0)"}


def keep_rows(
    judged: Sequence[Judged], fields: Mapping[str, ProfileField], *, source: str, by: Actor, now: datetime
) -> list[int]:
    """Writes what is new or changed; the ids of the new members. Raises `conflict` when somebody else wrote the same members meanwhile."""
    fresh = [one for one in judged if one.way == NEW]
    changed = [one for one in judged if one.member is not None and one.columns]
    ids = [int(one) for one in new_ids(len(fresh))]
    try:
        with transaction.atomic(), bulk.cursor() as cursor:
            if fresh:
                bulk.insert(
                    cursor, "members_member",
                    {"id": bulk.int8s(ids), "created_at": bulk.instants(bulk.to_micros([one.row.joined_at or now for one in fresh])),
                     **_packed(fresh)},
                    expressions=_NO_DAY, constants={"tenant_id": current_tenant(), "tier": ""},
                )  # fmt: skip
            if changed:
                _update(cursor, changed)
    except IntegrityError as error:
        raise conflict("members_moved", "Somebody else wrote the same members meanwhile; do it once more.") from error
    who = {id(one): member for one, member in zip(fresh, ids, strict=True)}
    who |= {id(one): one.member.id for one in judged if one.member is not None}
    keep_values({
        who[id(one)]: {fields[code].id: cells for code, cells in one.cells.items()} for one in judged if one.cells
    })  # fmt: skip
    tagged: dict[int, list[int]] = {}
    for one in judged:
        for tag in one.tags:
            tagged.setdefault(tag, []).append(who[id(one)])
    for tag, members in sorted(tagged.items()):  # by tag, of which there are few
        put_tag(tag_id=tag, members=members, by=by, now=now)
    bring_consents(
        [
            Brought(who[id(one)], purpose, yes, datetime.combine(one.row.consent_day, time(), house().zone))
            for one in judged
            for purpose, yes in one.consents.items()
            if one.row.consent_day is not None
        ],
        source=source, by=by,
    )  # fmt: skip
    _open(judged, who, now)
    return ids


def _open(judged: Sequence[Judged], who: Mapping[int, int], now: datetime) -> None:
    """Gives what members had elsewhere, once each."""
    for code, give in (("opening_points", _points), ("opening_growth", _growth)):
        some = sorted((who[id(one)], one.opening[code]) for one in judged if code in one.opening)
        if some:
            give([member for member, _ in some], [amount for _, amount in some], now)


def _points(members: list[int], amounts: list[int], now: datetime) -> None:
    refs = [f"opening:{member}" for member in members]
    gift_points(members=members, points=amounts, refs=refs, source=OPENING_SOURCE, now=now)


def _growth(members: list[int], amounts: list[int], now: datetime) -> None:
    refs = [f"opening:{member}" for member in members]
    bring_growth(members=members, amounts=amounts, refs=refs, source=OPENING_SOURCE, now=now)


def _values(one: Judged) -> dict[str, Any]:
    """A row of the table: what is said, sealed, over what is held."""
    held = one.member
    row: dict[str, Any] = {
        name: (None if name not in _TEXTS or name == "external_id" else "") if held is None else getattr(held, name)
        for name in _COLUMNS
    }
    for code, value in one.columns.items():
        if code == "birthday":
            row |= {"birth_day": value.number, "birth_year": sealed_year(value), "birth_by": IMPORT}
        elif code in ("phone", "email"):
            row |= {code: seal(value), f"{code}_hash": phone_hash(value) if code == "phone" else email_hash(value)}
        else:
            row[code] = seal(value) if code == "name" else value
    return row


def _packed(judged: Sequence[Judged]) -> dict[str, Any]:
    rows = [_values(one) for one in judged]
    packed: dict[str, Any] = {}
    for name in _COLUMNS:
        column = [row[name] for row in rows]
        if name in _TEXTS:
            packed[name] = bulk.texts(column)
        elif name == "birth_day":
            packed[name] = bulk.int2s([day or 0 for day in column])
        else:
            packed[name] = bulk.byteas([None if one is None else bytes(one) for one in column])
    return packed


_KIND = {**dict.fromkeys(_COLUMNS, "bytea[]"), **dict.fromkeys(_TEXTS, "text[]"), "birth_day": "smallint[]"}


def _update(cursor: Any, judged: Sequence[Judged]) -> None:
    packed = _packed(judged)
    written = ", ".join(f"{name} = {_NO_DAY.get(name, f'r.{name}')}" for name in _COLUMNS)
    arrays = ", ".join(f"%s::{_KIND[name]}" for name in _COLUMNS)
    members: list[Member] = [one.member for one in judged if one.member is not None]
    cursor.execute(
        f"UPDATE members_member m SET {written} "
        f"FROM unnest(%s::bigint[], {arrays}) AS r (id, {', '.join(_COLUMNS)}) WHERE m.tenant_id = %s AND m.id = r.id",
        [bulk.int8s([one.id for one in members]), *(packed[name] for name in _COLUMNS), current_tenant()],
    )
