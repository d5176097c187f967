"""The API's description: valid, complete, and kept by the server under requests nobody would write by hand."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
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
    "/promoters", "/promoters/{member}", "/promoters/{member}/inviter", "/members/{member}/bond", "/promoters/{member}/commissions", "/plans/versions",
    "/plans/check", "/plans/simulate", "/plans/versions/{number}/differences/{other}", "/plans/versions/{number}/withdraw", "/plans/drafts",
    "/plans/drafts/{draft}", "/plans/drafts/{draft}/review", "/plans/drafts/{draft}/approve", "/plans/drafts/{draft}/reject",
    "/plans/drafts/{draft}/take-back", "/ladder", "/promoters/{member}/rank", "/compliance/facts", "/ping",
    "/orders/{order}/promoter", "/orders/{order}/evidence", "/orders/{order}/evidence.pdf", "/corrections", "/reratings", "/reratings/{id}", "/reratings/{id}/differences", "/reratings/{id}/approve",
    "/reratings/{id}/reject", "/reratings/{id}/preview",
    "/periods", "/periods/running", "/periods/{period}", "/periods/{period}/promoters/{member}",
]  # fmt: skip


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    from django.test import Client

    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, one) for path, methods in description["paths"].items() for method, one in methods.items()]


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
        if method in ("post", "put"):
            schema = one["requestBody"]["content"]["application/json"]["schema"]
            assert schema.get("type") in ("object", "array") or "$ref" in schema, path
        if method != "get" and path not in ("/api/v1/plans/check", "/api/v1/plans/simulate"):
            assert ("header", "Idempotency-Key") in parameters, path
        for status, response in one["responses"].items():
            kind = "application/json" if int(status) < 400 else "application/problem+json"
            if path.endswith(".pdf") and status == "200":
                kind = "application/pdf"
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
