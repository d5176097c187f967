from __future__ import annotations

from django.db import models

from rongshu.kernel.tenancy.models import TenantModel


class Learned(TenantModel):
    """What was learned last: the products by their places, how many sold each of late, and how it did on the weeks held back."""

    pk = models.CompositePrimaryKey("tenant_id", "one")
    one = models.SmallIntegerField(default=1)
    """A tenant has one."""
    at = models.DateTimeField()
    until = models.DateTimeField()
    """The latest order it knows; half a year up to it was looked at."""
    products = models.BinaryField()
    """Ids, int64, little endian, in the sequence of places."""
    popular = models.BinaryField()
    """float32, one a place."""
    sellers = models.IntegerField()
    measured = models.IntegerField()
    """Of the suggestions held against the last weeks, how many were hits; ppm."""
    measured_popular = models.IntegerField()
    """The same of the best sellers."""
    used = models.BooleanField()
    """Whether it beat them, and is shown."""

    class Meta:
        db_table = "insight_learned"


class Affinity(TenantModel):
    """How much selling one product speaks for selling each other: float32, one a place of `Learned.products`."""

    pk = models.CompositePrimaryKey("tenant_id", "product_id")
    product_id = models.BigIntegerField()
    row = models.BinaryField()

    class Meta:
        db_table = "insight_affinity"
