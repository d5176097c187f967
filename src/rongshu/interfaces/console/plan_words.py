"""A plan document in words: clauses for people, differences and problems in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml
from django.utils.translation import gettext as _

from rongshu.engine.lint import Report
from rongshu.engine.plan import Difference as Changed
from rongshu.engine.plan import Plan, PlanError
from rongshu.engine.plan.differences import (
    BOOST_ADDED,
    BOOST_REMOVED,
    GIVEN,
    GONE,
    LEVEL_ADDED,
    LEVEL_REMOVED,
    OVERRIDE_ADDED,
    OVERRIDE_REMOVED,
    POOL_ADDED,
    POOL_REMOVED,
    RANK_ADDED,
    RANK_REMOVED,
    STEPS_ADDED,
    STEPS_REMOVED,
)
from rongshu.interfaces.console.pages.plans import Clause, Difference, FindingRow, Looked, Problem
from rongshu.interfaces.faces.plan_terms import sections_of

_ADDED = {GIVEN, LEVEL_ADDED, OVERRIDE_ADDED, BOOST_ADDED, RANK_ADDED, STEPS_ADDED, POOL_ADDED}
_REMOVED = {GONE, LEVEL_REMOVED, OVERRIDE_REMOVED, BOOST_REMOVED, RANK_REMOVED, STEPS_REMOVED, POOL_REMOVED}


class _InOneLine(dict[str, Any]):
    """A mapping that is written in braces."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(
    _InOneLine, lambda dumper, one: dumper.represent_mapping("tag:yaml.org,2002:map", one, flow_style=True)
)


def document_of(plan: Plan) -> str:
    """The plan as YAML, the way people write it: a level, an override, a boost in one line each."""
    document = plan.canonical()
    document["levels"] = {int(number): _InOneLine(level) for number, level in document["levels"].items()}
    for part in document.get("differential", {}).keys() & {"ranks", "peer"}:
        document["differential"][part] = _InOneLine(document["differential"][part])
    for key in ("overrides", "boosts", "steps", "pools"):
        if key in document:
            document[key] = [_InOneLine(one) for one in document[key]]
    document["release"] = _InOneLine(document["release"])
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def clauses_of(plan: Plan) -> tuple[Clause, ...]:
    """The plan as people read it."""
    return tuple(
        Clause(section.heading, tuple((term.name, term.value, term.meaning) for term in section.terms))
        for section in sections_of(plan)
    )


def differences_in_words(changes: Iterable[Changed]) -> tuple[Difference, ...]:
    """What changed between two versions."""
    return tuple(
        Difference(
            "added" if one.template in _ADDED else "removed" if one.template in _REMOVED else "changed",
            one.path,
            _(one.template) % one.params,
        )
        for one in changes
    )


def problems_in_words(error: PlanError) -> tuple[Problem, ...]:
    """What is wrong with a document, at its path."""
    return tuple(Problem(one.path, _(one.template) % one.params) for one in error.problems)


def looked_in_words(report: Report, document: str = "") -> Looked:
    """What the check found, in words; with the text of the document, findings know their lines."""
    lines = document.split("\n")
    return Looked(
        tuple(
            FindingRow(
                one.rule,
                one.severity,
                one.path,
                _(one.template) % one.params,
                _(one.remedy) % one.remedy_params if one.remedy else "",
                _(one.basis) if one.basis else "",
                line_of(one.path, lines),
                one.declared,
            )
            for one in report.findings
        ),
        report.profile,
        report.profile_version,
        report.rules_version,
    )


def line_of(path: str, lines: list[str]) -> int | None:
    """The line at which the last key of a path is most likely written; None when it cannot be told."""
    keys = [key for key in path.replace("[", ".").replace("]", "").split(".") if key and not key.isdecimal()]
    if not keys:
        return None
    at = 0
    for key in keys:
        at = next((n for n in range(at, len(lines)) if f"{key}:" in lines[n]), -1)
        if at < 0:
            return None
    return at + 1
