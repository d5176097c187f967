"""Settlement runs: the list, one with its preview and progress; each write is one call."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rongshu.domain.settlement.cycles import queries
from rongshu.domain.settlement.cycles.actions import approve_run, begin_run, start_run, stop_run
from rongshu.domain.settlement.cycles.models import PLANNED, RUNNING, SettlementRun
from rongshu.domain.settlement.cycles.preview import Totals, preview_people, preview_totals
from rongshu.domain.settlement.policies.queries import policy
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.money import StateTotal
from rongshu.interfaces.console.pages.runs import LeftReason, LeftRow, PlannedRow, Preview, RunPage, RunRow, Runs
from rongshu.interfaces.console.views.money.rows import PAGE, rows_of
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor, Money, Progress
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, missing
from rongshu.kernel.ids import inside, outside
from rongshu.ledger.queries import count_available

WHY = {
    "no_papers": gettext_lazy("No papers or account given yet"),
    "new_agreement": gettext_lazy("The agreement in force is not accepted yet"),
    "closed": gettext_lazy("The account is closed; it is paid when asked for"),
    "waiting": gettext_lazy("Not available for long enough yet"),
    "below_threshold": gettext_lazy("Less than a run takes"),
    "fee_eats_all": gettext_lazy("The fee would take everything"),
}


@page("money", Permission.SEE_MONEY)
def runs(visit: Visit) -> Runs | HttpResponse:
    """The runs, latest first; posting begins one, to be looked at before it is started."""
    if visit.request.method == "POST":
        visit.demand(Permission.SEND_MONEY)
        begun = begin_run(by=visit.login.actor, now=visit.now)
        return redirect("console:run", id=outside("run", begun.id))
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = queries.runs(after=None if token is None else token[0], limit=PAGE + 1)
    return Runs(
        rows=tuple(_row(one, visit.house.currency) for one in found[:PAGE]),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        cycle=policy().cycle,
        may_begin=visit.may(Permission.SEND_MONEY),
    )


def _row(one: SettlementRun, currency: str) -> RunRow:
    return RunRow(
        id=outside("run", one.id),
        day=one.day,
        state=one.state,
        by_clock=one.by_clock,
        who=actor_name(one.actor),
        made_at=one.made_at,
        promoters=one.promoters,
        amount=Money(one.amount, currency),
        left_out=one.left_out,
    )


@page("money", Permission.SEE_MONEY)
def run(visit: Visit, id: str) -> RunPage | HttpResponse:
    """One run; posting starts, stops, resumes it, or approves what waits."""
    identifier = inside("run", id)
    if identifier is None:
        raise missing("unknown_run", "There is no such run.")
    if visit.request.method != "POST":
        return _run(visit, identifier)
    do, by, now = visit.request.POST.get("do", ""), visit.login.actor, visit.now
    visit.demand(Permission.APPROVE_MONEY if do == "approve" else Permission.SEND_MONEY)
    try:
        if do == "start":
            start_run(run_id=identifier, by=by, now=now)
            messages.success(visit.request, _("Started. It goes on by itself; this page shows how far it is."))
        elif do == "stop":
            stop_run(run_id=identifier, by=by, now=now)
            messages.success(visit.request, _("Stopped. What was asked for so far stays."))
        elif do == "approve":
            done = approve_run(run_id=identifier, by=by, login_member=visit.login.member_id, now=now)
            words = ngettext("%(number)s approval counted.", "%(number)s approvals counted.", done)
            messages.success(visit.request, words % {"number": done})
    except Refusal as refusal:
        return _run(visit, identifier, problem=said(refusal))
    return redirect("console:run", id=id)


def _run(visit: Visit, identifier: int, *, problem: str = "") -> RunPage:
    one, currency = queries.run(identifier), visit.house.currency
    why = visit.request.GET.get("why", "")
    shown = why if why in WHY else ""
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    after = None if token is None else token[0]
    planned = one.state == PLANNED
    found = [] if planned or shown else queries.withdrawals_of_run(identifier, after=after, limit=PAGE + 1)
    out = [] if planned or not shown else queries.left_out(identifier, shown, after=after, limit=PAGE + 1)
    preview, last = _preview(visit, one, after or 0) if planned else (None, None)
    for page_rows in (found, out):
        if len(page_rows) > PAGE:
            last = page_rows[PAGE - 1].promoter_id
    people = People(row.promoter_id for row in out)
    own = one.started_by == str(visit.login.actor) and policy().two_people
    states = queries.states_of_run(identifier)
    totals = queries.left_out_totals(identifier)
    return RunPage(
        row=_row(one, currency),
        changed_at=one.changed_at,
        changed_by=actor_name(one.changed_by),
        fee=Money(one.fee, currency),
        counts_until=one.counts_until,
        preview=preview,
        progress=_progress(one),
        states=tuple(
            StateTotal(code, count, Money(total, currency)) for code, (count, total) in sorted(states.items())
        ),
        rows=rows_of(found[:PAGE], currency),
        left=_reasons(((total.why, total.promoters, total.amount) for total in totals), currency),
        left_rows=tuple(LeftRow(people.person(row.promoter_id), Money(row.amount, currency)) for row in out[:PAGE]),
        shown=shown,
        batches=tuple(outside("bat", batch) for batch in queries.batches_of_run(identifier)),
        cursor=Cursor(None if last is None else pack(last)),
        waiting=states.get("asked", (0, 0))[0],
        may_begin=visit.may(Permission.SEND_MONEY),
        may_approve=visit.may(Permission.APPROVE_MONEY) and not own,
        own=own,
        problem=problem,
    )


def _reasons(totals: Iterable[tuple[str, int, int]], currency: str) -> tuple[LeftReason, ...]:
    return tuple(LeftReason(why, str(WHY[why]), count, Money(amount, currency)) for why, count, amount in totals)


def _progress(one: SettlementRun) -> Progress | None:
    if one.state != RUNNING:
        return None
    done = one.promoters + one.left_out
    address = reverse("console:run_stop", kwargs={"id": outside("run", one.id)})
    return Progress(_("Promoters worked off"), done, done + count_available(after=one.upto), stop=address)


@page("money", Permission.SEND_MONEY)
def stop(visit: Visit, id: str) -> HttpResponse:
    """Stops a run under way."""
    identifier = inside("run", id)
    if identifier is None:
        raise missing("unknown_run", "There is no such run.")
    stop_run(run_id=identifier, by=visit.login.actor, now=visit.now)
    messages.success(visit.request, _("Stopped. What was asked for so far stays."))
    return redirect("console:run", id=id)


def _preview(visit: Visit, one: SettlementRun, after: int) -> tuple[Preview, int | None]:
    currency = visit.house.currency
    totals: Totals = preview_totals(one.day, visit.now)
    found = preview_people(one.day, visit.now, after=after, limit=PAGE + 1)
    people = People(row.promoter_id for row in found)

    def money(units: int) -> Money:
        return Money(units, currency)

    rows = tuple(
        PlannedRow(
            person=people.person(row.promoter_id),
            available=money(row.available),
            amount=money(row.amount),
            fee=money(row.fee),
            tax=money(row.tax),
            net=money(row.net),
            why=str(WHY[row.why]) if row.why else "",
        )
        for row in found[:PAGE]
    )
    preview = Preview(
        promoters=totals.promoters,
        amount=money(totals.amount),
        fee=money(totals.fee),
        tax=money(totals.tax),
        net=money(totals.net),
        unapproved=totals.unapproved,
        left=_reasons(((why, count, amount) for why, (count, amount) in totals.left.items()), currency),
        rows=rows,
    )
    return preview, found[PAGE - 1].promoter_id if len(found) > PAGE else None
