"""Which doors lead to a card: read from what was typed or kept, each wrong entry with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rongshu.kernel.errors import invalid

MOST_SKUS = 200
MOST_UNITS = 10**12


@dataclass(frozen=True, slots=True)
class Doors:
    """Any that is open leads to a card. None open: nobody gets one, except by the operators' hand."""

    claim: bool = False
    """Everybody who proves a phone."""
    spend: int = 0
    """Whoever paid so much in all, refunds off; minor units, 0 for not this way."""
    buy: tuple[str, ...] = ()
    """Whoever bought one of these SKUs."""
    invite: bool = False
    """Whoever was invited by somebody who holds one."""
    approve: bool = False
    """Whoever the operators say yes to."""
    present: bool = True
    """Whoever was a member before the first doors holds a card."""
    terms: str = ""
    """What they agree to."""


def doors_of(document: Mapping[str, Any]) -> Doors:
    """As it was kept."""
    return Doors(**{**document, "buy": tuple(document.get("buy", ()))})


def document_of(doors: Doors) -> dict[str, Any]:
    """To be kept."""
    return {**asdict(doors), "buy": list(doors.buy)}


def checked(doors: Doors) -> Doors:
    """The same, or `invalid` with its place."""
    if not 0 <= doors.spend <= MOST_UNITS:
        raise invalid("bad_amount", "Give an amount above zero, or leave it empty.", at="spend")
    if len(doors.buy) > MOST_SKUS or any(not sku or len(sku) > 100 for sku in doors.buy):
        raise invalid("bad_skus", "Name at most %(most)s SKUs of 1 to 100 letters.", at="buy", most=MOST_SKUS)
    if len(doors.terms) > 10_000:
        raise invalid("bad_terms", "The terms have at most %(most)s letters.", at="terms", most=10_000)
    return doors
