"""Other countries' defaults: United States, Japan, Korea. Minor units in, minor units out."""

from __future__ import annotations

from datetime import date

from rongshu.engine.money import MILLION, floor_rate, round_half_up_rate
from rongshu.engine.tax.figures import (
    JP_SALESPERSON_FREE,
    JP_SALESPERSON_PPM,
    KR_INCOME_PPM,
    KR_LOCAL_PPM,
    US_BACKUP_PPM,
    US_NON_RESIDENT_PPM,
    US_REPORT_FROM,
    on,
)


def us_backup(paid: int, before: int, day: date, *, has_tin: bool) -> int:
    """Backup withholding from one payment to a US person, `before` being the year's payments so far.

    None with a taxpayer number; without one from the payment on that makes the year reach the reporting threshold.
    """
    if has_tin or before + paid < on(US_REPORT_FROM, day).value:
        return 0
    return round_half_up_rate(paid, US_BACKUP_PPM)


def us_reported(paid_in_year: int, day: date) -> bool:
    """Whether a year's payments are reported on Form 1099-NEC."""
    return paid_in_year >= on(US_REPORT_FROM, day).value


def us_non_resident(paid: int, treaty_ppm: int | None = None) -> int:
    """From a foreign person, on US-source income only: 30 %, or the treaty's rate."""
    return round_half_up_rate(paid, US_NON_RESIDENT_PPM if treaty_ppm is None else treaty_ppm)


def jp_salesperson(paid_in_month: int) -> int:
    """Japan, art. 204: of what is above the month's free amount, rounded down to the yen."""
    return floor_rate(max(0, paid_in_month - JP_SALESPERSON_FREE), JP_SALESPERSON_PPM)


def kr_business(paid: int) -> tuple[int, int]:
    """Korea, business income: income tax and local tax, each rounded down."""
    income = floor_rate(paid, KR_INCOME_PPM)
    return income, income * KR_LOCAL_PPM // MILLION
