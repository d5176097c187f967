"""The rules for withdrawals, as a form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.domain.settlement.policies.queries import policy, policy_history
from rongshu.engine.money import MoneyError, format_units, parse_units
from rongshu.engine.withdrawals import CYCLES, Cycle, Policy
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.money import (
    MoneyRules,
)
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.people import actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal

_AMOUNTS = ("minimum", "maximum", "fee_fixed", "at_once_below", "two_from", "threshold")
_COUNTS = ("per_day", "per_month", "undo_minutes", "cycle_wait_days")


@page("money", Permission.SEE_MONEY)
def rules(visit: Visit) -> MoneyRules | HttpResponse:
    """The rules for withdrawals, as a form."""
    form, currency = visit.request.POST, visit.house.currency
    if visit.request.method != "POST":
        return _rules(visit, policy())
    visit.demand(Permission.SET_MONEY_RULES)
    values = {name: form.get(name, "").strip() for name in (*_AMOUNTS, *_COUNTS, "fee", "agreement")}
    name = ""
    try:
        amounts, counts = {}, {}
        for name in _AMOUNTS:
            amounts[name] = parse_units(values[name] or "0", currency)
        for name in _COUNTS:
            counts[name] = int(values[name] or "0")
        cycle: Cycle = next((one for one in CYCLES if one == form.get("cycle")), "request")
        name = {"weekly": "cycle_weekday", "monthly": "cycle_monthday"}.get(cycle, "")
        cycle_day = int(form.get(name, "0")) if name else 0
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
        weekdays=_days(form.getlist("weekday")),
        working_weekdays=_days(form.getlist("working_weekday")),
        cycle=cycle,
        cycle_day=cycle_day,
        tax="platform" if form.get("tax") == "platform" else "none" if form.get("tax") == "none" else "labour",
        vat="advise" if form.get("vat") == "advise" else "off",
        two_people=form.get("two_people") == "yes",
        agreement=values["agreement"][:40],
    )
    try:
        set_policy(rules=wanted, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return _rules(visit, wanted, typed=values, problem=said(refusal), at=refusal.at or "")
    messages.success(visit.request, _("The rules hold for every withdrawal asked for from now on."))
    return redirect("console:withdrawal_rules")


def _days(typed: Sequence[str]) -> tuple[int, ...]:
    return tuple(sorted({int(day) for day in typed if day in set("0123456")}))


def _rules(
    visit: Visit, shown: Policy, *, typed: dict[str, str] | None = None, problem: str = "", at: str = ""
) -> MoneyRules:
    currency = visit.house.currency
    values = {name: format_units(getattr(shown, name), currency) for name in _AMOUNTS}
    values |= {name: str(getattr(shown, name)) for name in _COUNTS}
    values |= {"fee": format_units(shown.fee_ppm, "CLF"), "agreement": shown.agreement}
    values |= {
        "cycle_weekday": str(shown.cycle_day if shown.cycle == "weekly" else 0),
        "cycle_monthday": str(shown.cycle_day if shown.cycle == "monthly" else 1),
    }
    return MoneyRules(
        values=values | (typed or {}),
        weekdays=shown.weekdays,
        tax=shown.tax,
        vat=shown.vat,
        two_people=shown.two_people,
        cycle=shown.cycle,
        working_weekdays=shown.working_weekdays,
        days=tuple((day, date(2026, 6, 1 + day)) for day in range(7)),
        may_set=visit.may(Permission.SET_MONEY_RULES),
        problem=problem,
        at=at,
        history=tuple((one.at, actor_name(one.actor)) for one in policy_history()),
    )
