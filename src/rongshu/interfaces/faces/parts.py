"""The small values pages are made of. Money is an integer of minor units; instants know their zone; texts are ready to show.

A person's name and phone are carried whole and masked by the template's filters where the reader may not see them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from rongshu.engine.money import exponent

Tone = Literal["plain", "good", "decision", "loss"]
"""plain: nothing to do; good: settled in favour; decision: somebody must decide; loss: money lost or a refusal."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units with its currency."""

    units: int
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in every language of the interface, as explanations are made."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The sentence in `language` (a code such as `zh-hans` or `en`)."""
        return self.zh if language.startswith("zh") else self.en

    def other(self, language: str) -> str:
        """The same sentence in the other language."""
        return self.en if language.startswith("zh") else self.zh


@dataclass(frozen=True, slots=True)
class Person:
    """A member or promoter as lists show them. `id` is the outside id (`mem_…`)."""

    id: str
    name: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Something the reader can do at once: a button that posts to `url`."""

    label: str
    url: str
    tone: Literal["plain", "main", "loss"] = "plain"
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its name. Give exactly one of `money`, `count`, `ppm`; `before` is the same number one window earlier."""

    label: str
    money: Money | None = None
    count: int | None = None
    ppm: int | None = None
    before: int | None = None
    better: Literal["up", "down", ""] = ""
    href: str = ""
    note: str = ""

    @property
    def now(self) -> int | None:
        """The number without its unit."""
        if self.money is not None:
            return self.money.units
        return self.count if self.count is not None else self.ppm

    @property
    def change(self) -> int | None:
        """Change since the window before, in ppm of it; for a rate the difference itself. None when nothing can be said."""
        if self.before is None or self.now is None:
            return None
        if self.ppm is not None:
            return self.ppm - self.before
        if self.before == 0:
            return None
        return (self.now - self.before) * 1_000_000 // abs(self.before)

    @property
    def verdict(self) -> Literal["good", "bad", ""]:
        """Whether the change is to the better; empty where neither direction is."""
        if not self.change or not self.better:
            return ""
        return "good" if (self.change > 0) == (self.better == "up") else "bad"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a list goes on: an opaque token for the parameter `cursor`, None at the end."""

    next: str | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """One series of a chart, in its own panel with an axis from zero; panels share the days below them."""

    label: str
    form: Literal["bar", "line"]
    units: tuple[int, ...]
    currency: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that asks in its title and answers under it, with the same numbers as a table behind it."""

    key: str
    question: str
    answer: str
    days: tuple[date, ...]
    panels: tuple[Panel, ...]

    def as_json(self, language: str) -> dict[str, object]:
        """What `frontend/src/charts.js` reads."""
        return {
            "language": language,
            "days": [day.isoformat() for day in self.days],
            "panels": [
                {
                    "label": panel.label,
                    "form": panel.form,
                    "values": list(panel.units),
                    "currency": panel.currency,
                    "digits": exponent(panel.currency),
                }
                for panel in self.panels
            ],
        }

    def rows(self) -> list[tuple[date, list[Money]]]:
        """The table behind: one row a day, the latest first."""
        return [
            (day, [Money(panel.units[at], panel.currency) for panel in self.panels])
            for at, day in reversed(list(enumerate(self.days)))
        ]


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a timeline."""

    at: datetime
    text: str
    who: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Progress:
    """Long work under way. `left` is the seconds that remain, when known; `stop` the address that ends it."""

    text: str
    done: int
    total: int
    left: int | None = None
    stop: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the quiz: its answers in order, and which was chosen, -1 for none."""

    text: str
    answers: tuple[str, ...]
    chosen: int


@dataclass(frozen=True, slots=True)
class Erasing:
    """Whether a member was erased. `problems`: what has to happen before, in words; empty where nothing stands in the way, or it was done (`at`)."""

    member: str
    """Their id, for the form."""
    at: datetime | None = None
    problems: tuple[str, ...] = ()
