"""What the steps and pools of a plan come to in figures, computed and told by what closes real periods."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rongshu.domain.commission.explanations.periods import Shared, why_pool, why_steps
from rongshu.domain.commission.explanations.shapes import Scale
from rongshu.domain.commission.explanations.words import Sentence, together
from rongshu.engine.calendar import local_day
from rongshu.engine.money import exponent
from rongshu.engine.periods import Length, fund_of, period_of, split_pool
from rongshu.engine.plan import Plan
from rongshu.engine.plan.model import Pool, Steps
from rongshu.interfaces.faces.terms import RewardExample
from rongshu.kernel.clock import to_micros

SOLD = 100_000
"""What the house of the example sells in a period, in whole units of the currency."""
TOGETHER, OWN = 20_000, 5_000
"""Own sales of all who share the pool of the example, and of the one it is told of."""
SHARERS = 8


def rewards_of(plan: Plan, zone: tzinfo, now: datetime, *, rank: str | None = None) -> tuple[RewardExample, ...]:
    """Every rule of steps and every pool, in the reader's language. With `rank` (empty: none) only what somebody of that rank may get."""
    return tuple(_rewards(plan, zone, now, rank))


def _rewards(plan: Plan, zone: tzinfo, now: datetime, rank: str | None) -> Iterator[RewardExample]:
    scale, unit = Scale(plan.currency, zone), 10 ** exponent(plan.currency)
    for steps in plan.steps:
        why = why_steps(steps, _reaching(steps, unit), scale, _days(steps.period, zone, now))
        yield _example("steps", steps.id, _("whoever sold that much, with their own sales alone"), list(why))
    for pool in plan.pools:
        ranks = pool.eligible.rank
        if rank is not None and ranks is not None and rank not in ranks:
            continue
        why = why_pool(pool, _sharing(pool, unit), scale, _days(pool.period, zone, now))
        who = (
            _("every promoter who is active at the end of the period")
            if ranks is None
            else _("whoever holds one of the ranks %(ranks)s at the end of the period") % {"ranks": ", ".join(ranks)}
        )
        yield _example("pool", pool.id, who, list(why))


def _example(kind: str, name: str, who: str, why: list[Sentence]) -> RewardExample:
    return RewardExample(kind, name, who, together(why, get_language() or "zh-hans"))


def _reaching(steps: Steps, unit: int) -> int:
    """Own sales that reach the highest band by a half of where it begins."""
    top = steps.bands[-1].start
    return top + top // 2 if top else SOLD // 10 * unit


def _sharing(pool: Pool, unit: int) -> Shared:
    fund = fund_of(pool, SOLD * unit)
    if pool.split == "equal":
        weights = np.ones(SHARERS, dtype=np.int64)
    else:
        weights = np.array([OWN * unit, (TOGETHER - OWN) * unit], dtype=np.int64)
    share = split_pool(fund, weights, np.arange(len(weights)))
    return Shared(SOLD * unit, fund, int(weights.sum()), int(weights[0]), int(share[0]))


def _days(length: Length, zone: tzinfo, now: datetime) -> tuple[str, str]:
    period = period_of(local_day(to_micros(now), zone), length)
    return period.first_day.isoformat(), (period.next_first_day - timedelta(days=1)).isoformat()
