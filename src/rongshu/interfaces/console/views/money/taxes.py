"""What is declared to the tax office: the payer, months filed and corrected, files of months, quarters and years."""

from __future__ import annotations

import re
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.settlement.declarations import queries
from rongshu.domain.settlement.declarations.actions import (
    declaration_file,
    declare_payer,
    file_month,
    filed_file,
    papers_for,
)
from rongshu.domain.settlement.declarations.layouts import PLATFORM_HEAD, US_HEAD, as_csv, platform_rows, us_rows
from rongshu.domain.settlement.declarations.models import Filing
from rongshu.domain.settlement.payees.queries import payees
from rongshu.domain.settlement.policies.queries import policy
from rongshu.engine.tax import NoFigure, vat
from rongshu.engine.tax.figures import VAT, on
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.statements import (
    ChangedRow,
    FiledReturn,
    Taxes,
    TaxMonth,
    TaxMonthPage,
    TurnedRow,
)
from rongshu.interfaces.console.views.money.rows import METHODS, month_text
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.files import attached
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, missing
from rongshu.kernel.ids import outside

SHOWN = 200


@page("money", Permission.SEE_MONEY)
def taxes(visit: Visit) -> Taxes | HttpResponse:
    """The payer and the months; posting declares who withholds."""
    if visit.request.method != "POST":
        return _taxes(visit)
    visit.demand(Permission.SET_MONEY_RULES)
    typed = {name: visit.request.POST.get(name, "")[:400] for name in ("name", "tax_id", "address")}
    try:
        declare_payer(**typed, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return _taxes(visit, typed=typed, problem=said(refusal), at=refusal.at or "")
    messages.success(visit.request, _("Declarations and certificates name this payer from now on."))
    return redirect("console:taxes")


def _taxes(visit: Visit, *, typed: dict[str, str] | None = None, problem: str = "", at: str = "") -> Taxes:
    known, months = queries.payer(), queries.months()
    filed, changed = {one.month: one for one in queries.filings()}, queries.months_to_correct()
    values = {name: getattr(known, name) if known else "" for name in ("name", "tax_id", "address")}
    return Taxes(
        payer=typed or values,
        declared_at=known.at if known else None,
        months=tuple(_month(visit, one, filed.get(one.month), changed.get(one.month, 0)) for one in months),
        quarters=tuple(dict.fromkeys(f"{one.month // 12}-Q{one.month % 12 // 3 + 1}" for one in months)),
        years=tuple(dict.fromkeys(one.month // 12 for one in months)),
        dollars=visit.house.currency == "USD",
        may_declare=visit.may(Permission.SET_MONEY_RULES),
        problem=problem,
        at=at,
    )


def _month(visit: Visit, one: queries.Month, filing: Filing | None, changed: int) -> TaxMonth:
    currency = visit.house.currency
    return TaxMonth(
        month=month_text(one.month),
        people=one.people,
        gross=Money(one.gross, currency),
        tax=Money(one.tax, currency),
        under_way=one.under_way,
        over=one.month < queries.number_of(visit.today),
        filed=0 if filing is None else filing.number + 1,
        filed_at=filing.at if filing else None,
        filed_by=actor_name(filing.actor) if filing else "",
        changed=changed,
    )


def _asked(text: str) -> int:
    """The month an address names. Raises `missing`."""
    try:
        return queries.number_of(date.fromisoformat(f"{text}-01"))
    except ValueError:
        raise missing("unknown_month", "There is no such month.") from None


@page("money", Permission.SEE_MONEY)
def tax_month(visit: Visit, month: str) -> TaxMonthPage | HttpResponse:
    """One month; posting marks it as declared, or files its corrected return."""
    number = _asked(month)
    if visit.request.method != "POST":
        return _tax_month(visit, number)
    visit.demand(Permission.SEND_MONEY)
    try:
        filing = file_month(month=number, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return _tax_month(visit, number, problem=said(refusal))
    if filing.number:
        messages.success(visit.request, _("Kept as a corrected return; the one before stays as it was."))
    else:
        messages.success(visit.request, _("Kept as declared. What comes into this month now is a correction."))
    return redirect("console:tax_month", month=month)


def _tax_month(visit: Visit, month: int, problem: str = "") -> TaxMonthPage:
    currency, filed = visit.house.currency, queries.filings_of(month)
    found = queries.month_of(month)
    last = filed[-1] if filed else None
    changed = queries.corrections(last) if last else []
    papers = payees([one.payee_id for one in changed[:SHOWN]])
    people = People(one.promoter_id for one in papers.values())
    advice, unknown = _advice(month, currency)
    return TaxMonthPage(
        row=_month(visit, found, last, len(changed)),
        returns=tuple(
            FiledReturn(
                one.number, one.at, actor_name(one.actor), one.people, Money(one.gross, currency), Money(one.tax, currency),
                one.sha256,
            )
            for one in filed
        ),
        changed=tuple(
            ChangedRow(
                people.person(papers[one.payee_id].promoter_id), papers[one.payee_id].name_shown, str(METHODS[one.method]),
                *(Money(units, currency) for units in (one.gross_filed, one.gross, one.tax_filed, one.tax)),
            )
            for one in changed[:SHOWN]
        ),
        turned=tuple(
            TurnedRow(one.at, outside("wdr", one.withdrawal_id), Money(one.gross, currency), Money(one.tax, currency))
            for one in (queries.turned_since(last, SHOWN) if last else ())
        ),
        advice=advice,
        advice_unknown=unknown,
        may_declare=visit.may(Permission.SEND_MONEY),
        problem=problem,
    )  # fmt: skip


def _advice(month: int, currency: str) -> tuple[tuple[int, Money, Money] | None, bool]:
    """What of a month's payments reaches the threshold of VAT, where the rules ask to show it; whether figures are missing for it."""
    rules, day = policy(), queries.first_of(month)
    if rules.vat == "off":
        return None, False
    by_month = rules.tax == "platform"
    try:
        figures = on(VAT, day).value
        least = figures.per_month if by_month else figures.per_transaction
        due = [
            one
            for gross in queries.paid_from(month, least, by_person=by_month)
            if (one := vat(gross, day, monthly=by_month)).vat
        ]
    except NoFigure:
        return None, True
    return (
        len(due), Money(sum(one.vat for one in due), currency), Money(sum(one.surcharges for one in due), currency)
    ), False  # fmt: skip


@page("money", Permission.SEND_MONEY)
def tax_file(visit: Visit, month: str) -> HttpResponse:
    """The month's declaration in the form's columns, as it stands, or with `?filed=0` the return as it was filed; recorded."""
    number, filed = _asked(month), visit.request.GET.get("filed", "")
    by, now = visit.login.actor, visit.now
    if filed.isascii() and filed.isdigit() and len(filed) < 4:
        content = filed_file(month=number, number=int(filed), by=by, now=now)
        return attached(content, f"tax-{month}-return-{filed}.csv")
    return attached(declaration_file(month=number, by=by, now=now), f"tax-{month}.csv")


@page("money", Permission.SEND_MONEY)
def people_file(visit: Visit, span: str) -> HttpResponse:
    """Everybody paid in a quarter (`2026-Q2`), as platforms report them, or in a year (`2026`), as Form 1099-NEC sums it; recorded."""
    asked = re.fullmatch(r"(20[0-9]{2})(?:-Q([1-4]))?", span)
    if asked is None:
        raise missing("unknown_month", "There is no such month.")
    year, quarter = int(asked[1]), int(asked[2]) if asked[2] else 0
    first = year * 12 + (3 * (quarter - 1) if quarter else 0)
    found, currency = queries.paid_between(first, first + (2 if quarter else 11)), visit.house.currency
    papers = papers_for(
        [one.payee_id for one in found], f"tax report {span}", by=visit.login.actor, now=visit.now
    )  # fmt: skip
    if quarter:
        return attached(as_csv([PLATFORM_HEAD, *platform_rows(found, papers, currency)]), f"platform-report-{span}.csv")
    return attached(as_csv([US_HEAD, *us_rows(found, papers, year, currency)]), f"1099-nec-{year}.csv")
