from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from rongshu.domain.settlement.declarations.models import Filing, PayerVersion
from rongshu.kernel.tenancy.scope import current_tenant


def number_of(day: date) -> int:
    """The month a day is in: year * 12 + month - 1."""
    return day.year * 12 + day.month - 1


def first_of(month: int) -> date:
    """The first day of a month."""
    return date(month // 12, month % 12 + 1, 1)


def payer() -> PayerVersion | None:
    """Who withholds, as last declared; None before."""
    return PayerVersion.objects.order_by("-id").first()


def filings() -> list[Filing]:
    """What was filed last of every month, latest month first, at most 120."""
    return list(Filing.objects.order_by("-month", "-number").distinct("month")[:120])


def filings_of(month: int) -> list[Filing]:
    """A month's return and its corrections, in order."""
    return list(Filing.objects.filter(month=month).order_by("number"))


def filed_months() -> set[int]:
    """The months that were declared: what changes in them afterwards is a correction of the return, never an offset in a later month."""
    return set(Filing.objects.filter(number=0).values_list("month", flat=True))


@dataclass(frozen=True, slots=True)
class PersonMonth:
    """One person's month by one method, minor units. `payee_id` are the papers of the latest payment, `payments` those that stand."""

    document_hash: bytes
    method: str
    payee_id: int
    resident: bool
    payments: int
    gross: int
    tax: int
    year_income: int = 0
    year_tax: int = 0
    year_months: int = 0


_STANDING = """
    WITH one AS (SELECT document_hash, method, withdrawal_id, sum(gross) AS gross, sum(tax) AS tax FROM settlement_tax
                 WHERE tenant_id = %(tenant)s AND month = %(month)s GROUP BY 1, 2, 3),
    person AS (SELECT document_hash, method, max(withdrawal_id) AS last, count(*) FILTER (WHERE gross <> 0) AS payments,
               sum(gross)::bigint AS gross, sum(tax)::bigint AS tax FROM one GROUP BY 1, 2),
    year AS (SELECT document_hash, sum(gross)::bigint AS income, sum(tax)::bigint AS tax, count(*) AS months
             FROM (SELECT t.document_hash, t.month, sum(t.gross) AS gross, sum(t.tax) AS tax FROM settlement_tax t
                   JOIN (SELECT DISTINCT document_hash FROM person WHERE method = 'platform') p USING (document_hash)
                   WHERE t.tenant_id = %(tenant)s AND t.month >= %(january)s AND t.month < %(month)s GROUP BY 1, 2) m
             WHERE gross > 0 GROUP BY 1)
    SELECT p.document_hash, p.method, w.payee_id, y.resident, p.payments, p.gross, p.tax,
           CASE WHEN p.method = 'platform' THEN coalesce(a.income, 0) ELSE 0 END,
           CASE WHEN p.method = 'platform' THEN coalesce(a.tax, 0) ELSE 0 END,
           CASE WHEN p.method = 'platform' THEN coalesce(a.months, 0) ELSE 0 END
    FROM person p JOIN settlement_withdrawal w ON w.tenant_id = %(tenant)s AND w.id = p.last
    JOIN settlement_payee y ON y.tenant_id = %(tenant)s AND y.id = w.payee_id
    LEFT JOIN year a ON a.document_hash = p.document_hash ORDER BY p.method, p.document_hash
"""


def standing_of(month: int) -> list[PersonMonth]:
    """A month as the tax lines have it now; who has nothing left of it is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"tenant": current_tenant(), "month": month, "january": month - month % 12})
        rows = [PersonMonth(bytes(row[0]), *row[1:]) for row in cursor.fetchall()]
    return [row for row in rows if row.gross or row.tax]


def filed_lines(filing: Filing) -> list[PersonMonth]:
    """A month as it was filed."""
    names = "document_hash, method, payee_id, resident, payments, gross, tax, year_income, year_tax, year_months"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {names} FROM settlement_filed WHERE tenant_id = %s AND filing_id = %s ORDER BY method, document_hash",
            [current_tenant(), filing.id],
        )
        return [PersonMonth(bytes(row[0]), *row[1:]) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Changed:
    """A person of a filed month whose figures are not what was filed any more; minor units."""

    payee_id: int
    method: str
    gross_filed: int
    tax_filed: int
    gross: int
    tax: int


def corrections(filing: Filing) -> list[Changed]:
    """Whose figures changed since a month was filed, by method and person; empty where the return still holds."""
    filed = {(row.document_hash, row.method): row for row in filed_lines(filing)}
    standing = {(row.document_hash, row.method): row for row in standing_of(filing.month)}
    found = []
    for key in sorted(filed.keys() | standing.keys(), key=lambda one: (one[1], one[0])):
        was, now = filed.get(key), standing.get(key)
        before = (was.gross, was.tax) if was else (0, 0)
        after = (now.gross, now.tax) if now else (0, 0)
        if before != after:
            shown = now or was
            assert shown is not None
            found.append(Changed(shown.payee_id, shown.method, *before, *after))
    return found


def months_to_correct() -> dict[int, int]:
    """How many people of each filed month are not as they were filed; months that still hold are left out."""
    tenant = current_tenant()
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH last AS (SELECT DISTINCT ON (month) month, id FROM settlement_filing WHERE tenant_id = %s ORDER BY month, number DESC), "
            "moved AS (SELECT l.month, f.document_hash, f.method, -f.gross AS gross, -f.tax AS tax FROM last l "
            " JOIN settlement_filed f ON f.tenant_id = %s AND f.filing_id = l.id UNION ALL "
            " SELECT t.month, t.document_hash, t.method, t.gross, t.tax FROM settlement_tax t JOIN last l USING (month) WHERE t.tenant_id = %s) "
            "SELECT month, count(*) FROM (SELECT month, document_hash, method FROM moved GROUP BY 1, 2, 3 "
            " HAVING sum(gross) <> 0 OR sum(tax) <> 0) c GROUP BY month",
            [tenant, tenant, tenant],
        )
        return {int(month): int(people) for month, people in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Month:
    """A month with tax lines: people, what stands paid and withheld, and how many payments are still on their way."""

    month: int
    people: int
    gross: int
    tax: int
    under_way: int


def months(limit: int = 24) -> list[Month]:
    """The latest months with payments."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE known AS ((SELECT max(month) AS month FROM settlement_tax WHERE tenant_id = %s) UNION ALL "
            " SELECT (SELECT max(month) FROM settlement_tax WHERE tenant_id = %s AND month < known.month) FROM known WHERE month IS NOT NULL), "
            "latest AS (SELECT month FROM known WHERE month IS NOT NULL LIMIT %s) "
            "SELECT t.month, count(DISTINCT t.document_hash), sum(t.gross)::bigint, sum(t.tax)::bigint, "
            "count(DISTINCT w.id) FILTER (WHERE w.state = 'sent') FROM latest l JOIN settlement_tax t ON t.tenant_id = %s AND t.month = l.month "
            "JOIN settlement_withdrawal w ON w.tenant_id = t.tenant_id AND w.id = t.withdrawal_id GROUP BY 1 ORDER BY 1 DESC",
            [current_tenant(), current_tenant(), limit, current_tenant()],
        )
        return [Month(*row) for row in cursor.fetchall()]


def month_of(month: int) -> Month:
    """One month, with nothing in it where nobody was paid."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT t.document_hash), coalesce(sum(t.gross), 0)::bigint, coalesce(sum(t.tax), 0)::bigint, "
            "count(DISTINCT w.id) FILTER (WHERE w.state = 'sent') FROM settlement_tax t "
            "JOIN settlement_withdrawal w ON w.tenant_id = t.tenant_id AND w.id = t.withdrawal_id WHERE t.tenant_id = %s AND t.month = %s",
            [current_tenant(), month],
        )
        return Month(month, *cursor.fetchone())


@dataclass(frozen=True, slots=True)
class Turned:
    """A tax line that was written into a month after it was filed."""

    at: datetime
    withdrawal_id: int
    method: str
    gross: int
    tax: int


def turned_since(filing: Filing, limit: int = 200) -> list[Turned]:
    """The lines that came into a month after it was filed, in order: why it has to be corrected."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, withdrawal_id, method, gross, tax FROM settlement_tax WHERE tenant_id = %s AND month = %s AND at > %s ORDER BY at, id LIMIT %s",
            [current_tenant(), filing.month, filing.at, limit],
        )
        return [Turned(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class PersonPaid:
    """What one person was paid over some months, for reports; `returned` came back or did not arrive (0 or above)."""

    payee_id: int
    gross: int
    returned: int
    tax: int
    payments: int

    @property
    def net(self) -> int:
        """What stands paid, before tax."""
        return self.gross - self.returned


def paid_between(first: int, last: int) -> list[PersonPaid]:
    """Everybody paid in the months from `first` to `last`, whatever the method, by person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH person AS (SELECT document_hash, max(withdrawal_id) AS last, coalesce(sum(gross) FILTER (WHERE gross > 0), 0)::bigint AS gross, "
            " coalesce(-sum(gross) FILTER (WHERE gross < 0), 0)::bigint AS returned, sum(tax)::bigint AS tax, "
            " count(DISTINCT withdrawal_id) AS payments FROM settlement_tax WHERE tenant_id = %s AND month BETWEEN %s AND %s GROUP BY 1) "
            "SELECT w.payee_id, p.gross, p.returned, p.tax, p.payments FROM person p "
            "JOIN settlement_withdrawal w ON w.tenant_id = %s AND w.id = p.last ORDER BY w.payee_id",
            [current_tenant(), first, last, current_tenant()],
        )
        return [PersonPaid(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class YearLine:
    """A month of a person's year by one method: what was paid and withheld, and of that what was taken back (0 or below)."""

    month: int
    method: str
    gross: int
    tax: int
    gross_back: int
    tax_back: int
    corrected: bool
    """Whether something came into the month after it was first filed."""


def year_of(promoter_id: int, year: int, *, documents: Sequence[bytes]) -> list[YearLine]:
    """What a promoter was paid and had withheld in a year under some papers, by month and method."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.month, t.method, sum(t.gross)::bigint, sum(t.tax)::bigint, coalesce(sum(t.gross) FILTER (WHERE t.gross < 0), 0)::bigint, "
            "coalesce(sum(t.tax) FILTER (WHERE t.gross < 0), 0)::bigint, coalesce(bool_or(t.at > f.at), false) FROM settlement_tax t "
            "JOIN settlement_withdrawal w ON w.tenant_id = t.tenant_id AND w.id = t.withdrawal_id AND w.promoter_id = %s "
            "LEFT JOIN settlement_filing f ON f.tenant_id = t.tenant_id AND f.month = t.month AND f.number = 0 "
            "WHERE t.tenant_id = %s AND t.document_hash = ANY (%s) AND t.month BETWEEN %s AND %s GROUP BY 1, 2 ORDER BY 1, 2",
            [promoter_id, current_tenant(), list(documents), year * 12, year * 12 + 11],
        )
        return [YearLine(*row) for row in cursor.fetchall()]


def years_paid(promoter_id: int) -> tuple[int, ...]:
    """The years in which something was paid to a promoter, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT t.month / 12 FROM settlement_withdrawal w JOIN settlement_tax t ON t.tenant_id = w.tenant_id AND t.withdrawal_id = w.id "
            "WHERE w.tenant_id = %s AND w.promoter_id = %s ORDER BY 1 DESC",
            [current_tenant(), promoter_id],
        )
        return tuple(row[0] for row in cursor.fetchall())


def paid_from(month: int, least: int, *, by_person: bool) -> list[int]:
    """What stands paid in a month by payment, or by person, where that is at least `least`; minor units."""
    key = "document_hash" if by_person else "withdrawal_id"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT sum(gross)::bigint FROM settlement_tax WHERE tenant_id = %s AND month = %s GROUP BY {key} HAVING sum(gross) >= %s",
            [current_tenant(), month, least],
        )
        return [row[0] for row in cursor.fetchall()]
