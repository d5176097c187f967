"""The month's tax declaration."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse

from rongshu.domain.settlement.payees.actions import reveal_all
from rongshu.domain.settlement.withdrawals import queries
from rongshu.engine.money import format_units
from rongshu.interfaces.console.door import page
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.files import attached, plain, table
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import invalid


@page("money", Permission.SEND_MONEY)
def declaration(visit: Visit) -> HttpResponse:
    """The month's tax declaration as CSV: one row a person; names and documents in full, the taking recorded."""
    asked = visit.request.GET.get("month", "")
    try:
        first = date.fromisoformat(f"{asked}-01")
    except ValueError:
        raise invalid(
            "bad_month", "%(value)s is not a month; write it like 2026-05.", at="month", value=asked
        ) from None
    rows = queries.declared(first.year * 12 + first.month - 1)
    papers = reveal_all(
        payees_wanted=[row.payee_id for row in rows],
        reason=f"tax declaration {asked}",
        by=visit.login.actor,
        now=visit.now,
    )
    currency = visit.house.currency
    head = ("name", "document_kind", "document", "method", "payments", "gross", "tax")
    lines = [
        (
            plain(papers[row.payee_id].name), papers[row.payee_id].document_kind, f"'{papers[row.payee_id].document}", row.method,
            row.payments, format_units(row.gross, currency), format_units(row.tax, currency),
        )
        for row in rows
    ]  # fmt: skip
    return attached(table([head, *lines]), f"tax-{asked}.csv")
