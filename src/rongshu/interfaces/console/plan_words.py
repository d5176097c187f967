"""A plan document in words: clauses for people, differences and problems in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from django.utils import translation
from django.utils.translation import gettext as _

from rongshu.domain.commission.explanations.queries import conditions
from rongshu.engine.plan import Difference as Changed
from rongshu.engine.plan import Plan, PlanError, When
from rongshu.engine.plan.differences import (
    BOOST_ADDED,
    BOOST_REMOVED,
    GIVEN,
    GONE,
    LEVEL_ADDED,
    LEVEL_REMOVED,
    OVERRIDE_ADDED,
    OVERRIDE_REMOVED,
)
from rongshu.engine.plan.fields import write_percent
from rongshu.interfaces.console.pages import Clause, Difference, Problem
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.templatetags.faces import money_text

_ADDED = {GIVEN, LEVEL_ADDED, OVERRIDE_ADDED, BOOST_ADDED}
_REMOVED = {GONE, LEVEL_REMOVED, OVERRIDE_REMOVED, BOOST_REMOVED}

Term = tuple[str, str, str]


class _InOneLine(dict[str, Any]):
    """A mapping that is written in braces."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(
    _InOneLine, lambda dumper, one: dumper.represent_mapping("tag:yaml.org,2002:map", one, flow_style=True)
)


def document_of(plan: Plan) -> str:
    """The plan as YAML, the way people write it: a level, an override, a boost in one line each."""
    document = plan.canonical()
    document["levels"] = {int(number): _InOneLine(level) for number, level in document["levels"].items()}
    for key in ("overrides", "boosts"):
        if key in document:
            document[key] = [_InOneLine(one) for one in document[key]]
    document["release"] = _InOneLine(document["release"])
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def clauses_of(plan: Plan) -> tuple[Clause, ...]:
    """The plan as people read it."""
    found = [Clause(_("Basis"), tuple(_basis(plan))), Clause(_("Levels"), tuple(_levels(plan)))]
    if plan.overrides:
        found.append(Clause(_("Overrides"), tuple(_overrides(plan))))
    if plan.boosts:
        found.append(Clause(_("Boosts"), tuple(_boosts(plan))))
    if caps := tuple(_caps(plan)):
        found.append(Clause(_("Caps"), caps))
    found.append(Clause(_("Release"), tuple(_release(plan))))
    return tuple(found)


def _basis(plan: Plan) -> Iterator[Term]:
    if plan.basis == "paid":
        yield (
            _("Rates apply to"),
            _("what was paid"),
            _("after every discount, coupon and points offset, without freight and tax"),
        )
    else:
        yield _("Rates apply to"), _("the margin"), _("what was paid less the cost, never below zero")
    if plan.self_purchase == "none":
        yield _("Own purchases"), _("earn nothing"), ""
    else:
        yield _("Own purchases"), _("earn"), _("a promoter who buys stands at level 1 of the own order")
    if plan.compress:
        yield _("Who may not earn"), _("is passed over"), _("everybody above moves down a level")
    else:
        yield _("Who may not earn"), _("keeps the level"), _("and the level earns nothing")
    yield _("Currency"), plan.currency, ""
    yield _("Jurisdiction"), plan.jurisdiction, ""


def _levels(plan: Plan) -> Iterator[Term]:
    for number in plan.level_numbers:
        who = {1: _("the direct promoter"), 2: _("the inviter")}.get(
            number, _("%(steps)s invitations above") % {"steps": number - 1}
        )
        yield _("Level %(level)s") % {"level": number}, write_percent(plan.levels[number].rate), who


def _overrides(plan: Plan) -> Iterator[Term]:
    for one in plan.overrides:
        rate = _each(one.fixed or 0, plan) if one.rate is None else write_percent(one.rate)
        yield one.id, rate, _said(_("level %(level)s") % {"level": one.level}, one.when, plan)


def _boosts(plan: Plan) -> Iterator[Term]:
    for one in plan.boosts:
        yield one.id, f"+{write_percent(one.add)}", _said("", one.when, plan)


def _said(before: str, when: When, plan: Plan) -> str:
    words = conditions(when, plan.currency).said(translation.get_language() or "zh-hans")
    return _("%(first)s, when %(condition)s") % {"first": before, "condition": words} if before else words


def _each(units: int, plan: Plan) -> str:
    return _("%(amount)s a unit") % {"amount": money_text(Money(units, plan.currency))}


def _caps(plan: Plan) -> Iterator[Term]:
    caps = plan.caps
    if caps.order is not None:
        yield _("An order"), write_percent(caps.order), _("of its base, for all promoters together")
    if caps.promoter_day is not None:
        yield _("A promoter's day"), money_text(Money(caps.promoter_day, plan.currency)), ""
    if caps.promoter_month is not None:
        yield _("A promoter's month"), money_text(Money(caps.promoter_month, plan.currency)), ""


def _release(plan: Plan) -> Iterator[Term]:
    after = _("After completion") if plan.release.after == "completed" else _("After payment")
    yield after, _("%(days)s days") % {"days": plan.release.days}, _("then a commission becomes available")
    if plan.release.instant_below is not None:
        amount = money_text(Money(plan.release.instant_below, plan.currency))
        yield _("Below %(amount)s") % {"amount": amount}, _("at once"), _("where the law of the market permits it")


def differences_in_words(changes: Iterable[Changed]) -> tuple[Difference, ...]:
    """What changed between two versions."""
    return tuple(
        Difference(
            "added" if one.template in _ADDED else "removed" if one.template in _REMOVED else "changed",
            one.path,
            _(one.template) % one.params,
        )
        for one in changes
    )


def problems_in_words(error: PlanError) -> tuple[Problem, ...]:
    """What is wrong with a document, at its path."""
    return tuple(Problem(one.path, _(one.template) % one.params) for one in error.problems)
