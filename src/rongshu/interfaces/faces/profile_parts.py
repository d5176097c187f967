"""Parts of the pages that show and edit profiles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OptionPart:
    code: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FieldPart:
    """A tenant's own field with a member's value; `shown` is the value as it is read, `value` as it is written into the form."""

    code: str
    kind: str
    name: str
    value: str = ""
    shown: str = ""
    required: bool = False
    options: tuple[OptionPart, ...] = ()
    hint: str = ""
    editable: bool = True


@dataclass(frozen=True, slots=True)
class ConsentPart:
    """A purpose; `given` None: nobody spoke of it. `text` is the number of the text in `words`."""

    code: str
    name: str
    words: str
    text: int
    given: bool | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProfilePart:
    """A profile as it stands, or as it was sent and refused: then `problem` says why and `at` where."""

    name: str = ""
    birth_year: str = ""
    birth_month: str = ""
    birth_day: str = ""
    birthday: str = ""
    region: str = ""
    city: str = ""
    preference: str = ""
    preferences: tuple[OptionPart, ...] = ()
    regions: tuple[str, ...] = ()
    fields: tuple[FieldPart, ...] = ()
    problem: str = ""
    at: str = ""

    @property
    def months(self) -> range:
        return range(1, 13)

    @property
    def days(self) -> range:
        return range(1, 32)

    @property
    def preference_name(self) -> str:
        return next((one.name for one in self.preferences if one.code == self.preference), "")
