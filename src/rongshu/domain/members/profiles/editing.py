"""Profiles edited: by the member, by the team, by the API. What is not named stays as it is; what is named as None is taken away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from rongshu.domain.members.profiles.birthdays import birthday_of, read_birthday, sealed_year
from rongshu.domain.members.profiles.cleaning import clean_email, clean_name, clean_phone, one_line, quoted
from rongshu.domain.members.profiles.fields import profile_fields
from rongshu.domain.members.profiles.models import Member, ProfileField
from rongshu.domain.members.profiles.queries import email_hash, phone_hash
from rongshu.domain.members.profiles.regions import LONGEST, region_of
from rongshu.domain.members.profiles.values import Cell, keep_values, read_value, values_of
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, forbidden, invalid, missing
from rongshu.kernel.secrets import seal, unseal
from rongshu.kernel.tenancy.queries import house

PREFERENCES = ("discount", "gift", "novelty")
MEMBER, OPERATOR, IMPORT = "member", "operator", "import"
OWN = ("name", "birthday", "region", "city", "preference", "fields")
"""What members change themselves."""
ALL = ("external_id", "phone", "email", *OWN)


def change_member(
    *, member_id: int, changes: Mapping[str, Any], said_by: str = OPERATOR, by: Actor, now: datetime
) -> list[str]:
    """Changes what is named in `changes`; the names of what really changed (own fields as `fields.<code>`).

    `said_by` MEMBER: only what members may change themselves, and the birthday only while nobody said it. Raises `missing`,
    `invalid` with the path of what cannot be taken, `conflict` for a phone, e-mail or external id that is somebody's.
    """
    member = Member.objects.select_for_update().filter(id=member_id).first()
    if member is None:
        raise missing("unknown_member", "There is no such member.")
    allowed = OWN if said_by == MEMBER else ALL
    if strange := [name for name in changes if name not in allowed]:
        raise invalid(
            "unknown_part", "A profile has no %(name)s that could be changed here; there are: %(known)s.", at=quoted(strange[0]),
            name=quoted(strange[0]), known=", ".join(allowed),
        )  # fmt: skip
    columns = read_columns(member, changes, said_by=said_by, now=now)
    cells = read_fields(member_id, changes.get("fields") or {}, said_by=said_by)
    changed = [name for name in changes if name != "fields" and columns.get(name)]
    if columns:
        _save(member, {column: value for part in columns.values() for column, value in part.items()})
    if cells:
        keep_values({member_id: {field.id: rows for field, rows in cells}})
        changed += [f"fields.{field.code}" for field, _rows in cells]
    if changed:
        record("member.changed", subject=str(member_id), by=by, now=now, parts=changed, said_by=said_by)
    return changed


def read_columns(
    member: Member, changes: Mapping[str, Any], *, said_by: str, now: datetime
) -> dict[str, dict[str, Any]]:
    """The columns to be written, by the part of the profile; parts that stay as they are are left out. Raises `invalid`."""
    columns: dict[str, dict[str, Any]] = {}
    for name in changes:
        if name == "birthday":
            columns[name] = _birthday(member, _word(changes, name), said_by, now)
        elif name in ("phone", "email", "name"):
            columns[name] = _sealed(member, name, _word(changes, name))
        elif name != "fields":
            value = _plain(name, _word(changes, name))
            columns[name] = {} if getattr(member, name) == value else {name: value}
    return {name: part for name, part in columns.items() if part}


def _word(changes: Mapping[str, Any], name: str) -> str:
    value = changes[name]
    if value is not None and not isinstance(value, str):
        raise invalid("no_text", "This is no text.", at=name)
    return (value or "").strip()


def _plain(name: str, text: str) -> str | None:
    line = one_line(text, 200 if name == "external_id" else LONGEST, name)
    if name == "external_id":
        return line or None
    if name == "preference" and text and text not in PREFERENCES:
        raise invalid("unknown_preference", "A preference is discount, gift or novelty.", at=name)
    return region_of(line) if name == "region" else line


def _sealed(member: Member, name: str, text: str) -> dict[str, Any]:
    held = unseal(getattr(member, name)) if getattr(member, name) else ""
    if not text:
        return ({name: None} | ({} if name == "name" else {f"{name}_hash": None})) if held else {}
    text = {"phone": clean_phone, "email": clean_email, "name": clean_name}[name](text)
    if text == held:
        return {}
    hashed = {"phone": phone_hash, "email": email_hash}.get(name)
    return {name: seal(text)} | ({} if hashed is None else {f"{name}_hash": hashed(text)})


def _birthday(member: Member, text: str, said_by: str, now: datetime) -> dict[str, Any]:
    held = birthday_of(member)
    wanted = read_birthday(text, today=now.astimezone(house().zone).date()) if text else None
    if wanted == held:
        return {}
    if said_by == MEMBER and held is not None:
        raise forbidden(
            "birthday_said",
            "Your birthday is known already. So that birthday gifts come once a year, only the team changes it: write to them.",
            at="birthday",
        )
    if wanted is None:
        return {"birth_day": None, "birth_year": None, "birth_by": ""}
    return {"birth_day": wanted.number, "birth_year": sealed_year(wanted), "birth_by": said_by}


def read_fields(
    member_id: int,
    given: Any,
    *,
    said_by: str,
    known: Iterable[ProfileField] | None = None,
    held: Mapping[str, Any] | None = None,
) -> list[tuple[ProfileField, list[Cell]]]:
    """Values of own fields, read; those that stay as they are are left out. Raises `invalid` at `fields.<code>`."""
    if not isinstance(given, Mapping):
        raise invalid("no_object", "Give an object with the codes of fields.", at="fields")
    if not given:
        return []
    fields = {one.code: one for one in (profile_fields() if known is None else known)}
    if said_by == MEMBER:
        fields = {code: one for code, one in fields.items() if one.by_member}
    if strange := [str(code) for code in given if code not in fields]:
        raise invalid(
            "unknown_profile_field",
            "There is no field %(name)s.",
            at=f"fields.{quoted(strange[0])}",
            name=quoted(strange[0]),
        )
    before = values_of([member_id], list(fields.values()))[member_id] if held is None else held
    found = []
    for code, value in given.items():
        if before.get(code) == value and (value is not None or not fields[code].required):
            continue
        found.append((fields[code], read_value(fields[code], value, before.get(code))))
    return found


def _save(member: Member, columns: Mapping[str, Any]) -> None:
    names = {name: columns.get(name, getattr(member, name)) for name in ("external_id", "phone_hash", "email_hash")}
    if not any(names.values()):
        gone = next((name for name in ("phone", "email", "external_id") if name in columns), "phone")
        raise invalid("nameless_member", "Give at least one of external id, phone and e-mail.", at=gone)
    try:
        with transaction.atomic():
            Member.objects.filter(id=member.id).update(**columns)
    except IntegrityError as error:
        raise conflict("member_exists", "There is already a member with this external id, phone or e-mail.") from error
