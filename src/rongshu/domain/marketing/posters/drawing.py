"""The drawing itself: from a layout and what goes into it to a PNG. Knows no tenant and no database."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import pylopdf_fonts_zh_cn
import segno
from PIL import Image, ImageDraw, ImageFont, ImageOps

from rongshu.domain.marketing.posters.layout import Box, Layout

DRAWN = 1
"""Of this drawing: raised when the same input looks different, so that nothing old is handed out."""
SMALLEST_LETTERS = 16
ELLIPSIS = "…"
_NO_BREAK_BEFORE = "，。！？、；：）》」』”’…,.!?;:)"


@dataclass(frozen=True, slots=True)
class Content:
    """What goes into the boxes. `picture` and `background` are pictures as they are kept, None for none; `address` is what the code says."""

    title: str
    price: str
    name: str
    address: str
    label: str
    picture: bytes | None = None
    background: bytes | None = None


def draw(layout: Layout, content: Content) -> bytes:
    """The poster as PNG. Text is wrapped and made smaller until it fits its box, then cut with an ellipsis."""
    sheet = Image.new("RGB", (layout.width, layout.height), layout.background)
    if content.background is not None:
        sheet.paste(_covering(content.background, layout.width, layout.height), (0, 0))
    pen = ImageDraw.Draw(sheet)
    texts: Mapping[str, str] = {"title": content.title, "price": content.price}
    for box in layout.boxes:
        if box.filling == "picture":
            if content.picture is not None:
                sheet.paste(_covering(content.picture, box.w, box.h), (box.x, box.y))
        elif box.filling == "qr":
            side = min(box.w, box.h)
            code = _code(content.address, side)
            left, top = box.x + (box.w - side) // 2, box.y + (box.h - side) // 2
            pen.rectangle((left, top, left + side - 1, top + side - 1), fill="#ffffff")
            sheet.paste(code, (left + (side - code.width) // 2, top + (side - code.height) // 2))
        elif box.filling == "label":
            pen.rounded_rectangle((box.x, box.y, box.x + box.w - 1, box.y + box.h - 1), radius=8, fill="#000000")
            _write(pen, box, content.label, "#ffffff", middle=True)
        elif box.filling == "name":
            _write(pen, box, (box.text or "{name}").replace("{name}", content.name), box.colour)
        else:
            _write(pen, box, texts.get(box.filling, box.text), box.colour)
    out = io.BytesIO()
    sheet.save(out, "PNG", compress_level=3)
    return out.getvalue()


def _covering(kept: bytes, width: int, height: int) -> Image.Image:
    """A picture that fills a place, its middle kept; what is clear shows white."""
    with Image.open(io.BytesIO(kept), formats=("JPEG", "PNG")) as opened:
        opened.draft("RGB", (width, height))
        if opened.mode == "RGBA":
            white = Image.new("RGBA", opened.size, "#ffffff")
            flat = Image.alpha_composite(white, opened).convert("RGB")
        else:
            flat = opened.convert("RGB")
    return ImageOps.fit(flat, (width, height), Image.Resampling.BICUBIC)


def _code(address: str, side: int) -> Image.Image:
    """The QR code with its quiet zone, of whole pixels a module, as large as fits."""
    made = segno.make(address, error="m", micro=False)
    modules = made.symbol_size(scale=1, border=4)[0]
    out = io.BytesIO()
    made.save(out, kind="png", border=4, scale=max(1, side // modules))
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(pylopdf_fonts_zh_cn.sans_path()), size)


def fitted(text: str, width: int, height: int, size: int) -> tuple[list[str], int]:
    """The lines of a text in a box and the letters' size: smaller down to two thirds, then cut."""
    text = " ".join(text.split())
    least = max(SMALLEST_LETTERS, size * 2 // 3)
    for trial in range(size, least - 1, -2):
        lines = _wrapped(text, width, _font(trial))
        if len(lines) * line_height(trial) <= max(height, line_height(trial)):
            return lines, trial
    trial = min(size, least)
    lines, most = _wrapped(text, width, _font(trial)), max(1, height // line_height(trial))
    return [*lines[: most - 1], _cut(" ".join(lines[most - 1 :]), width, _font(trial))], trial


def line_height(size: int) -> int:
    """Pixels from one line to the next, rounded up."""
    return -(-size * 13 // 10)


def _wrapped(text: str, width: int, font: ImageFont.FreeTypeFont) -> list[str]:
    """Lines that are no wider than the box: between Chinese letters anywhere but before closing marks, else at spaces where there are any."""
    lines, line = [], ""
    for letter in text:
        if not line or font.getlength(line + letter) <= width or letter in _NO_BREAK_BEFORE:
            line += letter
            continue
        head, _space, tail = line.rpartition(" ")
        if letter != " " and letter.isascii() and line[-1].isascii() and head and tail:
            lines.append(head)
            line = tail + letter
        else:
            lines.append(line.rstrip())
            line = letter.lstrip()
    return [*lines, line] if line else lines


def _cut(text: str, width: int, font: ImageFont.FreeTypeFont) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + ELLIPSIS) > width:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def _write(pen: ImageDraw.ImageDraw, box: Box, text: str, colour: str, *, middle: bool = False) -> None:
    if not text.strip():
        return
    lines, size = fitted(text, box.w, box.h, box.size)
    font, high = _font(size), line_height(size)
    top = box.y + ((box.h - high * len(lines)) // 2 if middle else 0)
    for place, line in enumerate(lines):
        free = box.w - font.getlength(line)
        left = box.x + {"left": 0.0, "center": free / 2, "right": free}[box.align]
        pen.text((left, top + place * high + high // 2), line, font=font, fill=colour, anchor="lm")
