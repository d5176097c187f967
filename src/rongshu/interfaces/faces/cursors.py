"""Where a page of a list ended, as an opaque token: whole numbers, written in base 36."""

from __future__ import annotations

from datetime import datetime

from rongshu.kernel.clock import from_micros, to_micros

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def pack(*numbers: int | datetime) -> str:
    """The token of some numbers; an instant counts as its microseconds."""
    return "-".join(_base36(to_micros(one) if isinstance(one, datetime) else one) for one in numbers)


def unpack(token: str, count: int) -> tuple[int, ...] | None:
    """The numbers of a token, None when it is none of `count` numbers: then the list begins anew."""
    parts = token.split("-")
    if len(parts) != count:
        return None
    try:
        return tuple(-int(part[2:], 36) if part.startswith("n_") else int(part, 36) for part in parts)
    except ValueError:
        return None


def instant_first(token: str, count: int) -> tuple[datetime, *tuple[int, ...]] | None:
    """As `unpack`, the first number as an instant."""
    numbers = unpack(token, count)
    if numbers is None:
        return None
    try:
        return (from_micros(numbers[0]), *numbers[1:])
    except OverflowError:
        return None


def _base36(number: int) -> str:
    digits = ""
    rest = abs(number)
    while rest or not digits:
        rest, digit = divmod(rest, 36)
        digits = _DIGITS[digit] + digits
    return f"n_{digits}" if number < 0 else digits
