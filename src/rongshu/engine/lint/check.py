"""A plan against the profile of its jurisdiction, the facts declared and the ladder of ranks."""

from __future__ import annotations

from datetime import date

from rongshu.engine.jurisdictions import profile
from rongshu.engine.lint.facts import Facts
from rongshu.engine.lint.report import SEVERITIES, Report
from rongshu.engine.lint.rules import RULES, RULES_VERSION, Subject
from rongshu.engine.lint.worst import worst_case
from rongshu.engine.plan import Plan
from rongshu.engine.ranks import Ladder


def check_plan(plan: Plan, facts: Facts, ladder: Ladder | None, on: date) -> Report:
    """What the rules mind in a plan that is in force on a day, the gravest first, those of a kind in the order of the rules."""
    asked = profile(plan.jurisdiction)
    subject = Subject(plan, facts, ladder, on, asked, worst_case(plan))
    found = [finding for rule in RULES for finding in rule.check(subject)]
    # What the plan itself decides stands before what was merely not declared.
    found.sort(key=lambda finding: (SEVERITIES.index(finding.severity), not finding.declared))
    return Report(tuple(found), subject.worst, asked.code, asked.version, RULES_VERSION, on)
