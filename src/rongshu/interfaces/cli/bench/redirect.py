"""Short links beside a bare callable on the same web server, turn by turn, every click of people kept.

The limit is a WSGI callable that answers every request with the same redirect. Requests are pipelined by hand, so that the
one who asks costs little. Afterwards as many clicks have to be in the database as were asked for.
"""

from __future__ import annotations

import http.client
import os
import random
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rongshu.interfaces.cli.up import Child, _web

LINKS = 3_000
IN_FLIGHT = 64
ROUNDS = 5
PORT, BARE_PORT = 18771, 18772
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0.50"


def bare(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The least a WSGI callable can do to redirect."""
    start_response("302 Found", [("Location", "https://shop.example.com/"), ("Content-Length", "0")])
    return (b"",)


def run(*, clicks: int) -> dict[str, Any]:
    """Measures. Returns clicks a second of both, and their ratio; `kept` are the clicks found in the database."""
    with _installation() as slugs:
        paths = [f"/s/{slug}" for slug in slugs]
        random.Random(3).shuffle(paths)
        with _serving("rongshu.config.wsgi:application", PORT), _serving(f"{__name__}:bare", BARE_PORT):
            _ask(PORT, paths)  # every link is known from here on
            each = clicks // ROUNDS
            mine, theirs = [], []
            for _ in range(ROUNDS):
                theirs.append(_ask(BARE_PORT, paths, each))
                mine.append(_ask(PORT, paths, each))
            asked = len(paths) + ROUNDS * each
            for _ in range(200):
                if (kept := _kept()) >= asked:
                    break
                time.sleep(0.1)
        rate, limit = each / min(mine), each / min(theirs)
        return {
            "clicks": asked, "kept": kept, "clicks_per_s": rate, "bare_per_s": limit, "ratio": rate / limit,
        }  # fmt: skip


@contextmanager
def _installation() -> Iterator[list[str]]:
    home = Path(tempfile.mkdtemp(prefix="rongshu-bench-"))
    os.environ.update(RONGSHU_HOME=str(home))
    for name in ("DATABASE_URL", "RONGSHU_OWNER_URL", "RONGSHU_APP_DATABASE_URL"):
        os.environ.pop(name, None)
    from rongshu.kernel.boot import boot, migrate

    server = boot()
    try:
        migrate()
        yield _links()
    finally:
        from django.db import connections

        connections.close_all()
        if server is not None:
            server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _links() -> list[str]:
    from rongshu.domain.members.profiles.actions import ensure_members
    from rongshu.domain.referral.links.actions import Wanted, allow_host, make_links
    from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.founding import found_tenant
    from rongshu.kernel.tenancy.scope import tenant_scope

    now = utc_now()
    tenant = found_tenant(
        slug="bench", name="Bench", currency="CNY", time_zone="Asia/Shanghai", by=COMMAND_LINE, now=now
    )
    with tenant_scope(tenant.id):
        ids = list(ensure_members(external_ids=[f"m{i}" for i in range(LINKS)], now=now).values())
        enrol_promoters(joinings=[Joining(one, None, now) for one in ids], by=COMMAND_LINE, now=now)
        allow_host(host="shop.example.com", by=COMMAND_LINE, now=now)
        wanted = [Wanted(one, target="https://shop.example.com/") for one in ids]
        return [link.slug for link in make_links(wanted=wanted, by=COMMAND_LINE, now=now)]


def _kept() -> int:
    from django.db import connection

    from rongshu.kernel.tenancy.queries import house_by_slug
    from rongshu.kernel.tenancy.scope import tenant_scope

    with tenant_scope(house_by_slug("bench").id), connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(clicks), 0) FROM referral_click_figures")
        return int(cursor.fetchone()[0])


@contextmanager
def _serving(application: str, port: int) -> Iterator[None]:
    command = _web("127.0.0.1", port, 1)
    child = Child(application, [sys.executable, *command[1:-1], application])
    child.start()
    try:
        for _ in range(300):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                connection.request("GET", "/healthz")
                connection.getresponse()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        child.stop()


def _ask(port: int, paths: list[str], count: int | None = None) -> float:
    """The seconds until so many requests are answered (one for each path where no count is given). Raises when one is not a redirect."""
    count = count or len(paths)
    head = f" HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {AGENT}\r\nCookie: rsv=AAAAAAAAAAAAAAAA\r\n\r\n"
    requests = [f"GET {paths[number % len(paths)]}{head}".encode() for number in range(count)]
    begin = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        sent = answered = 0
        rest = b""
        while answered < count:
            more = min(IN_FLIGHT - (sent - answered), count - sent)
            if more > 0:
                connection.sendall(b"".join(requests[sent : sent + more]))
                sent += more
            text = rest + connection.recv(1 << 18)
            found = text.count(b"\r\n\r\n")
            if text.count(b"HTTP/1.1 302") < found:
                raise RuntimeError(text[:500].decode(errors="replace"))
            answered += found
            rest = text[text.rfind(b"\r\n\r\n") + 4 :] if found else text
    return time.perf_counter() - begin
