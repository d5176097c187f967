"""A tenant's documents in versions: which of them holds (asked with every cart and every order, so one small read), and the next one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from rongshu.kernel.actor import Actor
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.tenancy.models import TenantModel
from rongshu.kernel.tenancy.scope import current_tenant


def in_force(model: type[TenantModel], at: datetime) -> tuple[int, int] | None:
    """Id and number of the version that holds at an instant; None where none has begun.

    `model` has the columns id, number and effective_from; of those that began at once the newest counts.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, number FROM {table} WHERE tenant_id = %s AND effective_from <= %s "
            "ORDER BY effective_from DESC, number DESC LIMIT 1",
            [current_tenant(), at],
        )
        found = cursor.fetchone()
    return None if found is None else (found[0], found[1])


def next_version(
    model: type[TenantModel], *, document: Mapping[str, Any], effective_from: datetime | None, instead_of: int | None, moved: str,
    by: Actor, now: datetime, **more: Any,
) -> tuple[Any, bool]:  # fmt: skip
    """The next version of a document, from now or from an instant to come, and whether it is new: the one that was published last and
    holds already is not written again. `model` also has document, at and actor.

    Whoever calls keeps others from publishing meanwhile. Raises `invalid` for a beginning in the past, `conflict` with the code
    `moved` when `instead_of` is no longer the newest number (0 for none).
    """
    if effective_from is not None and effective_from <= now:
        raise invalid("begins_in_past", "Rules begin now or later, never in the past.", at="effective_from")
    last: Any = model.objects.order_by("-number").first()
    number = 0 if last is None else last.number
    if instead_of is not None and instead_of != number:
        raise conflict(
            moved, "Version %(number)s was published meanwhile; look at it before changing it.", number=number
        )
    if last is not None and effective_from is None and last.effective_from <= now and last.document == document:
        present = in_force(model, now)
        if present is not None and present[1] == number:
            return last, False
    begins = effective_from or now
    return model.add(number=number + 1, document=document, effective_from=begins, at=now, actor=str(by), **more), True
