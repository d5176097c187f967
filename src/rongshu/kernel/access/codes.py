"""Codes that prove who holds a phone or a mailbox: six digits, kept as a keyed hash, good for minutes, five attempts and one use."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from django.db import connection, transaction

from rongshu.kernel.secrets import fingerprint

LASTS = timedelta(minutes=5)
ATTEMPTS = 5


def make_code(*, what: str, who: str, now: datetime, lasts: timedelta = LASTS) -> str:
    """A new code of `who` (a phone number, an e-mail address) for `what`, good for `lasts`; one made before is good no longer. Old ones are swept as new ones are made."""
    key = fingerprint(f"code:{what}", who)
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_code WHERE until < %s", [now])
        cursor.execute(
            "INSERT INTO kernel_code (key, hash, until, attempts) VALUES (%s, %s, %s, 0) "
            "ON CONFLICT (key) DO UPDATE SET hash = excluded.hash, until = excluded.until, attempts = 0",
            [key, _hash(key, code), now + lasts],
        )
    return code


def spend_code(*, what: str, who: str, code: str, now: datetime) -> bool:
    """Whether this is the code; right, it is used up, and wrong, one of its attempts is.

    To be called outside the transaction of what it opens: a wrong attempt counts whatever happens afterwards.
    """
    key = fingerprint(f"code:{what}", who)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_code SET attempts = attempts + 1 WHERE key = %s AND until > %s AND attempts < %s RETURNING hash",
            [key, now, ATTEMPTS],
        )
        row = cursor.fetchone()
        if row is None or not hmac.compare_digest(bytes(row[0]), _hash(key, code)):
            return False
        cursor.execute("DELETE FROM kernel_code WHERE key = %s AND hash = %s", [key, bytes(row[0])])
        return bool(cursor.rowcount == 1)


def _hash(key: bytes, code: str) -> bytes:
    return fingerprint("code", f"{key.hex()}:{code}")
