"""What Vite built: stylesheets, scripts and icons, found by name through the manifest.

`dist/` is made by the build hook (`hatch_build.py`) from `frontend/`, is part of the wheel, and is in no commit.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

DIST = Path(__file__).parent / "dist"

STATICFILES_DIR = ("faces", DIST)
"""The entry for Django's STATICFILES_DIRS: every built file is served below `<STATIC_URL>faces/`."""

_HASHED = re.compile(r"/faces/assets/[^/]+-[A-Za-z0-9_-]{8}\.(js|css)$")


class AssetsMissing(RuntimeError):
    """The assets were not built."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is missing in {DIST}: run `uv sync` (or `python hatch_build.py`) to build the faces")


@dataclass(frozen=True, slots=True)
class Built:
    """One entry: its script, the scripts it imports, its stylesheets. Paths are relative to `dist/`."""

    script: str
    imports: tuple[str, ...]
    styles: tuple[str, ...]


def entry(name: str) -> Built:
    """The built files of `frontend/src/<name>.js`. Raises AssetsMissing."""
    manifest = _read("manifest.json")
    chunk = manifest.get(f"src/{name}.js")
    if chunk is None:
        raise AssetsMissing(f"the entry {name!r}")
    imports: list[str] = []
    styles: list[str] = []
    _follow(manifest, chunk, imports, styles)
    return Built(chunk["file"], tuple(imports), tuple(styles))


def icon(name: str) -> str:
    """The inside of an icon's `<svg>`. Raises AssetsMissing for one that no template named at build time."""
    shapes: dict[str, str] = _read("icons.json")
    try:
        return shapes[name]
    except KeyError:
        raise AssetsMissing(f"the icon {name!r}") from None


def is_immutable(path: str, url: str) -> bool:
    """Whether a static file never changes under its name: for WHITENOISE_IMMUTABLE_FILE_TEST."""
    return _HASHED.search(url) is not None


def _follow(manifest: dict[str, Any], chunk: dict[str, Any], imports: list[str], styles: list[str]) -> None:
    for key in chunk.get("imports", ()):
        if manifest[key]["file"] not in imports:
            imports.append(manifest[key]["file"])
            _follow(manifest, manifest[key], imports, styles)
    styles.extend(style for style in chunk.get("css", ()) if style not in styles)


def _read(name: str) -> dict[str, Any]:
    path = DIST / name
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise AssetsMissing(name) from None


@lru_cache(maxsize=4)
def _parsed(path: Path, changed: int) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return parsed
