"""The rules of a tenant for withdrawals: what may be asked, what it costs, who has to approve. Minor units."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from rongshu.engine.money import MAX_UNITS, MILLION, round_half_up_rate

TaxMethod = Literal["labour", "platform", "none"]


@dataclass(frozen=True, slots=True)
class Policy:
    """Read `minimum` and `maximum` for one withdrawal; 0 means no limit of that kind."""

    minimum: int = 1_00
    maximum: int = 0
    per_day: int = 1
    per_month: int = 0
    fee_ppm: int = 0
    fee_fixed: int = 0
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    """On which days may be asked; Monday is 0."""
    at_once_below: int = 0
    """Smaller ones need nobody's approval."""
    two_from: int = 0
    """From this amount on two people approve; 0: one is enough."""
    two_people: bool = True
    """Whoever sends a withdrawal is not the only one who approved it."""
    tax: TaxMethod = "labour"
    """Who the payer is decides the method (a merchant: labour, a platform: platform); it is the payer's legal decision."""
    agreement: str = "1"
    """The version of the agreement a payee accepts; a new one has to be accepted before the next withdrawal."""

    def as_document(self) -> dict[str, Any]:
        """JSON-able; `policy_of` reads it back."""
        return {**asdict(self), "weekdays": list(self.weekdays)}


def policy_of(document: dict[str, Any]) -> Policy:
    """The policy a stored document holds."""
    return Policy(**{**document, "weekdays": tuple(document["weekdays"])})


def problems_of(policy: Policy) -> list[tuple[str, str]]:
    """What contradicts itself in a policy: (field, code)."""
    found = []
    for name in ("minimum", "maximum", "per_day", "per_month", "fee_fixed", "at_once_below", "two_from"):
        if not 0 <= getattr(policy, name) <= MAX_UNITS:
            found.append((name, "out_of_range"))
    if not 0 <= policy.fee_ppm < MILLION:
        found.append(("fee_ppm", "out_of_range"))
    if policy.maximum and policy.maximum < policy.minimum:
        found.append(("maximum", "below_minimum"))
    if not policy.weekdays or any(not 0 <= day <= 6 for day in policy.weekdays):
        found.append(("weekdays", "no_day"))
    if policy.minimum and fee_of(policy, policy.minimum) >= policy.minimum:
        found.append(("fee_fixed", "fee_eats_all"))
    if policy.two_from and policy.at_once_below > policy.two_from:
        found.append(("at_once_below", "at_once_above_two"))
    return found


def fee_of(policy: Policy, amount: int) -> int:
    """The fee of a withdrawal: a share, half up, plus a fixed part; never more than the amount."""
    return min(amount, round_half_up_rate(amount, policy.fee_ppm) + policy.fee_fixed)


def refusal(policy: Policy, amount: int, *, today: int, this_month: int, weekday: int) -> str | None:
    """Why an amount may not be asked for now, None when it may; `today` and `this_month` count those asked already."""
    if amount < max(policy.minimum, 1):
        return "below_minimum"
    if policy.maximum and amount > policy.maximum:
        return "above_maximum"
    if weekday not in policy.weekdays:
        return "closed_today"
    if policy.per_day and today >= policy.per_day:
        return "too_many_today"
    if policy.per_month and this_month >= policy.per_month:
        return "too_many_this_month"
    if fee_of(policy, amount) >= amount:
        return "fee_eats_all"
    return None


def approvals_needed(policy: Policy, amount: int) -> int:
    """How many people approve an amount: none, one or two."""
    if amount < policy.at_once_below:
        return 0
    return 2 if policy.two_from and amount >= policy.two_from else 1
