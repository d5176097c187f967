"""Console pages of statements and of what is declared to the tax office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.faces.papers.rows import StatementRow
from rongshu.interfaces.faces.parts import Chart, Money, Person


@dataclass(frozen=True, slots=True)
class PromoterStatement:
    """A promoter's month; the latest 500 lines are shown, the file has all."""

    template: ClassVar[str] = "console/statement.html"
    person: Person
    month: date
    earlier: str
    later: str
    opening: Money
    sums: tuple[tuple[str, Money], ...]
    closing: Money
    rows: tuple[StatementRow, ...]
    more: int
    years: tuple[int, ...]
    """Years with payments: for each there is a tax certificate."""
    may_certify: bool


@dataclass(frozen=True, slots=True)
class ReleasedRow:
    order: str
    name: str
    paid_at: datetime
    amount: Money
    reversed: Money


@dataclass(frozen=True, slots=True)
class Released:
    """What one release of a promoter's was made of."""

    template: ClassVar[str] = "console/statement_released.html"
    person: Person
    at: datetime
    amount: Money
    rows: tuple[ReleasedRow, ...]
    more: int
    month: str


@dataclass(frozen=True, slots=True)
class TaxMonth:
    """A month with payments. `filed` is how often it was declared, `changed` how many people are not as they were filed."""

    month: str
    people: int
    gross: Money
    tax: Money
    under_way: int
    over: bool
    filed: int
    filed_at: datetime | None
    filed_by: str
    changed: int


@dataclass(frozen=True, slots=True)
class Taxes:
    """Who withholds, the months with what was declared of each, and the files of quarters and years."""

    template: ClassVar[str] = "console/taxes.html"
    payer: dict[str, str]
    declared_at: datetime | None
    months: tuple[TaxMonth, ...]
    quarters: tuple[str, ...]
    years: tuple[int, ...]
    dollars: bool
    may_declare: bool
    problem: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class FiledReturn:
    number: int
    at: datetime
    who: str
    people: int
    gross: Money
    tax: Money
    sha256: str


@dataclass(frozen=True, slots=True)
class ChangedRow:
    person: Person
    name: str
    method: str
    gross_filed: Money
    gross: Money
    tax_filed: Money
    tax: Money

    @property
    def difference(self) -> Money:
        """What the tax has to be corrected by."""
        return Money(self.tax.units - self.tax_filed.units, self.tax.currency)


@dataclass(frozen=True, slots=True)
class TurnedRow:
    at: datetime
    withdrawal: str
    gross: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class TaxMonthPage:
    """One month: what stands, the returns filed of it, whose figures changed since, and the lines that changed them."""

    template: ClassVar[str] = "console/tax_month.html"
    row: TaxMonth
    returns: tuple[FiledReturn, ...]
    changed: tuple[ChangedRow, ...]
    turned: tuple[TurnedRow, ...]
    advice: tuple[int, Money, Money] | None
    """Payments that reach the threshold of VAT: how many, the VAT in them, the surcharges."""
    advice_unknown: bool
    may_declare: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line of the tenant's month; `before` is the month before, `share` that of all, `ratio` what stands to what was sold of it (ppm)."""

    name: str
    accrued: Money
    reversed: Money
    share: int
    before: Money
    ratio: int | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    name: str
    now: Money
    before: Money


@dataclass(frozen=True, slots=True)
class MonthReport:
    """The tenant's month: what promotion cost, by level, kind and category, beside the month before. Ratios are ppm."""

    template: ClassVar[str] = "console/month_report.html"
    month: date
    earlier: str
    later: str
    sums: tuple[Sum, ...]
    ratio: int | None
    ratio_before: int | None
    by_kind: tuple[ReportRow, ...]
    by_category: tuple[ReportRow, ...]
    chart: Chart | None
