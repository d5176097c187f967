from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel

GOODS, COUPON, PRIVILEGE = "goods", "coupon", "privilege"
KINDS = (GOODS, COUPON, PRIVILEGE)
ASKED, SENT, DONE, CANCELLED = "asked", "sent", "done", "cancelled"
STATES = (ASKED, SENT, DONE, CANCELLED)
OPEN_STATES = (ASKED, SENT)


class MallItem(TenantModel):
    """Something that can be had for points, and nothing else. `taken` is part of the write that gives one, so stock holds."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    name = models.TextField()
    kind = models.TextField()
    """goods are sent to an address, a coupon is there at once, a privilege is given by the team against the exchange's code."""
    points = models.BigIntegerField()
    note = models.TextField(default="")
    """What members read under its name."""
    picture = models.TextField(default="")
    """The content hash of a kept picture, "" for none."""
    coupon_kind_id = models.BigIntegerField(null=True)
    stock = models.BigIntegerField(null=True)
    """How many there are in all, those taken included; None: as many as are asked for."""
    taken = models.BigIntegerField(default=0)
    per_member = models.IntegerField(default=0)
    """0: as many as there are."""
    tier = models.TextField(default="")
    """The lowest tier that may have it; "" everybody."""
    sale_from = models.DateTimeField()
    sale_until = models.DateTimeField(null=True)
    """Exclusive."""
    open = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "commerce_mallitem"
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="mallitem_points"),
            models.CheckConstraint(condition=Q(taken__gte=0), name="mallitem_taken"),
            models.CheckConstraint(condition=Q(stock__isnull=True) | Q(stock__gte=F("taken")), name="mallitem_stock"),
            models.CheckConstraint(condition=Q(per_member__gte=0), name="mallitem_per_member"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="mallitem_kind"),
            models.CheckConstraint(
                condition=Q(kind=COUPON, coupon_kind_id__isnull=False)
                | (~Q(kind=COUPON) & Q(coupon_kind_id__isnull=True)),
                name="mallitem_coupon",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "points", "id"], condition=Q(open=True), name="mallitem_on_sale"),
        ]


class MallTaker(TenantModel):
    """How many of an item a member took."""

    pk = models.CompositePrimaryKey("tenant_id", "item_id", "member_id")
    item_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    taken = models.IntegerField()

    class Meta:
        db_table = "commerce_malltaker"
        constraints = [models.CheckConstraint(condition=Q(taken__gte=0), name="malltaker_taken")]


class MallExchange(TenantModel):
    """One item that a member took for points: what it was then, where it goes, and how far it is."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    member_id = models.BigIntegerField()
    item_id = models.BigIntegerField()
    key = models.TextField()
    """Names the asking; the same again of the same member is the same exchange."""
    kind = models.TextField()
    name = models.TextField()
    points = models.BigIntegerField()
    state = models.TextField()
    address = models.BinaryField(null=True)
    """Sealed: name, phone and address as JSON. Of goods, until the member's data are erased."""
    carrier = models.TextField(default="")
    tracking = models.TextField(default="")
    coupon_id = models.BigIntegerField(null=True)
    reason = models.TextField(default="")
    """Why it was cancelled."""
    back = models.BigIntegerField(default=0)
    """Points that came back."""
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """When it was done or cancelled."""

    class Meta:
        db_table = "commerce_mallexchange"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "member_id", "key"], name="mallexchange_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="mallexchange_state"),
            models.CheckConstraint(condition=Q(back__gte=0, back__lte=F("points")), name="mallexchange_back"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "member_id", "-id"], name="mallexchange_by_member"),
            models.Index(fields=["tenant_id", "item_id", "-id"], name="mallexchange_by_item"),
            models.Index(fields=["tenant_id", "state", "-id"], name="mallexchange_by_state"),
        ]
