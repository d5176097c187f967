"""The cart while it is being priced: what each line still costs, what was taken off, and whether a rule's conditions hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from rongshu.engine.money import MILLION, largest_remainder, round_half_up_rate
from rongshu.engine.prices.frames import Cart, CartLine, Kind, NotApplied, Step
from rongshu.engine.prices.model import MemberPrice, Rule, When

Why = tuple[str, dict[str, Any]]
"""A key of `words.REASONS` with its parameters."""


@dataclass(slots=True)
class Work:
    """One line: `amount` is what it costs as yet, `kinds` what has lowered it."""

    line: CartLine
    unit: int
    amount: int
    kinds: set[str] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)
    misses: list[NotApplied] = field(default_factory=list)

    def take(self, rule: str, kind: Kind, name: str, minus: int) -> None:
        """Takes `minus` off; nothing happens for 0."""
        if minus:
            self.amount -= minus
            self.kinds.add(kind)
            self.steps.append(Step(rule, kind, name, minus))

    def miss(self, rule: Rule, kind: Kind, why: Why) -> None:
        """Notes why a rule that means this line took nothing off."""
        self.misses.append(NotApplied(rule.id, kind, rule.name, why[0], why[1]))


def works_of(cart: Cart) -> list[Work]:
    """The lines in a sequence that does not depend on how the cart lists them: what is left over in a division goes to the
    same product either way."""
    lines = sorted(cart.lines, key=lambda one: (one.sku, one.category, one.price, one.qty, one.line_no))
    return [Work(line, line.price, line.price * line.qty) for line in lines]


def local_time(at: int, zone: tzinfo) -> datetime:
    """The wall clock of an instant (microseconds UTC)."""
    return datetime.fromtimestamp(at // 1_000_000, zone).replace(tzinfo=None)


def why_not(when: When | None, cart: Cart, local: datetime, early: int = 0) -> Why | None:
    """The first condition that does not hold; None when all do. `early`: for how many hours sooner it begins for this member."""
    if when is None:
        return None
    if when.tiers is not None and cart.tier not in when.tiers:
        return "other_tier", {"tiers": list(when.tiers)}
    if when.first_order is not None and cart.first_order is not when.first_order:
        return ("not_first_order" if when.first_order else "only_later_orders"), {}
    if when.channels is not None and cart.channel not in when.channels:
        return "other_channel", {"channels": list(when.channels)}
    if when.stores is not None and cart.store not in when.stores:
        return "other_store", {"stores": list(when.stores)}
    if when.segments is not None and cart.segments.isdisjoint(when.segments):
        return "other_segment", {}
    return _why_not_now(when, local, early)


def _why_not_now(when: When, local: datetime, early: int) -> Why | None:
    if when.start is not None and local + timedelta(hours=early) < when.start:
        return "too_early", {"moment": f"{when.start:%Y-%m-%d %H:%M}"}
    if when.end is not None and local >= when.end:
        return "too_late", {"moment": f"{when.end:%Y-%m-%d %H:%M}"}
    if when.hours is None:
        if when.weekdays is not None and local.isoweekday() not in when.weekdays:
            return "other_weekday", {"weekdays": list(when.weekdays)}
        return None
    start, end = when.hours
    minute, day = local.hour * 60 + local.minute, local.isoweekday()
    inside = start <= minute < end
    if end < start:  # passes midnight: the small hours belong to the day before
        inside = minute >= start or minute < end
        if minute < end:
            day = (day - 2) % 7 + 1
    if when.weekdays is not None and day not in when.weekdays:
        return "other_weekday", {"weekdays": list(when.weekdays)}
    if not inside:
        return "other_hours", {"start": f"{start // 60:02}:{start % 60:02}", "end": f"{end // 60:02}:{end % 60:02}"}
    return None


def why_no_member_price(rule: MemberPrice, cart: Cart, local: datetime) -> Why | None:
    """As `why_not`; a member price asks for a tier, named or any."""
    if not cart.tier and (rule.when is None or rule.when.tiers is None):
        return "no_tier", {}
    return why_not(rule.when, cart, local)


def less(amount: int, ppm: int) -> int:
    """An amount with a discount; what is left is rounded half up."""
    return round_half_up_rate(amount, MILLION - ppm)


def spread(works: Sequence[Work], total: int, rule: str, kind: Kind, name: str) -> None:
    """Takes `total` (at most what they cost) off lines in proportion to what they cost, exact to the last unit."""
    for work, minus in zip(works, largest_remainder([work.amount for work in works], total), strict=True):
        work.take(rule, kind, name, minus)


def not_among(work: Work, goes_with: Sequence[str]) -> str | None:
    """A kind that has lowered the line and is not among `goes_with`."""
    return next((step.kind for step in work.steps if step.kind not in goes_with), None)
