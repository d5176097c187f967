"""`rongshu withhold`: what a promoter receives of an amount, and what to pay so that they receive it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import typer

from rongshu.engine.money import MoneyError, format_units, parse_units
from rongshu.engine.tax import (
    Cumulative,
    NoFigure,
    incidental,
    incidental_gross,
    labour_gross,
    labour_month,
    non_resident,
)
from rongshu.interfaces.cli.output import as_json as print_json
from rongshu.interfaces.cli.output import fail, out


class Method(StrEnum):
    """How tax is withheld in China; which one applies is the payer's decision."""

    LABOUR = "labour"
    PLATFORM = "platform"
    NON_RESIDENT = "non-resident"
    PRIZE = "prize"


def withhold(
    amount: Annotated[str, typer.Argument(help="In yuan, like 1000.00.")],
    method: Annotated[
        Method,
        typer.Option(help="labour: a month's remuneration paid by a merchant; platform: the first month of a year."),
    ] = Method.LABOUR,
    paid_before: Annotated[str, typer.Option(help="Paid in the same month before (labour only).")] = "0",
    net: Annotated[bool, typer.Option("--net", help="The amount is what is to be received (labour, prize).")] = False,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of payment; today when left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show gross, tax and net of a payment to a promoter in China. Reference figures, not tax advice.

    Exit code 0, or 2 when the amount cannot be read or no figure is known for the day.
    """
    day = datetime.now().astimezone().date() if on is None else on.date()
    try:
        units, before = parse_units(amount, "CNY"), parse_units(paid_before, "CNY")
        if units < 0 or before < 0:
            fail("amounts are not below 0")
        gross, tax = _both(method, units, before, day, net=net)
    except MoneyError:
        fail(f"{amount} or {paid_before} is not an amount; write it like 1000.00")
    except NoFigure as error:
        fail(str(error))
    figures = {"gross": gross, "tax": tax, "net": gross - tax}
    shown = {name: format_units(value, "CNY") for name, value in figures.items()}
    if as_json:
        print_json({**shown, "method": str(method), "day": day.isoformat()})
        return
    for name, text in shown.items():
        out.print(f"{name:<6}{text:>16}")


def _both(method: Method, units: int, before: int, day: date, *, net: bool) -> tuple[int, int]:
    if net and (before or method not in (Method.LABOUR, Method.PRIZE)):
        fail("--net goes with labour and prize, and without --paid-before")
    if before and method is not Method.LABOUR:
        fail("--paid-before goes with labour")
    match method:
        case Method.LABOUR:
            gross = labour_gross(units, day) if net else units
            return gross, labour_month(before + gross, day) - labour_month(before, day)
        case Method.PRIZE:
            gross = incidental_gross(units, day) if net else units
            return gross, incidental(gross, day)
        case Method.NON_RESIDENT:
            return units, non_resident(units, day)
        case Method.PLATFORM:
            return units, Cumulative().month(units, day)[1]
