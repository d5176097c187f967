"""What a check finds: findings, the worst case, and by which profile and rules, as values without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Severity = Literal["block", "warn", "info"]
BLOCK: Severity = "block"
WARN: Severity = "warn"
INFO: Severity = "info"
SEVERITIES: tuple[Severity, ...] = (BLOCK, WARN, INFO)
"""Gravest first: publishing is refused; a second person has to accept it with a reason; shown."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule minds. `template` and `remedy` are English message ids with %(name)s places for the params."""

    rule: str
    """Like `STR-02`."""
    severity: Severity
    path: str
    """Where in the plan, like `levels.2`; empty when it is not the document that decides."""
    template: str
    params: Mapping[str, Any] = field(default_factory=dict)
    basis: str = ""
    """What the rule rests on, a message id."""
    remedy: str = ""
    remedy_params: Mapping[str, Any] = field(default_factory=dict)
    fact: str = ""
    """The declared fact that decides it, a field of Facts; empty when the plan alone does."""
    declared: bool = True
    """False when the rule could not be decided, because the fact was never declared."""

    @property
    def words(self) -> str:
        """In English."""
        return self.template % self.params

    @property
    def remedy_words(self) -> str:
        """In English."""
        return self.remedy % self.remedy_params

    def as_document(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "path": self.path,
            "template": self.template,
            "params": dict(self.params),
            "basis": self.basis,
            "remedy": self.remedy,
            "remedy_params": dict(self.remedy_params),
            "fact": self.fact,
            "declared": self.declared,
        }


@dataclass(frozen=True, slots=True)
class Condition:
    """What holds for the order of the worst case: a key of `when` and its value in words of the plan (`repeat`, `2026-05-01`).

    `level` is 0 for what holds for the order, else whose promoter it says something of.
    """

    key: str
    value: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """One part of what the worst case pays, in parts per million of the base."""

    kind: Literal["level", "differential", "peer", "steps", "pool"]
    rule: str
    """The override's id, `level-1`, `rank:gold`, `peer:gold`, the id of steps or a pool; boosts follow after `+`."""
    ppm: int
    level: int = 0
    fixed: bool = False
    """A fixed amount: its share depends on the price, and may be the whole base."""


@dataclass(frozen=True, slots=True)
class WorstCase:
    """The most the plan can pay of the base: for one order, and with the steps and pools of the period."""

    ppm: int
    """All together, after the order cap."""
    order_ppm: int
    """Of one order, after the order cap."""
    before_cap: int
    """Of one order, before it."""
    exact: bool
    """False: the search was given up, and the figures are upper bounds nothing exceeds."""
    conditions: tuple[Condition, ...] = ()
    shares: tuple[Share, ...] = ()
    payee_ppm: int = 0
    """The most one promoter can get of one order, after the order cap."""

    @property
    def capped(self) -> bool:
        return self.order_ppm < self.before_cap

    @property
    def fixed(self) -> bool:
        """Whether a fixed amount decides it."""
        return any(share.fixed for share in self.shares)

    def as_document(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "ppm": self.ppm,
            "order_ppm": self.order_ppm,
            "before_cap": self.before_cap,
            "exact": self.exact,
            "payee_ppm": self.payee_ppm,
            "conditions": [{"key": one.key, "value": one.value, "level": one.level} for one in self.conditions],
            "shares": [
                {"kind": one.kind, "rule": one.rule, "ppm": one.ppm, "level": one.level, "fixed": one.fixed}
                for one in self.shares
            ],
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Everything found in a plan on a day. It names risks; nothing found does not make a plan lawful."""

    findings: tuple[Finding, ...]
    """Gravest first."""
    worst_case: WorstCase
    profile: str
    """The code of the jurisdiction whose profile was used; XX where none is kept for the plan's."""
    profile_version: str
    rules_version: str
    on: date

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings of a severity."""
        return tuple(finding for finding in self.findings if finding.severity == severity)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        return self.of(BLOCK)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return self.of(WARN)

    def as_document(self) -> dict[str, Any]:
        """JSON-able, as it is kept."""
        return {
            "profile": self.profile,
            "profile_version": self.profile_version,
            "rules_version": self.rules_version,
            "on": self.on.isoformat(),
            "findings": [finding.as_document() for finding in self.findings],
            "worst_case": self.worst_case.as_document(),
        }
