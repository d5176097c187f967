"""The queue of withdrawals and one withdrawal: approve, refuse, send; each write one call."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongshu.domain.settlement.payees.actions import reveal_papers
from rongshu.domain.settlement.payees.queries import payees
from rongshu.domain.settlement.payouts.actions import (
    PROVIDERS,
    make_batch,
)
from rongshu.domain.settlement.withdrawals import queries
from rongshu.domain.settlement.withdrawals.actions import approve_withdrawals, refuse_withdrawal
from rongshu.domain.settlement.withdrawals.models import APPROVED, ASKED
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.money import (
    StateTotal,
    TaxRow,
    WithdrawalPage,
    Withdrawals,
)
from rongshu.interfaces.console.views.money.rows import METHODS, PAGE, identifier_of, month_text, rows_of
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor, Moment, Money
from rongshu.interfaces.faces.people import actor_name
from rongshu.interfaces.faces.words import STATES
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import inside, outside


@page("money", Permission.SEE_MONEY)
def withdrawals(visit: Visit) -> Withdrawals | HttpResponse:
    """The queue; posting approves or sends those ticked."""
    if visit.request.method == "POST":
        return _worked_on(visit)
    asked = visit.request.GET.get("state", ASKED)
    state = asked if asked in Withdrawals.states else ASKED
    newest = state not in (ASKED, APPROVED, "sent")
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = queries.withdrawals_in(
        "" if state == "all" else state, after=None if token is None else token[0], limit=PAGE + 1, newest=newest
    )
    currency, totals = visit.house.currency, queries.totals_by_state()
    return Withdrawals(
        state=state,
        totals=tuple(
            StateTotal(code, totals.get(code, (0, 0))[0], Money(totals.get(code, (0, 0))[1], currency))
            for code in ("asked", "approved", "sent")
        ),
        rows=rows_of(found[:PAGE], currency),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        may_approve=visit.may(Permission.APPROVE_MONEY),
        may_send=visit.may(Permission.SEND_MONEY),
        may_set=visit.may(Permission.SET_MONEY_RULES),
    )


def _worked_on(visit: Visit) -> HttpResponse:
    form, by, now = visit.request.POST, visit.login.actor, visit.now
    back = f"{reverse('console:withdrawals')}?state={form.get('state', ASKED)}"
    chosen = [identifier for text in form.getlist("withdrawal") if (identifier := inside("wdr", text)) is not None]
    if not chosen:
        messages.warning(visit.request, _("Tick at least one withdrawal."))
        return redirect(back)
    try:
        if form.get("do") == "approve":
            visit.demand(Permission.APPROVE_MONEY)
            done = approve_withdrawals(identifiers=chosen, by=by, login_member=visit.login.member_id, now=now)
            words = ngettext("%(number)s approval counted.", "%(number)s approvals counted.", len(done))
            messages.success(visit.request, words % {"number": len(done)})
            return redirect(back)
        visit.demand(Permission.SEND_MONEY)
        provider = form.get("do", "").removeprefix("send-")
        made = make_batch(identifiers=chosen, provider=provider if provider in PROVIDERS else "", by=by, now=now)
    except Refusal as refusal:
        messages.error(visit.request, said(refusal))
        return redirect(back)
    return redirect("console:payout", id=outside("bat", made.id))


@page("money", Permission.SEE_MONEY)
def withdrawal(visit: Visit, id: str) -> WithdrawalPage | HttpResponse:
    """One withdrawal with its steps and its tax; posting refuses it."""
    identifier = identifier_of(id)
    if visit.request.method == "POST":
        visit.demand(Permission.APPROVE_MONEY)
        try:
            refuse_withdrawal(
                identifier=identifier, reason=visit.request.POST.get("reason", ""), by=visit.login.actor, now=visit.now
            )
        except Refusal as refusal:
            return _one(visit, identifier, problem=said(refusal))
        messages.success(visit.request, _("Refused; the amount is available to the promoter again."))
        return redirect("console:withdrawal", id=id)
    return _one(visit, identifier)


def _one(
    visit: Visit, identifier: int, *, problem: str = "", revealed: tuple[tuple[str, str], ...] = ()
) -> WithdrawalPage:
    one, currency = queries.withdrawal(identifier), visit.house.currency
    paper = payees([one.payee_id])[one.payee_id]
    return WithdrawalPage(
        row=rows_of([one], currency)[0],
        fee=Money(one.fee, currency),
        tax=Money(one.tax, currency),
        document=paper.document_shown,
        document_kind=paper.document_kind,
        resident=paper.resident,
        bank=paper.bank,
        agreement=paper.agreement,
        papers_at=paper.at,
        batch="" if one.batch_id is None else outside("bat", one.batch_id),
        steps=tuple(
            Moment(
                step.at,
                _("Asked for") if step.state == ASKED else str(STATES["withdrawal"][step.state][0]),
                who=" · ".join(part for part in (actor_name(step.actor), step.reason) if part),
            )
            for step in queries.steps_of([one.id])[one.id]
        ),
        taxes=tuple(
            TaxRow(
                str(METHODS.get(line.method, line.method)),
                Money(line.gross, currency),
                Money(line.tax, currency),
                line.basis,
                month_text(line.month),
            )
            for line in queries.tax_lines_of([one.id]).get(one.id, [])
        ),
        may_refuse=visit.may(Permission.APPROVE_MONEY) and one.state in (ASKED, APPROVED),
        may_approve=visit.may(Permission.APPROVE_MONEY) and one.state == ASKED,
        may_see=visit.may(Permission.SEE_PAPERS),
        revealed=revealed,
        problem=problem,
    )


@page("money", Permission.SEE_PAPERS)
def papers(visit: Visit, id: str) -> WithdrawalPage:
    """The papers in full, once, for a reason that is kept."""
    identifier = identifier_of(id)
    one = queries.withdrawal(identifier)
    try:
        found = reveal_papers(
            payee_id=one.payee_id, reason=visit.request.POST.get("reason", ""), by=visit.login.actor, now=visit.now
        )
    except Refusal as refusal:
        return _one(visit, identifier, problem=said(refusal))
    shown = (
        (_("Name"), found.name),
        (_("Document"), found.document),
        (_("Account"), f"{found.bank} {found.account}".strip()),
    )
    return _one(visit, identifier, revealed=shown)
