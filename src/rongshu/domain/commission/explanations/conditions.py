"""The conditions of overrides and boosts in words, as the plan version's document gives them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext_noop as _

from rongshu.domain.commission.explanations.words import ALL_OF, ANY_OF, Sentence, in_a_row, money, say, word
from rongshu.engine.plan import DateRange, DayRange, When

_WORDS = {
    "category": _("the category is in %(words)s"),
    "sku": _("the SKU is %(words)s"),
    "rank": _("the promoter's rank is %(words)s"),
    "tier": _("the buyer's tier is %(words)s"),
    "channel": _("the channel is %(words)s"),
    "store": _("the store is %(words)s"),
    "region": _("the region is %(words)s"),
}


def conditions(when: When, currency: str) -> Sentence:
    """What had to hold, and held: `it was the buyer's first order and the category is in beauty`."""
    parts = [_condition(key, when, currency) for key in when.given]
    if not parts:
        return say("always", _("it holds for every order"))
    return in_a_row(parts, ALL_OF)


def _condition(key: str, when: When, currency: str) -> Sentence:
    value = getattr(when, key)
    match key:
        case "order":
            return _order(value)
        case "promoter_days":
            return _promoter_days(value)
        case "paid":
            return _paid(value)
        case "min_order":
            return say("min_order", _("the order comes to %(least)s or more"), least=money(value, currency))
        case _:
            return say(key, _WORDS[key], words=in_a_row([word(text) for text in value], ANY_OF))


def _order(words: Sequence[str]) -> Sentence:
    if {"first", "repeat"} <= set(words):
        return say("order", _("the buyer is known"))
    if "first" in words:
        return say("order", _("it was the buyer's first order"))
    return say("order", _("it was not the buyer's first order"))


def _promoter_days(window: DayRange) -> Sentence:
    if window.below is None:
        template = _("the promoter had joined %(start)s days before or earlier")
        return say("promoter_days", template, start=window.start or 0)
    if window.start is None:
        return say("promoter_days", _("the promoter had joined less than %(below)s days before"), below=window.below)
    return say(
        "promoter_days",
        _("the promoter had joined between %(start)s and %(last)s whole days before"),
        start=window.start,
        last=window.below - 1,
    )


def _paid(window: DateRange) -> Sentence:
    start = "" if window.start is None else window.start.isoformat()
    if window.end is None:
        return say("paid", _("it was paid on %(start)s or later"), start=start)
    last = (window.end - timedelta(days=1)).isoformat()
    if window.start is None:
        return say("paid", _("it was paid on %(last)s or earlier"), last=last)
    return say("paid", _("it was paid between %(start)s and %(last)s"), start=start, last=last)
