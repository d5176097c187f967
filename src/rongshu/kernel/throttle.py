"""Rate limits on what strangers can reach, counted in the database so that every process counts together."""

from __future__ import annotations

import time

from django.db import connection, transaction

from rongshu.kernel.secrets import fingerprint


def allow(what: str, who: str, *, limit: int, seconds: int) -> bool:
    """Counts one attempt of `who` at `what`; False once more than `limit` were made in the present window.

    `who` (an address, a name) is kept as a keyed hash. Old windows are swept as new ones begin.
    """
    window = int(time.time()) // seconds
    key = fingerprint(f"throttle:{what}", who)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_throttle AS t (key, until, attempts) VALUES (%s, to_timestamp(%s), 1) "
            "ON CONFLICT (key, until) DO UPDATE SET attempts = t.attempts + 1 RETURNING attempts",
            [key, (window + 1) * seconds],
        )
        (attempts,) = cursor.fetchone()
        if attempts == 1:
            cursor.execute("DELETE FROM kernel_throttle WHERE until < now() - interval '1 hour'")
    return int(attempts) <= limit
