"""Explanations of the domain as the faces show them: in both languages at once."""

from __future__ import annotations

from collections.abc import Callable

from rongshu.interfaces.faces.parts import Words


def sentence(say: Callable[[str], str]) -> Words:
    """What is said in a language when asked, said in each."""
    return Words(zh=say("zh-hans"), en=say("en"))


def commission_state(amount: int, reversed: int, released: bool) -> str:
    """The state of a commission as its badge says it."""
    if amount == 0:
        return "capped"
    if reversed:
        return "reversed" if reversed == amount else "part_reversed"
    return "released" if released else "pending"
