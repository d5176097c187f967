"""Console pages of materials: the library, one material with its versions and what the rules mind, a new one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Money, Person


@dataclass(frozen=True, slots=True)
class MaterialRow:
    id: str
    kind: str
    title: str
    occasion: str
    about: str
    """What it is for, in words: a product, a category, a channel; empty for everything."""
    state: str
    valid_from: datetime | None
    valid_until: datetime | None
    taken: int
    clicks: int
    orders: int


@dataclass(frozen=True, slots=True)
class Materials:
    """The library, the latest made first."""

    template: ClassVar[str] = "console/materials.html"
    kind: str
    occasion: str
    state: str
    q: str
    kinds: tuple[tuple[str, str], ...]
    states: tuple[str, ...]
    occasions: tuple[str, ...]
    rows: tuple[MaterialRow, ...]
    cursor: Cursor = field(default_factory=Cursor)
    may_edit: bool = False

    @property
    def any(self) -> bool:
        return bool(self.kind or self.occasion or self.state or self.q)


@dataclass(frozen=True, slots=True)
class Minded:
    """What a rule minds in a text: the words, the rule's family, why, by which law, and what to write instead. `accepted` says by whom and why it may stand."""

    rule: str
    family: str
    words: str
    reason: str
    basis: str
    remedy: str
    accepted: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What the rules mind in a text that is being written. `asked` is whether there was a text at all."""

    template: ClassVar[str] = "console/parts/copy_hits.html"
    minded: tuple[Minded, ...]
    asked: bool = True


@dataclass(frozen=True, slots=True)
class TakerRow:
    person: Person
    times: int
    last: datetime


@dataclass(frozen=True, slots=True)
class VersionShown:
    """A version as it was written; `mine` where the reader wrote it and so may not decide about it."""

    id: str
    number: int
    text: str
    picture: str
    video: str
    at: datetime
    who: str
    offered: bool
    withdrawn: str
    minded: tuple[Minded, ...]
    people: int
    mine: bool = False

    @property
    def open_hits(self) -> int:
        return sum(not one.accepted for one in self.minded)


@dataclass(frozen=True, slots=True)
class MaterialPage:
    """One material: what it brought, its versions (latest first), who took the version that is offered or was last withdrawn."""

    template: ClassVar[str] = "console/material.html"
    row: MaterialRow
    promoters: int
    commission: Money
    versions: tuple[VersionShown, ...]
    takers: tuple[TakerRow, ...]
    taken_number: int
    """The number of the version whose takers are shown; 0 for none."""
    may_edit: bool = False
    problem: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True)
class NewMaterial:
    template: ClassVar[str] = "console/material_new.html"
    values: dict[str, str]
    trades: tuple[tuple[str, str, bool], ...]
    """Key, name, and whether it is ticked: the rules of a trade, beside those that always hold."""
    channels: tuple[tuple[str, str], ...]
    occasions: tuple[str, ...]
    looked: Looked
    problem: str = ""
    at: str = ""
