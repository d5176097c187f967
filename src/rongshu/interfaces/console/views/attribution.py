"""The attribution policy in the console: read in words, drafted by form, tried on past orders, published from a day on."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from rongshu.domain.commerce.orders.queries import orders_by_id
from rongshu.domain.commission.rating.queries import commission_by_order
from rongshu.domain.referral.attribution.actions import check_rules, publish_policy
from rongshu.domain.referral.attribution.queries import policy_history, policy_in_force
from rongshu.domain.referral.attribution.whatif import MOST, Changed, WhatIf, try_policy
from rongshu.engine.attribution import KINDS, METHODS, Policy, policy_of
from rongshu.engine.money import format_units
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.attribution import (
    Attribution,
    ChangedRow,
    HandedRow,
    KindField,
    MethodField,
    Trial,
    Version,
)
from rongshu.interfaces.faces.credited import METHODS as METHOD_NAMES
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.files import attached, plain, table
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.interfaces.faces.policy_words import KIND_NAMES, policy_words
from rongshu.interfaces.faces.policy_words import METHODS as METHOD_WORDS
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.clock import from_micros
from rongshu.kernel.errors import Refusal, invalid
from rongshu.kernel.ids import outside

SHOWN = 50
"""Orders of a trial that stand on the page; the file has them all."""
_SWITCHES = ("bond_at_touch", "bond_extends", "code_moves_bond", "self_credit")
_TEXTS = ("touch", "bond_days", "since", "until", "begins", "reason")


@page("promotion", Permission.SEE_PROMOTION)
def attribution(visit: Visit) -> Attribution | HttpResponse:
    """The policy; posting tries the form's on past orders, hands the trial out as a file, or publishes it."""
    form = visit.request.POST
    if visit.request.method != "POST":
        return _page(visit, _in_force(visit), _values(visit, None))
    values = _values(visit, form)
    try:
        draft = _read(form)
        check_rules(draft)
    except Refusal as refusal:
        return _page(visit, _in_force(visit), values, form=form, problem=said(refusal), at=refusal.at or "")
    try:
        match form.get("do"):
            case "publish":
                visit.demand(Permission.SET_ATTRIBUTION)
                return _published(visit, draft, values)
            case "file":
                return _file(visit, draft, values)
            case _:
                return _page(visit, draft, values, trial=_trial(visit, draft, values))
    except Refusal as refusal:
        if refusal.code == "not_permitted":
            raise
        return _page(visit, draft, values, problem=said(refusal), at=refusal.at or "")


def _in_force(visit: Visit) -> Policy:
    found = policy_in_force(visit.now)
    return Policy() if found is None else policy_of(found.document)


def _values(visit: Visit, form: QueryDict | None) -> dict[str, str]:
    if form is None:
        return {
            "until": visit.today.isoformat(),
            "since": (visit.today - timedelta(days=29)).isoformat(),
            "begins": "",
            "reason": "",
        }
    return {name: form.get(name, "").strip()[:500] for name in _TEXTS}


def _read(form: QueryDict) -> Policy:
    """The policy as the form says. Raises `invalid`."""
    places = {one: _number(form.get(f"place_{one}", "0"), "methods") for one in METHODS}
    asked = sorted((place, METHODS.index(one), one) for one, place in places.items() if place)
    if len({place for place, _index, _one in asked}) < len(asked):
        raise invalid("same_place", "Two ways cannot be asked at the same place.", at="methods")
    windows = {
        kind: _number(text, "windows")
        for kind in KINDS
        if (text := form.get(f"window_{kind}", "").strip()) not in ("", "0")
    }
    on = {name: form.get(name) == "yes" for name in _SWITCHES}
    return Policy(
        methods=tuple(one for _place, _index, one in asked),
        touch="first" if form.get("touch") == "first" else "last",
        windows=windows,
        bond_by=tuple(one for one in METHODS if form.get(f"bonds_{one}") == "yes"),
        bond_days=_number(form.get("bond_days", "") or "0", "bond_days"),
        **on,
    )


def _number(text: str, at: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 5:
        raise invalid("no_number", "Days are whole numbers.", at=at)
    return int(text)


def _page(
    visit: Visit, draft: Policy, values: dict[str, str], *, form: QueryDict | None = None, trial: Trial | None = None,
    problem: str = "", at: str = "",
) -> Attribution:  # fmt: skip
    current = policy_in_force(visit.now)
    rules = Policy() if current is None else policy_of(current.document)
    shown = {**values, "touch": draft.touch, "bond_days": str(draft.bond_days)}
    shown |= {name: "yes" if getattr(draft, name) else "" for name in _SWITCHES}
    if form is not None:  # what could not be read stands as typed
        shown |= values | {name: form.get(name, "") for name in _SWITCHES}

    def typed(name: str, known: str) -> str:
        return known if form is None else form.get(name, "")[:20]

    places = {one: str(draft.methods.index(one) + 1 if one in draft.methods else 0) for one in METHODS}
    return Attribution(
        words=policy_words(rules),
        since=None if current is None else current.begins,
        methods=tuple(
            MethodField(
                one, str(METHOD_NAMES[one]), int(place) if (place := typed(f"place_{one}", places[one])).isdecimal() else 0,
                (one in draft.bond_by) if form is None else form.get(f"bonds_{one}") == "yes", one != "bond",
            )
            for one in METHODS
        ),
        kinds=tuple(
            KindField(kind, str(KIND_NAMES[kind]), typed(f"window_{kind}", str(draft.windows.get(kind, "")))) for kind in KINDS
        ),
        values=shown,
        versions=_versions(visit, None if current is None else current.id),
        draft=policy_words(draft) if form is None and draft != rules and not problem else (),
        trial=trial,
        may_set=visit.may(Permission.SET_ATTRIBUTION),
        problem=problem,
        at=at,
    )  # fmt: skip


def _versions(visit: Visit, current: int | None) -> tuple[Version, ...]:
    return tuple(
        Version(
            outside("pol", one.id), one.begins,
            "in_force" if one.id == current else "scheduled" if one.begins > visit.now else "past",
            actor_name(one.actor), one.reason, policy_words(policy_of(one.document)),
        )
        for one in sorted(policy_history(), key=lambda one: (one.begins, one.id), reverse=True)
    )  # fmt: skip


def _published(visit: Visit, draft: Policy, values: dict[str, str]) -> HttpResponse:
    begins = None
    if values["begins"]:
        day = _day(values["begins"], "begins")
        begins = visit.starts(day) if day > visit.today else None
        if day < visit.today:
            raise invalid("begins_in_past", "Rules begin now or later, never in the past.", at="begins")
    if len(values["reason"]) < 2:
        raise invalid("no_reason", "Say why.", at="reason")
    publish_policy(rules=draft, reason=values["reason"], by=visit.login.actor, now=visit.now, effective_from=begins)
    messages.success(
        visit.request,
        _("Published: it holds for orders accepted from now on.")
        if begins is None
        else _("Published: it holds for orders accepted from %(day)s on.") % {"day": values["begins"]},
    )
    return redirect("console:attribution")


def _day(text: str, at: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid("bad_day", "This is no day; write it like 2026-05-01.", at=at) from None


def _window(visit: Visit, values: dict[str, str]) -> tuple[datetime, datetime]:
    since, until = _day(values["since"], "since"), _day(values["until"], "until")
    if not timedelta() <= until - since <= timedelta(days=366):
        raise invalid("bad_window", "A window ends after it begins, and within a year.", at="until")
    try:
        return visit.starts(since), visit.ends(until)
    except OverflowError:
        raise invalid("bad_window", "A window ends after it begins, and within a year.", at="until") from None


def _tried(visit: Visit, draft: Policy, values: dict[str, str]) -> tuple[WhatIf, dict[int, int]]:
    since, until = _window(visit, values)
    found = try_policy(rules=draft, since=since, until=until, lines=MOST)
    return found, commission_by_order([one.order_id for one in found.lines])


def _trial(visit: Visit, draft: Policy, values: dict[str, str]) -> Trial:
    found, commission = _tried(visit, draft, values)
    currency = visit.house.currency
    moved: dict[tuple[int, int], int] = {}
    for one in found.lines:
        moved[one.before, one.then] = moved.get((one.before, one.then), 0) + commission.get(one.order_id, 0)
    pairs = [(one.before, one.then) for one in found.handed] + [(one.before, one.then) for one in found.lines[:SHOWN]]
    people = People(who for pair in pairs for who in pair)
    orders = orders_by_id([one.order_id for one in found.lines[:SHOWN]])
    return Trial(
        orders=found.orders,
        changed=found.changed,
        paid=Money(found.paid_changed, currency),
        commission=Money(sum(commission.values()), currency),
        handed=tuple(
            HandedRow(
                people.maybe(one.before or None), people.maybe(one.then or None), one.orders, Money(one.paid, currency),
                Money(moved[one.before, one.then], currency),
            )
            for one in found.handed[:20]
        ),
        rows=tuple(
            ChangedRow(
                outside("ord", one.order_id), orders[one.order_id].external_id, from_micros(one.paid_at), Money(one.paid, currency),
                Money(commission.get(one.order_id, 0), currency), people.maybe(one.before or None), _why(one.method_before),
                people.maybe(one.then or None), _why(one.method),
            )
            for one in found.lines[:SHOWN]
        ),
        more=max(len(found.lines) - SHOWN, 0),
    )  # fmt: skip


def _why(method: str) -> str:
    return str(METHOD_WORDS[method]) if method in METHOD_WORDS else _("nobody was found")


def _file(visit: Visit, draft: Policy, values: dict[str, str]) -> HttpResponse:
    found, commission = _tried(visit, draft, values)
    people = People([who for one in found.lines for who in (one.before, one.then)])
    orders = orders_by_id([one.order_id for one in found.lines])
    currency = visit.house.currency

    def name(who: int) -> tuple[str, str]:
        return (outside("mem", who), plain(people.person(who).name)) if who else ("", "")

    def row(one: Changed) -> tuple[str, ...]:
        at = from_micros(one.paid_at).astimezone(timezone.get_current_timezone())
        return (
            plain(orders[one.order_id].external_id), at.isoformat(timespec="seconds"), format_units(one.paid, currency),
            format_units(commission.get(one.order_id, 0), currency), *name(one.before), _why(one.method_before),
            *name(one.then), _why(one.method),
        )  # fmt: skip

    head = (
        _("Order"), _("Paid on"), _("Paid"), _("Commission"), _("Promoter before"), _("Name"), _("Found by"), _("Promoter then"),
        _("Name"), _("Found by"),
    )  # fmt: skip
    content = table([head, *(row(one) for one in found.lines)])
    return attached(content, f"attribution-{values['since']}-{values['until']}.csv")
