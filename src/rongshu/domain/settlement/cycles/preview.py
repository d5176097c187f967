"""A run before it is one: who would get what, what would be withheld, who is left out and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from rongshu.domain.settlement.cycles.reckoning import REASONS, Portion, counts_until, reckon_portion
from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.withdrawals.queries import paid_to
from rongshu.domain.settlement.withdrawals.tax import months_looked_at, withheld
from rongshu.engine.withdrawals import Policy

PORTION = 5000


@dataclass(frozen=True, slots=True)
class Planned:
    """One promoter of a run to come; minor units. `why` is empty for who gets something."""

    promoter_id: int
    available: int
    amount: int
    fee: int
    tax: int
    why: str

    @property
    def net(self) -> int:
        return self.amount - self.fee - self.tax


@dataclass(slots=True)
class Totals:
    """A whole run to come; `left` is by reason: how many, and what they have available."""

    promoters: int = 0
    amount: int = 0
    fee: int = 0
    tax: int = 0
    unapproved: int = 0
    """Of them, how many wait for somebody's approval."""
    left: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def net(self) -> int:
        return self.amount - self.fee - self.tax


def preview_totals(day: date, now: datetime) -> Totals:
    """Everything a run of `day` would do as of now. The tax is an estimate: it is settled at the sending."""
    rules, totals, after = policy(), Totals(), 0
    until = counts_until(rules, day)
    while portion := reckon_portion(rules, until, after=after, limit=PORTION, now=now):
        after = int(portion.promoters[-1])
        taken = portion.taken
        totals.promoters += int(taken.sum())
        totals.amount += int(portion.amounts.sum())
        totals.fee += int(portion.fees.sum())
        totals.tax += sum(_taxes(rules, portion, day))
        totals.unapproved += int((portion.approvals_needed[taken] > 0).sum())
        for place, why in enumerate(REASONS):
            them = portion.why == place
            if them.any():
                count, amount = totals.left.get(why, (0, 0))
                totals.left[why] = count + int(them.sum()), amount + int(portion.available[them].sum())
    return totals


def preview_people(day: date, now: datetime, *, after: int, limit: int) -> list[Planned]:
    """Some of the promoters of a run of `day` as of now, behind `after`, in the order of their ids."""
    rules = policy()
    portion = reckon_portion(rules, counts_until(rules, day), after=after, limit=limit, now=now)
    columns = (portion.promoters, portion.available, portion.amounts, portion.fees)
    rows = zip(*(column.tolist() for column in columns), _taxes(rules, portion, day), portion.why.tolist(), strict=True)
    return [
        Planned(one, available, amount, fee, tax, REASONS[why] if why >= 0 else "")
        for one, available, amount, fee, tax, why in rows
    ]


def _taxes(rules: Policy, portion: Portion, day: date) -> list[int]:
    """What would be withheld from each if it were sent on `day`."""
    people = sorted({person for person in portion.people if person})
    before = paid_to(people, months_looked_at(day)) if people else {}
    taxes = []
    for person, resident, amount, fee in zip(
        portion.people, portion.residents.tolist(), portion.amounts.tolist(), portion.fees.tolist(), strict=True
    ):
        if not amount:
            taxes.append(0)
            continue
        earlier = before.setdefault(person, [])
        found = withheld(earlier, resident, amount - fee, rules.tax, day)
        earlier.append((found.month, amount - fee, found.tax))
        taxes.append(found.tax)
    return taxes
