"""Short codes for links and people: seven letters that nobody mistakes, unique in the whole installation by construction.

A sequence counts; a keyed permutation of all codes (four Feistel rounds, walked until the result is a code) hides the count, so
that codes cannot be guessed from one another. No vowels and neither 0 nor 1: no words come of it, and nothing is misread.
"""

from __future__ import annotations

import hashlib
from functools import cache

from django.db import connection

from rongshu.kernel.environment import environment

ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
LENGTH = 7
SPACE = len(ALPHABET) ** LENGTH
_HALF = 17
_MASK = (1 << _HALF) - 1
RUDE = ("cnm", "nmb", "tmd", "fck", "fvck", "cnt", "dck", "btch", "sht", "kkk", "sb", "qnm", "wcn")
"""Abbreviations people take offence at, in Chinese and English."""


@cache
def _key() -> bytes:
    return hashlib.blake2b(environment().lookup_key.encode(), person=b"short codes", digest_size=32).digest()


def _permuted(number: int) -> int:
    """Another number of the same 34 bits, each for one."""
    left, right = number >> _HALF, number & _MASK
    for turn in range(4):
        mixed = hashlib.blake2b(bytes([turn]) + right.to_bytes(3, "big"), key=_key(), digest_size=4).digest()
        left, right = right, left ^ (int.from_bytes(mixed, "big") & _MASK)
    return left << _HALF | right


def code_of(number: int) -> str:
    """The code of a number below SPACE; two numbers never have the same."""
    place = _permuted(number)
    while place >= SPACE:
        place = _permuted(place)
    letters = []
    for _ in range(LENGTH):
        place, letter = divmod(place, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "".join(letters)


def is_polite(code: str) -> bool:
    """Whether nothing in a code reads as an insult."""
    return not any(word in code for word in RUDE)


def new_codes(count: int) -> list[str]:
    """So many codes that were never given out before."""
    found: list[str] = []
    while len(found) < count:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('kernel_short') FROM generate_series(1, %s)", [count - len(found)])
            numbers = [int(row[0]) % SPACE for row in cursor.fetchall()]
        found += [code for code in map(code_of, numbers) if is_polite(code)]
    return found


def as_typed(text: str) -> str:
    """A code as somebody typed it: without blanks and dashes, in small letters."""
    return "".join(text.split()).replace("-", "").lower()
