"""The calendar of holidays: a year as text, one day a line."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongshu.domain.settlement.holidays.actions import BadLine, read_days, set_holidays
from rongshu.domain.settlement.holidays.queries import holiday_years, workdays
from rongshu.domain.settlement.holidays.queries import holidays as holidays_of
from rongshu.domain.settlement.policies.queries import policy
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.runs import CalendarPage
from rongshu.interfaces.faces.door import Visit, said
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal

_WRONG = {
    "date": gettext_lazy("line %(line)s: %(text)s is no date; write it like 2026-10-01"),
    "kind": gettext_lazy("line %(line)s: %(text)s is neither off nor working"),
    "year": gettext_lazy("line %(line)s: %(text)s is of another year"),
    "twice": gettext_lazy("line %(line)s: %(text)s stands there twice"),
    "same": gettext_lazy(
        "line %(line)s: %(text)s is so by its weekday already; leave it out, or look at the date again"
    ),
    "too_many": gettext_lazy("These are %(text)s days; a year has no more than 366."),
}


@page("money", Permission.SEE_MONEY)
def holidays(visit: Visit) -> CalendarPage | HttpResponse:
    """The calendar; posting sets a year in place of what was there."""
    form = visit.request.POST
    year = _year(form.get("year", "") or visit.request.GET.get("year", ""), visit)
    if visit.request.method != "POST":
        return _calendar(visit, year)
    visit.demand(Permission.SET_MONEY_RULES)
    text = form.get("days", "")[:40_000]
    days, wrong = read_days(text, year, policy())
    if wrong:
        return _calendar(visit, year, typed=text, problems=tuple(_words(one) for one in wrong[:20]))
    try:
        set_holidays(year=year, days=days, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return _calendar(visit, year, typed=text, problems=(said(refusal),))
    messages.success(visit.request, _("The calendar of %(year)s holds from now on.") % {"year": year})
    return redirect(f"{reverse('console:holidays')}?year={year}")


def _words(one: BadLine) -> str:
    return str(_WRONG[one.code]) % {"line": one.line, "text": one.text}


def _year(text: str, visit: Visit) -> int:
    now = visit.now.astimezone(visit.house.zone).year
    return int(text) if text.isascii() and text.isdigit() and 2000 <= int(text) <= 2100 else now


def _calendar(visit: Visit, year: int, *, typed: str | None = None, problems: tuple[str, ...] = ()) -> CalendarPage:
    days = holidays_of(year)
    today = visit.now.astimezone(visit.house.zone).date()
    calendar = workdays(today)
    lines = [", ".join((str(one.day), "working" if one.working else "off", *filter(None, [one.name]))) for one in days]
    coming = (today + timedelta(days=ahead) for ahead in range(366))
    return CalendarPage(
        year=year,
        years=tuple(sorted({*holiday_years(), today.year, today.year + 1, year})),
        text="\n".join(lines) if typed is None else typed,
        off=sum(not one.working for one in days),
        working=sum(one.working for one in days),
        next_days=tuple(day for day in coming if day in calendar.off and not calendar.is_working(day))[:5],
        may_set=visit.may(Permission.SET_MONEY_RULES),
        problems=problems,
    )
