"""Plans that contradict themselves or the ladder: refused before review, whatever the jurisdiction."""

from __future__ import annotations

from collections.abc import Iterator

from rongshu.engine.lint.worst import worst_case
from rongshu.engine.money import MILLION, format_units
from rongshu.engine.plan import Plan, Problem
from rongshu.engine.plan.fields import write_percent
from rongshu.engine.plan.problems import shown
from rongshu.engine.ranks import Ladder


def contradictions(plan: Plan, ladder: Ladder | None) -> list[Problem]:
    """Every contradiction, with its path and a remedy in its words. Without a ladder any rank may be named."""
    found = [] if ladder is None else list(_unknown_ranks(plan, ladder))
    found += _fixed_above_caps(plan)
    worst = worst_case(plan)
    if worst.ppm > MILLION:
        path = "caps.order" if plan.caps.order is not None else "levels" if plan.levels else "differential"
        found.append(Problem(path, "more_than_base", {"value": write_percent(worst.ppm)}))
    return found


def _unknown_ranks(plan: Plan, ladder: Ladder) -> Iterator[Problem]:
    known = ", ".join(ladder.names)
    for key in ("overrides", "boosts"):
        for index, rule in enumerate(getattr(plan, key)):
            for rank in rule.when.rank or ():
                if rank not in ladder.names:
                    yield Problem(f"{key}[{index}].when.rank", "rank_unknown", {"value": shown(rank), "known": known})
    for rank in () if plan.differential is None else plan.differential.ranks:
        if rank not in ladder.names:
            yield Problem(f"differential.ranks.{rank}", "rank_unknown", {"value": shown(rank), "known": known})
    for index, pool in enumerate(plan.pools):
        for rank in pool.eligible.rank or ():
            if rank not in ladder.names:
                yield Problem(f"pools[{index}].eligible.rank", "rank_unknown", {"value": shown(rank), "known": known})


def _fixed_above_caps(plan: Plan) -> Iterator[Problem]:
    """A cap that not even one unit's fixed amount fits under."""
    for index, override in enumerate(plan.overrides):
        for name in ("promoter_day", "promoter_month"):
            cap = getattr(plan.caps, name)
            if override.fixed is not None and cap is not None and cap < override.fixed:
                amounts = {
                    "cap": format_units(cap, plan.currency),
                    "fixed": format_units(override.fixed, plan.currency),
                }
                yield Problem(f"overrides[{index}].fixed", "fixed_above_cap", {"name": f"caps.{name}", **amounts})
