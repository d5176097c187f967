"""What a promoter is told of the plan, as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.terms import RewardExample, TermChange


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice of a change of the plan as the home page shows it."""

    id: str
    cancelled: bool
    begins: datetime
    begun: bool
    changes: int
    """How many terms change for the reader."""
    unseen: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """What changes for the reader, term by term."""

    template: ClassVar[str] = "portal/notice.html"
    number: int
    cancelled: bool
    told_at: datetime
    begins: datetime
    begun: bool
    changes: tuple[TermChange, ...]
    rules_url: str
    rewards: tuple[RewardExample, ...] = ()
    """The steps and pools of the new version that the reader may get something of, in figures; when they change."""
