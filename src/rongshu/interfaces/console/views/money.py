"""Withdrawals and payouts: approve, send, hear back; each write one call."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rongshu.domain.settlement.payees.actions import reveal_papers
from rongshu.domain.settlement.payees.queries import payees
from rongshu.domain.settlement.payouts.actions import (
    PROVIDERS,
    Outcome,
    bring_results,
    make_batch,
    settle_by_hand,
    take_file,
)
from rongshu.domain.settlement.payouts.models import Batch
from rongshu.domain.settlement.payouts.queries import batch as batch_of
from rongshu.domain.settlement.payouts.queries import batches
from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.domain.settlement.policies.queries import policy, policy_history
from rongshu.domain.settlement.withdrawals import queries
from rongshu.domain.settlement.withdrawals.actions import approve_withdrawals, refuse_withdrawal
from rongshu.domain.settlement.withdrawals.models import APPROVED, ASKED, Withdrawal
from rongshu.engine.money import MoneyError, format_units, parse_units
from rongshu.engine.withdrawals import Policy
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages_money import (
    BatchRow,
    MoneyRules,
    Payout,
    Payouts,
    StateTotal,
    TaxRow,
    WithdrawalPage,
    WithdrawalRow,
    Withdrawals,
)
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor, Moment, Money
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.interfaces.faces.words import STATES
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid, missing
from rongshu.kernel.ids import inside, outside

PAGE = 50
METHODS = {
    "labour": gettext_lazy("Remuneration of labour, by month"),
    "platform": gettext_lazy("Platform, cumulative"),
    "non_resident": gettext_lazy("Non-resident"),
    "none": gettext_lazy("None here"),
}
MOST_BYTES = 5_000_000


def _identifier(text: str, prefix: str = "wdr") -> int:
    found = inside(prefix, text)
    if found is None:
        raise missing("unknown_withdrawal", "There is no such withdrawal.")
    return found


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
        rows=_rows(found[:PAGE], currency),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        may_approve=visit.may(Permission.APPROVE_MONEY),
        may_send=visit.may(Permission.SEND_MONEY),
        may_set=visit.may(Permission.SET_MONEY_RULES),
    )


def _rows(found: Sequence[Withdrawal], currency: str) -> tuple[WithdrawalRow, ...]:
    people, papers = People(one.promoter_id for one in found), payees([one.payee_id for one in found])
    return tuple(
        WithdrawalRow(
            id=outside("wdr", one.id),
            person=people.person(one.promoter_id),
            amount=Money(one.amount, currency),
            net=Money(one.net, currency),
            state=one.state,
            asked_at=one.asked_at,
            name=papers[one.payee_id].name_shown,
            account=f"{papers[one.payee_id].bank} {papers[one.payee_id].account_shown}".strip(),
            kind=papers[one.payee_id].account_kind,
            approvals=one.approvals,
            needed=one.approvals_needed,
        )
        for one in found
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
            _need(visit, Permission.APPROVE_MONEY)
            done = approve_withdrawals(identifiers=chosen, by=by, login_member=visit.login.member_id, now=now)
            words = ngettext("%(number)s approval counted.", "%(number)s approvals counted.", len(done))
            messages.success(visit.request, words % {"number": len(done)})
            return redirect(back)
        _need(visit, Permission.SEND_MONEY)
        provider = form.get("do", "").removeprefix("send-")
        made = make_batch(identifiers=chosen, provider=provider if provider in PROVIDERS else "", by=by, now=now)
    except Refusal as refusal:
        messages.error(visit.request, said(refusal))
        return redirect(back)
    return redirect("console:payout", id=outside("bat", made.id))


def _need(visit: Visit, permission: Permission) -> None:
    if not visit.may(permission):
        raise invalid("not_permitted", "Your role does not open this page.")


@page("money", Permission.SEE_MONEY)
def withdrawal(visit: Visit, id: str) -> WithdrawalPage | HttpResponse:
    """One withdrawal with its steps and its tax; posting refuses it."""
    identifier = _identifier(id)
    if visit.request.method == "POST":
        _need(visit, Permission.APPROVE_MONEY)
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
        row=_rows([one], currency)[0],
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
                _month(line.month),
            )
            for line in queries.tax_lines_of([one.id]).get(one.id, [])
        ),
        may_refuse=visit.may(Permission.APPROVE_MONEY) and one.state in (ASKED, APPROVED),
        may_approve=visit.may(Permission.APPROVE_MONEY) and one.state == ASKED,
        may_see=visit.may(Permission.SEE_PAPERS),
        revealed=revealed,
        problem=problem,
    )


def _month(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


@page("money", Permission.SEE_PAPERS)
def papers(visit: Visit, id: str) -> WithdrawalPage:
    """The papers in full, once, for a reason that is kept."""
    identifier = _identifier(id)
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


@page("money", Permission.SEE_MONEY)
def payouts(visit: Visit) -> Payouts:
    """Batches, latest first."""
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = batches(after=None if token is None else token[0], limit=PAGE + 1)
    return Payouts(
        rows=tuple(_batch(one, visit.house.currency) for one in found[:PAGE]),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        month=f"{visit.today:%Y-%m}",
    )


def _batch(one: Batch, currency: str) -> BatchRow:
    return BatchRow(
        outside("bat", one.id), one.provider, one.withdrawals, Money(one.amount, currency), Money(one.tax, currency),
        Money(one.fee, currency), Money(one.amount - one.tax - one.fee, currency), one.made_at, actor_name(one.actor),
        one.taken_at, one.settled_at,
    )  # fmt: skip


@page("money", Permission.SEE_MONEY)
def payout(visit: Visit, id: str) -> Payout | HttpResponse:
    """One batch; posting brings the bank's results in, or says by hand what arrived."""
    identifier = _identifier(id, "bat")
    if visit.request.method != "POST":
        return _payout(visit, identifier)
    _need(visit, Permission.SEND_MONEY)
    try:
        outcome = _heard(visit, identifier)
    except Refusal as refusal:
        return _payout(visit, identifier, problems=(said(refusal),))
    if outcome.unreadable:
        return _payout(visit, identifier, problems=tuple(_said(one) for one in outcome.unreadable[:20]))
    words = _("%(paid)s arrived, %(failed)s did not, %(open)s still open.")
    messages.success(visit.request, words % {"paid": outcome.paid, "failed": outcome.failed, "open": outcome.open})
    return redirect("console:payout", id=id)


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
        case "no_column":
            return _("The header lacks the column %(column)s. Nothing was changed.") % place
        case "no_serial":
            return _("Row %(row)s has no serial. Nothing was changed.") % place
        case "serial_twice":
            return _("Row %(row)s names %(value)s a second time. Nothing was changed.") % place
        case _:
            return _("Row %(row)s: the status %(value)s is neither paid nor failed. Nothing was changed.") % place


def _payout(visit: Visit, identifier: int, *, problems: tuple[str, ...] = ()) -> Payout:
    rows = queries.withdrawals_of_batch(identifier)
    currency = visit.house.currency
    return Payout(
        batch=_batch(batch_of(identifier), currency),
        rows=_rows(rows, currency),
        open=sum(one.state == "sent" for one in rows),
        may_send=visit.may(Permission.SEND_MONEY),
        problems=problems,
    )


@page("money", Permission.SEND_MONEY)
def file(visit: Visit, id: str) -> HttpResponse:
    """The batch as the bank's file."""
    content = take_file(batch_id=_identifier(id, "bat"), by=visit.login.actor, now=visit.now)
    return _download(content, f"payout-{id}.csv")


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store, private"
    return response


@page("money", Permission.SEND_MONEY)
def declaration(visit: Visit) -> HttpResponse:
    """The month's tax declaration as CSV: one row a person; names and documents in full, the taking recorded."""
    asked = visit.request.GET.get("month", "")
    try:
        first = date.fromisoformat(f"{asked}-01")
    except ValueError:
        raise invalid(
            "bad_month", "%(value)s is not a month; write it like 2026-05.", at="month", value=asked
        ) from None
    rows = queries.declared(first.year * 12 + first.month - 1)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(["name", "document_kind", "document", "method", "payments", "gross", "tax"])
    currency = visit.house.currency
    for row in rows:
        found = reveal_papers(
            payee_id=row["payee_id"], reason=f"tax declaration {asked}", by=visit.login.actor, now=visit.now
        )
        table.writerow(
            [found.name, found.document_kind, f"'{found.document}", row["method"], row["payments"],
             format_units(row["gross"], currency), format_units(row["tax"], currency)]
        )  # fmt: skip
    return _download(b"\xef\xbb\xbf" + text.getvalue().encode(), f"tax-{asked}.csv")


_AMOUNTS = ("minimum", "maximum", "fee_fixed", "at_once_below", "two_from")
_COUNTS = ("per_day", "per_month")


@page("money", Permission.SEE_MONEY)
def rules(visit: Visit) -> MoneyRules | HttpResponse:
    """The rules for withdrawals, as a form."""
    form, currency = visit.request.POST, visit.house.currency
    if visit.request.method != "POST":
        return _rules(visit, policy())
    _need(visit, Permission.SET_MONEY_RULES)
    values = {name: form.get(name, "").strip() for name in (*_AMOUNTS, *_COUNTS, "fee", "agreement")}
    name = ""
    try:
        amounts, counts = {}, {}
        for name in _AMOUNTS:
            amounts[name] = parse_units(values[name] or "0", currency)
        for name in _COUNTS:
            counts[name] = int(values[name] or "0")
        name = "fee"
        fee = parse_units(values["fee"] or "0", "CLF")  # percent with up to four decimals: ppm
        name = "agreement"
        if not values["agreement"]:
            raise ValueError
    except (MoneyError, ValueError):
        words = _("%(value)s cannot be read here.") % {"value": values.get(name, "")}
        return _rules(visit, policy(), typed=values, problem=words, at=name)
    wanted = Policy(
        **amounts,
        **counts,
        fee_ppm=fee,
        weekdays=tuple(sorted({int(day) for day in form.getlist("weekday") if day in "0123456"})),
        tax="platform" if form.get("tax") == "platform" else "none" if form.get("tax") == "none" else "labour",
        two_people=form.get("two_people") == "yes",
        agreement=values["agreement"][:40],
    )
    try:
        set_policy(rules=wanted, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return _rules(visit, wanted, typed=values, problem=said(refusal), at=refusal.at or "")
    messages.success(visit.request, _("The rules hold for every withdrawal asked for from now on."))
    return redirect("console:withdrawal_rules")


def _rules(
    visit: Visit, shown: Policy, *, typed: dict[str, str] | None = None, problem: str = "", at: str = ""
) -> MoneyRules:
    currency = visit.house.currency
    values = {name: format_units(getattr(shown, name), currency) for name in _AMOUNTS}
    values |= {name: str(getattr(shown, name)) for name in _COUNTS}
    values |= {"fee": format_units(shown.fee_ppm, "CLF"), "agreement": shown.agreement}
    return MoneyRules(
        values=values | (typed or {}),
        weekdays=shown.weekdays,
        tax=shown.tax,
        two_people=shown.two_people,
        days=tuple((day, date(2026, 6, 1 + day)) for day in range(7)),
        may_set=visit.may(Permission.SET_MONEY_RULES),
        problem=problem,
        at=at,
        history=tuple((one.at, actor_name(one.actor)) for one in policy_history()),
    )
