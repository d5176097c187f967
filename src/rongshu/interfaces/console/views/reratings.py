from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongshu.domain.commerce.orders.queries import (
    count_credits_to_post,
    credit_to_post,
    find_order,
    latest_credits_to_post,
    orders_by_id,
)
from rongshu.domain.commission.explanations import rerated
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import versions
from rongshu.domain.commission.rerating import models
from rongshu.domain.commission.rerating.actions import (
    approve_rerating,
    ask_rerating,
    preview_again,
    reject_rerating,
)
from rongshu.domain.commission.rerating.corrections import correct_named
from rongshu.domain.commission.rerating.queries import (
    all_differences,
    gains_by_cause,
    gains_by_promoter,
    order_differences,
    rerating,
    reratings,
    row_differences,
)
from rongshu.engine.money import format_units
from rongshu.engine.rating.frames import KINDS
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages import rerating as pages
from rongshu.interfaces.faces.cursors import instant_first, pack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.explanations import sentence
from rongshu.interfaces.faces.files import attached, plain, table
from rongshu.interfaces.faces.parts import Cursor, Money, Progress
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid, missing
from rongshu.kernel.ids import inside, outside

PAGE = 20
FEW = 10
LARGEST = 2_000_000
"""Bytes of an uploaded file."""


@page("reratings", Permission.SEE_PLANS)
def listing(visit: Visit) -> pages.Reratings:
    """The re-ratings, and the corrections that wait for one."""
    after = inside("rrt", visit.request.GET.get("cursor", ""))
    found = reratings(after=after, limit=PAGE + 1)
    credits = latest_credits_to_post(limit=FEW)
    waiting, first, last = count_credits_to_post()
    people = People(who for one in credits for who in (one.old_promoter_id, one.new_promoter_id))
    numbers = _numbers(found)
    return pages.Reratings(
        rows=tuple(_row(visit, one, numbers) for one in found[:PAGE]),
        cursor=Cursor(outside("rrt", found[PAGE - 1].id) if len(found) > PAGE else None),
        credits=tuple(
            pages.CreditRow(
                outside("ord", one.order_id), one.external_id, one.paid_at, people.maybe(one.old_promoter_id),
                people.maybe(one.new_promoter_id), one.reason, one.at, actor_name(one.actor),
            )
            for one in credits
        ),
        waiting=waiting,
        waiting_from=None if first is None else first.astimezone(visit.house.zone).date(),
        waiting_to=None if last is None else last.astimezone(visit.house.zone).date(),
        may_ask=visit.may(Permission.RERATE),
    )  # fmt: skip


def _numbers(found: list[models.Rerating]) -> dict[int, int]:
    wanted = {one.version_id for one in found if one.version_id is not None}
    return dict(PlanVersion.objects.filter(id__in=wanted).values_list("id", "number")) if wanted else {}


def _row(visit: Visit, one: models.Rerating, numbers: dict[int, int]) -> pages.ReratingRow:
    currency = visit.house.currency
    return pages.ReratingRow(
        id=outside("rrt", one.id),
        state=models.STATES[one.state],
        since=one.since,
        last=one.until - timedelta(microseconds=1),
        version=None if one.version_id is None else numbers[one.version_id],
        reason=one.reason,
        asked_by=actor_name(one.asked_by),
        asked_at=one.asked_at,
        changed=one.changed,
        gains=Money(one.gains, currency),
        losses=Money(-one.losses, currency),
    )


@page("reratings", Permission.RERATE)
def new(visit: Visit) -> pages.NewRerating | HttpResponse:
    """Asks for a window to be rated anew."""
    known = tuple((one.number, one.name) for one in reversed(versions().versions))
    form = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    given = {name: form.get(name, "").strip() for name in ("since", "until", "version", "reason")}
    if visit.request.method != "POST":
        return pages.NewRerating(known, **given)
    try:
        since, until = _day(given["since"], "since"), _day(given["until"], "until")
        asked = ask_rerating(
            since=visit.starts(since),
            until=visit.ends(until),
            number=int(given["version"]) if given["version"].isdecimal() and len(given["version"]) < 10 else None,
            reason=given["reason"],
            by=visit.login.actor,
            now=visit.now,
        )
    except Refusal as refusal:
        return pages.NewRerating(known, **given, problem=said(refusal))
    messages.success(visit.request, _("It is being previewed; nothing has changed yet."))
    return redirect("console:rerating", id=outside("rrt", asked.id))


def _day(text: str, at: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid("bad_date", "%(value)s is not a date; write it like 2026-05-01", at=at, value=text) from None


@page("reratings", Permission.SEE_PLANS)
def one(visit: Visit, id: str) -> pages.Rerating | HttpResponse:
    """A re-rating: what it would change, the decision, and how far it is posted."""
    found = _found(id)
    problem = ""
    if visit.request.method == "POST":
        try:
            return _decide(visit, found)
        except Refusal as refusal:
            problem = said(refusal)
    return _shown(visit, rerating(found.id), problem)


def _found(id: str) -> models.Rerating:
    identifier = inside("rrt", id)
    if identifier is None:
        raise missing("unknown_rerating", "There is no such re-rating.")
    return rerating(identifier)


def _decide(visit: Visit, found: models.Rerating) -> HttpResponse:
    form, by, now = visit.request.POST, visit.login.actor, visit.now
    match form.get("do"):
        case "approve":
            visit.demand(Permission.APPROVE_RERATING)
            preview = inside("prv", form.get("preview", "")) or 0
            done = approve_rerating(
                rerating_id=found.id, preview_id=preview, note=form.get("reason", ""), by=by, now=now
            )
            if done.stale and done.state == models.PREPARING:
                words = _("What stood has changed since the preview; it is previewed anew. Nothing was posted.")
                messages.warning(visit.request, words)
            else:
                messages.success(visit.request, _("Approved; it is being posted."))
        case "reject":
            if found.asked_by != str(by):
                visit.demand(Permission.APPROVE_RERATING)
            visit.demand(Permission.RERATE)
            reject_rerating(rerating_id=found.id, reason=form.get("reason", ""), by=by, now=now)
            messages.success(visit.request, _("Ended; nothing was changed."))
        case "again":
            visit.demand(Permission.RERATE)
            preview_again(rerating_id=found.id, by=by, now=now)
    return redirect("console:rerating", id=outside("rrt", found.id))


def _shown(visit: Visit, found: models.Rerating, problem: str) -> pages.Rerating:
    currency = visit.house.currency
    preview = found.preview_id
    after = instant_first(visit.request.GET.get("cursor", ""), 2)
    orders = order_differences(preview, after=after, limit=PAGE + 1) if preview else []  # type: ignore[arg-type]
    rows = row_differences(preview, [order.order_id for order in orders[:PAGE]]) if orders else []
    gains = gains_by_promoter(preview, limit=FEW) if preview else []
    people = People(
        [
            *(row.beneficiary_id for row in rows), *(who for who, _gain, _rows in gains),
            *(who for order in orders for who in (order.old_promoter_id, order.new_promoter_id)),
        ]
    )  # fmt: skip
    open_yet = found.state in (models.PREPARING, models.PREVIEWED)
    own = found.asked_by == str(visit.login.actor)
    return pages.Rerating(
        row=_row(visit, found, _numbers([found])),
        preview=outside("prv", preview) if preview else "",
        previewed_at=found.previewed_at,
        stale=found.stale,
        failure=found.failure,
        orders=found.orders,
        corrected=found.corrected,
        decided_by=actor_name(found.decided_by) if found.decided_by else "",
        decided_at=found.decided_at,
        decision=found.decision,
        posted_at=found.posted_at,
        causes=tuple(
            pages.CauseRow(cause, count, Money(gain, currency))
            for cause, count, gain in (gains_by_cause(preview) if preview else [])
        ),
        people=tuple(
            pages.GainRow(people.person(who), Money(gain, currency), count) for who, gain, count in gains if gain
        ),
        differences=tuple(
            pages.OrderRow(
                id=outside("ord", order.order_id),
                external_id=order.external_id,
                paid_at=order.paid_at,
                cause=order.cause,
                old=people.maybe(order.old_promoter_id),
                new=people.maybe(order.new_promoter_id),
                gain=Money(order.gain, currency),
                rows=tuple(
                    pages.DifferenceRow(
                        people.person(row.beneficiary_id), KINDS[row.kind], row.level, row.line_no,
                        Money(row.old_amount, currency), Money(row.new_amount, currency),
                    )
                    for row in rows
                    if row.order_id == order.order_id
                ),
            )
            for order in orders[:PAGE]
        ),
        cursor=Cursor(pack(orders[PAGE - 1].paid_at, orders[PAGE - 1].order_id) if len(orders) > PAGE else None),
        progress=Progress(_("Posting"), found.posted, found.changed) if found.state == models.POSTING else None,
        may_decide=open_yet and found.state == models.PREVIEWED and visit.may(Permission.APPROVE_RERATING) and not own,
        may_ask=open_yet and visit.may(Permission.RERATE),
        own=own,
        problem=problem,
    )  # fmt: skip


@page("reratings", Permission.SEE_PLANS)
def order(visit: Visit, id: str, order: str) -> pages.ReratedOrder:
    """One order as it was rated and as it is rated anew, each amount explained."""
    found = _found(id)
    identifier = find_order(order)
    old, new_side = rerated.explain_sides(found.preview_id, identifier)
    sides = (old, new_side)
    people = People(
        [row.who.id for side in sides for row in side.rows]
        + [side.credited_to.id for side in sides if side.credited_to is not None]
    )
    return pages.ReratedOrder(
        rerating_id=id,
        id=outside("ord", identifier),
        external_id=orders_by_id([identifier])[identifier].external_id,
        posted=found.state == models.POSTED,
        old=_side(visit, old, people),
        new=_side(visit, new_side, people),
    )


def _side(visit: Visit, side: rerated.Side, people: People) -> pages.Side:
    currency = visit.house.currency
    return pages.Side(
        version=side.version,
        href="" if side.number is None else f"{reverse('console:plans')}?version={side.number}",
        credited_to=None if side.credited_to is None else people.person(side.credited_to.id),
        total=Money(sum(row.amount for row in side.rows), currency),
        rows=tuple(
            pages.SideRow(
                people.person(row.who.id), row.kind, row.level, row.line_no, Money(row.amount, currency),
                sentence(row.sentence),
            )
            for row in side.rows
        ),
        nothing=sentence(side.why_nothing) if side.nothing else None,
    )  # fmt: skip


@page("reratings", Permission.SEE_PLANS)
def export(visit: Visit, id: str) -> HttpResponse:
    """Every difference of the preview as CSV, money in decimal; read in pieces, within this transaction."""
    found = _found(id)
    return attached(table(_lines(found.preview_id, visit.house.currency)), f"{outside('rrt', found.id)}.csv")


def _lines(preview_id: int, currency: str) -> Iterator[list[Any]]:
    yield [
        "order_id", "line_no", "kind", "level", "promoter_id", "old_amount", "new_amount", "old_net", "new_net", "rule",
    ]  # fmt: skip
    after: tuple[int, int] | None = None
    while rows := all_differences(preview_id, after=after) if preview_id else []:
        known = orders_by_id(sorted({row.order_id for row in rows}))
        for row in rows:
            yield [
                plain(known[row.order_id].external_id), row.line_no, KINDS[row.kind], row.level, outside("mem", row.beneficiary_id),
                *(format_units(units, currency) for units in (row.old_amount, row.new_amount, row.old_net, row.new_net)),
                plain(row.rule),
            ]  # fmt: skip
        after = rows[-1].order_id, rows[-1].place


@page("reratings", Permission.RERATE)
def credits(visit: Visit) -> pages.CorrectCredits | HttpResponse:
    """Many corrections at once: a CSV file, or the same typed."""
    if visit.request.method != "POST":
        return pages.CorrectCredits()
    form = visit.request.POST
    text, reason = form.get("rows", ""), form.get("reason", "")
    try:
        upload = visit.request.FILES.get("file")
        if upload is not None:
            if (upload.size or 0) > LARGEST:
                raise invalid("file_too_large", "A file has at most 2 MB.", at="file")
            text = upload.read().decode("utf-8-sig", errors="replace")
        news = correct_named(corrections=_read(text), reason=reason, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return pages.CorrectCredits(text, reason, said(refusal))
    _tell(visit.request, news)
    return redirect("console:reratings")


def _tell(request: HttpRequest, news: int) -> None:
    words = ngettext(
        "%(number)s order has another promoter now; its commissions follow when a re-rating is posted.",
        "%(number)s orders have another promoter now; their commissions follow when a re-rating is posted.",
        news,
    )
    messages.success(request, words % {"number": news} if news else _("That was known already; nothing was noted."))


def _read(text: str) -> list[tuple[str, str | None]]:
    """Rows of `order,promoter`, the promoter empty for nobody; a header is passed over. Raises `invalid` naming the line."""
    found: list[tuple[str, str | None]] = []
    for number, row in enumerate(csv.reader(io.StringIO(text.replace("\x00", ""))), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and cells[0].lower() in ("order", "order_id")):
            continue
        if len(cells) != 2 or not cells[0] or len(cells[0]) > 200 or len(cells[1]) > 200:
            raise invalid(
                "bad_correction",
                "Line %(line)s is not of the form order,promoter.",
                at=f"line {number}",
                line=number,
            )
        found.append((cells[0], cells[1] or None))
    if not found:
        raise invalid("no_corrections", "There is nothing to correct.", at="rows")
    return found


@page("orders", Permission.RERATE)
def promoter(visit: Visit, id: str) -> pages.CorrectPromoter | HttpResponse:
    """Corrects to whom one order belongs."""
    identifier = find_order(id)
    listed = orders_by_id([identifier]).get(identifier)
    if listed is None:
        raise missing("order_not_stored", "There is no such order, or it still waits to be worked off.")
    noted = credit_to_post(identifier)
    people = People([listed.promoter_id, None if noted is None else noted.new_promoter_id])
    name = outside("ord", identifier)
    shown: dict[str, Any] = {
        "order_id": name, "external_id": listed.external_id, "paid_at": listed.paid_at,
        "now": people.maybe(listed.promoter_id),
        "noted": people.maybe(listed.promoter_id if noted is None else noted.new_promoter_id),
    }  # fmt: skip
    if visit.request.method != "POST":
        return pages.CorrectPromoter(**shown)
    who, reason = visit.request.POST.get("promoter", "").strip(), visit.request.POST.get("reason", "")
    try:
        news = correct_named(corrections=[(name, who or None)], reason=reason, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return pages.CorrectPromoter(**shown, promoter=who, reason=reason, problem=said(refusal))
    _tell(visit.request, news)
    return redirect("console:order", id=name)
