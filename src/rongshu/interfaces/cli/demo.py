"""`rongshu demo`: a year of a real shop in a tenant of its own, to look at and to try things on."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from rongshu.interfaces.cli.output import as_json as print_json
from rongshu.interfaces.cli.output import err, fail, out
from rongshu.kernel.boot import boot, migrate

if TYPE_CHECKING:
    from collections.abc import Generator

    from rongshu.flows.demo.doors import Doors
    from rongshu.flows.demo.load import Loaded, Phase, Step

_WORDS = {
    "reading": "reading the invoices",
    "founding": "founding the tenant",
    "people": "members, promoters (synthetic forest), plan, logins",
    "orders": "orders",
    "statuses": "completed orders",
    "refunds": "refunds",
    "releases": "releases",
    "standings": "events and standings",
}


def demo(
    orders: Annotated[
        int | None, typer.Option(help="Only the first so many orders; all 19,773 when left out.", min=1)
    ] = None,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Start the server and keep it running.")] = True,
    port: Annotated[int, typer.Option(help="Port of the web server.")] = 8000,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Load the demo and serve it: real orders of a UK gift retailer, a synthetic forest of inviters.

    Running it again changes nothing; an interrupted load goes on. The server answers as soon as the first orders are
    in, the others follow while it runs. Ctrl-C stops everything cleanly. Exit code 0, or 2 when it cannot be loaded.
    """
    if serve:
        from rongshu.interfaces.cli.up import ensure_port_free

        ensure_port_free("127.0.0.1", port)
    server = boot()
    migrate()
    from rongshu.flows.demo.load import load_steps
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.errors import Refusal

    loading = _Loading(load_steps(limit_orders=orders, now=utc_now()), quiet=as_json)
    try:
        loading.go(until_worth_seeing=serve)
    except Refusal as refusal:
        fail(str(refusal))
    except KeyboardInterrupt:
        err.print("Stopped. Run the same command again to go on from here.", markup=False)
        raise SystemExit(130) from None
    if not serve:
        _tell(loading.loaded, as_json=as_json)
        raise SystemExit(0)
    from rongshu.interfaces.cli.up import run

    def ready() -> None:
        if not as_json and loading.doors is not None:
            _open_doors(loading.doors, port)

    def rest() -> None:
        loading.go()
        _tell(loading.loaded, as_json=as_json)

    raise SystemExit(run(port, ready, rest, server=server))


class _Loading:
    """A load with its progress on the terminal; it may be left and gone on with, in another thread too."""

    def __init__(self, steps: Generator[Step, None, Loaded], *, quiet: bool) -> None:
        self.loaded: Loaded | None = None
        self.doors: Doors | None = None
        self._steps = steps
        self._quiet = quiet or not err.is_terminal

    def go(self, *, until_worth_seeing: bool = False) -> None:
        """Goes on to the end, or to where a server may start."""
        from django.db import connection

        tasks: dict[Phase, Any] = {}
        with _progress(quiet=self._quiet) as progress:
            while True:
                try:
                    step = next(self._steps)
                except StopIteration as end:
                    self.loaded = end.value
                    break
                self.doors = step.doors or self.doors
                if step.phase not in tasks:
                    for task in tasks.values():
                        progress.update(task, visible=False)
                    tasks[step.phase] = progress.add_task(_WORDS[step.phase], total=step.total or None)
                progress.update(tasks[step.phase], completed=step.done, total=step.total or None)
                if until_worth_seeing and step.worth_seeing:
                    break
        connection.close()


def _progress(*, quiet: bool) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=quiet,
    )


def _tell(loaded: Loaded | None, *, as_json: bool) -> None:
    if loaded is None:
        return
    from rongshu.engine.money import format_units

    money = ("paid", "refunded", "accrued", "released", "reversed")
    currency = loaded.tenant.currency
    if as_json:
        doors = loaded.doors
        figures = {
            name: format_units(value, currency) if name in money else value
            for name, value in asdict(loaded).items()
            if name not in ("tenant", "doors")
        }
        print_json(
            {
                "tenant": loaded.tenant.slug,
                "currency": currency,
                "forest": "synthetic",
                **figures,
                "logins": [{"name": one.name, "role": one.role} for one in doors.logins],
                "password": doors.password,
                "api_key": doors.api_key,
            }
        )
        return
    table = Table(title=f"{loaded.tenant.name} ({currency})", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for words, value in (
        ("orders", f"{loaded.orders:,}"),
        ("order lines", f"{loaded.lines:,}"),
        ("orders of guests, credited to nobody", f"{loaded.guests:,}"),
        ("members", f"{loaded.members:,}"),
        ("promoters, in a synthetic forest", f"{loaded.promoters:,}"),
        ("paid", format_units(loaded.paid, currency)),
        ("commission accrued", format_units(loaded.accrued, currency)),
        ("commission released", format_units(loaded.released, currency)),
        ("commission reversed by refunds", format_units(loaded.reversed, currency)),
        (f"refunds ({loaded.refunds:,})", format_units(loaded.refunded, currency)),
        ("cancelled lines without a purchase to refund, left out", f"{loaded.unmatched:,}"),
    ):
        table.add_row(words, value)
    out.print(table)


def _open_doors(doors: Doors, port: int) -> None:
    """Addresses and logins."""
    out.print(f"\nRongshu 榕树 answers at http://127.0.0.1:{port}/", markup=False)
    table = Table(show_header=True, title="Logins", title_justify="left")
    for name in ("name", "password", "opens"):
        table.add_column(name)
    for login in doors.logins:
        page = "portal" if login.member_id else "console"
        password = doors.password if login.known else "as made at the first run"
        table.add_row(login.name, password, f"http://127.0.0.1:{port}/{page}/ ({login.role})")
    out.print(table)
    out.print(f"API key: {doors.api_key}", markup=False, soft_wrap=True)
    out.print(f"Kept in {doors.kept_in}\n", markup=False, soft_wrap=True)
