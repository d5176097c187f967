"""What slugs lead to, in memory. Asked of the database when a slug is new here; looked after beside the requests.

A link turned off stops answering within KEPT seconds in every process. Slugs that nobody ever made are remembered too; after
MISSES of them in a second nothing new is asked until the next: a storm of guesses reaches the database as a drizzle.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from rongshu.domain.referral.links.queries import Route

KEPT = 5.0
MOST = 200_000
MISSES = 200


class Crowded(Exception):
    """Too many have just asked for slugs that nobody made; whoever asks for a new one now has to try again."""


class Known:
    """Routes by slug. `ask` reads some from the database; a route of None is a slug that leads nowhere."""

    def __init__(
        self, ask: Callable[[Sequence[str]], Sequence[Route]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask, self._clock = ask, clock
        self._routes: OrderedDict[str, tuple[float, Route | None]] = OrderedDict()
        self._stale: set[str] = set()
        self._lock = threading.Lock()
        self._window, self._misses = 0, 0

    def find(self, slug: str) -> Route | None:
        """Where a slug leads. For a slug never seen it raises Crowded, or what `ask` raises while the database is away."""
        found = self._routes.get(slug)
        if found is None:
            return self._new(slug)
        if self._clock() - found[0] > KEPT:
            self._stale.add(slug)
        return found[1]

    def _new(self, slug: str) -> Route | None:
        second = int(self._clock())
        with self._lock:
            if second != self._window:
                self._window, self._misses = second, 0
            if self._misses >= MISSES:
                raise Crowded
        self._keep([slug])
        route = self._routes[slug][1]
        self._misses += route is None
        return route

    def refresh(self) -> int:
        """Asks again for what was asked of and is old; how many slugs."""
        with self._lock:
            stale, self._stale = self._stale, set()
        if stale:
            self._keep(sorted(stale))
        return len(stale)

    def _keep(self, slugs: Sequence[str]) -> None:
        found = {route.slug: route for route in self._ask(slugs)}
        now = self._clock()
        with self._lock:
            for slug in slugs:
                self._routes[slug] = (now, found.get(slug))
                self._routes.move_to_end(slug)
            while len(self._routes) > MOST:
                self._routes.popitem(last=False)
