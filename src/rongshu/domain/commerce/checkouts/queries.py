from __future__ import annotations

from collections.abc import Sequence

from rongshu.domain.commerce.checkouts.models import Checkout


def find_checkout(checkout_id: int) -> Checkout | None:
    """A checkout by its id."""
    return Checkout.objects.filter(id=checkout_id).first()


def hold_checkouts(ids: Sequence[int]) -> dict[int, Checkout]:
    """Checkouts by id, locked in the sequence of their ids until the transaction ends; the unknown are left out."""
    if not ids:
        return {}
    return {one.id: one for one in Checkout.objects.select_for_update().filter(id__in=list(ids)).order_by("id")}


def checkouts_of(orders: Sequence[int]) -> dict[int, Checkout]:
    """The checkouts that orders have used, by order."""
    return {one.order_id: one for one in Checkout.objects.filter(order_id__in=list(orders)) if one.order_id}
