"""Payments through providers that are called. No transaction is open while the network is used.

One transaction claims payments and writes down that they are being given, with the key the provider counts by; then they are
given; another transaction writes the answers. Whoever dies in between leaves payments of which is not known whether they were
taken in: these are asked for, and given again, under the same key, only when the provider says that it has never seen them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from rongshu.domain.settlement.payees.actions import opened
from rongshu.domain.settlement.payees.queries import payees
from rongshu.domain.settlement.payouts.adapters import Answer, Pay, Provider
from rongshu.domain.settlement.payouts.models import (
    CALLING,
    FAILED,
    MOVING,
    OPEN,
    PAID,
    STUCK,
    TO_CONFIRM,
    UNDER_WAY,
    WAITING,
    Batch,
    ProviderPayment,
)  # fmt: skip
from rongshu.domain.settlement.payouts.sealing import check_seal
from rongshu.domain.settlement.payouts.settings import provider_of
from rongshu.domain.settlement.payouts.wording import words_of
from rongshu.domain.settlement.withdrawals.actions import confirm_withdrawals, fail_withdrawals
from rongshu.domain.settlement.withdrawals.models import SENT, Withdrawal
from rongshu.kernel.actor import WORKER, Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import system_scope, tenant_scope

AT_ONCE = 10
"""Payments one worker takes at a time."""
LEASE = timedelta(minutes=5)
"""After this long whoever took them is taken for dead: longer than ten calls that all time out."""
GIVE_FOR = timedelta(days=7)
"""How long after the first call the same number may still be given: the providers know numbers for a month."""
MOST_TRIES = 12
_ASK_CONFIRMED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one worker has to do: give these, ask for those."""

    provider: Provider
    give: Sequence[Pay]
    ask: Sequence[str]
    due: datetime
    """The claim's mark on its payments: whoever sees another has lost them."""


def tenants_with_payments(now: datetime) -> list[int]:
    """Tenants with payments that are due."""
    with system_scope():
        due = ProviderPayment._base_manager.filter(state__in=MOVING, due_at__lte=now)
        return list(due.order_by("tenant_id").values_list("tenant_id", flat=True).distinct())


def pay_out(tenant: int, *, now: datetime, clock: Callable[[], datetime] | None = None) -> int:
    """Gives and asks for what is due of a tenant, up to ten; how many. Opens its own transactions: call it outside any."""
    then = clock or (lambda: now)
    with tenant_scope(tenant):
        claim = claim_payments(now)
    if claim is None:
        return 0
    answers = []
    for one in claim.give:
        (answer,) = claim.provider.send([one])
        answers.append(answer)
    answers += claim.provider.ask(claim.ask)
    with tenant_scope(tenant):
        learn(answers, by=WORKER, now=then())
    return len(answers)


def claim_payments(now: datetime) -> Claim | None:
    """Takes payments that are due of one provider, and writes down that they are being given. None when there is nothing to do."""
    due = (
        ProviderPayment.objects.filter(state__in=MOVING, due_at__lte=now)
        .select_for_update(skip_locked=True)
        .order_by("due_at", "withdrawal_id")[:AT_ONCE]
    )
    them = list(due)
    if not them:
        return None
    them = [one for one in them if one.provider == them[0].provider]
    try:
        provider = provider_of(them[0].provider)
    except Refusal:
        _put_off(them, "provider_not_set", now)
        return None
    them = _leaving(them, now)
    give = [one for one in them if one.state == WAITING]
    ask = [one for one in them if one.state != WAITING]
    lease = now + LEASE
    for one in them:
        one.tries, one.due_at = one.tries + 1, lease
    for one in give:
        one.state, one.given_at, one.called_at = CALLING, now, one.called_at or now
    _write(them, "state", "tries", "due_at", "called_at", "given_at")
    return Claim(provider, _pays(give), [one.serial for one in ask], lease)


def _leaving(them: Sequence[ProviderPayment], now: datetime) -> list[ProviderPayment]:
    """Those whose batch may leave; marks batches as begun. A batch that is not what it was is stopped as a whole."""
    leave = set()
    batches = Batch.objects.select_for_update().filter(id__in={one.batch_id for one in them}).order_by("id")
    for made in list(batches):
        if made.undone_at is not None or (made.sends_at is not None and now < made.sends_at):
            continue
        if made.began_at is None:
            try:
                check_seal(made)
            except Refusal:
                ProviderPayment.objects.filter(batch_id=made.id, state=WAITING).update(state=STUCK, code="seal_broken")
                record("batch.seal_broken", subject=str(made.id), by=WORKER, now=now)
                continue
            Batch.objects.filter(id=made.id).update(began_at=now)
        leave.add(made.id)
    return [one for one in them if one.batch_id in leave]


def _put_off(them: Sequence[ProviderPayment], code: str, now: datetime) -> None:
    for one in them:
        one.code, one.due_at = code, now + timedelta(minutes=5)
    _write(them, "code", "due_at")


def _pays(them: Sequence[ProviderPayment]) -> list[Pay]:
    wanted = {one.id: one for one in Withdrawal.objects.filter(id__in=[each.withdrawal_id for each in them])}
    papers = payees([one.payee_id for one in wanted.values()])
    found = []
    for one in them:
        paper = opened(papers[wanted[one.withdrawal_id].payee_id])
        found.append(Pay(one.serial, one.amount, paper.name, paper.account, paper.bank))
    return found


def _write(them: Sequence[ProviderPayment], *columns: str) -> None:
    if them:
        ProviderPayment.objects.bulk_update(them, list(columns))


def learn(answers: Sequence[Answer], *, by: Actor, now: datetime) -> int:
    """Writes what a provider said, by a call or by a notification; how many payments ended. Hearing it twice changes nothing.

    What has ended stays as it is. An amount that is not ours is believed nothing about.
    """
    said = {answer.serial: answer for answer in answers}
    them = list(ProviderPayment.objects.select_for_update().filter(serial__in=list(said)).order_by("withdrawal_id"))
    changed = []
    for one in them:
        answer = said[one.serial]
        if one.state in (PAID, FAILED):
            if one.state == FAILED and answer.became == "paid" and one.code != "paid_after_failed":
                one.code = "paid_after_failed"
                changed.append(one)
                record("payment.contradicted", subject=str(one.withdrawal_id), by=by, now=now)
            continue
        _hear(one, answer, now)
        changed.append(one)
    ended = [one for one in changed if one.state in (PAID, FAILED) and one.code != "paid_after_failed"]
    ended = _end(ended, by, now)
    _write(changed, "state", "code", "message", "ref", "package", "due_at", "heard_at")
    settle({one.batch_id for one in ended}, now)
    return len(ended)


def _hear(one: ProviderPayment, answer: Answer, now: datetime) -> None:
    if answer.amount is not None and answer.amount != one.amount:
        answer = replace(answer, became="unknown", code="amount_differs")
        one.state = STUCK
    one.heard_at = now
    one.ref = answer.ref or one.ref
    wait = min(timedelta(seconds=5 * 2 ** min(one.tries, 10)), timedelta(hours=1))
    match answer.became:
        case "paid" | "failed":
            one.state, one.package = PAID if answer.became == "paid" else FAILED, ""
        case "under_way":
            one.state, one.package = UNDER_WAY, ""
        case "to_confirm":
            one.state, one.package = TO_CONFIRM, answer.package or one.package
            wait = _ASK_CONFIRMED
        case "later":
            one.state = WAITING if one.state == CALLING else one.state
        case "absent":
            _absent(one, now)
            wait = timedelta() if one.tries < 4 else wait
    one.due_at = now + wait
    if answer.became != "absent":
        one.code, one.message = answer.code, answer.message


def _absent(one: ProviderPayment, now: datetime) -> None:
    """The provider does not know it: given again under the same number, unless it had taken it in, or it has been tried too often."""
    if one.state != CALLING or one.called_at is None or now > one.called_at + GIVE_FOR:
        one.state, one.code = STUCK, "vanished"
    else:
        one.state = WAITING if one.tries < MOST_TRIES else STUCK


def _end(ended: Sequence[ProviderPayment], by: Actor, now: datetime) -> list[ProviderPayment]:
    """Books what ended: all at once, or, when the books refuse one of them, each for itself. Returns those that are booked.

    What cannot be booked is stuck with its reason, for a person to look at; asking for it again tries the booking again.
    """
    try:
        with transaction.atomic():
            _book(ended, by, now)
        return list(ended)
    except Refusal:
        booked = []
    for one in ended:
        try:
            with transaction.atomic():
                _book([one], by, now)
            booked.append(one)
        except Refusal as refusal:
            one.state, one.code, one.message = STUCK, "not_booked", str(refusal)[:200]
            record("payment.not_booked", subject=str(one.withdrawal_id), by=by, now=now, code=refusal.code)
    return booked


def _book(ended: Sequence[ProviderPayment], by: Actor, now: datetime) -> None:
    paid = [one.withdrawal_id for one in ended if one.state == PAID]
    failed = [one for one in ended if one.state == FAILED]
    if paid:
        confirm_withdrawals(identifiers=paid, by=by, now=now)
    if failed:
        with translation.override(house().language):
            reasons = {one.withdrawal_id: reason_of(one) for one in failed}
        fail_withdrawals(reasons=reasons, by=by, now=now)


def reason_of(one: ProviderPayment) -> str:
    """Why it did not arrive, in the language that is active."""
    words = words_of(one.code)
    return gettext(words) if words else one.message or one.code


def settle(batches: set[int], now: datetime) -> None:
    """Marks those batches settled of which nothing is on its way any more."""
    still = set(Withdrawal.objects.filter(batch_id__in=batches, state=SENT).values_list("batch_id", flat=True))
    Batch.objects.filter(id__in=batches - still, settled_at=None, undone_at=None).update(settled_at=now)


__all__ = [
    "LEASE",
    "OPEN",
    "Claim",
    "claim_payments",
    "learn",
    "pay_out",
    "reason_of",
    "settle",
    "tenants_with_payments",
]
