from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rongshu.domain.settlement.payees.actions import opened
from rongshu.domain.settlement.payees.queries import payees
from rongshu.domain.settlement.payouts.adapters import bank_file
from rongshu.domain.settlement.payouts.models import Batch
from rongshu.domain.settlement.payouts.queries import batch
from rongshu.domain.settlement.withdrawals.actions import confirm_withdrawals, fail_withdrawal, send_withdrawals
from rongshu.domain.settlement.withdrawals.models import SENT, Withdrawal
from rongshu.domain.settlement.withdrawals.queries import withdrawals_of_batch
from rongshu.engine.money import format_units
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import inside, new_id, outside
from rongshu.kernel.tenancy.queries import house

MOST = 5000
"""Withdrawals a batch holds at most."""
PROVIDERS = ("bank", "manual")


def make_batch(*, identifiers: Sequence[int], provider: str, by: Actor, now: datetime) -> Batch:
    """Puts approved withdrawals together and settles their tax: from here on they are on their way. Whoever approved one may not send it alone.

    Raises `invalid` for none or too many, or accounts the provider does not pay to; `conflict` when one is not approved any more.
    """
    if provider not in PROVIDERS:
        raise invalid("unknown_provider", "There is no provider %(name)s.", at="provider", name=provider)
    if not 1 <= len(identifiers) <= MOST:
        raise invalid("batch_size", "Choose 1 to %(most)s withdrawals.", at="withdrawals", most=MOST)
    identifier = new_id()
    sent = send_withdrawals(identifiers=identifiers, batch_id=identifier, by=by, now=now)
    if provider == "bank":
        others = [paper for paper in payees([one.payee_id for one in sent]).values() if paper.account_kind != "bank"]
        if others:
            raise invalid(
                "not_bank", "%(count)s of these have no bank card; pay them by hand.", at="provider", count=len(others)
            )
    made = Batch.add(
        id=identifier,
        provider=provider,
        withdrawals=len(sent),
        amount=sum(one.amount for one in sent),
        fee=sum(one.fee for one in sent),
        tax=sum(one.tax for one in sent),
        made_at=now,
        actor=str(by),
    )
    record("batch.made", subject=str(identifier), by=by, now=now, provider=provider, withdrawals=len(sent))
    return made


def take_file(*, batch_id: int, by: Actor, now: datetime) -> bytes:
    """The batch as the bank's file. It holds names and account numbers: every taking is recorded. Raises `missing`, `conflict`."""
    made = batch(batch_id)
    if made.provider != "bank":
        raise conflict("no_file", "This batch is paid by hand.")
    rows = withdrawals_of_batch(batch_id)
    papers = payees([one.payee_id for one in rows])
    currency = house().currency
    lines = []
    for one in rows:
        paper = opened(papers[one.payee_id])
        lines.append(
            bank_file.Line(
                outside("wdr", one.id),
                paper.name,
                paper.account,
                paper.bank,
                format_units(one.net, currency),
                "commission",
            )
        )
    if made.taken_at is None:
        Batch.objects.filter(id=batch_id, taken_at=None).update(taken_at=now)
    record("batch.file_taken", subject=str(batch_id), by=by, now=now)
    return bank_file.write(lines)


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
    made = batch(batch_id)
    rows, wrong = bank_file.read(content)
    if wrong:
        return Outcome(0, 0, _open(batch_id), wrong)
    known = {one.id: one for one in withdrawals_of_batch(batch_id)}
    results = {inside("wdr", row.serial): row for row in rows}
    strangers = [row.serial for identifier, row in results.items() if identifier not in known]
    if strangers:
        raise conflict("not_of_batch", "%(serial)s is not of this batch; nothing was changed.", serial=strangers[0])
    paid = [identifier for identifier, row in results.items() if row.paid and identifier is not None]
    failed = [(identifier, row) for identifier, row in results.items() if not row.paid and identifier is not None]
    confirmed = confirm_withdrawals(identifiers=paid, by=by, now=now)
    back = 0
    for identifier, row in failed:
        back += known[identifier].state == SENT
        fail_withdrawal(identifier=identifier, reason=row.message or "refused by the bank", by=by, now=now)
    _settle(made, now)
    return Outcome(confirmed, back, _open(batch_id))


def settle_by_hand(
    *, batch_id: int, paid: Sequence[int], failed: Sequence[int], reason: str, by: Actor, now: datetime
) -> Outcome:
    """A person says what arrived and what did not. Raises as `bring_results`, `invalid` for a failure without a reason."""
    made = batch(batch_id)
    known = {one.id for one in withdrawals_of_batch(batch_id)}
    if not known.issuperset({*paid, *failed}):
        raise conflict("not_of_batch", "%(serial)s is not of this batch; nothing was changed.", serial="")
    if failed and len(reason.strip()) < 2:
        raise invalid("no_reason", "Say why; the promoter reads it.", at="reason")
    confirmed = confirm_withdrawals(identifiers=paid, by=by, now=now)
    for identifier in failed:
        fail_withdrawal(identifier=identifier, reason=reason, by=by, now=now)
    _settle(made, now)
    return Outcome(confirmed, len(failed), _open(batch_id))


def _open(batch_id: int) -> int:
    return int(Withdrawal.objects.filter(batch_id=batch_id, state=SENT).count())


def _settle(made: Batch, now: datetime) -> None:
    if made.settled_at is None and not _open(made.id):
        Batch.objects.filter(id=made.id).update(settled_at=now)


__all__ = ["MOST", "PROVIDERS", "Outcome", "bring_results", "make_batch", "settle_by_hand", "take_file"]
