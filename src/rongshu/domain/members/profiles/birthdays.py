"""Birthdays: month and day, with the year where it is known; the leap day is celebrated on 28 February in other years."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from rongshu.domain.members.profiles.models import Member
from rongshu.kernel.errors import invalid
from rongshu.kernel.secrets import seal, unseal

_WRITTEN = re.compile(r"(?:(?P<year>\d{4})-|--)?(?P<month>\d{1,2})-(?P<day>\d{1,2})")
OLDEST = 1900


@dataclass(frozen=True, slots=True)
class Birthday:
    """A day of the year, and the year (None: not known)."""

    month: int
    day: int
    year: int | None = None

    @property
    def number(self) -> int:
        """100 * month + day, as it is kept."""
        return 100 * self.month + self.day

    @property
    def text(self) -> str:
        """`1990-05-01`, or `05-01` without a year."""
        days = f"{self.month:02}-{self.day:02}"
        return days if self.year is None else f"{self.year}-{days}"


def read_birthday(text: str, *, today: date) -> Birthday:
    """A birthday as it is written: `1990-05-01`, `05-01` or `--05-01`. Raises `invalid` for a day that is none, or to come."""
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise invalid("bad_birthday", "A birthday looks like 1990-05-01, or 05-01 without the year.", at="birthday")
    year, month, day = (None if part is None else int(part) for part in written.group("year", "month", "day"))
    assert month is not None and day is not None
    try:
        whole = date(2000 if year is None else year, month, day)
    except ValueError as error:
        raise invalid("no_such_day", "There is no such day: %(day)s.", at="birthday", day=text.strip()) from error
    if year is not None and not (year >= OLDEST and whole <= today):
        raise invalid("bad_birth_year", "The year of birth is not before 1900 and not to come.", at="birthday")
    return Birthday(month, day, year)


def birthday_of(member: Member) -> Birthday | None:
    """A member's birthday, None where nobody said."""
    if member.birth_day is None:
        return None
    year = None if member.birth_year is None else int(unseal(member.birth_year))
    return Birthday(member.birth_day // 100, member.birth_day % 100, year)


def sealed_year(birthday: Birthday) -> bytes | None:
    """The year as it is kept."""
    return None if birthday.year is None else seal(str(birthday.year))


def celebrated_on(today: date) -> tuple[int, ...]:
    """The values of `Member.birth_day` that are celebrated on a day: on 28 February of a year without a leap day, 229 too."""
    number = 100 * today.month + today.day
    return (228, 229) if number == 228 and not calendar.isleap(today.year) else (number,)


def members_with_birthday(today: date, *, after: int = 0, limit: int = 1000) -> list[int]:
    """Ids of members who celebrate on a day, lowest first; `after` is the last id of the page before."""
    rows = Member.objects.filter(birth_day__in=celebrated_on(today), id__gt=after)
    return list(rows.order_by("id").values_list("id", flat=True)[:limit])
