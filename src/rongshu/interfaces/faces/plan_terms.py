"""A plan as people read it: its clauses in words, and what changes for somebody from one version to the next.

Every term has a key that stays the same from version to version, so that two plans are compared term by term.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongshu.domain.commission.explanations.queries import conditions
from rongshu.engine.plan import Plan, When
from rongshu.engine.plan.fields import write_percent
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.templatetags.faces import money_text
from rongshu.interfaces.faces.terms import Section, Term, TermChange


def sections_of(plan: Plan) -> tuple[Section, ...]:
    """The whole plan in words, in the order of the document, without what it does not have."""
    found = (
        Section(_("Basis"), tuple(_basis(plan))),
        Section(_("Levels"), tuple(_levels(plan))),
        Section(_("Overrides"), tuple(_overrides(plan))),
        Section(_("Boosts"), tuple(_boosts(plan))),
        Section(_("Rank differential"), tuple(_differential(plan))),
        Section(_("Caps"), tuple(_caps(plan))),
        Section(_("Step rewards"), tuple(_steps(plan))),
        Section(_("Pools"), tuple(_pools(plan))),
        Section(_("Release"), tuple(_release(plan))),
    )
    return tuple(section for section in found if section.terms)


def changes_of(old: Plan, new: Plan, *, rank: str | None = None) -> tuple[TermChange, ...]:
    """What changes in words. With `rank` (empty: none) only what concerns a promoter of that rank."""
    before = {term.key: (section.heading, term) for section in sections_of(old) for term in section.terms}
    after = {term.key: (section.heading, term) for section in sections_of(new) for term in section.terms}
    found = []
    for key in dict.fromkeys((*after, *before)):
        a, b = before.get(key), after.get(key)
        heading, term = b or a  # type: ignore[misc]
        if (a and a[1].said) == (b and b[1].said) or not _concerns(rank, a and a[1], b and b[1]):
            continue
        found.append(TermChange(heading, term.name, a[1].said if a else "", b[1].said if b else ""))
    return tuple(found)


def _concerns(rank: str | None, *terms: Term | None) -> bool:
    if rank is None:
        return True
    return any(term is not None and (term.ranks is None or rank in term.ranks) for term in terms)


def _basis(plan: Plan) -> Iterator[Term]:
    what = _("Rates apply to")
    if plan.basis == "paid":
        yield Term(
            "basis",
            what,
            _("what was paid"),
            _("after every discount, coupon and points offset, without freight and tax"),
        )
    else:
        yield Term("basis", what, _("the margin"), _("what was paid less the cost, never below zero"))
    if plan.self_purchase == "none":
        yield Term("self_purchase", _("Own purchases"), _("earn nothing"))
    else:
        meaning = _("a promoter who buys stands at level 1 of the own order")
        yield Term("self_purchase", _("Own purchases"), _("earn"), meaning)
    if plan.compress:
        yield Term("compress", _("Who may not earn"), _("is passed over"), _("everybody above moves down a level"))
    else:
        yield Term("compress", _("Who may not earn"), _("keeps the level"), _("and the level earns nothing"))
    yield Term("currency", _("Currency"), plan.currency)
    yield Term("jurisdiction", _("Jurisdiction"), plan.jurisdiction)


def _levels(plan: Plan) -> Iterator[Term]:
    for number in plan.level_numbers:
        name = _("Level %(level)s") % {"level": number}
        yield Term(f"levels.{number}", name, write_percent(plan.levels[number].rate), who_stands_at(number))


def who_stands_at(level: int) -> str:
    """Who a level is, seen from the buyer."""
    return {1: _("the direct promoter"), 2: _("the inviter")}.get(
        level, _("%(steps)s invitations above") % {"steps": level - 1}
    )


def _overrides(plan: Plan) -> Iterator[Term]:
    for one in plan.overrides:
        rate = _each(one.fixed or 0, plan) if one.rate is None else write_percent(one.rate)
        said = _said(_("level %(level)s") % {"level": one.level}, one.when, plan)
        yield Term(f"overrides.{one.id}", one.id, rate, said, _ranks(one.when.rank))


def _boosts(plan: Plan) -> Iterator[Term]:
    for one in plan.boosts:
        said = _said("", one.when, plan)
        yield Term(f"boosts.{one.id}", one.id, f"+{write_percent(one.add)}", said, _ranks(one.when.rank))


def _ranks(words: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if words is None else frozenset(words)


def _said(before: str, when: When, plan: Plan) -> str:
    words = conditions(when, plan.currency).said(translation.get_language() or "zh-hans")
    return _("%(first)s, when %(condition)s") % {"first": before, "condition": words} if before else words


def _each(units: int, plan: Plan) -> str:
    return _("%(amount)s a unit") % {"amount": _money(units, plan)}


def _money(units: int, plan: Plan) -> str:
    return money_text(Money(units, plan.currency))


def _differential(plan: Plan) -> Iterator[Term]:
    if plan.differential is None:
        return
    holders = frozenset(plan.differential.ranks)
    yield Term(
        "differential",
        _("Paid is"),
        _("the difference of two rates"),
        _("up the chain, each higher rank earns its rate less the highest rate met before it"),
        holders,
    )
    for rank, rate in plan.differential.ranks.items():
        name = _("Rank %(rank)s") % {"rank": rank}
        yield Term(f"differential.ranks.{rank}", name, write_percent(rate), "", frozenset({rank}))
    peer = plan.differential.peer
    if peer is not None:
        said = ngettext(
            "of every differential amount, for the next promoter of the same rank above",
            "of every differential amount, for the next %(count)s promoters of the same rank above",
            peer.generations,
        )
        yield Term(
            "differential.peer",
            _("Peer award"),
            write_percent(peer.rate),
            said % {"count": peer.generations} if "%(count)s" in said else said,
            holders,
        )


def _caps(plan: Plan) -> Iterator[Term]:
    caps = plan.caps
    if caps.order is not None:
        said = _("of its base, for all promoters together")
        yield Term("caps.order", _("An order"), write_percent(caps.order), said)
    if caps.promoter_day is not None:
        yield Term("caps.promoter_day", _("A promoter's day"), _money(caps.promoter_day, plan))
    if caps.promoter_month is not None:
        yield Term("caps.promoter_month", _("A promoter's month"), _money(caps.promoter_month, plan))


def _periods() -> dict[str, str]:
    return {"month": _("a month"), "quarter": _("a quarter"), "year": _("a year")}


def _steps(plan: Plan) -> Iterator[Term]:
    for one in plan.steps:
        ends = [*(band.start for band in one.bands[1:]), None]
        words = {"period": _periods()[one.period]}
        for place, (band, end) in enumerate(zip(one.bands, ends, strict=True)):
            words |= {"start": _money(band.start, plan), "end": "" if end is None else _money(end, plan)}
            if end is None:
                said = _("for own sales of %(period)s from %(start)s") % words
            else:
                said = _("for own sales of %(period)s from %(start)s to below %(end)s") % words
            yield Term(f"steps.{one.id}.{place}", one.id, write_percent(band.rate), said)
        if one.apply == "marginal":
            value, meaning = _("each part by its own band"), _("a higher band never lowers what the bands below it pay")
        else:
            value, meaning = _("the highest band reached"), _("its rate applies to all own sales of the period")
        yield Term(f"steps.{one.id}.apply", _("%(id)s applies") % {"id": one.id}, value, meaning)


def _pools(plan: Plan) -> Iterator[Term]:
    for one in plan.pools:
        words = {
            "period": _periods()[one.period],
            "who": _("every active promoter")
            if one.eligible.rank is None
            else _("the ranks %(ranks)s") % {"ranks": ", ".join(one.eligible.rank)},
        }
        if one.split == "equal":
            said = _("of all net sales of %(period)s, shared equally among %(who)s") % words
        else:
            said = _("of all net sales of %(period)s, shared in proportion to own sales among %(who)s") % words
        yield Term(f"pools.{one.id}", one.id, write_percent(one.share), said, _ranks(one.eligible.rank))


def _release(plan: Plan) -> Iterator[Term]:
    after = _("After completion") if plan.release.after == "completed" else _("After payment")
    days = _("%(days)s days") % {"days": plan.release.days}
    yield Term("release", after, days, _("then a commission becomes available"))
    if plan.release.instant_below is not None:
        name = _("Below %(amount)s") % {"amount": _money(plan.release.instant_below, plan)}
        yield Term("release.instant_below", name, _("at once"), _("where the law of the market permits it"))
