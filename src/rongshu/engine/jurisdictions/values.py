"""One value of a profile: the days it holds for, what it rests on, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Value = bool | int | str
Confidence = Literal["text", "high", "medium", "low", "choice"]
"""`text`: read in the law or an authority's own words; `high` to `low`: general knowledge, not checked against a text;
`choice`: no law, a cautious choice of ours."""


@dataclass(frozen=True, slots=True)
class Datum:
    """A value of a profile. Shares are parts per million, days and ages whole numbers."""

    key: str
    value: Value
    since: date
    until: date | None
    """Inclusive; None is open."""
    basis: str
    confidence: Confidence
    source: str = ""

    def holds(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


class NoValue(LookupError):
    """A profile has no value for a key on a day."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is asked of plans in one market."""

    code: str
    """ISO 3166-1 alpha-2, or EU, or XX."""
    name: str
    """A message id."""
    version: str
    """The day the profile was last reviewed as a whole."""
    data: tuple[Datum, ...]

    def datum(self, key: str, on: date) -> Datum:
        """The value of a key on a day, with what it rests on. Before the earliest known day the earliest holds.

        Raises NoValue for a key nobody knows.
        """
        found = [one for one in self.data if one.key == key]
        for one in found:
            if one.holds(on):
                return one
        earlier = [one for one in found if one.since > on]
        if earlier and len(earlier) == len(found):
            return min(earlier, key=lambda one: one.since)
        raise NoValue(f"{self.code} has no {key} on {on}")

    def number(self, key: str, on: date) -> int:
        """A value that is a number."""
        return int(self.datum(key, on).value)

    def flag(self, key: str, on: date) -> bool:
        return bool(self.datum(key, on).value)

    def text(self, key: str, on: date) -> str:
        return str(self.datum(key, on).value)

    def in_force(self, on: date) -> tuple[Datum, ...]:
        """Every value that holds on a day, in the order of writing."""
        return tuple(self.datum(key, on) for key in dict.fromkeys(one.key for one in self.data))
