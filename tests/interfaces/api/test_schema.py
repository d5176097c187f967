"""The API's description: valid, complete, and kept by the server under requests nobody would write by hand."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from ninja import Schema
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from rongshu.config.wsgi import application
from rongshu.interfaces.api import make_api
from tests.interfaces.api.shop import Opened

PATHS = [
    "/orders", "/orders/batch", "/orders/{order}", "/statuses", "/statuses/batch", "/refunds", "/refunds/batch", "/members",
    "/promoters", "/promoters/{member}", "/promoters/{member}/inviter", "/members/{member}/bond", "/members/{member}/external-id", "/promoters/{member}/commissions", "/plans/versions",
    "/plans/check", "/plans/simulate", "/plans/versions/{number}/differences/{other}", "/plans/versions/{number}/withdraw", "/plans/drafts",
    "/plans/drafts/{draft}", "/plans/drafts/{draft}/review", "/plans/drafts/{draft}/approve", "/plans/drafts/{draft}/reject",
    "/plans/drafts/{draft}/take-back", "/ladder", "/promoters/{member}/rank", "/compliance/facts", "/ping",
    "/orders/{order}/promoter", "/orders/{order}/evidence", "/orders/{order}/evidence.pdf", "/corrections", "/reratings", "/reratings/{id}", "/reratings/{id}/differences", "/reratings/{id}/approve",
    "/reratings/{id}/reject", "/reratings/{id}/preview",
    "/checkouts", "/checkouts/{checkout}", "/checkouts/{checkout}/release", "/coupon-batches", "/coupon-batches/{name}/close",
    "/coupon-batches/{name}/codes.csv", "/coupon-kinds", "/coupon-kinds/{name}", "/coupon-kinds/{name}/claim", "/coupon-kinds/{name}/close",
    "/coupon-kinds/{name}/codes", "/coupon-kinds/{name}/open", "/coupon-kinds/{name}/send", "/coupon-kinds/{name}/sendings", "/coupon-sendings/{name}", "/coupon-sendings/{name}/stop", "/coupon-uses", "/coupon-uses/release",
    "/coupon-uses/return", "/coupon-uses/use", "/coupons/redeem", "/coupons/{name}/reserve", "/members/{member}/points",
    "/members/{member}/points/history", "/members/{member}/points/lots", "/members/{name}/coupons", "/points/earn", "/points/give-back",
    "/points/redeem", "/points/release", "/points/reserve", "/points/rules", "/points/use", "/prices/quote", "/prices/rules",
    "/prices/rules/versions", "/prices/rules/versions/{number}",
    "/members/{member}/tier", "/members/{member}/growth", "/growth/earn", "/growth/rules", "/tiers", "/tiers/preview",
    "/periods", "/periods/running", "/periods/{period}", "/periods/{period}/promoters/{member}",
 "/periods/{period}/promoters/{member}/evidence",
 "/periods/{period}/promoters/{member}/evidence.pdf",
    "/withdrawals", "/withdrawals/{id}", "/withdrawals/{id}/cancel", "/withdrawals/{id}/approve", "/withdrawals/{id}/refuse",
    "/promoters/{member}/payee", "/promoters/{member}/statement", "/promoters/{member}/statement.csv", "/promoters/{member}/statement.pdf",
    "/payout-batches", "/payout-batches/{id}", "/payout-batches/{id}/file", "/payout-batches/{id}/results", "/payout-batches/{id}/settle",
    "/payout-batches/{id}/undo", "/payout-batches/{id}/ask-again", "/settlement-runs", "/settlement-runs/{id}", "/settlement-runs/{id}/start",
    "/settlement-runs/{id}/stop", "/settlement-runs/{id}/approvals", "/withdrawal-policy", "/reconciliation",
    "/products", "/links", "/links/{id}/state", "/codes", "/codes/{code}", "/touches", "/members/{member}/visitor",
    "/members/{member}/erasure", "/promoters/{member}/care", "/promoters/{member}/care/changes", "/promoters/{member}/freeze", "/promoters/{member}/resume",
    "/promoters/{member}/notes", "/promoters/{member}/tags", "/promoters/{member}/tags/{tag}", "/promoters/{member}/transfer", "/promoters/{member}/merge",
    "/members/{member}/bond/given", "/attribution", "/attribution/versions", "/attribution/what-if", "/orders/{order}/attribution",
    "/segments", "/segments/preview", "/segments/{segment_id}", "/segments/{segment_id}/members", "/segments/{segment_id}/members/{member}",
    "/members/{member}/segments",
    "/members/{member}", "/members/{member}/tags", "/members/{member}/tags/{tag}", "/members/{member}/consents", "/member-fields", "/tags",
    "/tags/{tag}/members",
    "/member-duplicates", "/member-duplicates/apart", "/members/{member}/merge", "/member-merges", "/member-merges/{name}/undo",
    "/members/{member}/card", "/cards/{number}", "/card-requests", "/card-requests/decide",
    "/mall/items", "/mall/items/{name}", "/mall/exchanges", "/mall/exchanges/{name}", "/mall/exchanges/{name}/send",
    "/mall/exchanges/{name}/finish", "/mall/exchanges/{name}/cancel",
    "/materials", "/materials/{material}", "/materials/{material}/versions", "/materials/{material}/versions/{number}/accept",
    "/materials/{material}/versions/{number}/offer", "/materials/{material}/versions/{number}/withdraw", "/promoters/{member}/materials",
    "/promoters/{member}/takings",
]  # fmt: skip


def test_no_two_bodies_share_a_name() -> None:
    """Bodies go by their names in the description: of two with one name, one would be described as the other."""
    named: dict[str, set[type]] = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("rongshu.interfaces.api"):
            for one in vars(module).values():
                if isinstance(one, type) and issubclass(one, Schema) and not one.__name__.startswith("_"):
                    named.setdefault(one.__name__, set()).add(one)
    assert len(named) > 50 and [name for name, classes in named.items() if len(classes) > 1] == []


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    from django.test import Client

    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, one) for path, methods in description["paths"].items() for method, one in methods.items()]


BARE = {f"/api/v1{path}" for path in ("/coupon-kinds/{name}/open", "/coupon-kinds/{name}/close", "/coupon-batches/{name}/close", "/coupon-sendings/{name}/stop", "/checkouts/{checkout}/release", "/materials/{material}/versions/{number}/offer", "/member-merges/{name}/undo", "/mall/exchanges/{name}/finish")}  # fmt: skip
"""Their address says everything; a second time changes nothing."""
BY_REF = {f"/api/v1{path}" for path in ("/coupon-kinds/{name}", "/coupons/{name}/reserve", "/coupon-uses/use", "/coupon-uses/release", "/coupon-uses/return")}  # fmt: skip
"""Idempotent by the `ref` they carry, or by setting what is."""


def test_every_address_is_described(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    assert set(description["paths"]) == {f"/api/v1{path}" for path in PATHS}
    names = [one["operationId"] for _, _, one in operations(description)]
    assert len(set(names)) == len(names)


def test_every_operation_describes_its_body_its_answers_and_its_problems(description: dict[str, Any]) -> None:
    for method, path, one in operations(description):
        assert one["summary"] and one["description"], path
        assert one["security"], path
        parameters = {(parameter["in"], parameter["name"]) for parameter in one.get("parameters", [])}
        if method in ("post", "put") and path not in BARE:
            schema = one["requestBody"]["content"]["application/json"]["schema"]
            assert schema.get("type") in ("object", "array") or "$ref" in schema, path
        if method != "get" and path not in (
            "/api/v1/plans/check",
            "/api/v1/plans/simulate",
            "/api/v1/segments/preview",
            "/api/v1/tiers/preview",
            "/api/v1/attribution/what-if",
            "/api/v1/payout-batches/{id}/file",
            "/api/v1/prices/quote",
            *BARE,
            *BY_REF,
        ):
            assert ("header", "Idempotency-Key") in parameters, path
        for status, response in one["responses"].items():
            kind = "application/json" if int(status) < 400 else "application/problem+json"
            if path.endswith(".pdf") and status == "200":
                kind = "application/pdf"
            if path.endswith(".csv") and status == "200":
                kind = "text/csv"
            assert list(response["content"]) == [kind], (path, status)
            assert response["content"][kind]["schema"], (path, status)
        assert {"400", "401", "403", "404", "409", "413", "422", "429", "500", "503"} <= set(one["responses"]), path


def test_the_description_is_valid(description: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(description).validate()


def test_the_page_of_the_description_opens() -> None:
    from django.test import Client

    page = Client().get("/api/v1/docs")
    assert page.status_code == 200
    assert (
        b"https://" not in page.content.split(b"<body")[1]
    )  # nothing from elsewhere, and the policy would not let it in


def without_large_bounds(part: Any) -> Any:
    """A description without bounds that take a generator very long to meet; other tests here meet them."""
    if isinstance(part, dict):
        large = {key for key in ("maxItems", "maxLength") if isinstance(part.get(key), int) and part[key] > 1000}
        return {key: without_large_bounds(value) for key, value in part.items() if key not in large}
    return [without_large_bounds(value) for value in part] if isinstance(part, list) else part


_OPERATIONS = schemathesis.openapi.from_dict(
    without_large_bounds(make_api().get_openapi_schema(path_prefix="/api/v1/"))
)
_OPERATIONS.app = application

MAY_TAKE_WRONG = {"/api/v1/plans/check", "/api/v1/orders/batch", "/api/v1/statuses/batch", "/api/v1/refunds/batch"}
"""Batches answer 200 with a refusal for each wrong entry."""


@pytest.fixture(scope="module")
def key(open_shop: Opened) -> str:
    shop = open_shop()
    shop.enrol("ann")
    return shop.key


@_OPERATIONS.parametrize()
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
def test_the_server_keeps_to_its_description(case: Any, key: str) -> None:
    checks = [not_a_server_error, response_schema_conformance, status_code_conformance, content_type_conformance]
    if case.path not in MAY_TAKE_WRONG:
        checks.append(negative_data_rejection)
    case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=checks)
