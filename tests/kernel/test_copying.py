"""Every road into a table marked `copied`: the same rows by each, and none for another tenant."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import numpy as np
import psycopg
import pytest
from django.db import DatabaseError, connection

from rongshu.kernel import bulk, copying
from rongshu.kernel.clock import to_micros
from rongshu.kernel.database import WRITER_ROLE
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import found

ROADS = ("writer", "temporary", "insert")
ROWS = 40


@pytest.fixture
def road(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    take(request.param, monkeypatch)
    return str(request.param)


def take(road: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forces a road by `_writer` (is there a writer's role?) and `FEW` (how many rows go by INSERT)."""
    monkeypatch.setattr(copying, "_writer", road == "writer")
    monkeypatch.setattr(copying, "FEW", ROWS if road == "insert" else 0)


def ratings(tenant: int, now: datetime) -> dict[str, copying.Column]:
    number = np.arange(ROWS, dtype=np.int64)
    owner = np.repeat(number[::2], 3)
    who = np.arange(len(owner), dtype=np.int64) - 5
    return {
        "tenant_id": copying.int8(tenant),
        "order_id": copying.int8(number + (1 << 60)),
        "first": copying.int2(number % 3 - 1),
        "rated_at": copying.instant(to_micros(now)),
        "version_id": copying.int8_or_null(number % 4, 0),
        "chain": copying.lists(ROWS, owner, who, 8),
        "states": copying.lists(ROWS, owner, who % 4, 2),
        "due_at": copying.instant_or_null(np.where(number % 2, bulk.NO_INSTANT, to_micros(now) + number)),
    }


def commissions(tenant: int, now: datetime) -> dict[str, copying.Column]:
    number = np.arange(ROWS, dtype=np.int64)
    zero = ("cut_order", "cut_day", "cut_month", "reversed", "kind", "base")
    return {
        "tenant_id": copying.int8(tenant),
        "order_id": copying.int8(number),
        **{name: copying.int2(0) if name == "kind" else copying.int8(0) for name in zero},
        **{name: copying.int4(number + 1) for name in ("row", "line_no", "level")},
        "ppm": copying.int4(number - 1),
        "beneficiary_id": copying.int8(number),
        "before_caps": copying.int8(number * 10**10),
        "amount": copying.int8(number * 10**10),
        "state": copying.int2(0),
        "paid_at": copying.instant(np.full(ROWS, to_micros(now)) - number),
        "rule": copying.words(number % 4 - 1, ("level-1", "榕树", ""), none="none"),
    }


def stored(table: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(t) - 'tenant_id' FROM {table} t ORDER BY order_id")
        return [json.loads(one) for (one,) in cursor.fetchall()]


@pytest.mark.parametrize(("table", "columns"), [("commission_rating", ratings), ("commission_commission", commissions)])
def test_each_road_writes_the_same_rows(
    table: str, columns: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    for road in ROADS:
        tenant = found(now=now).id
        take(road, monkeypatch)
        with tenant_scope(tenant):
            copying.copy(table, columns(tenant, now), ROWS)
            copying.copy(table, columns(tenant, now), 0)
            written.append(stored(table))
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_user")
                assert cursor.fetchone() != (WRITER_ROLE,)
    assert len(written[0]) == ROWS and written[0] == written[1] == written[2]
    if table == "commission_rating":
        assert [one["version_id"] for one in written[0][:3]] == [None, 1, 2]
        assert [one["chain"] for one in written[0][:3]] == [[-5, -4, -3], [], [-2, -1, 0]]
        assert written[0][1]["due_at"] is None and written[0][2]["due_at"]
    else:
        assert [one["rule"] for one in written[0][:4]] == ["none", "level-1", "榕树", ""]


@pytest.mark.parametrize("road", ROADS, indirect=True)
def test_no_road_writes_for_another_tenant(road: str, now: datetime) -> None:
    mine, other = found(now=now).id, found(now=now).id
    for tenant_ids in (other, np.array([mine] * (ROWS - 1) + [other], dtype=np.int64)):
        with pytest.raises((psycopg.Error, DatabaseError)) as error, tenant_scope(mine):
            copying.copy("commission_rating", ratings(mine, now) | {"tenant_id": copying.int8(tenant_ids)}, ROWS)
        assert "another tenant" in str(error.value) if road == "writer" else "row-level security" in str(error.value)
    for tenant in (mine, other):
        with tenant_scope(tenant):
            assert stored("commission_rating") == []


@pytest.mark.parametrize(
    "statement",
    ["SELECT * FROM commission_rating", "UPDATE commission_rating SET first = 0", "DELETE FROM commission_rating",
     "INSERT INTO kernel_apikey (tenant_id, id) VALUES (1, 1)", "SELECT * FROM kernel_login", "TRUNCATE commission_rating",
     "CREATE TABLE own (a int)", "COPY commission_rating TO STDOUT"],
)  # fmt: skip
def test_the_writer_can_do_nothing_else(statement: str, now: datetime) -> None:
    tenant = found(now=now).id
    with pytest.raises(DatabaseError, match="permission denied"), tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {WRITER_ROLE}")
        cursor.execute(statement)
