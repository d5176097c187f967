"""Members handed out as rows of a file: masked, or in full, in the columns that can be brought in again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from rongshu.domain.members.consents.purposes import PURPOSES
from rongshu.domain.members.consents.queries import consents_of
from rongshu.domain.members.files.columns import CONSENT, FIELD
from rongshu.domain.members.points.queries import standings
from rongshu.domain.members.profiles.birthdays import birthday_of
from rongshu.domain.members.profiles.fields import profile_fields
from rongshu.domain.members.profiles.models import Member, ProfileField
from rongshu.domain.members.profiles.values import values_of
from rongshu.domain.members.tags.models import Tagging
from rongshu.domain.members.tags.queries import tags_of
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import invalid
from rongshu.kernel.ids import outside
from rongshu.kernel.secrets import masked, unseal
from rongshu.kernel.tenancy.queries import house

PORTION = 1_000
HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Whom:
    """Which members: all that is named has to be so."""

    tier: str = ""
    region: str = ""
    tag: int | None = None

    def ids(self, after: int, limit: int) -> list[int]:
        """The next ids, in their order."""
        return list(self._rows().filter(id__gt=after).order_by("id").values_list("id", flat=True)[:limit])

    def among(self, members: Sequence[int]) -> list[int]:
        """Those of some members, in their order."""
        return list(self._rows().filter(id__in=list(members)).order_by("id").values_list("id", flat=True))

    def _rows(self) -> QuerySet[Member]:
        wanted = {name: value for name, value in (("tier", self.tier), ("region", self.region)) if value}
        rows = Member.objects.filter(heir_id=None, **wanted)
        return (
            rows
            if self.tag is None
            else rows.filter(id__in=Tagging.objects.filter(tag_id=self.tag).values("member_id"))
        )


Next = Callable[[int, int], list[int]]
"""The ids above one, so many of them."""


def begin_export(*, whom: str, full: bool, reason: str, by: Actor, now: datetime) -> None:
    """Notes that members are handed out, to whom and why. In full only with a reason: raises `invalid` without."""
    if full and len(reason.strip()) < 3:
        raise invalid("no_reason", "Say why you need to see this.", at="reason")
    record("members.exported", subject="members", by=by, now=now, whom=whom, full=full, reason=reason.strip()[:500])


def headings(fields: Sequence[ProfileField]) -> list[str]:
    """The first line: headings that are understood when the file is brought in."""
    return [
        "member", "external_id", "phone", "email", "name", "birthday", "region", "city", "preference", "joined_at", "tier_code",
        "points", "tags", *(FIELD + one.code for one in fields), *(CONSENT + code for code in PURPOSES),
    ]  # fmt: skip


def next_rows(next_ids: Next, after: int, *, full: bool, now: datetime) -> tuple[list[list[str]], int | None]:
    """The rows of the next portion and the last id in it, None when there are no more. A handful of statements."""
    ids = next_ids(after, PORTION)
    if not ids:
        return [], None
    return list(_rows(ids, full, now)), ids[-1]


def _rows(ids: Sequence[int], full: bool, now: datetime) -> Iterator[list[str]]:
    fields, zone = profile_fields(), house().zone
    values, worn, said, points = values_of(ids, fields), tags_of(ids), consents_of(ids), standings(ids, now=now)
    for one in Member.objects.filter(id__in=list(ids)).order_by("id"):
        born = birthday_of(one)
        phone, email, name = (unseal(sealed) if sealed else "" for sealed in (one.phone, one.email, one.name))
        birthday = "" if born is None else born.text
        if not full:
            phone, email = masked(phone), masked(email) if email else ""
            name, birthday = f"{name[:1]}**" if name else "", birthday[-5:]
        consents = said.get(one.id, {})
        yield [
            outside("mem", one.id), one.external_id or "", phone, email, name, birthday, one.region, one.city, one.preference,
            one.created_at.astimezone(zone).date().isoformat(), one.tier, str(points[one.id].usable),
            ";".join(tag.name for tag in worn.get(one.id, ())),
            *(_said(field, values.get(one.id, {}).get(field.code), full) for field in fields),
            *(("yes" if consents[code].given else "no") if code in consents else "" for code in PURPOSES),
        ]  # fmt: skip


def _said(field: ProfileField, value: object, full: bool) -> str:
    if value is None:
        return ""
    if field.sealed and not full:
        return HIDDEN
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ";".join(value) if isinstance(value, list) else str(value)
