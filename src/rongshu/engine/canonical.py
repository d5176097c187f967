"""One form of bytes for one JSON document: what a signature or a hash is made over.

The form is RFC 8785 (JSON Canonicalization Scheme) for documents without fractions: UTF-8, no space between tokens, the
keys of every object sorted by their UTF-16 code units, strings escaped only where JSON demands it, integers in
decimal. Numbers with a fraction or an exponent, and integers that a float64 could not hold, are refused: money is
written as text.
"""

from __future__ import annotations

import json
from typing import Any

LARGEST = 2**53 - 1
"""The largest integer that every reader of JSON holds exactly."""


def canonical_bytes(value: Any) -> bytes:
    """The one form of a JSON value of dicts, lists, strings, integers, booleans and None.

    Raises ValueError for a fraction, an integer beyond 2^53 − 1, a key that is no string, text that is no Unicode (a lone
    surrogate), or anything else.
    """
    try:
        return _text(value).encode()
    except UnicodeEncodeError as error:
        raise ValueError("a lone surrogate is no text") from error


def _text(value: Any) -> str:
    match value:
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            if abs(value) > LARGEST:
                raise ValueError(f"{value} is more than a reader of JSON can be trusted with")
            return str(value)
        case list() | tuple():
            return f"[{','.join(_text(one) for one in value)}]"
        case dict():
            return "{" + ",".join(f"{_text(key)}:{_text(value[key])}" for key in sorted(value, key=_units)) + "}"
        case _:
            raise ValueError(f"{type(value).__name__} has no canonical form")


def _units(key: Any) -> bytes:
    if not isinstance(key, str):
        raise ValueError("a key is a string")
    return key.encode("utf-16-be", "surrogatepass")
