"""A tenant's orders as frames: complete, of one tenant, kept until something changes, and exported to the last figure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rongshu.engine.rating.frames import KINDS
from tests.conftest import NOW
from tests.domain.commission.test_explanations import PAID, Shop
from tests.factories import TESTER

PLAN = """
name: tried
currency: CNY
jurisdiction: CN
levels: {1: {rate: 10%}, 2: {rate: 3%}}
overrides: [{id: first-order, level: 1, when: {order: first}, rate: 15%}]
boosts: [{id: gold, when: {rank: gold}, add: 1%}]
caps: {order: 14%}
"""
SINCE, UNTIL = PAID - timedelta(days=3), PAID + timedelta(days=3)


@pytest.fixture
def shop(tenant: int) -> Shop:
    """Five orders: before the window, three inside (one partly refunded), at its very end."""
    shop = Shop(tenant, PLAN)
    shop.order("before", paid_at=PAID - timedelta(days=30))
    lines = [
        {"sku": "A1", "category": "beauty/lips", "paid": "9.99", "qty": 3, "cost": "1.00"},
        {"sku": 'B",2', "paid": "70.00"},
    ]
    shop.order("one", lines=lines, channel="wechat")
    shop.order("two", buyer="d", paid_at=PAID + timedelta(hours=1))
    shop.order("three", buyer=None, promoter=None, paid_at=PAID + timedelta(hours=2))
    shop.order("after", paid_at=UNTIL)
    shop.refund("r1", "one", line1="3.33")
    shop.refund("r2", "one", line1="3.33", line2="70.00")
    return shop


def test_what_is_in_a_window(shop: Shop) -> None:
    from rongshu.domain.commission.windows.queries import load_window

    with shop.scope():
        window = load_window(SINCE, UNTIL)
    assert window.external_ids.to_list() == ["one", "two", "three"]
    assert window.orders.first.tolist() == [0, 1, -1]
    assert window.orders.channels == ("wechat",) and window.orders.channel.tolist() == [0, -1, -1]
    assert window.lines.order.tolist() == [0, 0, 1, 2]
    assert window.lines.paid.tolist() == [999, 7000, 12800, 12800]
    assert window.lines.qty.tolist()[0] == 3 and window.lines.cost.tolist()[0] == 100
    assert [window.lines.skus[code] for code in window.lines.sku] == ["A1", 'B",2', "A100", "A100"]
    assert window.refunded.tolist() == [666, 7000, 0, 0]
    assert window.promoter_ids.tolist() == sorted(shop.ids[name] for name in "abc")
    assert (window.promoter_ids[window.orders.direct[:2]] == shop.ids["c"]).all() and window.orders.direct[2] == -1
    inviter = dict(zip(window.promoter_ids.tolist(), window.promoters.inviter.tolist(), strict=True))
    assert window.promoter_ids[inviter[shop.ids["c"]]] == shop.ids["b"] and inviter[shop.ids["a"]] == -1
    assert (window.version_ids[:3] > 0).all()


def test_usage_is_what_the_month_had_before(shop: Shop) -> None:
    """An order of the same month before the window counts for caps, one of another month does not."""
    from rongshu.domain.commission.windows.queries import load_window

    shop.order("early", paid_at=SINCE - timedelta(hours=5))
    shop.order("same day", paid_at=SINCE - timedelta(seconds=1))
    with shop.scope():
        usage = load_window(SINCE, UNTIL).usage
        window = load_window(SINCE, UNTIL)
    c = int(np.searchsorted(window.promoter_ids, shop.ids["c"]))
    [(key, month)] = [(key, units) for key, units in usage.month.items() if key[0] == c]
    [(_, day)] = [(key, units) for key, units in usage.day.items() if key[0] == c]
    assert key[1] == 2026 * 12 + 1
    assert month == day == 2 * 1408, "10% and 1% for gold, twice, both on the window's first day"


def test_kept_until_something_changes(shop: Shop) -> None:
    from rongshu.domain.commission.windows.queries import load_window

    with shop.scope():
        first = load_window(SINCE, UNTIL)
        assert load_window(SINCE, UNTIL) is first
        assert load_window(SINCE, UNTIL + timedelta(days=1)) is not first
    shop.order("four", paid_at=PAID + timedelta(hours=3))
    with shop.scope():
        second = load_window(SINCE, UNTIL)
        assert len(second.orders) == 4
    shop.refund("r3", "two", line1="1.00")
    with shop.scope():
        third = load_window(SINCE, UNTIL)
        assert third.refunded.sum() == second.refunded.sum() + 100


def test_another_tenant_sees_nothing(shop: Shop) -> None:
    from rongshu.domain.commission.windows.queries import load_window
    from rongshu.kernel.tenancy.scope import tenant_scope
    from tests.factories import found

    other = found(now=NOW).id
    with tenant_scope(other):
        window = load_window(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    assert not len(window.orders) and not len(window.lines) and not len(window.promoters)


def test_memory_is_bounded(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from rongshu.domain.commission.windows import kept
    from rongshu.domain.commission.windows.queries import load_window

    kept.forget()
    with shop.scope():
        size = load_window(SINCE, UNTIL).size
        assert size > 0
        monkeypatch.setattr(kept, "MOST_BYTES", 2 * size + size // 2)
        for hours in range(1, 4):
            load_window(SINCE, UNTIL + timedelta(seconds=hours))
    assert len(kept._windows) == 2


def test_exported_files_give_the_sums_of_the_ledger(shop: Shop, tmp_path: Path) -> None:
    """`rongshu simulate` on the files, and what is on the books, to the unit: amounts and reversals."""
    from django.db import connection

    from rongshu.domain.commission.windows.files import export_window
    from rongshu.domain.commission.windows.queries import load_window
    from rongshu.engine.plan import read_plan
    from rongshu.engine.simulate import simulate
    from rongshu.interfaces.cli.simulation_files import read_simulation
    from rongshu.kernel.ids import outside

    with shop.scope(), connection.cursor() as cursor:
        export_window(load_window(SINCE, UNTIL), tmp_path, "CNY")
        cursor.execute(
            "SELECT order_id, line_no, kind, level, beneficiary_id, rule, base, before_caps, amount, reversed FROM "
            "commission_commission WHERE tenant_id = %s AND paid_at >= %s AND paid_at < %s",
            [shop.tenant, SINCE, UNTIL],
        )
        booked = {
            (outside("ord", row[0]), row[1], row[3], outside("mem", row[4])): row[5:] for row in cursor.fetchall()
        }
    plan = read_plan(PLAN)
    given = read_simulation(plan, *(tmp_path / f"{name}.csv" for name in ("orders", "promoters", "refunds")))
    found = simulate(plan, shop.house.zone, given.orders, given.promoters, given.refunds)
    columns = ["order_id", "line_no", "level", "beneficiary_id", "rule", "base", "before_caps", "amount", "reversed"]
    simulated = {row[:4]: row[4:] for row in found.rows.select(columns).iter_rows()}
    assert simulated == booked
    assert found.rows["amount"].sum() > 0 and found.rows["reversed"].sum() > 0 and len(booked) == 6


CAPPED = """
name: capped
currency: CNY
levels: {1: {rate: 10%}, 2: {rate: 3%}}
boosts: [{id: gold, when: {rank: gold}, add: 2%}]
differential: {ranks: {silver: 2%, gold: 5%}, peer: {rate: 10%, generations: 1}}
steps: [{id: monthly, period: month, bands: [{from: "100.00", rate: 1%}]}]
pools: [{id: house, period: month, share: 1%, split: equal, eligible: {rank: [gold]}}]
caps: {promoter_day: "30.00", promoter_month: "75.00"}
"""


def test_ranks_in_time_and_what_was_used_before_are_in_the_files(tenant: int, tmp_path: Path) -> None:
    """Ranks change inside the window, caps of the day and the month bind by what came before it: the files, the lab and
    the books agree to the unit, row by row, and neither file could be left out."""
    from django.db import connection

    from rongshu.domain.commission.lab.queries import try_plans, window_to_try
    from rongshu.domain.commission.windows.files import export_window
    from rongshu.domain.referral.ranks.actions import set_rank
    from rongshu.engine.plan import read_plan
    from rongshu.engine.simulate import simulate
    from rongshu.interfaces.cli.simulation_files import read_simulation
    from rongshu.kernel.ids import outside

    shop = Shop(tenant, CAPPED)
    for name, rank, after in (
        ("a", "gold", -50),
        ("b", "silver", 2),
        ("a", "silver", 4),
        ("b", "gold", 9),
        ("c", "", 30),
    ):
        with shop.scope():
            at = PAID + timedelta(hours=after)
            set_rank(promoter_id=shop.ids[name], rank=rank, reason="test", by=TESTER, now=at)
    for place, hours in enumerate((-75, -30, -2, -1, 0, 1, 3, 5, 8, 10, 26, 31, 40)):
        shop.order(f"o{place}", paid_at=PAID + timedelta(hours=hours), lines=[{"sku": "A1", "paid": "79.99"}])
    shop.refund("r1", "o6", line1="33.33")
    since = PAID - timedelta(minutes=90)
    plan = read_plan(CAPPED)
    with shop.scope(), connection.cursor() as cursor:
        window = window_to_try(since, UNTIL)
        trial = try_plans(plan, plan, window).after
        export_window(window, tmp_path, "CNY")
        cursor.execute(
            "SELECT order_id, line_no, kind, level, beneficiary_id, amount, reversed FROM commission_commission "
            "WHERE tenant_id = %s AND paid_at >= %s AND paid_at < %s",
            [shop.tenant, since, UNTIL],
        )
        booked = sorted(
            (outside("ord", row[0]), row[1], KINDS[row[2]], row[3], outside("mem", row[4]), *row[5:]) for row in cursor
        )
    files = [tmp_path / f"{name}.csv" for name in ("orders", "promoters", "refunds")]

    def tried(**more: Path) -> Any:
        given = read_simulation(plan, *files, zone=shop.house.zone, **more)
        return simulate(
            plan, shop.house.zone, given.orders, given.promoters, given.refunds, ranks=given.ranks, used=given.used
        )

    ranks, used = tmp_path / "ranks.csv", tmp_path / "used.csv"
    found = tried(ranks=ranks, used=used)
    columns = ["order_id", "line_no", "kind", "level", "beneficiary_id", "amount", "reversed"]
    assert sorted(found.rows.select(columns).iter_rows()) == booked
    assert {kind for _, _, kind, *_ in booked} == set(KINDS)
    assert (trial.accrued, trial.reversed) == (found.rows["amount"].sum(), found.rows["reversed"].sum())
    assert trial.by_cap[1] > 0 and trial.by_cap[2] > 0
    rewards = {(each.rule, each.period): Decimal(each.amount).scaleb(-2) for each in trial.rewards}
    summed = {
        (each["id"], each["period"]): Decimal(each["total"]) for each in found.summary["steps"] + found.summary["pools"]
    }
    assert {key: units for key, units in summed.items() if units} == rewards
    assert {rule for rule, _ in rewards} == {"monthly", "house"}
    paid = {name for each in found.summary["pools"] for name in each["promoters"]}
    assert paid == {outside("mem", shop.ids["b"])}, "who was gold when the month ended"
    for less in ({"ranks": ranks}, {"used": used}):
        assert sorted(tried(**less).rows.select(columns).iter_rows()) != booked
