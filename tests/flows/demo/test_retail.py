"""The published invoices as orders and refunds: nothing lost, nothing paid back twice."""

from datetime import UTC, datetime

import polars as pl
import pytest

from rongshu.flows.demo.retail import (
    ORDER_LINE,
    REFUND,
    REFUND_IN_PART,
    Retail,
    _chosen,
    _Purchase,
    load_retail,
    read_lines,
)


def _mills(retail: Retail, *fates: str) -> int:
    return sum(retail.account[fate].mills for fate in fates if fate in retail.account)


def test_the_source_is_whole() -> None:
    # The figures published for the data set.
    lines = read_lines()
    assert lines.height == 541_909
    assert lines["InvoiceNo"].n_unique() == 25_900
    assert lines["CustomerID"].n_unique() - 1 == 4_372
    assert lines["StockCode"].n_unique() == 4_070
    assert lines["Country"].n_unique() == 38
    assert lines["Description"].null_count() == 1_454
    assert lines["CustomerID"].null_count() == 135_080
    assert lines["InvoiceNo"].str.starts_with("C").sum() == 9_288
    assert (lines["Quantity"] * lines["UnitPrice"]).sum() == pytest.approx(9_747_747.934, abs=0.0005)
    assert (lines["InvoiceDate"].min(), lines["InvoiceDate"].max()) == (
        datetime(2010, 12, 1, 8, 26),  # noqa: DTZ001 the source has local times
        datetime(2011, 12, 9, 12, 50),  # noqa: DTZ001
    )


def test_descriptions_are_unpacked() -> None:
    lines = read_lines()
    assert lines.filter(InvoiceNo="536365")["Description"].to_list()[:2] == [
        "WHITE HANGING HEART T-LIGHT HOLDER",
        "WHITE METAL LANTERN",
    ]
    assert (lines["Description"] != "").all()


@pytest.mark.parametrize("limit", [None, 0, 300, 5_000])
def test_every_line_and_every_penny_is_accounted_for(limit: int | None, retail: Retail) -> None:
    loaded = retail if limit is None else load_retail(limit)
    assert sum(share.lines for share in loaded.account.values()) == 541_909
    assert sum(share.mills for share in loaded.account.values()) == 9_747_747_934
    assert loaded.lines.height == sum(s.lines for fate, s in loaded.account.items() if fate == ORDER_LINE)
    assert loaded.lines["paid"].sum() * 10 == _mills(loaded, ORDER_LINE)
    returned = loaded.refunds["amount"].sum() + sum(loaded.shortfall.values())
    assert returned * 10 == -_mills(loaded, REFUND, REFUND_IN_PART)


def test_the_whole_file(retail: Retail) -> None:
    assert (retail.orders.height, retail.lines.height, retail.refunds.height) == (19_773, 527_679, 7_568)
    assert retail.customers.height == 4_372
    assert retail.orders["customer_id"].null_count() == 1_371
    assert retail.lines["paid"].sum() == 1_027_023_306
    assert retail.refunds["amount"].sum() == 45_041_831
    assert retail.account["left out: price 0"].lines == 1_161
    assert retail.account["left out: stock correction"].lines == 1_336
    assert retail.account["left out: bad debt"].mills == -11_062_060
    assert retail.account["left out: cancelled, no earlier purchase"].lines == 1_031


def test_orders(retail: Retail) -> None:
    assert retail.orders["order_id"].is_unique().all()
    assert retail.orders.select("paid_at", "order_id").equals(
        retail.orders.select("paid_at", "order_id").sort("paid_at", "order_id")
    )
    assert set(retail.orders["order_id"]) == set(retail.lines["order_id"])
    assert retail.orders["order_id"].str.contains(r"^\d{6}$").all()


def test_times_are_utc(retail: Retail) -> None:
    paid_at = dict(retail.orders.select("order_id", "paid_at").iter_rows())
    assert paid_at["536365"] == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    summer = read_lines().filter(InvoiceNo="558638")["InvoiceDate"][0]
    assert paid_at["558638"].hour == summer.hour - 1
    straddling = read_lines().filter(InvoiceNo="536591")["InvoiceDate"]
    assert straddling.n_unique() == 2
    assert paid_at["536591"].replace(tzinfo=None) == straddling.min()


def test_lines(retail: Retail) -> None:
    lines = retail.lines
    assert (lines["paid"] == lines["qty"] * lines["unit_price"]).all()
    assert (lines["paid"] > 0).all()
    assert (lines["line_no"] == lines.select(pl.int_range(1, pl.len() + 1).over("order_id")).to_series()).all()
    assert lines["sku"].str.contains(r"^(\d{5}|DCGS|PADS)").all()
    assert "23444" not in lines["sku"]  # next day carriage
    first = lines.row(0, named=True)
    assert (first["order_id"], first["line_no"], first["sku"], first["qty"], first["paid"]) == (
        "536365",
        1,
        "85123A",
        6,
        1530,
    )


def test_a_sku_has_one_category(retail: Retail) -> None:
    assert (retail.lines.group_by("sku").agg(pl.col("category").n_unique())["category"] == 1).all()
    categories = dict(retail.lines.select("sku", "category").unique().iter_rows())
    assert categories["22086"] == "seasonal/christmas"  # PAPER CHAIN KIT 50'S CHRISTMAS
    assert categories["85099B"] == "bags"  # JUMBO BAG RED RETROSPOT
    assert categories["22423"] == "home/kitchen"  # REGENCY CAKESTAND 3 TIER
    assert categories["85123A"] == "home/lighting"
    other = retail.lines.filter(category="other")["paid"].sum()
    assert other / retail.lines["paid"].sum() < 0.03


def test_refunds_stay_within_what_was_bought(retail: Retail) -> None:
    refunds = retail.refunds
    assert refunds["refund_id"].is_unique().all()
    assert (refunds["amount"] > 0).all()
    totals = refunds.group_by("order_id", "line_no").agg(
        pl.col("qty").sum().alias("returned"), pl.col("amount").sum().alias("back")
    )
    lines = totals.join(retail.lines, ["order_id", "line_no"])
    assert lines.height == totals.height
    assert (lines["returned"] <= lines["qty"]).all()
    assert (lines["back"] <= lines["paid"]).all()


def test_refunds_belong_to_the_same_customer_and_article(retail: Retail) -> None:
    cancelled = (
        read_lines()
        .filter(pl.col("InvoiceNo").str.starts_with("C"))
        .with_columns(
            line=pl.format("{}-{}", "InvoiceNo", pl.int_range(1, pl.len() + 1).over("InvoiceNo")),
            sku=pl.col("StockCode").str.to_uppercase(),
        )
        .select("line", "sku", "CustomerID")
    )
    both = (
        retail.refunds.with_columns(line=pl.col("refund_id").str.replace(r"\.\d+$", ""))
        .join(retail.orders, "order_id")
        .join(retail.lines.select("order_id", "line_no", "sku"), ["order_id", "line_no"])
        .join(cancelled, "line", suffix="_cancelled")
    )
    assert both.height == retail.refunds.height
    assert (both["sku"] == both["sku_cancelled"]).all()
    assert (both["customer_id"] == both["CustomerID"]).all()
    assert (both["refunded_at"] >= both["paid_at"]).all()


def test_known_refunds(retail: Retail) -> None:
    def of(invoice: str) -> list[tuple[object, ...]]:
        found = retail.refunds.filter(pl.col("refund_id").str.starts_with(invoice + "-"))
        return found.select("refund_id", "order_id", "line_no", "qty", "amount").sort("refund_id").rows()

    assert of("C541433") == [("C541433-1", "541431", 1, 74_215, 7_718_360)]
    assert of("C581484") == [("C581484-1", "581483", 1, 80_995, 16_846_960)]
    # Twelve pieces cancelled, bought as twice six at this price on one invoice.
    assert of("C541245") == [("C541245-1", "541244", 13, 6, 2550), ("C541245-1.2", "541244", 12, 6, 2550)]


def test_which_purchases_a_cancellation_takes() -> None:
    def bought(row: int, price: int, qty: int) -> _Purchase:
        return _Purchase(row, "o", row, price, qty, qty * price // 10)

    earlier = [bought(1, 100, 5), bought(2, 100, 9), bought(3, 200, 9), bought(4, 100, 3), bought(5, 100, 0)]

    def rows(qty: int, price: int) -> list[int]:
        return [purchase.row for purchase in _chosen(earlier, qty, price)]

    assert rows(3, 100) == [4]  # the latest of that price with enough
    assert rows(4, 100) == [2]
    assert rows(9, 300) == [3]  # no such price: the latest with enough
    assert rows(13, 200) == [3, 4, 2]  # none has enough: that price first, then the latest first
    assert rows(99, 100) == [4, 2, 1, 3]


def test_completion(retail: Retail) -> None:
    assert retail.last_at == datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
    completed = retail.orders.drop_nulls("completed_at")
    assert (completed["completed_at"] < retail.last_at).all()
    assert ((completed["completed_at"] - completed["paid_at"]).dt.total_days() == 14).all()
    pending = retail.orders.filter(pl.col("completed_at").is_null())
    assert pending.height == 1_268
    assert pending["paid_at"].min() > completed["paid_at"].max()


def test_a_limit_keeps_the_first_orders(retail: Retail) -> None:
    few = load_retail(3_000)
    assert few.orders.drop("completed_at").equals(retail.orders.head(3_000).drop("completed_at"))
    assert set(few.lines["order_id"]) == set(few.orders["order_id"])
    assert few.refunds.equals(
        retail.refunds.join(few.orders, "order_id", how="semi", maintain_order="left").select(few.refunds.columns)
    )
    assert few.last_at == few.orders["paid_at"].max()
    assert 0 < few.orders["completed_at"].null_count() < 3_000
    assert few.customers.equals(retail.customers.filter(pl.col("first_at") <= few.last_at))
    assert set(few.orders["customer_id"].drop_nulls()) <= set(few.customers["customer_id"])
