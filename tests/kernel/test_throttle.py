from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from rongshu.kernel import throttle


def test_so_many_and_no_more_until_the_window_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    who = uuid4().hex
    now = throttle.time.time() // 60 * 60 + 7200
    monkeypatch.setattr(throttle.time, "time", lambda: now)
    assert [throttle.allow("door", who, limit=3, seconds=60) for _ in range(5)] == [True, True, True, False, False]
    assert throttle.allow("window", who, limit=3, seconds=60) and throttle.allow("door", who + "2", limit=3, seconds=60)
    now += 60
    assert throttle.allow("door", who, limit=3, seconds=60)


def test_everybody_counts_together() -> None:
    who = uuid4().hex

    def knock(_: int) -> bool:
        try:
            return throttle.allow("crowd", who, limit=10, seconds=86_400)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(knock, range(24))) == 10


def test_who_knocked_is_not_kept_in_the_clear() -> None:
    who = f"203.0.113.7-{uuid4().hex}"
    throttle.allow("door", who, limit=1, seconds=60)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_throttle WHERE position(%s::bytea in key) > 0", [who.encode()])
        assert cursor.fetchone() == (0,)


def test_old_windows_are_swept() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_throttle (key, until, attempts) VALUES ('\\x00', now() - interval '2 hours', 1)"
        )
        throttle.allow("door", uuid4().hex, limit=1, seconds=60)
        cursor.execute("SELECT count(*) FROM kernel_throttle WHERE key = '\\x00'")
        assert cursor.fetchone() == (0,)
