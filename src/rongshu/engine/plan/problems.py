"""What can be wrong with a plan document: templates with parameters, so that surfaces can say it in their language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rongshu.engine.wording import gettext_noop as _

TEMPLATES: Mapping[str, str] = {
    "not_readable": _("the document cannot be read as YAML or JSON: %(reason)s"),
    "not_utf8": _("the document is not UTF-8 text; save it as UTF-8"),
    "too_long": _("the document is longer than %(most)s characters"),
    "not_mapping": _("%(value)s is not a mapping; write keys with values, like `%(example)s`"),
    "duplicate_key": _("the key %(key)s is written twice (again in line %(line)s); keep one of them"),
    "duplicate_key_json": _("the key %(key)s is written twice; keep one of them"),
    "unknown_key": _("unknown key %(key)s; known here: %(known)s"),
    "nothing_written": _("nothing is written after this key; write a value, or leave the key out"),
    "missing": _("this key is required"),
    "not_text": _("%(value)s is not text; write it in quotes"),
    "empty_text": _("this must not be empty"),
    "text_too_long": _("%(value)s is longer than %(most)s characters"),
    "not_currency": _("%(value)s is not a currency; write three capital letters, like CNY"),
    "not_jurisdiction": _("%(value)s is not a jurisdiction; write two capital letters, like CN, or XX for a trial"),
    "not_choice": _("%(value)s is not one of %(known)s"),
    "not_yes_no": _("%(value)s is not true or false"),
    "not_whole": _("%(value)s is not a whole number"),
    "not_number": _("%(value)s is not a number; write it like 12 or \"12.5\", with at most 6 decimals"),
    "too_small": _("%(value)s is too small; the least is %(least)s"),
    "too_big": _("%(value)s is too big; the most is %(most)s"),
    "not_percent": _("%(value)s is not a percentage; write it like 10%% or 0.5%%, with at most 4 decimals"),
    "percent_too_big": _("%(value)s is more than 100%%"),
    "not_money": _("%(value)s is not an amount of money; write it like \"5.00\""),
    "money_float": _("%(value)s may lose digits as a number; write it in quotes, like \"5.00\""),
    "money_decimals": _("%(value)s has more decimals than %(currency)s, which has %(digits)s"),
    "money_too_large": _("%(value)s is too large; the most is %(most)s"),
    "strange_letter": _("a character stands here that no text has (control characters, halves of characters); take it out"),
    "not_list": _("%(value)s is not a list"),
    "empty_list": _("the list is empty; name at least one, or leave the key out"),
    "category_slash": _("the category %(value)s ends in a slash; write it without, it holds for everything below it"),
    "not_date": _("%(value)s is not a date; write it like 2026-05-01"),
    "empty_range": _("nothing lies between %(start)s and %(end)s; the end is not part of the range"),
    "open_range": _("give `from`, or the end, or both"),
    "rank_sign": _("the rank %(value)s contains a plus sign or a blank; use letters, digits and dashes"),
    "bands_overlap": _("the band begins at %(value)s, not above the one before it (%(before)s); write bands from low to high"),
    "id_sign": _("the id %(value)s contains a plus sign or a blank; use letters, digits and dashes"),
    "id_reserved": _("the id %(value)s looks like a rule of the plan itself (level-1, rank:gold); choose another"),
    "id_duplicate": _("the id %(value)s is used before, at %(first)s; every rule needs its own"),
    "rate_and_fixed": _("both rate and fixed are given; keep one of them"),
    "no_rate": _("neither rate nor fixed is given; write one of them"),
    "no_levels": _("no level is given; write at least one, like `1: {rate: 10%%}`"),
    "level_number": _("%(value)s is not a level; levels are whole numbers from 1 to %(most)s"),
    "level_twice": _("level %(value)s is written twice; keep one of them"),
    "level_unknown": _("the plan has no level %(value)s; its levels are %(known)s"),
    "one_of_spans": _("write exactly one of %(known)s, like `%(example)s`"),
    "rank_twice": _("the rank %(value)s is named before, at %(first)s; every rank is named once"),
    "no_needs": _("a rank needs something; write at least one of %(known)s"),
    "need_zero": _("everybody has that; write more than 0, or leave the key out"),
    "needs_fall": _("the rank asks for %(value)s where %(below)s below it asks for %(least)s; a higher rank asks for at least as much"),
    "needs_same": _("the rank asks for the same as %(below)s below it; ask for more, or leave one of them out"),
    "window_short": _("%(value)s months with an order do not fit into the window, which touches at most %(most)s"),
    "rank_unknown": _("the ladder has no rank %(value)s; its ranks are %(known)s; correct the name, or add the rank to the ladder"),
    "fixed_above_cap": _("%(name)s is %(cap)s, less than the fixed amount %(fixed)s of one unit; raise the cap or lower the amount"),
    "not_moment": _("%(value)s is not a day or a time; write it like 2026-11-11 or \"2026-11-11 20:00\""),
    "not_hours": _("%(value)s is not a span of hours; write it like 10:00-22:00"),
    "not_factor": _("%(value)s is not a factor; write it like 2 or \"1.5\", at most 100"),
    "product_unnamed": _("name skus, categories or both"),
    "validity_twice": _("write one of days, months and years"),
    "cap_above_month": _("the cap of a day is above that of the month; it would never be reached"),
    "too_many_rules": _("more than %(most)s rules of one kind"),
    "nested_deep": _("conditions stand within one another more than %(most)s deep"),
    "nothing_off": _("this takes nothing off; write more than 0, or remove the rule"),
    "minus_above_spend": _("%(minus)s is taken off %(spend)s: more than is spent"),
    "steps_mixed": _("the steps of one rule go by what is spent or by pieces, not by both"),
    "steps_ascend": _("the step does not begin above the one before it; write steps from low to high"),
    "more_than_base": _("all together the plan could pay %(value)s of the base; lower the rates, or set `caps.order` so that nothing passes 100%%"),
}  # fmt: skip
"""Every problem there is, by its stable code."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a plan: where, and in words what is wrong and what would be right."""

    path: str
    """Like `overrides[1].when.rank`; empty for the document as a whole."""
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The English text with its `%(name)s` placeholders: the message id for translation."""
        return TEMPLATES[self.code]

    @property
    def words(self) -> str:
        """The English text, without the path."""
        return self.template % self.params

    def __str__(self) -> str:
        return f"{self.path}: {self.words}" if self.path else self.words


class PlanError(ValueError):
    """A plan document that is refused, with every problem found in it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def path_of(keys: Iterable[str | int]) -> str:
    """The path in words: list positions in brackets, keys with dots; the keys of `levels` are keys."""
    path = ""
    parent: str | int = ""
    for key in keys:
        if isinstance(key, int) and parent != "levels":
            path += f"[{key}]"
        else:
            path += f".{key}" if path else str(key)
        parent = key
    return path


def shown(value: object) -> str:
    """A value as the words quote it: short, and in quotes when it is text."""
    if value is None or isinstance(value, bool):
        return {True: "true", False: "false", None: "null"}[value]
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
