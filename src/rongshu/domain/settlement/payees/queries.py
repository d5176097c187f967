from __future__ import annotations

from collections.abc import Sequence

from rongshu.domain.settlement.payees.models import Payee


def payee_of(promoter_id: int) -> Payee | None:
    """A promoter's papers and account as last given, None before."""
    return Payee.objects.filter(promoter_id=promoter_id).order_by("-id").first()


def payees(identifiers: Sequence[int]) -> dict[int, Payee]:
    """Papers by their id."""
    return {payee.id: payee for payee in Payee.objects.filter(id__in=list(identifiers))}
