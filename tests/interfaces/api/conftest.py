"""One real web server for the whole run, on the database of the tests, and shops that call it over HTTP."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.interfaces.api.shop import Opened, Shop


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where the web server answers."""
    from rongshu.interfaces.cli.up import _web

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(_web("127.0.0.1", port, 1), stdout=said, stderr=said)
        try:
            for _ in range(300):
                try:
                    if httpx.get(f"{base}/healthz", timeout=2).status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.1)
                if process.poll() is not None:
                    break
            else:
                said.seek(0)
                raise RuntimeError(said.read().decode())
            yield base
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="session")
def open_shop(address: str) -> Iterator[Opened]:
    """Founds a tenant, publishes PLAN (or another; None for none) and gives it a key with every scope."""
    from rongshu.domain.commission.compliance.actions import declare_facts
    from rongshu.domain.commission.plans.actions import publish_plan
    from rongshu.kernel.access.actions import add_api_key
    from rongshu.kernel.access.rules import Scope
    from rongshu.kernel.tenancy.scope import tenant_scope
    from tests.factories import TESTER, found
    from tests.interfaces.api.shop import BEGINNING, PLAN, Shop

    clients = []

    def opened(plan: str | None = PLAN, **more: Any) -> Shop:
        house = found(now=BEGINNING, **more)
        with tenant_scope(house.id):
            # Two levels are answered for in China: a lawyer's opinion.
            declare_facts(facts={"legal_opinion_ref": "LO-1"}, by=TESTER, now=BEGINNING)
            if plan is not None:
                publish_plan(text=plan, effective_from=BEGINNING, by=TESTER, now=BEGINNING)
            _, key = add_api_key(name="erp", scopes=tuple(Scope), by=TESTER, now=BEGINNING)
        headers = {"Authorization": f"Bearer {key}", "Accept-Language": "en"}
        client = httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=30)
        clients.append(client)
        return Shop(house, client, key)

    yield opened
    for client in clients:
        client.close()


@pytest.fixture
def shop(open_shop: Opened) -> Shop:
    """A tenant of its own with PLAN."""
    return open_shop()
