"""Re-ratings over HTTP: asked for by one key, approved by another, posted by the worker, told with the order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from rongshu.domain.commission.rerating.actions import preview_next
from rongshu.flows.intake.work import work_off
from rongshu.flows.rerating import post_reratings
from rongshu.flows.table import EVENTS, deliver_all
from rongshu.flows.verify import verify_tenant
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.outbox.actions import deliver
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.interfaces.api.shop import SOON, Opened, Shop, is_problem

WINDOW = {"since": "2026-01-25T00:00:00+08:00", "until": "2026-02-08T00:00:00+08:00", "reason": "named wrongly"}


@pytest.fixture
def shop(open_shop: Opened) -> Shop:
    """Ann, invited by Ben, and an order of 100.00 credited to her."""
    opened = open_shop()
    opened.enrol("ben")
    opened.enrol("ann", "ben")
    opened.enrol("cam")
    assert opened.post("/orders?wait=true", opened.order(id="o-1", promoter="ann")).status_code == 201
    return opened


def worker(shop: Shop) -> None:
    """What the worker does by the clock."""
    now = utc_now()
    while work_off(shop.house.id, now=now):
        pass
    with tenant_scope(shop.house.id, snapshot=True):
        preview_next(now=now)
    more = 1
    while more:
        with tenant_scope(shop.house.id):
            more = post_reratings(now=now, deliver=lambda: deliver(EVENTS, now=now))
    deliver_all(now=now)


def previewed(shop: Shop, **more: Any) -> dict[str, Any]:
    asked = shop.post("/reratings", WINDOW | more)
    assert asked.status_code == 201, asked.text
    assert asked.json()["state"] == "preparing"
    worker(shop)
    return dict(shop.get(f"/reratings/{asked.json()['id']}").json())


def second(shop: Shop) -> dict[str, str]:
    """The headers of another key, which may approve."""
    return {"Authorization": f"Bearer {shop.key_for(Scope.RERATINGS_APPROVE, Scope.RERATINGS_WRITE, name='second')}"}


def test_a_corrected_promoter_is_posted_after_a_second_key_agrees(shop: Shop) -> None:
    told = shop.post("/orders/o-1/promoter", {"promoter": "cam", "reason": "the link was hers"})
    assert told.json() == {"corrections": 1, "news": 1}
    assert shop.post("/orders/o-1/promoter", {"promoter": "cam", "reason": "again"}).json()["news"] == 0
    before = shop.get("/orders/o-1").json()
    found = previewed(shop)
    assert (found["state"], found["orders"], found["changed"], found["corrected"]) == ("previewed", 1, 1, 1)
    assert (found["gains"], found["losses"]) == ("10.00", "13.00")
    assert [one["cause"] for one in found["causes"]] == ["attribution"]
    differences = shop.get(f"/reratings/{found['id']}/differences").json()
    assert [(one["old"], one["new"]) for one in differences["data"]] == [
        ("10.00", "0.00"), ("0.00", "10.00"), ("3.00", "0.00")
    ] or sorted((one["old"], one["new"]) for one in differences["data"]) == [
        ("0.00", "10.00"), ("10.00", "0.00"), ("3.00", "0.00")
    ]  # fmt: skip
    assert differences["next"] is None
    path, body = f"/reratings/{found['id']}/approve", {"preview": found["preview"]}
    is_problem(shop.post(path, body), 403, "own_rerating")
    assert shop.get("/orders/o-1").json() == before, "nothing has changed yet"
    answer = shop.post(path, body, headers=second(shop))
    assert answer.json()["state"] == "posting"
    is_problem(shop.post(path, body, headers=second(shop)), 409, "rerating_decided")
    worker(shop)
    done = shop.get(f"/reratings/{found['id']}").json()
    assert (done["state"], done["posted"]) == ("posted", 1)
    order = shop.get("/orders/o-1").json()
    assert [one["amount"] for one in order["commissions"]] == ["10.00"]
    assert order["order"]["credited_by"] == "corrected"
    (correction,) = order["corrections"]
    assert correction["reason"] == "named wrongly" and correction["approved_by"] == "key:second"
    assert "¥10.00" in correction["sentence"]
    assert verify_tenant(shop.house.id).differences == 0
    assert previewed(shop)["changed"] == 0, "a second time changes nothing"


def test_many_at_once_all_or_none(shop: Shop) -> None:
    wrong = [{"order": "o-1", "promoter": "cam"}, {"order": "o-9", "promoter": "cam"}]
    problem = is_problem(shop.post("/corrections", {"reason": "x", "corrections": wrong}), 404, "unknown_order")
    assert "o-9" in problem["detail"]
    twice = [wrong[0], {"order": "api:o-1", "promoter": None}]
    is_problem(shop.post("/corrections", {"reason": "x", "corrections": twice}), 422, "order_named_twice")
    nobody = [{"order": "o-1", "promoter": "buyer"}]
    is_problem(shop.post("/corrections", {"reason": "x", "corrections": nobody}), 404, "not_a_promoter")
    assert previewed(shop)["corrected"] == 0
    right = {"reason": "x", "corrections": [{"order": "o-1", "promoter": None}]}
    assert shop.post("/corrections", right).json() == {"corrections": 1, "news": 1}
    assert previewed(shop)["losses"] == "13.00"


def test_what_stands_otherwise_than_the_preview_saw_is_previewed_anew(shop: Shop) -> None:
    shop.post("/orders/o-1/promoter", {"promoter": "cam", "reason": "hers"})
    found = previewed(shop)
    assert shop.post("/orders?wait=true", shop.order(id="o-2", promoter="ann")).status_code == 201
    body = {"preview": found["preview"]}
    answer = shop.post(f"/reratings/{found['id']}/approve", body, headers=second(shop)).json()
    assert (answer["state"], answer["stale"]) == ("preparing", True)
    worker(shop)
    is_problem(shop.post(f"/reratings/{found['id']}/approve", body, headers=second(shop)), 409, "preview_replaced")
    assert shop.get(f"/reratings/{found['id']}").json()["orders"] == 2


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"until": "2026-01-20T00:00:00Z"}, 422, "empty_window"),
        ({"since": "2024-01-20T00:00:00Z"}, 422, "window_too_long"),
        ({"version": 99}, 404, "unknown_version"),
        ({"reason": " "}, 422, "no_reason"),
        ({"since": SOON.isoformat(), "until": (SOON + timedelta(days=1)).isoformat()}, 422, "window_ahead"),
    ],
)
def test_what_cannot_be_asked(shop: Shop, more: dict[str, Any], status: int, code: str) -> None:
    is_problem(shop.post("/reratings", WINDOW | more), status, code)


def test_scopes_are_asked_for(shop: Shop) -> None:
    key = {"Authorization": f"Bearer {shop.key_for(Scope.ORDERS_WRITE)}"}
    calls: list[httpx.Response] = [
        shop.post("/reratings", WINDOW, headers=key),
        shop.post("/orders/o-1/promoter", {"promoter": None, "reason": "x"}, headers=key),
        shop.get("/reratings", headers=key),
        shop.post("/reratings/rrt_0000000000000/approve", {"preview": "x"}, headers=key),
    ]
    for answer in calls:
        is_problem(answer, 403, "scope_missing")


def test_a_rejected_one_stays_and_is_listed(shop: Shop) -> None:
    shop.post("/orders/o-1/promoter", {"promoter": "cam", "reason": "hers"})
    found = previewed(shop)
    is_problem(shop.post(f"/reratings/{found['id']}/reject", {"reason": "  "}), 422, "no_reason")
    assert shop.post(f"/reratings/{found['id']}/reject", {"reason": "not hers"}).json()["state"] == "rejected"
    listed = shop.get("/reratings").json()
    assert [one["id"] for one in listed["data"]] == [found["id"]] and listed["next"] is None
    is_problem(shop.get("/reratings/rrt_0000000000000"), 404, "unknown_rerating")
    worker(shop)
    assert [one["amount"] for one in shop.get("/orders/o-1").json()["commissions"]] == ["10.00", "3.00"]
