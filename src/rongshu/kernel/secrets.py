"""Personal data at rest: encrypted with keys that rotate, found again by a keyed hash."""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from rongshu.kernel.environment import environment


@cache
def _box() -> MultiFernet:
    keys = environment().data_keys.split(",")
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.strip().encode()).digest())) for key in keys]
    )


def seal(text: str) -> bytes:
    """`text` encrypted by the newest key."""
    return _box().encrypt(text.encode())


def unseal(sealed: bytes | memoryview) -> str:
    """What was sealed, by any of the keys. Raises ValueError when none of them fits."""
    try:
        return _box().decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise ValueError("sealed by a key that RONGSHU_DATA_KEYS no longer holds") from error


def fingerprint(kind: str, text: str) -> bytes:
    """A keyed hash (16 bytes, HMAC-SHA-256) by which a value is found without being stored; `kind` keeps uses apart."""
    key = environment().lookup_key.encode()
    return hmac.new(key, f"{kind}\0{text}".encode(), hashlib.sha256).digest()[:16]


def masked(text: str) -> str:
    """How a phone number or an e-mail address is shown: `138****1234`, `a***@example.com`."""
    name, at, host = text.partition("@")
    if at:
        return f"{name[:1]}***@{host}"
    if len(text) < 7:
        return "*" * len(text)
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"
