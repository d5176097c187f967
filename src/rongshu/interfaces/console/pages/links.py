"""Console pages of links: the list, one link, a new one, the hosts links may lead to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Person


@dataclass(frozen=True, slots=True)
class LinkFilters:
    promoter: Person | None = None
    house: bool = False
    kind: str = ""
    channel: str = ""
    state: str = ""
    problem: str = ""

    @property
    def any(self) -> bool:
        return bool(self.promoter or self.house or self.kind or self.channel or self.state or self.problem)


@dataclass(frozen=True, slots=True)
class LinkRow:
    """`promoter` None: the house's own. `what` says where it leads, in words."""

    id: str
    slug: str
    kind: str
    what: str
    promoter: Person | None
    channel: str
    state: str
    made_at: datetime
    expires_at: datetime | None
    clicks: int
    visitors: int
    orders: int


@dataclass(frozen=True, slots=True)
class Links:
    """Everybody's links, latest first."""

    template: ClassVar[str] = "console/links.html"
    filters: LinkFilters
    channels: tuple[tuple[str, str], ...]
    rows: tuple[LinkRow, ...]
    cursor: Cursor
    may_manage: bool = False


@dataclass(frozen=True, slots=True)
class LinkChange:
    at: datetime
    who: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class LinkPage:
    """One link with its QR code (`qr`, SVG) and what happened to it."""

    template: ClassVar[str] = "console/link.html"
    row: LinkRow
    target: str
    label: str
    robots: int
    address: str
    qr: str
    ends: date | None
    changes: tuple[LinkChange, ...]
    may_manage: bool = False


@dataclass(frozen=True, slots=True)
class NewLink:
    """The form of a new link; `values` are as typed."""

    template: ClassVar[str] = "console/link_new.html"
    values: dict[str, str]
    channels: tuple[tuple[str, str], ...]
    hosts: tuple[str, ...]
    problem: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class HostRow:
    host: str
    at: datetime
    who: str
    links: int


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts outside to which links may lead."""

    template: ClassVar[str] = "console/hosts.html"
    rows: tuple[HostRow, ...]
    may_manage: bool = False
    typed: str = ""
    problem: str = ""
