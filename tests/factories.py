"""What tests start from."""

from __future__ import annotations

import itertools
import os
from datetime import datetime
from typing import Any

from rongshu.kernel.access.actor import Actor
from rongshu.kernel.tenancy.actions import found_tenant
from rongshu.kernel.tenancy.queries import House, house_by_slug

TESTER = Actor("test", "tester")
_numbers = itertools.count(1)


def found(*, now: datetime, currency: str = "CNY", zone: str = "Asia/Shanghai", **more: Any) -> House:
    """A tenant of its own."""
    slug = f"t{os.getpid()}-{next(_numbers)}"
    found_tenant(slug=slug, name=f"Tenant {slug}", currency=currency, time_zone=zone, by=TESTER, now=now, **more)
    return house_by_slug(slug)
