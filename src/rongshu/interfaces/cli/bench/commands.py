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
