from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.models import Tenant
from rongshu.kernel.tenancy.scope import current_tenant, system_scope


@dataclass(frozen=True, slots=True)
class House:
    """What everything needs to know of the tenant it works for."""

    id: int
    slug: str
    name: str
    currency: str
    zone: ZoneInfo
    language: str


def _house(tenant: Tenant) -> House:
    return House(tenant.id, tenant.slug, tenant.name, tenant.currency, ZoneInfo(tenant.time_zone), tenant.language)


def house() -> House:
    """The active tenant."""
    return _house(Tenant.objects.get(id=current_tenant()))


def house_by_slug(slug: str) -> House:
    """A tenant by its slug. Raises `missing`."""
    with system_scope():
        tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise missing("unknown_tenant", "There is no tenant %(slug)s.", slug=slug)
    return _house(tenant)


def every_house() -> list[House]:
    """All tenants, by id."""
    with system_scope():
        return [_house(tenant) for tenant in Tenant.objects.order_by("id")]
