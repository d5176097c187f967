"""The portal's views of money on its way out."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongshu.domain.settlement.payees.actions import Papers, give_papers
from rongshu.domain.settlement.payees.queries import payee_of, payees
from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.statements.queries import FEE, PAID, RELEASED, REVERSED, REWARD, TAX, Statement
from rongshu.domain.settlement.statements.queries import statement as statement_of
from rongshu.domain.settlement.withdrawals.actions import ask_withdrawal, cancel_withdrawal
from rongshu.domain.settlement.withdrawals.models import APPROVED, ASKED, Withdrawal
from rongshu.domain.settlement.withdrawals.preview import preview_withdrawal
from rongshu.domain.settlement.withdrawals.queries import steps_of, withdrawals_of
from rongshu.engine.money import MoneyError, format_units, parse_units
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor, Moment, Money, Tone
from rongshu.interfaces.faces.words import STATES
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages_money import Arrives, GivePapers, Mine, StatementLine, StatementPage, Withdraw
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
    if form.get("do") != "ask":
        return _withdraw(visit, asked=text, arrives=_arrives(visit, units))
    try:
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


def _arrives(visit: Visit, units: int) -> Arrives:
    found, currency = preview_withdrawal(myself(visit), units, visit.now), visit.house.currency
    return Arrives(*(Money(each, currency) for each in (found.amount, found.fee, found.tax, found.net)))


def _withdraw(visit: Visit, *, asked: str = "", arrives: Arrives | None = None, problem: str = "") -> Withdraw:
    me, currency, rules = myself(visit), visit.house.currency, policy()
    papers = payee_of(me)
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = withdrawals_of(me, after=None if token is None else token[0], limit=PAGE + 1)
    return Withdraw(
        available=Money(standings_of([me])[me].available, currency),
        least=Money(rules.minimum, currency),
        most=Money(rules.maximum, currency) if rules.maximum else None,
        account="" if papers is None else f"{papers.bank} {papers.account_shown}".strip(),
        agreed=papers is not None and papers.agreement == rules.agreement,
        asked=asked,
        key=outside("wdr", new_id()),
        arrives=arrives,
        problem=problem,
        rows=_rows(found[:PAGE], currency),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
    )


def _rows(found: Sequence[Withdrawal], currency: str) -> tuple[Mine, ...]:
    steps, papers = steps_of([one.id for one in found]), payees([one.payee_id for one in found])
    return tuple(
        Mine(
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


@page("home")
def cancel(visit: Visit, id: str) -> HttpResponse:
    """Takes one back that is not on its way yet."""
    identifier = inside("wdr", id)
    if identifier is None:
        raise missing("unknown_withdrawal", "There is no such withdrawal.")
    cancel_withdrawal(identifier=identifier, promoter_id=myself(visit), by=visit.login.actor, now=visit.now)
    messages.success(visit.request, _("Taken back; the amount is available again."))
    return redirect("portal:withdraw")


_KINDS = {
    RELEASED: gettext_lazy("Commission released"),
    REWARD: gettext_lazy("Reward of a period"),
    REVERSED: gettext_lazy("Taken back by refunds"),
    PAID: gettext_lazy("Paid to you"),
    TAX: gettext_lazy("Tax withheld"),
    FEE: gettext_lazy("Fee"),
}
SHOWN = 500


@page("home")
def statement(visit: Visit) -> StatementPage | HttpResponse:
    """A month's statement; `?format=csv` gives it as a file."""
    asked = visit.request.GET.get("month", "")
    try:
        month = date.fromisoformat(f"{asked}-01") if asked else visit.today.replace(day=1)
    except ValueError:
        month = visit.today.replace(day=1)
    month = min(max(month, date(2000, 1, 1)), visit.today.replace(day=1))
    found, currency = statement_of(myself(visit), month), visit.house.currency
    if visit.request.GET.get("format") == "csv":
        return _csv(found, currency)
    kinds = [kind for kind in _KINDS if any(line.kind == kind for line in found.lines)]
    latest = list(reversed(found.lines))[:SHOWN]
    before = (month - timedelta(days=1)).replace(day=1)
    return StatementPage(
        month=month,
        earlier=f"{before:%Y-%m}",
        later=f"{found.until:%Y-%m}" if found.until <= visit.today else "",
        opening=Money(found.opening, currency),
        sums=tuple((str(_KINDS[kind]), Money(found.total(kind), currency)) for kind in kinds),
        closing=Money(found.closing, currency),
        lines=tuple(
            StatementLine(
                line.at,
                line.kind,
                str(_KINDS[line.kind]),
                Money(line.amount, currency),
                outside("ord", line.order) if line.order and line.kind == REVERSED else "",
            )
            for line in latest
        ),
        more=len(found.lines) - len(latest),
    )


def _csv(found: Statement, currency: str) -> HttpResponse:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(["at", "kind", "amount", "order", "journal"])
    table.writerow([found.since.isoformat(), "opening", format_units(found.opening, currency), "", ""])
    for line in found.lines:
        order = outside("ord", line.order) if line.order and line.kind == REVERSED else ""
        table.writerow([line.at.isoformat(), line.kind, format_units(line.amount, currency), order, line.journal])
    table.writerow([found.until.isoformat(), "closing", format_units(found.closing, currency), "", ""])
    response = HttpResponse(b"\xef\xbb\xbf" + text.getvalue().encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="statement-{found.since:%Y-%m}.csv"'
    response["Cache-Control"] = "no-store, private"
    return response


@page("home")
def papers(visit: Visit) -> GivePapers | HttpResponse:
    """Name, papers and account; what was given before is shown masked only."""
    rules, known, form = policy(), payee_of(myself(visit)), visit.request.POST
    given = "" if known is None else f"{known.name_shown} · {known.document_shown} · {known.bank} {known.account_shown}"
    if visit.request.method != "POST":
        return GivePapers(agreement=rules.agreement, given=given)
    typed = {
        name: form.get(name, "") for name in ("name", "document_kind", "document", "account_kind", "account", "bank")
    }
    resident = form.get("resident") == "yes"
    try:
        if form.get("agree") != rules.agreement:
            return GivePapers(
                **typed,
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
            **typed,
            resident=resident,
            agreement=rules.agreement,
            given=given,
            at=refusal.at or "",
            problem=said(refusal),
        )
    messages.success(visit.request, _("Kept, sealed. You can withdraw now."))
    return redirect("portal:withdraw")
