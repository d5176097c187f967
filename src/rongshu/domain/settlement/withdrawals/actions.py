from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time

from django.db import connection

from rongshu.domain.referral.promoters.queries import promoter
from rongshu.domain.settlement.payees.queries import payee_of, payees
from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.withdrawals.models import (
    APPROVED,
    ASKED,
    CANCELLED,
    CONFIRMED,
    FAILED,
    REFUSED,
    SENT,
    TaxLine,
    Withdrawal,
    WithdrawalStep,
)
from rongshu.domain.settlement.withdrawals.queries import asked_since, paid_to, tax_lines_of, withdrawal
from rongshu.domain.settlement.withdrawals.tax import months_looked_at, withheld
from rongshu.engine.withdrawals import approvals_needed, fee_of, refusal
from rongshu.engine.wording import gettext_noop as _
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, forbidden, invalid
from rongshu.kernel.ids import new_id
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.actions import Payment, give_back, pay_all, reserve

_REFUSALS = {
    "below_minimum": _("The least that can be withdrawn is higher."),
    "above_maximum": _("The most that can be withdrawn at once is lower."),
    "closed_today": _("Withdrawals are not taken today; try on another day."),
    "too_many_today": _("No more withdrawals today; try tomorrow."),
    "too_many_this_month": _("No more withdrawals this month."),
    "fee_eats_all": _("The fee would take the whole amount."),
}


def _ref(identifier: int) -> str:
    return f"W{identifier}"


def _step(one: Withdrawal, state: str, *, by: Actor, now: datetime, reason: str = "") -> None:
    WithdrawalStep.add(withdrawal_id=one.id, state=state, at=now, actor=str(by), reason=reason[:500])


def _steps(them: Iterable[Withdrawal], state: str, *, by: Actor, now: datetime) -> None:
    WithdrawalStep.objects.bulk_create(
        WithdrawalStep(tenant_id=current_tenant(), withdrawal_id=one.id, state=state, at=now, actor=str(by))
        for one in them
    )


def ask_withdrawal(*, promoter_id: int, amount: int, by: Actor, now: datetime, key: int | None = None) -> Withdrawal:
    """Asks for `amount` (minor units): reserved at once, in this transaction. `key` (an id made beforehand) makes it one, however often asked.

    Raises `conflict` when less is available, `invalid` for what the policy does not take, `conflict` (`no_papers`,
    `new_agreement`) until the papers are given and the agreement in force accepted. The fee is settled here; the tax at the
    sending. Small amounts are approved at once where the policy says so.
    """
    promoter(promoter_id)
    if key is not None and (known := Withdrawal.objects.filter(id=key).first()) is not None:
        if known.promoter_id != promoter_id or known.amount != amount:
            raise conflict("key_reused", "%(ref)s was already used for something else; nothing was changed.", ref=key)
        return known  # type: ignore[no-any-return]
    rules, tenant = policy(), house()
    _lock(f"withdrawals of {promoter_id}")
    local = now.astimezone(tenant.zone)
    day = datetime.combine(local.date(), time(), tenant.zone)
    today, this_month = asked_since(promoter_id, day, day.replace(day=1))
    code = refusal(rules, amount, today=today, this_month=this_month, weekday=local.weekday())
    if code is not None:
        raise invalid(code, _REFUSALS[code], at="amount")
    papers = payee_of(promoter_id)
    if papers is None:
        raise conflict("no_papers", "Give your name, papers and account first.")
    if papers.agreement != rules.agreement:
        raise conflict("new_agreement", "The agreement has changed; accept it first.")
    needed = approvals_needed(rules, amount)
    one = Withdrawal.add(
        id=new_id() if key is None else key,
        promoter_id=promoter_id,
        payee_id=papers.id,
        amount=amount,
        fee=fee_of(rules, amount),
        state=ASKED if needed else APPROVED,
        approvals_needed=needed,
        asked_at=now,
    )
    reserve(ref=_ref(one.id), owner=promoter_id, amount=amount, now=now)
    _step(one, ASKED, by=by, now=now)
    if not needed:
        _step(one, APPROVED, by=by, now=now, reason="small")
    record("withdrawal.asked", subject=str(one.id), by=by, now=now, amount=amount)
    announce("withdrawal.asked", subjects=[one.id], now=now)
    return one


def _lock(name: str) -> None:
    """Waits for whoever holds this name within the tenant, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [name, current_tenant()])


def _lock_people(people: Sequence[bytes]) -> None:
    """Waits for whoever settles the tax of these people, in one order for all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(encode(p, 'hex'), %s)) FROM unnest(%s) AS p ORDER BY p",
            [current_tenant(), sorted(people)],
        )


def _held(identifiers: Iterable[int]) -> list[Withdrawal]:
    """Some withdrawals, locked in the order of their ids."""
    return list(Withdrawal.objects.select_for_update().filter(id__in=list(identifiers)).order_by("id"))


def cancel_withdrawal(*, identifier: int, promoter_id: int, by: Actor, now: datetime) -> Withdrawal:
    """The promoter takes it back, while it is not sent. Raises `missing`, `conflict` when it is too late."""
    (one,) = _held([withdrawal(identifier).id])
    if one.promoter_id != promoter_id:
        raise forbidden("not_yours", "This is somebody else's withdrawal.")
    if one.state == CANCELLED:
        return one
    if one.state not in (ASKED, APPROVED):
        raise conflict("too_late", "It is on its way already and cannot be taken back.")
    _end_unpaid(one, CANCELLED, by=by, now=now)
    return one


def approve_withdrawals(
    *, identifiers: Sequence[int], by: Actor, login_member: int | None, now: datetime
) -> list[Withdrawal]:
    """One person's approval of each; the second, where two are needed, comes from somebody else.

    Those no longer waiting, or approved by the same person before, are left as they are. Returns those it counted for. Raises
    `forbidden` for one's own.
    """
    counted = []
    known = {
        (step.withdrawal_id, step.actor)
        for step in WithdrawalStep.objects.filter(withdrawal_id__in=list(identifiers), state=APPROVED)
    }
    for one in _held(identifiers):
        if one.state != ASKED or (one.id, str(by)) in known:
            continue
        if login_member == one.promoter_id:
            raise forbidden("own_withdrawal", "Somebody else has to approve your own withdrawal.")
        one.approvals += 1
        if one.approvals >= one.approvals_needed:
            one.state = APPROVED
        counted.append(one)
    if counted:
        Withdrawal.objects.bulk_update(counted, ["approvals", "state"])
        _steps(counted, APPROVED, by=by, now=now)
        record(
            "withdrawals.approved",
            subject=f"{len(counted)} withdrawals",
            by=by,
            now=now,
            ids=[str(one.id) for one in counted],
        )
    return counted


def refuse_withdrawal(*, identifier: int, reason: str, by: Actor, now: datetime) -> Withdrawal:
    """Refuses one, with a reason the promoter reads; the money is available again. Raises `conflict` when it is sent."""
    if len(reason.strip()) < 2:
        raise invalid("no_reason", "Say why; the promoter reads it.", at="reason")
    (one,) = _held([withdrawal(identifier).id])
    if one.state == REFUSED:
        return one
    if one.state not in (ASKED, APPROVED):
        raise conflict("too_late", "It is on its way already and cannot be refused.")
    _end_unpaid(one, REFUSED, by=by, now=now, reason=reason)
    return one


def _end_unpaid(one: Withdrawal, state: str, *, by: Actor, now: datetime, reason: str = "") -> None:
    one.state, one.ended_at = state, now
    one.save(force_update=True)
    give_back(ref=_ref(one.id), owner=one.promoter_id, amount=one.amount, now=now)
    _step(one, state, by=by, now=now, reason=reason)
    record(f"withdrawal.{state}", subject=str(one.id), by=by, now=now)
    announce(f"withdrawal.{state}", subjects=[one.id], now=now)


def send_withdrawals(*, identifiers: Sequence[int], batch_id: int, by: Actor, now: datetime) -> list[Withdrawal]:
    """Approved withdrawals go into a batch: their tax is settled by the day of sending, one person's after another's.

    Raises `conflict` when one is not approved (any more), `forbidden` when only the sender approved it. The tax base is the amount less the fee.
    """
    rules, day = policy(), now.astimezone(house().zone).date()
    sent = _held(identifiers)
    if len(sent) != len(set(identifiers)) or any(one.state != APPROVED for one in sent):
        raise conflict("not_approved", "Some of these are not approved any more; look again.")
    if rules.two_people:
        _check_others_approved(sent, by)
    papers = payees([one.payee_id for one in sent])
    people = sorted({bytes(paper.document_hash) for paper in papers.values()})
    _lock_people(people)
    before = paid_to(people, months_looked_at(day))
    lines = []
    for one in sent:
        paper = papers[one.payee_id]
        person, gross = bytes(paper.document_hash), one.amount - one.fee
        found = withheld(before.get(person, []), paper.resident, gross, rules.tax, day)
        one.tax, one.state, one.batch_id = found.tax, SENT, batch_id
        before.setdefault(person, []).append((found.month, gross, found.tax))
        lines.append(
            TaxLine(
                tenant_id=current_tenant(), document_hash=person, month=found.month, withdrawal_id=one.id,
                method=found.method, gross=gross, tax=found.tax, basis=found.basis, at=now,
            )
        )  # fmt: skip
    TaxLine.objects.bulk_create(lines)
    Withdrawal.objects.bulk_update(sent, ["tax", "state", "batch_id"])
    _steps(sent, SENT, by=by, now=now)
    announce("withdrawal.sent", subjects=[one.id for one in sent], now=now)
    return sent


def _check_others_approved(sent: Sequence[Withdrawal], by: Actor) -> None:
    """Raises `forbidden` when somebody would send what only they approved."""
    approved = WithdrawalStep.objects.filter(withdrawal_id__in=[one.id for one in sent], state=APPROVED)
    by_others = set(approved.exclude(actor=str(by)).values_list("withdrawal_id", flat=True))
    if any(one.id not in by_others for one in sent):
        raise forbidden("same_person", "Somebody else has to send what you alone approved.")


def confirm_withdrawals(*, identifiers: Sequence[int], by: Actor, now: datetime) -> int:
    """The money has arrived. Confirmed before: nothing happens. Raises `conflict` for one that was not sent. How many."""
    done = [one for one in _held(identifiers) if one.state != CONFIRMED]
    for one in done:
        if one.state != SENT:
            raise conflict("not_sent", "%(ref)s was not sent.", ref=_ref(one.id))
        one.state, one.ended_at = CONFIRMED, now
    pay_all(payments=[Payment(_ref(one.id), one.promoter_id, one.amount, one.tax, one.fee) for one in done], now=now)
    if done:
        _steps(done, CONFIRMED, by=by, now=now)
        Withdrawal.objects.bulk_update(done, ["state", "ended_at"])
        record(
            "withdrawals.confirmed",
            subject=f"{len(done)} withdrawals",
            by=by,
            now=now,
            ids=[str(one.id) for one in done],
        )
        announce("withdrawal.confirmed", subjects=[one.id for one in done], now=now)
    return len(done)


def fail_withdrawal(*, identifier: int, reason: str, by: Actor, now: datetime) -> Withdrawal:
    """The provider could not pay it: the money is available again, its tax taken back in the month it was withheld in.

    Failed before: nothing happens. Raises `conflict` for one that was not sent, or has arrived.
    """
    (one,) = _held([withdrawal(identifier).id])
    if one.state == FAILED:
        return one
    if one.state != SENT:
        raise conflict("not_sent", "%(ref)s was not sent.", ref=_ref(one.id))
    for line in tax_lines_of([one.id])[one.id]:
        _lock_people([bytes(line.document_hash)])
        TaxLine.add(
            document_hash=bytes(line.document_hash), month=line.month, withdrawal_id=one.id, method=line.method,
            gross=-line.gross, tax=-line.tax, basis=f"did not arrive: {line.id}", at=now,
        )  # fmt: skip
    _end_unpaid(one, FAILED, by=by, now=now, reason=reason)
    return one


__all__ = [
    "approve_withdrawals", "ask_withdrawal", "cancel_withdrawal", "confirm_withdrawals", "fail_withdrawal",
    "refuse_withdrawal", "send_withdrawals",
]  # fmt: skip
