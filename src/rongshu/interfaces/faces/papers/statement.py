"""A promoter's month as rows for a page, as CSV and as PDF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.http import HttpResponse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from rongshu.domain.settlement.statements.queries import (
    FEE,
    MERGED,
    PAID,
    RELEASED,
    RETURNED,
    REVERSED,
    REWARD,
    TAX,
    Statement,
    proved,
    statement,
)
from rongshu.domain.settlement.statements.sources import Source, adjusts, sources_of
from rongshu.engine.money import format_units
from rongshu.interfaces.faces.files import attached, plain, table
from rongshu.interfaces.faces.papers.rows import StatementRow
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.templatetags.faces import plain_money
from rongshu.interfaces.faces.typesetting import typeset
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.queries import House

KINDS = {
    RELEASED: gettext_lazy("Commission released"),
    REWARD: gettext_lazy("Reward of a period"),
    REVERSED: gettext_lazy("Taken back by refunds"),
    PAID: gettext_lazy("Paid to you"),
    TAX: gettext_lazy("Tax withheld"),
    FEE: gettext_lazy("Fee"),
    RETURNED: gettext_lazy("Came back from the bank"),
    MERGED: gettext_lazy("Accounts of one person merged"),
}
"""What a line is called, in the order of the sums."""
_PREFIX = {"order": "ord", "period": "per", "release": "rel", "withdrawal": "wdr"}
ON_PAPER = 3000


def rows_of(promoter_id: int, found: Statement, currency: str, lines: slice = slice(None)) -> list[StatementRow]:
    """The lines of a statement as they are shown, each with its source."""
    shown = found.lines[lines]
    return [
        StatementRow(
            at=line.at,
            kind=line.kind,
            text=_text(line.kind, source),
            amount=Money(line.amount, currency),
            source=source.kind,
            ref=outside(_PREFIX[source.kind], source.id) if source.kind else "",
            name=source.name,
            adjusts=f"{source.day:%Y-%m}" if source.day and adjusts(line, source, found.since) else "",
        )
        for line, source in zip(shown, sources_of(promoter_id, shown), strict=True)
    ]


def _text(kind: str, source: Source) -> str:
    if kind == REVERSED and source.kind == "period":
        return _("Reward corrected")
    return str(KINDS[kind])


def sums_of(found: Statement, currency: str) -> tuple[tuple[str, Money], ...]:
    """What came and went, by kind; kinds of which there was nothing are left out."""
    present = {line.kind for line in found.lines}
    return tuple((str(KINDS[kind]), Money(found.total(kind), currency)) for kind in KINDS if kind in present)


def statement_file(
    *, promoter_id: int, found: Statement, form: str, house: House, who: str, now: datetime
) -> HttpResponse:
    """The statement to download, `csv` or `pdf`; handed out only where it adds up from the first transfer on."""
    proved(promoter_id, found)
    rows = rows_of(promoter_id, found, house.currency)
    name = f"statement-{found.since:%Y-%m}"
    if form == "pdf":
        return attached(_pdf(found, rows, house, who, now), f"{name}.pdf", "application/pdf")
    return attached(_csv(found, rows, house.currency), f"{name}.csv")


def _csv(found: Statement, rows: Sequence[StatementRow], currency: str) -> bytes:
    head = ("at", "kind", "amount", "source", "reference", "name", "adjusts_month")
    opening = (found.since.isoformat(), "opening", format_units(found.opening, currency), "", "", "", "")
    closing = (found.until.isoformat(), "closing", format_units(found.closing, currency), "", "", "", "")
    lines = [
        (
            row.at.isoformat(), row.kind, format_units(row.amount.units, currency), row.source, row.ref, plain(row.name),
            row.adjusts,
        )
        for row in rows
    ]  # fmt: skip
    return table([head, opening, *lines, closing])


def _pdf(found: Statement, rows: Sequence[StatementRow], house: House, who: str, now: datetime) -> bytes:
    zone, currency = house.zone, house.currency
    left = max(0, len(rows) - ON_PAPER)
    more = ngettext(
        "%(number)s later line is in the CSV file.", "%(number)s later lines are in the CSV file.", left
    ) % {"number": left}  # fmt: skip
    language = get_language() or "en"
    data = {
        "lang": "zh" if language.startswith("zh") else "en",
        "title": f"{_('Statement')} {found.since:%Y-%m}",
        "house": house.name,
        "who": who,
        "made": f"{now.astimezone(zone):%Y-%m-%d %H:%M}",
        "words": {
            "made": _("Made"), "sums": _("The month in sums"), "lines": _("Every movement"), "kind": _("Kind"),
            "amount": _("Amount"), "at": _("Time"), "about": _("Explained by"), "nothing": _("Nothing came or went in this month"),
        },
        "facts": [
            {"name": _("Promoter"), "value": who},
            {"name": _("Month"), "value": f"{found.since:%Y-%m}"},
        ],
        "sums": [
            {"name": _("At the beginning"), "value": plain_money(Money(found.opening, currency))},
            *({"name": name, "value": plain_money(sum_of)} for name, sum_of in sums_of(found, currency)),
            {"name": _("At the end"), "value": plain_money(Money(found.closing, currency))},
        ],
        "rows": [
            {
                "at": f"{row.at.astimezone(zone):%m-%d %H:%M}",
                "kind": row.text,
                "about": f"{row.name} {row.ref}".strip(),
                "note": _("of %(month)s") % {"month": row.adjusts} if row.adjusts else "",
                "amount": plain_money(row.amount),
            }
            for row in rows[:ON_PAPER]
        ],
        "more": more if left else "",
    }  # fmt: skip
    return typeset(Path(__file__).with_name("statement.typ"), {"data": json.dumps(data, ensure_ascii=False)}, now)


__all__ = ["KINDS", "StatementRow", "rows_of", "statement", "statement_file", "sums_of"]
