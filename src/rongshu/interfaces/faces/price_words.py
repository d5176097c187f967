"""Prices in words: what took something off, why other rules did not, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rongshu.domain.members.tiers.queries import ladder_at
from rongshu.engine.money import format_units
from rongshu.engine.prices.units import TIER
from rongshu.engine.prices.words import KIND_NAMES, MOMENTS, MONEY, REASONS


def kind_name(kind: str) -> str:
    """A kind of reduction, in the reader's language."""
    return _(KIND_NAMES[kind])


def tier_title(code: str, now: datetime) -> str:
    """What people call a tier; its code where the ladder does not know it."""
    ladder = ladder_at(now) if code else None
    found = None if ladder is None else ladder.tier(code)
    return code if found is None else found.titled(get_language() or "")


def rule_name(kind: str, name: str, rule: str = "", tier: str = "") -> str:
    """What a step is called: its rule's name; a tier's discount is called like the tier (`tier`), points have no name."""
    if kind == "points":
        return _("Points")
    if rule == TIER and tier:
        return tier
    return name or kind_name(kind)


def why_not(code: str, params: Mapping[str, Any], *, currency: str, zone: tzinfo) -> str:
    """Why something took nothing off."""
    return _(REASONS[code].text) % _shown(code, params, currency, zone)


def what_to_do(code: str) -> str:
    """What can be done about it; "" where nothing can."""
    advice = REASONS[code].advice
    return _(advice) if advice else ""


def _shown(code: str, params: Mapping[str, Any], currency: str, zone: tzinfo) -> dict[str, str]:
    shown = {}
    for name, value in params.items():
        if name in MONEY or (name == "missing" and code == "spend_short"):
            shown[name] = format_units(value, currency)
        elif name in MOMENTS:
            shown[name] = f"{datetime.fromtimestamp(value // 1_000_000, UTC).astimezone(zone):%Y-%m-%d %H:%M}"
        elif name == "kind":
            shown[name] = kind_name(value)
        elif isinstance(value, list | tuple):
            shown[name] = _(", ").join(str(one) for one in value)
        else:
            shown[name] = str(value)
    return shown
