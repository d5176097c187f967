"""What tests start from."""

from __future__ import annotations

import itertools
import os
from datetime import datetime
from typing import Any

from rongshu.kernel.actor import Actor
from rongshu.kernel.founding import found_tenant
from rongshu.kernel.tenancy.models import Tenant
from rongshu.kernel.tenancy.queries import House, house, house_by_slug
from rongshu.kernel.tenancy.scope import current_tenant

TESTER = Actor("test", "tester")
_numbers = itertools.count(1)
_phones = itertools.count(10_000_000 + 1_000_000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")))
"""A million for each process of the run: they share one database, and a phone signs in to one tenant only."""


def new_phone() -> str:
    """A phone nobody else in this run has."""
    return f"139{next(_phones)}"


def found(*, now: datetime, currency: str = "CNY", zone: str = "Asia/Shanghai", **more: Any) -> House:
    """A tenant of its own."""
    slug = f"t{os.getpid()}-{next(_numbers)}"
    found_tenant(slug=slug, name=f"Tenant {slug}", currency=currency, time_zone=zone, by=TESTER, now=now, **more)
    return house_by_slug(slug)


def found_here(*, now: datetime, currency: str = "CNY", zone: str = "Asia/Shanghai") -> House:
    """A tenant within the present transaction, whose scope is open already (its id is the scope's)."""
    identifier = current_tenant()
    Tenant.objects.create(
        id=identifier,
        slug=f"h{identifier}",
        name="Here",
        currency=currency,
        time_zone=zone,
        language="en",
        created_at=now,
    )
    return house()
