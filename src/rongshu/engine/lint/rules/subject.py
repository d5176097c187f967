"""What a rule looks at, and what a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from rongshu.engine.jurisdictions import Profile
from rongshu.engine.lint.facts import Facts
from rongshu.engine.lint.report import BLOCK, INFO, WARN, Finding, Severity, WorstCase
from rongshu.engine.plan import Plan
from rongshu.engine.ranks import Ladder
from rongshu.engine.wording import gettext_noop as _

DECLARE = _("Declare it on the Compliance page.")


@dataclass(frozen=True, slots=True)
class Subject:
    """A plan on a day, with everything rules may ask."""

    plan: Plan
    facts: Facts
    ladder: Ladder | None
    on: date
    profile: Profile
    worst: WorstCase

    def number(self, key: str) -> int:
        return self.profile.number(key, self.on)

    def flag(self, key: str) -> bool:
        return self.profile.flag(key, self.on)

    def basis(self, key: str) -> str:
        """What a value of the profile rests on, a message id."""
        return self.profile.datum(key, self.on).basis


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id, what it asks in a few words (a message id), and what it minds in a plan."""

    id: str
    title: str
    check: Callable[[Subject], Iterator[Finding]]


def not_declared(rule: str, severity: Severity, fact: str, template: str, basis: str) -> Finding:
    """A rule that could not be decided, one grade below what it would be: nobody may take what is not known for right,
    and a person has to answer for it before a blocking rule is passed by."""
    grade: Severity = WARN if severity == BLOCK else INFO
    return Finding(rule, grade, "", template, basis=basis, remedy=DECLARE, fact=fact, declared=False)
