"""Which of a tenant's published versions holds: asked with every cart and every order, so one small read."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

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
