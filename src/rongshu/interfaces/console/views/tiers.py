"""Tiers in the console: the ladder in force, its designer with a preview on the present members, growth rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rongshu.domain.commerce.coupons.queries import kinds
from rongshu.domain.members.growth.actions import publish_growth_rules
from rongshu.domain.members.growth.queries import growth_rules_at, growth_versions
from rongshu.domain.members.tiers.actions import publish_ladder
from rongshu.domain.members.tiers.queries import holders, ladder_at, version_at, versions
from rongshu.engine.plan import PlanError
from rongshu.engine.tiers.frames import COLOURS, PICTURES, Ladder, read_ladder
from rongshu.engine.tiers.growth import GrowthRules, read_growth_rules
from rongshu.flows.laddering import LadderPreview, preview_ladder, try_growth
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.tiers import (
    ActivityFields,
    GrowthForm,
    LadderForm,
    LadderLook,
    MoveRow,
    TierCostRow,
    TierFields,
    TierRow,
    Tiers,
    TierVersionRow,
)
from rongshu.interfaces.console.plan_words import problems_in_words
from rongshu.interfaces.console.tier_form import (
    MOST,
    activities_of,
    document_of,
    growth_document,
    tiers_of,
    typed_activities,
    typed_tiers,
    wrong_fields,
)
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.people import actor_name
from rongshu.interfaces.faces.tier_words import colour_names, growth_ways, minded, picture_names, shown, what_counts
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid
from rongshu.kernel.ids import outside

TRIED_DAYS = 30


@page("members", Permission.SEE_MEMBERS)
def tiers(visit: Visit) -> Tiers:
    """The ladder in force, with who holds what; how growth value is earned; versions."""
    ladder, rules = ladder_at(visit.now), growth_rules_at(visit.now)
    counts = {} if ladder is None else holders()
    whole = sum(counts.values())
    current = version_at(visit.now)
    return Tiers(
        rows=tuple(
            TierRow(shown(one), one.kept_from, counts.get(one.code, 0), counts.get(one.code, 0) * 100 // whole if whole else 0)
            for one in (() if ladder is None else ladder.tiers)
        ),
        counts="" if ladder is None else what_counts(ladder),
        grace=0 if ladder is None else ladder.grace,
        versions=_versions(visit, versions()[:20], None if current is None else current.number),
        growth=() if rules is None else growth_ways(rules),
        growth_versions=_versions(visit, growth_versions(limit=20), None),
        may_set=visit.may(Permission.SET_MEMBERSHIP),
    )  # fmt: skip


def _versions(visit: Visit, rows: list[Any], current: int | None) -> tuple[TierVersionRow, ...]:
    if current is None:
        current = next((one.number for one in rows if one.effective_from <= visit.now), 0)
    found = []
    for one in rows:
        state = "in_force" if one.number == current else "scheduled" if one.effective_from > visit.now else "past"
        found.append(TierVersionRow(one.number, state, one.effective_from, actor_name(one.actor)))
    return tuple(found)


@page("members", Permission.SET_MEMBERSHIP)
def ladder(visit: Visit) -> LadderForm | HttpResponse:
    """The ladder by form: posting looks what it would do, adds or takes away a tier, or publishes."""
    form = {name: str(text)[:2000] for name, text in visit.request.POST.items()}
    if visit.request.method != "POST":
        present = ladder_at(visit.now)
        document = {} if present is None else present.canonical()
        return _form(
            visit, tiers=tiers_of(document), window=document.get("window", "rolling"), months=str(document.get("months", 12)),
            grace=str(document.get("grace", 0)), begins="", number=_newest(),
        )  # fmt: skip
    do = form.get("do", "look")
    typed = typed_tiers(form)
    values: dict[str, Any] = {name: form.get(name, "") for name in ("window", "months", "grace", "begins")}
    values["number"] = int(number) if (number := form.get("number", "")).isdigit() and len(number) < 9 else 0
    if do == "add" and len(typed) < MOST:
        return _form(visit, tiers=(*typed, _blank(len(typed))), **values)
    if do.startswith("drop-"):
        return _form(visit, tiers=tuple(one for one in typed if f"drop-{one.at}" != do), **values)
    document = document_of(typed, currency=visit.house.currency, window=values["window"], months=values["months"], grace=values["grace"])  # fmt: skip
    try:
        read = read_ladder(document)
        if do == "publish":
            publish_ladder(
                source=document, by=visit.login.actor, now=visit.now, effective_from=_moment(visit, values["begins"]),
                instead_of=values["number"],
            )  # fmt: skip
            messages.success(visit.request, _("The ladder is published. Who reaches more rises within minutes."))
            return redirect("console:tiers")
    except PlanError as error:
        found = tuple((one.path, one.text) for one in problems_in_words(error))
        by_tier, own = wrong_fields(path for path, _words in found)
        return _form(visit, tiers=typed_tiers(form, by_tier), problems=found, wrong=own, **values)
    except Refusal as refusal:
        return _form(visit, tiers=typed, problem=said(refusal), wrong=frozenset([refusal.at or ""]), **values)
    return _form(visit, tiers=typed, look=_look(visit, read, preview_ladder(read, now=visit.now)), **values)


def _newest() -> int:
    found = versions()
    return found[0].number if found else 0


def _blank(at: int) -> TierFields:
    return TierFields(at=at, number=at + 1)


def _form(visit: Visit, *, tiers: tuple[TierFields, ...], **more: Any) -> LadderForm:
    given = tuple((outside("cpk", one.id), one.name) for one in kinds(open=True, limit=200))
    return LadderForm(
        tiers=tiers or (_blank(0),),
        colours=colour_names(COLOURS),
        pictures=picture_names(PICTURES),
        coupons=given,
        most=MOST,
        **more,
    )


def _moment(visit: Visit, text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=visit.house.zone)
    except ValueError:
        raise invalid("bad_moment", "Write a day and a time.", at="effective_from") from None


def _look(visit: Visit, ladder: Ladder, found: LadderPreview) -> LadderLook:
    present = ladder_at(visit.now)
    language = get_language() or ""
    names = {one.code: one.titled(language) for one in (() if present is None else present.tiers)}
    titles = {one.code: one.titled(language) for one in ladder.tiers}
    old = ["", *(() if present is None else present.codes)]
    old += sorted({code for code, _new in found.moves} - set(old))
    place = {code: at for at, code in enumerate(("", *ladder.codes))}
    moves = []
    for code in old:
        cells = []
        for new in ("", *ladder.codes):
            count = found.moves.get((code, new), 0)
            where = place.get(code)
            cells.append((count, 0 if where is None or where == place[new] else 1 if place[new] > where else -1))
        if sum(count for count, _way in cells):
            moves.append(
                MoveRow(names.get(code, code) if code else _("no tier"), sum(n for n, _way in cells), tuple(cells))
            )

    def money(units: int) -> Money:
        return Money(units, visit.house.currency)

    return LadderLook(
        members=found.members, rising=found.rising, falling=found.falling,
        columns=(_("no tier"), *titles.values()), moves=tuple(moves),
        tiers=tuple(
            TierCostRow(
                titles[one.code], one.members, one.before, one.at_risk, money(one.paid), money(one.cost.discount),
                one.cost.points, money(one.cost.points_worth),
            )
            for one in found.tiers
        ),
        cost=money(found.cost.whole), cost_now=money(found.cost_now.whole),
        minded=tuple(minded(one, titles) for one in found.warnings),
    )  # fmt: skip


@page("members", Permission.SET_MEMBERSHIP)
def growth_rules(visit: Visit) -> GrowthForm | HttpResponse:
    """How growth value is earned, by form: posting tries the rules on the last month's orders, or publishes them."""
    rows = growth_versions(limit=1)
    if visit.request.method != "POST":
        present = growth_rules_at(visit.now)
        document = {} if present is None else present.canonical()
        spending = document.get("spending", {})
        return GrowthForm(
            per=spending.get("per", ""), growth=str(spending.get("growth", "")), first_order=str(document.get("first_order", "")),
            activities=(*activities_of(document), *_lines(len(document.get("activities", ())))), begins="",
            number=rows[0].number if rows else 0,
        )  # fmt: skip
    form = {name: str(text)[:500].strip() for name, text in visit.request.POST.items()}
    typed = typed_activities(form)
    shown_again: dict[str, Any] = {
        **{name: form.get(name, "") for name in ("per", "growth", "first_order", "begins")},
        "activities": (*typed, *_lines(len(typed))),
        "number": int(number) if (number := form.get("number", "")).isdigit() and len(number) < 9 else 0,
    }
    document = growth_document(form, currency=visit.house.currency)
    try:
        read = read_growth_rules(document)
        if form.get("do") == "publish":
            publish_growth_rules(
                source=document, by=visit.login.actor, now=visit.now, effective_from=_moment(visit, shown_again["begins"]),
                instead_of=shown_again["number"],
            )  # fmt: skip
            messages.success(visit.request, _("The rules of growth value are published."))
            return redirect("console:tiers")
    except PlanError as error:
        found = tuple((one.path, one.text) for one in problems_in_words(error))
        return GrowthForm(**shown_again, problems=found, wrong=frozenset(path for path, _words in found))
    except Refusal as refusal:
        return GrowthForm(**shown_again, problem=said(refusal), wrong=frozenset([refusal.at or ""]))
    return GrowthForm(**shown_again, tried=_tried(visit, read))


def _tried(visit: Visit, rules: GrowthRules) -> tuple[int, int, int]:
    return try_growth(growth_rules_at(visit.now), rules, since=visit.now - timedelta(days=TRIED_DAYS), now=visit.now)


def _lines(count: int) -> tuple[ActivityFields, ...]:
    """Empty lines after those filled."""
    return tuple(ActivityFields(at) for at in range(count, min(count + 2, MOST)))
