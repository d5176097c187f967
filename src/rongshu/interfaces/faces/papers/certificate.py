"""A year's tax certificate as CSV and as PDF."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from django.http import HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rongshu.domain.settlement.declarations.certificates import Certificate
from rongshu.domain.settlement.declarations.queries import YearLine, first_of
from rongshu.engine.money import format_units
from rongshu.engine.tax.working import Rule
from rongshu.interfaces.faces.files import attached, plain, table
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.templatetags.faces import plain_money
from rongshu.interfaces.faces.typesetting import typeset
from rongshu.kernel.tenancy.queries import House

METHODS = {
    "labour": gettext_lazy("Remuneration of labour, by month"),
    "platform": gettext_lazy("Platform, cumulative"),
    "non_resident": gettext_lazy("Non-resident"),
    "none": gettext_lazy("None here"),
}
DOCUMENTS = {
    "cn_id": gettext_lazy("Identity card"),
    "passport": gettext_lazy("Passport"),
    "other": gettext_lazy("Other document"),
}


def certificate_file(found: Certificate, *, form: str, house: House, now: datetime) -> HttpResponse:
    """The certificate to download, `csv` or `pdf`."""
    name = f"tax-certificate-{found.year}"
    if form == "pdf":
        return attached(_pdf(found, house, now), f"{name}.pdf", "application/pdf")
    head = (
        "month",
        "method",
        "income",
        "withheld",
        "of_it_taken_back",
        "tax_of_it_taken_back",
        "corrected_after_filing",
    )
    rows = [
        (
            f"{first_of(line.month):%Y-%m}", line.method,
            *(format_units(units, house.currency) for units in (line.gross, line.tax, line.gross_back, line.tax_back)),
            "yes" if line.corrected else "",
        )
        for line in found.lines
    ]  # fmt: skip
    total = (
        "total",
        "",
        format_units(found.income, house.currency),
        format_units(found.tax, house.currency),
        "",
        "",
        "",
    )
    about = [
        ("payer", plain(found.payer.name), f"'{found.payer.tax_id}", plain(found.payer.address)),
        ("person", plain(found.name), found.document_kind, f"'{found.document}"),
        *(("rule", method, _said(method, rule)) for method, rule in found.rules),
    ]
    return attached(table([*about, head, *rows, total]), f"{name}.csv")


def _said(method: str, rule: Rule | None) -> str:
    """A rule in words: what it rests on, and for which days its figures hold."""
    name = str(METHODS[method])
    if rule is None:
        return _("%(method)s: nothing is withheld, or no figures are known for these days.") % {"method": name}
    words = _("%(method)s: %(basis)s; figures for payments from %(since)s on.")
    if rule.until is not None:
        words = _("%(method)s: %(basis)s; figures for payments from %(since)s to %(until)s.")
    return words % {"method": name, "basis": rule.basis, "since": rule.since, "until": rule.until}


def _note(line: YearLine) -> str:
    return _("corrected after it was filed") if line.corrected else ""


def _pdf(found: Certificate, house: House, now: datetime) -> bytes:
    def money(units: int) -> str:
        return plain_money(Money(units, house.currency))

    language = get_language() or "en"
    data = {
        "lang": "zh" if language.startswith("zh") else "en",
        "title": _("Tax certificate %(year)s") % {"year": found.year},
        "house": house.name,
        "who": found.name,
        "made": f"{now.astimezone(house.zone):%Y-%m-%d %H:%M}",
        "words": {
            "made": _("Made"), "payer": _("Who withheld"), "person": _("Who was paid"), "months": _("By month and method"),
            "month": _("Month"), "method": _("Method"), "back": _("Of it taken back"), "income": _("Income"), "tax": _("Tax withheld"),
            "total": _("Together"), "rules": _("By which rules"), "nothing": _("Nothing was paid in this year."),
            "meaning": _("Income is what was paid before tax, less what did not arrive or came back. This paper is made by the payer and is no tax assessment."),
        },
        "payer": [
            {"name": _("Name"), "value": found.payer.name}, {"name": _("Tax number"), "value": found.payer.tax_id},
            {"name": _("Address"), "value": found.payer.address},
        ],
        "person": [
            {"name": _("Name"), "value": found.name},
            {"name": str(DOCUMENTS[found.document_kind]), "value": found.document},
            {"name": _("Resident for tax"), "value": _("Yes") if found.resident else _("No")},
        ],
        "rows": [
            {
                "month": f"{first_of(line.month):%Y-%m}", "method": str(METHODS[line.method]), "note": _note(line),
                "back": money(line.gross_back) if line.gross_back else "–", "income": money(line.gross), "tax": money(line.tax),
            }
            for line in found.lines
        ],
        "income": money(found.income),
        "tax": money(found.tax),
        "rules": [_said(method, rule) for method, rule in found.rules],
    }  # fmt: skip
    return typeset(Path(__file__).with_name("certificate.typ"), {"data": json.dumps(data, ensure_ascii=False)}, now)
