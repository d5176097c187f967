"""Console pages of poster templates: all of them, and one being made or changed beside its drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """`picture` is the address of a drawing; `own` whether it may be changed."""

    id: str
    name: str
    size: str
    used: bool
    own: bool
    picture: str


@dataclass(frozen=True, slots=True)
class PosterTemplates:
    """The tenant's own templates, then those that everybody has."""

    template: ClassVar[str] = "console/poster_templates.html"
    rows: tuple[TemplateRow, ...]
    may_edit: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A template as it would look; with `problem` there is no drawing. `picture` is its address."""

    template: ClassVar[str] = "console/parts/poster_drawing.html"
    picture: str = ""
    width: int = 0
    height: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class BoxFields:
    """A box as it stands in the form, everything as text; `wrong` marks the one a problem is about."""

    values: dict[str, str]
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class PosterTemplate:
    """A template being made (`id` empty) or changed."""

    template: ClassVar[str] = "console/poster_template.html"
    id: str
    name: str
    used: bool
    width: str
    height: str
    background: str
    boxes: tuple[BoxFields, ...]
    fillings: tuple[tuple[str, str], ...]
    aligns: tuple[tuple[str, str], ...]
    drawing: Drawing
    backdrop: str = ""
    """The hash of a picture that covers the background."""
    backdrop_address: str = ""
    problem: str = ""
    at: str = ""
