"""Orders, statuses and refunds over HTTP, as a shop brings them in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest

from rongshu.domain.commerce.orders.models import Order
from rongshu.domain.members.profiles.models import Member
from rongshu.engine.money import format_units, parse_units
from rongshu.engine.plan import read_plan
from rongshu.engine.rating import Lines, Orders, Promoters, rate
from rongshu.engine.rating.frames import BEGINNING as SINCE_ALWAYS
from rongshu.engine.rating.frames import FIRST, FOREVER, KINDS
from rongshu.flows.intake.work import work_off
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.interfaces.api.shop import Opened, Shop, is_problem


def work_off_all(shop: Shop) -> None:
    """What the worker does."""
    while work_off(shop.house.id, now=utc_now()):
        pass


def how_many(shop: Shop) -> int:
    with tenant_scope(shop.house.id):
        return int(Order.objects.count())


@pytest.fixture(scope="module")
def chain(open_shop: Opened) -> Shop:
    """A shop with ann, who invited ben."""
    shop = open_shop()
    shop.enrol("ann")
    shop.enrol("ben", "ann")
    return shop


def test_a_key_says_whose_it_is(chain: Shop) -> None:
    answer = chain.get("/ping").json()
    assert (answer["tenant"], answer["key"]) == (chain.house.slug, "erp")
    assert "orders:write" in answer["scopes"]


def test_once_accepted_then_a_duplicate_then_a_conflict(chain: Shop) -> None:
    order = chain.order(promoter="ben")
    first = chain.post("/orders?wait=true", order)
    assert (first.status_code, first.json()["outcome"]) == (201, "accepted")
    again = chain.post("/orders", order)
    assert (again.status_code, again.json()) == (200, {"id": first.json()["id"], "outcome": "duplicate"})
    before = chain.get(f"/orders/{order['id']}").json()
    other = chain.post("/orders", order | {"lines": [{"sku": "A100", "paid": "999.00"}]})
    assert order["id"] in is_problem(other, 409, "content_differs")["detail"]
    assert chain.get(f"/orders/{order['id']}").json() == before
    assert before["order"]["paid"] == "100.00"


def test_the_same_content_written_differently_is_the_same(chain: Shop) -> None:
    order = chain.order(
        promoter="ben", lines=[{"sku": "B", "paid": "5", "line_no": 2}, {"sku": "A", "paid": "7.10", "line_no": 1}]
    )
    assert chain.post("/orders", order).status_code == 201
    written = order | {
        "paid_at": "2026-02-01T02:00:00Z",
        "source": "api",
        "currency": "CNY",
        "lines": [
            {"sku": "A", "paid": "7.1", "line_no": 1, "qty": 1, "category": ""},
            {"sku": "B", "paid": "5.00", "line_no": 2},
        ],
    }
    assert chain.post("/orders", written).json()["outcome"] == "duplicate"


def test_the_same_id_of_another_source_is_another_order(chain: Shop) -> None:
    order = chain.order()
    ids = {
        chain.post("/orders?wait=true", order | {"source": source}).json()["id"] for source in ("api", "shop", "pos")
    }
    assert len(ids) == 3
    assert chain.get(f"/orders/pos:{order['id']}").json()["order"]["source"] == "pos"


RICH = """
name: rich
currency: CNY
jurisdiction: CN
levels: {1: {rate: 10%}, 2: {rate: 3%}, 3: {rate: 0.5%}}
overrides:
  - {id: first-order, level: 1, when: {order: first, category: [beauty]}, rate: 15%}
  - {id: flat, level: 2, when: {sku: [A100]}, fixed: "1.25"}
boosts:
  - {id: web, when: {channel: [web]}, add: 1.5%}
caps: {order: 12%}
release: {after: paid, days: 7}
"""


def test_wait_answers_with_what_the_engine_gives(open_shop: Opened) -> None:
    shop = open_shop(RICH)
    promoters = [shop.enrol("top"), shop.enrol("mid", "top"), shop.enrol("low", "mid")]
    sold = [
        ("A100", "beauty/lips", 3, "59.97"),
        ("B200", "beauty", 1, "0.05"),
        ("C300", "food", 2, "1234.56"),
        ("D400", "", 1, "0"),
    ]
    lines = [{"sku": sku, "category": category, "qty": qty, "paid": paid} for sku, category, qty, paid in sold]
    answer = shop.post("/orders?wait=true", shop.order(promoter="low", channel="web", lines=lines))
    assert answer.status_code == 201 and answer.json()["rated"] is True

    def whole(*values: int) -> Any:
        return np.array(values, dtype=np.int64)

    none = whole(-1)
    rows = rate(
        read_plan(RICH),
        shop.house.zone,
        Promoters(whole(-1, 0, 1), whole(-1, -1, -1), *(np.full(3, at) for at in (SINCE_ALWAYS, SINCE_ALWAYS, FOREVER))),
        Orders(whole(1_769_911_200_000_000), none, whole(2), whole(FIRST), none, whole(0), none, none, channels=("web",)),
        Lines(
            whole(0, 0, 0, 0), whole(1, 2, 3, 4), whole(0, 1, 2, 3), whole(0, 1, 2, -1), whole(3, 1, 2, 1),
            whole(*(parse_units(one[3], "CNY") for one in sold)), whole(0, 0, 0, 0),
            skus=("A100", "B200", "C300", "D400"), categories=("beauty/lips", "beauty", "food"),
        ),
    ).rows  # fmt: skip
    expected = [
        {
            "line_no": int(rows.line[i]) + 1, "kind": KINDS[rows.kind[i]], "level": int(rows.level[i]),
            "promoter": promoters[rows.beneficiary[i]], "rule": rows.rules[rows.rule[i]],
            "base": format_units(int(rows.base[i]), "CNY"), "amount": format_units(int(rows.amount[i]), "CNY"),
            "reversed": "0.00", "state": "pending",
        }
        for i in range(len(rows))
    ]  # fmt: skip
    got = [{name: one[name] for name in expected[0]} for one in answer.json()["commissions"]]
    assert got == expected
    assert {one["rule"] for one in got} == {"first-order+web", "flat", "level-1+web", "level-2+web", "level-3+web"}
    assert len(got) > 6
    shown = shop.get(f"/orders/{answer.json()['id']}").json()
    assert [one["amount"] for one in shown["commissions"]] == [one["amount"] for one in got]


def test_a_duplicate_that_waits_has_the_commissions_too(chain: Shop) -> None:
    order = chain.order(promoter="ben")
    first = chain.post("/orders?wait=true", order).json()
    assert [one["amount"] for one in first["commissions"]] == ["10.00", "3.00"]
    assert chain.post("/orders?wait=true", order).json() == first | {"outcome": "duplicate"}


def test_a_batch_answers_for_each_entry_where_it_stood(chain: Shop) -> None:
    good, known = chain.order(promoter="ben"), chain.order()
    assert chain.post("/orders", known).status_code == 201
    batch = [
        good,
        chain.order() | {"lines": []},
        17,
        known,
        known | {"buyer": "somebody-else"},
        chain.order(promoter="nobody"),
        chain.order(lines=[{"sku": "A", "paid": "-1.00"}]),
        chain.order(lines=[{"sku": "A", "paid": 1.5}]),
        good,
        chain.order(),
    ]
    answer = chain.post("/orders/batch", batch)
    assert answer.status_code == 200
    document = answer.json()
    outcomes = [
        "accepted",
        "refused",
        "refused",
        "duplicate",
        "conflict",
        "refused",
        "refused",
        "refused",
        "duplicate",
        "accepted",
    ]
    assert [one["outcome"] for one in document["results"]] == outcomes
    assert [one["index"] for one in document["results"]] == list(range(len(batch)))
    assert document["counts"] == {"accepted": 2, "duplicate": 2, "conflict": 1, "refused": 5}
    assert document["results"][8]["id"] == document["results"][0]["id"]
    codes = [one.get("problem", {}).get("code") for one in document["results"]]
    assert codes == [None, "invalid_request", "invalid_request", None, "content_differs", "unknown_promoter", "negative_amount",
                     "invalid_request", None, None]  # fmt: skip
    (wrong,) = document["results"][7]["problem"]["errors"]
    assert (wrong["at"], wrong["code"]) == ("lines[0].paid", "string_type")
    before = how_many(chain)
    work_off_all(chain)
    assert how_many(chain) - before >= 2


def test_repeats_within_one_batch(chain: Shop) -> None:
    """What stands twice in a batch is judged as if it had come one after the other."""
    refused, order = chain.order(promoter="nobody"), chain.order()
    other = order | {"buyer": "other"}
    answer = chain.post("/orders/batch", [refused, refused, refused | {"promoter": "ben"}, order, other, order]).json()
    assert [one["outcome"] for one in answer["results"]] == [
        "refused",
        "refused",
        "accepted",
        "accepted",
        "conflict",
        "duplicate",
    ]
    again = chain.post("/orders/batch", [other, other, order]).json()
    assert [one["outcome"] for one in again["results"]][:2] == ["conflict", "conflict"]


def test_a_batch_takes_10_000_and_not_one_more(chain: Shop) -> None:
    entries = [
        {"id": f"big-{n}", "paid_at": "2026-02-01T10:00:00Z", "lines": [{"sku": "A", "paid": "1.00"}]}
        for n in range(10_001)
    ]
    problem = is_problem(chain.post("/orders/batch", entries), 422, "batch_too_large")
    assert "10000" in problem["detail"] and "10001" in problem["detail"]
    entries.pop()
    entries[77] = {"id": "broken"}
    answer = chain.post("/orders/batch", entries).json()
    assert answer["counts"] == {"accepted": 9999, "duplicate": 0, "conflict": 0, "refused": 1}
    assert answer["results"][77]["outcome"] == "refused" and len({one.get("id") for one in answer["results"]}) == 10_000


def test_an_empty_batch_is_no_mistake(chain: Shop) -> None:
    for path in ("/orders/batch", "/statuses/batch", "/refunds/batch"):
        answer = chain.post(path, [])
        assert answer.status_code == 200
        assert answer.json() == {"counts": {"accepted": 0, "duplicate": 0, "conflict": 0, "refused": 0}, "results": []}


GOOD_LINE = {"sku": "A", "paid": "1.00"}


@pytest.mark.parametrize(
    ("change", "code", "at"),
    [
        ({"lines": [{"sku": "A", "paid": "-0.01"}]}, "negative_amount", "lines"),
        ({"lines": [{"sku": "A", "paid": "1.001"}]}, "too_many_decimals", "lines"),
        ({"lines": [{"sku": "A", "paid": "10000000000.01"}]}, "too_large", "lines"),
        ({"lines": [{"sku": "A", "paid": "99999999999.99"}]}, "too_large", "lines"),
        ({"lines": [{"sku": "A", "paid": "9" * 24}]}, "too_large", "lines"),
        ({"lines": [{"sku": "A", "paid": "1.00", "cost": "20000000000"}]}, "too_large", "lines"),
        ({"currency": "USD"}, "wrong_currency", "currency"),
        ({"promoter": "nobody"}, "unknown_promoter", "promoter"),
        ({"promoter": "buyer"}, "unknown_promoter", "promoter"),
        ({"lines": [{**GOOD_LINE, "line_no": 3}, {**GOOD_LINE, "line_no": 3}]}, "line_twice", "lines"),
    ],
)  # fmt: skip
def test_what_is_understood_and_refused(chain: Shop, change: dict[str, Any], code: str, at: str) -> None:
    order = chain.order(**change)
    assert is_problem(chain.post("/orders", order), 422, code)["at"] == at
    is_problem(chain.get(f"/orders/{order['id']}"), 404, "unknown_order")


@pytest.mark.parametrize(
    ("change", "at", "code"),
    [
        ({"lines": [{**GOOD_LINE, "qty": 0}]}, "lines[0].qty", "greater_than_equal"),
        ({"lines": [{**GOOD_LINE, "qty": True}]}, "lines[0].qty", "int_type"),
        ({"lines": [{**GOOD_LINE, "qty": 1_000_001}]}, "lines[0].qty", "less_than_equal"),
        ({"lines": [{**GOOD_LINE, "paid": 1}]}, "lines[0].paid", "string_type"),
        ({"lines": [{**GOOD_LINE, "paid": "1e3"}]}, "lines[0].paid", "string_pattern_mismatch"),
        ({"lines": [{**GOOD_LINE, "paid": "1,50"}]}, "lines[0].paid", "string_pattern_mismatch"),
        ({"lines": [{**GOOD_LINE, "discount": "1"}]}, "lines[0].discount", "extra_forbidden"),
        ({"lines": []}, "lines", "too_short"),
        ({"lines": [{**GOOD_LINE, "line_no": n + 1} for n in range(2001)]}, "lines", "too_long"),
        ({"paid_at": "2026-02-01T10:00:00"}, "paid_at", "timezone_aware"),
        ({"paid_at": "yesterday"}, "paid_at", "datetime_from_date_parsing"),
        ({"paid_at": "20260201"}, "paid_at", "greater_than_equal"),
        ({"paid_at": "0001-01-01T00:00:00+14:00"}, "paid_at", "greater_than_equal"),
        ({"paid_at": "9999-12-31T23:59:59-14:00"}, "paid_at", "less_than"),
        ({"note": "x"}, "note", "extra_forbidden"),
        ({"id": ""}, "id", "string_too_short"),
        ({"id": "a" * 101}, "id", "string_too_long"),
        ({"id": "a\x00b"}, "id", "string_pattern_mismatch"),
        ({"id": None}, "id", "string_type"),
        ({"source": "My Shop"}, "source", "string_pattern_mismatch"),
    ],
)  # fmt: skip
def test_what_has_the_wrong_shape(chain: Shop, change: dict[str, Any], at: str, code: str) -> None:
    problem = is_problem(chain.post("/orders", chain.order() | change), 422, "invalid_request")
    (wrong,) = problem["errors"]
    assert (wrong["at"], wrong["code"]) == (at, code)
    assert wrong["detail"].endswith(".") and "%" not in wrong["detail"] and "[^" not in wrong["detail"]
    in_batch = chain.post("/orders/batch", [chain.order() | change, chain.order()]).json()
    assert [one["outcome"] for one in in_batch["results"]] == ["refused", "accepted"]
    assert in_batch["results"][0]["problem"]["errors"] == [wrong]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"<order/>", "application/xml"),
        (b"id=1&paid=2", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/json"),
        (b'{"id": "\\ud800"}', "application/json"),
        (b"[" * 100_000, "application/json"),
    ],
)
@pytest.mark.parametrize("path", ["/orders", "/orders/batch", "/members", "/plans/check"])
def test_what_is_no_json(chain: Shop, path: str, body: bytes, kind: str) -> None:
    answer = chain.post(path, content=body, headers={"Content-Type": kind})
    if path in ("/members", "/plans/check") and (not body or b"ud800" in body):
        is_problem(answer, 422, "invalid_request")
    else:
        is_problem(answer, 400, "not_json")


@pytest.mark.parametrize(
    ("path", "body"),
    [("/orders", []), ("/orders", 1), ("/orders/batch", {}), ("/orders/batch", "x"), ("/refunds", None)],
)
def test_what_is_json_of_another_kind(chain: Shop, path: str, body: Any) -> None:
    answer = chain.http.post(path, content=httpx.Request("POST", "http://x", json=body).content or b"null")
    is_problem(answer, 422, "invalid_request")


def test_amounts_up_to_the_largest(chain: Shop) -> None:
    answer = chain.post(
        "/orders?wait=true",
        chain.order(promoter="ben", lines=[{"sku": "A", "paid": "10000000000.00", "qty": 1_000_000}]),
    )
    assert [one["amount"] for one in answer.json()["commissions"]] == ["1000000000.00", "300000000.00"]


def test_unknown_buyer_unknown_sku_and_a_guest(chain: Shop) -> None:
    stranger = chain.order(
        buyer="seen-for-the-first-time", promoter="ben", lines=[{"sku": "never-seen", "paid": "10.00"}]
    )
    assert [one["amount"] for one in chain.post("/orders?wait=true", stranger).json()["commissions"]] == [
        "1.00",
        "0.30",
    ]
    with tenant_scope(chain.house.id):
        assert Member.objects.filter(external_id="seen-for-the-first-time").count() == 1
    assert chain.get(f"/orders/{stranger['id']}").json()["order"]["buyer"]["name"] == "seen-for-the-first-time"
    guest = chain.order(buyer=None, promoter="ben")
    assert [one["amount"] for one in chain.post("/orders?wait=true", guest).json()["commissions"]] == ["10.00", "3.00"]
    assert chain.get(f"/orders/{guest['id']}").json()["order"]["buyer"] is None
    nobodys = chain.order()
    assert chain.post("/orders?wait=true", nobodys).json()["commissions"] == []
    assert "no promoter" in chain.get(f"/orders/{nobodys['id']}").json()["nothing"]


def test_an_order_before_the_first_plan_earns_nothing_and_says_so(chain: Shop) -> None:
    old = chain.order(promoter="ben", paid_at="2025-12-31T23:59:59Z")
    answer = chain.post("/orders?wait=true", old)
    assert (answer.status_code, answer.json()["rated"], answer.json()["commissions"]) == (201, True, [])
    shown = chain.get(f"/orders/{old['id']}").json()
    assert shown["plan_version"] is None
    assert shown["nothing"] == "No plan was in force when this order was paid."


def test_without_any_plan_orders_are_taken_and_earn_nothing(open_shop: Opened) -> None:
    shop = open_shop(None)
    shop.enrol("ann")
    answer = shop.post("/orders?wait=true", shop.order(promoter="ann"))
    assert (answer.status_code, answer.json()["commissions"]) == (201, [])


def test_an_order_waits_in_the_inbox_until_it_is_worked_off(chain: Shop) -> None:
    order = chain.order(promoter="ben")
    identifier = chain.post("/orders", order).json()["id"]
    is_problem(chain.get(f"/orders/{identifier}"), 404, "unknown_order")
    waiting = chain.post("/orders?wait=true", order).json()
    assert (waiting["rated"], waiting["commissions"]) == (False, [])
    work_off_all(chain)
    assert chain.get(f"/orders/{identifier}").json()["earned"] == "13.00"
    assert chain.post("/orders?wait=true", order).json()["rated"] is True


def test_completed_starts_the_window_and_cancelled_takes_all_back(chain: Shop) -> None:
    order = chain.order(promoter="ben")
    chain.post("/orders?wait=true", order)
    done = {"order": order["id"], "status": "completed", "at": "2026-02-03T00:00:00Z"}
    assert [chain.post("/statuses", done).status_code for _ in range(2)] == [201, 200]
    is_problem(chain.post("/statuses", done | {"at": "2026-02-04T00:00:00Z"}), 409, "content_differs")
    is_problem(chain.post("/statuses", done | {"status": "lost"}), 422, "invalid_request")
    work_off_all(chain)
    assert chain.get(f"/orders/{order['id']}").json()["order"]["completed_at"].startswith("2026-02-03T08:00")
    assert chain.post("/statuses", done | {"status": "cancelled", "at": "2026-02-05T00:00:00Z"}).status_code == 201
    work_off_all(chain)
    shown = chain.get(f"/orders/{order['id']}").json()
    assert (shown["earned"], shown["reversed"]) == ("13.00", "13.00")
    batch = [done, {"order": "x"}, done | {"order": "comes-later"}]
    assert [one["outcome"] for one in chain.post("/statuses/batch", batch).json()["results"]] == [
        "duplicate",
        "refused",
        "accepted",
    ]


def refund(order: dict[str, Any], amount: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"r-{order['id']}", "order": order["id"], "refunded_at": "2026-02-10T00:00:00Z",
        "lines": [{"line_no": 1, "amount": amount}], **more,
    }  # fmt: skip


def test_a_refund_flows_back_once(chain: Shop) -> None:
    order = chain.order(promoter="ben")
    chain.post("/orders?wait=true", order)
    part = refund(order, "33.33")
    assert [chain.post("/refunds", part).status_code for _ in range(2)] == [201, 200]
    is_problem(chain.post("/refunds", refund(order, "33.34")), 409, "content_differs")
    work_off_all(chain)
    shown = chain.get(f"/orders/{order['id']}").json()
    assert [one["reversed"] for one in shown["commissions"]] == ["3.33", "1.00"]
    assert chain.post("/refunds", refund(order, "66.67", id="rest")).status_code == 201
    work_off_all(chain)
    assert chain.get(f"/orders/{order['id']}").json()["reversed"] == "13.00"


def test_a_refund_before_its_order_waits_for_it(chain: Shop) -> None:
    order = chain.order(promoter="ben")
    assert chain.post("/refunds", refund(order, "50.00")).status_code == 201
    work_off_all(chain)
    assert [one["reversed"] for one in chain.post("/orders?wait=true", order).json()["commissions"]] == ["5.00", "1.50"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lines": [{"line_no": 9, "amount": "1.00"}]}, "unknown_line"),
        ({"lines": [{"line_no": 1, "amount": "0.00"}]}, "nothing_refunded"),
        ({"lines": [{"line_no": 1, "amount": "-1.00"}]}, "negative_amount"),
        ({"lines": [{"line_no": 1, "amount": "0.001"}]}, "too_many_decimals"),
        ({"lines": [{"line_no": 1, "amount": "1.00"}, {"line_no": 1, "amount": "2.00"}]}, "line_twice"),
        ({"currency": "USD"}, "wrong_currency"),
        ({"lines": []}, "invalid_request"),
        ({"refunded_at": "2026-02-10T00:00:00"}, "invalid_request"),
    ],
)
def test_refunds_that_are_refused(chain: Shop, change: dict[str, Any], code: str) -> None:
    order = chain.order(promoter="ben")
    chain.post("/orders?wait=true", order)
    wrong = refund(order, "1.00") | change
    is_problem(chain.post("/refunds", wrong), 422, code)
    batch = chain.post("/refunds/batch", [wrong, refund(order, "1.00")]).json()
    assert [one["outcome"] for one in batch["results"]] == ["refused", "accepted"]


def test_four_clients_with_the_same_sixty_orders(open_shop: Opened, address: str) -> None:
    shop = open_shop()
    shop.enrol("ann")
    orders = [shop.order(promoter="ann", buyer=f"b{n % 7}") for n in range(60)]

    def bring(client: int) -> list[int]:
        with httpx.Client(base_url=f"{address}/api/v1", headers=shop.http.headers, timeout=30) as http:
            mine = orders[client * 15 :] + orders[: client * 15]
            if client == 3:
                answer = http.post("/orders/batch", json=mine[::-1])
                assert answer.status_code == 200
                return [{"accepted": 201, "duplicate": 200}[one["outcome"]] for one in answer.json()["results"]]
            return [http.post("/orders", params={"wait": client == 0}, json=one).status_code for one in mine]

    with ThreadPoolExecutor(4) as pool:
        statuses = [status for part in pool.map(bring, range(4)) for status in part]
    assert sorted(set(statuses)) == [200, 201] and statuses.count(201) == 60
    work_off_all(shop)
    assert how_many(shop) == 60
    assert shop.get("/promoters/ann").json()["balance"]["pending"] == "600.00"
