"""`rongshu import`: orders, refunds, statuses, members and promoters from files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from rongshu.flows.intake.files import Form, Kind, UnreadableFileError, Wrong, form_of, survey
from rongshu.interfaces.cli.output import as_json as print_json
from rongshu.interfaces.cli.output import err, fail, out
from rongshu.kernel.boot import boot

if TYPE_CHECKING:
    from rongshu.flows.intake.bring import Tally
    from rongshu.kernel.tenancy.queries import House

SHOWN = 20
"""Refused places that are printed; all of them go into the file of --refused."""


def import_file(
    kind: Annotated[Kind, typer.Argument(help="What the file holds.")],
    path: Annotated[
        Path, typer.Argument(help="The file: .csv (UTF-8, with a header) or .ndjson (the API's shapes, one a line).")
    ],
    tenant: Annotated[
        str | None, typer.Option(help="The tenant's slug; may be left out where there is one only.")
    ] = None,
    source: Annotated[
        str,
        typer.Option(help="The shop or system the ids are from; refunds and statuses name the source of their orders."),
    ] = "api",
    form: Annotated[
        Form | None, typer.Option("--format", help="How the file is written; by its name when left out.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and store nothing.")] = False,
    refused: Annotated[Path | None, typer.Option(help="A CSV that every refused place is written to.")] = None,
    wait: Annotated[
        bool,
        typer.Option("--wait/--no-wait", help="Work the orders off before returning, or leave them to the worker."),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print what became of the file as JSON.")] = False,
) -> None:
    """Bring a file in. Refused rows are named with their line and their reason; the others are accepted.

    Running it again is safe: what was accepted is a duplicate. Exit code 0 when everything was accepted or a duplicate,
    1 when something was refused, 2 when the file cannot be read at all.
    """
    try:
        written = form or form_of(path)
        found = survey(path, kind, written)
    except UnreadableFileError as error:
        fail(str(error))
    boot()
    from rongshu.flows.intake.bring import Bringing, Tally, bring_in
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now

    house = _house(tenant)
    what = Bringing(path, kind, written, source, house, COMMAND_LINE, utc_now(), dry_run)
    tally = Tally()
    with _refusals(path, refused) as refusals, _progress(quiet=as_json) as progress:
        reading = progress.add_task(f"{path.name}", total=found.rows)
        try:
            for tally in bring_in(what, found, refusals.add):
                progress.update(reading, completed=tally.rows)
            aside = 0 if dry_run or not wait else _work(house, progress)
        except KeyboardInterrupt:
            progress.stop()
            err.print(_interrupted(tally, kind), style="yellow", markup=False)
            raise SystemExit(130) from None
    refusals.tell_rest()
    _report(what.dry_run, kind, tally, aside, as_json=as_json)
    raise SystemExit(1 if tally.refused or aside else 0)


def _house(slug: str | None) -> House:
    from rongshu.kernel.errors import Refusal
    from rongshu.kernel.tenancy.queries import every_house, house_by_slug

    if slug is None:
        houses = every_house()
        if len(houses) == 1:
            return houses[0]
        fail(f"Name a tenant with --tenant: {', '.join(house.slug for house in houses) or 'there is none yet'}")
    try:
        return house_by_slug(slug)
    except Refusal as refusal:
        fail(str(refusal))


def _work(house: House, progress: Progress) -> int:
    """Works the inbox off; how many entries were set aside on the way."""
    from rongshu.domain.commerce.inbox.queries import count_refused
    from rongshu.flows.intake.bring import work_through
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.tenancy.scope import tenant_scope

    with tenant_scope(house.id):
        before = count_refused()
    working = None
    for done, total in work_through(house, utc_now):
        working = progress.add_task("rating", total=total) if working is None else working
        progress.update(working, completed=done, total=total)
    with tenant_scope(house.id):
        return max(0, count_refused() - before)


def _interrupted(tally: Tally, kind: Kind) -> str:
    return (
        f"Stopped after {tally.rows:,} rows, {tally.accepted:,} {kind} accepted. What was accepted stays, each whole; "
        "run the same command again to go on: what is there already is a duplicate."
    )


def _report(dry_run: bool, kind: Kind, tally: Tally, aside: int, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "rows": tally.rows,
                "accepted": tally.accepted,
                "duplicates": tally.duplicates,
                "refused": tally.refused,
                "set_aside": aside,
                "dry_run": dry_run,
            }
        )
        return
    verb = "would be accepted" if dry_run else "accepted"
    out.print(
        f"{tally.rows:,} rows: {tally.accepted:,} {kind} {verb}, "
        f"{tally.duplicates:,} there already, {tally.refused:,} refused",
        markup=False,
    )
    if aside:
        out.print(f"{aside:,} entries were set aside while they were worked off; the console shows them", markup=False)


class _Refusals:
    """Refused places: the first ones printed, all of them written to a file where one is asked for."""

    def __init__(self, path: Path, writer: Any) -> None:
        self.path = path
        self.count = 0
        self._writer = writer

    def add(self, wrong: Wrong) -> None:
        self.count += 1
        if self._writer is not None:
            self._writer.writerow([str(self.path), wrong.line, wrong.column, wrong.reason, wrong.ref])
        if self.count <= SHOWN:
            column = f", column {wrong.column}" if wrong.column else ""
            words = _printable(f"{self.path}, line {wrong.line}{column}: {wrong.reason}")
            err.print(words, markup=False, soft_wrap=True)

    def tell_rest(self) -> None:
        if self.count > SHOWN:
            more = f"… and {self.count - SHOWN:,} more" + ("" if self._writer else "; --refused FILE keeps them all")
            err.print(more, markup=False)


def _printable(text: str) -> str:
    """What a file says, without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


@contextmanager
def _refusals(path: Path, kept: Path | None) -> Iterator[_Refusals]:
    if kept is None:
        yield _Refusals(path, None)
        return
    try:
        file = kept.open("w", encoding="utf-8", errors="backslashreplace", newline="")
    except OSError as error:
        fail(f"{kept}: cannot be written: {error.strerror or error}")
    with file:
        writer = csv.writer(file)
        writer.writerow(["file", "line", "column", "reason", "entry"])
        yield _Refusals(path, writer)


class _Speed(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s")


def _progress(*, quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        _Speed(),
        TimeRemainingColumn(),
        console=err,
        disable=quiet or not err.is_terminal,
    )
