"""Who gets what in a run, a portion of promoters at a time: the same reckoning for the preview and for the run itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from rongshu.engine.withdrawals import Policy, approvals_needed, fee_of
from rongshu.engine.workdays import ripe_before
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.actions import hold
from rongshu.ledger.books import Book
from rongshu.ledger.queries import became_available, owners_available

I64 = NDArray[np.int64]

REASONS = ("no_papers", "new_agreement", "closed", "waiting", "below_threshold", "fee_eats_all")
"""Why somebody is left out; the first that holds is said."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Some promoters with something available, in the order of their ids, as arrays of one length; minor units."""

    promoters: I64
    available: I64
    amounts: I64
    """What is asked for; 0 for who is left out."""
    fees: I64
    approvals_needed: I64
    payees: I64
    why: I64
    """Index into REASONS, -1 for who is not left out."""
    people: tuple[bytes, ...]
    """The hash of the papers, empty where there are none."""
    residents: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.promoters)

    @property
    def taken(self) -> NDArray[np.bool_]:
        """Who gets something."""
        return self.why < 0


def counts_until(rules: Policy, day: date) -> datetime | None:
    """The instant at which what became available stops to count in a run of `day`; None where everything counts."""
    if not rules.cycle_wait_days:
        return None
    return datetime.combine(ripe_before(rules, day), time(), house().zone)


def reckon_portion(
    rules: Policy, until: datetime | None, *, after: int, limit: int, now: datetime, held: bool = False
) -> Portion:
    """The next `limit` promoters behind `after`. With `held` their balances are locked first, and what is read is what holds."""
    owners, available = owners_available(after=after, limit=limit)
    if held and len(owners):
        (available,) = hold(owners, (Book.AVAILABLE,))
    ripe = available
    if until is not None and len(owners):
        ripe = np.maximum(available - became_available(owners, until), 0)
    papers = _papers(owners)
    size = len(owners)
    least = max(rules.minimum, rules.threshold, 1)
    amounts = np.minimum(ripe, rules.maximum) if rules.maximum else ripe
    fees = np.array([fee_of(rules, amount) for amount in amounts.tolist()], dtype=np.int64)
    payees, closed, current = (np.zeros(size, dtype=np.int64) for _ in range(3))
    people, residents = [b""] * size, np.ones(size, dtype=bool)
    for place, owner in enumerate(owners.tolist()):
        active_to, payee, person, resident, agreement = papers[owner]
        closed[place] = active_to is not None and active_to <= now
        if payee is not None:
            payees[place], people[place], residents[place] = payee, bytes(person), resident
            current[place] = agreement == rules.agreement
    conditions = (
        payees == 0,
        current == 0,
        closed == 1,
        (ripe < least) & (available >= least),
        amounts < least,
        fees >= amounts,
    )
    why = np.full(size, -1, dtype=np.int64)
    for place in range(len(REASONS) - 1, -1, -1):
        why[conditions[place]] = place
    amounts, fees = np.where(why < 0, amounts, 0), np.where(why < 0, fees, 0)
    needed = np.array([approvals_needed(rules, amount) for amount in amounts.tolist()], dtype=np.int64)
    return Portion(owners, available, amounts, fees, needed, payees, why, tuple(people), residents)


def _papers(owners: I64) -> dict[int, tuple[datetime | None, int | None, bytes, bool, str]]:
    """Of each: until when the account is active, the papers in force, whose they are, whether a resident, which agreement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.id, p.active_to, y.id, y.document_hash, y.resident, y.agreement FROM unnest(%s::bigint[]) AS o (id) "
            "LEFT JOIN referral_promoter p ON p.tenant_id = %s AND p.id = o.id "
            "LEFT JOIN LATERAL (SELECT id, document_hash, resident, agreement FROM settlement_payee "
            " WHERE tenant_id = %s AND promoter_id = o.id ORDER BY id DESC LIMIT 1) y ON y.agreement <> ''",
            [owners.tolist(), current_tenant(), current_tenant()],
        )
        return {row[0]: (row[1], row[2], row[3] or b"", bool(row[4]), row[5] or "") for row in cursor.fetchall()}
