"""The lab on a tenant's own orders: the published version gives what is on the books; scenarios keep what was found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import NOW
from tests.domain.commission.test_explanations import Shop
from tests.domain.commission.test_rank_explanations import RANKED, Ladder
from tests.domain.commission.test_windows import PLAN, SINCE, UNTIL, shop  # noqa: F401
from tests.factories import TESTER, found

DEARER = PLAN.replace("1: {rate: 10%}", "1: {rate: 12%}").replace("caps: {order: 14%}", "caps: {order: 16%}")


def test_the_published_version_gives_the_ledger_and_the_simulator(shop: Shop, tmp_path: Path) -> None:  # noqa: F811
    """Accrued and reversed: the lab, the books, and `rongshu simulate` on the exported files."""
    from django.db import connection

    from rongshu.domain.commission.lab.queries import booked, try_plans, window_to_try
    from rongshu.domain.commission.plans.queries import plan_of, versions
    from rongshu.domain.commission.windows.files import export_window
    from rongshu.engine.simulate import simulate
    from rongshu.interfaces.cli.simulation_files import read_simulation

    with shop.scope():
        plan = plan_of(versions().versions[-1])
        window = window_to_try(SINCE, UNTIL)
        found = try_plans(plan, plan, window)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sum(amount)::bigint, sum(reversed)::bigint FROM commission_commission "
                "WHERE tenant_id = %s AND paid_at >= %s AND paid_at < %s",
                [shop.tenant, SINCE, UNTIL],
            )
            ledger = cursor.fetchone()
        assert booked(SINCE, UNTIL) == ledger[0]
        export_window(window, tmp_path, "CNY")
    files = read_simulation(plan, *(tmp_path / f"{name}.csv" for name in ("orders", "promoters", "refunds")))
    rows = simulate(plan, shop.house.zone, files.orders, files.promoters, files.refunds).rows
    assert (found.after.accrued, found.after.reversed) == ledger == (rows["amount"].sum(), rows["reversed"].sum())
    assert found.after.accrued > found.after.reversed > 0
    assert found.difference == 0


def test_a_changed_rate(shop: Shop, tmp_path: Path) -> None:  # noqa: F811
    """Two plans: what the second costs more is what its simulation accrues more, order by order."""
    from rongshu.domain.commission.lab.queries import order_tried, try_plans, window_to_try
    from rongshu.domain.commission.windows.files import export_window
    from rongshu.engine.plan import read_plan
    from rongshu.engine.simulate import simulate
    from rongshu.interfaces.cli.simulation_files import read_simulation
    from rongshu.kernel.ids import outside

    before, after = read_plan(PLAN), read_plan(DEARER)
    with shop.scope():
        window = window_to_try(SINCE, UNTIL)
        found = try_plans(before, after, window)
        export_window(window, tmp_path, "CNY")
        sides = {row: order_tried((before, after), window, int(window.order_ids[row])) for row, _, _ in found.orders}
        assert order_tried((before,), window, 1) is None
    files = read_simulation(after, *(tmp_path / f"{name}.csv" for name in ("orders", "promoters", "refunds")))
    rows = simulate(after, shop.house.zone, files.orders, files.promoters, files.refunds).rows
    assert found.after.accrued == rows["amount"].sum() > found.before.accrued
    assert found.orders
    for row, old, new in found.orders:
        name = outside("ord", int(window.order_ids[row]))
        assert rows.filter(rows["order_id"] == name)["amount"].sum() == new
        shown = sides[row]
        assert shown is not None
        assert [int(side.rows.amount.sum()) for side in shown[1]] == [old, new]


def test_an_order_is_told_in_the_words_of_its_explanation(tenant: int) -> None:
    """Levels, differential, peers and caps: of the published plan sentence by sentence as the order's own explanation has it,
    of another plan by that plan, in both languages; and why a plan pays nothing."""
    from rongshu.domain.commission.explanations.queries import explain_order
    from rongshu.domain.commission.explanations.rerated import AFTERWARDS
    from rongshu.domain.commission.explanations.tried import explain_tried
    from rongshu.domain.commission.explanations.words import together
    from rongshu.domain.commission.lab.queries import order_tried, window_to_try
    from rongshu.engine.plan import read_plan

    text = RANKED + "levels: {1: {rate: 1%}}\ncaps: {promoter_day: '5.00', order: 8%}\n"
    ladder = Ladder(tenant, text, "", "silver", "bronze", "silver", "silver", "gold", "silver", "diamond", "gold")
    orders = [ladder.order(name, promoter="p1", lines=[{"sku": "A1", "paid": "99.99"}]) for name in ("one", "two")]
    dearer = text.replace("gold: 7%", "gold: 8%").replace("order: 8%", "order: 20%")
    plans = (
        read_plan(text),
        read_plan(dearer),
        read_plan("name: none\ncurrency: CNY\nlevels: {3: {rate: 1%}}\ncompress: true\n"),
    )
    with ladder.scope():
        window = window_to_try(SINCE, UNTIL)
        for order in orders:
            row, sides = order_tried(plans, window, order) or (0, ())
            same, other, _none = explain_tried(order, row, window, sides)
            explained = explain_order(order).commissions
            kinds = {one.kind for one in explained}
            for language in ("en", "zh-hans"):
                wanted = [
                    together([step for step in one.steps if step.code not in AFTERWARDS], language) for one in explained
                ]
                assert [together(steps, language) for steps in same.steps] == wanted
            assert kinds == {"level", "differential", "peer"} and not same.nothing
            said = [together(steps, "en") for steps in other.steps]
            assert len(said) == len(sides[1].rows)
            assert any(
                "The rank gold earns 8%; silver below, held by p2, already earned 4%: 4% remain." in one for one in said
            )
            assert any("Peer award: p2 below, of the same rank silver" in one for one in said)
        assert any("A promoter's day is capped at ¥5.00" in together(steps, "en") for steps in same.steps)
    other_shop = Shop(found(now=NOW).id, PLAN)
    alone = other_shop.order("alone", promoter="a")
    with other_shop.scope():
        window = window_to_try(SINCE, UNTIL)
        row, sides = order_tried(plans[2:], window, alone) or (0, ())
        [told] = explain_tried(alone, row, window, sides)
    assert told.steps == () and "a: " in together(told.nothing, "en")


def test_what_did_not_change_is_not_computed_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from rongshu.domain.commission.lab import queries
    from rongshu.engine.plan import read_plan

    tried: list[str] = []
    compute = queries.try_plan
    monkeypatch.setattr(queries, "try_plan", lambda plan, ground: (tried.append(plan.name), compute(plan, ground))[1])
    one, two, three = (read_plan(PLAN.replace("tried", name)) for name in ("one", "two", "three"))
    with shop.scope():
        window = queries.window_to_try(SINCE, UNTIL)
        queries.try_plans(one, two, window)
        queries.try_plans(one, three, window)
        queries.try_plans(one, two, queries.window_to_try(SINCE, UNTIL))
    assert tried == ["one", "two", "three"]
    shop.order("late", paid_at=SINCE)
    with shop.scope():
        queries.try_plans(one, two, queries.window_to_try(SINCE, UNTIL))
    assert tried == ["one", "two", "three", "one", "two"]


def test_windows_that_cannot_be_tried(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from rongshu.domain.commission.lab import queries
    from rongshu.kernel.errors import Refusal

    with shop.scope():
        for since, until, code in ((UNTIL, SINCE, "window_backwards"), (NOW, NOW.replace(year=2027), "window_empty")):
            with pytest.raises(Refusal) as refused:
                queries.window_to_try(since, until)
            assert refused.value.code == code
        monkeypatch.setattr(queries, "MOST_ORDERS", 2)
        with pytest.raises(Refusal) as refused:
            queries.window_to_try(SINCE, UNTIL)
        assert refused.value.code == "window_too_large"


def test_scenarios_keep_what_was_found(shop: Shop) -> None:  # noqa: F811
    from rongshu.domain.commission.lab.queries import ground_of, result_hash, try_plans, window_to_try
    from rongshu.domain.commission.lab.report import report
    from rongshu.domain.commission.scenarios.actions import delete_scenario, save_scenario
    from rongshu.domain.commission.scenarios.queries import scenario, scenarios
    from rongshu.engine.plan import read_plan
    from rongshu.kernel.errors import Refusal
    from rongshu.kernel.tenancy.scope import tenant_scope

    before, after = read_plan(PLAN), read_plan(DEARER)
    with shop.scope():
        window = window_to_try(SINCE, UNTIL)
        compared = try_plans(before, after, window)
        result = report(window, ground_of(window), compared)
        values = {
            "text": DEARER,
            "against": 1,
            "since": SINCE,
            "until": UNTIL,
            "result": result,
            "by": TESTER,
            "now": NOW,
        }
        kept = save_scenario(name=" spring  dearer ", **values)
        with pytest.raises(Refusal):
            save_scenario(name=" ", **values)
    with shop.scope():
        again = scenario(kept.token)
        assert (again.name, again.result, again.result_hash) == ("spring dearer", result, result_hash(window, compared))
        assert [one.token for one in scenarios()] == [kept.token] and len(kept.token) >= 32
        assert result["difference"] == "2.62", "2% of 128.00 by the wider cap, and 0.06 of the third left of 9.99"
    with tenant_scope(found(now=NOW).id), pytest.raises(Refusal):
        scenario(kept.token)
    with shop.scope():
        delete_scenario(token=kept.token, by=TESTER, now=NOW)
        assert scenarios() == []
        with pytest.raises(Refusal):
            delete_scenario(token=kept.token, by=TESTER, now=NOW)
