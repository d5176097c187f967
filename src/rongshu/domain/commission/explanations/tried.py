"""An order as a plan of the lab would have paid it, in the words in which a rated order is explained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rongshu.domain.commission.explanations.found import Found, find
from rongshu.domain.commission.explanations.queries import explained
from rongshu.domain.commission.explanations.rerated import AFTERWARDS
from rongshu.domain.commission.explanations.shapes import Steps
from rongshu.domain.commission.lab.queries import Side
from rongshu.domain.commission.rating.models import PENDING, Commission, Rating
from rongshu.domain.commission.windows.shapes import Window
from rongshu.domain.members.profiles.queries import shown_names
from rongshu.domain.referral.promoters.queries import upline_of
from rongshu.kernel.clock import to_micros


@dataclass(frozen=True, slots=True)
class TriedOrder:
    """What one plan pays for one order, in words."""

    steps: tuple[Steps, ...]
    """By row, in the sequence of `Side.rows`: how it came to be, without what became of it, which nothing has."""
    nothing: Steps
    """Why the order earns nothing at all; empty when it earns."""


def explain_tried(order_id: int, order: int, window: Window, sides: Sequence[Side]) -> tuple[TriedOrder, ...]:
    """The order by the plan of each side; `order` is its row in the window. Raises `missing` for one that is not rated."""
    found = find(order_id)
    return tuple(_tried(found, order, window, side) for side in sides)


def _tried(found: Found, order: int, window: Window, side: Side) -> TriedOrder:
    chain = window.promoter_ids[side.chain.promoter].tolist()
    rating = Rating(
        order_id=found.order.id, first=int(window.orders.first[order]), chain=chain, states=side.chain.state.tolist()
    )
    rating.rated_at, rating.due_at, rating.released_at = found.rating.rated_at, None, None
    starts = [*chain, *([found.order.buyer_id] if found.order.buyer_id else [])]
    told = explained(
        replace(
            found,
            rating=rating,
            version=None,
            plan=side.plan,
            commissions=tuple(_as_commissions(found, window, side)),
            refunds=(),
            transfers=(),
            upline=upline_of(np.array(starts, dtype=np.int64), 1, ranks_from=to_micros(found.order.paid_at)),
            names=found.names | shown_names(chain),
        )
    )
    steps = tuple(tuple(step for step in row.steps if step.code not in AFTERWARDS) for row in told.commissions)
    return TriedOrder(steps, told.nothing)


def _as_commissions(found: Found, window: Window, side: Side) -> Iterator[Commission]:
    rows = side.rows
    names = ("kind", "level", "base", "ppm", "before_caps", "cut_order", "cut_day", "cut_month", "amount")
    for at in range(len(rows)):
        yield Commission(
            order_id=found.order.id,
            row=at + 1,
            line_no=int(window.lines.line_no[rows.line[at]]),
            beneficiary_id=int(window.promoter_ids[rows.beneficiary[at]]),
            rule=rows.rules[rows.rule[at]],
            state=PENDING,
            reversed=0,
            **{name: int(getattr(rows, name)[at]) for name in names},
        )
