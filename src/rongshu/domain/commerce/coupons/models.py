from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

HELD, RESERVED, USED, EXPIRED, SENT = "held", "reserved", "used", "expired", "sent"
STATES = (HELD, RESERVED, USED, EXPIRED, SENT)
RELEASED = "released"
"""Of a use: the coupon is free again."""
NEVER, WHOLE, ALWAYS = "never", "whole", "always"
"""When a coupon is given back: never, when its order is refunded wholly, or by any refund."""
RETURNS = (NEVER, WHOLE, ALWAYS)
NEW_MEMBER, INVITED_JOINED, INVITER_JOINED = "new_member", "invited_joined", "inviter_joined"
INVITED_BOUGHT, INVITER_BOUGHT = "invited_bought", "inviter_bought"
OCCASIONS = ("", NEW_MEMBER, INVITED_JOINED, INVITER_JOINED, INVITED_BOUGHT, INVITER_BOUGHT)
"""When a coupon is given by itself; "" never."""


class CouponKind(TenantModel):
    """What a coupon is worth, where and how long, who may have it, and how many there are. Money in minor units.

    The counters beside it are part of the writes that move them, so that limits hold whoever races for the last one.
    """

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    name = models.TextField()
    kind = models.TextField()
    """fixed, percent, gift or shipping."""
    amount = models.BigIntegerField(default=0)
    """Off the goods (fixed) or the shipping fee (shipping, 0: all of it); what the gift costs the brand (gift)."""
    ppm = models.IntegerField(default=0)
    """How much is off, of percent."""
    max_minus = models.BigIntegerField(default=0)
    """The most that percent takes off; 0: no limit."""
    min_spend = models.BigIntegerField(default=0)
    skus = models.JSONField(default=list)
    categories = models.JSONField(default=list)
    except_skus = models.JSONField(default=list)
    tiers = models.JSONField(default=list)
    """Tiers that may have and use it; empty: everybody."""
    stacks = models.JSONField(default=list)
    """What it goes with: a part of `engine.prices.frames.STACKS`."""
    gift_sku = models.TextField(default="")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    """Exclusive; None: by `days` alone."""
    days = models.IntegerField(null=True)
    """Of 24 hours, from the moment somebody gets it; never beyond `valid_until`."""
    budget = models.BigIntegerField(null=True)
    """The most that all of them may cost."""
    number = models.BigIntegerField(null=True)
    """How many there are."""
    per_person = models.IntegerField(default=1)
    """0: as many as there are."""
    returns = models.TextField(default=WHOLE)
    claimable = models.BooleanField(default=False)
    shareable = models.BooleanField(default=False)
    occasion = models.TextField(default="")
    remind_days = models.IntegerField(default=3)
    """Days before its end at which whoever holds one is reminded; 0: never."""
    open = models.BooleanField(default=True)
    """Whether it is still given out; held ones stay good."""
    note = models.TextField(default="")
    """What members read under its name."""
    given = models.BigIntegerField(default=0)
    """Coupons given and codes made, less codes that ended unredeemed."""
    used = models.BigIntegerField(default=0)
    promised = models.BigIntegerField(default=0)
    """Worth of what can still be used."""
    spent = models.BigIntegerField(default=0)
    """Saved by what was used."""
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "commerce_couponkind"
        constraints = [
            models.CheckConstraint(
                condition=Q(given__gte=0, used__gte=0, promised__gte=0, spent__gte=0), name="couponkind_counters"
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(number__gte=F("given")), name="couponkind_number"
            ),
            models.CheckConstraint(
                condition=Q(budget__isnull=True) | Q(budget__gte=F("promised") + F("spent")), name="couponkind_budget"
            ),
            models.CheckConstraint(condition=Q(per_person__gte=0), name="couponkind_per_person"),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "-id"], condition=Q(claimable=True, open=True), name="couponkind_claimable"
            ),
            models.Index(fields=["tenant_id", "occasion"], condition=Q(open=True), name="couponkind_occasion"),
        ]


class CouponTaker(TenantModel):
    """How many coupons of a kind somebody got."""

    pk = models.CompositePrimaryKey("tenant_id", "kind_id", "member_id")
    kind_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    taken = models.IntegerField()

    class Meta:
        db_table = "commerce_coupontaker"


class Coupon(TenantModel):
    """One coupon of a member. `worth` is the most it can cost, taken from the budget when it was given."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    kind_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    state = models.TextField(default=HELD)
    way = models.TextField()
    """How it was got: claim, send, code, share, or an occasion."""
    ref = models.TextField()
    """Names the giving; the same again gives nothing more."""
    worth = models.BigIntegerField()
    got_at = models.DateTimeField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    remind_at = models.DateTimeField(null=True)
    """When to remind of its end; None: never, or done."""
    ended_at = models.DateTimeField(null=True)
    """When it was used, expired or sent on."""
    from_coupon = models.BigIntegerField(null=True)
    """The coupon that was sent on and became this one."""

    class Meta:
        db_table = "commerce_coupon"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "member_id", "kind_id", "ref"], name="coupon_given_once"),
            models.UniqueConstraint(
                fields=["tenant_id", "from_coupon"], condition=Q(from_coupon__isnull=False), name="coupon_sent_once"
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="coupon_state"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "member_id", "-id"], name="coupon_by_member"),
            models.Index(fields=["tenant_id", "kind_id", "-id"], name="coupon_by_kind"),
            models.Index(
                fields=["tenant_id", "until_at"], condition=Q(state=HELD, until_at__isnull=False), name="coupon_to_end"
            ),
            models.Index(
                fields=["tenant_id", "remind_at"],
                condition=Q(state=HELD, remind_at__isnull=False),
                name="coupon_remind",
            ),
        ]


class CouponUse(TenantModel):
    """One use of a coupon, from setting it aside: for whom, on which order, what it saved, and what became of it."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    ref = models.TextField()
    coupon_id = models.BigIntegerField()
    kind_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    state = models.TextField(default=RESERVED)
    """reserved, used or released."""
    reserved_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    order_id = models.BigIntegerField(null=True)
    saved = models.BigIntegerField(default=0)
    returned_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "commerce_couponuse"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "ref"], name="couponuse_ref"),
            models.UniqueConstraint(
                fields=["tenant_id", "coupon_id"],
                condition=Q(state__in=(RESERVED, USED), returned_at__isnull=True),
                name="couponuse_one_at_a_time",
            ),
            models.CheckConstraint(condition=Q(saved__gte=0), name="couponuse_saved"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "kind_id", "-id"], name="couponuse_by_kind"),
            models.Index(fields=["tenant_id", "order_id"], name="couponuse_by_order"),
        ]


class CouponBatch(TenantModel):
    """So many codes of one kind, made at once. They are numbers `first` and on, permuted (`codes`)."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    kind_id = models.BigIntegerField()
    name = models.TextField()
    ref = models.TextField()
    count = models.BigIntegerField()
    first = models.BigIntegerField()
    upto = models.BigIntegerField()
    """The first number of codes that was not looked at for this batch; the next begins there."""
    redeemed = models.BigIntegerField(default=0)
    until_at = models.DateTimeField(null=True)
    """Until when its codes can be redeemed."""
    worth = models.BigIntegerField()
    """Of one code."""
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "commerce_couponbatch"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "ref"], name="couponbatch_ref"),
            models.UniqueConstraint(fields=["tenant_id", "upto"], name="couponbatch_numbers"),
            models.CheckConstraint(condition=Q(redeemed__gte=0, redeemed__lte=F("count")), name="couponbatch_redeemed"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "kind_id", "-id"], name="couponbatch_by_kind"),
            models.Index(
                fields=["tenant_id", "until_at"],
                condition=Q(closed_at__isnull=True, until_at__isnull=False),
                name="couponbatch_to_close",
            ),
        ]


class CouponCode(TenantModel):
    """One code that becomes a coupon, once."""

    wall = Wall(append_only=True, copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "code")
    code = models.TextField()
    batch_id = models.BigIntegerField()

    class Meta:
        db_table = "commerce_couponcode"


class CouponRedemption(TenantModel):
    """A code that became a coupon."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "code")
    code = models.TextField()
    batch_id = models.BigIntegerField()
    coupon_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "commerce_couponredemption"
        indexes = [models.Index(fields=["tenant_id", "batch_id", "code"], name="couponredemption_by_batch")]
