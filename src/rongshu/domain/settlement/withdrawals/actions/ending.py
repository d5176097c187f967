"""Ends: the money has arrived, or it is available again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rongshu.domain.settlement.withdrawals.models import CONFIRMED, FAILED, SENT, Withdrawal
from rongshu.domain.settlement.withdrawals.queries import tax_lines_of, withdrawal
from rongshu.domain.settlement.withdrawals.rows import add_steps, change_withdrawals, held, ids_of, ref_of
from rongshu.domain.settlement.withdrawals.taxed import take_back_tax
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict
from rongshu.kernel.outbox.actions import announce
from rongshu.ledger.actions import Payment, give_back_all, pay_all


def end_unpaid(
    them: Sequence[Withdrawal],
    state: str,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    reasons: Sequence[str] | None = None,
) -> None:
    """Ends withdrawals that are held without a payment: the money is available again."""
    for one in them:
        one.state, one.ended_at = state, now
    change_withdrawals(them, "state", "ended_at")
    give_back_all(payments=[Payment(ref_of(one.id), one.promoter_id, one.amount) for one in them], now=now)
    add_steps(ids_of(them), state, by=by, now=now, reason=reason, reasons=reasons)
    ids = [str(one.id) for one in them]
    if len(ids) == 1:
        record(f"withdrawal.{state}", subject=ids[0], by=by, now=now)
    else:
        record(f"withdrawals.{state}", subject=f"{len(ids)} withdrawals", by=by, now=now, ids=ids)
    announce(f"withdrawal.{state}", subjects=[one.id for one in them], now=now)


def confirm_withdrawals(*, identifiers: Sequence[int], by: Actor, now: datetime) -> int:
    """The money has arrived. Confirmed before: nothing happens. Raises `conflict` for one that was not sent. How many."""
    done = [one for one in held(identifiers) if one.state != CONFIRMED]
    for one in done:
        if one.state != SENT:
            raise conflict("not_sent", "%(ref)s was not sent.", ref=ref_of(one.id))
        one.state, one.ended_at = CONFIRMED, now
    if not done:
        return 0
    pay_all(payments=[Payment(ref_of(one.id), one.promoter_id, one.amount, one.tax, one.fee) for one in done], now=now)
    add_steps(ids_of(done), CONFIRMED, by=by, now=now)
    change_withdrawals(done, "state", "ended_at")
    record(
        "withdrawals.confirmed", subject=f"{len(done)} withdrawals", by=by, now=now, ids=[str(one.id) for one in done]
    )
    announce("withdrawal.confirmed", subjects=[one.id for one in done], now=now)
    return len(done)


def fail_withdrawals(*, reasons: Mapping[int, str], by: Actor, now: datetime) -> int:
    """The provider could not pay these: the money is available again, the tax taken back in the month it was withheld in.

    `reasons` says of each why; the promoter reads it. Failed before: nothing happens. Raises `conflict` for one that was not sent,
    or has arrived; then none is changed. How many.
    """
    them = [one for one in held(reasons) if one.state != FAILED]
    for one in them:
        if one.state != SENT:
            raise conflict("not_sent", "%(ref)s was not sent.", ref=ref_of(one.id))
    if not them:
        return 0
    take_back_tax(tax_lines_of([one.id for one in them]), "did not arrive", now)
    end_unpaid(them, FAILED, by=by, now=now, reasons=[reasons[one.id] for one in them])
    return len(them)


def fail_withdrawal(*, identifier: int, reason: str, by: Actor, now: datetime) -> Withdrawal:
    """`fail_withdrawals` of one, as it is afterwards. Raises `missing`, `conflict`."""
    withdrawal(identifier)
    fail_withdrawals(reasons={identifier: reason}, by=by, now=now)
    return withdrawal(identifier)
