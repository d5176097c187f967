"""Reconciliation: days and cash, tasks and what is decided about them, statements uploaded, cash entered by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rongshu.domain.settlement.reconciliation import queries
from rongshu.domain.settlement.reconciliation.actions import Taken, enter_cash, upload_statement
from rongshu.domain.settlement.reconciliation.decisions import (
    confirm_decision,
    decide_difference,
    decisions_of,
    explain_differences,
)
from rongshu.domain.settlement.reconciliation.files import MOST_ROWS, Unreadable
from rongshu.domain.settlement.reconciliation.models import PROPOSED, BilledLine, Difference, ReconciledDay
from rongshu.engine.money import MoneyError, parse_units
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages import reconciliation as pages
from rongshu.interfaces.console.pages.today import Decision
from rongshu.interfaces.console.views.money.rows import identifier_of
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.people import actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid, missing
from rongshu.kernel.ids import inside, new_id, outside

PAGE = 50
DAYS = 31
MOST_BYTES = 10_000_000
PROVIDERS = {
    "bank": gettext_lazy("Bank file"),
    "manual": gettext_lazy("By hand"),
    "wechat": gettext_lazy("WeChat Pay"),
    "alipay": gettext_lazy("Alipay"),
}
COLUMNS = {
    "date": gettext_lazy("Date"),
    "time": gettext_lazy("Time"),
    "out": gettext_lazy("Amount out"),
    "in": gettext_lazy("Amount in"),
    "amount": gettext_lazy("Amount, one column for both"),
    "direction": gettext_lazy("Out or in"),
    "balance": gettext_lazy("Balance"),
    "serial": gettext_lazy("Our serial"),
    "reference": gettext_lazy("The bank's reference"),
    "memo": gettext_lazy("Purpose"),
}
VIEWS = {"waiting": queries.WAITING, "decided": ("explained", "settled"), "resolved": ("resolved",)}


def _name(provider: str) -> str:
    return str(PROVIDERS.get(provider, provider))


@page("money", Permission.SEE_MONEY)
def overview(visit: Visit) -> pages.Reconciliation:
    """Every provider's cash at its last reconciled day, then the days."""
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    before = None if token is None else date.fromordinal(min(max(token[0], 1), date.max.toordinal()))
    shown, more = queries.days(before=before, limit=DAYS)
    waiting = queries.waiting_by_day(shown)
    currency = visit.house.currency
    return pages.Reconciliation(
        cash=tuple(_cash(row, currency) for row in queries.last_days()),
        rows=tuple(_day(row, waiting.get((row.provider, row.day), 0), currency) for row in shown),
        cursor=Cursor(None if more is None else pack(more.toordinal())),
        waiting=queries.waiting().count,
        may_bring=visit.may(Permission.SEND_MONEY),
    )


def _cash(row: ReconciledDay, currency: str) -> pages.CashLine:
    count, amount = queries.on_their_way(row.provider)
    return pages.CashLine(
        row.provider, _name(row.provider), row.day, Money(row.books, currency), Money(row.billed, currency),
        None if row.rest is None else Money(row.billed + row.rest, currency),
        None if row.rest is None else Money(row.rest, currency), count, Money(amount, currency),
    )  # fmt: skip


def _day(row: ReconciledDay, waiting: int, currency: str) -> pages.DayRow:
    return pages.DayRow(
        row.provider, _name(row.provider), row.day, row.payments, row.matched, row.waiting, waiting,
        row.matched * 1_000_000 // row.payments if row.payments else 1_000_000, Money(row.books, currency),
        Money(row.billed, currency), None if row.rest is None else Money(row.rest, currency),
    )  # fmt: skip


def _difference(one: Difference, lines: dict[int, BilledLine], currency: str) -> pages.DifferenceRow:
    line = lines.get(one.line_id) if one.line_id is not None else None
    return pages.DifferenceRow(
        outside("dif", one.id), one.kind, one.state, _name(one.provider), one.day, Money(one.ours, currency),
        Money(one.theirs, currency), "" if one.withdrawal_id is None else outside("wdr", one.withdrawal_id),
        "" if line is None else line.serial or line.provider_ref or line.memo, one.opened_at,
    )  # fmt: skip


def _differences(found: Sequence[Difference], currency: str) -> tuple[pages.DifferenceRow, ...]:
    lines = queries.lines_by_id([one.line_id for one in found if one.line_id is not None])
    return tuple(_difference(one, lines, currency) for one in found)


@page("money", Permission.SEE_MONEY)
def day(visit: Visit, provider: str, day: str) -> pages.OneDay:
    """One provider's day."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise missing("unknown_day", "No bill covers this day.") from None
    row, currency = queries.reconciled_day(provider, wanted), visit.house.currency
    waiting = queries.waiting_by_day([row])
    bridge = queries.bridge_of(row, visit.now)
    lines = queries.lines_by_id([step.line_id for step in bridge.steps if step.line_id is not None])
    return pages.OneDay(
        cash=_cash(row, currency),
        row=_day(row, waiting.get((provider, row.day), 0), currency),
        payments_amount=Money(row.payments_amount, currency),
        lines=row.lines,
        lines_amount=Money(row.lines_amount, currency),
        source=row.source,
        reconciled_at=row.at,
        differences=_differences(queries.differences_of(provider, row.day), currency),
        bridge=tuple(
            pages.BridgeRow(
                "" if step.withdrawal_id is None else outside("wdr", step.withdrawal_id),
                _said_of(lines.get(step.line_id or 0)),
                "" if step.difference_id is None else outside("dif", step.difference_id),
                step.kind,
                step.state,
                Money(step.amount, currency),
            )
            for step in bridge.steps
        ),
        bridge_count=bridge.count,
        moves=tuple(
            pages.MoveRow(
                "taken_back" if move.replaced else move.kind,
                move.day,
                Money(move.amount, currency),
                move.reason,
                actor_name(move.actor),
                move.line_id is None,
            )
            for move in queries.cash_moves(provider, until=row.day)
        ),
    )


def _said_of(line: BilledLine | None) -> str:
    return "" if line is None else line.serial or line.provider_ref or line.memo


@page("money", Permission.SEE_MONEY)
def differences(visit: Visit) -> pages.Differences | HttpResponse:
    """Tasks; posting explains those ticked."""
    if visit.request.method == "POST":
        return _explained(visit)
    asked = visit.request.GET.get("view", "")
    view = asked if asked in VIEWS else "waiting"
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = queries.differences(VIEWS[view], after=None if token is None else token[0], limit=PAGE + 1)
    return pages.Differences(
        view=view,
        rows=_differences(found[:PAGE], visit.house.currency),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        waiting=queries.waiting().count,
        may_decide=visit.may(Permission.SEND_MONEY),
    )


def _explained(visit: Visit) -> HttpResponse:
    visit.demand(Permission.SEND_MONEY)
    form = visit.request.POST
    chosen = [one for text in form.getlist("difference") if (one := inside("dif", text)) is not None]
    if not chosen:
        messages.warning(visit.request, _("Tick at least one difference."))
        return redirect("console:differences")
    try:
        done = explain_differences(
            identifiers=chosen, reason=form.get("reason", ""), by=visit.login.actor, now=visit.now
        )
    except Refusal as refusal:
        messages.error(visit.request, said(refusal))
        return redirect("console:differences")
    words = ngettext("%(number)s difference explained.", "%(number)s differences explained.", done)
    messages.success(visit.request, words % {"number": done})
    return redirect("console:differences")


@page("money", Permission.SEE_MONEY)
def difference(visit: Visit, id: str) -> pages.OneDifference | HttpResponse:
    """One task; posting decides it, or confirms what somebody else decided."""
    identifier = identifier_of(id, "dif")
    if visit.request.method != "POST":
        return _one(visit, identifier)
    form, by, now = visit.request.POST, visit.login.actor, visit.now
    do = form.get("do", "")
    visit.demand(Permission.APPROVE_MONEY if do in ("agree", "put_back") else Permission.SEND_MONEY)
    try:
        if do in ("agree", "put_back"):
            confirm_decision(identifier=identifier, agree=do == "agree", by=by, now=now)
        else:
            decide_difference(identifier=identifier, decision=do, reason=form.get("reason", ""), by=by, now=now)
    except Refusal as refusal:
        return _one(visit, identifier, problem=said(refusal))
    state = queries.difference(identifier).state
    if state == PROPOSED:
        messages.success(visit.request, _("Proposed. Somebody else has to confirm it."))
    else:
        messages.success(visit.request, _("Decided."))
    return redirect("console:difference", id=id)


def _one(visit: Visit, identifier: int, *, problem: str = "") -> pages.OneDifference:
    one, currency = queries.difference(identifier), visit.house.currency
    (row,) = _differences([one], currency)
    return pages.OneDifference(
        row=row,
        provider=one.provider,
        lines=tuple(
            pages.LineRow(line.kind, line.at, Money(line.amount, currency), line.serial, line.provider_ref, line.memo)
            for line in queries.lines_about(one)
        ),
        decisions=decisions_of(one.kind),
        decision=one.decision,
        reason=one.reason,
        who=actor_name(one.actor) if one.actor else "",
        second=actor_name(one.second) if one.second else "",
        decided_at=one.decided_at,
        own=one.actor == str(visit.login.actor),
        may_decide=visit.may(Permission.SEND_MONEY),
        may_confirm=visit.may(Permission.APPROVE_MONEY),
        problem=problem,
    )


@page("money", Permission.SEND_MONEY)
def bring(visit: Visit) -> pages.BringBill | HttpResponse:
    """A statement uploaded."""
    if visit.request.method != "POST":
        return _bring(visit)
    form, upload = visit.request.POST, visit.request.FILES.get("statement")
    typed = {name: form.get(name, "") for name in ("provider", "since", "until", *(f"column_{one}" for one in COLUMNS))}
    try:
        if upload is None:
            raise invalid("no_file", "Choose a file.", at="statement")
        if (upload.size or 0) > MOST_BYTES:
            raise invalid("too_large", "The file is larger than any statement; is it the right one?", at="statement")
        outcome = upload_statement(
            provider=_provider(form.get("provider", "")),
            content=upload.read(),
            since=_typed_day(form.get("since", ""), "since"),
            until=_typed_day(form.get("until", ""), "until"),
            columns={one: form.get(f"column_{one}", "") for one in COLUMNS},
            by=visit.login.actor,
            now=visit.now,
        )
    except Refusal as refusal:
        return _bring(visit, typed=typed, problem=said(refusal), at=refusal.at or "")
    if not isinstance(outcome, Taken):
        return _bring(visit, typed=typed, problems=tuple(_unreadable(one) for one in outcome[:20]))
    if outcome.again:
        messages.info(visit.request, _("This file was brought in before; nothing was changed."))
    else:
        words = _("%(lines)s new lines; %(open)s new differences.")
        messages.success(visit.request, words % {"lines": outcome.fresh, "open": outcome.opened})
    return redirect("console:reconciliation")


@page("money", Permission.SEND_MONEY)
def cash(visit: Visit) -> pages.BringBill | HttpResponse:
    """Cash entered by hand, where no bill says it."""
    form = visit.request.POST
    typed = {f"cash_{name}": form.get(name, "") for name in ("provider", "kind", "amount", "day", "reason")}
    try:
        day = _typed_day(form.get("day", ""), "day")
        if day is None:
            raise invalid("no_day", "Choose the day.", at="day")
        enter_cash(
            provider=_provider(form.get("provider", "")),
            kind=form.get("kind", ""),
            amount=_typed_amount(form.get("amount", ""), visit.house.currency),
            day=day,
            reason=form.get("reason", ""),
            key=inside("csh", form.get("key", "")) or new_id(),
            by=visit.login.actor,
            now=visit.now,
        )
    except Refusal as refusal:
        return _bring(visit, typed=typed, problem=said(refusal), at=f"cash_{refusal.at}" if refusal.at else "")
    messages.success(visit.request, _("Entered."))
    return redirect("console:reconciliation")


def _provider(text: str) -> str:
    if text not in PROVIDERS:
        raise invalid("unknown_provider", "There is no provider %(name)s.", at="provider", name=text)
    return text


def _typed_day(text: str, at: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError:
        raise invalid("bad_day", "%(value)s is not a day; write it like 2026-05-31.", at=at, value=text) from None


def _typed_amount(text: str, currency: str) -> int:
    try:
        return parse_units(text.replace(",", "").strip(), currency)
    except MoneyError:
        raise invalid(
            "bad_amount_text", "%(value)s is not an amount; write it like 1234.50.", at="amount", value=text
        ) from None


def _bring(
    visit: Visit, *, typed: dict[str, str] | None = None, problems: tuple[str, ...] = (), problem: str = "", at: str = ""
) -> pages.BringBill:  # fmt: skip
    fetched = queries.fetched_providers()
    return pages.BringBill(
        providers=tuple((code, str(name)) for code, name in PROVIDERS.items() if code not in fetched),
        columns=tuple((role, str(name)) for role, name in COLUMNS.items()),
        key=outside("csh", new_id()),
        today=visit.today,
        typed=typed or {},
        problems=problems,
        problem=problem,
        at=at,
    )


def _unreadable(wrong: Unreadable) -> str:
    place = {
        "row": wrong.row, "column": wrong.column, "value": wrong.value, "most": MOST_ROWS,
        "role": str(COLUMNS.get(wrong.column, wrong.column)),
    }  # fmt: skip
    match wrong.code:
        case "encoding":
            return _(
                "The file is neither UTF-8 nor GB18030 text; save it as CSV, not as a workbook. Nothing was changed."
            )
        case "too_long":
            return _("The file has more than %(most)s rows; divide it. Nothing was changed.") % place
        case "no_column":
            return (
                _('No column was recognised as "%(role)s" (found: %(value)s). Name it below. Nothing was changed.')
                % place
            )
        case "no_such_column":
            return _("The file has no column %(column)s. Nothing was changed.") % place
        case "no_rows":
            return _("The file has a heading and no rows. Nothing was changed.")
        case "bad_date":
            return (
                _("Row %(row)s, %(column)s: %(value)s is not a date with the year first. Nothing was changed.") % place
            )
        case "bad_amount":
            return _("Row %(row)s, %(column)s: %(value)s is not an amount. Nothing was changed.") % place
        case "no_amount":
            return _("Row %(row)s, %(column)s: exactly one amount, out or in, is needed. Nothing was changed.") % place
        case _:
            return _("Row %(row)s, %(column)s: %(value)s says neither out nor in. Nothing was changed.") % place


def reconciliation_decisions(visit: Visit) -> tuple[Decision, ...]:
    """For the page of today: differences that wait."""
    if not visit.may(Permission.SEND_MONEY):
        return ()
    waiting = queries.waiting()
    if not waiting.count or waiting.since is None:
        return ()
    words = ngettext(
        "%(number)s difference between books and bills", "%(number)s differences between books and bills", waiting.count
    )
    return (
        Decision(
            "difference",
            words % {"number": waiting.count},
            _("A provider's bill says otherwise than the books; each is explained or settled."),
            waiting.since,
            href=reverse("console:differences"),
        ),
    )


__all__ = ["bring", "cash", "day", "difference", "differences", "overview", "reconciliation_decisions"]
