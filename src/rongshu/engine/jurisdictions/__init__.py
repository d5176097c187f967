"""Jurisdictions: what the law of a market asks of plans, as profiles: data with the days each value holds for and what it rests on.

Whether a plan goes with its profile is the lint's business (`engine/lint`).
"""

from __future__ import annotations

from datetime import date

from rongshu.engine.jurisdictions.profiles import ALIASES, PROFILES
from rongshu.engine.jurisdictions.values import Datum, NoValue, Profile

ANYWHERE = "XX"
"""The jurisdiction of a plan that is only tried out."""


def known(code: str) -> bool:
    """Whether a profile is kept for a code."""
    return ALIASES.get(code, code) in PROFILES


def profile(code: str) -> Profile:
    """The profile of an ISO 3166-1 alpha-2 code, `EU` or `XX`; that of `XX`, the strictest, where none is kept."""
    return PROFILES.get(ALIASES.get(code, code)) or PROFILES[ANYWHERE]


def permits_instant_release(code: str) -> bool:
    """Whether `instant_below` of a plan takes effect in this market: a commission may be released before the return window ends.

    It does where no such window is known, and where no profile is kept.
    """
    return not known(code) or profile(code).flag("instant_release", date.max)


__all__ = ["ANYWHERE", "Datum", "NoValue", "Profile", "known", "permits_instant_release", "profile"]
