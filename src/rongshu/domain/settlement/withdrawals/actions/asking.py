"""Asking: by a promoter, or by a run for many; what is asked for is reserved in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

import numpy as np

from rongshu.domain.referral.promoters.queries import promoter
from rongshu.domain.settlement.payees.models import Payee
from rongshu.domain.settlement.payees.queries import consent_taken_back, payee_of
from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.withdrawals.models import APPROVED, ASKED, Withdrawal
from rongshu.domain.settlement.withdrawals.queries import asked_since
from rongshu.domain.settlement.withdrawals.rows import I64, add_steps, add_withdrawals, ids_of, lock_name, ref_of
from rongshu.engine.money import format_units
from rongshu.engine.withdrawals import approvals_needed, fee_of, refusal
from rongshu.engine.wording import gettext_noop as _
from rongshu.kernel.actor import WORKER, Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import new_id, new_ids
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.ledger.actions import reserve, reserve_all
from rongshu.ledger.queries import standings_of

SMALL = "small"
"""The reason of an approval nobody had to give: the policy gives it, by the worker's name."""

_REFUSALS = {
    "below_minimum": _("The least that can be withdrawn at once is %(minimum)s."),
    "above_maximum": _("The most that can be withdrawn at once is %(maximum)s."),
    "closed_today": _("Withdrawals are not taken today; try on another day."),
    "too_many_today": _("No more withdrawals today (%(per_day)s a day); try tomorrow."),
    "too_many_this_month": _("No more withdrawals this month (%(per_month)s a month); try next month."),
    "fee_eats_all": _("The fee of %(fee)s would take the whole amount."),
}


def ask_withdrawal(*, promoter_id: int, amount: int, by: Actor, now: datetime, key: int | None = None) -> Withdrawal:
    """Asks for `amount` (minor units): reserved at once, in this transaction. `key` (an id made beforehand) makes it one, however often asked.

    Raises `conflict` when less is available, `invalid` for what the policy does not take, `conflict` (`no_papers`,
    `new_agreement`) until the papers are given and the agreement in force accepted. The fee is settled here; the tax at the
    sending. Small amounts are approved at once where the policy says so.
    """
    promoter(promoter_id)
    lock_name(f"withdrawals of {promoter_id}")
    if key is not None and (known := Withdrawal.objects.filter(id=key).first()) is not None:
        if known.promoter_id != promoter_id or known.amount != amount:
            raise conflict("key_reused", "%(ref)s was already used for something else; nothing was changed.", ref=key)
        return known  # type: ignore[no-any-return]
    rules = policy()
    papers = check_asking(promoter_id=promoter_id, amount=amount, now=now)
    needed = approvals_needed(rules, amount)
    identifier = new_id() if key is None else key
    # First of all writes: a caller who shows this refusal and goes on commits what was written before it.
    reserve(ref=ref_of(identifier), owner=promoter_id, amount=amount, now=now)
    one = Withdrawal.add(
        id=identifier,
        promoter_id=promoter_id,
        payee_id=papers.id,
        amount=amount,
        fee=fee_of(rules, amount),
        state=ASKED if needed else APPROVED,
        approvals_needed=needed,
        asked_at=now,
    )
    add_steps(ids_of([one]), ASKED, by=by, now=now)
    if not needed:
        add_steps(ids_of([one]), APPROVED, by=WORKER, now=now, reason=SMALL)
    record("withdrawal.asked", subject=str(one.id), by=by, now=now, amount=amount)
    announce("withdrawal.asked", subjects=[one.id], now=now)
    if not needed:
        announce("withdrawal.approved", subjects=[one.id], now=now)
    return one


def check_asking(*, promoter_id: int, amount: int, now: datetime) -> Payee:
    """Writes nothing: what an amount (minor units) asked for now would be paid by. Raises what `ask_withdrawal` would raise."""
    rules, tenant = policy(), house()
    local = now.astimezone(tenant.zone)
    day = datetime.combine(local.date(), time(), tenant.zone)
    today, this_month = asked_since(promoter_id, day, day.replace(day=1))
    code = refusal(rules, amount, today=today, this_month=this_month, weekday=local.weekday())
    if code is not None:

        def written(units: int) -> str:
            return f"{format_units(units, tenant.currency)} {tenant.currency}"

        raise invalid(
            code, _REFUSALS[code], at="amount", minimum=written(max(rules.minimum, 1)), maximum=written(rules.maximum),
            per_day=rules.per_day, per_month=rules.per_month, fee=written(fee_of(rules, max(amount, 0))),
        )  # fmt: skip
    papers = payee_of(promoter_id)
    if papers is None:
        if consent_taken_back(promoter_id):
            raise conflict(
                "consent_taken_back", "You took back your consent to keeping your papers; give them again to withdraw."
            )
        raise conflict("no_papers", "Give your name, papers and account first.")
    if papers.agreement != rules.agreement:
        raise conflict("new_agreement", "The agreement has changed; accept it first.")
    available = standings_of([promoter_id])[promoter_id].available
    if amount > available:
        shown = f"{format_units(available, tenant.currency)} {tenant.currency}"
        raise conflict("not_enough", "%(available)s is available; nothing was changed.", available=shown)
    return papers


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run asks for, as arrays of one length, a promoter once; minor units."""

    promoters: I64
    payees: I64
    amounts: I64
    fees: I64
    approvals_needed: I64


def ask_for_run(*, run_id: int, wanted: Wanted, by: Actor, now: datetime) -> I64:
    """Asks on behalf of many, whose balances the caller holds: their ids. One promoter once a run, or the database refuses all."""
    ids = new_ids(len(wanted.promoters))
    if not len(ids):
        return ids
    waits = wanted.approvals_needed > 0
    columns = {
        "id": ids, "promoter_id": wanted.promoters, "payee_id": wanted.payees, "amount": wanted.amounts,
        "fee": wanted.fees, "approvals_needed": wanted.approvals_needed,
    }  # fmt: skip
    add_withdrawals(columns, state=np.where(waits, ASKED, APPROVED).tolist(), run_id=run_id, now=now)
    reserve_all(refs=[ref_of(one) for one in ids.tolist()], owners=wanted.promoters, amounts=wanted.amounts, now=now)
    add_steps(ids, ASKED, by=by, now=now, reason="run")
    add_steps(ids[~waits], APPROVED, by=WORKER, now=now, reason=SMALL)
    total = int(wanted.amounts.sum())
    record("withdrawals.asked", subject=str(run_id), by=by, now=now, withdrawals=len(ids), amount=total)
    announce("withdrawal.asked", subjects=ids, now=now)
    announce("withdrawal.approved", subjects=ids[~waits], now=now)
    return ids
