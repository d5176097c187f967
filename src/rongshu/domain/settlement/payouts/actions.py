from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models

from rongshu.domain.settlement.payees.actions import opened
from rongshu.domain.settlement.payees.queries import payees
from rongshu.domain.settlement.payouts.adapters import (
    CALLED,
    alipay,
    bank_file,
    bank_iso20022,
    serial_of,
    wechat,
    withdrawal_of,
)
from rongshu.domain.settlement.payouts.models import (
    CALLING,
    FAILED,
    OPEN,
    PAID,
    STUCK,
    TO_CONFIRM,
    UNDER_WAY,
    WAITING,
    Batch,
    ProviderPayment,
)
from rongshu.domain.settlement.payouts.queries import batch
from rongshu.domain.settlement.payouts.sealing import check_seal, seal_of
from rongshu.domain.settlement.payouts.sending import settle
from rongshu.domain.settlement.payouts.settings import payer_of_bank, provider_of
from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.withdrawals.actions import (
    confirm_withdrawals,
    fail_withdrawals,
    send_withdrawals,
    unsend_withdrawals,
)
from rongshu.domain.settlement.withdrawals.models import SENT, Withdrawal
from rongshu.domain.settlement.withdrawals.queries import withdrawals_of_batch
from rongshu.engine.money import format_units
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.ids import new_id, outside
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant, tenant_scope

MOST = 5000
"""Withdrawals a batch holds at most."""
PROVIDERS = ("bank", "wechat", "alipay", "manual")
LEAST = 10
"""Fen: neither provider that is called pays less at once."""
LATER = wechat.LATER | alipay.LATER | {"provider_not_set"}
TO_SETTLE = ("vanished", "amount_differs")
GIVEN_UP_AFTER = timedelta(hours=1)
"""How long after it was last given a payment the provider does not know may be ended."""


def make_batch(*, identifiers: Sequence[int], provider: str, by: Actor, now: datetime) -> Batch:
    """Puts approved withdrawals together and settles their tax: from here on they are on their way. Whoever approved one may not send it alone.

    Raises `invalid` for none or too many, or accounts the provider does not pay to; `conflict` when one is not approved any more.
    """
    if provider not in PROVIDERS:
        raise invalid("unknown_provider", "There is no provider %(name)s.", at="provider", name=provider)
    if not 1 <= len(identifiers) <= MOST:
        raise invalid("batch_size", "Choose 1 to %(most)s withdrawals.", at="withdrawals", most=MOST)
    identifier = new_id()
    with tenant_scope(current_tenant()):  # all or nothing, also for a caller who shows the refusal and goes on
        sent = send_withdrawals(identifiers=identifiers, batch_id=identifier, by=by, now=now)
        _check_accounts(sent, provider)
        sends_at = now + timedelta(minutes=policy().undo_minutes)
        made = Batch.add(
            id=identifier,
            provider=provider,
            withdrawals=len(sent),
            amount=sum(one.amount for one in sent),
            fee=sum(one.fee for one in sent),
            tax=sum(one.tax for one in sent),
            made_at=now,
            actor=str(by),
            sends_at=sends_at,
            seal=seal_of(identifier),
        )
        if provider in CALLED:
            ProviderPayment.objects.bulk_create(
                ProviderPayment(
                    tenant_id=current_tenant(), withdrawal_id=one.id, batch_id=identifier, provider=provider,
                    serial=serial_of(one.id), amount=one.net, due_at=sends_at,
                )
                for one in sent
            )  # fmt: skip
        record("batch.made", subject=str(identifier), by=by, now=now, provider=provider, withdrawals=len(sent))
        return made


def _check_accounts(sent: Sequence[Withdrawal], provider: str) -> None:
    """Each provider pays accounts of its own kind; by hand anything is paid. Raises `invalid`, `conflict`."""
    if provider == "manual":
        return
    kinds = payees([one.payee_id for one in sent])
    others = [one for one in sent if kinds[one.payee_id].account_kind != provider]
    if others:
        words = (
            "%(count)s of these have no bank card; pay them by hand."
            if provider == "bank"
            else "%(count)s of these have no account there; send them another way."
        )
        raise invalid("not_bank" if provider == "bank" else "other_account", words, at="provider", count=len(others))
    if provider not in CALLED:
        return
    provider_of(provider)
    if house().currency != "CNY":
        raise conflict("other_currency", "This provider pays Chinese yuan only.")
    small = [one for one in sent if one.net < LEAST]
    if small:
        raise invalid(
            "too_small", "%(count)s of these are below what the provider pays at once.", at="provider", count=len(small)
        )


def undo_batch(*, batch_id: int, by: Actor, now: datetime) -> Batch:
    """Takes a whole batch back while its time for that is not over: its withdrawals are approved again, their tax is taken back.

    Raises `conflict` when it is too late. Twice is once.
    """
    # Payments before their batch: the order in which whoever gives them locks.
    list(ProviderPayment.objects.select_for_update().filter(batch_id=batch_id).order_by("withdrawal_id"))
    made = _held(batch_id)
    if made.undone_at is not None:
        return made
    if not made.can_undo(now):
        raise conflict("too_late", "It is too late: this batch is on its way.")
    ProviderPayment.objects.filter(batch_id=batch_id).delete()
    unsend_withdrawals(identifiers=[one.id for one in withdrawals_of_batch(batch_id)], by=by, now=now)
    Batch.objects.filter(id=batch_id).update(undone_at=now, undone_by=str(by))
    record("batch.undone", subject=str(batch_id), by=by, now=now, withdrawals=made.withdrawals)
    announce("batch.undone", subjects=[batch_id], now=now)
    return batch(batch_id)


def _held(batch_id: int) -> Batch:
    """A batch, locked until the transaction ends. Raises `missing`."""
    batch(batch_id)
    return Batch.objects.select_for_update().get(id=batch_id)  # type: ignore[no-any-return]


def _leaves(batch_id: int, provider: Sequence[str], now: datetime) -> Batch:
    """A batch, locked, of which something is about to leave by hand: neither undone nor still to be undone, and what it was."""
    made = _held(batch_id)
    if made.provider not in provider:
        raise conflict("other_way", "This batch goes another way.")
    if made.undone_at is not None:
        raise conflict("undone", "This batch was taken back.")
    if made.can_undo(now):
        raise conflict("can_undo", "This batch can still be taken back; nothing of it leaves before that time is over.")
    if made.began_at is None:
        check_seal(made)
        Batch.objects.filter(id=batch_id).update(began_at=now)
    return made


def take_file(*, batch_id: int, form: str = "csv", by: Actor, now: datetime) -> bytes:
    """The batch as the bank's file: `csv`, or `iso20022` (pain.001). It holds names and account numbers: every taking is recorded.

    Raises `missing`, `conflict` while it can be taken back, or when the payer's account is not set up for ISO 20022.
    """
    payer = payer_of_bank() if form == "iso20022" else None
    made = _leaves(batch_id, ("bank",), now)
    rows = withdrawals_of_batch(batch_id)
    papers = payees([one.payee_id for one in rows])
    currency = house().currency
    lines = []
    for one in rows:
        paper = opened(papers[one.payee_id])
        lines.append(
            bank_file.Line(
                outside("wdr", one.id) if payer is None else serial_of(one.id),
                paper.name,
                paper.account,
                paper.bank,
                format_units(one.net, currency),
                "commission",
            )
        )
    if made.taken_at is None:
        Batch.objects.filter(id=batch_id, taken_at=None).update(taken_at=now)
    record("batch.file_taken", subject=str(batch_id), by=by, now=now, form=form)
    if payer is None:
        return bank_file.write(lines)
    total = format_units(sum(one.net for one in rows), currency)
    message = outside("bat", batch_id).replace("_", "")
    local = now.astimezone(house().zone)
    return bank_iso20022.write(lines, payer=payer, message=message, currency=currency, total=total, now=local)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a result file changed."""

    paid: int
    failed: int
    open: int
    unreadable: Sequence[bank_file.Unreadable] = ()


def bring_results(*, batch_id: int, content: bytes, by: Actor, now: datetime) -> Outcome:
    """Works off the bank's result file. Unreadable, or about somebody else's payments: nothing is changed. Twice is once.

    Raises `missing`, `conflict`.
    """
    rows, wrong = (bank_iso20022 if bank_iso20022.is_xml(content) else bank_file).read(content)
    if wrong:
        return Outcome(0, 0, _open(batch_id), wrong)
    known = {one.id: one for one in withdrawals_of_batch(batch_id)}
    results = {withdrawal_of(row.serial): row for row in rows}
    strangers = [row.serial for identifier, row in results.items() if identifier not in known]
    if strangers:
        raise conflict("not_of_batch", "%(serial)s is not of this batch; nothing was changed.", serial=strangers[0])
    _leaves(batch_id, ("bank",), now)
    paid = [identifier for identifier, row in results.items() if row.paid and identifier is not None]
    failed = [(identifier, row) for identifier, row in results.items() if not row.paid and identifier is not None]
    confirmed = confirm_withdrawals(identifiers=paid, by=by, now=now)
    reasons = {identifier: row.message or "refused by the bank" for identifier, row in failed}
    back = fail_withdrawals(reasons=reasons, by=by, now=now)
    settle({batch_id}, now)
    return Outcome(confirmed, back, _open(batch_id))


def settle_by_hand(
    *, batch_id: int, paid: Sequence[int], failed: Sequence[int], reason: str, by: Actor, now: datetime
) -> Outcome:
    """A person says what arrived and what did not. Raises as `bring_results`, `invalid` for a failure without a reason."""
    known = {one.id for one in withdrawals_of_batch(batch_id)}
    if not known.issuperset({*paid, *failed}):
        raise conflict("not_of_batch", "%(serial)s is not of this batch; nothing was changed.", serial="")
    if failed and len(reason.strip()) < 2:
        raise invalid("no_reason", "Say why; the promoter reads it.", at="reason")
    _leaves(batch_id, ("bank", "manual"), now)
    confirmed = confirm_withdrawals(identifiers=paid, by=by, now=now)
    fail_withdrawals(reasons=dict.fromkeys(failed, reason), by=by, now=now)
    settle({batch_id}, now)
    return Outcome(confirmed, len(failed), _open(batch_id))


def _open(batch_id: int) -> int:
    return int(Withdrawal.objects.filter(batch_id=batch_id, state=SENT).count())


def ask_again(*, batch_id: int, by: Actor, now: datetime) -> int:
    """Whatever of a batch has not ended is given or asked for at once; what is stuck is looked at again. How many."""
    made = batch(batch_id)
    if made.can_undo(now):
        return 0
    open_ones = ProviderPayment.objects.filter(batch_id=batch_id, state__in=OPEN)
    # What somebody is giving right now is left to them: their answer comes, or their lease ends.
    busy = open_ones.filter(state=CALLING, due_at__gt=now, heard_at=None) | open_ones.filter(
        state=CALLING, due_at__gt=now, heard_at__lt=models.F("given_at")
    )
    again = open_ones.exclude(withdrawal_id__in=busy.values("withdrawal_id"))
    again.filter(state=STUCK, called_at=None).update(state=WAITING)
    again.filter(state=STUCK).update(
        state=models.Case(models.When(ref="", then=models.Value(CALLING)), default=models.Value(UNDER_WAY))
    )
    asked = again.filter(state__in=(WAITING, CALLING, UNDER_WAY, TO_CONFIRM)).update(due_at=now, tries=0)
    record("batch.asked_again", subject=str(batch_id), by=by, now=now, payments=asked)
    return int(asked)


def end_payment(*, withdrawal_id: int, arrived: bool, reason: str, by: Actor, now: datetime) -> ProviderPayment:
    """A person ends a payment: one that the provider has not taken in did not arrive; one that is stuck with the provider is
    what was settled with them. Ended before: nothing happens.

    Raises `missing`, `invalid` without a reason, `conflict` while it may be, or has been, paid.
    """
    if len(reason.strip()) < 2:
        raise invalid("no_reason", "Say why; the promoter reads it.", at="reason")
    one = ProviderPayment.objects.select_for_update().filter(withdrawal_id=withdrawal_id).first()
    if one is None:
        raise missing("unknown_payment", "There is no such payment.")
    if one.state in (PAID, FAILED):
        return one  # type: ignore[no-any-return]
    if _held(one.batch_id).can_undo(now):
        raise conflict("can_undo", "This batch can still be taken back; nothing of it leaves before that time is over.")
    if not (one.state == STUCK and one.code in TO_SETTLE):
        _check_never_taken(one, arrived, now)
    one.state = PAID if arrived else FAILED
    one.save(update_fields=["state"], force_update=True)
    if arrived:
        confirm_withdrawals(identifiers=[withdrawal_id], by=by, now=now)
    else:
        fail_withdrawals(reasons={withdrawal_id: reason.strip()}, by=by, now=now)
    record(
        "payment.ended", subject=str(withdrawal_id), by=by, now=now, arrived=arrived, reason=reason[:500], code=one.code
    )
    settle({one.batch_id}, now)
    return one  # type: ignore[no-any-return]


def _check_never_taken(one: ProviderPayment, arrived: bool, now: datetime) -> None:
    """Raises `conflict` unless the provider has surely not taken a payment in."""
    if arrived or one.ref or one.state not in (WAITING, STUCK):
        raise conflict("maybe_paid", "The provider may have taken it in; ask again first.")
    if one.given_at is not None and now < one.given_at + GIVEN_UP_AFTER and one.code not in LATER:
        raise conflict(
            "too_early", "It was given less than an hour ago; wait until the provider is sure not to know it."
        )


__all__ = [
    "MOST", "PROVIDERS", "Outcome", "ask_again", "bring_results", "end_payment", "make_batch", "settle_by_hand", "take_file",
    "undo_batch",
]  # fmt: skip
