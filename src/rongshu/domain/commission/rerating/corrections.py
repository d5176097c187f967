"""Corrections of attribution: to whom orders really belong, noted one by one or many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from rongshu.domain.commerce.orders.actions import correct_credits
from rongshu.domain.commerce.orders.queries import find_orders, known_lines
from rongshu.domain.commission.rerating.actions import reason_of
from rongshu.domain.referral.promoters.queries import promoters_by_external_id, which_promote
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import invalid, missing
from rongshu.kernel.ids import inside, outside

MOST = 10_000


def correct_named(*, corrections: Sequence[tuple[str, str | None]], reason: str, by: Actor, now: datetime) -> int:
    """As `correct_promoters`, with orders and promoters as people call them: (order, promoter or None for nobody).

    All or nothing: raises `missing` naming the first that is not known, `invalid` for an order that is named twice.
    """
    if len(corrections) > MOST:
        raise invalid("too_many_corrections", "At most %(most)s orders are corrected at once.", most=MOST)
    orders = find_orders([order for order, _ in corrections])
    wanted = sorted({who for _, who in corrections if who})
    promoters = promoters_by_external_id(wanted)
    found: dict[int, int | None] = {}
    for row, (order, who) in enumerate(corrections, 1):
        if order not in orders:
            raise missing("unknown_order", "There is no order %(name)s.", at=f"corrections.{row}", name=order)
        promoter = None if not who else promoters.get(who) or inside("mem", who)
        if who and promoter is None:
            raise missing("not_a_promoter", "%(name)s is not a promoter.", at=f"corrections.{row}", name=who)
        if orders[order] in found:
            raise invalid(
                "order_named_twice", "The order %(name)s is named twice.", at=f"corrections.{row}", name=order
            )
        found[orders[order]] = promoter
    return correct_promoters(orders=found, reason=reason, by=by, now=now)


def correct_promoters(*, orders: Mapping[int, int | None], reason: str, by: Actor, now: datetime) -> int:
    """Notes for each order the promoter it really belongs to (None: nobody); how many of that were news.

    Nothing else changes before a re-rating is posted. All or nothing: raises `missing` for an order or promoter that is not
    there, `invalid` without a reason or beyond 10,000 orders.
    """
    why = reason_of(reason)
    if len(orders) > MOST:
        raise invalid("too_many_corrections", "At most %(most)s orders are corrected at once.", most=MOST)
    stored = known_lines(list(orders))
    for order in orders:
        if order not in stored:
            raise missing("unknown_order", "There is no order %(name)s.", name=outside("ord", order))
    promote = which_promote(sorted({who for who in orders.values() if who is not None}))
    for who in orders.values():
        if who is not None and who not in promote:
            raise missing("unknown_promoter", "This member is not a promoter.", at="promoter")
    news = correct_credits(
        orders=np.array(list(orders), dtype=np.int64),
        promoters=np.array([who or 0 for who in orders.values()], dtype=np.int64),
        reason=why,
        by=by,
        now=now,
    )
    if len(news):
        record(
            "order.promoter_corrected",
            subject=outside("ord", int(news[0])) if len(news) == 1 else f"{len(news)} orders",
            by=by,
            now=now,
            reason=why,
            orders=len(news),
        )
    return len(news)
