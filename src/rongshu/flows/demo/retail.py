"""Orders, order lines and refunds from the published invoices of a UK gift retailer, 2010-12 to 2011-12.

What becomes an order line: a line of goods with a customer's price, of an invoice that is no cancellation. Everything
else is left out and counted by reason in `Retail.account`, so that the lines and the money of the source add up:

* carriage (POST, DOT, C2, 23444): the base of commission is without freight
* manual entries (M), discounts (D), samples (S), fees (BANK CHARGES, AMAZONFEE), a charity's commission (CRUK), gift
  vouchers (gift_…, money paid in advance) and the adjustments of bad debt (B, on A-invoices): not goods. A discount
  here is a separate cancellation that names no line, so it cannot be taken off what was paid for one
* negative quantities outside cancellations: stock corrections, without customer and price
* price 0, or less than half a penny for the whole line: nothing was paid

An invoice left without any line is no order. An invoice without a customer is a guest's order. Times of the source are
local minutes of Europe/London; the few invoices that straddle two minutes count from the first. Stock codes that differ
only in capital letters are the same article; `sku` is in capitals.

What becomes a refund: a cancelled line of goods (`C…` invoice) with a customer. It does not name its purchase; that is
found among the same customer's earlier lines of the same sku that still have pieces not refunded:

1. the latest line with enough pieces at the same unit price, else
2. the latest line with enough pieces at any price, else
3. several lines, those of the same price first, the latest first, until the pieces are used up.

The amount is what the cancellation gave back (its own pieces times its own price), never more than is left of what was
paid for the line. Pieces and pence without a purchase are counted in `Retail.shortfall`: most cancel purchases from
before the first day of the file.

An order completes 14 days after its payment, unless the data ends before: then it is still only paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import polars as pl

from rongshu.flows.demo.category import category_of

SOURCE = Path(__file__).parent / "data" / "online_retail.parquet"
ZONE = "Europe/London"
CURRENCY = "GBP"
COMPLETES_AFTER = timedelta(days=14)

GOODS = r"^(?:\d{5}|DCGS|PADS)"
"""Codes of goods: five digits, the articles sold under DCGS…, cushion pads."""
NOT_GOODS = {
    "23444": "carriage",
    "POST": "carriage",
    "DOT": "carriage",
    "C2": "carriage",
    "M": "manual entry",
    "D": "discount",
    "S": "sample",
    "BANK CHARGES": "fee",
    "AMAZONFEE": "fee",
    "CRUK": "charity commission",
    "B": "bad debt",
}
VOUCHER = "GIFT_"

ORDER_LINE, REFUND, REFUND_IN_PART = "order line", "refund", "refund in part"
LATER_LINE, LATER_REFUND = "beyond the limit: order line", "beyond the limit: refund"
CANCELLED = "left out: cancelled, "
NO_CUSTOMER, NO_PURCHASE, ALL_REFUNDED = (
    CANCELLED + "no customer",
    CANCELLED + "no earlier purchase",
    CANCELLED + "all earlier purchases already refunded",
)


class Share(NamedTuple):
    """Lines of the source with one fate, and their quantity times price in thousandths of a pound."""

    lines: int
    mills: int


@dataclass(frozen=True, slots=True)
class Retail:
    """What was loaded. Money is int64 pence, instants are UTC."""

    orders: pl.DataFrame
    """order_id, customer_id (null for a guest), paid_at, completed_at (null while only paid), country; by paid_at."""
    lines: pl.DataFrame
    """order_id, line_no (from 1, in the sequence of the invoice), sku, description, category, qty, unit_price, paid."""
    refunds: pl.DataFrame
    """refund_id, order_id, line_no, qty, amount, refunded_at; by time. `C536379-1` is line 1 of that cancellation,
    `C536379-1.2` its second part where one line refunds several purchases."""
    customers: pl.DataFrame
    """customer_id, first_at, country (of the first line), by first_at; everybody seen until `last_at`, also those of
    whom no order line was loaded."""
    account: dict[str, Share]
    """Every line of the source under its fate."""
    shortfall: dict[str, int]
    """Pence of the cancellations counted as `refund` or `refund in part` for which there is no refund, by reason."""
    last_at: datetime
    """The end of the data: the last instant of the source, or the payment of the last order within the limit."""


def load_retail(limit_orders: int | None = None) -> Retail:
    """The whole file, or its first orders by (paid_at, order_id) with all their refunds, later ones included."""
    lines = _sorted_out(read_lines())
    sold = lines.filter(pl.col("fate") == ORDER_LINE).with_columns(
        line_no=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("InvoiceNo")
    )
    orders = (
        sold.group_by(pl.col("InvoiceNo").alias("order_id"))
        .agg(pl.col("CustomerID").first().alias("customer_id"), pl.col("Country").first().alias("country"))
        .join(
            lines.group_by(pl.col("InvoiceNo").alias("order_id")).agg(pl.col("at").min().alias("paid_at")), "order_id"
        )
        .sort("paid_at", "order_id")
    )
    last_at = _instant(lines["at"].max())
    if limit_orders is not None and limit_orders < len(orders):
        orders = orders.head(limit_orders)
        last_at = _instant(orders["paid_at"].max() if limit_orders else lines["at"].min())
    kept = pl.col("InvoiceNo").is_in(orders["order_id"].implode())
    found = _within(_match(sold, lines.filter(pl.col("fate") == REFUND)), orders["order_id"])
    lines = lines.join(found.fates, "row", "left", maintain_order="left").with_columns(
        fate=pl.when((pl.col("fate") == ORDER_LINE) & ~kept)
        .then(pl.lit(LATER_LINE))
        .otherwise(pl.coalesce("found", "fate"))
    )
    return Retail(
        orders=orders.select(
            "order_id", "customer_id", "paid_at", _completed_at(last_at).alias("completed_at"), "country"
        ),
        lines=_order_lines(sold.filter(kept)),
        refunds=found.parts.filter(pl.col("amount") > 0).drop("row", "wanted"),
        customers=lines.drop_nulls("CustomerID")
        .filter(pl.col("at") <= last_at)
        .group_by(pl.col("CustomerID").alias("customer_id"), maintain_order=True)
        .agg(pl.col("at").first().alias("first_at"), pl.col("Country").first().alias("country"))
        .sort("first_at", maintain_order=True),
        account={
            fate: Share(count, mills)
            for fate, count, mills in lines.group_by("fate").agg(pl.len(), pl.col("mills").sum()).sort("fate").rows()
        },
        shortfall=found.shortfall,
        last_at=last_at,
    )


def read_lines() -> pl.DataFrame:
    """The source as published: eight columns, in its sequence. Packed descriptions are restored."""
    text = pl.col("Description").forward_fill().over("StockCode")
    return pl.read_parquet(SOURCE).with_columns(Description=pl.when(text != "").then(text))


def _sorted_out(source: pl.DataFrame) -> pl.DataFrame:
    """Every line with its row, instant, sku, money and first fate; which refunds have a purchase is not known yet."""
    code = pl.col("sku")
    goods = code.str.contains(GOODS) & ~code.is_in(list(NOT_GOODS))
    kind = code.replace_strict(NOT_GOODS, default=pl.when(code.str.starts_with(VOUCHER)).then(pl.lit("voucher")))
    cancelled = pl.col("InvoiceNo").str.starts_with("C")
    return source.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("row"),
        "InvoiceNo",
        "CustomerID",
        "Country",
        "Description",
        pl.col("StockCode").str.to_uppercase().alias("sku"),
        pl.col("Quantity").cast(pl.Int64).alias("qty"),
        (pl.col("UnitPrice") * 1000).round().cast(pl.Int64).alias("price_mills"),
        pl.col("InvoiceDate")
        .dt.cast_time_unit("us")
        .dt.replace_time_zone(ZONE)
        .dt.convert_time_zone("UTC")
        .alias("at"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("InvoiceNo").alias("position"),
    ).with_columns(mills=pl.col("qty") * pl.col("price_mills")).with_columns(
        pence=_pence(pl.col("mills")),
        fate=pl.when(~goods & cancelled)
        .then(CANCELLED + kind.fill_null("other"))
        .when(~goods)
        .then("left out: " + kind.fill_null("other"))
        .when(cancelled)
        .then(pl.when(pl.col("CustomerID").is_null()).then(pl.lit(NO_CUSTOMER)).otherwise(pl.lit(REFUND)))
        .when(pl.col("qty") <= 0)
        .then(pl.lit("left out: stock correction"))
        .when(pl.col("mills") <= 0)
        .then(pl.lit("left out: price 0"))
        .when(_pence(pl.col("mills")) == 0)
        .then(pl.lit("left out: less than half a penny"))
        .otherwise(pl.lit(ORDER_LINE)),
    )  # fmt: skip


def _pence(mills: pl.Expr) -> pl.Expr:
    """Thousandths of a pound to pence, half up, in integers."""
    return (mills + 5) // 10


def _order_lines(sold: pl.DataFrame) -> pl.DataFrame:
    names = (
        sold.group_by("sku", "Description").len().sort("len", "Description", descending=[True, False])
        .unique("sku", keep="first", maintain_order=True)
        .select("sku", category_of("Description").alias("category"))
    )  # fmt: skip
    return sold.join(names, "sku", "left", maintain_order="left").select(
        pl.col("InvoiceNo").alias("order_id"),
        "line_no",
        "sku",
        pl.col("Description").alias("description"),
        "category",
        "qty",
        _pence(pl.col("price_mills")).alias("unit_price"),
        pl.col("pence").alias("paid"),
    )


def _completed_at(last_at: datetime) -> pl.Expr:
    completed = pl.col("paid_at") + pl.duration(days=COMPLETES_AFTER.days)
    return pl.when(completed < last_at).then(completed)


def _instant(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError(f"not an instant: {value!r}")
    return value


@dataclass(slots=True)
class _Purchase:
    """An order line with what of it has not been refunded yet."""

    row: int
    order_id: str
    line_no: int
    price_mills: int
    qty: int
    pence: int


class _Found(NamedTuple):
    parts: pl.DataFrame
    """As `Retail.refunds`, with the row of the cancelled line and what it gave back for these pieces (amount 0 too)."""
    fates: pl.DataFrame
    """row of the cancelled line, its fate in `found`, and the pence of its pieces that no purchase was found for."""
    shortfall: dict[str, int]


def _match(sold: pl.DataFrame, cancelled: pl.DataFrame) -> _Found:
    """Find the purchases that the cancelled lines refund, in the sequence of the source."""
    key = ["CustomerID", "sku"]
    bought: dict[tuple[int, str], list[_Purchase]] = {}
    for customer, sku, *rest in (
        sold.join(cancelled, on=key, how="semi")
        .sort("row")
        .select(*key, "row", "InvoiceNo", "line_no", "price_mills", "qty", "pence")
        .iter_rows()
    ):
        bought.setdefault((customer, sku), []).append(_Purchase(*rest))
    parts: list[tuple[int, str, str, int, int, int, datetime, int]] = []
    fates: list[tuple[int, str, int]] = []
    for row, customer, sku, invoice, position, qty, price, at in (
        cancelled.sort("row")
        .select("row", *key, "InvoiceNo", "position", pl.col("qty").neg(), "price_mills", "at")
        .iter_rows()
    ):
        earlier = [purchase for purchase in bought.get((customer, sku), ()) if purchase.row < row]
        done = part = 0
        for purchase in _chosen(earlier, qty, price):
            taken = min(purchase.qty, qty - done)
            wanted = _share(done + taken, price) - _share(done, price)
            amount = min(wanted, purchase.pence)
            done, part = done + taken, part + 1
            purchase.qty -= taken
            purchase.pence -= amount
            name = f"{invoice}-{position}" if part == 1 else f"{invoice}-{position}.{part}"
            parts.append((row, name, purchase.order_id, purchase.line_no, taken, amount, at, wanted))
        if done:
            missing = _share(qty, price) - _share(done, price)
            fates.append((row, REFUND if done == qty else REFUND_IN_PART, missing))
        else:
            fates.append((row, ALL_REFUNDED if earlier else NO_PURCHASE, 0))
    schema = pl.Schema([
        ("row", pl.Int64()), ("refund_id", pl.String()), ("order_id", pl.String()), ("line_no", pl.Int64()),
        ("qty", pl.Int64()), ("amount", pl.Int64()), ("refunded_at", pl.Datetime("us", "UTC")), ("wanted", pl.Int64()),
    ])  # fmt: skip
    return _Found(
        pl.DataFrame(parts, schema=schema, orient="row").sort("refunded_at", "row", maintain_order=True),
        pl.DataFrame(fates, schema={"row": pl.Int64, "found": pl.String, "missing": pl.Int64}, orient="row"),
        {},
    )


def _share(qty: int, price_mills: int) -> int:
    """Pence of so many pieces, half up."""
    return (qty * price_mills + 5) // 10


def _chosen(earlier: list[_Purchase], qty: int, price_mills: int) -> list[_Purchase]:
    """The purchases to refund, in the order to take them; `earlier` is in the sequence of the source."""
    latest = [purchase for purchase in reversed(earlier) if purchase.qty > 0]
    latest.sort(key=lambda purchase: purchase.price_mills != price_mills)
    enough = next((purchase for purchase in latest if purchase.qty >= qty), None)
    if enough is not None:
        return [enough]
    needed, chosen = qty, []
    for purchase in latest:
        if needed <= 0:
            break
        chosen.append(purchase)
        needed -= purchase.qty
    return chosen


def _within(found: _Found, order_ids: pl.Series) -> _Found:
    """What refunds these orders, with the fates that follow and the pence that no refund stands for."""
    inside = pl.col("order_id").is_in(order_ids.implode())
    kept, left = found.parts.filter(inside), found.parts.filter(~inside)
    refunding = pl.col("row").is_in(kept["row"].unique().implode())
    beyond = pl.col("row").is_in(left["row"].unique().implode())
    fates = found.fates.with_columns(
        found=pl.when(beyond & ~refunding).then(pl.lit(LATER_REFUND))
        .when(beyond).then(pl.lit(REFUND_IN_PART))
        .otherwise("found")
    )  # fmt: skip
    shortfall = {
        "more pieces than were bought": int(fates.filter(refunding)["missing"].sum()),
        "more than was paid": int((kept["wanted"] - kept["amount"]).sum()),
        "orders beyond the limit": int(left.filter(refunding)["wanted"].sum()),
    }
    return _Found(kept, fates, shortfall)
