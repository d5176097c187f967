from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.commerce.inbox.actions import try_again
from rongshu.domain.commerce.inbox.models import InboxItem
from rongshu.domain.commerce.inbox.queries import refused_items
from rongshu.domain.insight.figures.models import DayFigures
from rongshu.domain.insight.figures.queries import figures_between, last_day_with_orders
from rongshu.flows.verify import last_check
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.ledger_words import rule_title
from rongshu.interfaces.console.pages.today import Decision, Today, paid_and_commission
from rongshu.interfaces.console.views.money.reconciliation import reconciliation_decisions
from rongshu.interfaces.console.waiting import count_waiting, second_person_decisions
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Act, Figure, Money
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.ids import inside, outside

SHOWN = 20
COLUMNS = ("orders", "paid", "accrued", "released", "reversed", "refunded")


@page("today", Permission.SEE_FIGURES)
def today(visit: Visit) -> Today:
    """The figures of a window of days, the chart of paid and commission, and what needs a decision."""
    window = _window(visit.request.GET.get("window", ""))
    until = last_day_with_orders(visit.today) or visit.today
    since = until - timedelta(days=window - 1)
    found = figures_between(since - timedelta(days=window), until)
    now, before = _sums(found, since, until), _sums(found, since - timedelta(days=window), since - timedelta(days=1))
    currency = visit.house.currency
    days = tuple(since + timedelta(days=n) for n in range(window))
    by_day = {row.day: row for row in found}
    decisions = _decisions(visit)
    return Today(
        window=window,
        since=since,
        until=until,
        today=visit.today,
        as_of=visit.now,
        figures=_figures(now, before, currency, since, until),
        chart=paid_and_commission(
            days,
            tuple(by_day[day].paid if day in by_day else 0 for day in days),
            tuple(by_day[day].accrued if day in by_day else 0 for day in days),
            currency,
            ratio_before=_ratio(before),
        ),
        decisions=decisions,
        waiting=count_waiting(visit) + sum(one.kind == "difference" for one in decisions),
    )


@page("today", Permission.SETTLE_REFUSED)
def again(visit: Visit, item: str) -> HttpResponse:
    """Puts a refused entry back into the queue."""
    try_again(item_id=inside("inb", item) or 0, by=visit.login.actor, now=visit.now)
    messages.success(visit.request, _("It waits in the queue again."))
    return redirect("console:today")


def _window(text: str) -> int:
    return int(text) if text.isdecimal() and int(text) in Today.windows else 30


def _sums(rows: Sequence[DayFigures], since: date, until: date) -> dict[str, int]:
    within = [row for row in rows if since <= row.day <= until]
    return {column: sum(getattr(row, column) for row in within) for column in COLUMNS}


def _ratio(sums: dict[str, int]) -> int | None:
    paid = sums["paid"]
    return (2 * 1_000_000 * sums["accrued"] + paid) // (2 * paid) if paid else None


def _figures(
    now: dict[str, int], before: dict[str, int], currency: str, since: date, until: date
) -> tuple[Figure, ...]:
    rows = f"{reverse('console:orders')}?since={since}&until={until}"
    return (
        Figure(_("Orders"), count=now["orders"], before=before["orders"], better="up", href=rows),
        Figure(_("Paid"), money=Money(now["paid"], currency), before=before["paid"], better="up", href=rows),
        Figure(_("Commission accrued"), money=Money(now["accrued"], currency), before=before["accrued"]),
        Figure(_("Released"), money=Money(now["released"], currency), before=before["released"]),
        Figure(_("Reversed"), money=Money(now["reversed"], currency), before=before["reversed"], better="down"),
        Figure(_("Commission of paid"), ppm=_ratio(now), before=_ratio(before), better="down"),
    )


def _decisions(visit: Visit) -> tuple[Decision, ...]:
    decisions = []
    if visit.may(Permission.SEE_LEDGER):
        check = last_check(now=visit.now)
        for found in check.findings if check is not None else ():
            if check is not None and found.differences:
                title, reason = rule_title(found.name), "; ".join(found.examples[:3])
                decisions.append(Decision("difference", title, reason, check.at, href=reverse("console:ledger")))
    decisions.extend(second_person_decisions(visit))
    decisions.extend(reconciliation_decisions(visit))
    if visit.may(Permission.SETTLE_REFUSED):
        decisions.extend(_refused(item) for item in refused_items(SHOWN))
    return tuple(decisions)


def _refused(item: InboxItem) -> Decision:
    kinds = {"orders": _("Order"), "statuses": _("Status"), "refunds": _("Refund")}
    identifier = outside("inb", item.id)
    title = kinds.get(item.kind, item.kind)
    if item.entries > 1:
        title = _("%(kind)s, %(entries)s entries") % {"kind": title, "entries": item.entries}
    again_at = reverse("console:try_again", args=[identifier])
    return Decision(
        "poisoned",
        title,
        item.error,
        item.refused_at or item.received_at,
        ref=identifier,
        acts=(Act(_("Try again"), again_at),),
    )
