"""Why somebody of the chain earned nothing, and why a whole order did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext_noop as _
from numpy.typing import NDArray

from rongshu.domain.commerce.orders.batch import coded
from rongshu.domain.commission.explanations.conditions import conditions
from rongshu.domain.commission.explanations.found import Found, FoundLine
from rongshu.domain.commission.explanations.ranks import RANK_KINDS, Standing, rank_silence, standings
from rongshu.domain.commission.explanations.trace import ROUNDED, rule_parts
from rongshu.domain.commission.explanations.words import Sentence, moment, money, product, say
from rongshu.domain.commission.rating.models import Commission
from rongshu.engine.money import round_half_up_rate
from rongshu.engine.plan import Plan
from rongshu.engine.plan.fields import write_percent
from rongshu.engine.rating import Lines, Orders, bases
from rongshu.engine.rating.conditions import Facts
from rongshu.engine.rating.frames import BEYOND, DIFFERENTIAL, ELIGIBLE, INACTIVE, IS_BUYER, LEVEL, NONE, PEER
from rongshu.engine.rating.rates import Rules, level_rates
from rongshu.kernel.clock import from_micros, to_micros

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Places:
    """The chain of an order with the level of each place; 0 where the place takes none."""

    promoters: list[int]
    states: list[int]
    levels: list[int]
    stood: tuple[Standing, ...] = ()
    """What each met by rank; empty under a plan without a differential."""


def places_of(found: Found) -> Places:
    """Who stood where. With `compress` only those who fit fill a level; without, the position is the level."""
    chain, states = list(found.rating.chain), list(found.rating.states)
    levels, filled = [], 0
    for position, state in enumerate(states, 1):
        fit = state in (ELIGIBLE, BEYOND)
        filled = filled + fit if found.plan is not None and found.plan.compress else position
        levels.append(filled if fit else 0)
    return Places(chain, states, levels, standings(found))


class Rated:
    """The order as the engine sees it, for the lines and levels that left no commission behind."""

    def __init__(self, found: Found) -> None:
        assert found.plan is not None
        self.found, self.plan = found, found.plan
        order = found.order
        words = {name: coded([getattr(order, name)]) for name in ("tier", "channel", "store", "region")}
        none = np.array([NONE], dtype=np.int64)
        self._orders = Orders(
            paid_at=np.array([to_micros(order.paid_at)], dtype=np.int64),
            buyer=none,
            direct=none,
            first=np.array([found.rating.first], dtype=np.int64),
            **{name: words[name][0] for name in ("tier", "channel", "store", "region")},
            tiers=words["tier"][1],
            channels=words["channel"][1],
            stores=words["store"][1],
            regions=words["region"][1],
        )
        sku, skus = coded([line.sku for line in found.lines])
        category, categories = coded([line.category for line in found.lines])
        columns = np.array([(line.line_no, line.qty, line.paid, line.cost) for line in found.lines], dtype=np.int64).T
        self._lines = Lines(
            order=np.zeros(len(found.lines), dtype=np.int64), line_no=columns[0], sku=sku, category=category,
            qty=columns[1], paid=columns[2], cost=columns[3], skus=skus, categories=categories,
        )  # fmt: skip
        self._facts = Facts(found.house.zone, found.promoters(), self._orders, self._lines)
        self.bases: list[int] = bases(self.plan, self._lines).tolist()

    def rates(self, level: int, promoter: int) -> list[tuple[int, int, str]]:
        """For each line (ppm or -1, fixed minor units a unit, rule) of a level."""
        rules = Rules()
        takers = self.found.upline.rows_of(np.array([promoter], dtype=np.int64))
        found = level_rates(self.plan, level, self._facts, takers, rules)
        codes = found.codes if found.by_line else found.codes.take(self._lines.order)
        words = list(rules.words)
        ppm, fixed, rule = found.ppm.take(codes), found.fixed.take(codes), found.rule.take(codes)
        return [(p, f, words[r]) for p, f, r in zip(ppm.tolist(), fixed.tolist(), rule.tolist(), strict=True)]


def silence(found: Found, rated: Rated, places: Places, place: int) -> tuple[Sentence, ...]:
    """Why the promoter at a place (from 0) earned nothing."""
    state, promoter = places.states[place], places.promoters[place]
    if state == INACTIVE:
        return (_inactive(found, promoter),)
    if state == IS_BUYER:
        template = _("The promoter is the buyer of this order; the plan pays nothing for one's own purchase.")
        return (say("is_buyer", template),)
    return (*_by_level(found, rated, places, place), *_by_rank(found, rated, places, place))


def _by_level(found: Found, rated: Rated, places: Places, place: int) -> Iterator[Sentence]:
    """Why the level of a place earns nothing, or nothing on some lines."""
    level = places.levels[place]
    if places.states[place] != BEYOND:
        yield from _on_lines(found, rated, level, places.promoters[place])
    elif rated.plan.differential is None:
        yield say("no_level", _("The plan has no level %(level)s; this place earns nothing."), level=level)
    elif rated.plan.levels:
        yield say("no_level", _("The plan has no level %(level)s."), level=level)


def _by_rank(found: Found, rated: Rated, places: Places, place: int) -> Iterator[Sentence]:
    """Why the rank of a place earns nothing, or nothing on some lines."""
    if not places.stood:
        return
    one, plan = places.stood[place], rated.plan
    none = rank_silence(found, plan, places.stood, one)
    if none is not None:
        yield none
        return
    kind = DIFFERENTIAL if one.earns else PEER
    assert plan.differential is not None
    ppm = one.rate - one.met
    if kind == PEER:
        ppm = 0 if plan.differential.peer is None else plan.differential.peer.rate
    lower = {
        row.line_no: row.before_caps
        for row in found.commissions
        if kind == PEER and row.kind == DIFFERENTIAL and row.beneficiary_id == places.promoters[one.source or 0]
    }

    def why(line: FoundLine, base: int) -> Sentence:
        if base and kind == PEER and line.line_no not in lower:
            name = found.called(places.promoters[one.source or 0])
            return say("no_source", _("%(name)s below earned nothing by rank to have a part of."), name=name)
        return _nothing_of(plan, base if kind == DIFFERENTIAL or not base else lower[line.line_no], ppm)

    rows = {row.line_no: row for row in found.commissions if _is_of(row, kind, places.promoters[place])}
    yield from _line_by_line(found, rated, rows, why)


def _is_of(row: Commission, kind: int, promoter: int) -> bool:
    return row.kind == kind and row.beneficiary_id == promoter


def _inactive(found: Found, promoter: int) -> Sentence:
    """The dates are the promoter's of today; where they no longer tell, the plain sentence does."""
    row = int(found.upline.rows_of(np.array([promoter], dtype=np.int64))[0])
    paid_at, zone = to_micros(found.order.paid_at), found.house.zone
    if row >= 0 and paid_at < (start := int(found.upline.active_from[row])):
        at = moment(from_micros(start), zone)
        return say("inactive", _("The promoter joined on %(at)s, after this order was paid."), at=at)
    if row >= 0 and paid_at >= (end := int(found.upline.active_to[row])):
        at = moment(from_micros(end), zone)
        return say("inactive", _("The promoter stopped promoting on %(at)s, before this order was paid."), at=at)
    return say("inactive", _("The promoter was not active when this order was paid."))


def _on_lines(found: Found, rated: Rated, level: int, promoter: int) -> Iterator[Sentence]:
    """Line by line; one sentence when it is the same for all of them."""
    rates = dict(zip([line.line_no for line in found.lines], rated.rates(level, promoter), strict=True))

    def why(line: FoundLine, base: int) -> Sentence:
        return _no_row(rated.plan, level, base, *rates[line.line_no])

    rows = {row.line_no: row for row in found.commissions if _is_of(row, LEVEL, promoter)}
    yield from _line_by_line(found, rated, rows, why)


def _line_by_line(
    found: Found, rated: Rated, rows: dict[int, Commission], why: Callable[[FoundLine, int], Sentence]
) -> Iterator[Sentence]:
    """Of each line without an amount why; `rows` by line number, `why` for a line that left no row and its base."""
    whys: list[Sentence | None] = []
    for line, base in zip(found.lines, rated.bases, strict=True):
        row = rows.get(line.line_no)
        if row is None:
            whys.append(why(line, base))
        elif row.amount == 0:
            whys.append(_capped(rated.plan, row.cut_order, row.cut_day, row.cut_month, row.before_caps))
        else:
            whys.append(None)
    said = [(line, sentence) for line, sentence in zip(found.lines, whys, strict=True) if sentence is not None]
    if len(found.lines) == 1 or len(set(map(repr, whys))) == 1:
        yield from (sentence for _line, sentence in said[:1])
        return
    for line, sentence in said:
        yield say("on_line", _("Line %(line)s (%(sku)s): %(why)s"), line=line.line_no, sku=line.sku, why=sentence)


def line_silences(found: Found, rated: Rated, places: Places, place: int) -> tuple[Sentence, ...]:
    """For somebody who earned: the lines on which they earned nothing, and why."""
    promoter = places.promoters[place]
    kinds = {row.kind for row in found.commissions if row.beneficiary_id == promoter and row.amount}
    return (
        *(_on_lines(found, rated, places.levels[place], promoter) if LEVEL in kinds else ()),
        *(_by_rank(found, rated, places, place) if kinds & {*RANK_KINDS} else ()),
    )


def _no_row(plan: Plan, level: int, base: int, ppm: int, fixed: int, rule: str) -> Sentence:
    if base == 0 or fixed or (ppm > 0 and round_half_up_rate(base, ppm)):
        return _nothing_of(plan, base, ppm)
    if ppm <= 0:
        nothing = money(fixed, plan.currency) if ppm < 0 else write_percent(0)
        override, _boosts = rule_parts(plan, rule)
        if override is None:
            return say("rate_zero", _("The plan pays %(rate)s at level %(level)s."), rate=nothing, level=level)
        return say(
            "rate_zero",
            _("Override %(id)s pays %(rate)s at level %(level)s: %(conditions)s."),
            id=override.id, rate=nothing, level=level, conditions=conditions(override.when, plan.currency),
        )  # fmt: skip
    return _nothing_of(plan, base, ppm)


def _nothing_of(plan: Plan, base: int, ppm: int) -> Sentence:
    """Why a rate of a base left no row."""
    if base == 0 and plan.basis == "margin":
        return say("no_base", _("The commission base is 0: there is no margin."))
    if base == 0:
        return say("no_base", _("The commission base is 0: nothing was paid."))
    if ppm < 0 or round_half_up_rate(base, ppm):
        # What the rule looked at (a rank) is known otherwise now than it was at the rating.
        return say("nothing", _("The rules that applied when the order was rated came to 0."))
    return say(
        "rounded",
        ROUNDED,
        base=money(base, plan.currency), rate=write_percent(ppm), exact=product(base, ppm, plan.currency),
        amount=money(0, plan.currency),
    )  # fmt: skip


def _capped(plan: Plan, order: int, day: int, month: int, before: int) -> Sentence:
    """The cap that took the last of it: the month counts after the day, the day after the order."""
    amount = money(before, plan.currency)
    if month and plan.caps.promoter_month is not None:
        cap = money(plan.caps.promoter_month, plan.currency)
        template = _("The month's cap of %(cap)s was already reached; %(amount)s fell away.")
        return say("capped", template, cap=cap, amount=amount)
    if day and plan.caps.promoter_day is not None:
        cap = money(plan.caps.promoter_day, plan.currency)
        template = _("The day's cap of %(cap)s was already reached; %(amount)s fell away.")
        return say("capped", template, cap=cap, amount=amount)
    rate = write_percent(plan.caps.order or 0)
    return say("capped", _("The order's cap of %(cap)s left nothing of %(amount)s."), cap=rate, amount=amount)


def whole_silence(found: Found, places: Places, earned: int) -> tuple[Sentence, ...] | None:
    """None when the order earned; else why it earned nothing, or () where each place has its own reason."""
    if earned:
        return None
    if found.plan is None:
        return (say("no_version", _("No plan was in force when this order was paid.")),)
    if not places.promoters:
        return (say("nobody", _("The order is credited to no promoter.")),)
    if len(places.promoters) == 1 and places.states == [IS_BUYER]:
        template = _("The order is credited to its own buyer; the plan pays nothing for one's own purchase.")
        return (say("self_purchase", template),)
    return ()
