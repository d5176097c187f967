"""Sentences: English templates with parameters, kept until somebody asks for a language. Money and times as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from rongshu.engine.money import MILLION, exponent, format_units

SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "KRW": "₩", "HKD": "HK$", "TWD": "NT$", "INR": "₹"}
"""What stands before an amount; a currency not named stands there with its code."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, or a part of one: `code` is stable, `template` is the English message id, params may be parts."""

    code: str
    template: str
    params: Mapping[str, str | int | Sentence] = field(default_factory=dict)

    def said(self, language: str) -> str:
        """The words in a language (`zh-hans`, `en`)."""
        with translation.override(language):
            return self._filled()

    def _filled(self) -> str:
        words = gettext(self.template)
        return words % {
            name: value._filled() if isinstance(value, Sentence) else value for name, value in self.params.items()
        }

    def as_json(self, language: str) -> dict[str, Any]:
        """The code, the parameters (parts of sentences in the language), and the sentence."""
        params = {
            name: value.said(language) if isinstance(value, Sentence) else value for name, value in self.params.items()
        }
        return {"step": self.code, **params, "sentence": self.said(language)}


def say(code: str, template: str, /, **params: str | int | Sentence) -> Sentence:
    """A sentence; `template` is marked with gettext_noop where it is written."""
    return Sentence(code, template, params)


def together(sentences: Iterable[Sentence], language: str) -> str:
    """Sentences one after the other: Chinese without a blank between them."""
    return ("" if language.startswith("zh") else " ").join(sentence.said(language) for sentence in sentences)


def in_a_row(parts: Sequence[Sentence], pair: str) -> Sentence:
    """`a, b or c`: the last two joined by the template `pair` (%(one)s, %(other)s), those before by commas."""
    first = parts[0]
    for part in parts[1:-1]:
        first = say("list", _("%(one)s, %(other)s"), one=first, other=part)
    return first if len(parts) == 1 else say("list", pair, one=first, other=parts[-1])


def word(text: str) -> Sentence:
    """A word of the tenant's own, which no language translates."""
    return say("word", "%(text)s", text=text)


ANY_OF = _("%(one)s or %(other)s")
ALL_OF = _("%(one)s and %(other)s")


def money(units: int, currency: str) -> str:
    """`¥12.80`, `-¥12.80`; with all digits of the currency."""
    sign = "-" if units < 0 else ""
    return f"{sign}{SIGNS.get(currency, currency + ' ')}{format_units(abs(units), currency)}"


def product(base: int, ppm: int, currency: str) -> str:
    """`base × ppm` before it is rounded, exactly, with at least the digits of the currency: 33 × 3% is `¥0.0099`."""
    digits = exponent(currency)
    whole, part = divmod(base * ppm, MILLION * 10**digits)
    fraction = f"{part:0{digits + 6}d}".rstrip("0").ljust(digits, "0")
    return f"{SIGNS.get(currency, currency + ' ')}{whole}{'.' if fraction else ''}{fraction}"


def moment(instant: datetime, zone: tzinfo) -> str:
    """`2026-03-01 20:00`, in the tenant's zone."""
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")
