"""A plan against the profile of its jurisdiction, the facts declared and the ladder of ranks."""

from __future__ import annotations

from datetime import date

from rongshu.engine.lint.facts import Facts
from rongshu.engine.lint.report import Report, WorstCase
from rongshu.engine.plan import Plan
from rongshu.engine.ranks import Ladder


def check_plan(plan: Plan, facts: Facts, ladder: Ladder | None, on: date) -> Report:
    """What the rules mind in a plan that is in force on a day."""
    return Report((), WorstCase(0, 0, 0, exact=True), plan.jurisdiction, "", "", on)
