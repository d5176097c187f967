from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import connection

from rongshu.domain.settlement.declarations import queries
from rongshu.domain.settlement.declarations.layouts import CN_HEAD, as_csv, cn_rows
from rongshu.domain.settlement.declarations.models import FiledLine, Filing, PayerVersion
from rongshu.domain.settlement.payees.actions import Papers, reveal_all
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant


def declare_payer(*, name: str, tax_id: str, address: str, by: Actor, now: datetime) -> PayerVersion:
    """Who withholds, for files and certificates from now on. Raises `invalid`; the same again changes nothing."""
    name, tax_id, address = (" ".join(text.split()) for text in (name, tax_id, address))
    if not 2 <= len(name) <= 200:
        raise invalid("bad_name", "Give the payer's full registered name.", at="name")
    if not 5 <= len(tax_id) <= 30 or not tax_id.isascii() or not tax_id.replace("-", "").isalnum():
        raise invalid("bad_tax_id", "Give the payer's tax number: letters, digits and hyphens.", at="tax_id")
    if not 4 <= len(address) <= 300:
        raise invalid("bad_address", "Give the payer's registered address.", at="address")
    known = queries.payer()
    if known is not None and (known.name, known.tax_id, known.address) == (name, tax_id.upper(), address):
        return known
    kept = PayerVersion(
        tenant_id=current_tenant(), name=name, tax_id=tax_id.upper(), address=address, at=now, actor=str(by)
    )
    kept.save(force_insert=True)
    record("payer.declared", subject=kept.tax_id, by=by, now=now, name=name, address=address)
    return kept


def file_month(*, month: int, by: Actor, now: datetime) -> Filing:
    """Marks a month as declared: its figures are kept person by person, the file by its hash.

    A month filed before gets a corrected return where its figures have changed since; where they have not, the one before is given
    back and nothing happens. Raises `invalid` for a month that is not over or without a declared payer, `conflict` for one with
    nothing to declare.
    """
    today = now.astimezone(house().zone).date()
    if month >= queries.number_of(today):
        raise invalid("month_not_over", "A month is declared when it is over.", at="month")
    payer = queries.payer()
    if payer is None:
        raise invalid("no_payer", "Say first who withholds: name, tax number and address.", at="payer")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"declaration of {month}", current_tenant()]
        )
    before = queries.filings_of(month)
    if before and not queries.corrections(before[-1]):
        return before[-1]
    lines = queries.standing_of(month)
    if not lines and not before:
        raise conflict("nothing_to_declare", "Nobody was paid in this month.")
    content = _file(lines, payer, month, by=by, now=now)
    filing = Filing(
        tenant_id=current_tenant(), month=month, number=len(before), payer_id=payer.id,
        people=len({line.document_hash for line in lines}), gross=sum(line.gross for line in lines),
        tax=sum(line.tax for line in lines), sha256=hashlib.sha256(content).hexdigest(), at=now, actor=str(by),
    )  # fmt: skip
    filing.save(force_insert=True)
    FiledLine.objects.bulk_create(
        (
            FiledLine(
                tenant_id=current_tenant(), filing_id=filing.id, document_hash=line.document_hash, method=line.method,
                payee_id=line.payee_id, resident=line.resident, payments=line.payments, gross=line.gross, tax=line.tax,
                year_income=line.year_income, year_tax=line.year_tax, year_months=line.year_months,
            )
            for line in lines
        ),
        batch_size=5000,
    )  # fmt: skip
    record(
        "month.filed", subject=f"{queries.first_of(month):%Y-%m}", by=by, now=now, number=filing.number,
        people=filing.people, gross=filing.gross, tax=filing.tax, sha256=filing.sha256,
    )  # fmt: skip
    return filing


def declaration_file(*, month: int, by: Actor, now: datetime) -> bytes:
    """The month's declaration as it stands now, names and documents in full; the taking is recorded. Raises `invalid` without a payer."""
    payer = queries.payer()
    if payer is None:
        raise invalid("no_payer", "Say first who withholds: name, tax number and address.", at="payer")
    return _file(queries.standing_of(month), payer, month, by=by, now=now)


def filed_file(*, month: int, number: int, by: Actor, now: datetime) -> bytes:
    """The bytes of a return as it was filed; the taking is recorded. Raises `missing`, `conflict` should they not be the same any more."""
    filing = Filing.objects.filter(month=month, number=number).first()
    if filing is None:
        raise missing("unknown_filing", "This month was not filed.")
    payer = PayerVersion.objects.get(id=filing.payer_id)
    content = _file(queries.filed_lines(filing), payer, month, by=by, now=now)
    if hashlib.sha256(content).hexdigest() != filing.sha256:
        raise conflict("file_differs", "The file cannot be made again as it was; its hash differs.")
    return content


def _file(lines: list[queries.PersonMonth], payer: PayerVersion, month: int, *, by: Actor, now: datetime) -> bytes:
    first = queries.first_of(month)
    papers = papers_for([line.payee_id for line in lines], f"tax declaration {first:%Y-%m}", by=by, now=now)
    head = [
        ("税款所属期", f"{first:%Y-%m}"), ("扣缴义务人名称", payer.name), ("扣缴义务人纳税人识别号", payer.tax_id),
        ("地址", payer.address), ("金额单位", house().currency), CN_HEAD,
    ]  # fmt: skip
    return as_csv([*head, *cn_rows(lines, papers, first, house().currency)])


def papers_for(payees: list[int], reason: str, *, by: Actor, now: datetime) -> dict[int, Papers]:
    """Papers in full for a file that the law asks for: one audit entry, none where there is nobody."""
    return reveal_all(payees_wanted=payees, reason=reason, by=by, now=now) if payees else {}
