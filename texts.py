"""The texts for people: collects every msgid of the source and keeps both catalogues in step with it.

`uv run python texts.py` rewrites `src/rongshu/locale/*/LC_MESSAGES/django.po`: new msgids come in empty, those that are
gone go out. English is the language of the msgids, so its entries may stay empty; simplified Chinese has to be complete,
which `tests/house/test_texts.py` holds it to. No gettext tools are needed.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent
SOURCE = ROOT / "src" / "rongshu"
LOCALE = SOURCE / "locale"
LANGUAGES = ("zh_Hans", "en")

_PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
_PLURAL = {"ngettext", "ngettext_lazy"}
_REFUSALS = {"missing", "forbidden", "conflict", "invalid", "unavailable", "Refusal"}
"""Failures of `kernel.errors`: their words are the second text they are given."""
_CONTEXT = {"pgettext", "pgettext_lazy"}
_IN_TEMPLATE = re.compile(r"(?<!\w)(_|gettext|ngettext|pgettext)\(")


class Text(NamedTuple):
    """One msgid of the source, with where it stands."""

    place: str
    line: int
    one: str
    many: str = ""
    context: str = ""


def texts() -> list[Text]:
    """Every msgid of the source, in the order of files and lines."""
    found: list[Text] = []
    for path in sorted(SOURCE.rglob("*.py")):
        found.extend(_of_python(path))
    for path in sorted(SOURCE.rglob("templates/**/*.html")):
        found.extend(_of_template(path))
    return found


def catalogue(language: str) -> Catalog:
    """The catalogue of a language as it stands in the repository."""
    path = _path(language)
    if not path.exists():
        return Catalog(locale=language, domain="django")
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django")


def update(language: str) -> int:
    """Rewrites a catalogue after the source; gives how many of its entries are empty."""
    before = catalogue(language)
    after = Catalog(locale=language, domain="django", project="rongshu", copyright_holder="", fuzzy=False)
    after.header_comment = f"# {language}: kept in step with the source by `python texts.py`."
    for text in texts():
        key = (text.one, text.many) if text.many else text.one
        old = before.get(text.one, context=text.context or None)
        after.add(key, old.string if old is not None else None, [(text.place, text.line)], context=text.context or None)
    with _path(language).open("wb") as file:
        write_po(file, after, width=120, sort_output=False, no_location=False, include_lineno=False, omit_header=False)
    _without_dates(_path(language))
    return sum(1 for one in after if one.id and not _said(one.string))


def missing(language: str) -> list[Text]:
    """The texts of the source that a catalogue does not say."""
    said = catalogue(language)
    lost = []
    for text in texts():
        entry = said.get(text.one, context=text.context or None)
        if entry is None or entry.fuzzy or not _said(entry.string):
            lost.append(text)
    return lost


def _of_python(path: Path) -> Iterator[Text]:
    place = path.relative_to(ROOT).as_posix()
    source = path.read_text(encoding="utf-8")
    if "gettext" not in source and "kernel.errors" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        words = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        yield from _told(place, node.lineno, name, words)


def _of_template(path: Path) -> Iterator[Text]:
    from django.utils.translation.template import templatize

    place = path.relative_to(ROOT).as_posix()
    told = templatize(path.read_text(encoding="utf-8"), origin=place)
    for call in _IN_TEMPLATE.finditer(told):
        words, at = [], call.end()
        while literal := re.compile(r"\s*,?\s*u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")").match(told, at):
            words.append(ast.literal_eval(literal.group(1)))
            at = literal.end()
        yield from _told(place, told.count("\n", 0, call.start()) + 1, call.group(1), words)


def _told(place: str, line: int, name: str, words: list[str]) -> Iterator[Text]:
    if name in _PLAIN and words:
        yield Text(place, line, words[0])
    elif name in _REFUSALS and len(words) > 1:
        yield Text(place, line, words[1])
    elif name in _PLURAL and len(words) > 1:
        yield Text(place, line, words[0], many=words[1])
    elif name in _CONTEXT and len(words) > 1:
        yield Text(place, line, words[1], context=words[0])


def _said(string: object) -> bool:
    return all(string) if isinstance(string, list | tuple) else bool(string)


def _path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _without_dates(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [
        one
        for one in lines
        if not one.startswith(('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Last-Translator'))
    ]
    path.write_text("".join(kept), encoding="utf-8")


if __name__ == "__main__":
    for one in LANGUAGES:
        empty = update(one)
        sys.stdout.write(f"{one}: {empty} without a translation\n")
