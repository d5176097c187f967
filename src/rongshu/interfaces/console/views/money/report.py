"""The tenant's month: what promotion cost beside what was sold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.http import HttpResponse
from django.utils.translation import gettext as _

from rongshu.domain.insight.figures.queries import figures_between
from rongshu.domain.insight.monthly.queries import MonthFigures, Part, month_figures
from rongshu.engine.money import format_units, round_half_up_ratio
from rongshu.engine.rating.frames import KINDS
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.statements import MonthReport, ReportRow, Sum
from rongshu.interfaces.console.pages.today import paid_and_commission
from rongshu.interfaces.console.views.money.statements import month_asked
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.files import attached, plain, table
from rongshu.interfaces.faces.parts import Chart, Money
from rongshu.interfaces.faces.templatetags.faces import kind
from rongshu.kernel.access.rules import Permission

SUMS = ("paid", "sold", "accrued", "taken_back", "rewards", "cost", "released", "reversed", "paid_out", "tax")


@page("money", Permission.SEE_MONEY)
def month_report(visit: Visit) -> MonthReport | HttpResponse:
    """A month beside the one before; `?format=csv` gives it as a file."""
    month = month_asked(visit)
    found = month_figures(month)
    before = month_figures(month - timedelta(days=1))
    if visit.request.GET.get("format") == "csv":
        return attached(_csv(found, before, visit.house.currency), f"month-{month:%Y-%m}.csv")
    currency = visit.house.currency
    names = {
        "paid": _("Paid by customers"), "sold": _("Of it not refunded since"), "accrued": _("Commission of these orders"),
        "taken_back": _("Of it taken back since"), "rewards": _("Rewards of periods that ended"), "cost": _("Cost as it stands"),
        "released": _("Released in the month"), "reversed": _("Taken back in the month"), "paid_out": _("Paid to promoters"), "tax": _("Tax withheld"),
    }  # fmt: skip
    return MonthReport(
        month=month,
        earlier=f"{before.since:%Y-%m}",
        later=f"{found.until:%Y-%m}" if found.until <= visit.today else "",
        sums=tuple(
            Sum(names[name], Money(getattr(found, name), currency), Money(getattr(before, name), currency)) for name in SUMS
        ),
        ratio=found.ratio,
        ratio_before=before.ratio,
        by_kind=_rows(found.by_kind, before.by_kind, currency),
        by_category=_rows(found.by_category, before.by_category, currency, sold=True),
        chart=_chart(found, before, currency),
    )  # fmt: skip


def _rows(parts: Sequence[Part], before: Sequence[Part], currency: str, *, sold: bool = False) -> tuple[ReportRow, ...]:
    """Parts beside the same of the month before."""
    known = {_key(one): one.accrued for one in before}
    whole = sum(one.accrued - one.reversed for one in parts)
    return tuple(
        ReportRow(
            name=(one.category or _("No category")) if sold else str(kind(KINDS[one.kind], one.level)),
            accrued=Money(one.accrued, currency),
            reversed=Money(one.reversed, currency),
            share=_ppm(one.accrued - one.reversed, whole) or 0,
            before=Money(known.get(_key(one), 0), currency),
            ratio=_ppm(one.accrued - one.reversed, one.paid) if sold else None,
        )
        for one in parts
    )


def _key(one: Part) -> tuple[int, int, str]:
    return one.kind, one.level, one.category


def _ppm(part: int, whole: int) -> int | None:
    return None if whole <= 0 else round_half_up_ratio(part, 1_000_000, whole)


def _chart(found: MonthFigures, before: MonthFigures, currency: str) -> Chart | None:
    """The days of the month; None when nothing was paid."""
    known = {day.day: day for day in figures_between(found.since, found.until - timedelta(days=1))}
    days = tuple(found.since + timedelta(days=at) for at in range((found.until - found.since).days))
    paid = tuple(known[day].paid if day in known else 0 for day in days)
    commission = tuple(known[day].accrued if day in known else 0 for day in days)
    ratio = _ppm(before.accrued, before.paid)
    return paid_and_commission(days, paid, commission, currency, ratio_before=ratio)


def _csv(found: MonthFigures, before: MonthFigures, currency: str) -> bytes:
    def money(units: int) -> str:
        return format_units(units, currency)

    rows: list[tuple[object, ...]] = [("part", "name", "level", "month", "month_before", "taken_back_since")]
    rows += [("sum", name, "", money(getattr(found, name)), money(getattr(before, name)), "") for name in SUMS]
    rows += [("ratio_ppm", "cost_to_sold", "", found.ratio, before.ratio, "")]
    for title, parts, earlier in (
        ("kind", found.by_kind, before.by_kind),
        ("category", found.by_category, before.by_category),
    ):
        known = {_key(one): one.accrued for one in earlier}
        rows += [
            (
                title, plain(one.category) if title == "category" else KINDS[one.kind], one.level if title == "kind" else "",
                money(one.accrued), money(known.get(_key(one), 0)), money(one.reversed),
            )
            for one in parts
        ]  # fmt: skip
    return table(rows)
