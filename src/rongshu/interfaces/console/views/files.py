"""Members from files and as files, in the console."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from rongshu.domain.marketing.segments.queries import members_of, segment, segments
from rongshu.domain.members.files.actions import (
    MOST_BYTES,
    MOST_ROWS,
    Counts,
    bring_file,
    judge_text,
    map_file,
    open_file,
    put_file,
    said_of,
    text_of,
)
from rongshu.domain.members.files.columns import CONSENT, OPENING, targets
from rongshu.domain.members.files.exporting import Next, Whom, begin_export, headings, next_rows
from rongshu.domain.members.files.judging import WRONG, Judged
from rongshu.domain.members.files.models import MemberFile
from rongshu.domain.members.files.queries import latest_files
from rongshu.domain.members.files.reading import table_of
from rongshu.domain.members.profiles.fields import profile_fields
from rongshu.domain.members.profiles.queries import regions_lived_in
from rongshu.domain.members.profiles.regions import region_name
from rongshu.domain.members.tags.queries import tags
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.files import (
    ColumnRow,
    ExampleRow,
    ExportForm,
    FileRow,
    MemberFilePage,
    MemberFiles,
    WrongRow,
)
from rongshu.interfaces.console.views.members import tier_titles
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.file_words import fault_words, target_names
from rongshu.interfaces.faces.files import attached, plain, streamed, table
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal, invalid, missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.secrets import masked
from rongshu.kernel.tenancy.scope import tenant_scope

EXAMPLES, WRONG_SHOWN, SAMPLES = 10, 50, 3


@page("members", Permission.EDIT_MEMBERS)
def files(visit: Visit) -> MemberFiles | HttpResponse:
    """The files that came, a form for another, and one for taking members out. Posting brings a file to its mapping."""
    if visit.request.method != "POST":
        return _files(visit)
    given = visit.request.FILES.get("file")
    try:
        if given is None:
            raise invalid("no_file", "Choose a file.", at="file")
        if (given.size or 0) > MOST_BYTES:
            raise invalid("file_too_large", "A file has at most %(most)s MB here; give larger ones to the command line.", at="file",
                          most=MOST_BYTES // 2**20)  # fmt: skip
        held = put_file(name=given.name or "", content=given.read(), by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return _files(visit, problem=said(refusal), at=refusal.at or "")
    return redirect("console:member_file", id=outside("mfl", held.id))


def _files(visit: Visit, *, problem: str = "", at: str = "") -> MemberFiles:
    language = get_language() or "zh-hans"
    rows = []
    for one in latest_files():
        kept = (visit.now - one.made_at).total_seconds() < 86_400
        rows.append(
            FileRow(
                outside("mfl", one.id), one.name, one.made_at, one.done_at, one.counts, kept and not one.done_at, kept
            )
        )
    return MemberFiles(
        rows=tuple(rows),
        export=ExportForm(
            tuple(tier_titles(visit).items()),
            tuple((one, region_name(one, language)) for one in regions_lived_in()),
            tuple((outside("tag", one.id), one.name) for one in tags(off=True)),
            tuple((outside("seg", one.segment.id), one.segment.name) for one in segments(limit=200)),
            visit.may(Permission.EXPORT_MEMBERS),
            {
                name: visit.request.POST.get(name, "")[:500]
                for name in ("tier", "region", "tag", "segment", "reason", "full")
            },
        ),
        most_mb=MOST_BYTES // 2**20,
        most_rows=MOST_ROWS,
        problem=problem,
        at=at,
    )


def _held(id: str) -> MemberFile:
    held = MemberFile.objects.filter(id=inside("mfl", id) or 0).first()
    if held is None:
        raise missing("no_file_here", "There is no such file.")
    return held  # type: ignore[no-any-return]


@page("members", Permission.EDIT_MEMBERS)
def one_file(visit: Visit, id: str) -> MemberFilePage | HttpResponse:
    """One file: what its columns mean and what becomes of its rows; posting changes the mapping or brings it in."""
    held, post = _held(id), visit.request.POST
    if visit.request.method != "POST":
        return _page(visit, held)
    try:
        open_file(held.id, now=visit.now)
        columns = table_of(text_of(held)).headings
        mapping = [post.get(f"column-{place}", "")[:80] for place in range(len(columns))]
        stated = {"source": post.get("source", "").strip()[:200], "day": _day(post.get("day", ""))}
        map_file(file_id=held.id, mapping=mapping, said=stated, now=visit.now)
        held.mapping, held.said = mapping, stated
        if post.get("do") != "bring":
            return _page(visit, held)
        if set(mapping) & set(OPENING):
            visit.demand(Permission.ADJUST_POINTS)
        visit.keep()
        counts = bring_file(file_id=held.id, welcome=post.get("welcome") == "yes", by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return _page(visit, held, problem=said(refusal), at=refusal.at or "")
    messages.success(
        visit.request,
        _("Brought in: %(new)s new, %(updated)s changed, %(same)s as they were, %(wrong)s not taken.") % counts.numbers,
    )
    return redirect("console:member_file", id=id)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise invalid("no_day", "A day looks like 2026-05-01.", at="day") from None


def _page(visit: Visit, held: MemberFile, *, problem: str = "", at: str = "") -> MemberFilePage:
    bare = MemberFilePage(
        outside("mfl", held.id), held.name, held.made_at, (), (), counts=held.counts, done_at=held.done_at, kept=False
    )
    if held.content is None or (visit.now - held.made_at).total_seconds() >= 86_400:
        return bare
    text, names = text_of(held), target_names(profile_fields(), get_language() or "zh-hans")
    looked = table_of(text)
    first = [cells for _line, cells in islice(looked.rows, SAMPLES)]
    columns = tuple(
        ColumnRow(
            place, heading, tuple(_sample(code, cells[place]) for cells in first if place < len(cells) and cells[place].strip()), code
        )
        for place, (heading, code) in enumerate(zip(looked.headings, held.mapping, strict=True))
    )  # fmt: skip
    counts, wrong = Counts(), list[Judged]()
    try:
        for judged in judge_text(text, held.mapping, said_of(held), now=visit.now):
            counts.add(judged, EXAMPLES)
            wrong += [one for one in judged if one.way == WRONG][: WRONG_SHOWN - len(wrong)]
    except Refusal as refusal:
        counts, wrong = Counts(), []
        if not problem:
            words = _(refusal.template) % refusal.params if refusal.params else _(refusal.template)
            problem, at = words, refusal.at or ""
    return replace(
        bare, kept=True, columns=columns, options=tuple((code, names[code]) for code in targets(profile_fields())),
        counts=held.counts if held.done_at else counts.numbers if counts.rows else {},
        examples=() if held.done_at else tuple(_example(one, names) for one in counts.examples),
        wrong=tuple(WrongRow(one.row.line, fault_words(one.row, names)) for one in wrong),
        consents=any(code.startswith(CONSENT) for code in held.mapping), source=held.said.get("source") or "",
        day=held.said.get("day") or "", welcome=visit.request.POST.get("welcome") == "yes", problem=problem, at=at,
    )  # fmt: skip


def _sample(code: str, cell: str) -> str:
    """Phones and addresses are shown masked, in a preview too."""
    text = " ".join(cell.split())[:40]
    return masked(text) if code in ("phone", "email") else text


def _example(one: Judged, names: dict[str, str]) -> ExampleRow:
    row = one.row
    who = row.name or row.external_id or masked(row.phone or row.email or "")
    said_here = [
        *one.columns,
        *(f"field:{code}" for code in one.cells),
        *(CONSENT + code for code in one.consents),
        *one.opening,
    ]
    return ExampleRow(
        row.line, one.way, who, tuple(names[code] for code in [*said_here, *(["tags"] if one.tags else [])])
    )


@page("members", Permission.EDIT_MEMBERS)
def wrong_rows(visit: Visit, id: str) -> HttpResponse:
    """The rows that cannot be taken, as they came, with what is wrong in each, as CSV."""
    held = _held(id)
    text, names = text_of(held), target_names(profile_fields(), get_language() or "zh-hans")
    rows = [[_("Line of the file"), _("What is wrong"), *(plain(one) for one in table_of(text).headings)]]
    for judged in judge_text(text, held.mapping, said_of(held), now=visit.now):
        rows += [
            [str(one.row.line), plain(fault_words(one.row, names)), *(plain(cell) for cell in one.row.cells)]
            for one in judged
            if one.way == WRONG
        ]
    return attached(table(rows), "wrong-rows.csv")


@page("members", Permission.EDIT_MEMBERS)
def export(visit: Visit) -> MemberFiles | HttpResponse:
    """Members as CSV, of a tier, a region, a tag or a segment; in full with a reason that is kept."""
    post, full = visit.request.POST, visit.request.POST.get("full") == "yes"
    try:
        if full:
            visit.demand(Permission.EXPORT_MEMBERS)
        chosen = {name: post.get(name, "")[:80] for name in ("tier", "region", "tag", "segment")}
        within = segment(inside("seg", chosen["segment"]) or 0) if chosen["segment"] else None
        whom = Whom(chosen["tier"], chosen["region"], (inside("tag", chosen["tag"]) or 0) if chosen["tag"] else None)
        words = ", ".join(f"{name} {value}" for name, value in chosen.items() if value) or "everybody"
        begin_export(whom=words, full=full, reason=post.get("reason", ""), by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return _files(visit, problem=said(refusal), at=refusal.at or "")
    next_ids = whom.ids if within is None else _of_segment(within.id, whom)
    return streamed(_lines(visit, next_ids, full=full), "members.csv")


def _of_segment(identifier: int, whom: Whom) -> Next:
    """The members of a segment of whom everything else that was asked holds too."""

    def ids(after: int, limit: int) -> list[int]:
        while found := [member for member, _since in members_of(identifier, after=after, limit=limit)]:
            if fitting := whom.among(found):
                return fitting
            after = found[-1]
        return []

    return ids


def _lines(visit: Visit, next_ids: Next, *, full: bool) -> Iterator[list[str]]:
    """The file, portion by portion, each in a transaction of its own: the visit's is over by then."""
    language, after = get_language() or "zh-hans", 0
    with tenant_scope(visit.house.id):
        yield headings(profile_fields())
    while True:
        with tenant_scope(visit.house.id), override(language):
            rows, last = next_rows(next_ids, after, full=full, now=utc_now())
        if last is None:
            return
        after = last
        for row in rows:
            yield [plain(cell) for cell in row]
