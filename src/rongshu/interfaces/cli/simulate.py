"""`rongshu simulate`: a plan tried on files. Needs no server and no database."""

from __future__ import annotations

import json
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from rongshu.engine.plan import Plan, PlanError, read_plan
from rongshu.engine.simulate import simulate as run_simulation
from rongshu.interfaces.cli.csv_tables import UnreadableError
from rongshu.interfaces.cli.simulation_files import read_simulation, write_result, write_summary

REFUSED = 2
"""Exit code for input that is refused."""


def simulate(
    plan: Annotated[Path, typer.Option(help="The plan, YAML or JSON.")],
    orders: Annotated[Path, typer.Option(help="orders.csv, one row a line.")],
    promoters: Annotated[Path, typer.Option(help="promoters.csv.")],
    out: Annotated[Path, typer.Option(help="Where the commission rows go, as CSV.")],
    refunds: Annotated[Path | None, typer.Option(help="refunds.csv.")] = None,
    ranks: Annotated[Path | None, typer.Option(help="ranks.csv: how ranks changed.")] = None,
    used: Annotated[
        Path | None, typer.Option(help="used.csv: what had been accrued before, for promoter caps.")
    ] = None,
    zone: Annotated[str, typer.Option(help="The time zone of days and months.")] = "Asia/Shanghai",
    summary: Annotated[Path | None, typer.Option(help="Where the summary goes, as JSON.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Try a plan on the order history: what would have been paid, to whom, and why.

    Exit code 0, or 2 when a file is refused; then nothing is written and the reasons are on the error output.
    """
    of_plan, of_zone = _plan(plan), _zone(zone)
    try:
        given = read_simulation(of_plan, orders, promoters, refunds, ranks=ranks, used=used, zone=of_zone)
    except UnreadableError as error:
        raise _refused(str(error)) from None
    result = run_simulation(
        of_plan, of_zone, given.orders, given.promoters, given.refunds, ranks=given.ranks, used=given.used
    )
    try:
        write_result(out, result, of_plan.currency)
        if summary is not None:
            write_summary(summary, result.summary)
    except OSError as error:
        raise _refused(f"{error.filename or out}: the result cannot be written: {error.strerror}") from None
    typer.echo(json.dumps(result.summary, ensure_ascii=False) if as_json else _in_words(result.summary))


def _plan(path: Path) -> Plan:
    try:
        return read_plan(path.read_bytes())
    except OSError as error:
        raise _refused(f"{path}: the file cannot be read: {error.strerror}") from None
    except PlanError as error:
        raise _refused("\n".join(f"{path}: {problem}" for problem in error.problems)) from None


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _refused(f'"{name}" is not a time zone; write a name like Asia/Shanghai') from None


def _refused(words: str) -> typer.Exit:
    typer.echo(words, err=True)
    return typer.Exit(REFUSED)


def _in_words(summary: dict[str, Any]) -> str:
    lines = [
        f"{summary['orders']} orders, {summary['lines']} lines, paid {summary['paid']} {summary['currency']}",
        f"{summary['rows']} commission rows for {summary['earners']} promoters",
    ]
    for kind, levels in summary["accrued"].items():
        lines += [f"accrued, {kind} {level}: {money}" for level, money in levels.items()]
    lines.append(f"accrued in all: {summary['accrued_total']}, cut by caps: {summary['cut_by_caps']}")
    lines.append(f"reversed by refunds: {summary['reversed']}")
    for each in (*summary["steps"], *summary["pools"]):
        lines.append(f"{each['id']}, {each['period']}: {each['total']} for {each['promoters_paid']} promoters")
    return "\n".join(lines)
