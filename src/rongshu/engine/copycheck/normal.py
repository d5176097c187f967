"""A text as a reader takes it, whatever was put between or beside its letters to slip past: every letter still knows its place.

Width and case are made one (NFKC), traditional characters simplified (one for one, by the table of OpenCC), marks nobody sees
dropped; in the dense form blanks and symbols between letters go too.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_HOMOPHONES = {
    "蕞": "最",
    "嘬": "最",
    "zui": "最",
    "dìyī": "第一",
    "di一": "第一",
    "第1": "第一",
    "赚米": "赚钱",
    "zhuan": "赚",
}
"""Spellings put in the place of words that are looked for."""


@cache
def _simplified() -> dict[int, str]:
    text = files(__package__).joinpath("simplified.txt").read_text(encoding="utf-8").replace("\n", "")
    return {ord(text[at]): text[at + 1] for at in range(0, len(text), 2)}


@dataclass(frozen=True, slots=True)
class Normal:
    """A text made plain, and from where to where in the original each of its letters stands."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a part of it stands in the original."""
        return self.starts[start], self.ends[end - 1]


def light(text: str) -> Normal:
    """One width, one case, simplified, nothing invisible; blanks and symbols stay."""
    letters: list[str] = []
    places: list[int] = []
    table = _simplified()
    for place, letter in enumerate(text):
        for plain in unicodedata.normalize("NFKC", letter).lower():
            if unicodedata.category(plain) in ("Cf", "Mn", "Cc") and plain not in "\n\t":
                continue
            letters.append(table.get(ord(plain), plain))
            places.append(place)
    return Normal("".join(letters), tuple(places), tuple(place + 1 for place in places))


def dense(normal: Normal) -> Normal:
    """Without blanks and symbols between letters, and with other spellings put right."""
    kept = [
        part
        for part in zip(normal.text, normal.starts, normal.ends, strict=True)
        if unicodedata.category(part[0])[0] in "LN" or part[0] in "%.+"
    ]
    text = "".join(part[0] for part in kept)
    starts, ends = [part[1] for part in kept], [part[2] for part in kept]
    for spelled, meant in _HOMOPHONES.items():
        at = text.find(spelled)
        while at >= 0:
            until = at + len(spelled)
            text = text[:at] + meant + text[until:]
            starts[at:until], ends[at:until] = [starts[at]] * len(meant), [ends[until - 1]] * len(meant)
            at = text.find(spelled, at + len(meant))
    return Normal(text, tuple(starts), tuple(ends))
