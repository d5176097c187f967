"""What people decide about differences: explained, money given back, cash written off; the latter two by two people where a bill does not prove it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rongshu.domain.settlement.reconciliation.actions import lock_bills, reconcile, write_off
from rongshu.domain.settlement.reconciliation.models import (
    AMOUNT,
    CAME_BACK,
    EXPLAINED,
    EXTRA,
    MISSING,
    NOT_BACK,
    OPEN,
    PROPOSED,
    SETTLED,
    Bill,
    BilledLine,
    Difference,
)
from rongshu.domain.settlement.withdrawals.returns import return_withdrawals
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, forbidden, invalid, missing

EXPLAIN, WRITE_OFF, GIVE_BACK = "explain", "write_off", "give_back"
ALLOWED: dict[str, tuple[str, ...]] = {
    MISSING: (EXPLAIN, GIVE_BACK),
    CAME_BACK: (EXPLAIN, GIVE_BACK),
    EXTRA: (EXPLAIN, WRITE_OFF),
    AMOUNT: (EXPLAIN, WRITE_OFF),
    NOT_BACK: (EXPLAIN, WRITE_OFF),
}
"""What can be decided about each kind; one that is unconfirmed ends with its results."""


def decisions_of(kind: str) -> tuple[str, ...]:
    """What can be decided about a kind of difference."""
    return ALLOWED.get(kind, (EXPLAIN,))


def _held(identifier: int) -> Difference:
    """One difference, locked after its provider's bills, as everybody does."""
    provider = Difference.objects.filter(id=identifier).values_list("provider", flat=True).first()
    if provider is None:
        raise missing("unknown_difference", "There is no such difference.")
    lock_bills(provider)
    return Difference.objects.select_for_update().get(id=identifier)  # type: ignore[no-any-return]


def explain_differences(*, identifiers: Sequence[int], reason: str, by: Actor, now: datetime) -> int:
    """Says why some differ; nothing moves, and they stay in the cash line as explained. How many were open. Raises `invalid` without a reason."""
    _check_reason(reason)
    held = list(
        Difference.objects.select_for_update().filter(id__in=list(identifiers), state=OPEN).order_by("id").values_list("id", flat=True)
    )  # fmt: skip
    Difference.objects.filter(id__in=held).update(
        state=EXPLAINED, decision=EXPLAIN, reason=reason.strip()[:500], actor=str(by), decided_at=now
    )
    if held:
        record(
            "differences.explained",
            subject=f"{len(held)} differences",
            by=by,
            now=now,
            ids=[str(one) for one in held],
            reason=reason,
        )
    return len(held)


def _check_reason(reason: str) -> None:
    if len(reason.strip()) < 2:
        raise invalid("no_reason", "Say why; it is kept.", at="reason")


def decide_difference(*, identifier: int, decision: str, reason: str, by: Actor, now: datetime) -> Difference:
    """Settles an open difference: `explain`, `write_off` or `give_back` to the promoter.

    A write-off, and a return that no bill shows, wait for a second person; so does a return by a statement that the same person uploaded.
    Raises `missing`, `conflict` when it is decided already or cannot be decided so, `invalid` without a reason.
    """
    _check_reason(reason)
    one = _held(identifier)
    if one.state != OPEN:
        raise conflict("decided", "It was decided meanwhile; look again.")
    if decision not in decisions_of(one.kind):
        raise conflict("not_so", "This cannot be decided so.")
    one.decision, one.reason, one.actor, one.decided_at = decision, reason.strip()[:500], str(by), now
    if decision == EXPLAIN:
        one.state = EXPLAINED
    elif decision == GIVE_BACK and one.kind == CAME_BACK and not _own_upload(one, by):
        _carry_out(one, by, now)
    else:
        one.state = PROPOSED
    one.save(force_update=True)
    record(f"difference.{one.state}", subject=str(one.id), by=by, now=now, decision=decision, reason=reason)
    if one.state == SETTLED:
        reconcile(provider=one.provider, now=now)
    return one


def _own_upload(one: Difference, by: Actor) -> bool:
    bills = BilledLine.objects.filter(withdrawal_id=one.withdrawal_id, kind="returned", gone_at=None).values("bill_id")
    return bool(Bill.objects.filter(id__in=bills, actor=str(by)).exists())


def confirm_decision(*, identifier: int, agree: bool, by: Actor, now: datetime) -> Difference:
    """The second person carries out what the first proposed, or puts it back. Raises `forbidden` for the same person, who may put it back."""
    one = _held(identifier)
    if one.state != PROPOSED:
        raise conflict("decided", "It was decided meanwhile; look again.")
    if not agree:
        one.state, one.decision, one.reason, one.actor, one.decided_at = OPEN, "", "", "", None
    elif one.actor == str(by):
        raise forbidden("same_person", "Somebody else has to confirm what you proposed.")
    else:
        one.second = str(by)
        _carry_out(one, by, now)
    one.save(force_update=True)
    record(f"difference.{one.state}", subject=str(one.id), by=by, now=now, agree=agree)
    if one.state == SETTLED:
        reconcile(provider=one.provider, now=now)
    return one


def _carry_out(one: Difference, by: Actor, now: datetime) -> None:
    """Money back to the promoter, or cash off the books as the bill says. The difference is settled."""
    if one.decision == GIVE_BACK and one.withdrawal_id is not None:
        return_withdrawals(identifiers=[one.withdrawal_id], reason=one.reason, by=by, now=now)
    elif one.ours != one.theirs:
        write_off(difference=one, by=by, now=now)
    one.state, one.decided_at = SETTLED, now


__all__ = [
    "EXPLAIN", "GIVE_BACK", "WRITE_OFF", "confirm_decision", "decide_difference", "decisions_of", "explain_differences",
]  # fmt: skip
