"""`rongshu lint`: what the law of its market may mind in a plan, and the most it can pay. Needs no server and no database."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from rongshu.engine.lint import Facts, Report, check_plan, contradictions
from rongshu.engine.plan import Plan, PlanError, read_plan
from rongshu.engine.plan.fields import write_percent
from rongshu.engine.ranks import Ladder, read_ladder
from rongshu.interfaces.cli.output import as_json as print_json
from rongshu.interfaces.cli.output import fail, out

MARKS = {"block": "BLOCKS", "warn": "WARNS", "info": "INFO"}


def lint(
    plan: Annotated[Path, typer.Argument(help="The plan, YAML or JSON.")],
    facts: Annotated[Path | None, typer.Option(help="What is declared, as JSON; see the guide for the names.")] = None,
    ladder: Annotated[Path | None, typer.Option(help="The ladder of ranks, YAML or JSON.")] = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today when left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say what is minded in a plan, and the most it can pay. Risks it knows, not legal advice.

    Exit code 0, 1 when something has to be mended before publishing, or 2 when a file is refused.
    """
    day = datetime.now().astimezone().date() if on is None else on.date()
    found, rungs = _plan(plan), None if ladder is None else _ladder(ladder)
    if problems := contradictions(found, rungs):
        fail("\n".join(f"{plan}: {problem}" for problem in problems))
    report = check_plan(found, _facts(facts), rungs, day)
    if as_json:
        print_json(_document(report))
    else:
        _show(report)
    raise SystemExit(1 if report.blocking else 0)


def _document(report: Report) -> dict[str, object]:
    document = report.as_document()
    for written, finding in zip(document["findings"], report.findings, strict=True):
        written |= {"words": finding.words, "remedy_words": finding.remedy_words}
    return document


def _show(report: Report) -> None:
    worst = report.worst_case
    out.print(f"profile {report.profile} {report.profile_version}, rules {report.rules_version}, on {report.on}")
    limit = "" if worst.exact else " at most"
    out.print(f"worst case{limit}: {write_percent(worst.ppm)} of the base", markup=False)
    for share in worst.shares:
        out.print(
            f"  {share.rule:<40} {write_percent(share.ppm):>9}{' (a fixed amount)' if share.fixed else ''}",
            markup=False,
        )
    for condition in worst.conditions:
        of_whom = f" at level {condition.level}" if condition.level else ""
        out.print(f"  when {condition.key} = {condition.value or 'anything else'}{of_whom}", markup=False)
    if worst.capped:
        out.print(f"  cut to {write_percent(worst.order_ppm)} of an order by caps.order", markup=False)
    for finding in report.findings:
        out.print(f"\n{MARKS[finding.severity]:<6} {finding.rule} {finding.path}".rstrip(), markup=False)
        out.print(f"  {finding.words}\n  {finding.remedy_words}\n  ({finding.basis})", markup=False)
    out.print("\nThese are risks the rules know. Nothing found does not mean that a plan is lawful.")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        fail(f"{path}: the file cannot be read: {error.strerror}")


def _plan(path: Path) -> Plan:
    source = _bytes(path)
    try:
        return read_plan(source)
    except PlanError as error:
        fail("\n".join(f"{path}: {problem}" for problem in error.problems))


def _ladder(path: Path) -> Ladder:
    source = _bytes(path)
    try:
        return read_ladder(source)
    except PlanError as error:
        fail("\n".join(f"{path}: {problem}" for problem in error.problems))


def _facts(path: Path | None) -> Facts:
    if path is None:
        return Facts()
    source = _bytes(path)
    try:
        document = json.loads(source)
        if not isinstance(document, dict):
            raise ValueError("the file is not a JSON object of facts")
        return Facts.from_document(document)
    except ValueError as error:
        fail(f"{path}: {error}")
