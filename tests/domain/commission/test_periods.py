"""Closing periods on a real PostgreSQL: once, whole, and carried forward."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.domain.commission.months import PLAN, Months, at
from tests.factories import TESTER
from tests.races.threads import together, untroubled


@pytest.fixture
def shop(tenant: int) -> Months:
    return Months(tenant)


def test_a_month_is_closed_once_and_only_after_its_return_window(shop: Months) -> None:
    shop.order("1", "c", "700.00", at(1, 5))
    shop.order("2", "b", "300.00", at(1, 31, 15, 59))
    shop.order("3", "b", "900.00", at(1, 31, 16))  # February in Shanghai
    shop.order("4", None, "50.00", at(1, 6))
    shop.refund("1", "100.00", at(1, 20))
    assert shop.close(at(2, 15, 15, 59)) == 0
    assert shop.close(at(2, 15, 16)) == 2
    assert shop.close(at(2, 15, 16)) == 0
    # c: 600.00, of which 400.00 at 1% and 100.00 at 2%; b: 200.00 above the first 100.00 at 1%
    assert shop.rewards() == [("2026-01", "b", 30_000, 200, False), ("2026-01", "c", 60_000, 600, False)]
    # 1% of 950.00, for 300.00 and 600.00 of the golden
    assert shop.rewards("leaders") == [("2026-01", "b", 30_000, 317, False), ("2026-01", "c", 60_000, 633, False)]
    assert shop.books("c") == (1_233, 0)
    assert shop.verified() == {}
    assert shop.close(at(3, 15, 16)) == 2
    assert shop.rewards()[2:] == [("2026-02", "b", 90_000, 1_200, False)]
    assert shop.verified() == {}


def test_what_does_not_count(shop: Months) -> None:
    from rongshu.domain.referral.promoters.actions import end_promoter

    shop.order("own", "c", "1000.00", at(1, 5), buyer="c")
    shop.order("before", "d", "200.00", at(1, 9))
    with shop.scope():
        end_promoter(promoter_id=shop.ids["d"], by=TESTER, now=at(1, 10))
        end_promoter(promoter_id=shop.ids["b"], by=TESTER, now=at(1, 31))
    shop.order("b", "b", "200.00", at(1, 9), now=at(1, 9))
    shop.close(at(2, 20))
    assert shop.rewards() == [("2026-01", "b", 20_000, 100, False), ("2026-01", "d", 20_000, 100, False)]
    assert shop.rewards("leaders") == [], "b is gone by the end, c sold to themselves, a and d are not golden"
    assert shop.verified() == {}


def test_the_rank_held_at_the_end_counts(shop: Months) -> None:
    from rongshu.domain.referral.ranks.models import RankChange

    shop.order("1", "c", "100.00", at(1, 5))
    shop.order("2", "b", "100.00", at(1, 5))
    end = at(1, 31, 16)
    moves = {"c": (end, "gold", ""), "b": (end - timedelta(microseconds=1), "gold", "")}
    with shop.scope():
        for name, (when, old, new) in moves.items():
            RankChange.add(promoter_id=shop.ids[name], at=when, old_rank=old, new_rank=new, cause="hand", actor="t")
    shop.rank("b", "")
    shop.rank("c", "")
    shop.close(at(2, 20))
    assert [row[1:4] for row in shop.rewards("leaders")] == [("c", 10_000, 200)]


def test_late_refunds_and_orders_are_carried_into_the_next_close(shop: Months) -> None:
    shop.order("1", "c", "700.00", at(1, 5))
    shop.order("2", "b", "300.00", at(1, 5))
    shop.close(at(2, 16))
    assert shop.books("c") == (400 + 400 + 700, 0)
    shop.refund("1", "650.00", at(2, 20))
    shop.order("late", "d", "250.00", at(1, 30), now=at(2, 21))
    assert shop.close(at(2, 28)) == 0, "nothing before the next close"
    assert shop.close(at(3, 15, 16)) == 4, "two of January adjusted, two of February closed"
    assert shop.rewards() == [
        ("2026-01", "b", 30_000, 200, False),
        ("2026-01", "c", 5_000, -800, True),
        ("2026-01", "c", 70_000, 800, False),
        ("2026-01", "d", 25_000, 150, True),
    ]
    # the fund was 10.00, now it is 6.00: 5.14 for b, who had 3.00; 0.86 for c, who had 7.00
    assert [row[1:4] for row in shop.rewards("leaders") if row[4]] == [("b", 30_000, 214), ("c", 5_000, -614)]
    assert shop.books("c") == (86, 0)
    assert shop.verified() == {}
    assert shop.close(at(3, 16)) == 0
    shop.refund("1", "50.00", at(3, 20))
    shop.close(at(4, 20))
    assert shop.rewards()[1] == ("2026-01", "c", 5_000, -800, True), "their own sales earn nothing any more: no new row"
    assert [row[1:4] for row in shop.rewards("leaders") if row[4] and row[2] == 0] == [("c", 0, -86)]
    assert shop.books("c") == (0, 0)
    assert shop.verified() == {}


def test_what_cannot_be_taken_back_is_owed_and_settled_from_the_next_reward(shop: Months) -> None:
    from rongshu.ledger.actions import reserve

    shop.order("1", "d", "1100.00", at(1, 5))
    shop.close(at(2, 16))
    assert shop.books("d") == (1_600, 0)
    with shop.scope():
        reserve(ref="w1", owner=shop.ids["d"], amount=1_500, now=at(2, 17))
    shop.refund("1", "1100.00", at(2, 18))
    shop.order("2", "d", "1100.00", at(3, 2), now=at(3, 2))
    shop.close(at(3, 16))
    assert shop.books("d") == (0, -1_500)
    shop.close(at(4, 16))
    assert shop.books("d") == (100, 0)
    assert set(shop.verified()) <= {"reserved = open withdrawals"}  # reserved here without a withdrawal


def test_two_closers_at_once_close_once(shop: Months) -> None:
    from rongshu.domain.commission.periods.actions import close_due

    shop.order("1", "c", "700.00", at(1, 5))

    def close() -> int:
        with shop.scope():
            return close_due(now=at(2, 16))

    for _ in range(3):
        untroubled(together(close, close, close))
    assert len(shop.rewards()) == 1
    assert len(shop.rewards("leaders")) == 1
    assert shop.books("c") == (800 + 700, 0)
    assert shop.verified() == {}


@pytest.mark.parametrize("step", ["take_back_rewards", "reward", "announce"])
def test_a_close_that_dies_in_the_middle_leaves_nothing(
    shop: Months, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from rongshu.domain.commission.periods import actions

    shop.order("1", "c", "700.00", at(1, 5))
    place = actions if step == "announce" else actions.ledger
    with monkeypatch.context() as patch:
        real = getattr(place, step)

        def killed(*arguments: Any, **named: Any) -> None:
            real(*arguments, **named)
            raise KeyboardInterrupt

        patch.setattr(place, step, killed)
        with pytest.raises(KeyboardInterrupt):
            shop.close(at(2, 16))
    assert (shop.rewards(), shop.books("c"), shop.verified()) == ([], (0, 0), {})
    assert shop.close(at(2, 16)) == 2
    assert shop.books("c") == (1_500, 0)
    assert shop.verified() == {}


def test_the_version_at_the_end_counts_for_the_whole_period(shop: Months) -> None:
    from rongshu.domain.commission.plans.actions import publish_plan

    shop.order("1", "c", "700.00", at(1, 5))
    with shop.scope():
        other = PLAN.replace("rate: 2%", "rate: 50%").replace("id: leaders", "id: heads")
        publish_plan(text=other, effective_from=at(1, 31, 15, 59), by=TESTER, now=at(1, 6))
        last = PLAN.split("steps:")[0] + "release: {after: completed, days: 15}\n"
        publish_plan(text=last, effective_from=at(1, 31, 16), by=TESTER, now=at(1, 7))
    shop.order("2", "c", "700.00", at(2, 5))
    shop.close(at(4, 16))
    assert shop.rewards() == [("2026-01", "c", 70_000, 400 + 10_000, False)]
    assert len(shop.rewards("heads")) == 1
    assert shop.rewards("leaders") == []
    shop.refund("1", "700.00", at(4, 20))
    shop.close(at(5, 16))
    assert shop.books("c") == (0, 0), "a rule that the plan has dropped is still adjusted"
    assert shop.verified() == {}


def test_a_planted_difference_is_found(shop: Months) -> None:
    shop.order("1", "c", "700.00", at(1, 5))
    shop.close(at(2, 16))
    assert shop.verified() == {}
    for statement in (
        "UPDATE commission_reward SET amount = amount + 1 WHERE tenant_id = %s AND metric = 70000",
        "UPDATE commission_reward SET promoter_id = promoter_id + 1 WHERE tenant_id = %s",
    ):
        assert "rewards = what the ledger moved" in bent_verified(shop, statement)
    moved = "UPDATE ledger_transfer SET about = about + 1 WHERE tenant_id = %s AND cr_book = 102"
    assert "rewards = what the ledger moved" in bent_verified(shop, moved)
    totals = "UPDATE commission_period SET amount = amount - 1 WHERE tenant_id = %s"
    assert bent_verified(shop, totals) == {"closed periods = their runs = their rewards": 2}


def bent_verified(shop: Months, statement: str) -> dict[str, int]:
    from rongshu.flows.verify import verify_now
    from tests.ledger.bending import bent_database

    planted = statement.replace("%s", str(shop.tenant))
    off, on = (f"SET LOCAL session_replication_role = {role};" for role in ("replica", "origin"))
    with bent_database("", statement=f"{off} {planted}; {on}"), shop.scope():
        return {one.name: one.differences for one in verify_now().findings if one.differences}


@pytest.mark.parametrize("basis", ["paid", "margin"])
@pytest.mark.parametrize("policy", ["none", "rebate"])
def test_sales_are_those_of_the_engine(tenant: int, basis: str, policy: str) -> None:
    """The SQL of a close and the arrays of a simulation say the same of every order."""
    from rongshu.domain.commission.periods.reckoning import sales_between
    from rongshu.domain.referral.promoters.actions import end_promoter
    from rongshu.engine.periods import level_one, net_bases
    from rongshu.engine.plan import read_plan
    from rongshu.engine.rating.frames import FOREVER, NONE, Lines, Orders, Promoters
    from rongshu.kernel.clock import to_micros

    dice = random.Random(f"{basis} {policy}")
    plan = read_plan(PLAN.replace("currency: CNY", f"currency: CNY\nbasis: {basis}\nself_purchase: {policy}"))
    shop = Months(tenant)
    names = ["a", "b", "c", "d"]
    gone = at(1, 15)
    orders, lines, refunded = [], [], []
    with shop.scope():
        end_promoter(promoter_id=shop.ids["d"], by=TESTER, now=gone)
    for number in range(40):
        when = at(1, dice.randint(2, 30), dice.randint(0, 23))
        promoter, buyer = dice.choice([*names[:3], None]), dice.choice([*names, "x"])
        if promoter == "c" and when < gone:
            promoter = "d"
        paid, cost, qty = dice.choice([0, 1, 999, 12_345]), dice.choice([0, 1, 334, 5_000]), dice.randint(1, 3)
        now = min(when, gone - timedelta(hours=1)) if promoter == "d" else when
        shop.order(str(number), promoter, money(paid), when, buyer=buyer, now=now, cost=money(cost), qty=qty)
        back = dice.choice([0, 0, 1, paid // 3, paid])
        if back:
            shop.refund(str(number), money(min(back, max(paid, 1))), at(1, 31))
        orders.append((to_micros(when), buyer, promoter))
        lines.append((paid, cost, qty))
        refunded.append(min(back, max(paid, 1)) if back else 0)
    place = {name: row for row, name in enumerate(names)}
    columns = np.array(lines, dtype=np.int64)
    nothing = np.full(len(orders), NONE, dtype=np.int64)
    joined = np.full(4, 0, dtype=np.int64)
    promoters = Promoters(
        joined - 1, joined - 1, joined, joined, np.array([FOREVER] * 3 + [to_micros(gone)], dtype=np.int64)
    )
    of = Orders(
        np.array([one[0] for one in orders]), np.array([place.get(one[1], NONE) for one in orders]),
        np.array([place.get(one[2], NONE) for one in orders]), *[nothing] * 5,
    )  # fmt: skip
    lined = Lines(np.arange(len(orders)), nothing, nothing, nothing, columns[:, 2], columns[:, 0], columns[:, 1])
    net = net_bases(plan, lined, np.array(refunded, dtype=np.int64))
    seller = level_one(plan, promoters, of)
    expected = {shop.ids[name]: int(net[seller == row].sum()) for name, row in place.items() if (seller == row).any()}
    with shop.scope():
        found = sales_between(plan, at(1, 1), at(2, 1))
        alone = {one: sales_between(plan, at(1, 1), at(2, 1), of=one) for one in expected}
    assert dict(zip(found.ids.tolist(), found.own.tolist(), strict=True)) == expected
    assert found.base == int(net.sum())
    assert {one: int(sales.own.sum()) for one, sales in alone.items()} == expected
    assert len(expected) > 2


def money(units: int) -> str:
    return str(Decimal(units) / 100)


def test_figures_count_rewards_on_the_day_of_the_close(shop: Months) -> None:
    from rongshu.domain.insight.figures.queries import figures_between

    shop.order("1", "c", "700.00", at(1, 5))
    shop.close(at(2, 16))
    shop.refund("1", "700.00", at(2, 20))
    shop.close(at(3, 16))
    with shop.scope():
        days = {day.day.isoformat(): day for day in figures_between(at(1, 1).date(), at(3, 30).date())}
    closed, adjusted = days["2026-02-16"], days["2026-03-16"]
    assert (closed.accrued, closed.released, closed.reversed) == (1_500, 1_500, 0)
    assert (adjusted.accrued, adjusted.released, adjusted.reversed) == (0, 0, 1_500)


def test_a_closed_period_nobody_touched_is_not_looked_at_again(shop: Months) -> None:
    from rongshu.domain.commission.periods.models import RewardPeriod

    shop.order("1", "c", "700.00", at(1, 5))
    shop.close(at(2, 16))
    shop.order("2", "c", "700.00", at(2, 17))
    with shop.scope():
        assert set(RewardPeriod.objects.values_list("adjust_at", flat=True)) == {None}
    shop.refund("1", "1.00", at(2, 18))
    with shop.scope():
        expected: set[datetime] = {datetime(2026, 3, 16, tzinfo=ZoneInfo("Asia/Shanghai"))}
        assert set(RewardPeriod.objects.values_list("adjust_at", flat=True)) == expected
