"""Sending: approved withdrawals leave the house, and come back while nothing of them has gone out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.withdrawals.models import APPROVED, SENT, UNSENT, Withdrawal
from rongshu.domain.settlement.withdrawals.queries import tax_lines_of
from rongshu.domain.settlement.withdrawals.rows import add_steps, change_withdrawals, held, ids_of, ref_of
from rongshu.domain.settlement.withdrawals.taxed import take_back_tax, withhold
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.errors import conflict, forbidden
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.actions import Payment, check_still_reserved


def send_withdrawals(*, identifiers: Sequence[int], batch_id: int, by: Actor, now: datetime) -> list[Withdrawal]:
    """Approved withdrawals go into a batch: their tax is settled by the day of sending, one person's after another's.

    Raises `conflict` when one is not approved (any more) or not reserved in the ledger, `forbidden` when only the sender approved it. The tax base is the amount less the fee.
    """
    rules, day = policy(), now.astimezone(house().zone).date()
    sent = held(identifiers)
    if len(sent) != len(set(identifiers)) or any(one.state != APPROVED for one in sent):
        raise conflict("not_approved", "Some of these are not approved any more; look again.")
    if rules.two_people:
        _check_others_approved(sent, by)
    check_still_reserved([Payment(ref_of(one.id), one.promoter_id, one.amount) for one in sent])
    withhold(sent, rules.tax, day, now)
    for one in sent:
        one.state, one.batch_id = SENT, batch_id
    change_withdrawals(sent, "tax", "state", "batch_id")
    add_steps(ids_of(sent), SENT, by=by, now=now)
    announce("withdrawal.sent", subjects=[one.id for one in sent], now=now)
    return sent


def unsend_withdrawals(*, identifiers: Sequence[int], by: Actor, now: datetime, reason: str = "") -> list[Withdrawal]:
    """A batch of which nothing has gone out is undone: approved again, in no batch, the tax taken back. Only the caller knows that nothing has.

    Raises `conflict` when one is not on its way (any more).
    """
    back = held(identifiers)
    for one in back:
        if one.state != SENT:
            raise conflict("not_sent", "%(ref)s was not sent.", ref=ref_of(one.id))
    if not back:
        return back
    take_back_tax(tax_lines_of([one.id for one in back]), "taken back before sending", now)
    for one in back:
        one.state, one.batch_id, one.tax = APPROVED, None, 0
    change_withdrawals(back, "tax", "state", "batch_id")
    add_steps(ids_of(back), UNSENT, by=by, now=now, reason=reason)
    return back


def _check_others_approved(sent: Sequence[Withdrawal], by: Actor) -> None:
    """Raises `forbidden` when somebody would send what only they approved."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT withdrawal_id) FROM settlement_step "
            "WHERE tenant_id = %s AND withdrawal_id = ANY (%s) AND state = %s AND actor <> %s",
            [current_tenant(), bulk.int8s(ids_of(sent)), APPROVED, str(by)],
        )
        row = cursor.fetchone()
    if row is None or row[0] != len(sent):
        raise forbidden("same_person", "Somebody else has to send what you alone approved.")
