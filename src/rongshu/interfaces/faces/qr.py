"""QR codes: as SVG to stand in a page (attributes only, as the policy of our pages asks), as PNG to keep or print."""

from __future__ import annotations

import io

import segno
from django.utils.safestring import SafeString, mark_safe

QUIET = 4
"""Modules of white around, as ISO/IEC 18004 asks: readers need it, in the dark theme most of all."""
DOTS = 12
"""Pixels of a module in a PNG: a short link is printed 9 cm wide at 150 dpi."""


def qr_svg(address: str) -> SafeString:
    """The code of an address, black on white, to stand in a page; scales with its box."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(
        border=QUIET, dark="#000", light="#fff", omitsize=True, svgclass="qr-drawn", lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308  drawn by us from modules, holds no text


def qr_file(address: str, form: str) -> tuple[bytes, str]:
    """The code as a file, and its media type; `form` is `png` or `svg`."""
    made, out = segno.make(address, error="m", micro=False), io.BytesIO()
    if form == "svg":
        made.save(out, kind="svg", border=QUIET, dark="#000", light="#fff", scale=DOTS)
        return out.getvalue(), "image/svg+xml"
    made.save(out, kind="png", border=QUIET, scale=DOTS)
    return out.getvalue(), "image/png"
