"""Members, promoters and the files of the demo."""

import csv
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from rongshu.engine.plan import read_plan
from rongshu.flows import demo
from rongshu.flows.demo.cast import ALSO_PROMOTE, Cast, cast_members, portal_promoters, simulation_files
from rongshu.flows.demo.category import WORDS
from rongshu.flows.demo.retail import Retail, load_retail


def test_everybody_is_a_member_once(retail: Retail, cast: Cast) -> None:
    assert cast.members["external_id"].to_list() == [f"c-{number}" for number in retail.customers["customer_id"]]
    assert cast.members["external_id"].is_unique().all()
    assert cast.members["display_name"][0] == "Customer 17850"


def test_inviters_are_promoters_who_joined_before(cast: Cast) -> None:
    both = cast.members.join(cast.members, left_on="inviter_external_id", right_on="external_id", suffix="_inviter")
    assert both.height == cast.members["inviter_external_id"].count()
    assert both["is_promoter_inviter"].all()
    assert (both["joined_at_inviter"] < both["joined_at"]).all()
    assert cast.members["joined_at"].is_sorted()


def test_promoters(cast: Cast) -> None:
    inviters = set(cast.members["inviter_external_id"].drop_nulls())
    others = cast.members.filter(~pl.col("external_id").is_in(inviters))
    share = others["is_promoter"].mean()
    assert isinstance(share, float)
    assert abs(share - ALSO_PROMOTE) < 0.02


def test_orders_are_credited_to_the_buyers_inviter(retail: Retail, cast: Cast) -> None:
    assert cast.credits["order_id"].equals(retail.orders["order_id"])
    inviter = dict(cast.members.select("external_id", "inviter_external_id").iter_rows())
    joined = dict(cast.members.select("external_id", "joined_at").iter_rows())
    for (_, buyer, promoter), paid_at in zip(cast.credits.iter_rows(), retail.orders["paid_at"], strict=True):
        if buyer is None:
            assert promoter is None
            continue
        assert promoter == inviter[buyer]
        assert joined[buyer] < paid_at
        assert promoter is None or joined[promoter] < paid_at


def test_a_cast_is_drawn_from_its_seed(retail: Retail, cast: Cast) -> None:
    assert cast_members(retail).members.equals(cast.members)
    assert not cast_members(retail, seed=2).members.equals(cast.members)


def test_promoters_for_the_portal(cast: Cast) -> None:
    largest, middle = portal_promoters(cast)
    rows = {row["external_id"]: row for row in cast.members.iter_rows(named=True)}
    assert rows[largest]["team"] == cast.members["team"].max()
    assert rows[middle]["inviter_external_id"] is not None
    assert 0 < rows[middle]["team"] < rows[largest]["team"]


def test_small_casts() -> None:
    for limit in (1, 20):
        retail = load_retail(limit)
        cast = cast_members(retail)
        assert cast.members.height == retail.customers.height
        assert cast.credits.height == limit


def test_the_plan() -> None:
    plan = read_plan((Path(demo.__file__).parent / "plan.yaml").read_bytes())
    assert (plan.currency, plan.jurisdiction, plan.basis) == ("GBP", "GB", "paid")
    named = {category for override in plan.overrides for category in override.when.category or ()}
    assert named <= {category for category, _ in WORDS}


def test_simulation_files(tmp_path: Path) -> None:
    retail = load_retail(400)
    cast = cast_members(retail)
    simulation_files(retail, cast, tmp_path / "new")

    def rows(name: str) -> list[dict[str, str]]:
        with (tmp_path / "new" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    promoters, orders, refunds = rows("promoters.csv"), rows("orders.csv"), rows("refunds.csv")
    assert list(promoters[0]) == ["promoter_id", "inviter_id", "rank", "joined_at", "active_from", "active_to"]
    assert list(orders[0]) == [
        "order_id", "line_no", "buyer_id", "promoter_id", "sku", "category", "qty", "paid", "cost", "paid_at",
    ]  # fmt: skip
    assert list(refunds[0]) == ["refund_id", "order_id", "line_no", "amount", "refunded_at"]
    assert orders[0] == {
        "order_id": "536365", "line_no": "1", "buyer_id": "c-17850", "promoter_id": "", "sku": "85123A",
        "category": "home/lighting", "qty": "6", "paid": "15.30", "cost": "0.00",
        "paid_at": "2010-12-01T08:26:00+00:00",
    }  # fmt: skip
    ids = {row["promoter_id"] for row in promoters}
    assert {row["inviter_id"] for row in promoters} - {""} <= ids
    assert {row["promoter_id"] for row in orders} - {""} <= ids
    assert {(row["order_id"], row["line_no"]) for row in refunds} <= {
        (row["order_id"], row["line_no"]) for row in orders
    }
    assert sum(Decimal(row["paid"]) for row in orders) * 100 == retail.lines["paid"].sum()
    assert sum(Decimal(row["amount"]) for row in refunds) * 100 == retail.refunds["amount"].sum()
    assert len(orders) == retail.lines.height
    for row in [*promoters, *orders]:
        at = datetime.fromisoformat(row.get("paid_at") or row["joined_at"])
        assert at.utcoffset() == timedelta(0)
    assert [row["paid_at"] for row in orders] == sorted(row["paid_at"] for row in orders)
