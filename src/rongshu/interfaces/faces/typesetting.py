"""Pages set by Typst with the font of a package; reads nothing from the network and no font of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any


def typeset(template: Path, inputs: Mapping[str, str], at: datetime) -> bytes:
    """A template as PDF, about half a second; `inputs` are what it reads by name, `at` is the time the file bears."""
    import typst

    return typst.compile(
        str(template), root=str(template.parent), font_paths=_fonts(), format="pdf", sys_inputs=dict(inputs),
        timestamp=int(at.timestamp()), ignore_system_fonts=True,
    )  # fmt: skip


@cache
def _fonts() -> Any:
    """The fonts, read once: they are 20 MB."""
    import pylopdf_fonts_zh_cn
    import typst

    folder = Path(pylopdf_fonts_zh_cn.sans_path()).parent
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder)])
