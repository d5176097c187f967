"""The rules of a tenant for withdrawals: what may be asked, what it costs, who has to approve. Minor units."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from rongshu.engine.money import MAX_UNITS, MILLION, round_half_up_rate

TaxMethod = Literal["labour", "platform", "none"]
VatMode = Literal["off", "advise"]
Cycle = Literal["request", "daily", "weekly", "monthly"]
CYCLES: tuple[Cycle, ...] = ("request", "daily", "weekly", "monthly")
MOST_WAIT = 90
MOST_UNDO = 24 * 60


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
    vat: VatMode = "off"
    """Whether VAT that payments may owe is worked out and shown. It is never withheld: that rests on rules the payer has to confirm first."""
    agreement: str = "1"
    """The version of the agreement a payee accepts; a new one has to be accepted before the next withdrawal."""
    undo_minutes: int = 0
    """For how long after a batch was made nothing of it goes to the provider and all of it can be taken back."""
    cycle: Cycle = "request"
    """When withdrawals are asked for on the promoters' behalf: never, or by the day, week or month. They may still ask themselves."""
    cycle_day: int = 0
    """Of a week: Monday is 0. Of a month: 1 to 31, the last day where a month is shorter."""
    cycle_wait_days: int = 0
    """T+N: a run takes what became available N days before its day or earlier."""
    threshold: int = 0
    """A run leaves out who has less than this."""
    working_weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    """The days of a week on which withdrawals are handled, unless the calendar of holidays says otherwise."""

    def as_document(self) -> dict[str, Any]:
        """JSON-able; `policy_of` reads it back."""
        return {**asdict(self), **{name: list(getattr(self, name)) for name in _DAYS}}


_DAYS = ("weekdays", "working_weekdays")


def policy_of(document: dict[str, Any]) -> Policy:
    """The policy a stored document holds; what older ones do not say is as the defaults are."""
    known = {one.name for one in fields(Policy)}
    values = {name: value for name, value in document.items() if name in known}
    return Policy(**{**values, **{name: tuple(values[name]) for name in _DAYS if name in values}})


def problems_of(policy: Policy) -> list[tuple[str, str]]:
    """What contradicts itself in a policy: (field, code)."""
    found = []
    for name in ("minimum", "maximum", "per_day", "per_month", "fee_fixed", "at_once_below", "two_from", "threshold"):
        if not 0 <= getattr(policy, name) <= MAX_UNITS:
            found.append((name, "out_of_range"))
    if not 0 <= policy.fee_ppm < MILLION:
        found.append(("fee_ppm", "out_of_range"))
    if policy.maximum and policy.maximum < policy.minimum:
        found.append(("maximum", "below_minimum"))
    for name in _DAYS:
        if not getattr(policy, name) or any(not 0 <= day <= 6 for day in getattr(policy, name)):
            found.append((name, "no_day"))
    if policy.vat not in ("off", "advise"):
        found.append(("vat", "unknown_vat"))
    if policy.cycle not in CYCLES:
        found.append(("cycle", "unknown_cycle"))
    first, last = {"weekly": (0, 6), "monthly": (1, 31)}.get(policy.cycle, (0, 31))
    if not first <= policy.cycle_day <= last:
        found.append(("cycle_day", "no_such_day"))
    for name, most in (("cycle_wait_days", MOST_WAIT), ("undo_minutes", MOST_UNDO)):
        if not 0 <= getattr(policy, name) <= most:
            found.append((name, "out_of_range"))
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
