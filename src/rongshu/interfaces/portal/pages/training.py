"""First steps of those whom the reader invited."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor


@dataclass(frozen=True, slots=True)
class StepCount:
    """A step and how many did it."""

    title: str
    done: int


@dataclass(frozen=True, slots=True)
class Trainee:
    """One of them; the name is masked by the template. `next` is the first step left, empty when none is."""

    id: str
    name: str
    joined_at: datetime
    done: tuple[bool, ...]
    next: str
    stuck: bool
    written: bool
    """Whether the reader has written to them this week."""

    @property
    def number(self) -> int:
        return sum(self.done)


@dataclass(frozen=True, slots=True)
class Training:
    """`people` are those looked at; `latest` is how many are looked at where there are more, else 0."""

    template: ClassVar[str] = "portal/training.html"
    part: ClassVar[str] = "portal/parts/training.html"
    steps: tuple[StepCount, ...]
    people: int
    finished: int
    stuck: int
    latest: int
    days: int
    only_stuck: bool
    rows: tuple[Trainee, ...]
    cursor: Cursor = field(default_factory=Cursor)
