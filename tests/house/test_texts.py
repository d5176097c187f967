"""Every text for people exists in both languages, with the same places to fill in."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PLACES = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def texts() -> ModuleType:
    spec = importlib.util.spec_from_file_location("texts", ROOT / "texts.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_text_is_without_its_chinese(texts: ModuleType) -> None:
    lost = [f"{text.place}: {text.one}" for text in texts.missing("zh_Hans")]
    assert not lost, "run `uv run python texts.py` and translate:\n" + "\n".join(lost)


def test_the_collector_sees_templates_python_and_refusals(texts: ModuleType) -> None:
    found = {text.one for text in texts.texts()}
    assert {"Needs a decision", "%(days)s day", "Rank differential", "There is no such draft."} <= found


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_translations_fill_in_the_same_places(texts: ModuleType, language: str) -> None:
    wrong = []
    for entry in texts.catalogue(language):
        ids = entry.id if isinstance(entry.id, tuple) else (entry.id,)
        strings = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        wanted = set(PLACES.findall(ids[-1]))
        wrong += [
            f"{ids[0]} -> {said}" for said in strings if said and entry.id and set(PLACES.findall(said)) != wanted
        ]
    assert not wrong, "\n".join(wrong)


def test_english_needs_no_catalogue_of_its_own(texts: ModuleType) -> None:
    """English is the language of the msgids: an entry that says something else would be a second English."""
    assert [entry.id for entry in texts.catalogue("en") if entry.id and any(entry.string)] == []
