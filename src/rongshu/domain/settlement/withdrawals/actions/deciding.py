"""Decisions before the sending: approve, refuse, and the promoter's own taking back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rongshu.domain.settlement.payees.actions import take_back_papers
from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.withdrawals.actions.ending import end_unpaid
from rongshu.domain.settlement.withdrawals.models import (
    APPROVED,
    ASKED,
    CANCELLED,
    OPEN,
    REFUSED,
    SENT,
    Withdrawal,
    WithdrawalStep,
)
from rongshu.domain.settlement.withdrawals.queries import withdrawal
from rongshu.domain.settlement.withdrawals.rows import add_steps, change_withdrawals, held, ids_of, lock_name
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, forbidden, invalid
from rongshu.kernel.outbox.actions import announce


def cancel_withdrawal(*, identifier: int, promoter_id: int, by: Actor, now: datetime) -> Withdrawal:
    """The promoter takes it back, while it is not sent. Raises `missing`, `conflict` when it is too late."""
    (one,) = held([withdrawal(identifier).id])
    if one.promoter_id != promoter_id:
        raise forbidden("not_yours", "This is somebody else's withdrawal.")
    if one.state == CANCELLED:
        return one
    if one.state not in (ASKED, APPROVED):
        raise conflict("too_late", "It is on its way already and cannot be taken back.")
    end_unpaid([one], CANCELLED, by=by, now=now)
    return one


def take_back_consent(*, promoter_id: int, by: Actor, now: datetime) -> int:
    """The promoter no longer agrees that their papers are kept: what is not sent is taken back, the papers go; how many were taken back.

    What was paid by them stays, sealed, as tax law asks. Raises `missing` without papers, `conflict` while a payment is on its way.
    """
    lock_name(f"withdrawals of {promoter_id}")
    theirs = held(Withdrawal.objects.filter(promoter_id=promoter_id, state__in=OPEN).values_list("id", flat=True))
    if any(one.state == SENT for one in theirs):
        raise conflict("payment_under_way", "A payment is on its way by these papers; wait until it has ended.")
    if theirs:
        end_unpaid(theirs, CANCELLED, by=by, now=now)
    paid = Withdrawal.objects.filter(promoter_id=promoter_id, batch_id__isnull=False)
    take_back_papers(promoter_id=promoter_id, paid_by=list(paid.values_list("payee_id", flat=True)), by=by, now=now)
    return len(theirs)


def approve_withdrawals(
    *, identifiers: Sequence[int], by: Actor, login_member: int | None, now: datetime
) -> list[Withdrawal]:
    """One person's approval of each; the second, where two are needed, comes from somebody else.

    Those no longer waiting, or approved by the same person before, are left as they are. Returns those it counted for. Raises
    `forbidden` for one's own, and for what the same person asked for on a promoter's behalf where the policy wants two people.
    """
    counted = []
    mine = WithdrawalStep.objects.filter(
        withdrawal_id__in=list(identifiers), state__in=(ASKED, APPROVED), actor=str(by)
    ).values_list("withdrawal_id", "state")
    known = set(mine)
    two_people = policy().two_people
    for one in held(identifiers):
        if one.state != ASKED or (one.id, APPROVED) in known:
            continue
        if two_people and (one.id, ASKED) in known:
            raise forbidden("asked_yourself", "Somebody else has to approve what you asked for.")
        if login_member == one.promoter_id:
            raise forbidden("own_withdrawal", "Somebody else has to approve your own withdrawal.")
        one.approvals += 1
        if one.approvals >= one.approvals_needed:
            one.state = APPROVED
        counted.append(one)
    if counted:
        change_withdrawals(counted, "approvals", "state")
        add_steps(ids_of(counted), APPROVED, by=by, now=now)
        record(
            "withdrawals.approved",
            subject=f"{len(counted)} withdrawals",
            by=by,
            now=now,
            ids=[str(one.id) for one in counted],
        )
        announce("withdrawal.approved", subjects=[one.id for one in counted if one.state == APPROVED], now=now)
    return counted


def refuse_withdrawal(*, identifier: int, reason: str, by: Actor, now: datetime) -> Withdrawal:
    """Refuses one, with a reason the promoter reads; the money is available again. Raises `conflict` when it is sent."""
    if len(reason.strip()) < 2:
        raise invalid("no_reason", "Say why; the promoter reads it.", at="reason")
    (one,) = held([withdrawal(identifier).id])
    if one.state == REFUSED:
        return one
    if one.state not in (ASKED, APPROVED):
        raise conflict("too_late", "It is on its way already and cannot be refused.")
    end_unpaid([one], REFUSED, by=by, now=now, reason=reason)
    return one
