"""Price rules in the console: read as cards, changed by form in a draft, published from a moment on."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.commerce.prices.actions import discard_draft, publish_draft, save_draft
from rongshu.domain.commerce.prices.queries import draft, version_in_force, versions
from rongshu.domain.commerce.products.queries import categories
from rongshu.domain.marketing.segments.queries import segment_names
from rongshu.engine.plan import PlanError
from rongshu.engine.prices.model import GROUPS
from rongshu.engine.prices.rules import read_rules, write_rules
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.prices import (
    Choice,
    PartFields,
    PriceRule,
    Prices,
    RuleCard,
    RuleGroup,
    StepFields,
    VersionRow,
)
from rongshu.interfaces.console.plan_words import problems_in_words
from rongshu.interfaces.console.price_form import COUNTED, GOES_WITH, HOW, PARTS, STEPS, fields_of, listed, rule_of
from rongshu.interfaces.console.price_tiers import offered_tiers
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.people import actor_name
from rongshu.interfaces.faces.price_rule_words import on_of, weekday_names, what_of, when_of
from rongshu.interfaces.faces.price_words import kind_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid, missing

Document = dict[str, Any]


def _titles() -> dict[str, tuple[str, str]]:
    return {
        "member_prices": (_("Member prices"), _("Beside the discount of the tier itself. Of all prices of a unit the lowest holds.")),
        "sales": (_("Sales for a time"), _("For everybody named, within its days and hours. Lower than the member price it takes its place, or goes on top.")),
        "bundles": (_("Bundles"), _("Pieces bought together. A piece is in one bundle at most; upper ones come first.")),
        "reductions": (_("Full reductions"), _("So much off from so much on. A line takes part in one; the one that saves most comes first.")),
        "shipping": (_("Shipping fee"), _("Counted before coupons and points, so that using them costs nobody free shipping.")),
    }  # fmt: skip


def _present(visit: Visit) -> tuple[Document, Document, int, int]:
    """(what is in force, what is shown: the draft or the same, the draft's revision, number in force)."""
    current = version_in_force(visit.now)
    held: Document = {"currency": visit.house.currency} if current is None else current.document
    drafted = draft()
    number = 0 if current is None else current.number
    return held, held if drafted is None else drafted.document, 0 if drafted is None else drafted.revision, number


@page("offers", Permission.SEE_MEMBERS)
def prices(visit: Visit) -> Prices | HttpResponse:
    """The rules; posting publishes or throws away the draft, or takes a whole text as the draft."""
    form = visit.request.POST
    if visit.request.method != "POST":
        return _page(visit)
    visit.demand(Permission.SET_MEMBERSHIP)
    values = {name: form.get(name, "").strip()[:500] for name in ("begins", "reason")}
    revision, by = _number(form.get("revision", "")), visit.login.actor
    try:
        match form.get("do"):
            case "publish":
                begins = _moment(visit, values["begins"])
                made = publish_draft(revision=revision, reason=values["reason"], by=by, now=visit.now, effective_from=begins)  # fmt: skip
                messages.success(visit.request, _("Version %(number)s of the price rules is published.") % {"number": made.number})  # fmt: skip
            case "discard":
                discard_draft(by=by, now=visit.now)
                messages.success(visit.request, _("The draft is thrown away."))
            case "text":
                save_draft(source=form.get("text", "")[:500_000], revision=revision, by=by, now=visit.now)
                messages.success(visit.request, _("The draft is kept."))
            case "together":
                document = {**_present(visit)[1], "coupons_together": _number(form.get("together", ""))}
                save_draft(source=document, revision=revision, by=by, now=visit.now)
    except PlanError as error:
        found = tuple((one.path, one.text) for one in problems_in_words(error))
        return _page(visit, values=values, problems=found, text=form.get("text", "")[:500_000])
    except Refusal as refusal:
        if refusal.code == "not_permitted":
            raise
        return _page(visit, values=values, problem=said(refusal), at=refusal.at or "")
    return redirect("console:prices")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _moment(visit: Visit, text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=visit.house.zone)
    except ValueError:
        raise invalid("bad_moment", "Write a day and a time.", at="effective_from") from None


def _page(visit: Visit, *, text: str | None = None, **more: Any) -> Prices:
    held, shown, revision, number = _present(visit)
    groups, names = [], segment_names() | {code: title for code, title, _on in offered_tiers((), visit.now)}
    changes = int(held.get("coupons_together") != shown.get("coupons_together"))
    for key, (title, about) in _titles().items():
        before = {one["id"]: one for one in held.get(key, ())}
        cards = []
        for rule in shown.get(key, ()):
            old = before.pop(rule["id"], None)
            state = "new" if old is None else "same" if old == rule else "changed"
            cards.append(_card(key, rule, state, names))
        if revision:
            cards += [_card(key, rule, "removed", names) for rule in before.values()]
        changes += sum(one.state != "same" for one in cards)
        groups.append(RuleGroup(key, title, about, tuple(cards)))
    kept = versions(limit=20)
    rows = []
    for one in kept:
        state = "in_force" if one.number == number else "scheduled" if one.effective_from > visit.now else "past"
        rows.append(VersionRow(one.number, state, one.effective_from, actor_name(one.actor), one.reason))
    return Prices(
        groups=tuple(groups),
        together=shown.get("coupons_together", 3),
        revision=revision,
        changes=changes,
        in_force=number,
        versions=tuple(rows),
        text=write_rules(read_rules(shown)) if text is None else text,
        may_set=visit.may(Permission.SET_MEMBERSHIP),
        **more,
    )


def _card(group: str, rule: Mapping[str, Any], state: str, names: Mapping[str, str]) -> RuleCard:
    return RuleCard(
        rule["id"], rule["name"], what_of(group, rule), on_of(rule.get("of")), tuple(when_of(group, rule, names)), state
    )


@page("offers", Permission.SET_MEMBERSHIP)
def price_rule(visit: Visit, group: str, id: str = "") -> PriceRule | HttpResponse:
    """One rule of the draft (or of what is in force, which then becomes the draft); posting keeps, removes or moves it."""
    if group not in GROUPS:
        raise missing("no_price_rule", "There is no such price rule.")
    _held, shown, revision, _in_force = _present(visit)
    rules = [dict(one) for one in shown.get(group, ())]
    place = next((at for at, one in enumerate(rules) if one["id"] == id), None)
    if id and place is None:
        raise missing("no_price_rule", "There is no such price rule.")
    if visit.request.method != "POST":
        values = fields_of(group, {} if place is None else rules[place])
        return _form(visit, group, id, revision, values)
    form = {name: str(text)[:2000] for name, text in visit.request.POST.items()}
    for name in ("segments", "tiers"):
        form[name] = ", ".join(visit.request.POST.getlist(name))[:20_000]
    do, asked = form.get("do"), _number(form.get("revision", ""))
    if do == "remove" and place is not None:
        del rules[place]
    elif do == "up" and place:
        rules[place - 1], rules[place] = rules[place], rules[place - 1]
    elif do != "up":
        rule = rule_of(group, form, id or f"{group.rstrip('s').replace('_', '-')}-{secrets.token_hex(3)}")
        place = len(rules) if place is None else place
        rules[place : place + 1] = [rule]
    try:
        save_draft(source={**shown, group: rules}, revision=asked, by=visit.login.actor, now=visit.now)
    except PlanError as error:
        return _form(visit, group, id, asked, form, problems=_mine(error, f"{group}[{place}]"))
    except Refusal as refusal:
        return _form(visit, group, id, asked, form, problem=said(refusal))
    messages.success(visit.request, _("The draft is kept. It counts once it is published."))
    return redirect("console:prices")


def _mine(error: PlanError, path: str) -> tuple[tuple[str, str], ...]:
    return tuple((one.path.removeprefix(path).lstrip("."), one.text) for one in problems_in_words(error))


_FIELD_OF = {
    "when.from": ("from",), "when.to": ("to",), "when.hours": ("hours_from", "hours_to"), "discount": ("amount",),
    "minus": ("amount",), "fixed": ("amount",), "price": ("amount",), "cheapest": ("amount",), "each.spend": ("least0",),
    "each.minus": ("off0",), "each.times": ("times",), "parts": ("pieces0",), "when": ("from", "to"), "": ("amount", "least0"),
}  # fmt: skip


def _wrong(problems: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """The fields that the paths of problems belong to."""
    found: set[str] = set()
    for path, _words in problems:
        found |= set(_FIELD_OF.get(path, (path.rpartition(".")[2],)))
        if path.startswith(("steps[", "parts[")):
            at = path.partition("[")[2].partition("]")[0]
            found |= {f"least{at}", f"off{at}"} if path.startswith("steps") else {f"pieces{at}"}
    return frozenset(found)


def _form(visit: Visit, group: str, id: str, revision: int, values: Mapping[str, str], *, problems: Any = (), problem: str = "") -> PriceRule:  # fmt: skip
    def typed(name: str) -> str:
        return values.get(name, "") or ""

    how_names = {
        "discount": _("percent off"), "minus": _("an amount off"), "fixed": _("a price each"),
        "price": _("a price together"), "cheapest": _("percent off the cheapest piece"),
    }  # fmt: skip
    counted = {"spend": _("from so much on"), "pieces": _("from so many pieces on"), "each": _("for every so much")}
    return PriceRule(
        group=group,
        group_title=_titles()[group][0],
        id=id,
        revision=revision,
        values=values,
        how=tuple(Choice(one, how_names[one], typed("how") == one) for one in HOW.get(group, ())),
        counted=tuple(Choice(one, counted[one], typed("counted") == one) for one in COUNTED),
        steps=tuple(StepFields(at, typed(f"least{at}"), typed(f"off{at}")) for at in range(STEPS)),
        parts=tuple(
            PartFields(
                at, typed(f"pieces{at}"), *(typed(f"{name}{at}") for name in ("skus", "categories", "except_skus"))
            )
            for at in range(PARTS)
        ),
        goes_with=tuple(Choice(one, kind_name(one), typed(f"with_{one}") == "yes") for one in GOES_WITH.get(group, ())),
        days=tuple(Choice(str(day), name, typed(f"day{day}") == "yes") for day, name in enumerate(weekday_names(), 1)),
        tiers=tuple(Choice(*one) for one in offered_tiers(listed(typed("tiers")), visit.now)),
        categories=tuple(categories()),
        segments=_segments(listed(typed("segments"))),
        problems=problems,
        wrong=_wrong(problems),
        problem=problem,
    )


def _segments(chosen: list[str]) -> tuple[Choice, ...]:
    """Those there are, and those a rule names that are not (any more): ticked, so that they can be taken away."""
    names = segment_names()
    known = [Choice(key, name, key in chosen or name in chosen) for key, name in names.items()]
    strangers = [one for one in chosen if one not in names and one not in names.values()]
    return (*known, *(Choice(one, one, True) for one in strangers))
