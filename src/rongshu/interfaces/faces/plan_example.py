"""What a plan pays of one plain order, computed by the engine that rates real ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np
from django.utils.translation import gettext as _

from rongshu.engine.money import exponent
from rongshu.engine.plan import Plan
from rongshu.engine.rating import Lines, Orders, Promoters, bases, rate
from rongshu.engine.rating.frames import BEGINNING, FOREVER, NONE, REPEAT
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.plan_terms import who_stands_at
from rongshu.kernel.clock import to_micros

WHOLE = 1000
"""What the buyer of the example pays, in whole units of the currency."""
COST = 600


@dataclass(frozen=True, slots=True)
class Share:
    """What one promoter of the example earns: who that is, by which rule, at which rate, how much."""

    who: str
    rule: str
    ppm: int | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Example:
    """An order of one line at a repeat buyer, without any condition of an override or a boost."""

    paid: Money
    base: Money
    shares: tuple[Share, ...]
    total: Money
    ranked: bool
    """Whether the chain holds one promoter of every rank, lowest first."""


def example_of(plan: Plan, zone: tzinfo, now: datetime) -> Example:
    """The example: a chain as deep as the plan looks; with a differential, one promoter of each rank."""
    rates = {} if plan.differential is None else plan.differential.ranks
    ranks = tuple(rates)
    ordered = sorted(ranks, key=lambda name: rates[name])
    depth = max(plan.max_level, len(ranks), 1)
    codes = [ranks.index(name) for name in ordered]
    promoters = Promoters(
        inviter=_row([*range(1, depth), NONE]),
        rank=_row((codes + [codes[-1] if codes else NONE] * depth)[:depth]),
        joined_at=_row([BEGINNING] * depth),
        active_from=_row([BEGINNING] * depth),
        active_to=_row([FOREVER] * depth),
        ranks=ranks,
    )
    none = _row([NONE])
    orders = Orders(
        paid_at=_row([to_micros(now)]), buyer=none, direct=_row([0]), first=_row([REPEAT]),
        tier=none, channel=none, store=none, region=none,
    )  # fmt: skip
    unit = 10 ** exponent(plan.currency)
    lines = Lines(
        order=_row([0]), line_no=_row([1]), sku=none, category=none, qty=_row([1]),
        paid=_row([WHOLE * unit]), cost=_row([COST * unit]),
    )  # fmt: skip
    rows = rate(plan, zone, promoters, orders, lines).rows
    shares = tuple(
        Share(_who(int(rows.beneficiary[at]), ordered), _rule(rows.rules[rows.rule[at]]), _ppm(int(rows.ppm[at])),
              Money(int(rows.amount[at]), plan.currency))
        for at in range(len(rows))
    )  # fmt: skip
    return Example(
        paid=Money(WHOLE * unit, plan.currency),
        base=Money(int(bases(plan, lines)[0]), plan.currency),
        shares=shares,
        total=Money(sum(share.amount.units for share in shares), plan.currency),
        ranked=bool(ranks),
    )


def _row(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64)


def _who(position: int, ranks: list[str]) -> str:
    words = who_stands_at(position + 1)
    return (
        _("%(who)s, rank %(rank)s") % {"who": words, "rank": ranks[min(position, len(ranks) - 1)]} if ranks else words
    )


def _rule(rule: str) -> str:
    return " + ".join(_parts(rule.split("+")))


def _parts(rules: list[str]) -> Iterator[str]:
    for rule in rules:
        if rule.startswith("level-") and rule[6:].isdecimal():
            yield _("Level %(level)s") % {"level": rule[6:]}
        elif rule.startswith("rank:"):
            yield _("Rank differential")
        elif rule.startswith("peer:"):
            yield _("Peer award")
        else:
            yield rule


def _ppm(ppm: int) -> int | None:
    return None if ppm == NONE else ppm
