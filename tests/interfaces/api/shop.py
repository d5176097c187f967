"""A shop that calls the API over HTTP, and the plan it works by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from rongshu.kernel.access.actions import add_api_key
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""When the first plan of every shop comes into force."""

SOON = (utc_now() + timedelta(days=300)).replace(microsecond=0)
"""A beginning for plan versions: later than any order here, and within the year a version may begin in."""

PLAN = """
name: api
currency: CNY
jurisdiction: CN
levels: {1: {rate: 10%}, 2: {rate: 3%}}
release: {after: completed, days: 15}
"""


@dataclass
class Shop:
    """A tenant with a key, as the program that integrates it sees the API."""

    house: House
    http: httpx.Client
    key: str
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1_000_000)))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.http.get(path, **more)

    def post(self, path: str, document: Any = None, **more: Any) -> httpx.Response:
        if document is not None:
            more["json"] = document
        return self.http.post(path, **more)

    def put(self, path: str, document: Any, **more: Any) -> httpx.Response:
        return self.http.put(path, json=document, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        return self.http.delete(path, **more)

    def enrol(self, member: str, inviter: str | None = None, **more: Any) -> str:
        """A new member who promotes; our id of them."""
        assert self.post("/members", {"external_id": member}).status_code == 201
        answer = self.post(
            "/promoters", {"member": member, "inviter": inviter, "joined_at": "2025-06-01T00:00:00Z", **more}
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def key_for(self, *scopes: Scope, name: str = "other") -> str:
        """Another key of this tenant."""
        with tenant_scope(self.house.id):
            return add_api_key(name=name, scopes=scopes, by=TESTER, now=BEGINNING)[1]

    def order(self, **more: Any) -> dict[str, Any]:
        """An order that is right, under an id of its own."""
        return {
            "id": f"o{next(self.numbers)}",
            "paid_at": "2026-02-01T10:00:00+08:00",
            "buyer": "buyer",
            "lines": [{"sku": "A100", "paid": "100.00"}],
            **more,
        }


Opened = Callable[..., Shop]


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Holds an answer to be these problem details; gives them."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert (document["status"], document["code"], document["type"]) == (status, code, f"urn:rongshu:problem:{code}")
    assert document["title"] and document["detail"]
    return document
