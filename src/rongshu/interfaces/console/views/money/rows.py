"""What the pages of money share: a row of a withdrawal, and how ids and months are read."""

from __future__ import annotations

from collections.abc import Sequence

from rongshu.domain.settlement.payees.queries import payees
from rongshu.domain.settlement.withdrawals.models import Withdrawal
from rongshu.interfaces.console.pages.money import (
    WithdrawalRow,
)
from rongshu.interfaces.faces.papers.certificate import METHODS
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.people import People
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside, outside

PAGE = 50


def identifier_of(text: str, prefix: str = "wdr") -> int:
    found = inside(prefix, text)
    if found is None:
        raise missing("unknown_withdrawal", "There is no such withdrawal.")
    return found


def rows_of(found: Sequence[Withdrawal], currency: str) -> tuple[WithdrawalRow, ...]:
    people, papers = People(one.promoter_id for one in found), payees([one.payee_id for one in found])
    return tuple(
        WithdrawalRow(
            id=outside("wdr", one.id),
            person=people.person(one.promoter_id),
            amount=Money(one.amount, currency),
            net=Money(one.net, currency),
            state=one.state,
            asked_at=one.asked_at,
            name=papers[one.payee_id].name_shown,
            account=f"{papers[one.payee_id].bank} {papers[one.payee_id].account_shown}".strip(),
            kind=papers[one.payee_id].account_kind,
            approvals=one.approvals,
            needed=one.approvals_needed,
        )
        for one in found
    )


def month_text(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


__all__ = ["METHODS", "PAGE", "identifier_of", "month_text", "rows_of"]
