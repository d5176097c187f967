"""The way in: keys and scopes, tenants kept apart, the language of problems, keys of idempotency."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from rongshu.interfaces.api.errors import TITLES
from rongshu.kernel import throttle
from rongshu.kernel.access import queries
from rongshu.kernel.access.actions import revoke_api_key
from rongshu.kernel.access.models import ApiKey
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.audit.models import AuditEntry
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.api.shop import PLAN, SOON, Opened, Shop, is_problem


@pytest.fixture(scope="module")
def ours(open_shop: Opened) -> Shop:
    shop = open_shop()
    shop.enrol("ann")
    shop.enrol("ben", "ann")
    return shop


def test_without_a_good_key_nobody_comes_in(ours: Shop, address: str) -> None:
    with httpx.Client(base_url=f"{address}/api/v1", headers={"Accept-Language": "en"}) as stranger:
        for headers in (
            {},
            {"Authorization": "Basic eDp5"},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer rs_" + "x" * 43},
        ):
            answer = stranger.get("/ping", headers=headers)
            is_problem(answer, 401, "no_valid_key")
            assert answer.headers["www-authenticate"] == "Bearer"
        is_problem(stranger.post("/orders", content=b"{"), 401, "no_valid_key")


OPENS = [
    ("POST", "/orders", Scope.ORDERS_WRITE),
    ("POST", "/orders/batch", Scope.ORDERS_WRITE),
    ("POST", "/statuses", Scope.ORDERS_WRITE),
    ("POST", "/statuses/batch", Scope.ORDERS_WRITE),
    ("POST", "/refunds", Scope.ORDERS_WRITE),
    ("POST", "/refunds/batch", Scope.ORDERS_WRITE),
    ("GET", "/orders/1", Scope.ORDERS_READ),
    ("POST", "/members", Scope.MEMBERS_WRITE),
    ("POST", "/promoters", Scope.MEMBERS_WRITE),
    ("PUT", "/promoters/ann/inviter", Scope.MEMBERS_WRITE),
    ("DELETE", "/promoters/nobody", Scope.MEMBERS_WRITE),
    ("GET", "/promoters/ann", Scope.MEMBERS_READ),
    ("GET", "/promoters/ann/commissions", Scope.MEMBERS_READ),
    ("GET", "/plans/versions", Scope.PLANS_READ),
    ("GET", "/plans/versions/1/differences/1", Scope.PLANS_READ),
    ("POST", "/plans/check", Scope.PLANS_READ),
    ("POST", "/plans/versions", Scope.PLANS_WRITE),
    ("POST", "/plans/versions/1/withdraw", Scope.PLANS_WRITE),
    ("GET", "/plans/drafts", Scope.PLANS_READ),
    ("POST", "/plans/drafts", Scope.PLANS_WRITE),
    ("PUT", "/plans/drafts/drf_1", Scope.PLANS_WRITE),
    ("DELETE", "/plans/drafts/drf_1", Scope.PLANS_WRITE),
    ("POST", "/plans/drafts/drf_1/review", Scope.PLANS_WRITE),
    ("POST", "/plans/drafts/drf_1/take-back", Scope.PLANS_WRITE),
    ("POST", "/plans/drafts/drf_1/approve", Scope.PLANS_APPROVE),
    ("POST", "/plans/drafts/drf_1/reject", Scope.PLANS_APPROVE),
]
BODIES: dict[str, Any] = {
    "/members": {"external_id": "scoped"},
    "/promoters": {"member": "nobody"},
    "/promoters/ann/inviter": {"inviter": None},
    "/plans/check": {"text": "x"},
    "/plans/versions": {"text": "x"},
    "/plans/versions/1/withdraw": {"reason": "x"},
    "/plans/drafts": {"text": "x"},
    "/plans/drafts/drf_1": {"text": "x"},
    "/plans/drafts/drf_1/review": {},
    "/plans/drafts/drf_1/take-back": {},
    "/plans/drafts/drf_1/approve": {},
    "/plans/drafts/drf_1/reject": {"reason": "x"},
}


def test_each_scope_opens_its_own_doors_only(ours: Shop) -> None:
    keys = {scope: ours.key_for(scope, name=f"only {scope}") for scope in Scope}
    for method, path, needed in OPENS:
        for scope, key in keys.items():
            answer = ours.http.request(
                method, path, json=BODIES.get(path, []), headers={"Authorization": f"Bearer {key}"}
            )
            if scope is needed:
                assert answer.status_code != 403, (method, path)
            else:
                assert str(needed) in is_problem(answer, 403, "scope_missing")["detail"], (method, path, scope)


def test_a_revoked_key_is_no_key(ours: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    key = ours.key_for(Scope.ORDERS_READ, name="to be revoked")
    assert queries.caller_of(key) is not None
    with tenant_scope(ours.house.id):
        revoke_api_key(key_id=ApiKey.objects.get(name="to be revoked").id, by=TESTER, now=utc_now())
    is_problem(ours.get("/ping", headers={"Authorization": f"Bearer {key}"}), 401, "no_valid_key")
    soon = time.monotonic() + queries.KEY_MEMORY + 0.1
    monkeypatch.setattr(queries.time, "monotonic", lambda: soon)
    assert queries.caller_of(key) is None


def test_another_tenant_neither_sees_nor_touches_anything(ours: Shop, open_shop: Opened) -> None:
    order = ours.order(promoter="ben", id="secret-order")
    identifier = ours.post("/orders?wait=true", order).json()["id"]
    ann = ours.get("/promoters/ann").json()
    theirs = open_shop()
    for named in (identifier, "secret-order", "api:secret-order"):
        is_problem(theirs.get(f"/orders/{named}"), 404, "unknown_order")
    for named in (ann["id"], "ann", "ben"):
        for path in (f"/promoters/{named}", f"/promoters/{named}/commissions"):
            is_problem(theirs.get(path), 404, "unknown_member")
        is_problem(theirs.http.delete(f"/promoters/{named}"), 404, "unknown_member")
        is_problem(theirs.http.put(f"/promoters/{named}/inviter", json={"inviter": None}), 404, "unknown_member")
    is_problem(theirs.post("/orders", theirs.order(promoter="ann")), 422, "unknown_promoter")
    is_problem(theirs.post("/orders", theirs.order(promoter=ann["id"])), 422, "unknown_promoter")
    cancelled = {"order": "secret-order", "status": "cancelled", "at": "2026-02-05T00:00:00Z"}
    assert theirs.post("/statuses", cancelled).status_code == 201  # waits for an order of their own
    assert theirs.post("/orders?wait=true", theirs.order(id="secret-order")).status_code == 201
    shown = ours.get("/orders/secret-order").json()
    assert shown["order"]["cancelled_at"] is None and shown["order"]["id"] == identifier and shown["earned"] == "13.00"
    assert ours.get("/promoters/ann").json() == ann


def test_ids_that_are_none(ours: Shop) -> None:
    for named in (
        "ord_0000000000000",
        outside("ord", (1 << 63) - 1),
        "ord_zzzzzzzzzzzzz",
        "mem_0000000000000",
        "%20",
        "a%2Fb",
        "榕树",
        "'--",
    ):
        assert ours.get(f"/orders/{named}").status_code == 404
        assert ours.get(f"/promoters/{named}").status_code == 404
    for path in (
        "/orders/%00",
        "/orders/a%00b",
        "/promoters/%01",
        "/promoters/%00/commissions",
        f"/orders/{'x' * 201}",
    ):
        is_problem(ours.get(path), 422, "invalid_request")


def test_addresses_with_nothing_there_and_methods_not_known(ours: Shop) -> None:
    for path in ("/", "/nothing", "/orders/", "/orders/1/2/3"):
        is_problem(ours.get(path), 404, "not_found")
    for method, path, allowed in (
        ("GET", "/orders", "POST"),
        ("PATCH", "/promoters/ann", "DELETE, GET"),
        ("DELETE", "/ping", "GET"),
    ):
        answer = ours.http.request(method, path)
        assert allowed in is_problem(answer, 405, "method_not_allowed")["detail"]
        assert answer.headers["allow"] == allowed


def test_problems_speak_the_language_asked_for(open_shop: Opened, address: str) -> None:
    from django.utils import translation
    from django.utils.translation import gettext

    chinese, english = open_shop(), open_shop(language="en")
    for shop, asked, language in (
        (chinese, "en", "en"), (chinese, "zh-CN,zh;q=0.9,en;q=0.5", "zh-hans"), (chinese, None, "zh-hans"),
        (english, None, "en"), (english, "zh", "zh-hans"), (english, "fr", "zh-hans"),
    ):  # fmt: skip
        with httpx.Client(base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {shop.key}"}) as http:
            for title, answer in (
                (404, http.get("/orders/1", headers={"Accept-Language": asked} if asked else {})),
                (422, http.post("/orders", json={}, headers={"Accept-Language": asked} if asked else {})),
                (400, http.post("/members", content=b"{", headers={"Accept-Language": asked} if asked else {})),
            ):
                with translation.override(language):
                    assert answer.json()["title"] == gettext(TITLES[title]), (shop.house.language, asked)
    stranger = httpx.get(f"{address}/api/v1/ping", headers={"Accept-Language": "zh"})
    with translation.override("zh-hans"):
        assert stranger.json()["title"] == gettext(TITLES[401])


def test_explanations_speak_it_too(ours: Shop) -> None:
    order = ours.order()
    ours.post("/orders?wait=true", order)
    said = [
        ours.get(f"/orders/{order['id']}", headers={"Accept-Language": one}).json()["nothing"]
        for one in ("en", "zh-CN", "en")
    ]
    assert said[0] == said[2] == "The order is credited to no promoter."
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said[1])


def test_a_key_of_idempotency_gives_the_first_answer_again(ours: Shop) -> None:
    order, headers = ours.order(promoter="ben"), {"Idempotency-Key": "first"}
    one = ours.post("/orders?wait=true", order, headers=headers)
    assert one.status_code == 201 and len(one.json()["commissions"]) == 2 and "idempotency-replayed" not in one.headers
    again = ours.post("/orders?wait=true", order, headers=headers)
    assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (201, one.content, "true")
    is_problem(ours.post("/orders?wait=true", ours.order(), headers=headers), 409, "idempotency_key_reused")
    is_problem(ours.post("/orders", order, headers=headers), 409, "idempotency_key_reused")
    is_problem(ours.post("/members", {"external_id": "x"}, headers=headers), 409, "idempotency_key_reused")
    is_problem(ours.post("/orders", ours.order(), headers={"Idempotency-Key": "k" * 256}), 422, "bad_idempotency_key")


def test_a_refusal_frees_its_key_of_idempotency(ours: Shop) -> None:
    headers = {"Idempotency-Key": "tried twice"}
    is_problem(ours.post("/orders", ours.order(promoter="zoe"), headers=headers), 422, "unknown_promoter")
    assert ours.post("/orders", ours.order(), headers=headers).status_code == 201


def test_every_write_takes_a_key_of_idempotency(ours: Shop) -> None:
    for method, path, body, status in (
        ("POST", "/members", {"external_id": "idem"}, 201),
        ("POST", "/promoters", {"member": "idem", "inviter": "ann"}, 201),
        ("PUT", "/promoters/idem/inviter", {"inviter": "ben"}, 200),
        ("DELETE", "/promoters/idem", None, 200),
        (
            "POST",
            "/refunds",
            {"id": "i", "order": "i", "refunded_at": "2026-02-02T00:00:00Z", "lines": [{"line_no": 1, "amount": "1"}]},
            201,
        ),
        ("POST", "/orders/batch", [ours.order()], 200),
        (
            "POST",
            "/plans/versions",
            {"text": PLAN.replace("api", "later"), "effective_from": SOON.isoformat()},
            201,
        ),
    ):
        headers = {"Idempotency-Key": f"write {method} {path}"}
        answers = [ours.http.request(method, path, json=body, headers=headers) for _ in range(2)]
        assert [one.status_code for one in answers] == [status, status], answers[1].text
        assert answers[0].content == answers[1].content and answers[1].headers["idempotency-replayed"] == "true"


def test_one_key_in_eight_threads_has_one_effect(ours: Shop, address: str) -> None:
    body = {"external_id": "once only"}

    def enter(_: int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {ours.key}", "Idempotency-Key": "at once"}
        return httpx.post(f"{address}/api/v1/members", json=body, headers=headers, timeout=30)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(enter, range(8)))
    assert {(one.status_code, one.content) for one in answers} == {(201, answers[0].content)}
    assert sum("idempotency-replayed" in one.headers for one in answers) == 7


def test_each_write_is_in_the_audit(open_shop: Opened) -> None:
    shop = open_shop()
    shop.enrol("ann")
    shop.enrol("ben", "ann")
    shop.post("/orders", shop.order(id="audited"))
    shop.post("/orders", shop.order(id="audited"))
    shop.post("/orders/batch", [shop.order(), shop.order(), {}])
    shop.post("/statuses", {"order": "audited", "status": "completed", "at": "2026-02-03T00:00:00Z"})
    shop.post(
        "/refunds",
        {
            "id": "r",
            "order": "audited",
            "refunded_at": "2026-02-03T00:00:00Z",
            "lines": [{"line_no": 1, "amount": "1"}],
        },
    )
    shop.http.put("/promoters/ben/inviter", json={"inviter": None, "reason": "moved away"})
    shop.http.delete("/promoters/ben")
    shop.post("/plans/versions", {"text": PLAN, "effective_from": SOON.isoformat()})
    shop.post("/plans/check", {"text": PLAN})
    with tenant_scope(shop.house.id):
        written = list(AuditEntry.objects.filter(actor="key:erp").order_by("id").values_list("action", "subject"))
    assert [action for action, _ in written] == [
        "member.added", "promoter.enrolled", "member.added", "promoter.enrolled", "orders.accepted", "orders.accepted",
        "statuses.accepted", "refunds.accepted", "promoter.moved", "promoter.ended", "plan.published",
    ]  # fmt: skip
    assert dict(written)["orders.accepted"] == "2 of 2"


def test_wrong_keys_are_counted(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """61 wrong keys in one minute: the last is told to wait. In this process, so that other tests may still knock."""
    from django.test import Client

    minute = throttle.time.time() // 60 * 60 + 30 + 7200
    monkeypatch.setattr(throttle.time, "time", lambda: minute)
    client = Client(REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION="Bearer rs_wrong", HTTP_ACCEPT_LANGUAGE="en")
    assert {client.get("/api/v1/ping").status_code for _ in range(60)} == {401}
    answer = client.get("/api/v1/ping")
    assert answer.status_code == 429 and answer.json()["code"] == "too_many_wrong_keys"
    assert answer["Content-Type"] == "application/problem+json" and int(answer["Retry-After"]) == 30
    assert (
        Client(REMOTE_ADDR="203.0.113.10").get("/api/v1/ping", HTTP_AUTHORIZATION="Bearer rs_wrong").status_code == 401
    )
