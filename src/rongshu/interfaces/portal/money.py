"""The portal's views of money on its way out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.members.wechat.queries import openid_of
from rongshu.domain.settlement.holidays.queries import handled_on
from rongshu.domain.settlement.payees.actions import Papers, give_papers
from rongshu.domain.settlement.payees.queries import payee_of, payees
from rongshu.domain.settlement.payouts.models import TO_CONFIRM, ProviderPayment
from rongshu.domain.settlement.payouts.queries import payments_of
from rongshu.domain.settlement.payouts.settings import merchant_of_wechat
from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.withdrawals.actions import (
    ask_withdrawal,
    cancel_withdrawal,
    check_asking,
    take_back_consent,
)
from rongshu.domain.settlement.withdrawals.models import APPROVED, ASKED, SENT, Withdrawal
from rongshu.domain.settlement.withdrawals.preview import Preview, preview_receiving, preview_withdrawal
from rongshu.domain.settlement.withdrawals.queries import steps_of, withdrawals_of
from rongshu.engine.money import MoneyError, format_units, parse_units
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor, Moment, Money, Tone
from rongshu.interfaces.faces.words import STATES
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.money import (
    Arrives,
    Confirmation,
    GivePapers,
    Mine,
    Withdraw,
)
from rongshu.kernel.errors import Refusal, missing
from rongshu.kernel.ids import inside, new_id, outside
from rongshu.ledger.queries import standings_of

PAGE = 10
_TONES: dict[str, Tone] = {"confirmed": "good", "failed": "loss", "refused": "loss"}


@page("home")
def withdraw(visit: Visit) -> Withdraw | HttpResponse:
    """The form, what would arrive, and the withdrawals so far."""
    form = visit.request.POST
    if visit.request.method != "POST":
        return _withdraw(visit)
    text = form.get("amount", "").strip()
    try:
        units = parse_units(text, visit.house.currency)
    except MoneyError:
        return _withdraw(
            visit, asked=text, problem=_("%(value)s is not an amount; write it like 100.00") % {"value": text}
        )
    try:
        if form.get("do") == "receive":
            return _previewed(visit, preview_receiving(myself(visit), units, visit.now))
        if form.get("do") != "ask":
            return _previewed(visit, preview_withdrawal(myself(visit), units, visit.now))
        ask_withdrawal(
            promoter_id=myself(visit),
            amount=units,
            by=visit.login.actor,
            now=visit.now,
            key=inside("wdr", form.get("key", "")),
        )
    except Refusal as refusal:
        return _withdraw(visit, asked=text, problem=said(refusal))
    messages.success(visit.request, _("Asked. The amount is set aside for you; every step shows here."))
    return redirect("portal:withdraw")


def _previewed(visit: Visit, found: Preview) -> Withdraw:
    """What would arrive of an amount, or why it could not be asked for now."""
    asked = format_units(found.amount, visit.house.currency)
    try:
        check_asking(promoter_id=myself(visit), amount=found.amount, now=visit.now)
    except Refusal as refusal:
        return _withdraw(visit, asked=asked, arrives=_arrives(visit, found), problem=said(refusal))
    return _withdraw(visit, asked=asked, arrives=_arrives(visit, found))


def _arrives(visit: Visit, found: Preview) -> Arrives:
    currency = visit.house.currency
    return Arrives(
        amount=Money(found.amount, currency),
        fee=Money(found.fee, currency),
        tax=Money(found.tax, currency),
        net=Money(found.net, currency),
        vat=Money(found.vat + found.surcharges, currency) if found.vat else None,
    )


def _withdraw(visit: Visit, *, asked: str = "", arrives: Arrives | None = None, problem: str = "") -> Withdraw:
    me, currency, rules = myself(visit), visit.house.currency, policy()
    papers, today = payee_of(me), visit.now.astimezone(visit.house.zone).date()
    handled = handled_on(today)
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = withdrawals_of(me, after=None if token is None else token[0], limit=PAGE + 1)
    return Withdraw(
        available=Money(standings_of([me])[me].available, currency),
        least=Money(rules.minimum, currency),
        most=Money(rules.maximum, currency) if rules.maximum else None,
        account="" if papers is None else f"{papers.bank} {papers.account_shown}".strip(),
        agreed=papers is not None and papers.agreement == rules.agreement,
        handled=None if handled == today else handled,
        asked=asked,
        key=outside("wdr", new_id()),
        arrives=arrives,
        problem=problem,
        rows=_rows(found[:PAGE], currency),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
    )


def _rows(found: Sequence[Withdrawal], currency: str) -> tuple[Mine, ...]:
    steps, papers = steps_of([one.id for one in found]), payees([one.payee_id for one in found])
    payments = payments_of([one.id for one in found if one.state == SENT])
    return tuple(
        Mine(
            confirm=_confirmation(payments.get(one.id)),
            id=outside("wdr", one.id),
            amount=Money(one.amount, currency),
            fee=Money(one.fee, currency),
            tax=Money(one.tax, currency),
            net=Money(one.net, currency),
            state=one.state,
            asked_at=one.asked_at,
            account=papers[one.payee_id].account_shown,
            steps=tuple(
                Moment(
                    step.at,
                    str(STATES["withdrawal"][step.state][0]) if step.state != ASKED else _("Asked for"),
                    who=step.reason if step.state in ("refused", "failed") else "",
                    tone=_TONES.get(step.state, "plain"),
                )
                for step in steps[one.id]
            ),
            may_cancel=one.state in (ASKED, APPROVED),
        )
        for one in found
    )


CONFIRM_WITHIN = timedelta(hours=24)
"""WeChat Pay closes a transfer that its payee has not confirmed by then."""


def _confirmation(payment: ProviderPayment | None) -> Confirmation | None:
    if payment is None or payment.state != TO_CONFIRM or not payment.package or payment.called_at is None:
        return None
    return Confirmation(*merchant_of_wechat(), payment.package, payment.called_at + CONFIRM_WITHIN)


@page("home")
def cancel(visit: Visit, id: str) -> HttpResponse:
    """Takes one back that is not on its way yet."""
    identifier = inside("wdr", id)
    if identifier is None:
        raise missing("unknown_withdrawal", "There is no such withdrawal.")
    cancel_withdrawal(identifier=identifier, promoter_id=myself(visit), by=visit.login.actor, now=visit.now)
    messages.success(visit.request, _("Taken back; the amount is available again."))
    return redirect("portal:withdraw")


@page("home")
def papers(visit: Visit) -> GivePapers | HttpResponse:
    """Name, papers and account; what was given before is shown masked only."""
    rules, known, form = policy(), payee_of(myself(visit)), visit.request.POST
    if visit.request.method == "POST" and form.get("do") == "take_back":
        return _consent_taken_back(visit)
    given = "" if known is None else f"{known.name_shown} · {known.document_shown} · {known.bank} {known.account_shown}"
    if visit.request.method != "POST":
        return GivePapers(agreement=rules.agreement, given=given, wechat=bool(_own_wechat(visit)))
    typed = {
        name: form.get(name, "") for name in ("name", "document_kind", "document", "account_kind", "account", "bank")
    }
    resident = form.get("resident") == "yes"
    if typed["account_kind"] == "wechat":  # never typed: it is known from signing in
        typed["account"], typed["bank"] = _own_wechat(visit), ""
    try:
        if form.get("agree") != rules.agreement:
            return GivePapers(
                **_again(typed),
                wechat=bool(_own_wechat(visit)),
                resident=resident,
                agreement=rules.agreement,
                given=given,
                at="agree",
                problem=_("Accept the agreement to go on."),
            )
        give_papers(
            promoter_id=myself(visit),
            papers=Papers(**typed, resident=resident),
            agreement=rules.agreement,
            by=visit.login.actor,
            now=visit.now,
        )
    except Refusal as refusal:
        return GivePapers(
            **_again(typed),
            wechat=bool(_own_wechat(visit)),
            resident=resident,
            agreement=rules.agreement,
            given=given,
            at=refusal.at or "",
            problem=said(refusal),
        )
    messages.success(visit.request, _("Kept, sealed. You can withdraw now."))
    return redirect("portal:withdraw")


def _own_wechat(visit: Visit) -> str:
    """The reader's openid in the app the brand pays through; empty where they never signed in by it."""
    return openid_of(myself(visit), merchant_of_wechat()[1])


def _again(typed: dict[str, str]) -> dict[str, str]:
    """What was typed, for the form; an openid is never shown."""
    return {**typed, "account": ""} if typed["account_kind"] == "wechat" else typed


def _consent_taken_back(visit: Visit) -> HttpResponse:
    try:
        take_back_consent(promoter_id=myself(visit), by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        messages.error(visit.request, said(refusal))
        return redirect("portal:papers")
    messages.success(
        visit.request, _("Your consent is taken back; the papers are gone, but for what tax law has us keep.")
    )
    return redirect("portal:withdraw")
