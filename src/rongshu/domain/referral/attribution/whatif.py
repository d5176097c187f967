"""Another policy tried on orders of the past: what it would have credited differently, and to whom.

Bonds are built up anew from the beginning of the window, as the policy says, upon those in force then; codes are those the orders came with.
Orders that named their promoter themselves, and those corrected since, are left as they are: no policy was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from rongshu.domain.commerce.orders.queries import orders_left_to_policy
from rongshu.domain.referral.attribution.crediting import active_spans, inherited, places_of
from rongshu.domain.referral.attribution.queries import store_holders
from rongshu.domain.referral.clicks.queries import touches_of
from rongshu.engine.attribution import METHODS, NOBODY, Bonds, Orders, Policy, Touches, credit
from rongshu.engine.attribution.frames import FOREVER
from rongshu.kernel import bulk
from rongshu.kernel.errors import invalid
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]
MOST = 200_000
"""Orders a trial looks at."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A promoter, and what the other policy would have credited to them: orders and their sums, minor units."""

    promoter_id: int
    orders: int
    paid: int
    orders_before: int
    paid_before: int

    @property
    def gain(self) -> int:
        return self.paid - self.paid_before


@dataclass(frozen=True, slots=True)
class Changed:
    """An order that would have been credited differently; promoters 0 for nobody, methods "" then; `paid` in minor units."""

    order_id: int
    before: int
    then: int
    method_before: str
    method: str
    paid: int
    paid_at: int
    """Microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Handed:
    """Orders that one promoter would have had instead of another (0: nobody), and their sum in minor units."""

    before: int
    then: int
    orders: int
    paid: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What another policy would have done in a window. `by_method` and `by_method_before`: orders by how they were credited, "" for nobody."""

    orders: int
    changed: int
    paid_changed: int
    by_method: dict[str, int]
    by_method_before: dict[str, int]
    promoters: tuple[Moved, ...]
    """Whoever would gain or lose, the largest change first; a hundred at most."""
    examples: tuple[tuple[int, int, int, str], ...]
    """Orders credited differently, the latest first: (order, promoter before, promoter then, method); 0 for nobody."""
    handed: tuple[Handed, ...] = ()
    """From whom to whom, the most orders first; a hundred at most."""
    lines: tuple[Changed, ...] = ()
    """Orders credited differently, the latest first, as many as were asked for."""


def try_policy(*, rules: Policy, since: datetime, until: datetime, lines: int = 0) -> WhatIf:
    """Tries a policy on the orders paid in a window; so many `lines` of them at most come along.

    Raises `invalid` for a window of more than MOST orders.
    """
    asked = orders_left_to_policy(since, until, limit=MOST + 1)
    if len(asked.id) > MOST:
        raise invalid(
            "window_too_large", "The window has more than %(most)s orders; choose a shorter one.", at="until", most=MOST
        )
    order, buyer, promoter, paid, at = asked.id, asked.buyer, asked.promoter, asked.paid, asked.paid_at
    code = _codes(order)
    buyers = np.unique(buyer[buyer > 0])
    met = touches_of(buyers.tolist(), since - timedelta(days=max(rules.windows.values(), default=0)), until)
    holders = store_holders()
    held = _bonds_at(buyers, since)
    in_store = np.array([holders.get(name, 0) if name else 0 for name in asked.store], dtype=np.int64)
    promoters, active, heirs = active_spans(
        np.concatenate([code, in_store, met.touches.promoter, held.holder]).tolist()
    )
    found = credit(
        Orders(
            places_of(buyers, buyer),
            at,
            places_of(promoters, inherited(code, heirs)),
            places_of(promoters, in_store),
            places_of(promoters, buyer),
        ),
        Touches(
            met.touches.subject,
            places_of(promoters, inherited(met.touches.promoter, heirs)),
            met.touches.at,
            met.touches.kind,
        ),
        Bonds(places_of(promoters, inherited(held.holder, heirs)), held.since, held.until),
        active,
        rules,
    )
    then = np.where(found.promoter == NOBODY, 0, promoters.take(np.maximum(found.promoter, 0)) if len(promoters) else 0)
    differs = then != inherited(promoter, heirs)  # who was merged since is who they are now
    all_rows = np.flatnonzero(differs)[::-1]
    rows = all_rows[:20]
    names = np.array(["", *METHODS])
    return WhatIf(
        len(order), int(differs.sum()), int(paid[differs].sum()),
        _counted(names[found.method + 1].tolist()), _counted(asked.credited_by),
        _moved(promoter, then, paid),
        tuple(
            (int(order[row]), int(promoter[row]), int(then[row]), str(names[found.method[row] + 1])) for row in rows.tolist()
        ),
        _handed(promoter[all_rows], then[all_rows], paid[all_rows]),
        tuple(
            Changed(
                int(order[row]), int(promoter[row]), int(then[row]), asked.credited_by[row], str(names[found.method[row] + 1]),
                int(paid[row]), int(at[row]),
            )
            for row in all_rows[:lines].tolist()
        ),
    )  # fmt: skip


def _counted(words: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return found


def _moved(before: I64, then: I64, paid: I64) -> tuple[Moved, ...]:
    everybody = np.unique(np.concatenate([before, then]))
    everybody = everybody[everybody > 0]

    def sums(who: I64) -> tuple[I64, I64]:
        known = who > 0
        places = np.searchsorted(everybody, who[known])
        totals = np.zeros(len(everybody), dtype=np.int64)
        np.add.at(totals, places, paid[known])
        return np.bincount(places, minlength=len(everybody)).astype(np.int64), totals

    (orders_before, paid_before), (orders, totals) = sums(before), sums(then)
    size = np.abs(totals - paid_before)
    largest = [
        row for row in np.argsort(-size, kind="stable")[:100].tolist() if size[row] or orders[row] != orders_before[row]
    ]
    return tuple(
        Moved(int(everybody[row]), int(orders[row]), int(totals[row]), int(orders_before[row]), int(paid_before[row]))
        for row in largest
    )


def _handed(before: I64, then: I64, paid: I64) -> tuple[Handed, ...]:
    pairs, which = np.unique(np.stack([before, then]), axis=1, return_inverse=True)
    which = which.ravel()
    orders, totals = np.bincount(which, minlength=pairs.shape[1]), np.zeros(pairs.shape[1], dtype=np.int64)
    np.add.at(totals, which, paid)
    most = np.lexsort((-totals, -orders))[:100].tolist()
    return tuple(Handed(int(pairs[0, n]), int(pairs[1, n]), int(orders[n]), int(totals[n])) for n in most)


def _codes(orders: I64) -> I64:
    """Whose code each order (sorted by id or not) came with, 0 for none."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT order_id, code_promoter_id FROM referral_evidence WHERE tenant_id = %s AND order_id = ANY (%s::bigint[]) "
            "AND code_promoter_id IS NOT NULL",
            [current_tenant(), bulk.int8s(orders)],
        )
        known = dict(cursor.fetchall())
    return np.array([known.get(order, 0) for order in orders.tolist()], dtype=np.int64)


def _bonds_at(members: I64, at: datetime) -> Bonds:
    """The bonds in force at an instant: those begun before it, and those that orders have begun anew or moved since.

    The latter by their history, which knows who held a customer and until when, but not when an order prolonged it before.
    """
    found = Bonds.none(len(members))
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT member_id, promoter_id, (extract(epoch FROM since) * 1000000)::bigint, "
            "coalesce((extract(epoch FROM until) * 1000000)::bigint, %s) FROM referral_bond "
            "WHERE tenant_id = %s AND member_id = ANY (%s::bigint[]) AND since < %s UNION ALL "
            "SELECT c.member_id, c.new_promoter_id, (extract(epoch FROM c.at) * 1000000)::bigint, "
            "coalesce((extract(epoch FROM coalesce(c.next_at, b.until)) * 1000000)::bigint, %s) FROM referral_bond b "
            "JOIN LATERAL (SELECT member_id, new_promoter_id, at, next_at FROM (SELECT member_id, id, new_promoter_id, at, "
            " lead(at) OVER (ORDER BY id) AS next_at FROM referral_bond_change WHERE tenant_id = b.tenant_id "
            " AND member_id = b.member_id) h WHERE h.at < %s ORDER BY id DESC LIMIT 1) c ON c.new_promoter_id IS NOT NULL "
            "WHERE b.tenant_id = %s AND b.member_id = ANY (%s::bigint[]) AND b.since >= %s",
            [
                FOREVER, current_tenant(), bulk.int8s(members), at,
                FOREVER, at, current_tenant(), bulk.int8s(members), at,
            ],
        )  # fmt: skip
        table = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 4)
    rows = np.searchsorted(members, table[:, 0])
    found.holder[rows], found.since[rows], found.until[rows] = table[:, 1], table[:, 2], table[:, 3]
    return found


__all__ = ["MOST", "Changed", "Handed", "Moved", "WhatIf", "try_policy"]
