"""A ladder as fields, and the fields as its document: both say the same, whether it can be read yet or not.

The fields hold the whole ladder, so that ranks come, go and change places while it is still wrong. Names are paths:
`ranks.1.needs.own_sales`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count, takewhile
from typing import Any

import yaml
from django.utils.translation import gettext as _

from rongshu.engine.money import exponent
from rongshu.engine.ranks import MONEY_NEEDS, NEEDS
from rongshu.interfaces.console.pages.lab import Option
from rongshu.interfaces.console.pages.ranks import LadderField, LadderForm, RankFields
from rongshu.interfaces.faces.rank_words import NEED_NAMES, NEED_RISKS

Document = dict[str, Any]

MOST_RANKS = 50
"""Ranks the form shows; a ladder with more is written as YAML."""
_SPANS = ("window", "retention", "grace")


def typed_document(typed: Mapping[str, str]) -> Document:
    """The document that the fields describe, in the sequence a ladder is written in; what was left empty is left out."""

    def given(name: str) -> str:
        return typed.get(name, "").strip()

    spans = {
        name: {given(f"{name}.unit"): _whole(given(f"{name}.number"))}
        for name in _SPANS
        if given(f"{name}.number") or name == "window"
    }
    words = {name: given(name) for name in ("currency", "upgrade", "downgrade")}
    document: Document = {
        "currency": words["currency"], "window": spans.pop("window"), "upgrade": words["upgrade"], **spans,
        "downgrade": words["downgrade"], "ranks": [],
    }  # fmt: skip
    for at in takewhile(lambda at: f"ranks.{at}.name" in typed, count()):
        rank: Document = {"name": given(f"ranks.{at}.name")}
        titles = {language: given(f"ranks.{at}.title.{language}") for language in ("zh", "en")}
        if any(titles.values()):
            rank["title"] = {language: title for language, title in titles.items() if title}
        needs = {need: given(f"ranks.{at}.needs.{need}") for need in NEEDS}
        rank["needs"] = {
            need: value if need in MONEY_NEEDS else _whole(value) for need, value in needs.items() if value
        }
        document["ranks"].append(rank)
    return document


def rearranged(document: Document, asked: str) -> bool:
    """Does `add`, or `drop.1`, `lower.1` or `higher.1` with a rank, in place. False for what is none of these."""
    ranks = document["ranks"]
    word, _dot, place = asked.partition(".")
    at = int(place) if place.isdecimal() and len(place) < 4 else -1
    if asked == "add":
        if len(ranks) < MOST_RANKS:
            ranks.append({"name": "", "needs": {}})
    elif word == "drop" and 0 <= at < len(ranks):
        del ranks[at]
    elif word in ("lower", "higher"):
        other = at - 1 if word == "lower" else at + 1
        if min(at, other) >= 0 and max(at, other) < len(ranks):
            ranks[at], ranks[other] = ranks[other], ranks[at]
    else:
        return word == "drop"
    return True


def written(document: Document) -> str:
    """The document as YAML, as a ladder is written, whether it can be read or not."""
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)


def form_of(document: Document, wrong: frozenset[str] = frozenset()) -> LadderForm:
    """The fields of a document as `typed_document` and `Ladder.canonical` make them; `wrong` are paths with a problem."""

    def field(name: str, label: str, value: Any, **more: Any) -> LadderField:
        path = "".join(f"[{key}]" if key.isdecimal() else f".{key}" for key in name.split("."))[1:]
        options = tuple(Option(key, words, key == value) for key, words in more.pop("options", ()))
        return LadderField(name, label, str(value), wrong=path in wrong, options=options, **more)

    def span(name: str, label: str, units: tuple[str, ...]) -> tuple[LadderField, LadderField]:
        [(unit, number)] = document.get(name, {units[0]: ""}).items()
        unit_words = {"days": _("days"), "months": _("months"), "quarters": _("quarters")}
        choices = [(one, unit_words[one]) for one in units]
        amount = field(f"{name}.number", label, number, step="1")
        if {name, f"{name}.{unit}"} & wrong:
            amount = LadderField(amount.name, label, amount.value, step="1", wrong=True)
        return amount, field(f"{name}.unit", _("counted in"), unit, options=choices)

    ends = _("when a month or quarter ends")
    last = len(document["ranks"]) - 1
    digits = exponent(document["currency"])
    money_step = "1" if not digits else f"0.{'1'.zfill(digits)}"

    def rank(at: int, one: Document) -> RankFields:
        title, needs = one.get("title", {}), one["needs"]
        return RankFields(
            at=at,
            lowest=at == 0,
            highest=at == last,
            name=one["name"],
            names=(
                field(f"ranks.{at}.name", _("Name in plans"), one["name"]),
                field(f"ranks.{at}.title.zh", _("What people call it, Chinese"), title.get("zh", "")),
                field(f"ranks.{at}.title.en", _("What people call it, English"), title.get("en", "")),
            ),
            needs=tuple(
                field(
                    f"ranks.{at}.needs.{need}", str(NEED_NAMES[need]), needs.get(need, ""),
                    step=money_step if need in MONEY_NEEDS else "1",
                    hint=_("minded by the check of plans") if need in NEED_RISKS else "",
                )
                for need in NEEDS
            ),
        )  # fmt: skip

    return LadderForm(
        currency=document["currency"],
        spans=(
            span("window", _("What counts, the last"), ("days", "months", "quarters")),
            span("retention", _("Kept at least"), ("days", "months")),
            span("grace", _("Grace"), ("days", "months")),
        ),
        ways=(
            field("upgrade", _("Up"), document["upgrade"], options=(("at_once", _("at once")), ("period_end", ends))),
            field(
                "downgrade", _("Down"), document["downgrade"],
                options=(("by_one", _("one rank at a time")), ("to_earned", _("to the rank that is earned"))),
            ),
        ),
        ranks=tuple(rank(at, one) for at, one in enumerate(document["ranks"])),
        more=last + 1 < MOST_RANKS,
    )  # fmt: skip


def _whole(text: str) -> int | str:
    """A whole number, or the text that is none and is refused at its place."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else text
