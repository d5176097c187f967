from __future__ import annotations

from collections.abc import Sequence

from rongshu.domain.settlement.payees.models import Payee
from rongshu.kernel import bulk
from rongshu.kernel.tenancy.scope import current_tenant


def payee_of(promoter_id: int) -> Payee | None:
    """A promoter's papers and account as last given; None before, and after the consent was taken back."""
    last = Payee.objects.filter(promoter_id=promoter_id).order_by("-id").first()
    return last if last is not None and last.agreement else None


def consent_taken_back(promoter_id: int) -> bool:
    """Whether papers were given and the consent to keeping them was taken back since."""
    last = Payee.objects.filter(promoter_id=promoter_id).order_by("-id").values_list("agreement", flat=True).first()
    return bool(last == "")


def payees(identifiers: Sequence[int]) -> dict[int, Payee]:
    """Papers by their id."""
    return {payee.id: payee for payee in Payee.objects.filter(id__in=list(identifiers))}


def people_of(identifiers: Sequence[int]) -> dict[int, tuple[bytes, bool]]:
    """Who the papers belong to, by their id: the document's hash, and whether the person is a resident for the tax."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT id, document_hash, resident FROM settlement_payee WHERE tenant_id = %s AND id = ANY (%s)",
            [current_tenant(), bulk.int8s(list(set(identifiers)))],
        )
        return {identifier: (bytes(person), resident) for identifier, person, resident in cursor.fetchall()}
