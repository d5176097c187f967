"""Explanations of the domain as the faces show them: in both languages at once."""

from __future__ import annotations

from collections.abc import Callable

from rongshu.interfaces.faces.parts import Words


def sentence(say: Callable[[str], str]) -> Words:
    """What is said in a language when asked, said in each."""
    return Words(zh=say("zh-hans"), en=say("en"))


def commission_state(amount: int, reversed: int, state: str) -> str:
    """The badge's state: `part_reversed` beside the domain's own."""
    return "part_reversed" if 0 < reversed < amount else state
