from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.db import models

from rongshu.kernel.tenancy.scope import current_tenant


@dataclass(frozen=True, slots=True)
class Wall:
    """What the database lets the application do with a table, besides keeping tenants apart."""

    append_only: bool = False
    """Rows are inserted and read, never changed or deleted."""
    copied: bool = False
    """Batches come in by COPY, in the writer's role."""
    read_only: bool = False
    """Only the database itself (a trigger) writes it."""
    system: bool = False
    """The system scope (sign-in, the worker's search for work) sees the rows of every tenant."""


class TenantRows(models.Manager[Any]):
    """The rows of the active tenant. Without one it raises, before the database would."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(tenant_id=current_tenant())


class TenantModel(models.Model):
    """A table whose rows belong to tenants: `tenant_id` first in every key."""

    wall: ClassVar[Wall] = Wall()

    tenant_id = models.BigIntegerField()

    objects = TenantRows()

    class Meta:
        abstract = True

    @classmethod
    def add(cls, **values: Any) -> Self:
        """A new row of the active tenant."""
        return cls.objects.create(tenant_id=current_tenant(), **values)  # type: ignore[no-any-return]


class Tenant(models.Model):
    """A brand on this installation, with the currency, time zone and language it works in."""

    wall: ClassVar[Wall] = Wall(system=True)

    id = models.BigIntegerField(primary_key=True)
    slug = models.SlugField(unique=True, max_length=40)
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64)
    language = models.CharField(max_length=10, default="zh-hans")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
