"""A promoter's statements and tax certificates, as finance sees them."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse

from rongshu.domain.referral.promoters.queries import promoter
from rongshu.domain.settlement.declarations.certificates import issue_certificate
from rongshu.domain.settlement.declarations.queries import years_paid
from rongshu.domain.settlement.statements.queries import statement as statement_of
from rongshu.domain.settlement.statements.sources import release_of
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.statements import PromoterStatement, Released, ReleasedRow
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.papers.certificate import certificate_file
from rongshu.interfaces.faces.papers.statement import rows_of, statement_file, sums_of
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.people import People
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside, outside

SHOWN = 500


def promoter_asked(text: str) -> int:
    """The promoter an address names. Raises `missing`."""
    found = inside("mem", text)
    if found is None:
        raise missing("unknown_promoter", "There is no such promoter.")
    return promoter(found).id


def month_asked(visit: Visit) -> date:
    """The month in the address, this one where it cannot be read."""
    this = visit.today.replace(day=1)
    try:
        asked = date.fromisoformat(f"{visit.request.GET.get('month', '')}-01")
    except ValueError:
        return this
    return min(max(asked, date(2000, 1, 1)), this)


@page("money", Permission.SEE_MONEY)
def statement(visit: Visit, id: str) -> PromoterStatement | HttpResponse:
    """A promoter's month; `?format=csv` or `pdf` gives it as a file, which is recorded."""
    who, month, currency = promoter_asked(id), month_asked(visit), visit.house.currency
    found, person = statement_of(who, month), People([who]).person(who)
    form = visit.request.GET.get("format", "")
    if form in ("csv", "pdf"):
        record(
            "statement.taken", subject=str(who), by=visit.login.actor, now=visit.now, month=f"{month:%Y-%m}", form=form
        )
        return statement_file(
            promoter_id=who, found=found, form=form, house=visit.house, who=person.name, now=visit.now
        )  # fmt: skip
    rows = rows_of(who, found, currency, slice(-SHOWN, None))
    before = (month - timedelta(days=1)).replace(day=1)
    return PromoterStatement(
        person=person,
        month=month,
        earlier=f"{before:%Y-%m}",
        later=f"{found.until:%Y-%m}" if found.until <= visit.today else "",
        opening=Money(found.opening, currency),
        sums=sums_of(found, currency),
        closing=Money(found.closing, currency),
        rows=tuple(reversed(rows)),
        more=len(found.lines) - len(rows),
        years=years_paid(who),
        may_certify=visit.may(Permission.SEE_PAPERS),
    )


@page("money", Permission.SEE_MONEY)
def released(visit: Visit, id: str, release: str) -> Released:
    """What one release was made of."""
    who, journal, currency = promoter_asked(id), inside("rel", release), visit.house.currency
    if journal is None:
        raise missing("unknown_release", "There is no such release.")
    found = release_of(who, journal)
    return Released(
        person=People([who]).person(who),
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


@page("money", Permission.SEE_PAPERS)
def certificate(visit: Visit, id: str, year: int, form: str) -> HttpResponse:
    """A promoter's tax certificate of a year with name and document in full; the look at the papers is recorded."""
    if form not in ("csv", "pdf"):
        raise missing("unknown_form", "There is no such file.")
    found = issue_certificate(
        promoter_id=promoter_asked(id), year=year, full=True, by=visit.login.actor, now=visit.now
    )  # fmt: skip
    return certificate_file(found, form=form, house=visit.house, now=visit.now)
