from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel


class Product(TenantModel):
    """One product by its sku. `price` in minor units; `picture` the content hash of a kept picture, "" for none."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    sku = models.TextField()
    title = models.TextField()
    category = models.TextField(default="")
    price = models.BigIntegerField(null=True)
    target = models.TextField(default="")
    """Where it can be bought; checked when a link to it is made."""
    picture = models.TextField(default="")
    shared = models.BooleanField(default=True)
    """Whether promoters are offered it."""
    sold = models.BigIntegerField(default=0, db_default=0)
    """Pieces sold of late, for the order in which products are offered; counted by the clock."""
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "commerce_product"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "sku"], name="product_sku_once"),
            models.CheckConstraint(condition=Q(price__isnull=True) | Q(price__gte=0), name="product_price"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "id"], condition=Q(shared=True), name="product_shared"),
            models.Index(fields=["tenant_id", "-sold", "-id"], condition=Q(shared=True), name="product_best_sellers"),
        ]


class Picture(TenantModel):
    """A picture as it is kept: drawn anew in a known form, so that nothing hides in it. `hash` is of these very bytes (SHA-256, hex)."""

    pk = models.CompositePrimaryKey("tenant_id", "hash")
    hash = models.TextField()
    content = models.BinaryField()
    small = models.BinaryField(default=bytes, db_default=b"")
    """The same for lists, as JPEG; empty where it was kept before there were small ones: then it is drawn when asked for."""
    width = models.IntegerField()
    height = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "commerce_picture"
