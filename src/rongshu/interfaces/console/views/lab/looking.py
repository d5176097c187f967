"""One order by both plans, and what growth would cost."""

from __future__ import annotations

import re

from django.utils import translation
from django.utils.translation import gettext as _

from rongshu.domain.commission.explanations.tried import TriedOrder, explain_tried
from rongshu.domain.commission.explanations.words import together
from rongshu.domain.commission.lab.queries import Side, forecast_plans, order_tried, window_to_try
from rongshu.domain.commission.lab.report import ratio
from rongshu.domain.commission.windows.shapes import Window
from rongshu.engine.lab import EVERY_LEVEL
from rongshu.engine.money import MILLION
from rongshu.engine.rating.frames import KINDS, NONE
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages import lab as pages
from rongshu.interfaces.console.views.lab import asked
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.people import People
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside


@page("plans", Permission.SEE_PLANS)
def order(visit: Visit, id: str) -> pages.TriedOrder:
    """What both plans pay for one order, row by row, and by which rule."""
    tried = asked.tried(visit)
    window = window_to_try(tried.since, tried.until)
    plans = (asked.plan_against(tried.number, tried.plan), tried.plan)
    found = order_tried(plans, window, inside("ord", id) or 0)
    if found is None:
        raise missing("unknown_order", "There is no such order.")
    against = _("the plan itself") if tried.number is None else _("Version %(number)s") % {"number": tried.number}
    titles = (against, _("this plan"))
    who = {int(window.promoter_ids[at]) for side in found[1] for at in side.rows.beneficiary.tolist()}
    people = People(who)
    told = explain_tried(int(window.order_ids[found[0]]), found[0], window, found[1])
    language = translation.get_language() or "zh-hans"
    sides = zip(titles, found[1], told, strict=True)
    return pages.TriedOrder(tuple(_side(*side, window, people, language) for side in sides))


def _side(title: str, side: Side, told: TriedOrder, window: Window, people: People, language: str) -> pages.TriedSide:
    rows, currency, lines = side.rows, side.plan.currency, window.lines
    shown = []
    for at in range(len(rows)):
        line = int(rows.line[at])
        sku = lines.skus[lines.sku[line]] if lines.sku[line] != NONE else ""
        shown.append(
            pages.TriedRow(
                line=f"{int(lines.line_no[line])} · {sku}",
                kind=KINDS[int(rows.kind[at])],
                level=int(rows.level[at]),
                who=people.person(int(window.promoter_ids[rows.beneficiary[at]])),
                words=together([step for step in told.steps[at] if step.code != "line"], language),
                amount=Money(int(rows.amount[at]), currency),
            )
        )
    total = Money(int(rows.amount.sum()), currency)
    return pages.TriedSide(title, tuple(shown), total, together(told.nothing, language))


@page("plans", Permission.SEE_PLANS)
def growth(visit: Visit) -> pages.Growth:
    """What both plans would cost if sales and the team grew."""
    form = visit.request.POST
    sales, team = form.get("sales", ""), form.get("team", "")
    more_sales, more_team = _factor(sales), _factor(team)
    if more_sales is None or more_team is None:
        return pages.Growth(sales, team, problem=_("Write a factor between 0.1 and 100, such as 1.5."))
    tried = asked.tried(visit)
    window = window_to_try(tried.since, tried.until)
    plans = (asked.plan_against(tried.number, tried.plan), tried.plan)
    currency = visit.house.currency
    cases = (
        (_("as it was"), MILLION, MILLION),
        (_("sales × %(sales)s") % {"sales": sales}, more_sales, MILLION),
        (_("sales × %(sales)s, team × %(team)s") % {"sales": sales, "team": team}, more_sales, more_team),
        (_("sales × %(sales)s, every level filled") % {"sales": sales}, more_sales, EVERY_LEVEL),
    )
    rows = []
    for words, of_sales, of_team in cases:
        found = forecast_plans(plans, window, of_sales, of_team)
        rows.append((words, tuple((Money(each.cost, currency), ratio(each.cost, each.paid)) for each in found)))
    against = _("the plan itself") if tried.number is None else _("Version %(number)s") % {"number": tried.number}
    return pages.Growth(sales, team, tuple(rows), (against, _("this plan")))


def _factor(text: str) -> int | None:
    """A factor as ppm; None for what is none."""
    text = text.strip().replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", text):
        return None
    whole, _point, part = text.partition(".")
    ppm = int(whole) * MILLION + int(part.ljust(6, "0") or 0)
    return ppm if MILLION // 10 <= ppm <= 100 * MILLION else None
