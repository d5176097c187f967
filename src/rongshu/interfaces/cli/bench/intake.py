"""From HTTP to the ledger, beside COPY of the very rows that came of it.

A database of its own in a temporary folder; one web process, one worker. The clock runs from the first request until the
last order is rated and on the ledger. The limit, right after: the rows the measured orders left in the six tables, written again
by COPY into the same tables (same indexes, another tenant), triggers off, in one go.
"""

from __future__ import annotations

import http.client
import os
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from rongshu.interfaces.cli.bench.limit import copied_again
from rongshu.interfaces.cli.up import Child, _web

MEMBERS, PROMOTERS, SKUS = 200_000, 20_000, 2_000
PORT = 18761

PLAN = """
name: bench
currency: CNY
jurisdiction: XX
levels:
  1: {rate: 10%}
  2: {rate: 3%}
overrides:
  - {id: first-order, level: 1, when: {order: first}, rate: 15%}
  - {id: kitchen, level: 1, when: {category: home/kitchen}, rate: 12%}
boosts:
  - {id: newcomer, when: {promoter_days: {below: 30}}, add: 2%}
caps: {order: 25%}
release: {after: completed, days: 15}
"""

_TABLES = {
    "ledger_journal": "id",
    "commerce_order": "id",
    "commerce_line": "order_id",
    "commission_rating": "order_id",
    "commission_commission": "order_id",
    "ledger_transfer": "journal",
}


def run(*, orders: int, history: int, batch: int, lone: int) -> dict[str, Any]:
    """Measures. Returns `orders`, `orders_per_s`, `copy_orders_per_s`, `ratio`, and the latencies of lone orders."""
    with _installation() as key:
        from rongshu.kernel.clock import utc_now

        maker = _Maker(utc_now())
        for size in _cuts(history, 10_000):
            _bring_in(maker, size)
        _settle()
        bodies = [maker.body(size) for size in _cuts(orders, batch)]
        warm = maker.body(min(500, batch))
        with _processes():
            _post(key, [warm])
            _wait_until_empty()
            first = _last_order()
            started = time.perf_counter()
            _post(key, bodies)
            _wait_until_empty()
            seconds = time.perf_counter() - started
            last = _last_order()
            latencies = _lone_orders(key, maker, lone)
        rows, copy_seconds = copied_again({
            table: f"WHERE {key} > {first} AND {key} <= {last} ORDER BY {key}" for table, key in _TABLES.items()
        })  # fmt: skip
    return {
        "orders": orders,
        "history": history,
        "rows": rows,
        "seconds": seconds,
        "orders_per_s": orders / seconds,
        "copy_orders_per_s": orders / copy_seconds,
        "ratio": copy_seconds / seconds,
        **latencies,
    }


def _cuts(total: int, size: int) -> list[int]:
    return [min(size, total - start) for start in range(0, total, size)]


@contextmanager
def _installation() -> Iterator[str]:
    """A database of its own with a tenant, members, a forest and a plan; yields an API key."""
    home = Path(tempfile.mkdtemp(prefix="rongshu-bench-"))
    os.environ.update(RONGSHU_HOME=str(home))
    for name in ("DATABASE_URL", "RONGSHU_OWNER_URL", "RONGSHU_APP_DATABASE_URL"):
        os.environ.pop(name, None)
    from rongshu.kernel.boot import boot, migrate

    server = boot()
    try:
        migrate()
        yield _found()
    finally:
        from django.db import connections

        connections.close_all()
        if server is not None:
            server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _found() -> str:
    from rongshu.domain.commission.plans.actions import publish_plan
    from rongshu.domain.members.profiles.actions import ensure_members
    from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
    from rongshu.kernel.access.actions import add_api_key
    from rongshu.kernel.access.rules import Scope
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.founding import found_tenant
    from rongshu.kernel.tenancy.scope import tenant_scope

    now = utc_now()
    tenant = found_tenant(
        slug="bench", name="Bench", currency="CNY", time_zone="Asia/Shanghai", by=COMMAND_LINE, now=now
    )
    draw = random.Random(1)
    with tenant_scope(tenant.id):
        ids = ensure_members(external_ids=[f"m{i}" for i in range(MEMBERS)], now=now)
        joinings = [
            Joining(
                ids[f"m{i}"],
                ids[f"m{int(i * draw.random() ** 2)}"] if i >= 200 else None,
                now - timedelta(days=draw.randrange(1, 400)),
            )
            for i in range(PROMOTERS)
        ]
        enrol_promoters(joinings=joinings, by=COMMAND_LINE, now=now)
        publish_plan(text=PLAN, effective_from=now - timedelta(days=500), by=COMMAND_LINE, now=now)
        _, secret = add_api_key(name="bench", scopes=list(Scope), by=COMMAND_LINE, now=now)
    return secret


class _Maker:
    """Makes orders: two lines each, a random buyer, a named promoter for nine in ten."""

    def __init__(self, now: datetime) -> None:
        self._draw = random.Random(2)
        self._now = now
        self._made = 0

    def orders(self, count: int) -> list[dict[str, Any]]:
        draw = self._draw
        made = []
        for _ in range(count):
            self._made += 1
            order: dict[str, Any] = {
                "id": f"B{self._made:09d}",
                "paid_at": (self._now - timedelta(milliseconds=2_000_000_000 - self._made)).isoformat(),
                "buyer": f"m{draw.randrange(MEMBERS)}",
                "channel": draw.choice(("moments", "group", "poster")),
                "lines": [
                    {
                        "sku": f"S{draw.randrange(SKUS)}",
                        "category": draw.choice(("home/kitchen", "home/decoration", "toys")),
                        "qty": draw.randrange(1, 4),
                        "paid": f"{draw.randrange(500, 50_000) / 100:.2f}",
                    }
                    for _ in range(2)
                ],
            }
            if draw.random() < 0.9:
                order["promoter"] = f"m{draw.randrange(PROMOTERS)}"
            made.append(order)
        return made

    def body(self, count: int) -> bytes:
        return orjson.dumps(self.orders(count))


def _bring_in(maker: _Maker, size: int) -> None:
    """History: through the same acceptance and rating, without HTTP."""
    from rongshu.flows.intake.accept import accept_orders
    from rongshu.flows.intake.shapes import ORDERS
    from rongshu.flows.intake.work import work_off
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.tenancy.queries import house_by_slug
    from rongshu.kernel.tenancy.scope import tenant_scope

    tenant = house_by_slug("bench")
    with tenant_scope(tenant.id):
        accept_orders(orders=ORDERS.validate_json(maker.body(size)), tenant=tenant, by=COMMAND_LINE, now=utc_now())
    while work_off(tenant.id, now=utc_now()):
        pass


def _settle() -> None:
    """History as the days after it leave it: its events delivered, its tables vacuumed and on the disk. Otherwise that belated
    work, on the same few cores, would be counted as the new orders'."""
    import psycopg

    from rongshu.flows.table import deliver_all
    from rongshu.kernel.clock import utc_now

    deliver_all(now=utc_now())

    with psycopg.connect(os.environ["RONGSHU_OWNER_URL"], autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


@contextmanager
def _processes() -> Iterator[None]:
    children = [Child("web", _web("127.0.0.1", PORT, 1)), Child("worker", [sys.executable, "-m", "rongshu", "worker"])]
    for child in children:
        child.start()
    try:
        for _ in range(300):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=2)
                connection.request("GET", "/healthz")
                connection.getresponse()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        for child in children:
            child.stop()


def _post(key: str, bodies: list[bytes]) -> None:
    """Sends the bodies over two connections; raises when one is not answered with 200."""
    waiting = list(reversed(bodies))
    failures: list[str] = []

    def send() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
        while waiting and not failures:
            try:
                body = waiting.pop()
            except IndexError:
                break
            headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
            connection.request("POST", "/api/v1/orders/batch", body, headers)
            response = connection.getresponse()
            text = response.read()
            if response.status != 200:
                failures.append(text.decode()[:500])

    senders = [threading.Thread(target=send) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    if failures:
        raise RuntimeError(failures[0])


def _scalar(statement: str) -> Any:
    from django.db import connection

    from rongshu.kernel.tenancy.queries import house_by_slug
    from rongshu.kernel.tenancy.scope import tenant_scope

    with tenant_scope(house_by_slug("bench").id), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def _wait_until_empty() -> None:
    while _scalar("SELECT EXISTS (SELECT 1 FROM commerce_inbox)"):
        time.sleep(0.02)


def _last_order() -> int:
    return int(_scalar("SELECT coalesce(max(id), 0) FROM commerce_order"))


def _lone_orders(key: str, maker: _Maker, count: int) -> dict[str, Any]:
    """Median milliseconds of a bare authenticated round trip and of a lone order with `wait`, turn by turn."""
    if not count:
        return {}
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    bare, lone = [], []
    for order in maker.orders(count):
        started = time.perf_counter()
        connection.request("GET", "/api/v1/ping", headers=headers)
        connection.getresponse().read()
        middle = time.perf_counter()
        connection.request("POST", "/api/v1/orders?wait=true", orjson.dumps(order), headers)
        response = connection.getresponse()
        document = orjson.loads(response.read())
        if response.status != 201 or "commissions" not in document:
            raise RuntimeError(str(document)[:500])
        bare.append(middle - started)
        lone.append(time.perf_counter() - middle)
    bare_ms, lone_ms = statistics.median(bare) * 1000, statistics.median(lone) * 1000
    return {"ping_ms": bare_ms, "lone_order_ms": lone_ms, "lone_order_ratio": lone_ms / bare_ms}
