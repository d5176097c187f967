"""The callable in front of the framework. What is no short link goes through to it; so does a slug that leads nowhere, as a page to read."""

from __future__ import annotations

import atexit
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from struct import Struct
from typing import Any

import structlog

from rongshu.domain.referral.clicks.actions import bring_clicks
from rongshu.domain.referral.clicks.spool import FIRST, SIZE, Spool
from rongshu.domain.referral.clicks.visitors import COOKIE, visitor_of
from rongshu.domain.referral.links.queries import Route, routes
from rongshu.engine.attribution import KINDS
from rongshu.interfaces.redirect.known import Crowded, Known
from rongshu.interfaces.redirect.robots import flags_of
from rongshu.kernel.environment import environment
from rongshu.kernel.ids import new_id, outside
from rongshu.kernel.tenancy.scope import system_scope

log = structlog.get_logger(__name__)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

WINDOW = 0.5
"""Seconds between two bringings of clicks into the database."""
ADOPT_EVERY = 20
"""Windows between two looks for files of processes that are gone."""
YEAR = 31_536_000
PERSONS_A_MINUTE = 600
"""Clicks on one link a minute that are kept one by one; beyond that one in FOLD stands for all of them."""
ROBOTS_A_MINUTE = 30
FOLD = 100
_PACK = Struct("<qqqqqqHHI").pack
assert Struct("<qqqqqqHHI").size == SIZE
_CLICK, _SCAN = KINDS.index("click"), KINDS.index("scan")


class Redirects:
    """A WSGI application that answers `/s/…` and hands everything else to another."""

    def __init__(
        self,
        behind: Application,
        *,
        folder: Path | None = None,
        start: bool = True,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._behind = behind
        self._folder = folder or environment().home / "clicks"
        self._known = Known(_ask)
        self._clock = clock
        self._spool: Spool | None = None
        self._starting = threading.Lock()
        self._stop = threading.Event()
        self._storm: dict[tuple[int, bool], int] = {}
        self._minute = 0
        self._background = start

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith("/s/") or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._behind(environ, start_response)
        slug = path[3:].rstrip("/").lower()
        try:
            route = self._known.find(slug) if 4 <= len(slug) <= 32 and slug.isalnum() and slug.isascii() else None
        except Crowded:
            environ["rongshu.link"] = "crowded"
            return self._behind(environ, start_response)
        now = self._clock() // 1000
        if route is None or route.state != "open" or (route.expires is not None and route.expires <= now):
            environ["rongshu.link"] = (
                "unknown" if route is None else route.state if route.state != "open" else "expired"
            )
            return self._behind(environ, start_response)
        return self._sent_on(route, environ, start_response, now)

    def _sent_on(
        self, route: Route, environ: dict[str, Any], start_response: Callable[..., Any], now: int
    ) -> Iterable[bytes]:
        flags = flags_of(environ)
        headers = [
            ("Cache-Control", "no-store, private"), ("Content-Length", "0"), ("X-Robots-Tag", "noindex, nofollow"),
            ("Referrer-Policy", "no-referrer"),
        ]  # fmt: skip
        visitor = 0
        if flags == 0:
            cookie = _cookie(environ.get("HTTP_COOKIE", ""))
            if not cookie and environ.get("HTTP_SEC_GPC") != "1" and environ.get("HTTP_DNT") != "1":
                cookie, flags = secrets.token_urlsafe(12), FIRST
                secure = "; Secure" if environment().https else ""
                headers.append(
                    ("Set-Cookie", f"{COOKIE}={cookie}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Lax{secure}")
                )
            visitor = visitor_of(cookie)
        identifier = new_id()
        count = self._folded(route.link, flags >= 2, now)
        if count:
            kind = _SCAN if "q=1" in environ.get("QUERY_STRING", "") else _CLICK
            self._ready().write(
                _PACK(route.tenant, identifier, route.link, route.promoter, now, visitor, flags, kind, count)
            )
        place = route.location
        if flags < 2:
            place, mark, rest = place.partition("#")
            place = f"{place}{'&' if '?' in place else '?'}rs={outside('clk', identifier)}{mark}{rest}"
        headers.append(("Location", place))
        start_response("302 Found", headers)
        return (b"",)

    def _folded(self, link: int, robot: bool, now: int) -> int:
        """How many clicks this one stands for; 0 when another one stands for it."""
        minute = now // 60_000_000
        if minute != self._minute:
            self._minute, self._storm = minute, {}
        seen = self._storm[link, robot] = self._storm.get((link, robot), 0) + 1
        beyond = seen - (ROBOTS_A_MINUTE if robot else PERSONS_A_MINUTE)
        if beyond <= 0:
            return 1
        return FOLD if beyond % FOLD == 0 else 0

    def _ready(self) -> Spool:
        """The spool; made, with the thread that empties it, at the first click."""
        if self._spool is None:
            with self._starting:
                if self._spool is None:
                    self._spool = Spool(self._folder, bring_clicks)
                    if self._background:
                        threading.Thread(target=self._look_after, name="clicks", daemon=True).start()
                        atexit.register(self.close)
        return self._spool

    def _look_after(self) -> None:
        from django.db import connection

        turn = lost = 0
        while not self._stop.wait(WINDOW):
            spool = self._ready()
            try:
                spool.drain()
                self._known.refresh()
                if turn % ADOPT_EVERY == 0:
                    spool.adopt()
            except Exception:
                log.exception("clicks wait in their file; trying again")
            if spool.lost > lost:
                log.error("clicks could not be written", lost=spool.lost - lost)
                lost = spool.lost
            turn += 1
            connection.close()

    def drain(self) -> int:
        """Brings what waits, now; how many records. For tests and for a clean stop."""
        self._known.refresh()
        return self._ready().drain()

    def close(self) -> None:
        """A clean stop: nothing waits any more."""
        self._stop.set()
        if self._spool is not None:
            spool, self._spool = self._spool, None
            spool.close()


def _ask(slugs: Sequence[str]) -> Sequence[Route]:
    with system_scope():
        return routes(slugs)


def _cookie(header: str) -> str:
    """The visitor's cookie, "" where there is none that can be ours."""
    start = header.find(f"{COOKIE}=")
    if start < 0 or (start > 0 and header[start - 1] not in " ;"):
        return ""
    value = header[start + len(COOKIE) + 1 :].split(";", 1)[0].strip()
    return value if len(value) == 16 else ""


__all__ = ["Redirects"]
