"""Pages of packs, poster templates and what materials brought, filled as a shop would have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.console.pages import packs, posters
from rongshu.interfaces.faces.parts import Money
from tests.interfaces.samples_materials import DOT, ROW


def pack_list() -> packs.Packs:
    first = packs.PackRow(
        "pck_1", "双十一", "running", datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC),
        (("mat_1", "双十一面霜：早晚都合适"), ("mat_2", "开箱图")),
    )  # fmt: skip
    rows = (first, replace(first, id="pck_2", name="年货节", state="coming"), replace(first, id="pck_3", name="七夕：一个名字很长很长、要在两行里才放得下的素材包", state="over"))  # fmt: skip
    choices = (("mat_1", "双十一面霜：早晚都合适", True), ("mat_2", "开箱图", False))
    return packs.Packs(rows, choices, {"name": "", "from": "", "until": ""}, may_edit=True)


def brought() -> packs.Brought:
    rows = (packs.BroughtRow(ROW, 86, Money(1_204_500), 100), packs.BroughtRow(replace(ROW, id="mat_2", title="开箱图", orders=53), 31, Money(301_200), 25))  # fmt: skip
    return packs.Brought(30, (30, 90, 365), 2_408, 18_620, 265, Money(1_505_700), rows)


def template_list() -> posters.PosterTemplates:
    row = posters.TemplateRow("ptl_1", "双十一红", "750 × 1334", True, True, DOT)
    rows = (
        row,
        replace(row, id="ptl_2", name="旧的一张", used=False),
        replace(row, id="1", name="浅色商品", own=False),
    )
    return posters.PosterTemplates(rows, may_edit=True)


def template(wrong: bool = False) -> posters.PosterTemplate:
    qr = {"filling": "qr", "x": "520", "y": "960", "w": "200", "h": "200", "size": "36", "colour": "#1f2a24", "align": "left", "text": ""}  # fmt: skip
    fillings = (("picture", "商品图片"), ("title", "商品名称"), ("qr", "二维码"), ("label", "“广告”标识"))
    return posters.PosterTemplate(
        "ptl_1", "双十一红", True, "750", "1200", "#a3211b",
        (posters.BoxFields(qr), posters.BoxFields(qr | {"filling": "title"}, wrong)), fillings, (("left", "靠左"), ("center", "居中")),
        posters.Drawing(problem="第 2 格：二维码至少 150 像素。") if wrong else posters.Drawing(DOT, 750, 1200),
        problem="第 2 格：二维码至少 150 像素。" if wrong else "", at="boxes.1" if wrong else "",
    )  # fmt: skip


CONSOLE: dict[str, tuple[Callable[[], Any], str]] = {
    "packs": (pack_list, "materials"),
    "packs_none": (lambda: replace(pack_list(), rows=(), choices=()), "materials"),
    "packs_wrong": (lambda: replace(pack_list(), problem="结束日期早于开始日期。", at="ends_at"), "materials"),
    "materials_brought": (brought, "materials"),
    "materials_brought_none": (lambda: replace(brought(), rows=()), "materials"),
    "poster_templates": (template_list, "materials"),
    "poster_template": (template, "materials"),
    "poster_template_wrong": (lambda: template(wrong=True), "materials"),
}
