"""Tax certificates: what one promoter was paid in a year and what was withheld of it, month by month, by which rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rongshu.domain.settlement.declarations.models import PayerVersion
from rongshu.domain.settlement.declarations.queries import YearLine, first_of, payer, year_of
from rongshu.domain.settlement.payees.actions import Papers, opened
from rongshu.domain.settlement.payees.queries import payee_of
from rongshu.engine.tax import NoFigure
from rongshu.engine.tax.working import Rule, rule_of
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, missing


@dataclass(frozen=True, slots=True)
class Certificate:
    """A year under the papers the promoter gave last. `papers` are masked unless they were asked for in full."""

    year: int
    payer: PayerVersion
    name: str
    document_kind: str
    document: str
    resident: bool
    lines: Sequence[YearLine]
    rules: Sequence[tuple[str, Rule | None]]
    """By method: what it rests on in the year's last month with payments; None where nothing is withheld or no figures are known."""

    @property
    def income(self) -> int:
        """What stands paid in the year, minor units."""
        return sum(line.gross for line in self.lines)

    @property
    def tax(self) -> int:
        """What stands withheld of it."""
        return sum(line.tax for line in self.lines)


def issue_certificate(*, promoter_id: int, year: int, full: bool, by: Actor, now: datetime) -> Certificate:
    """The certificate of a year; name and document in full only for a reader who may see them, which is recorded as a look at the papers.

    Raises `missing` without papers or payments in the year, `conflict` while the payer has not declared who it is.
    """
    known = payee_of(promoter_id)
    if known is None:
        raise missing("no_papers", "No name and papers were given yet.")
    lines = year_of(promoter_id, year, documents=[bytes(known.document_hash)])
    if not lines:
        raise missing("nothing_paid", "Nothing was paid in this year.")
    who = payer()
    if who is None:
        raise conflict("no_payer", "Say first who withholds: name, tax number and address.")
    last = {line.method: first_of(line.month) for line in lines}
    name, document = known.name_shown, known.document_shown
    if full:
        papers: Papers = opened(known)
        name, document = papers.name, papers.document
        record(
            "payee.revealed", subject=str(promoter_id), by=by, now=now, payee=str(known.id), reason=f"tax certificate {year}"
        )  # fmt: skip
    record("certificate.made", subject=str(promoter_id), by=by, now=now, year=year, full=full)
    return Certificate(
        year, who, name, known.document_kind, document, known.resident, lines,
        [(method, _rule(method, day)) for method, day in sorted(last.items())],
    )  # fmt: skip


def _rule(method: str, day: date) -> Rule | None:
    try:
        return rule_of(method, day)
    except NoFigure:
        return None
