"""Money as integers of minor units, and every division of money with its rounding in its name.

Rates are parts per million (ppm): 10% is 100 000 ppm. No function here knows a float.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]

MILLION = 1_000_000
MAX_UNITS = 10**12
"""The largest amount of one line, one rate's base or one cap that is accepted anywhere, in minor units."""
SAFE = 2**62
"""Products below this are computed in int64; beyond it the exact but slower way is taken."""

_EXPONENTS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
         "XPF"), 0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}  # fmt: skip
"""Digits after the point, ISO 4217; every currency not named has two."""

_CURRENCY = re.compile(r"[A-Z]{3}")
_DECIMAL = re.compile(r"(-?)([0-9]{1,18})(?:\.([0-9]+))?")


class MoneyError(ValueError):
    """A text that is not an amount of its currency. `code` is stable; `params` belong to the words."""

    def __init__(self, code: str, **params: str | int) -> None:
        self.code = code
        self.params = params
        super().__init__(f"{code} {params}")


def is_currency(code: object) -> bool:
    """Whether `code` has the form of an ISO 4217 code: three capital letters."""
    return isinstance(code, str) and _CURRENCY.fullmatch(code) is not None


def exponent(currency: str) -> int:
    """Digits after the point in this currency (ISO 4217): CNY 2, JPY 0, KWD 3."""
    return _EXPONENTS.get(currency, 2)


def parse_units(text: str, currency: str) -> int:
    """Minor units of a decimal string: `"5.00"` CNY is 500. Fewer digits than the currency has are accepted.

    Raises MoneyError: `not_decimal`, `too_many_decimals`, `too_large` (beyond MAX_UNITS either way).
    """
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise MoneyError("not_decimal", value=text)
    sign, whole, part = found.group(1), found.group(2), found.group(3) or ""
    digits = exponent(currency)
    if len(part) > digits:
        raise MoneyError("too_many_decimals", value=text, currency=currency, digits=digits)
    units: int = int(whole) * 10**digits + int(part.ljust(digits, "0") or "0")
    if units > MAX_UNITS:
        raise MoneyError("too_large", value=text, most=format_units(MAX_UNITS, currency))
    return -units if sign else units


def format_units(units: int, currency: str) -> str:
    """The decimal string of `units` with all the digits the currency has: 500 CNY is `5.00`, 500 JPY is `500`."""
    digits = exponent(currency)
    if digits == 0:
        return str(units)
    sign = "-" if units < 0 else ""
    whole, part = divmod(abs(units), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}"


@dataclass(frozen=True, slots=True)
class Amount:
    """An integer of minor units with its currency."""

    units: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> Amount:
        """The amount a decimal string names. Raises MoneyError."""
        return cls(parse_units(text, currency), currency)

    def __str__(self) -> str:
        """The decimal string, without the currency."""
        return format_units(self.units, self.currency)

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.units + self._same(other), self.currency)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.units - self._same(other), self.currency)

    def __neg__(self) -> Amount:
        return Amount(-self.units, self.currency)

    def __lt__(self, other: Amount) -> bool:
        return self.units < self._same(other)

    def __le__(self, other: Amount) -> bool:
        return self.units <= self._same(other)

    def _same(self, other: Amount) -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other.units


@overload
def round_half_up_rate(base: int, ppm: int) -> int: ...
@overload
def round_half_up_rate(base: I64, ppm: I64 | int) -> I64: ...
def round_half_up_rate(base: int | I64, ppm: int | I64) -> int | I64:
    """`base × ppm / 10^6`, halves upwards: `(2·base·ppm + 10^6) // (2·10^6)`. base >= 0 in minor units, ppm >= 0.

    Arrays broadcast. Raises OverflowError when a result itself does not fit int64.
    """
    if isinstance(base, int):
        return (2 * base * int(ppm) + MILLION) // (2 * MILLION)
    if _top(base) * _top(ppm) * 2 + MILLION < SAFE:
        return (2 * base * ppm + MILLION) // (2 * MILLION)
    return _split(base, ppm, half_up=True)


@overload
def floor_rate(base: int, ppm: int) -> int: ...
@overload
def floor_rate(base: I64, ppm: I64 | int) -> I64: ...
def floor_rate(base: int | I64, ppm: int | I64) -> int | I64:
    """`base × ppm / 10^6`, rounded down; otherwise as `round_half_up_rate`."""
    if isinstance(base, int):
        return base * int(ppm) // MILLION
    if _top(base) * _top(ppm) < SAFE:
        return base * ppm // MILLION
    return _split(base, ppm, half_up=False)


def _split(base: I64, ppm: I64 | int, *, half_up: bool) -> I64:
    """base = q·10^6 + r makes base·ppm/10^6 = q·ppm + r·ppm/10^6: exact, and no product is wide."""
    if _top(ppm) * MILLION * 2 >= SAFE or (_top(base) // MILLION + 1) * _top(ppm) >= SAFE:
        raise OverflowError("an amount beyond 64 bits")
    whole: I64 = base // MILLION
    rest: I64 = (base - whole * MILLION) * ppm
    rest = (2 * rest + MILLION) // (2 * MILLION) if half_up else rest // MILLION
    return whole * ppm + rest


@overload
def floor_ratio(value: int, part: int, whole: int) -> int: ...
@overload
def floor_ratio(value: I64, part: I64, whole: I64) -> I64: ...
def floor_ratio(value: int | I64, part: int | I64, whole: int | I64) -> int | I64:
    """`value × part / whole`, rounded down. All >= 0, whole > 0; arrays of one shape."""
    if isinstance(value, int):
        return value * int(part) // int(whole)
    assert isinstance(part, np.ndarray) and isinstance(whole, np.ndarray)
    return _ratio(value, part, whole, factor=1)


@overload
def round_half_up_ratio(value: int, part: int, whole: int) -> int: ...
@overload
def round_half_up_ratio(value: I64, part: I64, whole: I64) -> I64: ...
def round_half_up_ratio(value: int | I64, part: int | I64, whole: int | I64) -> int | I64:
    """`value × part / whole`, halves upwards. All >= 0, whole > 0; arrays of one shape."""
    if isinstance(value, int):
        return (2 * value * int(part) + int(whole)) // (2 * int(whole))
    assert isinstance(part, np.ndarray) and isinstance(whole, np.ndarray)
    return _ratio(value, part, whole, factor=2)


def _ratio(value: I64, part: I64, whole: I64, *, factor: int) -> I64:
    """floor (factor 1) or half up (factor 2) of value·part/whole; the few too wide for int64 go through Python ints."""
    add = whole if factor == 2 else 0
    if factor * _top(value) * _top(part) + _top(whole) < SAFE and factor * _top(whole) < SAFE:
        return (factor * value * part + add) // (factor * whole)
    wide = np.multiply(value, part, dtype=np.float64) >= SAFE // 8
    wide |= whole >= SAFE // 8
    safe_value = np.where(wide, 0, value)
    out: I64 = (factor * safe_value * part + add) // np.where(wide, 1, factor * whole)
    exact = factor * value[wide].astype(object) * part[wide].astype(object)
    if factor == 2:
        exact = exact + whole[wide].astype(object)
    out[wide] = (exact // (factor * whole[wide].astype(object))).astype(np.int64)
    return out


def _top(values: I64 | int) -> int:
    """The largest value, 0 for nothing: what decides whether products fit."""
    if isinstance(values, int):
        return values
    return int(values.max()) if values.size else 0


def largest_remainder(weights: Sequence[int], total: int) -> list[int]:
    """Split `total` in proportion to `weights` (>= 0) so that the parts sum to it exactly.

    Each part is rounded down; the missing units go one each to the largest remainders, ties to the earlier weight.
    With all weights 0 every part is 0.
    """
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts, remainders = [], []
    for weight in weights:
        part, rest = divmod(weight * total, whole)
        parts.append(part)
        remainders.append(rest)
    missing = total - sum(parts)
    if missing:  # a reversed sort keeps the sequence of equal ones
        for index in sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)[:missing]:
            parts[index] += 1
    return parts
