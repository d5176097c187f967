"""A message in words: in the language that is active, with amounts in the tenant's currency and days as the language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rongshu.domain.marketing.messages.kinds import KINDS
from rongshu.engine.money import format_units
from rongshu.engine.wording import gettext_noop

_DAYS = ("day", "since", "until")
_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}

TROUBLES = {
    "no_server": gettext_noop("The mail server cannot be reached."),
    "not_let_in": gettext_noop("The mail server does not accept our user name and password."),
    "connection_lost": gettext_noop("The connection broke while it was sent; it may have arrived."),
    "for_now": gettext_noop("The server does not take it at the moment."),
    "no_mailbox": gettext_noop("There is no such mailbox."),
    "mailbox_full": gettext_noop("The mailbox is full."),
    "policy": gettext_noop("The server refuses mail from us by its policy."),
    "refused": gettext_noop("The server refuses it for good."),
    "sender": gettext_noop("The server does not accept our sender's address."),
    "no_address": gettext_noop("There is no address any more."),
    "not_wanted": gettext_noop("Turned off by the recipient in the meantime."),
    "unreadable": gettext_noop("The address cannot be read with the keys in use."),
    "mail_off": gettext_noop("Mail was turned off in the meantime."),
}  # fmt: skip
"""Why a mail did not go, by code."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message in words, and the name of the page it leads to with what the link says."""

    title: str
    text: str
    link: str
    button: str


class _Known(dict[str, str]):
    """Figures for the words; one that an old message does not have is a dash."""

    def __missing__(self, name: str) -> str:
        return "–"


def say(kind: str, data: Mapping[str, Any], currency: str) -> Said:
    """The message in the active language. A kind that is not known any more says its code."""
    known = KINDS.get(kind)
    if known is None:
        return Said(kind, "", "", "")
    values = _Known({name: _value(name, value, known.money, currency) for name, value in data.items()})
    values.setdefault("reason", "")
    values["reason"] = values["reason"].rstrip(".。") or _("no reason was given")
    if "rank" in data and not values["rank"]:
        values["rank"] = _("No rank")
    return Said(_(known.title) % values, _(known.text) % values, known.link, _(known.button))


def _value(name: str, value: Any, money: tuple[str, ...], currency: str) -> str:
    if name in money:
        return amount_text(int(value), currency)
    if name in _DAYS:
        return date_format(date.fromisoformat(value), "DATE_FORMAT")
    if isinstance(value, dict):  # said in both languages
        return str(value.get("zh" if (get_language() or "zh").startswith("zh") else "en", ""))
    return f"{value:,}" if isinstance(value, int) else str(value)


def amount_text(units: int, currency: str) -> str:
    """An amount in a sentence: `¥1,234.50`, `1,234 KRW`."""
    whole, dot, part = format_units(units, currency).partition(".")
    text = f"{int(whole):,}{dot}{part}"
    return f"{_SIGNS[currency]}{text}" if currency in _SIGNS else f"{text} {currency}"


def trouble_text(trouble: str) -> str:
    """Why a mail did not go, in words, with the server's status when it gave one."""
    code, _space, status = trouble.partition(" ")
    words = _(TROUBLES[code]) if code in TROUBLES else trouble
    return f"{words} ({status})" if status else words
