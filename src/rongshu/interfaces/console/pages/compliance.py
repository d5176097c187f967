"""The pages of compliance: what is asked of plans in this market, what is declared, what checks found; templates to start from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from rongshu.interfaces.console.pages.plans import Looked


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to declare. `value` is empty where it is not declared."""

    name: str
    label: str
    kind: Literal["choice", "count", "share", "text"]
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FieldGroup:
    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One value of the profile, with the days it holds for and what it rests on."""

    label: str
    value: str
    basis: str
    confidence: str
    source: str
    days: str


@dataclass(frozen=True, slots=True)
class WorstCaseWords:
    """The most the plan can pay, with its parts and the order that attains it."""

    total: str
    order: str
    payee: str
    exact: bool
    capped: bool
    fixed: bool
    parts: tuple[tuple[str, str], ...]
    """Rule and share."""
    conditions: tuple[tuple[str, str, int], ...]
    """Key, value (empty: nothing the plan names), and the level whose promoter it says something of, 0 for the order."""


@dataclass(frozen=True, slots=True)
class KeptRow:
    name: str
    at: datetime
    by: str
    blocking: int
    warnings: int
    worst: str
    went_by: str
    """Profile and rules with their versions."""


@dataclass(frozen=True, slots=True)
class Compliance:
    """What is declared and asked. `looked` and `worst` are of the version in force; None without one."""

    template: ClassVar[str] = "console/compliance.html"
    market: str
    profile: str
    profile_version: str
    rows: tuple[ProfileRow, ...]
    groups: tuple[FieldGroup, ...]
    known: tuple[tuple[str, str], ...]
    """What the system knows by itself, and its value."""
    looked: Looked | None
    worst: WorstCaseWords | None
    version: int | None
    kept: tuple[KeptRow, ...]
    may_edit: bool
    declared_at: datetime | None = None
    declared_by: str = ""
    declared_number: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class TemplateRow:
    key: str
    title: str
    why: str
    document: str
    worst: str


@dataclass(frozen=True, slots=True)
class Templates:
    """Plans for common trades to start from."""

    template: ClassVar[str] = "console/plan_templates.html"
    rows: tuple[TemplateRow, ...]
    may_edit: bool
