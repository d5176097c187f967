"""Tax figures as data: each with the days it holds for, what it rests on, and how sure that is. Amounts in minor units.

They are engineering reference, to be confirmed by the competent tax office before use. Sources: 个人所得税法 (2018) and
实施条例, STA Announcement 2025 No. 16, 增值税法 (2024) with Ann. 2026 No. 10, OBBBA §70433 (Form 1099-NEC), 所得税法 (Japan)
art. 204, 소득세법 (Korea).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bracket:
    """Up to `limit` (None: without end) the tax is `base × ppm / 10^6 − quick`."""

    limit: int | None
    ppm: int
    quick: int


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A figure with the payment dates it holds for, `until` inclusive; None is open."""

    value: T
    since: date
    until: date | None
    basis: str
    confidence: str
    """`text` (read in the law), `high`, `medium`, `low`."""


class NoFigure(LookupError):
    """No figure is known for a payment date: a person has to look it up."""


def on(figures: Sequence[Dated[T]], day: date) -> Dated[T]:
    """The figure that holds for a payment on a day. Raises NoFigure."""
    for figure in figures:
        if figure.since <= day and (figure.until is None or day <= figure.until):
            return figure
    raise NoFigure(f"no figure is known for payments on {day}")


def _yuan(*rows: tuple[int | None, int, int]) -> tuple[Bracket, ...]:
    return tuple(
        Bracket(None if limit is None else limit * 100, percent * 10_000, quick * 100) for limit, percent, quick in rows
    )


_LAW = date(2019, 1, 1)

LABOUR = (
    Dated(
        _yuan((20_000, 20, 0), (50_000, 30, 2_000), (None, 40, 7_000)), _LAW, None,
        "个人所得税法实施条例; advance withholding table for remuneration of labour", "high",
    ),
)  # fmt: skip
"""China, remuneration of labour: brackets of the taxable income of a month."""

LABOUR_SMALL, LABOUR_SHARE_FROM = 800_00, 4_000_00
"""Up to 800.00 nothing is taxable, up to 4,000.00 what is above 800.00, beyond it four fifths."""

CUMULATIVE = (
    Dated(
        _yuan(
            (36_000, 3, 0), (144_000, 10, 2_520), (300_000, 20, 16_920), (420_000, 25, 31_920),
            (660_000, 30, 52_920), (960_000, 35, 85_920), (None, 45, 181_920),
        ),
        date(2025, 10, 1), None, "STA Announcement 2025 No. 16", "text",
    ),
)  # fmt: skip
"""China, platform workers: brackets of the taxable income of a year so far."""

MONTHLY_ALLOWANCE = 5_000_00

NON_RESIDENT = (
    Dated(
        _yuan(
            (3_000, 3, 0), (12_000, 10, 210), (25_000, 20, 1_410), (35_000, 25, 2_660),
            (55_000, 30, 4_410), (80_000, 35, 7_160), (None, 45, 15_160),
        ),
        _LAW, None, "个人所得税法 art. 6 and the monthly table", "high",
    ),
)  # fmt: skip

INCIDENTAL = (Dated(200_000, _LAW, None, "个人所得税法 art. 6: 20 % of each win, nothing deducted", "text"),)


@dataclass(frozen=True, slots=True)
class Vat:
    """VAT of a natural person in China: exempt below the threshold, taxed in full once it is reached."""

    ppm: int
    per_transaction: int
    per_month: int
    city_ppm: int
    education_ppm: int
    local_education_ppm: int
    halved: bool


VAT = (
    Dated(
        Vat(10_000, 1_000_00, 100_000_00, 70_000, 30_000, 20_000, halved=True),
        date(2026, 1, 1), date(2027, 12, 31), "增值税法 art. 23; Ann. 2026 No. 10 (rate 1 %, thresholds)", "text",
    ),
)  # fmt: skip

US_REPORT_FROM = (
    Dated(2_000_00, date(2026, 1, 1), date(2026, 12, 31), "OBBBA §70433: Form 1099-NEC from 2,000 USD", "text"),
)
US_BACKUP_PPM, US_NON_RESIDENT_PPM = 240_000, 300_000

JP_SALESPERSON_PPM, JP_SALESPERSON_FREE = 102_100, 120_000
"""Japan, 外交員: 10.21 % of what is above 120,000 yen a month, truncated to the yen."""

KR_INCOME_PPM, KR_LOCAL_PPM = 30_000, 100_000
"""Korea, business income: 3 %, and local income tax of a tenth of it."""
