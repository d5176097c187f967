"""What the law of a market says about the mechanics of a plan.

Whether a plan is lawful at all is the lint's business.
"""

from __future__ import annotations

from dataclasses import dataclass

ANYWHERE = "XX"
"""The jurisdiction of a plan that is only tried out."""


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    code: str
    instant_release: bool
    """Whether a commission may be released before the return window has ended."""


_KNOWN = {"CN": Jurisdiction("CN", instant_release=False)}
# CN: the seven days of the Consumer Protection Law, article 25, have to end first: a sale may still be undone.


def jurisdiction(code: str) -> Jurisdiction:
    """The profile of an ISO 3166-1 alpha-2 code or `XX`; a market not described here permits instant release."""
    return _KNOWN.get(code) or Jurisdiction(code, instant_release=True)


def permits_instant_release(code: str) -> bool:
    """Whether `instant_below` of a plan takes effect in this market."""
    return jurisdiction(code).instant_release
