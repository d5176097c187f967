"""Rows held against the members there are: who is new, who changes in what, who stays, and which rows cannot be taken.

Four looks into the database for a portion of rows, however many they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from rongshu.domain.members.consents.models import ConsentNow
from rongshu.domain.members.files.reading import Row
from rongshu.domain.members.growth.models import GrowthEntry
from rongshu.domain.members.points.models import PointsLot
from rongshu.domain.members.profiles.birthdays import birthday_of
from rongshu.domain.members.profiles.limits import plain
from rongshu.domain.members.profiles.models import CHOICES, DATE, NUMBER, TEXT, Member, ProfileField
from rongshu.domain.members.profiles.queries import email_hash, phone_hash
from rongshu.domain.members.profiles.values import Cell, values_of
from rongshu.domain.members.tags.models import HAND, Tagging
from rongshu.kernel.errors import conflict
from rongshu.kernel.ids import outside
from rongshu.kernel.secrets import unseal
from rongshu.kernel.tenancy.queries import house

OPENING_SOURCE = "opening"
NEW, UPDATED, SAME, WRONG = "new", "updated", "same", "wrong"


@dataclass(slots=True)
class Judged:
    """A row and what becomes of it."""

    row: Row
    way: str
    member: Member | None = None
    columns: dict[str, Any] = field(default_factory=dict)
    """By the part of the profile; values as they are said, not sealed."""
    cells: dict[str, list[Cell]] = field(default_factory=dict)
    tags: list[int] = field(default_factory=list)
    consents: dict[str, bool] = field(default_factory=dict)
    opening: dict[str, int] = field(default_factory=dict)
    """Opening points and growth value that were not given yet."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Goes through a file portion by portion; remembers who has been in it already."""

    fields: Mapping[str, ProfileField]
    tags: Mapping[str, int]
    """Ids by name, small letters; only those that are switched on."""
    seen: dict[tuple[str, Any], int] = field(default_factory=dict)

    def judge(self, rows: Sequence[Row], *, lock: bool = False) -> list[Judged]:
        """With `lock` the members are held until the transaction ends, in the order of their ids."""
        good = [row for row in rows if not row.faults]
        keys = {id(row): _keys(row) for row in good}
        held = _held([key for named in keys.values() for key in named], lock)
        ids = list({one.id for one in held.values()})
        values = values_of(ids, list(self.fields.values())) if self.fields else {}
        worn = _worn(ids) if any(row.tags for row in good) else set()
        said = _said(ids) if any(row.consents for row in good) else {}
        opened = _opened(ids) if any(row.opening for row in good) else {}
        return [self._one(row, keys.get(id(row), []), held, values, worn, said, opened) for row in rows]

    def _one(
        self, row: Row, keys: list[tuple[str, Any]], held: Mapping[tuple[str, Any], Member],
        values: Mapping[int, Mapping[str, Any]], worn: set[tuple[int, int]], said: Mapping[tuple[int, str], ConsentNow],
        opened: Mapping[tuple[int, str], int],
    ) -> Judged:  # fmt: skip
        if row.faults:
            return Judged(row, WRONG)
        found = {held[key].id: held[key] for key in keys if key in held}
        member = next(iter(found.values()), None)
        again = [*keys, *(("member", one) for one in found)]
        if first := next((self.seen[key] for key in again if key in self.seen), None):
            row.faults.append(("", conflict("row_again", "This member stands in line %(line)s already.", line=first)))
        elif len(found) > 1:
            names = ", ".join(sorted(_called(one) for one in found.values()))
            row.faults.append(("", conflict("two_members", "Id, phone and e-mail of this row are those of different members: %(names)s. Merge them first, or correct the row.", names=names)))  # fmt: skip
        elif member is not None and row.external_id and member.external_id not in (None, row.external_id):
            row.faults.append(("external_id", conflict("other_id", "This phone or e-mail is that of the member with the id %(name)s.", name=member.external_id)))  # fmt: skip
        if unknown := [name for name in row.tags if name.casefold() not in self.tags]:
            row.faults.append(("tags", conflict("no_such_tag", "There is no tag %(name)s that could be put on; add it first.", name=unknown[0][:60])))  # fmt: skip
        for code, number in row.opening.items() if member is not None else ():
            had = opened.get((member.id, code), number)  # type: ignore[union-attr]
            if had != number:
                row.faults.append((code, conflict("opened_before", "This member was given %(number)s when first brought in; change it by hand on their page.", number=had)))  # fmt: skip
        if row.faults:
            return Judged(row, WRONG)
        for key in again:
            self.seen[key] = row.line
        tags = [self.tags[name.casefold()] for name in row.tags]
        if member is None:
            return Judged(
                row, NEW, None, _columns(row, None), dict(row.fields), tags, dict(row.consents), dict(row.opening)
            )
        if member.heir_id is not None:
            return Judged(row, SAME, member)  # merged: what is known of them is whom they were merged into
        judged = Judged(row, SAME, member, _columns(row, member))
        before = values.get(member.id, {})
        judged.cells = {
            code: cells
            for code, cells in row.fields.items()
            if said_by_cells(self.fields[code], cells) != before.get(code)
        }
        judged.tags = [one for one in tags if (member.id, one) not in worn]
        judged.consents = {
            code: yes for code, yes in row.consents.items() if _news(row, yes, said.get((member.id, code)))
        }
        judged.opening = {code: some for code, some in row.opening.items() if (member.id, code) not in opened}
        if judged.columns or judged.cells or judged.tags or judged.consents or judged.opening:
            judged.way = UPDATED
        return judged


def _keys(row: Row) -> list[tuple[str, Any]]:
    keys: list[tuple[str, Any]] = []
    if row.external_id:
        keys.append(("external_id", row.external_id))
    if row.phone:
        keys.append(("phone", phone_hash(row.phone)))
    if row.email:
        keys.append(("email", email_hash(row.email)))
    return keys


def _held(keys: Sequence[tuple[str, Any]], lock: bool) -> dict[tuple[str, Any], Member]:
    by: dict[str, set[Any]] = {"external_id": set(), "phone": set(), "email": set()}
    for kind, value in keys:
        by[kind].add(value)
    wanted = Q(external_id__in=by["external_id"]) | Q(phone_hash__in=by["phone"]) | Q(email_hash__in=by["email"])
    rows = Member.objects.filter(wanted).order_by("id")
    found: dict[tuple[str, Any], Member] = {}
    for one in rows.select_for_update() if lock else rows:
        found[("external_id", one.external_id)] = one
        if one.phone_hash is not None:
            found[("phone", bytes(one.phone_hash))] = one
        if one.email_hash is not None:
            found[("email", bytes(one.email_hash))] = one
    return found


def _worn(ids: Sequence[int]) -> set[tuple[int, int]]:
    return set(Tagging.objects.filter(member_id__in=ids, source=HAND).values_list("member_id", "tag_id"))


def _said(ids: Sequence[int]) -> dict[tuple[int, str], ConsentNow]:
    return {(one.member_id, one.purpose): one for one in ConsentNow.objects.filter(member_id__in=ids)}


def _opened(ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """What members were given as opening balances before."""
    points = PointsLot.objects.filter(member_id__in=ids, source=OPENING_SOURCE).values_list("member_id", "amount")
    growth = GrowthEntry.objects.filter(member_id__in=ids, source=OPENING_SOURCE).values_list("member_id", "amount")
    return {(member, "opening_points"): some for member, some in points} | {
        (member, "opening_growth"): some for member, some in growth
    }


def _news(row: Row, yes: bool, before: ConsentNow | None) -> bool:
    """Whether a word is news: another one than the latest, and not older; of two on one day, taking back stands."""
    if before is None:
        return True
    if before.given == yes or row.consent_day is None:
        return False
    then = before.at.astimezone(house().zone).date()
    return row.consent_day > then or (row.consent_day == then and not yes)


def _columns(row: Row, member: Member | None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "external_id": row.external_id, "phone": row.phone, "email": row.email, "name": row.name, "birthday": row.birthday,
        **row.plain,
    }  # fmt: skip
    said = {code: value for code, value in said.items() if value}
    if member is None:
        return said
    return {code: value for code, value in said.items() if _held_value(member, code, value) != value}


def _held_value(member: Member, code: str, value: Any) -> Any:
    """What a member has; a phone or an e-mail that is found by the same hash counts as the same."""
    if code == "birthday":
        return birthday_of(member)
    if code in ("phone", "email"):
        held = getattr(member, f"{code}_hash")
        hashed = phone_hash(value) if code == "phone" else email_hash(value)
        return value if held is not None and bytes(held) == hashed else None
    if code == "name":
        return unseal(member.name) if member.name else None
    return getattr(member, code)


def said_by_cells(one: ProfileField, cells: Sequence[Cell]) -> Any:
    """The value of rows to be, in the form `values_of` gives."""
    first = cells[0]
    if one.kind == CHOICES:
        order = [option["code"] for option in one.limits.get("options", ())]
        return sorted((cell["word"] for cell in cells), key=order.index)
    if one.kind == NUMBER:
        return plain(first["number"])
    if one.kind == DATE:
        return first["day"].isoformat()
    if one.kind == TEXT and "secret" in first:
        return unseal(first["secret"])
    return first["word"] if "word" in first else first["flag"]


def _called(one: Member) -> str:
    return one.external_id or outside("mem", one.id)
