"""The most a plan can pay of the base, reasoned from its rules.

**Levels.** What a level pays of a line is its winning rate with its boosts, at most the whole base; a fixed amount is the
whole base of a unit cheap enough. Everything a rule can ask is in a few cells for each key (`cells.py`); what is asked of the
order is the same for every level, rank and time since joining are each beneficiary's own. So the most is the maximum over the
cells of the shared keys of the sum over the levels of their maxima over the cells of rank and days. One line suffices: the ratio of
an order is a mean of its lines' ratios, and one line can reach any `min_order`.

The maximum is found by branch and bound, the most promising branch first. What is left open is bounded override by override: its
rate, with all boosts that can hold in one of its own cells, each boost counted at that of its open keys where it adds least to
those counted there already, and of a key only one cell. Branches in which the same rules may hold are one branch. The first
that comes up with nothing left open is the maximum. A search that is given up answers with the bound.

**Differential.** On a chain every row pays the step from the highest rate met so far to its own; the steps add up to the highest
rate met, at most `top`, and a chain that ends in the top rank pays exactly `top`, whatever stands at its levels. Every row gives
the peer rate of its amount to at most `generations` others, and to as many when they follow it before the next rank: so
`top + top × peer × generations` is reached and never passed.

**Cap.** The order cap cuts the sum. **Steps** and **pools** are paid besides: of the sales of a period at most the highest
rate of each steps and the share of each pool.

Halves are rounded up row by row, so an order of few minor units may pay up to half a unit a row more than its ratio says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce
from heapq import heappop, heappush
from itertools import count
from operator import or_

from rongshu.engine.lint.cells import PRIVATE, SHARED, Cell, cells
from rongshu.engine.lint.report import Condition, Share, WorstCase
from rongshu.engine.money import MILLION
from rongshu.engine.plan import Boost, Override, Plan

MOST_LOOKS = 2_000_000
"""Overrides and boosts looked at, over all bounds, before a search is given up: about two seconds."""
MOST_STEPS = 3000
"""Branches looked at for whether an override can ever win, before it is taken to."""


def worst_case(plan: Plan) -> WorstCase:
    """The worst case of a plan, and an order that attains it."""
    search = _Search(plan, plan.level_numbers)
    best = search.run()
    shares = list(best.shares)
    together = best.ppm
    if plan.differential is not None:
        top = max(plan.differential.ranks, key=plan.differential.ranks.__getitem__)
        rate = plan.differential.ranks[top]
        shares.append(Share("differential", f"rank:{top}", rate))
        together += rate
        if (peer := plan.differential.peer) is not None:
            # Upwards: the figure is never below what is paid.
            extra = -(-rate * peer.rate * peer.generations // MILLION)
            shares.append(Share("peer", f"peer:{top}", extra))
            together += extra
    of_order = together if plan.caps.order is None else min(together, plan.caps.order)
    after: list[Share] = [
        Share("steps", steps.id, max(band.rate for band in steps.bands)) for steps in plan.steps if steps.bands
    ]
    after += [Share("pool", pool.id, pool.share) for pool in plan.pools]
    payee, payee_exact = _payee(plan)
    return WorstCase(
        ppm=of_order + sum(share.ppm for share in after),
        order_ppm=of_order,
        before_cap=together,
        exact=best.exact and payee_exact,
        conditions=best.conditions,
        shares=(*shares, *after),
        payee_ppm=payee if plan.caps.order is None else min(payee, plan.caps.order),
    )


def _payee(plan: Plan) -> tuple[int, bool]:
    """The most one promoter gets of an order: at one level, with the differential of the same rank when nobody below took it.

    A peer's row comes in place of a differential row of the own rank and is never more.
    """
    bonuses = () if plan.differential is None else tuple(plan.differential.ranks.items())
    found = [_Search(plan, (number,), bonuses).run() for number in plan.level_numbers]
    most = max([best.ppm for best in found] + [rate for _rank, rate in bonuses], default=0)
    return most, all(best.exact for best in found)


@dataclass(frozen=True, slots=True)
class _Best:
    ppm: int
    exact: bool
    conditions: tuple[Condition, ...] = ()
    shares: tuple[Share, ...] = ()


@dataclass(eq=False, slots=True)
class _Rule:
    """An override or a boost, by the bit it has in sets of rules."""

    bit: int
    keys: frozenset[str]
    places: tuple[str, ...]
    """The same, in the order of SHARED and PRIVATE."""
    ppm: int
    word: str
    fixed: bool = False
    beside: int = -1
    """The rules that can hold together with it."""


class _Search:
    """The maximum of what some levels pay together; `bonuses` come on top by the rank of the beneficiary (one level only)."""

    def __init__(self, plan: Plan, numbers: tuple[int, ...], bonuses: tuple[tuple[str, int], ...] = ()) -> None:
        self.plan, self.numbers = plan, numbers
        overrides = [one for one in plan.overrides if one.level in numbers]
        rules: list[Override | Boost] = [*overrides, *plan.boosts]
        whens = [rule.when for rule in rules]
        made = [_rule(1 << index, rule) for index, rule in enumerate(rules)]
        self.boosts = made[len(overrides) :]
        self.heaviest = sorted(self.boosts, key=lambda one: one.ppm, reverse=True)
        self.levels: dict[int, list[_Rule]] = {}
        """The overrides of each level, the one that wins over all others first."""
        for number in numbers:
            own = [one for one, override in zip(made, overrides, strict=False) if override.level == number]
            self.levels[number] = sorted(own, key=lambda one: (len(one.keys), one.bit), reverse=True)
        self.cells = {key: cells(key, whens, plan.currency, bonuses) for key in (*SHARED, *PRIVATE)}
        self.by_key = {key: sum(one.bit for one in made if key in one.keys) for key in (*SHARED, *PRIVATE)}
        self.boost_bits = sum(one.bit for one in self.boosts)
        self.of_level = {number: self.boost_bits | sum(one.bit for one in own) for number, own in self.levels.items()}
        for one in made:
            for key in one.keys:
                one.beside &= reduce(or_, (cell.rules for cell in self.cells[key] if cell.rules & one.bit), 0)
        self.all = (1 << len(rules)) - 1
        self._charges: dict[tuple[str, int, int], int] = {}
        self.looked = 0
        self._sums: dict[int, int] = {}
        self._bounds: dict[tuple[int, int, tuple[str, ...]], int] = {}
        self._added: dict[tuple[int, tuple[str, ...], int], int] = {}
        self._leaves: dict[tuple[int, int], tuple[int, Cell, Cell]] = {}

    @cached_property
    def bonus(self) -> int:
        return max(cell.bonus for cell in self.cells["rank"])

    def run(self) -> _Best:
        """The maximum and what attains it."""
        order = count()
        chosen: dict[str, Cell] = {}
        heap: list[tuple[int, int, int, tuple[str, ...], dict[str, Cell], bool]] = []
        heappush(heap, (-self._bound(self.all, SHARED), next(order), self.all, SHARED, chosen, False))
        seen: set[tuple[int, tuple[str, ...]]] = set()
        while self.looked <= MOST_LOOKS:
            negative, _number, rules, left, chosen, done = heappop(heap)
            if done:
                return self._found(-negative, rules, chosen)
            branches, rules, left, chosen = self._branches(rules, left, chosen)
            if not branches:
                exact = sum(self._leaf(number, rules)[0] for number in self.numbers)
                heappush(heap, (-exact, next(order), rules, (), chosen, True))
                continue
            for key, cell, held in branches:
                if (held, left) in seen:
                    continue
                seen.add((held, left))
                heappush(heap, (-self._bound(held, left), next(order), held, left, {**chosen, key: cell}, False))
        return _Best(-heap[0][0], exact=False)

    def _branches(
        self, rules: int, left: tuple[str, ...], chosen: dict[str, Cell]
    ) -> tuple[list[tuple[str, Cell, int]], int, tuple[str, ...], dict[str, Cell]]:
        """The cells of the key that decides most; keys that decide nothing any more are settled on the way."""
        most, deciding = 0, ""
        ways: dict[int, Cell] = {}
        open_keys: list[str] = []
        chosen = dict(chosen)
        for key in left:
            here = {rules & cell.rules: cell for cell in reversed(self.cells[key])}
            if len(here) == 1:
                ((rules, chosen[key]),) = here.items()
                continue
            open_keys.append(key)
            number = (rules & self.by_key[key]).bit_count()
            if number > most:
                most, deciding, ways = number, key, here
        if not deciding:
            return [], rules, (), chosen
        if not rules & self.by_key[deciding] & ~self.boost_bits:
            # Only boosts look at this key: where fewer of them hold, less is paid.
            ways = {
                held: cell
                for held, cell in ways.items()
                if not any(held | other == other for other in ways if other != held)
            }
        open_keys.remove(deciding)
        return [(deciding, cell, held) for held, cell in ways.items()], rules, tuple(open_keys), chosen

    def _bound(self, rules: int, left: tuple[str, ...]) -> int:
        """What nothing exceeds when these rules may still hold and these keys (and the private ones) are open."""
        return sum(self._level_bound(number, rules, left) for number in self.numbers) + self.bonus

    def _level_bound(self, number: int, rules: int, left: tuple[str, ...]) -> int:
        """The best of its overrides, each with the boosts that can hold beside it, down to the first that holds for sure."""
        known = self._bounds.get((number, rules & self.of_level[number], left))
        if known is not None:
            return known
        unsure = {*left, *PRIVATE}
        loose = self._boosts_bound(rules, left, None)
        most, sure = 0, False
        ways: list[tuple[int, _Rule]] = []
        for one in self.levels[number]:
            if one.bit & rules:
                if one.fixed:
                    most = max(most, MILLION if one.ppm else 0)
                else:
                    ways.append((one.ppm, one))
                if not one.keys & unsure:
                    sure = True
                    break
        if not sure:
            most = max(most, self.plan.levels[number].rate + loose)
        self.looked += 1 + len(ways)
        ways.sort(key=lambda way: way[0], reverse=True)
        for ppm, one in ways:
            if most >= min(ppm + loose, MILLION):
                break
            most = max(most, ppm + self._boosts_bound(rules & one.beside, left, one))
        most = min(most, MILLION)
        self._bounds[number, rules & self.of_level[number], left] = most
        return most

    def _boosts_bound(self, rules: int, left: tuple[str, ...], winner: _Rule | None) -> int:
        """What boosts add at most beside an override: each is counted at that of its open keys where it adds least, in one cell."""
        alive = rules & self.boost_bits
        known = self._added.get((alive, left, winner.bit if winner else 0))
        if known is not None:
            return known
        unsure = {*left, *PRIVATE}
        total, bit, inside = 0, winner.bit if winner else 0, winner.keys if winner else frozenset()
        charged: dict[str, tuple[int, int]] = {}
        charges = self._charges
        for one in self.heaviest:
            if not one.bit & alive:
                continue
            best, at, some = one.ppm + 1, "", 0
            for key in one.places:
                if key in unsure:
                    before, counted = charged.get(key, _NOTHING)
                    together = before | one.bit
                    known = charges.get((key, together, bit if key in inside else 0))
                    if known is None:
                        known = self._most_at(key, together, bit if key in inside else 0)
                    if known - counted < best:
                        best, at, some = known - counted, key, together
                        if not best:
                            break
            if at:
                charged[at] = (some, charged.get(at, _NOTHING)[1] + best)
                total += best
            else:
                total += one.ppm
        self.looked += len(self.boosts)
        self._added[alive, left, bit] = total
        return total

    def _most_at(self, key: str, some: int, bit: int) -> int:
        """The most that some boosts add together in one cell of a key; of those in which the rule of `bit` holds, unless it is 0."""
        held = {cell.rules & some for cell in self.cells[key] if cell.rules & bit == bit}
        most = self._charges[key, some, bit] = max((self._sum(way) for way in held), default=0)
        return most

    def _sum(self, some: int) -> int:
        """What some boosts add together."""
        known = self._sums.get(some)
        if known is None:
            known = self._sums[some] = sum(one.ppm for one in self.boosts if one.bit & some)
        return known

    def _leaf(self, number: int, rules: int) -> tuple[int, Cell, Cell]:
        """The most one level pays when the shared keys are settled, and the beneficiary's cells that give it."""
        known = self._leaves.get((number, rules))
        if known is None:
            own = rules & (sum(one.bit for one in self.levels[number]) | self.boost_bits)
            tried: set[tuple[int, int]] = set()
            known = (-1, self.cells["rank"][0], self.cells["promoter_days"][0])
            for rank in self.cells["rank"]:
                for days in self.cells["promoter_days"]:
                    held = own & rank.rules & days.rules
                    if (held, rank.bonus) not in tried:
                        tried.add((held, rank.bonus))
                        paid = self._paid(number, held)[0] + rank.bonus
                        if paid > known[0]:
                            known = (paid, rank, days)
            self._leaves[number, rules] = known
        return known

    def _paid(self, number: int, held: int) -> tuple[int, _Rule | None]:
        """What a level pays when exactly these rules hold, and by which override."""
        winner = next((one for one in self.levels[number] if one.bit & held), None)
        if winner is not None and winner.fixed:
            return (MILLION if winner.ppm else 0), winner
        rate = self.plan.levels[number].rate if winner is None else winner.ppm
        return min(rate + sum(one.ppm for one in self.boosts if one.bit & held), MILLION), winner

    def _found(self, ppm: int, rules: int, chosen: dict[str, Cell]) -> _Best:
        """The maximum in words: for each level its rule and boosts, and the conditions those rules ask for."""
        shares: list[Share] = []
        conditions: dict[tuple[int, str], Condition] = {}
        for number in self.numbers:
            _most, rank, days = self._leaf(number, rules)
            held = rules & rank.rules & days.rules
            paid, winner = self._paid(number, held)
            added = [one for one in self.boosts if one.bit & held] if winner is None or not winner.fixed else []
            word = "+".join([winner.word if winner else f"level-{number}", *(one.word for one in added)])
            shares.append(Share("level", word, paid, number, fixed=winner is not None and winner.fixed))
            for one in (winner, *added):
                for key in () if one is None else one.keys:
                    private = key in PRIVATE
                    cell = rank if key == "rank" else days if key == "promoter_days" else chosen[key]
                    level = number if private else 0
                    conditions[level, key] = Condition(key, cell.value, level)
        ordered = sorted(conditions.items(), key=lambda item: (item[0][0], _PLACE[item[0][1]]))
        return _Best(ppm, True, tuple(condition for _where, condition in ordered), tuple(shares))


_NOTHING = (0, 0)
_PLACE = {key: place for place, key in enumerate((*SHARED, *PRIVATE))}


def _rule(bit: int, rule: Override | Boost) -> _Rule:
    keys = frozenset(rule.when.given)
    places = tuple(sorted(keys, key=_PLACE.__getitem__))
    if isinstance(rule, Boost):
        return _Rule(bit, keys, places, rule.add, rule.id)
    if rule.fixed is not None:
        return _Rule(bit, keys, places, rule.fixed, rule.id, fixed=True)
    return _Rule(bit, keys, places, rule.rate or 0, rule.id)


def never_applies(plan: Plan) -> list[tuple[int, tuple[str, ...]]]:
    """The overrides (by position) that can never win, because it never holds, or wherever it does a
    stronger one of its level holds as well; with the ids of the stronger ones of its level."""
    found: list[tuple[int, tuple[str, ...]]] = []
    for level in plan.level_numbers:
        ranked = sorted(
            (index for index, one in enumerate(plan.overrides) if one.level == level),
            key=lambda index: (len(plan.overrides[index].when.given), index),
        )
        for place, index in enumerate(ranked):
            stronger = [plan.overrides[other] for other in ranked[place + 1 :]]
            if not _wins_somewhere(plan.overrides[index], stronger, plan.currency):
                found.append((index, tuple(one.id for one in stronger)))
    return sorted(found)


def _wins_somewhere(override: Override, stronger: list[Override], currency: str) -> bool:
    """Whether there is an order for which an override holds and none of the stronger ones."""
    whens = [override.when, *(one.when for one in stronger)]
    ways: dict[str, list[int]] = {}
    for key in (*SHARED, *PRIVATE):
        held = {cell.rules >> 1 for cell in cells(key, whens, currency) if cell.rules & 1}
        if not held:
            return False
        # Where fewer of the stronger ones hold there is more room: only the smallest sets matter.
        ways[key] = [one for one in held if not any(other & one == other and other != one for other in held)]
    steps = 0
    stack: list[tuple[int, tuple[str, ...]]] = [((1 << len(stronger)) - 1, tuple(ways))]
    while stack:
        alive, left = stack.pop()
        if not alive:
            return True
        steps += 1
        if steps > MOST_STEPS:
            return True
        if not left:
            continue
        deciding = min(left, key=lambda key: min((alive & way).bit_count() for way in ways[key]))
        rest = tuple(key for key in left if key != deciding)
        stack += [(alive & way, rest) for way in ways[deciding]]
    return False
