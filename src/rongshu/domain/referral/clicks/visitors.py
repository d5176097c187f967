"""By what a visitor is known: a keyed hash of a random cookie."""

from __future__ import annotations

import hashlib
from functools import cache

from rongshu.kernel.environment import environment

COOKIE = "rsv"


@cache
def _key() -> bytes:
    return hashlib.blake2b(environment().lookup_key.encode(), person=b"visitors").digest()


def visitor_of(cookie: str) -> int:
    """The visitor with this cookie, 0 for none or for one that cannot be ours."""
    if len(cookie) != 16:
        return 0
    digest = hashlib.blake2b(cookie.encode(), key=_key(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True) or 1
