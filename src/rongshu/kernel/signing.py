"""The installation's signature, Ed25519 (RFC 8032): what left the house can be told from what somebody wrote themselves.

The key is derived (HKDF-SHA-256, RFC 5869) from `RONGSHU_LOOKUP_KEY`, which every process of an installation shares and
which never rotates; so there is nothing more to keep, and a restored backup signs as before. Whoever only checks
needs neither the installation nor its secrets: `holds` works on bytes alone.
"""

from __future__ import annotations

import hashlib
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rongshu.kernel.environment import environment

_PURPOSE = b"rongshu signature 1"


@cache
def _key() -> Ed25519PrivateKey:
    seed = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(environment().lookup_key.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key() -> bytes:
    """The 32 bytes by which this installation's signatures are checked."""
    return _key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign(content: bytes) -> bytes:
    """The 64 bytes of this installation's signature of `content`."""
    return _key().sign(content)


def holds(signature: bytes, content: bytes, *, key: bytes) -> bool:
    """Whether `signature` is that of the holder of `key` over exactly `content`."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_name(key: bytes) -> str:
    """What a public key is called for people: the first 16 digits of its SHA-256, in groups of four."""
    digits = hashlib.sha256(key).hexdigest()[:16]
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))
