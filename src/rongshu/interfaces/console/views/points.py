"""Points in the console: what is owed and by which rules, the rules to be tried and published, one member's points."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import yaml
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.members.points.actions import adjust_points, publish_rules
from rongshu.domain.members.points.actions.publishing import read_for_house
from rongshu.domain.members.points.queries import history, lots_of, standing, versions
from rongshu.domain.members.points.report import MONTHS, Kept, kept_reports
from rongshu.domain.members.points.rulebook import rules_at, rules_of, version_in_force
from rongshu.domain.members.profiles.queries import find_member
from rongshu.engine.plan import PlanError
from rongshu.engine.points.rules import Offset
from rongshu.flows.laddering import try_points
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.points import (
    EarnedMonth,
    EndingMonth,
    Points,
    PointsOf,
    PointsOwed,
    PointsRules,
    PointsVersionRow,
)
from rongshu.interfaces.console.plan_words import problems_in_words
from rongshu.interfaces.console.points_form import FIELDS, document_of, fields_of
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.files import attached, table
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.interfaces.faces.points_kinds import explained, happened
from rongshu.interfaces.faces.points_parts import PointsLine
from rongshu.interfaces.faces.points_words import lot_row, ways_of
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, missing
from rongshu.kernel.ids import inside, outside

PAGE = 30
TRIED_DAYS = 30


@page("offers", Permission.SEE_MEMBERS)
def points(visit: Visit) -> Points | HttpResponse:
    """What is owed in points and by which rules; as a file, what is owed by month."""
    kept, offset = next(iter(kept_reports()), None), rules_at(visit.now)[1].offset
    current = version_in_force(visit.now)
    if visit.request.GET.get("format") == "csv":
        return attached(table(_file(kept)), f"points-{visit.now:%Y%m%d}.csv")
    return Points(
        ways=() if current is None else ways_of(rules_of(current)),
        versions=tuple(
            PointsVersionRow(
                one.number,
                "scheduled" if one.effective_from > visit.now else "in_force" if current and one.id == current.id else "past",
                one.effective_from, actor_name(one.actor), one.reason,
            )
            for one in versions(limit=20)
        ),
        owed=None if kept is None else _owed(kept, offset, visit.house.currency),
        may_set=visit.may(Permission.SET_MEMBERSHIP),
    )  # fmt: skip


def _owed(kept: Kept, offset: Offset | None, currency: str) -> PointsOwed:
    report = kept.report
    over = report.over_used + report.over_expired

    def worth(points: int) -> Money | None:
        return None if offset is None else Money(points * offset.worth // 100, currency)  # rounded down

    return PointsOwed(
        at=kept.at,
        left=report.left,
        worth=worth(report.left),
        forecast=report.forecast,
        forecast_worth=worth(report.forecast),
        lapsed=report.over_expired * 100 // over if over else None,  # rounded down
        earned=tuple(
            EarnedMonth(one.month, one.granted, one.used, one.expired, one.back, one.left) for one in report.earned[:MONTHS]
        ),
        ending=tuple(EndingMonth(one.month, one.left, one.forecast) for one in report.ending),
    )  # fmt: skip


def _file(kept: Kept | None) -> Iterator[Sequence[object]]:
    yield [_("Earned in"), _("Granted"), _("Used"), _("Expired"), _("Taken back"), _("Left")]
    for one in kept.report.earned if kept is not None else ():
        yield [one.month, one.granted, one.used, one.expired, one.back, one.left]
    yield [_("Ends in"), _("Left"), _("Will likely lapse")]
    for month in kept.report.ending if kept is not None else ():
        yield [month.month or _("never"), month.left, month.forecast]


@page("offers", Permission.SET_MEMBERSHIP)
def points_rules(visit: Visit) -> PointsRules | HttpResponse:
    """The rules by form or as text: posting tries them on the last month's orders, or publishes them."""
    current = versions(limit=1)
    held: dict[str, Any] = current[0].document if current else {"currency": visit.house.currency}
    if visit.request.method != "POST":
        return PointsRules(values=fields_of(held), text=_text(held), number=current[0].number if current else 0)
    form = visit.request.POST
    as_text, number = form.get("by") == "text", form.get("number", "")
    source: Any = form.get("text", "")[:200_000]
    shown: dict[str, Any] = {
        "values": {name: form.get(name, "").strip()[:4000] for name in (*FIELDS, "reason")},
        "number": int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0,
    }
    if as_text:
        shown["values"] = {**fields_of(held), "reason": shown["values"]["reason"]}
    else:
        source = document_of(shown["values"], visit.house.currency)
    shown["text"] = source if as_text else _text(source)
    try:
        rules = read_for_house(source)
        if form.get("do") == "publish":
            made = publish_rules(
                source=source, reason=shown["values"]["reason"], by=visit.login.actor, now=visit.now,
                instead_of=shown["number"],
            )  # fmt: skip
            messages.success(
                visit.request, _("Version %(number)s of the rules of points is in force.") % {"number": made.number}
            )
            return redirect("console:points")
    except PlanError as error:
        found = tuple((one.path, one.text) for one in problems_in_words(error))
        return PointsRules(**shown, problems=found, wrong=frozenset(path for path, _words in found))
    except Refusal as refusal:
        return PointsRules(**shown, problem=said(refusal), wrong=frozenset([refusal.at or ""]))
    if as_text:
        shown["values"] = {**fields_of(rules.canonical()), "reason": shown["values"]["reason"]}
    since = visit.now - timedelta(days=TRIED_DAYS)
    tried = try_points(rules_at(visit.now)[1], rules, since=since, now=visit.now)
    return PointsRules(**shown, ways=ways_of(rules), tried=tried)


def _text(document: Any) -> str:
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


@page("offers", Permission.SEE_MEMBERS)
def points_find(visit: Visit) -> HttpResponse:
    """To the points of whoever is named by phone, external id or our id."""
    try:
        member = find_member(visit.request.GET.get("q", "").strip()[:200])
    except Refusal as refusal:
        messages.error(visit.request, said(refusal))
        return redirect("console:points")
    return redirect("console:points_of", id=outside("mem", member.id))


@page("members", Permission.SEE_MEMBERS)
def points_of_member(visit: Visit, id: str) -> PointsOf | HttpResponse:
    """One member's points; posting gives or takes some by hand."""
    member = inside("mem", id)
    if member is None:
        raise missing("unknown_member", "There is no such member.")
    if visit.request.method != "POST":
        return _one(visit, member, {}, ref=secrets.token_hex(8))
    visit.demand(Permission.ADJUST_POINTS)
    form = visit.request.POST
    values = {name: form.get(name, "").strip()[:500] for name in ("points", "reason", "ref")}
    try:
        number = int(values["points"].replace("−", "-"))
    except ValueError:
        number = 0
    try:
        adjust_points(
            member_id=member, points=number, reason=values["reason"], ref=f"{id}:{values['ref'][:40]}", by=visit.login.actor,
            now=visit.now,
        )  # fmt: skip
    except Refusal as refusal:
        return _one(visit, member, values, ref=values["ref"], problem=said(refusal), at=refusal.at or "")
    messages.success(visit.request, _("%(number)s points were booked.") % {"number": f"{number:+,}"})
    return redirect("console:points_of", id=id)


def _one(visit: Visit, member: int, values: dict[str, str], **more: Any) -> PointsOf:
    rules = rules_at(visit.now)[1]
    tasks = {one.id: one.name for one in rules.tasks}
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = history(member, below=None if token is None else token[0], limit=PAGE + 1)
    have = standing(member, now=visit.now)
    return PointsOf(
        id=outside("mem", member), name=People([member]).person(member).name, usable=have.usable, pending=have.pending,
        reserved=have.reserved, owed=have.owed,
        lots=tuple(lot_row(one, tasks, now=visit.now, zone=visit.house.zone) for one in lots_of(member)),
        rows=tuple(
            PointsLine(one.at, happened(one.kind, one.source, one.what, tasks), explained(one.why), one.points)
            for one in found[:PAGE]
        ),
        cursor=Cursor(pack(found[PAGE - 1].cursor) if len(found) > PAGE else None),
        values=values, may_adjust=visit.may(Permission.ADJUST_POINTS), **more,
    )  # fmt: skip
