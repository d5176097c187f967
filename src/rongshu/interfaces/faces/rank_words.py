"""A ladder in words: what a rank needs, how the ladder is applied, how far somebody has come, and what the next rank brings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from rongshu.engine.plan import Plan
from rongshu.engine.ranks import MONEY_NEEDS, Ladder, Missing, Needs, Span
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.templatetags.faces import money_text, percent

NEED_NAMES: dict[str, str | Promise] = {
    "own_sales": gettext_lazy("Own sales"),
    "own_orders": gettext_lazy("Own orders"),
    "active_months": gettext_lazy("Months with an order"),
    "invited_promoters": gettext_lazy("Promoters invited"),
    "team_size": gettext_lazy("Team size"),
    "team_sales": gettext_lazy("Team sales"),
}
NEED_RISKS: dict[str, str | Promise] = {
    "invited_promoters": gettext_lazy(
        "Rule STR-11: where a rank decides rates, a need for invited people makes pay depend on recruiting."
    ),
    "team_size": gettext_lazy(
        "Rule STR-11: where a rank decides rates, a need for people below makes pay depend on recruiting."
    ),
    "team_sales": gettext_lazy(
        "Rules STR-04 and STR-11: where a rank decides rates, a need for the team's sales makes pay depend on its turnover."
    ),
}
"""What the check of a plan minds about a need; needs of one's own are not minded."""


def title_of(ladder: Ladder | None, name: str) -> str:
    """What people call a rank in the reader's language; a rank the ladder does not know by its name."""
    language = get_language() or "zh-hans"
    for rank in ladder.ranks if ladder is not None else ():
        if rank.name == name:
            return rank.titled(language)
    return name or _("No rank")


def amount_of(need: str, value: int, currency: str) -> str:
    """A figure of a need as text."""
    return money_text(Money(value, currency)) if need in MONEY_NEEDS else f"{value:,}"


def needs_in_words(needs: Needs, currency: str) -> tuple[tuple[str, str, str], ...]:
    """(name, at least, what the check minds) of every need."""
    return tuple(
        (str(NEED_NAMES[need]), amount_of(need, value, currency), str(NEED_RISKS.get(need, "")))
        for need, value in needs.given.items()
    )


def terms_of(ladder: Ladder) -> tuple[tuple[str, str, str], ...]:
    """How the ladder is applied: (term, value, meaning)."""
    by_quarter = ladder.window.quarters is not None
    ends = _("at the end of a quarter") if by_quarter else _("at the end of a month")
    at_once = ladder.upgrade == "at_once"
    grace = (ladder.grace.days or 0) + (ladder.grace.months or 0)
    return (
        (_("What counts"), _window(ladder), _("of the orders credited to the promoter, net of refunds, without own purchases")),
        (
            _("Up"),
            _("at once") if at_once else ends,
            _("looked at every ten minutes") if at_once else _("on the window that ends there"),
        ),
        (_("Down"), ends, _("one rank at a time") if ladder.downgrade == "by_one" else _("to the rank that is earned")),
        (_("Kept at least"), span_in_words(ladder.retention), _("from the day it was reached")),
        (
            _("Grace"),
            span_in_words(ladder.grace) if grace else _("none"),
            _("after the first judgement that finds it not earned") if grace else "",
        ),
    )  # fmt: skip


def _window(ladder: Ladder) -> str:
    window = ladder.window
    if window.days is not None:
        return ngettext("the last %(number)s day", "the last %(number)s days", window.days) % {"number": window.days}
    if window.quarters is not None:
        number = window.quarters
        return ngettext("%(number)s calendar quarter", "%(number)s calendar quarters", number) % {"number": number}
    months = window.months or 1
    return ngettext("%(number)s calendar month", "%(number)s calendar months", months) % {"number": months}


def span_in_words(span: Span) -> str:
    """A length of time in words."""
    if span.months is not None:
        return ngettext("%(number)s month", "%(number)s months", span.months) % {"number": span.months}
    days = span.days or 0
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}


@dataclass(frozen=True, slots=True)
class Step:
    """One need of the next rank and how far it is reached."""

    name: str
    have: str
    wanted: str
    missing: str
    """Empty when it is reached."""
    percent: int


def steps_of(progress: tuple[Missing, ...], currency: str) -> tuple[Step, ...]:
    """The needs of the next rank, in words."""
    return tuple(
        Step(
            str(NEED_NAMES[one.need]),
            amount_of(one.need, one.have, currency),
            amount_of(one.need, one.wanted, currency),
            amount_of(one.need, one.missing, currency) if one.missing else "",
            one.percent,
        )
        for one in progress
    )


def brings(plan: Plan, held: str, following: str) -> tuple[str, ...]:
    """What a plan pays for the next rank that it does not pay for the one held, line by line; nothing when ranks do not matter."""
    return tuple(_brings(plan, held, following))


def _brings(plan: Plan, held: str, following: str) -> Iterator[str]:
    if plan.differential is not None:
        old, new = plan.differential.ranks.get(held, 0), plan.differential.ranks.get(following, 0)
        if new != old:
            yield _("Rank differential %(new)s instead of %(old)s") % {"new": percent(new), "old": percent(old)}
    for override in plan.overrides:
        ranks = override.when.rank or ()
        if following in ranks and held not in ranks:
            more = len(override.when.given) > 1
            if override.rate is not None:
                rate = percent(override.rate)
            else:
                rate = _("%(amount)s a piece") % {"amount": money_text(Money(override.fixed or 0, plan.currency))}
            words = (
                _("Level %(level)s: %(rate)s, under the conditions of %(rule)s")
                if more
                else _("Level %(level)s: %(rate)s")
            )
            yield words % {"level": override.level, "rate": rate, "rule": override.id}
    for boost in plan.boosts:
        ranks = boost.when.rank or ()
        if following in ranks and held not in ranks:
            more = len(boost.when.given) > 1
            words = (
                _("%(rate)s more on every level, under the conditions of %(rule)s")
                if more
                else _("%(rate)s more on every level")
            )
            yield words % {"rate": percent(boost.add), "rule": boost.id}
    for pool in plan.pools:
        ranks = pool.eligible.rank or ()
        if following in ranks and held not in ranks:
            yield _("A share of the pool %(pool)s") % {"pool": pool.id}


def figures_in_words(figures: dict[str, int], currency: str) -> str:
    """The figures a change was decided on, in one line."""
    return ", ".join(
        f"{NEED_NAMES[need]} {amount_of(need, value, currency)}"
        for need, value in figures.items()
        if need in NEED_NAMES
    )
