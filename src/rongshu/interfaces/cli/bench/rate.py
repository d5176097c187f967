"""Speed of rating, as a ratio to one bare pass over the same lines measured in the same run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from rongshu.engine.calendar import DAY, instant_of
from rongshu.engine.plan import read_plan
from rongshu.engine.rating import Lines, Orders, Promoters, rate
from rongshu.engine.rating.frames import BEGINNING, FIRST, FOREVER, NONE, REPEAT
from rongshu.interfaces.cli.bench.timing import best_seconds

LIMIT = 25.0
"""Rating may cost this many bare passes at most."""
LIMIT_BY_RANK = 40.0
"""As many under a plan that also pays by rank, to chains of any depth."""

PLAN = """
name: bench
currency: CNY
jurisdiction: XX
levels:
  1: {rate: 10%}
  2: {rate: 3%}
overrides:
  - {id: first-order, level: 1, when: {order: first}, rate: 15%}
  - {id: beauty-gold, level: 1, when: {category: [beauty], rank: [gold, diamond]}, rate: 18%}
  - {id: flat-sku, level: 1, when: {sku: [S1, S2, S3]}, fixed: "5.00"}
  - {id: home-two, level: 2, when: {category: [home/kitchen]}, rate: 4%}
boosts:
  - {id: newcomer, when: {promoter_days: {below: 30}}, add: 2%}
  - {id: may, when: {paid: {from: 2026-05-01, to: 2026-05-08}}, add: 1%}
caps:
  order: 20%
  promoter_day: "500.00"
  promoter_month: "10000.00"
"""

BY_RANK = """
name: bench-by-rank
currency: CNY
jurisdiction: XX
levels:
  1: {rate: 10%}
  2: {rate: 3%}
  3: {rate: 1%}
differential:
  ranks: {silver: 4%, gold: 7%, diamond: 9%}
  peer: {rate: 10%, generations: 1}
"""


def frames(lines: int, seed: int = 7) -> tuple[Promoters, Orders, Lines]:
    """A year of a shop: `lines` lines of two and a half an order, a promoter for every ten orders."""
    rng = np.random.default_rng(seed)
    orders, members = max(lines * 2 // 5, 1), max(lines // 25, 2)
    start = instant_of(datetime(2026, 1, 1, tzinfo=UTC))
    inviter = (rng.random(members) * np.arange(members)).astype(np.int64)
    inviter[rng.random(members) < 0.05] = NONE
    inviter[0] = NONE
    joined = start + rng.integers(-200, 300, members) * DAY
    joined.sort()
    ranks = ("silver", "gold", "diamond")
    promoters = Promoters(
        inviter, rng.integers(-1, len(ranks), members), joined, np.where(rng.random(members) < 0.1, BEGINNING, joined),
        np.full(members, FOREVER), ranks,
    )  # fmt: skip
    nobody = np.full(orders, NONE)
    paid_at = np.sort(start + rng.integers(0, 365 * DAY, orders))
    direct = np.where(rng.random(orders) < 0.1, NONE, rng.integers(0, members, orders))
    buyer = np.where(rng.random(orders) < 0.8, NONE, rng.integers(0, members, orders))
    first = np.where(rng.random(orders) < 0.3, FIRST, REPEAT)
    order = np.sort(rng.integers(0, orders, lines))
    skus = tuple(f"S{number}" for number in range(4000))
    categories = ("beauty", "beauty/lips", "home", "home/kitchen/knives", "home/bath", "food", "food/tea", "toys")
    sku = rng.integers(0, len(skus), lines)
    return (
        promoters,
        Orders(paid_at, buyer, direct, first, nobody, nobody, nobody, nobody),
        Lines(order, np.arange(lines), sku, sku % len(categories), rng.integers(1, 5, lines),
              rng.integers(100, 50_000, lines), np.zeros(lines, dtype=np.int64), skus, categories),
    )  # fmt: skip


def bare_pass(promoters: Promoters, orders: Orders, lines: Lines) -> int:
    """The least one can do: the credited lines, times a rate, summed by promoter. Returns the sum, minor units."""
    direct = orders.direct.take(lines.order)
    frame = pl.DataFrame({"promoter": direct, "paid": lines.paid})
    grouped = (
        frame.lazy()
        .filter(pl.col("promoter") >= 0)
        .with_columns(amount=(pl.col("paid") * 200_000 + 1_000_000) // 2_000_000)
        .group_by("promoter")
        .agg(pl.col("amount").sum())
        .collect()
    )
    return int(grouped["amount"].sum())


def run(lines: int = 1_000_000, rounds: int = 3) -> dict[str, Any]:
    """Seconds of rating, of rating by rank too, and of a bare pass, and their ratios; the best of `rounds` each.

    Rating by rank looks at three levels, the differential and peers, without recording the chains, as a simulation does.
    """
    plan, by_rank = read_plan(PLAN), read_plan(BY_RANK)
    zone = ZoneInfo("Asia/Shanghai")
    promoters, orders, of_lines = frames(lines)
    bare = best_seconds(lambda: bare_pass(promoters, orders, of_lines), rounds)
    rated = best_seconds(lambda: rate(plan, zone, promoters, orders, of_lines), rounds)
    ranked = best_seconds(lambda: rate(by_rank, zone, promoters, orders, of_lines, with_chains=False), rounds)
    rows = rate(plan, zone, promoters, orders, of_lines).rows
    rows_by_rank = len(rate(by_rank, zone, promoters, orders, of_lines, with_chains=False).rows)
    return {
        "what": "rate",
        "lines": lines,
        "orders": len(orders),
        "promoters": len(promoters),
        "rows": len(rows),
        "cut": int(np.count_nonzero(rows.amount != rows.before_caps)),
        "bare_seconds": round(bare, 4),
        "seconds": round(rated, 4),
        "ratio": round(rated / bare, 2),
        "limit": LIMIT,
        "rows_by_rank": rows_by_rank,
        "seconds_by_rank": round(ranked, 4),
        "ratio_by_rank": round(ranked / bare, 2),
        "limit_by_rank": LIMIT_BY_RANK,
        "ok": rated <= bare * LIMIT and ranked <= bare * LIMIT_BY_RANK,
    }
