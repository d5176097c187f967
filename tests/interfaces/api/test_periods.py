"""Closed periods over the API: listed, opened, explained, refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.interfaces.api.shop import Opened, Shop

PLAN = """
name: api
currency: CNY
levels: {1: {rate: 10%}}
steps:
  - {id: climb, bands: [{from: "100.00", rate: 1%}, {from: "500.00", rate: 2%}]}
pools:
  - {id: everybody, share: 1%, split: equal}
"""


@pytest.fixture
def closed(open_shop: Opened) -> Shop:
    from rongshu.domain.commission.periods.actions import close_due
    from rongshu.flows.intake.work import work_off
    from rongshu.kernel.tenancy.scope import tenant_scope

    shop = open_shop(PLAN)
    now = datetime(2026, 2, 16, tzinfo=UTC)
    for name in ("m1", "m2"):
        shop.enrol(name)
    order = {"id": "o1", "paid_at": "2026-01-09T00:00:00Z", "promoter": "m1", "lines": [{"sku": "S", "paid": "700.00"}]}
    assert shop.post("/orders", order).status_code < 300
    work_off(shop.house.id, now=now)
    for expected in (1, 1, 0):
        with tenant_scope(shop.house.id):
            assert close_due(now=now) == expected
    return shop


def test_periods_are_listed_opened_and_explained(closed: Shop) -> None:
    answer = closed.get("/periods?limit=1")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    following = closed.get(f"/periods?limit=1&cursor={page['next']}").json()
    assert following["next"] is None
    by_rule = {one["rule"]: one for one in (*page["data"], *following["data"])}
    climb = by_rule["climb"]
    assert (climb["start"], climb["end"], climb["version"]) == ("2026-01-01", "2026-02-01", 1)
    assert (climb["base"], climb["fund"], climb["amount"], climb["promoters"]) == ("700.00", None, "8.00", 1)
    opened = closed.get(f"/periods/{climb['id']}").json()
    promoter = opened["rewards"][0]["promoter"]
    assert opened["rewards"] == [{"promoter": promoter, "own_sales": "700.00", "amount": "8.00", "adjustments": 0}]
    first = closed.get(f"/periods/{by_rule['everybody']['id']}?limit=1").json()
    second = closed.get(f"/periods/{by_rule['everybody']['id']}?limit=1&cursor={first['next']}").json()
    assert [one["amount"] for one in (*first["rewards"], *second["rewards"])] == ["3.50", "3.50"]
    assert first["rewards"][0]["own_sales"] is None
    why = closed.get(f"/periods/{climb['id']}/promoters/m1", headers={"Accept-Language": "en"}).json()
    assert (why["promoter"], why["amount"]) == (promoter, "8.00")
    assert why["runs"][0]["sentence"] == (
        "Own sales from 2026-01-01 to 2026-01-31, less refunds: ¥700.00. "
        "Between ¥100.00 and ¥500.00: ¥400.00 at 1% is ¥4.00. Above ¥500.00: ¥200.00 at 2% is ¥4.00. Together ¥8.00."
    )
    shared = closed.get(f"/periods/{by_rule['everybody']['id']}/promoters/m2", headers={"Accept-Language": "en"}).json()
    assert shared["runs"][0]["sentence"] == (
        "The pool holds 1% of the house's net base of ¥700.00 from 2026-01-01 to 2026-01-31: ¥7.00. "
        "2 promoters share it equally, to the last unit: ¥3.50."
    )


def test_running_periods_are_previewed(closed: Shop) -> None:
    closed.post("/orders", {"id": "o2", "promoter": "m1", "paid_at": _now(), "lines": [{"sku": "S", "paid": "300.00"}]})
    from rongshu.flows.intake.work import work_off
    from rongshu.kernel.clock import utc_now

    work_off(closed.house.id, now=utc_now())
    found = {one["rule"]: one for one in closed.get("/periods/running").json()["data"]}
    assert (found["climb"]["base"], found["climb"]["amount"], found["climb"]["promoters"]) == ("300.00", "2.00", 1)
    assert (found["everybody"]["fund"], found["everybody"]["amount"]) == ("3.00", "3.00")


def _now() -> str:
    from rongshu.kernel.clock import utc_now

    return utc_now().isoformat()


def test_nothing_of_other_tenants_and_no_nonsense(closed: Shop, another: Shop) -> None:
    identifier = closed.get("/periods").json()["data"][0]["id"]
    assert another.get(f"/periods/{identifier}").status_code == 404
    assert another.get("/periods").json() == {"data": [], "next": None}
    assert closed.get("/periods/per_nothing").status_code == 404
    assert closed.get(f"/periods/{identifier}/promoters/nobody").status_code == 404
    for cursor in ("x", "1", "9.9.9", "4611686018427387903.1"):
        assert closed.get(f"/periods?cursor={cursor}").status_code == 422, cursor


@pytest.fixture
def another(open_shop: Opened) -> Shop:
    return open_shop()
