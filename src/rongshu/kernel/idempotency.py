"""`Idempotency-Key`: the answer to a request is kept beside its work, and given again when the request comes again."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from django.db import connection

from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.tenancy.scope import current_tenant

KEPT_FOR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: its status and its body."""

    status: int
    body: bytes


def recall(*, key: str, request: bytes, now: datetime) -> Answer | None:
    """The answer given to this key before, None when it is new; a new key is taken in this transaction.

    The same key at the same moment waits for the first one's transaction. Raises `conflict` when the key came with another
    request, `invalid` for a key beyond 255 characters.
    """
    if not 1 <= len(key) <= 255:
        raise invalid("bad_idempotency_key", "An idempotency key has 1 to 255 characters.", at="Idempotency-Key")
    hashed = blake2b(request, digest_size=16).digest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_idempotency (tenant_id, key, hash, at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (tenant_id, key) DO NOTHING",
            [current_tenant(), key, hashed, now],
        )
        if cursor.rowcount:
            return None
        cursor.execute(
            "SELECT hash, status, body FROM kernel_idempotency WHERE tenant_id = %s AND key = %s",
            [current_tenant(), key],
        )
        known, status, body = cursor.fetchone()
    if bytes(known) != hashed:
        raise conflict(
            "idempotency_key_reused", "This idempotency key came with another request before; use a new one."
        )
    return Answer(status, zlib.decompress(bytes(body)))


def keep(*, key: str, answer: Answer) -> None:
    """Keeps the answer to a key taken in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_idempotency SET status = %s, body = %s WHERE tenant_id = %s AND key = %s",
            [answer.status, zlib.compress(answer.body, 1), current_tenant(), key],
        )


def forget_old(*, now: datetime, limit: int = 1000) -> int:
    """Forgets up to `limit` answers of the active tenant older than KEPT_FOR; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM kernel_idempotency WHERE tenant_id = %s AND key IN (SELECT key FROM kernel_idempotency "
            "WHERE tenant_id = %s AND at < %s LIMIT %s)",
            [current_tenant(), current_tenant(), now - KEPT_FOR, limit],
        )
        return int(cursor.rowcount)
