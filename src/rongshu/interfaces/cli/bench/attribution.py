"""A million clicks attributed to orders beside a bare join of the same frames on the buyer."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from rongshu.engine.attribution import KINDS, NOBODY, Active, Bonds, Orders, Policy, Touches, credit
from rongshu.engine.attribution.frames import DAY, FOREVER
from rongshu.interfaces.cli.bench.timing import best_seconds

YEAR = 365 * DAY


def run(clicks: int) -> dict[str, Any]:
    """Measures with a fifth as many orders, by a tenth as many buyers, for 5,000 promoters. Seconds, and their ratios to the join's."""
    draw = np.random.default_rng(1)
    orders, buyers, promoters = clicks // 5, clicks // 10, 5_000
    touches = Touches(
        draw.integers(0, buyers, clicks), draw.integers(0, promoters, clicks), draw.integers(0, YEAR, clicks),
        draw.integers(0, len(KINDS), clicks),
    )  # fmt: skip
    nobody = np.full(orders, NOBODY, dtype=np.int64)
    code = np.where(draw.random(orders) < 0.1, draw.integers(0, promoters, orders), NOBODY)
    asked = Orders(draw.integers(0, buyers, orders), draw.integers(0, YEAR, orders), code, nobody, nobody)
    active = Active(np.zeros(promoters, dtype=np.int64), np.full(promoters, FOREVER))
    left = pl.DataFrame({"who": asked.subject, "paid_at": asked.paid_at})
    right = pl.DataFrame({"who": touches.subject, "promoter": touches.promoter, "at": touches.at})
    join = best_seconds(lambda: left.join(right, on="who"), 3)
    figures: dict[str, Any] = {"clicks": clicks, "orders": orders, "join_s": join}
    policies = {
        "last_touch": Policy(),
        "first_touch": Policy(touch="first", windows={"click": 30, "view": 1, "scan": 10}),
        "bond_at_touch": Policy(bond_at_touch=True, bond_days=30),
    }
    for name, policy in policies.items():
        seconds = best_seconds(lambda policy=policy: credit(asked, touches, Bonds.none(buyers), active, policy), 2)  # type: ignore[misc]
        figures |= {f"{name}_s": seconds, f"{name}_ratio": seconds / join}
    return figures
