"""What a poster looks like: a size, a background and boxes, as a document; and the templates everybody has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from rongshu.engine.wording import gettext_noop as _
from rongshu.kernel.errors import invalid

FILLINGS = ("picture", "title", "price", "name", "text", "qr", "label")
"""What may go into a box: the product's picture, title and price, the promoter's name, a text of one's own, the QR code, the label 广告."""
ALIGNS = ("left", "center", "right")
SMALLEST, LARGEST = 300, 1600
SMALLEST_QR = 150
"""Pixels: below, telephones do not read the code from a screen."""
MOST_BOXES = 20
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Box:
    """A place in pixels from the upper left, and what goes into it; `size` the largest letters that are tried."""

    filling: str
    x: int
    y: int
    w: int
    h: int
    size: int = 36
    colour: str = "#1f2a24"
    align: str = "left"
    text: str = ""
    """Only of `text`; for `name` what stands around it, with {name} where it goes."""


@dataclass(frozen=True, slots=True)
class Layout:
    width: int
    height: int
    background: str
    """A colour like #ffffff."""
    picture: str
    """The hash of a kept picture that covers the background, "" for none."""
    boxes: tuple[Box, ...]

    def document(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self) | {"boxes": [asdict(box) for box in self.boxes]}


def read_layout(document: Mapping[str, Any]) -> Layout:
    """A layout from its document. Raises `invalid` with the place: a size that no poster has, a box outside, no QR code, one too small.

    A layout without a label gets one: in the upper right corner.
    """
    try:
        boxes = tuple(Box(**one) for one in document["boxes"])
        layout = Layout(
            document["width"], document["height"], document["background"], document.get("picture", ""), boxes
        )
        numbers = [layout.width, layout.height, *(n for b in boxes for n in (b.x, b.y, b.w, b.h, b.size))]
        texts = [layout.background, layout.picture, *(t for b in boxes for t in (b.filling, b.colour, b.align, b.text))]
        if not all(type(one) is int for one in numbers) or not all(isinstance(one, str) for one in texts):
            raise TypeError
    except (KeyError, TypeError, ValueError):
        raise invalid("bad_layout", "The template cannot be read.", at="document") from None
    if not all(SMALLEST <= side <= LARGEST for side in (layout.width, layout.height)):
        raise invalid(
            "bad_size",
            "A poster is %(least)s to %(most)s pixels wide and high.",
            at="width",
            least=SMALLEST,
            most=LARGEST,
        )
    if not _COLOUR.fullmatch(layout.background):
        raise invalid("bad_colour", "A colour looks like #1a7f4b.", at="background")
    if len(boxes) > MOST_BOXES:
        raise invalid("too_many_boxes", "A template has at most %(most)s boxes.", at="boxes", most=MOST_BOXES)
    for place, box in enumerate(boxes):
        at = f"boxes.{place}"
        if box.filling not in FILLINGS or box.align not in ALIGNS or len(box.text) > 200:
            raise invalid("bad_box", "Box %(box)s: choose what goes into it.", at=at, box=place + 1)
        if not _COLOUR.fullmatch(box.colour):
            raise invalid("bad_box_colour", "Box %(box)s: a colour looks like #1a7f4b.", at=at, box=place + 1)
        inside = box.x >= 0 and box.y >= 0 and box.x + box.w <= layout.width and box.y + box.h <= layout.height
        if not inside or box.w < 10 or box.h < 10 or not 12 <= box.size <= 300:
            raise invalid(
                "box_outside", "Box %(box)s does not lie within the poster, or is too small.", at=at, box=place + 1
            )
        if box.filling == "qr" and min(box.w, box.h) < SMALLEST_QR:
            raise invalid(
                "small_qr",
                "Box %(box)s: a QR code has at least %(least)s pixels.",
                at=at,
                box=place + 1,
                least=SMALLEST_QR,
            )
        if box.filling == "label" and (box.w < 60 or box.h < 28 or box.size < 20):
            raise invalid(
                "small_label", "Box %(box)s: everybody has to see the label 广告; make it larger.", at=at, box=place + 1
            )
    if sum(box.filling == "qr" for box in boxes) != 1:
        raise invalid("no_qr", "A poster has one QR code.", at="boxes")
    if not any(box.filling == "label" for box in boxes):
        return replace(layout, boxes=(*boxes, Box("label", layout.width - 108, 20, 88, 42, 26, "#ffffff", "center")))
    return layout


STARTERS: dict[int, tuple[str, Layout]] = {
    1: (
        _("Product in light"),
        Layout(
            750, 1200, "#f6f4ee", "",
            (
                Box("picture", 0, 0, 750, 750),
                Box("title", 40, 780, 670, 110, 40),
                Box("price", 40, 895, 400, 70, 56, "#b4341f"),
                Box("name", 40, 1010, 440, 60, 28, "#1f6b45", text="{name}"),
                Box("text", 40, 1075, 440, 80, 24, "#5c665f", text="长按识别二维码 · Scan to see it"),
                Box("qr", 520, 960, 200, 200),
                Box("label", 642, 20, 88, 42, 26, "#ffffff", "center"),
            ),
        ),
    ),
    2: (
        _("Festival in red"),
        Layout(
            750, 1334, "#a3211b", "",
            (
                Box("title", 50, 70, 650, 150, 52, "#ffe9c4", "center"),
                Box("picture", 75, 250, 600, 600),
                Box("price", 75, 870, 600, 90, 68, "#ffd27a", "center"),
                Box("qr", 265, 985, 220, 220),
                Box("name", 75, 1220, 600, 44, 28, "#ffe9c4", "center", text="{name}"),
                Box("text", 75, 1268, 600, 40, 22, "#ffd9c9", "center", text="长按识别二维码 · Scan to see it"),
                Box("label", 642, 16, 88, 42, 26, "#ffffff", "center"),
            ),
        ),
    ),
    3: (
        _("Small card"),
        Layout(
            900, 500, "#ffffff", "",
            (
                Box("picture", 0, 0, 500, 500),
                Box("title", 530, 70, 340, 110, 34),
                Box("price", 530, 185, 340, 56, 44, "#b4341f"),
                Box("qr", 530, 260, 180, 180),
                Box("name", 725, 270, 160, 100, 24, "#1f6b45", text="{name}"),
                Box("label", 792, 14, 88, 42, 26, "#ffffff", "center"),
            ),
        ),
    ),
}  # fmt: skip
"""Templates that every tenant has, by their ids; own ones have ids of the usual kind."""
