"""The reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Person


@dataclass(frozen=True, slots=True)
class Me:
    template: ClassVar[str] = "portal/me.html"
    person: Person
    rank: str
    joined_at: datetime
    promotes: bool = True
    """Whether the reader is a promoter, and not only a member."""
    slug: str = ""
    """The brand's, for the way to join; "" for a promoter."""
