"""The reader's own statements and tax certificates."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse

from rongshu.domain.settlement.declarations.certificates import issue_certificate
from rongshu.domain.settlement.declarations.queries import years_paid
from rongshu.domain.settlement.statements.queries import statement as statement_of
from rongshu.domain.settlement.statements.sources import release_of
from rongshu.interfaces.faces.cursors import pack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.papers.certificate import certificate_file
from rongshu.interfaces.faces.papers.statement import rows_of, statement_file, sums_of
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.people import People
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.statements import ReleasedPage, ReleasedRow, StatementLine, StatementPage
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside, outside

SHOWN = 500
FIRST = date(2000, 1, 1)


def month_asked(visit: Visit) -> date:
    """The month in the address, this one where it cannot be read."""
    this = visit.today.replace(day=1)
    try:
        asked = date.fromisoformat(f"{visit.request.GET.get('month', '')}-01")
    except ValueError:
        return this
    return min(max(asked, FIRST), this)


@page("home")
def statement(visit: Visit) -> StatementPage | HttpResponse:
    """A month's statement; `?format=csv` or `pdf` gives it as a file."""
    me, month, currency = myself(visit), month_asked(visit), visit.house.currency
    found = statement_of(me, month)
    form = visit.request.GET.get("format", "")
    if form in ("csv", "pdf"):
        who = People([me]).person(me).name
        return statement_file(promoter_id=me, found=found, form=form, house=visit.house, who=who, now=visit.now)
    rows = rows_of(me, found, currency, slice(-SHOWN, None))
    before = (month - timedelta(days=1)).replace(day=1)
    return StatementPage(
        month=month,
        earlier=f"{before:%Y-%m}",
        later=f"{found.until:%Y-%m}" if found.until <= visit.today else "",
        opening=Money(found.opening, currency),
        sums=sums_of(found, currency),
        closing=Money(found.closing, currency),
        lines=tuple(StatementLine(row, _turned_to(row.source, row.ref)) for row in reversed(rows)),
        more=len(found.lines) - len(rows),
        years=years_paid(me),
    )


def _turned_to(source: str, ref: str) -> str:
    """The place of one's own withdrawals where this one comes first."""
    identifier = inside("wdr", ref) if source == "withdrawal" else None
    return "" if identifier is None else pack(identifier + 1)


@page("home")
def released(visit: Visit, id: str) -> ReleasedPage:
    """What one release was made of."""
    journal, me, currency = inside("rel", id), myself(visit), visit.house.currency
    if journal is None:
        raise missing("unknown_release", "There is no such release.")
    found = release_of(me, journal)
    return ReleasedPage(
        at=found.at,
        amount=Money(found.amount, currency),
        rows=tuple(
            ReleasedRow(
                outside("ord", one.order_id), one.name, one.paid_at, Money(one.amount, currency), Money(one.reversed, currency)
            )
            for one in found.orders
        ),
        more=found.more,
        month=f"{found.at.astimezone(visit.house.zone):%Y-%m}",
    )  # fmt: skip


@page("home")
def certificate(visit: Visit, year: int, form: str) -> HttpResponse:
    """The reader's tax certificate of a year, name and document masked as everywhere in the portal."""
    if form not in ("csv", "pdf"):
        raise missing("unknown_form", "There is no such file.")
    found = issue_certificate(
        promoter_id=myself(visit), year=year, full=False, by=visit.login.actor, now=visit.now
    )  # fmt: skip
    return certificate_file(found, form=form, house=visit.house, now=visit.now)
