"""Codes of coupons: twelve letters that nobody mistakes or guesses, never the same twice in a tenant by construction.

Numbers count up; a keyed permutation of 58 bits (six Feistel rounds whose function is AES-128, walked until the result is a code:
Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002) turns each into a code. A million codes are a few passes
over arrays. One in 230 billion of what could be typed is a code, when a million were made.
"""

from __future__ import annotations

import hashlib
import re

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import ECB
from numpy.typing import NDArray

from rongshu.kernel.environment import environment
from rongshu.kernel.short import ALPHABET, RUDE

I64 = NDArray[np.int64]
LENGTH = 12
SPACE = len(ALPHABET) ** LENGTH
_HALF = 29
_MASK = (1 << _HALF) - 1
_ROUNDS = 6
_LETTERS = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)
_INSULT = re.compile("|".join(RUDE).encode())


def _permuted(numbers: I64, tenant_id: int) -> I64:
    """Other numbers of 58 bits, each for one; another permutation for every tenant."""
    key = hashlib.blake2b(
        environment().lookup_key.encode() + tenant_id.to_bytes(8, "big"), person=b"coupon codes", digest_size=16
    ).digest()
    left, right = numbers >> _HALF, numbers & _MASK
    for turn in range(_ROUNDS):
        blocks = np.zeros((len(numbers), 2), dtype=np.int64)
        blocks[:, 0], blocks[:, 1] = right, turn
        cipher = Cipher(AES128(key), ECB()).encryptor()  # noqa: S305  # each block alone is what a round needs
        mixed = np.frombuffer(cipher.update(blocks.tobytes()), dtype=np.int64).reshape(-1, 2)[:, 0]
        left, right = right, left ^ (mixed & _MASK)
    return left << _HALF | right


def codes_from(tenant_id: int, first: int, count: int) -> NDArray[np.bytes_]:
    """The codes of the numbers from `first` on, without those in which something reads as an insult: a little fewer than `count`."""
    places = _permuted(np.arange(first, first + count, dtype=np.int64), tenant_id)
    while (beyond := np.flatnonzero(places >= SPACE)).size:
        places[beyond] = _permuted(places[beyond], tenant_id)
    letters = np.full((count, LENGTH + 1), ord(" "), dtype=np.uint8)
    for at in range(LENGTH):
        rest = places // len(ALPHABET)
        letters[:, at] = _LETTERS[places - rest * len(ALPHABET)]
        places = rest
    polite = np.ones(count, dtype=np.bool_)
    polite[[found.start() // (LENGTH + 1) for found in _INSULT.finditer(letters.tobytes())]] = False
    return np.ascontiguousarray(letters[polite, :LENGTH]).view(f"S{LENGTH}").ravel()


def as_shown(code: str) -> str:
    """A code in groups of four capital letters."""
    return "-".join(code[at : at + 4] for at in range(0, LENGTH, 4)).upper()
