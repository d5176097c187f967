"""The share centre: what can be shared, one product with its link, one's own code, the links made so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Money


@dataclass(frozen=True, slots=True)
class ProductTile:
    """A product to be chosen; `picture` is its address, empty where it has none."""

    id: str
    title: str
    picture: str = ""
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class SuggestedTile:
    """A product to share next. `because` is the title of what the reader sells that speaks for it; empty for a best seller."""

    tile: ProductTile
    because: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """Products, best sellers first. `any` is whether the brand offers any at all."""

    template: ClassVar[str] = "portal/share.html"
    part: ClassVar[str] = "portal/parts/products.html"
    q: str
    rows: tuple[ProductTile, ...]
    any: bool = True
    cursor: Cursor = field(default_factory=Cursor)
    suggested: tuple[SuggestedTile, ...] = ()
    """On the first page only."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A short link as it is handed on: its address, what it is called in writing, its QR code (SVG)."""

    slug: str
    address: str
    written: str
    qr: str


@dataclass(frozen=True, slots=True)
class Channel:
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class CopyText:
    """A text ready to be pasted, link and label in it. `picture` and `video` are addresses, "" for none; `taken` is where taking it is noted."""

    id: str
    text: str
    taken: str = ""
    picture: str = ""
    video: str = ""


@dataclass(frozen=True, slots=True)
class PosterShown:
    """The poster of a product and link in the template chosen; `forms` are the names of all, with their keys. `name` is what stands on it."""

    address: str
    width: int
    height: int
    chosen: str
    forms: tuple[Channel, ...]
    name: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ShareProduct:
    """One product ready to be shared in one channel. `leads_home` where the brand gave it no page of its own."""

    template: ClassVar[str] = "portal/share_product.html"
    id: str
    title: str
    picture: str
    price: Money | None
    channels: tuple[Channel, ...]
    channel: str
    link: Shown
    leads_home: bool
    copies: tuple[CopyText, ...] = ()
    poster: PosterShown | None = None


@dataclass(frozen=True, slots=True)
class MyCode:
    """One's own code for customers, and the invitation for new promoters."""

    template: ClassVar[str] = "portal/my_code.html"
    code: str
    link: Shown
    invitation: Shown


@dataclass(frozen=True, slots=True)
class LinkRow:
    id: str
    what: str
    channel: str
    written: str
    address: str
    state: str
    clicks: int
    visitors: int
    made_at: datetime
    expires_at: datetime | None
    kind: str = "link"


@dataclass(frozen=True, slots=True)
class MyLinks:
    template: ClassVar[str] = "portal/my_links.html"
    part: ClassVar[str] = "portal/parts/links.html"
    rows: tuple[LinkRow, ...]
    cursor: Cursor = field(default_factory=Cursor)
