"""Pages of materials and products in the console, filled as a shop would have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.console.pages import materials as pages
from rongshu.interfaces.console.pages import products as shelf
from rongshu.interfaces.faces.parts import Cursor, Money, Person

NOW = datetime(2026, 11, 22, 11, 32, tzinfo=UTC)
DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAB9rRQAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="
"""A picture of one pixel."""
LIN = Person("mem_7k2m", "林秀英", "13812345678")
KINDS = (("copy", "文案"), ("picture", "图片加文案"), ("video", "视频链接"))
CHANNELS = (("moments", "朋友圈"), ("group", "社群"))
FIRST = pages.Minded(
    "absolute-0", "绝对化用语", "全国第一", "广告中不得使用最高级用语。", "《中华人民共和国广告法》第九条第三项",
    "改写成可以核实的事实：年份、数量、地区、来源。",
)  # fmt: skip
ROW = pages.MaterialRow(
    "mat_1", "文案", "双十一面霜：早晚都合适", "双十一", "山茶花面霜 50 毫升 · 朋友圈", "offered", None,
    datetime(2026, 12, 1, tzinfo=UTC), 1_204, 9_310, 212,
)  # fmt: skip
TEXT = "【广告】入秋第一杯，山茶花精华面霜，点链接看看：\n{link}"


def library() -> pages.Materials:
    rows = (
        ROW,
        replace(ROW, id="mat_2", kind="图片加文案", title="开箱图", occasion="", about="", state="waiting", taken=0, clicks=0, orders=0),
        replace(ROW, id="mat_3", title="七夕：一个名字很长很长、要在两行里才放得下的素材标题", occasion="七夕", state="withdrawn"),
    )  # fmt: skip
    return pages.Materials("", "", "", "", KINDS, ("waiting", "offered", "coming", "over", "withdrawn"), ("双十一", "七夕"), rows, Cursor("z"), may_edit=True)  # fmt: skip


def material(mine: bool = False) -> pages.MaterialPage:
    written = pages.VersionShown(
        "mav_2", 2, "【广告】全国第一的面霜，销量第一：\n{link}", "", "", NOW, "何静", False, "", (FIRST, replace(FIRST, words="销量第一", accepted="由赵敏接受：引自 2025 年协会报告")), 0, mine=mine,
    )  # fmt: skip
    before = replace(written, id="mav_1", number=1, text=TEXT, offered=True, minded=(), people=86)
    gone = replace(before, id="mav_0", number=0, offered=False, withdrawn="价格写错了")
    clean = replace(before, id="mav_3", number=3, offered=False, people=0)
    return pages.MaterialPage(
        ROW, 86, Money(1_204_500), (clean, written, before, gone), (pages.TakerRow(LIN, 3, NOW),), 1, may_edit=True, typed=TEXT
    )  # fmt: skip


def new(wrong: bool = False) -> pages.NewMaterial:
    text = "全国第一的面霜：{link}" if wrong else ""
    return pages.NewMaterial(
        {"kind": "copy", "text": text}, (("food", "食品与保健食品", False), ("cosmetics", "化妆品", True)), CHANNELS, ("双十一",),
        pages.Looked((FIRST,) if wrong else (), asked=wrong), problem="请填写标题，最多 100 个字。" if wrong else "", at="title" if wrong else "",
    )  # fmt: skip


def products() -> shelf.Products:
    rows = (
        shelf.ProductRow("prd_1", "CM-050", "山茶花精华面霜 50 毫升", "护肤", Money(29_900), "", True, 1_204),
        shelf.ProductRow("prd_2", "85123A", "WHITE HANGING HEART T-LIGHT HOLDER", "", None, DOT, False, 0),
    )
    return shelf.Products("", "", "", "", ("护肤", "家居"), rows, Cursor("z"), may_edit=True)


def product(new: bool = False, wrong: bool = False) -> shelf.ProductForm:
    names = ("sku", "title", "category", "price", "target")
    texts = ("",) * 5 if new else ("CM-050", "山茶花精华面霜 50 毫升", "护肤", "299.00", "https://shop.example/cream")
    return shelf.ProductForm(
        "" if new else "prd_1", dict(zip(names, texts, strict=True)), True, "", ("护肤",), ("shop.example",),
        problem="“一百”不是价格，请写成 39.90。" if wrong else "", at="price" if wrong else "",
    )  # fmt: skip


def bringing(wrong: bool = False) -> shelf.ProductImport:
    columns = ("sku", "title", "category", "price", "target", "shared")
    faults = (
        shelf.FaultRow(3, "CM-050", "“一百”不是价格，请写成 39.90。"),
        shelf.FaultRow(9, "", "请填写商品编码，最多 100 个字。"),
    )
    return shelf.ProductImport(columns, 120 if wrong else 0, 2 if wrong else 0, faults if wrong else ())


CONSOLE: dict[str, tuple[Callable[[], Any], str]] = {
    "products": (products, "materials"),
    "products_none": (lambda: replace(products(), rows=(), cursor=Cursor()), "materials"),
    "products_not_found": (lambda: replace(products(), rows=(), cursor=Cursor(), q="茶"), "materials"),
    "product": (product, "materials"),
    "product_new": (lambda: product(new=True), "materials"),
    "product_wrong": (lambda: product(wrong=True), "materials"),
    "product_import": (bringing, "materials"),
    "product_import_wrong": (lambda: bringing(wrong=True), "materials"),
    "materials": (library, "materials"),
    "materials_none": (lambda: replace(library(), rows=(), cursor=Cursor()), "materials"),
    "materials_not_found": (lambda: replace(library(), rows=(), cursor=Cursor(), q="茶"), "materials"),
    "material": (material, "materials"),
    "material_mine": (lambda: replace(material(mine=True), problem="请换个写法。"), "materials"),
    "material_untaken": (lambda: replace(material(), takers=(), taken_number=0, may_edit=False), "materials"),
    "material_new": (new, "materials"),
    "material_new_wrong": (lambda: new(wrong=True), "materials"),
}
