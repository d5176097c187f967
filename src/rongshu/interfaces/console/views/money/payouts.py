"""Batches: made, taken as a file, heard back about."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.settlement.payouts.actions import (
    Outcome,
    ask_again,
    bring_results,
    end_payment,
    settle_by_hand,
    take_file,
    undo_batch,
)
from rongshu.domain.settlement.payouts.adapters import CALLED
from rongshu.domain.settlement.payouts.models import STUCK, WAITING, Batch, ProviderPayment
from rongshu.domain.settlement.payouts.queries import batch as batch_of
from rongshu.domain.settlement.payouts.queries import batches, open_by_provider, payment_totals, payments_of
from rongshu.domain.settlement.payouts.wording import words_of
from rongshu.domain.settlement.withdrawals import queries
from rongshu.engine.money import format_units
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.money import WithdrawalRow
from rongshu.interfaces.console.pages.payouts import BatchRow, PaidRow, Payout, Payouts, ProviderTotal
from rongshu.interfaces.console.views.money.rows import PAGE, identifier_of, rows_of
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.files import attached, table
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.people import actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope

MOST_BYTES = 5_000_000


@page("money", Permission.SEE_MONEY)
def payouts(visit: Visit) -> Payouts:
    """Batches, latest first."""
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = batches(after=None if token is None else token[0], limit=PAGE + 1)
    currency = visit.house.currency
    return Payouts(
        rows=tuple(_batch(one, visit) for one in found[:PAGE]),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        month=f"{visit.today:%Y-%m}",
        totals=tuple(
            ProviderTotal(provider, count, Money(net, currency)) for provider, count, net in open_by_provider()
        ),
        may_set=visit.may(Permission.SET_MONEY_RULES),
    )


def _batch(one: Batch, visit: Visit) -> BatchRow:
    currency = visit.house.currency
    return BatchRow(
        id=outside("bat", one.id),
        provider=one.provider,
        state=one.state(visit.now),
        withdrawals=one.withdrawals,
        amount=Money(one.amount, currency),
        tax=Money(one.tax, currency),
        fee=Money(one.fee, currency),
        net=Money(one.amount - one.tax - one.fee, currency),
        made_at=one.made_at,
        who=actor_name(one.actor),
        sends_at=one.sends_at,
        taken_at=one.taken_at,
        settled_at=one.settled_at,
        undone_at=one.undone_at,
        undone_by=actor_name(one.undone_by) if one.undone_by else "",
    )


@page("money", Permission.SEE_MONEY)
def payout(visit: Visit, id: str) -> Payout | HttpResponse:
    """One batch; posting brings the bank's results in, or says by hand what arrived."""
    identifier = identifier_of(id, "bat")
    if visit.request.method != "POST":
        return _payout(visit, identifier)
    visit.demand(Permission.SEND_MONEY)
    do = visit.request.POST.get("do", "")
    if do in ("undo", "again", "ended-arrived", "ended-failed"):
        return _worked_on(visit, identifier, do)
    try:
        outcome = _heard(visit, identifier)
    except Refusal as refusal:
        return _payout(visit, identifier, problems=(said(refusal),))
    if outcome.unreadable:
        return _payout(visit, identifier, problems=tuple(_said(one) for one in outcome.unreadable[:20]))
    words = _("%(paid)s arrived, %(failed)s did not, %(open)s still open.")
    messages.success(visit.request, words % {"paid": outcome.paid, "failed": outcome.failed, "open": outcome.open})
    return redirect("console:payout", id=id)


def _worked_on(visit: Visit, identifier: int, do: str) -> Payout | HttpResponse:
    """A batch taken back, asked for again, or payments of it ended by a person."""
    form, by, now = visit.request.POST, visit.login.actor, visit.now
    try:
        if do == "undo":
            undo_batch(batch_id=identifier, by=by, now=now)
            messages.success(visit.request, _("Taken back: its withdrawals are approved and in no batch."))
        elif do == "again":
            ask_again(batch_id=identifier, by=by, now=now)
            messages.success(visit.request, _("It is asked for now; look again in a moment."))
        else:
            known = {one.id for one in queries.withdrawals_of_batch(identifier)}
            chosen = [one for text in form.getlist("withdrawal") if (one := inside("wdr", text)) in known]
            if not chosen:
                raise invalid("nothing_chosen", "Tick at least one withdrawal.", at="withdrawal")
            with tenant_scope(visit.house.id):
                for one in sorted(chosen):
                    end_payment(
                        withdrawal_id=one, arrived=do == "ended-arrived", reason=form.get("reason", ""), by=by, now=now
                    )
            messages.success(visit.request, _("Settled; every step is recorded with the reason."))
    except Refusal as refusal:
        return _payout(visit, identifier, problems=(said(refusal),))
    return redirect("console:payout", id=outside("bat", identifier))


def _heard(visit: Visit, identifier: int) -> Outcome:
    form, by, now = visit.request.POST, visit.login.actor, visit.now
    upload = visit.request.FILES.get("results")
    if upload is not None:
        if (upload.size or 0) > MOST_BYTES:
            raise invalid("too_large", "The file is larger than any batch; is it the right one?", at="results")
        return bring_results(batch_id=identifier, content=upload.read(), by=by, now=now)
    chosen = [one for text in form.getlist("withdrawal") if (one := inside("wdr", text)) is not None]
    if not chosen:
        raise invalid("nothing_chosen", "Tick at least one withdrawal.", at="withdrawal")
    arrived = form.get("do") == "arrived"
    return settle_by_hand(
        batch_id=identifier,
        paid=chosen if arrived else [],
        failed=[] if arrived else chosen,
        reason=form.get("reason", ""),
        by=by,
        now=now,
    )


def _said(wrong: object) -> str:
    from rongshu.domain.settlement.payouts.adapters.bank_file import Unreadable

    assert isinstance(wrong, Unreadable)
    place = {"row": wrong.row, "column": wrong.column, "value": wrong.value}
    match wrong.code:
        case "not_utf8":
            return _("The file is neither UTF-8 nor GB18030 text. Nothing was changed.")
        case "not_xml":
            return _("The file is not a status report (pain.002) that can be read. Nothing was changed.")
        case "no_column":
            return _("The header lacks the column %(column)s. Nothing was changed.") % place
        case "no_serial":
            return _("Row %(row)s has no serial. Nothing was changed.") % place
        case "serial_twice":
            return _("Row %(row)s names %(value)s a second time. Nothing was changed.") % place
        case _:
            return _("Row %(row)s: the status %(value)s is neither paid nor failed. Nothing was changed.") % place


def _payout(visit: Visit, identifier: int, *, problems: tuple[str, ...] = ()) -> Payout:
    rows, made, currency = queries.withdrawals_of_batch(identifier), batch_of(identifier), visit.house.currency
    payments = payments_of([one.id for one in rows])
    left = made.sends_at - visit.now if made.sends_at is not None and made.can_undo(visit.now) else None
    return Payout(
        batch=_batch(made, visit),
        rows=tuple(_paid(row, payments.get(one.id)) for one, row in zip(rows, rows_of(rows, currency), strict=True)),
        open=sum(one.state == "sent" for one in rows),
        may_send=visit.may(Permission.SEND_MONEY),
        minutes_left=0 if left is None else int(left.total_seconds() // 60) + 1,
        called=made.provider in CALLED,
        totals=tuple((code, count, Money(units, currency)) for code, count, units in payment_totals(identifier)),
        problems=problems,
    )


def _paid(row: WithdrawalRow, payment: ProviderPayment | None) -> PaidRow:
    if payment is None:
        return PaidRow(row)
    words = words_of(payment.code)
    return PaidRow(
        row,
        state=payment.state,
        words=_(words) if words else "",
        code=payment.code if words else "",
        serial=payment.serial,
        tries=payment.tries,
        heard_at=payment.heard_at,
        may_end=payment.state in (STUCK, WAITING),
    )


@page("money", Permission.SEE_MONEY)
def listed(visit: Visit, id: str) -> HttpResponse:
    """The batch as a list for people: masked names and accounts, what was paid and what became of it."""
    identifier = identifier_of(id, "bat")
    rows = queries.withdrawals_of_batch(identifier)
    payments, currency = payments_of([one.id for one in rows]), visit.house.currency
    lines = [
        ("withdrawal", "name", "account", "amount", "fee", "tax", "paid", "state", "provider", "provider_ref", "code")
    ]
    provider = batch_of(identifier).provider
    for one, row in zip(rows, rows_of(rows, currency), strict=True):
        payment = payments.get(one.id)
        lines.append(
            (
                row.id, row.name, row.account, format_units(one.amount, currency), format_units(one.fee, currency),
                format_units(one.tax, currency), format_units(one.net, currency), one.state, provider,
                "" if payment is None else payment.ref, "" if payment is None else payment.code,
            )
        )  # fmt: skip
    return attached(table(lines), f"batch-{id}.csv")


@page("money", Permission.SEND_MONEY)
def file(visit: Visit, id: str) -> HttpResponse:
    """The batch as the bank's file."""
    form = "iso20022" if visit.request.POST.get("form") == "iso20022" else "csv"
    content = take_file(batch_id=identifier_of(id, "bat"), form=form, by=visit.login.actor, now=visit.now)
    if form == "csv":
        return attached(content, f"payout-{id}.csv")
    return attached(content, f"payout-{id}.xml", "application/xml")
