"""What a request asks the lab for: a plan, what to compare it with, and a window of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _

from rongshu.domain.commission.plans.actions import PlanError, readable
from rongshu.domain.commission.plans.queries import draft, drafts, plan_of, version, versions
from rongshu.domain.insight.figures.queries import last_day_with_orders
from rongshu.engine.plan import Plan
from rongshu.interfaces.console.pages.lab import Option
from rongshu.interfaces.console.plan_words import document_of
from rongshu.interfaces.faces.door import Visit
from rongshu.kernel.errors import invalid
from rongshu.kernel.ids import inside, outside

WINDOWS = ("30", "90", "month", "all", "dates")
BEGINNING = date(2000, 1, 1)

START = """name: first
currency: {currency}
jurisdiction: CN
levels:
  1: {{rate: 10%}}
  2: {{rate: 3%}}
caps: {{order: 25%}}
"""


@dataclass(frozen=True, slots=True)
class Days:
    """A window of days, both included, and how it was asked for."""

    name: str
    since: date
    until: date


def days_asked(visit: Visit, form: QueryDict) -> Days:
    """The window a form asks for, by name or by dates. Windows by name end on the last day with orders."""
    name = form.get("window", "")
    last = last_day_with_orders(visit.today) or visit.today
    match name if name in WINDOWS else "30":
        case "dates":
            return Days("dates", _day(form.get("since", "")), _day(form.get("until", "")))
        case "month":
            first = last.replace(day=1)
            if (last + timedelta(days=1)).month == last.month:  # this month is not over
                first = (first - timedelta(days=1)).replace(day=1)
            after = (first + timedelta(days=32)).replace(day=1)
            return Days("month", first, after - timedelta(days=1))
        case "all":
            return Days("all", BEGINNING, max(last, visit.today))
        case days:
            return Days(days, last - timedelta(days=int(days) - 1), last)


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise invalid("bad_date", "%(value)s is not a date; write it like 2026-05-01", at="since", value=text) from None
    if not 2000 <= found.year <= 2199:
        raise invalid("bad_date", "%(value)s is not a date; write it like 2026-05-01", at="since", value=text)
    return found


def bounds(visit: Visit, days: Days) -> tuple[datetime, datetime]:
    """The instants of a window of days, the end exclusive."""
    return visit.starts(days.since), visit.ends(days.until)


def windows(chosen: str) -> tuple[Option, ...]:
    """The windows to choose from."""
    words = {
        "30": _("last 30 days with orders"), "90": _("last 90 days with orders"), "month": _("last full month"),
        "all": _("all orders"), "dates": _("from … until …"),
    }  # fmt: skip
    return tuple(Option(name, words[name], name == chosen) for name in WINDOWS)


def sources(visit: Visit, chosen: str) -> tuple[Option, ...]:
    """What can be tried: every version and draft."""
    found = [
        Option(f"v{one.number}", _("Version %(number)s") % {"number": one.number} + f" · {one.name}")
        for one in reversed(versions().versions)
    ]
    found += [
        Option(outside("drf", one.id), _("Draft of %(day)s") % {"day": one.updated_at.astimezone(visit.house.zone).strftime("%Y-%m-%d %H:%M")})
        for one in drafts()
    ]  # fmt: skip
    return tuple(Option(one.value, one.label, one.value == chosen) for one in found)


def against(chosen: int | None) -> tuple[Option, ...]:
    """The versions a plan can be compared with."""
    return tuple(
        Option(str(one.number), _("Version %(number)s") % {"number": one.number}, one.number == chosen)
        for one in reversed(versions().versions)
    )


def number_asked(visit: Visit, form: QueryDict) -> int | None:
    """Which version to compare with: the one named, else the one in force, else the last; None when nothing is published."""
    known = versions().versions
    asked = form.get("against", "")
    if asked.isdecimal() and any(one.number == int(asked) for one in known):
        return int(asked)
    force = [one.number for one in known if one.effective_from <= visit.now]
    return force[-1] if force else known[-1].number if known else None


def plan_against(number: int | None, otherwise: Plan) -> Plan:
    """The plan of a version; `otherwise` where nothing is published."""
    return otherwise if number is None else plan_of(version(number))


def text_of(visit: Visit, source: str) -> str:
    """The text of a version (`v3`) or a draft (`drf_…`); of the last version where neither is named."""
    if source.startswith("drf_"):
        return draft(inside("drf", source) or 0).text
    if source[:1] == "v" and source[1:].isdecimal() and len(source) < 10:
        return document_of(plan_of(version(int(source[1:]))))
    known = versions().versions
    return document_of(plan_of(known[-1])) if known else START.format(currency=visit.house.currency)


def draft_of(visit: Visit, form: QueryDict) -> str:
    """The draft that is worked on: the one begun with, else the one that came along; empty for none."""
    begun = visit.request.method != "POST" or form.get("do") == "load"
    name = form.get("source" if begun else "draft", "")
    return name if name.startswith("drf_") and inside("drf", name) is not None else ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a result was made from, as its form carries it."""

    text: str
    plan: Plan
    number: int | None
    since: datetime
    until: datetime


def tried(visit: Visit) -> Tried:
    """Reads it back. Raises Refusal when it was meddled with."""
    form = visit.request.POST
    text = form.get("document", "").replace("\r\n", "\n")
    days = Days("dates", _day(form.get("since", "")), _day(form.get("until", "")))
    try:
        plan = readable(text)
    except PlanError:
        raise invalid(
            "bad_plan", "The plan cannot be read. Try it again on the page of the lab.", at="document"
        ) from None
    return Tried(text, plan, number_asked(visit, form), *bounds(visit, days))
