"""From tables with ids to the arrays rating reads: every id and word becomes a number once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from rongshu.engine.rating.frames import (
    BEGINNING,
    FIRST,
    FOREVER,
    I64,
    NONE,
    REPEAT,
    UNKNOWN,
    Lines,
    Orders,
    Promoters,
    RankHistory,
    Usage,
)

ORDER_WORDS = ("tier", "channel", "store", "region")


@dataclass(frozen=True, slots=True)
class Arrays:
    """What rating reads, and the tables its row numbers point into."""

    promoters: Promoters
    orders: Orders
    lines: Lines
    order_table: pl.DataFrame
    """One row an order, in the sequence of `orders`: `order_id`, `paid_at`."""
    line_table: pl.DataFrame
    """One row a line, in the sequence of `lines`."""


def arrays_of(orders: pl.DataFrame, promoters: pl.DataFrame, changes: pl.DataFrame | None = None) -> Arrays:
    """Number everything. Orders are put in the sequence `(paid_at, order_id)`, lines in that of their numbers.

    A promoter without `active_from` is active from joining, without either since always. Whether an order is its
    buyer's first is decided over all orders given, unless its `order` says it. `changes` are those of ranks; of changes of
    one promoter at one instant the later row counts.
    """
    ids = promoters["promoter_id"]
    said = orders["order"] if "order" in orders.columns else pl.repeat(None, orders.height, dtype=pl.String, eager=True)
    orders = orders.drop("order", strict=False).with_columns(said=said)
    order_table = (
        orders.unique("order_id", keep="first", maintain_order=False)
        .select("order_id", "paid_at", "buyer_id", "promoter_id", "said", *ORDER_WORDS)
        .sort("paid_at", "order_id")
        .with_row_index("order")
    )
    line_table = (
        orders.join(order_table.select("order_id", "order"), on="order_id", how="left")
        .sort("order", "line_no")
        .drop("paid_at", "buyer_id", "promoter_id", "said", *ORDER_WORDS)
    )
    words = {name: _words(order_table[name]) for name in ORDER_WORDS}
    held = [promoters["rank"]] if changes is None else [promoters["rank"], changes["rank"], changes["before"]]
    rank_words = pl.concat([each.rename("rank") for each in held]).drop_nulls().unique().sort()
    skus, sku_words = _words(line_table["sku"])
    categories, category_words = _words(line_table["category"])
    joined = promoters["joined_at"]
    return Arrays(
        Promoters(
            inviter=_rows(promoters["inviter_id"], ids),
            rank=_rows(promoters["rank"], rank_words),
            joined_at=_numbers(joined, BEGINNING),
            active_from=_numbers(promoters["active_from"].fill_null(joined), BEGINNING),
            active_to=_numbers(promoters["active_to"], FOREVER),
            ranks=tuple(rank_words.to_list()),
            history=None if changes is None else _history(changes, ids, rank_words),
        ),
        Orders(
            paid_at=_numbers(order_table["paid_at"], 0),
            buyer=_rows(order_table["buyer_id"], ids),
            direct=_rows(order_table["promoter_id"], ids),
            first=_first(order_table["buyer_id"], order_table["said"]),
            tier=words["tier"][0],
            channel=words["channel"][0],
            store=words["store"][0],
            region=words["region"][0],
            tiers=words["tier"][1],
            channels=words["channel"][1],
            stores=words["store"][1],
            regions=words["region"][1],
        ),
        Lines(
            order=_numbers(line_table["order"], 0),
            line_no=_numbers(line_table["line_no"], 0),
            sku=skus,
            category=categories,
            qty=_numbers(line_table["qty"], 1),
            paid=_numbers(line_table["paid"], 0),
            cost=_numbers(line_table["cost"], 0),
            skus=sku_words,
            categories=category_words,
        ),
        order_table,
        line_table,
    )


def usage_of(used: pl.DataFrame, ids: pl.Series) -> Usage:
    """What promoters had accrued before the orders, from rows of `USED`; whoever is not in `ids` is left out."""
    rows = used.with_columns(row=pl.Series(_rows(used["promoter_id"], ids))).filter(pl.col("row") != NONE)

    def of(period: str) -> dict[tuple[int, int], int]:
        given = rows.filter(pl.col(period).is_not_null()).select("row", period, "used")
        return {(row, number): units for row, number, units in given.iter_rows()}

    return Usage(day=of("day"), month=of("month"))


def _history(changes: pl.DataFrame, ids: pl.Series, words: pl.Series) -> RankHistory | None:
    rows = changes.with_columns(row=pl.Series(_rows(changes["promoter_id"], ids))).filter(pl.col("row") != NONE)
    if rows.is_empty():
        return None
    rows = rows.sort("row", "since", maintain_order=True)
    return RankHistory(
        _numbers(rows["row"], NONE),
        _numbers(rows["since"], BEGINNING),
        _rows(rows["rank"], words),
        _rows(rows["before"], words),
    )


def _first(buyers: pl.Series, said: pl.Series) -> I64:
    """For orders in sequence: what is `said`, else the first of each buyer; a buyer who is not known has neither."""
    first = np.where(buyers.is_first_distinct().to_numpy(), FIRST, REPEAT)
    first[buyers.is_null().to_numpy()] = UNKNOWN
    first[(said == "first").fill_null(False).to_numpy()] = FIRST
    first[(said == "repeat").fill_null(False).to_numpy()] = REPEAT
    return first


def _rows(ids: pl.Series, table: pl.Series) -> I64:
    """The row in `table` of each id, NONE for nobody and for somebody not in it."""
    return _numbers(ids.cast(pl.Enum(table), strict=False).to_physical(), NONE)


def _words(words: pl.Series) -> tuple[I64, tuple[str, ...]]:
    """A column of words as codes and the words they stand for; NONE for no word."""
    vocabulary = words.drop_nulls().unique().sort()
    return _rows(words, vocabulary), tuple(vocabulary.to_list())


def _numbers(values: pl.Series, nothing: int) -> I64:
    numbers: I64 = values.cast(pl.Int64).fill_null(nothing).to_numpy()
    return np.ascontiguousarray(numbers)
