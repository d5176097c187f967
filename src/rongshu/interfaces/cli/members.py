"""Members from the command line: files of any size brought in and taken out; those who are one person merged."""

from __future__ import annotations

import csv
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from rongshu.interfaces.cli.output import as_json, err, fail, out
from rongshu.kernel.boot import boot

if TYPE_CHECKING:
    from rongshu.domain.members.files.actions import Counts, Said
    from rongshu.domain.members.files.judging import Judged
    from rongshu.kernel.tenancy.queries import House

members = typer.Typer(help="Members: brought in from files, taken out as files.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(help="The tenant's slug.")]
SHOWN = 20
Given = TypeVar("Given")


@members.command("bring")
def bring(
    slug: Slug,
    path: Annotated[Path, typer.Argument(help="The file: CSV with headings, UTF-8 or GB18030.")],
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map", help="HEADING=MEANING, where the heading alone does not say it; HEADING= passes it over."
        ),
    ] = None,
    source: Annotated[str, typer.Option(help="Of consents in the file: where and how they were given.")] = "",
    day: Annotated[str, typer.Option(help="Of consents in the file: the day, where rows name none.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of the rows; write nothing.")
    ] = False,
    wrong: Annotated[Path | None, typer.Option(help="A CSV that rows that cannot be taken are written to.")] = None,
    welcome: Annotated[bool, typer.Option("--welcome", help="New members get what new members get.")] = False,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Bring members in. Each portion of 5000 rows is written whole; the same file again changes nothing.

    Exit code 0 when every row was taken, 1 when some were not, 2 when the file cannot be read at all.
    """
    boot()
    from rongshu.domain.members.files.reading import decoded
    from rongshu.kernel.errors import Refusal
    from rongshu.kernel.tenancy.queries import house_by_slug

    try:
        content = path.read_bytes()
    except OSError as error:
        fail(f"{path}: the file cannot be read: {error.strerror or error}")
    try:
        house, text = house_by_slug(slug), decoded(content)
        del content
        with ExitStack() as files:
            file = None if wrong is None else files.enter_context(wrong.open("w", encoding="utf-8", newline=""))
            counts = _bring(
                house, text, mapped or [], (source, day), dry_run, welcome, None if file is None else csv.writer(file)
            )
    except Refusal as refusal:
        fail(str(refusal))
    except OSError as error:
        fail(f"{wrong}: cannot be written: {error.strerror or error}")
    if json:
        as_json(counts.numbers | {"rows": counts.rows, "dry_run": dry_run})
    else:
        out.print(
            f"{counts.rows:,} rows: {counts.new:,} new, {counts.updated:,} changed, {counts.same:,} as they were, {counts.wrong:,} not taken"
            + (" (nothing was written)" if dry_run else ""),
            markup=False,
        )
    raise SystemExit(1 if counts.wrong else 0)


def _bring(
    house: House, text: str, mapped: list[str], stated: tuple[str, str], dry_run: bool, welcome: bool, wrong: Any
) -> Counts:
    """Portion by portion, each in a transaction of its own."""
    from rongshu.domain.members.files.actions import Counts, judge_text, keep_portion
    from rongshu.domain.members.files.reading import table_of
    from rongshu.domain.members.profiles.fields import profile_fields
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.audit.actions import record
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.tenancy.scope import tenant_scope

    said, counts, now = _said(*stated), Counts(), utc_now()
    headings = table_of(text).headings
    with tenant_scope(house.id):
        mapping = _mapping(headings, mapped, profile_fields())
    if wrong is not None:
        wrong.writerow(["line", "what is wrong", *headings])
    portions = judge_text(text, mapping, said, now=now, lock=not dry_run, most=None)
    while True:
        with tenant_scope(house.id):
            judged = next(portions, None)
            if judged is None:
                break
            if dry_run:
                counts.add(judged, 0)
            else:
                keep_portion(judged, counts, said, welcome=welcome, by=COMMAND_LINE, now=now)
        _tell(judged, counts, wrong)
    if not dry_run:
        with tenant_scope(house.id):
            record("members.imported", subject="command line", by=COMMAND_LINE, now=now, **counts.numbers)
    return counts


def _said(source: str, day: str) -> Said:
    from rongshu.domain.members.files.actions import Said
    from rongshu.domain.members.files.cleaning import day_of_text

    return Said(source, day_of_text(day, "day") if day else None)


def _mapping(headings: tuple[str, ...], mapped: list[str], fields: list[Any]) -> list[str]:
    from rongshu.domain.members.files.columns import proposed
    from rongshu.kernel.errors import invalid

    mapping = proposed(headings, fields)
    for one in mapped:
        heading, is_one, meaning = one.rpartition("=")
        if not is_one or heading not in headings:
            raise invalid("unknown_heading", "The file has no column %(name)s; it has: %(known)s.", at="map", name=heading or one,
                          known=", ".join(headings))  # fmt: skip
        mapping[headings.index(heading)] = meaning
    return mapping


def _tell(judged: list[Judged], counts: Counts, wrong: Any) -> None:
    """The first wrong rows on the screen, all of them in the file where one is asked for."""
    before = counts.wrong - sum(1 for one in judged if one.way == "wrong")
    for place, one in enumerate((one for one in judged if one.way == "wrong"), start=before):
        words = " ".join(f"{code}: {refusal}" if code else str(refusal) for code, refusal in one.row.faults)
        if wrong is not None:
            wrong.writerow([one.row.line, words, *one.row.cells])
        if place < SHOWN:
            err.print(f"line {one.row.line}: {words}", markup=False, soft_wrap=True)


@members.command("export")
def export(
    slug: Slug,
    path: Annotated[Path, typer.Argument(help="The CSV to be written.")],
    tier: Annotated[str, typer.Option(help="Only members of a tier, by its code.")] = "",
    region: Annotated[str, typer.Option(help="Only members of a region, such as CN-GD.")] = "",
    full: Annotated[
        bool, typer.Option("--full", help="Phones, e-mail addresses, names and birthdays unmasked.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why in full; it is kept.")] = "",
) -> None:
    """Take members out as CSV, masked, or in full with a reason."""
    boot()
    from rongshu.domain.members.files.exporting import Whom, begin_export, headings, next_rows
    from rongshu.domain.members.profiles.fields import profile_fields
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.errors import Refusal
    from rongshu.kernel.tenancy.queries import house_by_slug
    from rongshu.kernel.tenancy.scope import tenant_scope

    now, count, last = utc_now(), 0, 0
    whom = Whom(tier, region)
    try:
        house = house_by_slug(slug)
        with tenant_scope(house.id):
            words = ", ".join(f"{name} {value}" for name, value in (("tier", tier), ("region", region)) if value)
            begin_export(whom=words or "everybody", full=full, reason=reason, by=COMMAND_LINE, now=now)
            first = headings(profile_fields())
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(first)
            while True:
                with tenant_scope(house.id):
                    rows, after = next_rows(whom.ids, last, full=full, now=now)
                if after is None:
                    break
                writer.writerows(rows)
                count, last = count + len(rows), after
    except Refusal as refusal:
        fail(str(refusal))
    except OSError as error:
        fail(f"{path}: cannot be written: {error.strerror or error}")
    out.print(f"{count:,} members", markup=False)


@members.command("duplicates")
def duplicates(
    slug: Slug,
    after: Annotated[str, typer.Option(help="The pair the page before ended with, as ID,ID.")] = "",
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List members that may be one person, 50 pairs at a time, with what they are alike in."""
    boot()
    from rongshu.domain.members.duplicates.finding import look_for_likeness, pairs
    from rongshu.kernel.ids import inside, outside

    def listed() -> list[dict[str, Any]]:
        low, _comma, high = after.partition(",")
        while look_for_likeness():
            pass
        return [
            {"members": [outside("mem", one.low), outside("mem", one.high)], "alike_in": list(one.kinds)}
            for one in pairs(after=(inside("mem", low.strip()) or 0, inside("mem", high.strip()) or 0))
        ]

    found = _in_house(slug, listed)
    if json:
        as_json(found)
        return
    for one in found:
        out.print(f"{' '.join(one['members'])}  {', '.join(one['alike_in'])}", markup=False, soft_wrap=True)
    out.print(f"{len(found)} pairs", markup=False)


@members.command("merge")
def merge(
    slug: Slug,
    member: Annotated[str, typer.Argument(help="The one to be merged: our id, yours, phone or e-mail.")],
    into: Annotated[str, typer.Option(help="The one who stays.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept.")],
) -> None:
    """Merge a member into another who is the same person; `unmerge` undoes it."""
    boot()
    from rongshu.domain.members.profiles.queries import find_member
    from rongshu.flows.duplicates import merge_members
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.ids import outside

    def merged() -> str:
        done = merge_members(
            member_id=find_member(member).id,
            heir_id=find_member(into).id,
            reason=reason,
            by=COMMAND_LINE,
            now=utc_now(),
        )
        points = sum(row[2] for row in done.moved["points"])
        return (
            f"{outside('mrg', done.id)}: {outside('mem', done.source_id)} is {outside('mem', done.heir_id)} now; "
            f"{len(done.moved['orders'])} orders, {points} points, {len(done.moved['coupons'])} coupons went with them."
        )

    out.print(_in_house(slug, merged), markup=False, soft_wrap=True)


@members.command("unmerge")
def unmerge(slug: Slug, merge: Annotated[str, typer.Argument(help="The merge: mrg_…, as `merge` said.")]) -> None:
    """Undo a merge: what moved and is still there goes back."""
    boot()
    from rongshu.flows.duplicates import unmerge_members
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.ids import inside

    undone = _in_house(
        slug, lambda: unmerge_members(merge_id=inside("mrg", merge) or 0, by=COMMAND_LINE, now=utc_now())
    )
    out.print(
        f"{undone.orders} orders and {undone.points} points went back; {undone.points_gone} points were used or lapsed meanwhile.",
        markup=False, soft_wrap=True,
    )  # fmt: skip


def _in_house(slug: str, work: Callable[[], Given]) -> Given:
    """What `work` gives in the tenant's transaction; a refusal ends the command."""
    from rongshu.kernel.errors import Refusal
    from rongshu.kernel.tenancy.queries import house_by_slug
    from rongshu.kernel.tenancy.scope import tenant_scope

    try:
        with tenant_scope(house_by_slug(slug).id):
            return work()
    except Refusal as refusal:
        fail(str(refusal))
