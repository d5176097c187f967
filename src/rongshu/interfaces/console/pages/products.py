"""Console pages of products: the list, one product, what a file said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Money


@dataclass(frozen=True, slots=True)
class ProductRow:
    id: str
    sku: str
    title: str
    category: str
    price: Money | None
    picture: str
    """Its address, "" for none."""
    shared: bool
    sold: int


@dataclass(frozen=True, slots=True)
class Products:
    """Products, the latest made first."""

    template: ClassVar[str] = "console/products.html"
    q: str
    category: str
    shared: str
    pictured: str
    categories: tuple[str, ...]
    rows: tuple[ProductRow, ...]
    cursor: Cursor = field(default_factory=Cursor)
    may_edit: bool = False

    @property
    def any(self) -> bool:
        return bool(self.q or self.category or self.shared or self.pictured)


@dataclass(frozen=True, slots=True)
class ProductForm:
    """One product, or a new one (`id` empty)."""

    template: ClassVar[str] = "console/product.html"
    id: str
    values: dict[str, str]
    shared: bool
    picture: str
    categories: tuple[str, ...]
    hosts: tuple[str, ...]
    may_edit: bool = True
    problem: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class FaultRow:
    line: int
    sku: str
    text: str


@dataclass(frozen=True, slots=True)
class ProductImport:
    """Bringing products in from a file; `faults` are the lines that kept all of it from being taken."""

    template: ClassVar[str] = "console/product_import.html"
    columns: tuple[str, ...]
    good: int = 0
    bad: int = 0
    faults: tuple[FaultRow, ...] = ()
    problem: str = ""
