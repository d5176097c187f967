"""Marks texts for translation: the engine says what happened as a template with parameters, surfaces translate it."""

from __future__ import annotations


def gettext_noop(text: str) -> str:
    """The text itself: the name is what the collector of translatable texts looks for."""
    return text
