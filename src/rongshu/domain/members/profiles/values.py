"""Values of a tenant's own fields: read from outside, kept in the column of their kind, given back as they were written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import get_language

from rongshu.domain.members.profiles.cleaning import one_line, quoted
from rongshu.domain.members.profiles.limits import day_of, decimal_of, plain, titled
from rongshu.domain.members.profiles.models import (
    CHOICE,
    CHOICES,
    DATE,
    NUMBER,
    TEXT,
    YES_NO,
    ProfileField,
    ProfileValue,
)
from rongshu.kernel.errors import invalid
from rongshu.kernel.secrets import seal, unseal
from rongshu.kernel.tenancy.scope import current_tenant

Cell = Mapping[str, Any]
"""A row of `ProfileValue` to be, without its keys."""

_YES_NO = {True: True, False: False, "true": True, "false": False, "yes": True, "no": False, "是": True, "否": False}


def read_value(field: ProfileField, value: Any, held: Any = None) -> list[Cell]:
    """The rows of a value; none for what is empty (None, "", no choice). Options a member holds (`held`, as `values_of` gives them)
    are taken though they are no longer offered. Raises `invalid` at `fields.<code>`.
    """
    at = f"fields.{field.code}"
    if value is None or (isinstance(value, str) and not value.strip()) or value == []:
        if field.required:
            raise invalid(
                "field_required",
                "%(name)s has to be filled in.",
                at=at,
                name=titled(field.names, get_language() or "zh"),
            )
        return []
    if field.kind in (CHOICE, CHOICES):
        offered = [one["code"] for one in field.limits.get("options", ()) if not one.get("off")]
        offered += held if isinstance(held, list) else [held] * (held is not None)
        return _choice(offered, value, at) if field.kind == CHOICE else _choices(offered, value, at)
    return _READERS[field.kind](field, value, at)


def _text(field: ProfileField, value: Any, at: str) -> list[Cell]:
    if not isinstance(value, str):
        raise invalid("no_text", "This is no text.", at=at)
    text = one_line(value, field.limits.get("longest", 200), at)
    return [{"secret": seal(text)} if field.sealed else {"word": text}]


def _number(field: ProfileField, value: Any, at: str) -> list[Cell]:
    number, limits = decimal_of(value), field.limits
    if number is None:
        raise invalid("no_number", "This is no number.", at=at)
    places = limits.get("places", 0)
    if round(number, places) != number:
        raise invalid("number_places", "At most %(places)s digits after the point.", at=at, places=places)
    least, most = (decimal_of(limits.get(name)) for name in ("least", "most"))
    if least is not None and number < least:
        raise invalid("number_small", "At least %(least)s.", at=at, least=plain(least))
    if most is not None and number > most:
        raise invalid("number_large", "At most %(most)s.", at=at, most=plain(most))
    return [{"number": number}]


def _date(field: ProfileField, value: Any, at: str) -> list[Cell]:
    day = day_of(value)
    if day is None:
        raise invalid("no_day", "A day looks like 2026-05-01.", at=at)
    since, until = field.limits.get("since"), field.limits.get("until")
    if since and day.isoformat() < since:
        raise invalid("day_early", "Not before %(since)s.", at=at, since=since)
    if until and day.isoformat() > until:
        raise invalid("day_late", "Not after %(until)s.", at=at, until=until)
    return [{"day": day}]


def _choice(offered: Sequence[str], value: Any, at: str) -> list[Cell]:
    return [{"word": _option(offered, value, at)}]


def _choices(offered: Sequence[str], value: Any, at: str) -> list[Cell]:
    if not isinstance(value, list | tuple):
        raise invalid("no_list", "Give a list of options.", at=at)
    codes = dict.fromkeys(_option(offered, one, f"{at}.{place}") for place, one in enumerate(value))
    return [{"item": code, "word": code} for code in codes]


def _option(offered: Sequence[str], value: Any, at: str) -> str:
    if not isinstance(value, str) or value not in offered:
        raise invalid(
            "unknown_option", "%(value)s is not offered; choose among: %(options)s.", at=at, value=quoted(value),
            options=", ".join(offered),
        )  # fmt: skip
    return str(value)


def _yes_no(field: ProfileField, value: Any, at: str) -> list[Cell]:
    known = value.strip().casefold() if isinstance(value, str) else value
    if not isinstance(known, bool | str) or known not in _YES_NO:
        raise invalid("no_yes_no", "Say yes or no.", at=at)
    return [{"flag": _YES_NO[known]}]


_READERS = {TEXT: _text, NUMBER: _number, DATE: _date, YES_NO: _yes_no}


def keep_values(values: Mapping[int, Mapping[int, Iterable[Cell]]]) -> None:
    """Puts rows in place of those that were there, by member and field id; two statements for a field at most, however many members."""
    by_field: dict[int, list[int]] = {}
    rows = []
    for member, fields in values.items():
        for field, cells in fields.items():
            by_field.setdefault(field, []).append(member)
            rows += [
                ProfileValue(tenant_id=current_tenant(), member_id=member, field_id=field, **cell) for cell in cells
            ]
    for field, members in by_field.items():
        ProfileValue.objects.filter(field_id=field, member_id__in=members).delete()
    ProfileValue.objects.bulk_create(rows, batch_size=2000)


def values_of(member_ids: Sequence[int], fields: Sequence[ProfileField]) -> dict[int, dict[str, Any]]:
    """Values by member and code, of these fields: text, number as text (`41.5`), day as text, option's code, codes in the order of the
    options, true or false. What has no value is left out.
    """
    known = {one.id: one for one in fields}
    found: dict[int, dict[str, Any]] = {member: {} for member in member_ids}
    for row in ProfileValue.objects.filter(member_id__in=list(member_ids), field_id__in=list(known)):
        field, mine = known[row.field_id], found[row.member_id]
        if field.kind == CHOICES:
            mine.setdefault(field.code, []).append(row.word)
        elif field.kind == NUMBER:
            mine[field.code] = plain(row.number)
        elif field.kind == DATE:
            mine[field.code] = row.day.isoformat()
        elif field.kind == YES_NO:
            mine[field.code] = row.flag
        else:
            mine[field.code] = unseal(row.secret) if row.secret is not None else row.word
    for field in (one for one in fields if one.kind == CHOICES):
        order = [one["code"] for one in field.limits.get("options", ())]
        for mine in found.values():
            if field.code in mine:
                mine[field.code].sort(key=order.index)
    return found
