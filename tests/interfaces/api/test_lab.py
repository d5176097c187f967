"""A plan tried over HTTP."""

from __future__ import annotations

from tests.interfaces.api.shop import PLAN, Opened, is_problem

WINDOW = {"since": "2026-02-01T00:00:00+08:00", "until": "2026-02-02T00:00:00+08:00"}
DEARER = PLAN.replace("10%", "12.5%")


def test_a_plan_beside_the_published_one(open_shop: Opened) -> None:
    from rongshu.flows.intake.work import work_off
    from rongshu.kernel.clock import utc_now

    shop = open_shop()
    shop.enrol("ann")
    shop.enrol("bea", "ann")
    late = shop.order(promoter="bea", paid_at="2026-02-02T00:00:00+08:00")
    for order in (shop.order(promoter="bea"), shop.order(promoter="ann"), late):
        assert shop.post("/orders", order).status_code < 300
    while work_off(shop.house.id, now=utc_now()):
        pass
    answer = shop.post("/plans/simulate", {"text": DEARER, **WINDOW})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["window"]["orders"], found["paid"]) == (2, "200.00")
    assert (found["before"]["accrued"], found["after"]["accrued"], found["difference"]) == ("23.00", "28.00", "5.00")
    assert found["after"]["cost_ratio"] == 140_000
    assert found["promoters"]["gainers"] == 2 and found["promoters"]["losers"] == 0 and found["orders_changed"] == 2
    same = shop.post("/plans/simulate", {"text": PLAN, "against": 1, **WINDOW}).json()
    assert same["difference"] == "0.00" and same["before"] == same["after"]
    assert shop.post("/plans/simulate", {"text": PLAN, **WINDOW}).json()["result"] == same["result"] != found["result"]


def test_what_cannot_be_tried(open_shop: Opened) -> None:
    shop = open_shop()
    is_problem(shop.post("/plans/simulate", {"text": PLAN, **WINDOW}), 409, "window_empty")
    backwards = {"since": WINDOW["until"], "until": WINDOW["since"]}
    is_problem(shop.post("/plans/simulate", {"text": PLAN, **backwards}), 422, "window_backwards")
    is_problem(shop.post("/plans/simulate", {"text": PLAN.replace("10%", "10"), **WINDOW}), 422, "plan_refused")
    is_problem(shop.post("/plans/simulate", {"text": PLAN, "since": "2026-02-01"}), 422, "invalid_request")
