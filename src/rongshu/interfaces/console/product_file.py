"""Products as a CSV file: read line by line with every fault named, and written so that it can be read again."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from rongshu.domain.commerce.products.actions import MOST, Described
from rongshu.domain.commerce.products.models import Product
from rongshu.engine.money import format_units, parse_units
from rongshu.interfaces.faces.files import plain, table
from rongshu.kernel.errors import Refusal, invalid

COLUMNS = ("sku", "title", "category", "price", "target", "shared")
NAMES = {
    "商品编码": "sku", "编码": "sku", "标题": "title", "商品名称": "title", "类目": "category", "标价": "price", "价格": "price",
    "链接": "target", "地址": "target", "上架": "shared",
}  # fmt: skip
"""Headings of Chinese files."""
MOST_BYTES = 8 * 2**20
YES, NO = ("yes", "true", "1", "y", "是"), ("no", "false", "0", "n", "否")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line; lines are counted as a text editor does, the headings being the first."""

    line: int
    sku: str
    text: str


@dataclass(frozen=True, slots=True)
class Read:
    products: tuple[Described, ...]
    faults: tuple[Fault, ...]


def read_products(content: bytes, currency: str, check_target: Callable[[str], object]) -> Read:
    """What a file says. `check_target` raises `Refusal` for an address that no link may lead to.

    Raises `invalid` for what is no such file: too large, in no known letters, without headings, or with too many lines.
    """
    if len(content) > MOST_BYTES:
        raise invalid("file_too_large", "A file has at most 8 MB.", at="file")
    rows = csv.reader(io.StringIO(_decoded(content), newline=""))
    try:
        heads = [NAMES.get(one.strip(), one.strip().lower()) for one in next(rows, [])]
        if "sku" not in heads or "title" not in heads or len(set(heads)) < len(heads):
            raise invalid(
                "no_headings", "The first line names the columns; sku and title are needed, each once.", at="file"
            )
        products: list[Described] = []
        faults: list[Fault] = []
        seen: dict[str, int] = {}
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            line = rows.line_num
            given = {name: _bare(cell.strip()) for name, cell in zip(heads, cells, strict=False)}
            sku = given.get("sku", "")
            try:
                if len(cells) > len(heads):
                    raise invalid("more_cells", "There are more fields than columns.")
                if sku in seen:
                    raise invalid("sku_again", "This SKU stands in line %(line)s already.", line=seen[sku])
                products.append(_product(given, currency, check_target))
                seen[sku] = line
            except Refusal as refusal:
                faults.append(
                    Fault(line, sku, _(refusal.template) % refusal.params if refusal.params else _(refusal.template))
                )
            if len(products) + len(faults) > MOST:
                raise invalid("product_count", "Give 1 to %(most)s products.", at="file", most=MOST)
    except csv.Error:
        raise invalid("no_table", "Line %(line)s cannot be read as CSV.", at="file", line=rows.line_num) from None
    return Read(tuple(products), tuple(faults))


def _decoded(content: bytes) -> str:
    for letters in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(letters)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise invalid("no_letters", "This is no text in UTF-8 or GB18030.", at="file")


def _bare(cell: str) -> str:
    """Without the apostrophe that keeps spreadsheets from taking it for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def _product(given: dict[str, str], currency: str, check_target: Callable[[str], object]) -> Described:
    if not given.get("sku") or len(given["sku"]) > 100:
        raise invalid("no_sku", "Give a SKU of at most 100 letters.", at="sku")
    if not given.get("title") or len(given["title"]) > 200:
        raise invalid("no_title", "Give a title of at most 200 letters.", at="title")
    if len(given.get("category", "")) > 100:
        raise invalid("long_category", "A category has at most 100 letters.", at="category")
    shared = given.get("shared", "").lower()
    if shared and shared not in YES + NO:
        raise invalid("bad_shared", "“%(given)s” is neither yes nor no.", at="shared", given=given["shared"])
    target = given.get("target", "")
    if target:
        check_target(target)
    return Described(
        sku=given["sku"], title=given["title"], category=given.get("category", ""),
        price=price(given.get("price", ""), currency), target=target, shared=shared not in NO,
    )  # fmt: skip


def price(text: str, currency: str) -> int | None:
    """A price in minor units; None where none is given. Raises `invalid`."""
    if not text:
        return None
    try:
        units = parse_units(text, currency)
    except ValueError:
        units = -1
    if units < 0:
        raise invalid("no_price", "“%(given)s” is not a price; write it like 39.90.", at="price", given=text[:40])
    return units


def write_products(found: Sequence[Product], currency: str) -> bytes:
    """Products as a file that `read_products` takes."""
    rows = [
        (
            plain(one.sku), plain(one.title), plain(one.category),
            "" if one.price is None else format_units(one.price, currency), plain(one.target), "yes" if one.shared else "no",
        )
        for one in found
    ]  # fmt: skip
    return table([COLUMNS, *rows])
