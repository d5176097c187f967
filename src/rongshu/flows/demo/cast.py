"""Who is who in the demo, and the files a simulation reads.

Real: the customers, as numbers, and when they first bought. Synthetic, drawn from a seed: who invited whom, and who
promotes without having recruited anybody. The retailer had no such programme, and no name here belongs to anybody.

* Every customer is a member, `c-<CustomerID>`, and joins within the minute before its first invoice, one second after
  another where several share it. So the order of joining is the order of first purchase, and strict.
* A synthetic forest over that order gives most members an inviter who joined before them.
* Whoever recruited somebody is a promoter from the day of joining, and so is a tenth of the others.
* A member is bonded to its inviter: every order is credited to the buyer's inviter, a guest's or a root's to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from rongshu.flows.demo.forest import I64, invite, sum_below
from rongshu.flows.demo.retail import Retail

SEED = 1
ALSO_PROMOTE = 0.10
"""The share of those who recruited nobody who promote nevertheless."""


@dataclass(frozen=True, slots=True)
class Cast:
    members: pl.DataFrame
    """external_id, display_name, inviter_external_id (null for a root), is_promoter, rank ('' throughout), joined_at,
    country, team (promoters below, at any depth); in the order of joining."""
    credits: pl.DataFrame
    """order_id, buyer (null for a guest), promoter (null for nobody), in the sequence of `Retail.orders`."""
    inviter: I64
    """The row in `members` of each member's inviter, -1 for a root."""


def cast_members(retail: Retail, seed: int = SEED) -> Cast:
    """The members of the customers loaded, the synthetic forest over them, and to whom each order is credited."""
    people = retail.customers.with_columns(
        external_id=pl.format("c-{}", "customer_id"),
        joined_at=pl.col("first_at") + pl.duration(seconds=pl.int_range(pl.len()).over("first_at") - 60),
    )
    inviter = invite(len(people), seed)
    recruited = np.bincount(inviter[inviter >= 0], minlength=len(people)) > 0
    also = np.random.default_rng([seed, 1]).random(len(people)) < ALSO_PROMOTE
    promoter = recruited | also
    ids = people["external_id"]
    above = pl.Series("inviter_external_id", inviter, dtype=pl.Int64)
    members = people.select(
        "external_id",
        pl.format("Customer {}", "customer_id").alias("display_name"),
        ids.gather(above.set(above < 0, None)).alias("inviter_external_id"),
        pl.Series("is_promoter", promoter),
        pl.lit("").alias("rank"),
        "joined_at",
        "country",
        pl.Series("team", sum_below(inviter, promoter.astype(np.int64))),
    )
    credits = retail.orders.select("order_id", pl.format("c-{}", "customer_id").alias("buyer")).join(
        members.select(pl.col("external_id").alias("buyer"), pl.col("inviter_external_id").alias("promoter")),
        "buyer",
        "left",
        maintain_order="left",
    )
    return Cast(members, credits, inviter)


def portal_promoters(cast: Cast) -> tuple[str, str]:
    """Two promoters worth looking at: the one with the largest team, and one in the middle of a tree.

    The middle one has an inviter and a team, whose size is the nearest to the square root of the largest (the earliest
    of several). Where nobody is like that it is the largest again.
    """
    promoters = cast.members.filter("is_promoter").with_row_index("place")
    largest = promoters.sort("team", "place", descending=[True, False]).row(0, named=True)
    middle = promoters.filter(pl.col("inviter_external_id").is_not_null() & (pl.col("team") > 0)).sort(
        (pl.col("team") - largest["team"] ** 0.5).abs(), "place"
    )
    return largest["external_id"], middle["external_id"][0] if len(middle) else largest["external_id"]


def simulation_files(retail: Retail, cast: Cast, folder: Path) -> None:
    """Write promoters.csv, orders.csv and refunds.csv, as `rongshu simulate` reads them.

    The retailer's costs are not known: `cost` is 0.00 throughout, so plans on margin make no sense with these files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cast.members.filter("is_promoter").select(
        pl.col("external_id").alias("promoter_id"),
        pl.col("inviter_external_id").alias("inviter_id"),
        pl.col("rank").replace("", None),
        _iso("joined_at"),
        _iso("joined_at").alias("active_from"),
        pl.lit(None, pl.String).alias("active_to"),
    ).write_csv(folder / "promoters.csv")
    retail.orders.select("order_id", "paid_at").join(cast.credits, "order_id", maintain_order="left").join(
        retail.lines, "order_id", maintain_order="left_right"
    ).select(
        "order_id",
        "line_no",
        pl.col("buyer").alias("buyer_id"),
        pl.col("promoter").alias("promoter_id"),
        "sku",
        "category",
        "qty",
        _decimal("paid"),
        pl.lit("0.00").alias("cost"),
        _iso("paid_at"),
    ).write_csv(folder / "orders.csv")
    retail.refunds.select("refund_id", "order_id", "line_no", _decimal("amount"), _iso("refunded_at")).write_csv(
        folder / "refunds.csv"
    )


def _iso(column: str) -> pl.Expr:
    return pl.col(column).dt.to_string("%Y-%m-%dT%H:%M:%S%:z")


def _decimal(column: str) -> pl.Expr:
    """Pence, never negative, as a decimal string of pounds."""
    return pl.format("{}.{}", pl.col(column) // 100, (pl.col(column) % 100).cast(pl.String).str.zfill(2)).alias(column)
