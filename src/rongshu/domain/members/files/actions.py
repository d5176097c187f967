from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice

from rongshu.domain.members.files.columns import CONSENT, checked_mapping, proposed
from rongshu.domain.members.files.judging import NEW, SAME, UPDATED, WRONG, Judge, Judged
from rongshu.domain.members.files.keeping import keep_rows
from rongshu.domain.members.files.models import MemberFile
from rongshu.domain.members.files.reading import Reader, decoded, table_of
from rongshu.domain.members.profiles.cleaning import one_line
from rongshu.domain.members.profiles.fields import profile_fields
from rongshu.domain.members.tags.queries import tags
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.secrets import seal, unseal
from rongshu.kernel.tenancy.queries import house

MOST_BYTES, MOST_ROWS = 16 * 2**20, 50_000
"""Of a file by the console; the command line takes larger ones, portion by portion."""
PORTION = 5_000
KEPT = timedelta(days=1)


@dataclass(slots=True)
class Said:
    """Of consents in a file: where and how they were agreed to, and the day of rows that name none."""

    source: str = ""
    day: date | None = None


@dataclass(slots=True)
class Counts:
    """Rows by what becomes of them, and those that are shown."""

    new: int = 0
    updated: int = 0
    same: int = 0
    wrong: int = 0
    examples: list[Judged] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.new + self.updated + self.same + self.wrong

    @property
    def numbers(self) -> dict[str, int]:
        return {NEW: self.new, UPDATED: self.updated, SAME: self.same, WRONG: self.wrong}

    def add(self, judged: Sequence[Judged], examples: int) -> None:
        for one in judged:
            setattr(self, one.way, getattr(self, one.way) + 1)
        self.examples += [one for one in judged if one.way in (NEW, UPDATED)][: max(0, examples - len(self.examples))]


def judge_text(
    text: str, mapping: Sequence[str], said: Said, *, now: datetime, lock: bool = False, most: int | None = MOST_ROWS
) -> Iterator[list[Judged]]:
    """The rows of a file, a portion at a time, each with what becomes of it. Raises `invalid` for what is no such file or mapping."""
    table = table_of(text)
    fields = profile_fields()
    columns = checked_mapping(mapping, table.headings, fields)
    if any(code.startswith(CONSENT) for code in columns):
        one_line(said.source, 200, "source")
        if not said.source.strip():
            raise invalid("no_consent_source", "Say where and how these consents were given, such as: paper forms in the shops.",
                          at="source")  # fmt: skip
        if said.day is None and "consent_day" not in columns:
            raise invalid("no_consent_day", "Say on which day this was agreed to.", at="day")
    zone = house().zone
    today = now.astimezone(zone).date()
    if said.day is not None and said.day > today:
        raise invalid("day_to_come", "This day is still to come, or before 1990.", at="day")
    reader = Reader(columns, {one.code: one for one in fields}, zone, today, said.day)
    judge = Judge(
        {one.code: one for one in fields if f"field:{one.code}" in columns},
        {one.name.casefold(): one.id for one in tags()} if "tags" in columns else {},
    )
    count = 0
    while portion := list(islice(table.rows, PORTION)):
        count += len(portion)
        if most is not None and count > most:
            raise invalid("too_many_rows", "A file has at most %(most)s rows here; give larger ones to the command line, or in parts.",
                          at="file", most=most)  # fmt: skip
        yield judge.judge([reader.row(line, cells) for line, cells in portion], lock=lock)


def keep_portion(
    judged: Sequence[Judged], counts: Counts, said: Said, *, welcome: bool = False, by: Actor, now: datetime
) -> None:
    """Writes the rows of a portion that can be taken, and counts all of them. The same again changes nothing.

    `welcome`: new members are announced, and get what new members get. Raises `conflict`.
    """
    fields = {one.code: one for one in profile_fields()}
    taken = keep_rows(judged, fields, source=said.source.strip(), by=by, now=now)
    counts.add(judged, 0)
    if welcome:
        announce("member.added", subjects=taken, now=now)


def put_file(*, name: str, content: bytes, by: Actor, now: datetime) -> MemberFile:
    """A file that waits for its mapping to be looked at, sealed, for a day. Raises `invalid` for what is none."""
    if len(content) > MOST_BYTES:
        raise invalid("file_too_large", "A file has at most %(most)s MB here; give larger ones to the command line.", at="file",
                      most=MOST_BYTES // 2**20)  # fmt: skip
    text = decoded(content)
    table = table_of(text)
    if next(table.rows, None) is None:
        raise invalid("no_rows", "There is no row below the headings.", at="file")
    return MemberFile.add(
        name=one_line(name[-100:], 100, "file") or "members.csv", content=seal(text),
        mapping=proposed(table.headings, profile_fields()), made_at=now, actor=str(by),
    )  # fmt: skip


def map_file(*, file_id: int, mapping: Sequence[str], said: Mapping[str, str], now: datetime) -> None:
    """Says what the columns mean. Raises `missing`, `conflict` for a file that was brought in already."""
    open_file(file_id, lock=True, now=now)
    MemberFile.objects.filter(id=file_id).update(mapping=list(mapping), said=dict(said))


def open_file(file_id: int, *, lock: bool = False, now: datetime) -> MemberFile:
    """A file that waits. Raises `missing` for one that is gone, `conflict` for one that was brought in."""
    rows = MemberFile.objects.select_for_update() if lock else MemberFile.objects
    held = rows.filter(id=file_id).first()
    if held is None or (held.content is None and held.done_at is None) or held.made_at < now - KEPT:
        raise missing(
            "file_gone", "This file is gone: what is not brought in within a day is forgotten. Choose it again."
        )
    if held.done_at is not None:
        raise conflict("file_done", "This file was brought in already.")
    return held  # type: ignore[no-any-return]


def text_of(held: MemberFile) -> str:
    """What stands in a file. Raises `missing` when it is gone."""
    if held.content is None:
        raise missing(
            "file_gone", "This file is gone: what is not brought in within a day is forgotten. Choose it again."
        )
    return unseal(held.content)


def said_of(held: MemberFile) -> Said:
    """What was said of the consents in it."""
    day = held.said.get("day") or ""
    return Said(held.said.get("source") or "", date.fromisoformat(day) if day else None)


def bring_file(*, file_id: int, welcome: bool = False, by: Actor, now: datetime) -> Counts:
    """Brings a file in, whole; it is forgotten with the next look by the clock. Raises `missing`, `invalid`, `conflict`."""
    held = open_file(file_id, lock=True, now=now)
    counts, said = Counts(), said_of(held)
    for judged in judge_text(text_of(held), held.mapping, said, now=now, lock=True):
        keep_portion(judged, counts, said, welcome=welcome, by=by, now=now)
    MemberFile.objects.filter(id=file_id).update(counts=counts.numbers, done_at=now)
    record("members.imported", subject=str(file_id), by=by, now=now, file=held.name, **counts.numbers)
    return counts


def forget_files(*, now: datetime) -> int:
    """Forgets what stands in files that came more than a day ago; how many."""
    old = MemberFile.objects.filter(made_at__lt=now - KEPT, content__isnull=False)
    return int(old.update(content=None))
