"""`rongshu bench`: speed as ratios to a limit measured in the same run."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rongshu.interfaces.cli.output import as_json, out

commands = typer.Typer(help="Measure: every figure beside its limit, in the same run.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def _show(figures: dict[str, Any], json: bool) -> None:
    if json:
        as_json(figures)
        return
    width = max(map(len, figures))
    for name, value in figures.items():
        shown = f"{value:,.3f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
        out.print(f"{name:<{width}}  {shown}", markup=False)


@commands.command()
def rate(lines: Annotated[int, typer.Option(help="Order lines.", min=1000)] = 1_000_000, json: Json = False) -> None:
    """Rows a second of the pure engine against a bare scan of the same frame."""
    from rongshu.interfaces.cli.bench.rate import run

    _show(run(lines), json)


@commands.command()
def forest(members: Annotated[int, typer.Option(help="Members.", min=1000)] = 1_000_000, json: Json = False) -> None:
    """Roll-up of a whole forest against one bare pass over the same array."""
    from rongshu.interfaces.cli.bench.forest import run

    _show(run(members), json)


@commands.command()
def intake(
    orders: Annotated[int, typer.Option(help="Orders sent through the API.", min=100)] = 100_000,
    history: Annotated[int, typer.Option(help="Orders already there before measuring.", min=0)] = 0,
    batch: Annotated[int, typer.Option(help="Orders a call.", min=1, max=10_000)] = 5_000,
    lone: Annotated[int, typer.Option(help="Lone orders with `wait`, for the latency.", min=0)] = 200,
    json: Json = False,
) -> None:
    """Orders a second from the HTTP API to the ledger against COPY of the same rows into the same tables."""
    from rongshu.interfaces.cli.bench.intake import run

    _show(run(orders=orders, history=history, batch=batch, lone=lone), json)


@commands.command()
def close(
    promoters: Annotated[int, typer.Option(help="Promoters, each with an order in the month.", min=1000)] = 1_000_000,
    history: Annotated[int, typer.Option(help="Months of as many orders before it.", min=0, max=12)] = 0,
    json: Json = False,
) -> None:
    """A month closed for many promoters against COPY of the rewards, transfers and balances that came of it."""
    from rongshu.interfaces.cli.bench.close import run

    _show(run(promoters=promoters, history=history), json)


@commands.command()
def redirect(
    clicks: Annotated[int, typer.Option(help="Clicks asked for.", min=1000)] = 100_000, json: Json = False
) -> None:
    """Short links a second, every click kept, against a bare callable on the same web server."""
    from rongshu.interfaces.cli.bench.redirect import run

    _show(run(clicks=clicks), json)


@commands.command()
def attribution(clicks: Annotated[int, typer.Option(help="Clicks.", min=1000)] = 1_000_000, json: Json = False) -> None:
    """Clicks attributed to orders by the pure engine against a bare join of the same frames."""
    from rongshu.interfaces.cli.bench.attribution import run

    _show(run(clicks), json)


@commands.command()
def settle(
    promoters: Annotated[int, typer.Option(help="Promoters with something available.", min=1000)] = 100_000,
    json: Json = False,
) -> None:
    """A settlement run with its tax, from balances to batches, against COPY of the rows that came of it."""
    from rongshu.interfaces.cli.bench.settle import run

    _show(run(promoters=promoters), json)


@commands.command()
def portal(
    members: Annotated[int, typer.Option(help="Members of the large team.", min=1000)] = 1_000_000, json: Json = False
) -> None:
    """Portal pages of a promoter with a large team against the same pages of one with a team of a hundred."""
    from rongshu.interfaces.cli.bench.portal import run

    _show(run(members=members), json)


@commands.command()
def coupons(
    codes: Annotated[int, typer.Option(help="Codes of one batch.", min=1_000, max=5_000_000)] = 1_000_000,
    json: Json = False,
) -> None:
    """A batch of unique codes of coupons, against the bare COPY of the same rows."""
    from rongshu.interfaces.cli.bench.coupons import run

    _show(run(codes=codes), json)


@commands.command()
def quote(quotes: Annotated[int, typer.Option(help="Quotes of each kind.", min=20)] = 300, json: Json = False) -> None:
    """A cart of 20 lines quoted, with the best of ten coupons, against the bare reads of the same rows."""
    from rongshu.interfaces.cli.bench.quote import run

    _show(run(quotes=quotes), json)


@commands.command()
def lapse(
    lots: Annotated[int, typer.Option(help="Lots of points, five of each member.", min=1_000)] = 5_000_000,
    json: Json = False,
) -> None:
    """Lots of points that lapse, against COPY of the rows that come of it."""
    from rongshu.interfaces.cli.bench.lapse import run

    _show(run(lots=lots), json)


@commands.command()
def assess(
    members: Annotated[int, typer.Option(help="Members with a tier.", min=1_000)] = 1_000_000, json: Json = False
) -> None:
    """The yearly assessment of everybody's tier, against COPY of the rows that come of it."""
    from rongshu.interfaces.cli.bench.assess import run

    _show(run(members=members), json)
