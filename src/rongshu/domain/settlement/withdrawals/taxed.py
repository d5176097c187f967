"""Tax lines: what each payment had withheld, and what is taken back of those that did not go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from rongshu.domain.settlement.payees.queries import people_of
from rongshu.domain.settlement.withdrawals.models import TaxLine, Withdrawal
from rongshu.domain.settlement.withdrawals.queries import paid_to
from rongshu.domain.settlement.withdrawals.rows import Line, add_tax_lines, lock_people
from rongshu.domain.settlement.withdrawals.tax import months_looked_at, withheld
from rongshu.engine.withdrawals import TaxMethod


def withhold(them: Sequence[Withdrawal], method: TaxMethod, day: date, now: datetime) -> None:
    """Settles the tax of withdrawals that are held, one person's after another's, and writes its lines. Sets `tax` of each."""
    papers = people_of([one.payee_id for one in them])
    lock_people(person for person, _ in papers.values())
    before = paid_to(sorted({person for person, _ in papers.values()}), months_looked_at(day))
    lines = []
    for one in them:
        person, resident = papers[one.payee_id]
        gross = one.amount - one.fee
        earlier = before.setdefault(person, [])
        found = withheld(earlier, resident, gross, method, day)
        one.tax = found.tax
        earlier.append((found.month, gross, found.tax))
        lines.append(
            Line(
                document_hash=person, month=found.month, withdrawal_id=one.id, method=found.method, gross=gross,
                tax=found.tax, basis=found.basis,
            )
        )  # fmt: skip
    add_tax_lines(lines, now)


def take_back_tax(lines: Mapping[int, Sequence[TaxLine]], why: str, now: datetime) -> None:
    """Takes the tax of payments back, in the months it was withheld in. What was taken back before stays so."""
    live = []
    for of_one in lines.values():
        gone = {line.basis.rpartition(": ")[2] for line in of_one if line.gross < 0}
        live += [line for line in of_one if line.gross >= 0 and str(line.id) not in gone]
    lock_people(bytes(line.document_hash) for line in live)
    add_tax_lines(
        [
            Line(
                document_hash=bytes(line.document_hash), month=line.month, withdrawal_id=line.withdrawal_id,
                method=line.method, gross=-line.gross, tax=-line.tax, basis=f"{why}: {line.id}",
            )
            for line in live
        ],
        now,
    )  # fmt: skip
