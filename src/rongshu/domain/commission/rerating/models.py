from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

PREPARING, PREVIEWED, POSTING, POSTED, REJECTED = 0, 1, 2, 3, 4
STATES = ("preparing", "previewed", "posting", "posted", "rejected")

ATTRIBUTION, PLAN, SEQUENCE = 0, 1, 2
CAUSES = ("attribution", "plan", "sequence")
"""Why an order comes out otherwise: it belongs to somebody else, another version rates it, or (nothing of that) the true
sequence of orders and what is known of the past now."""


class Rerating(TenantModel):
    """A window rated anew: who asked for it and why, what it would change, who approved it, how far it is posted."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    since = models.DateTimeField()
    until = models.DateTimeField()
    """Orders paid from `since` on and before `until`."""
    version_id = models.BigIntegerField(null=True)
    """Every order of the window is rated by this version; None: each by the version that rates it now."""
    reason = models.TextField()
    state = models.SmallIntegerField(default=PREPARING)
    asked_at = models.DateTimeField()
    asked_by = models.TextField()
    preview_id = models.BigIntegerField(default=0)
    """Which preview stands; 0 before the first."""
    previewed_at = models.DateTimeField(null=True)
    stale = models.BooleanField(default=False)
    """What stood when it was previewed has changed: it was sent back to be previewed again."""
    failure = models.TextField(default="")
    """The kind of error for which it could not be previewed; the log tells more."""
    orders = models.IntegerField(default=0)
    """Orders in the window."""
    corrected = models.IntegerField(default=0)
    """Orders of the window with a correction that is not posted."""
    last_correction = models.BigIntegerField(default=0)
    """The latest correction the preview knew of, among those of the window."""
    posts_known = models.IntegerField(default=0)
    """How many differences earlier re-ratings had posted in the window."""
    changed = models.IntegerField(default=0)
    """Orders that change."""
    rows = models.IntegerField(default=0)
    """Commission rows that come, go or differ."""
    gains = models.BigIntegerField(default=0)
    losses = models.BigIntegerField(default=0)
    """What promoters gain and lose, each over the whole window, net of refunds as of the preview; both 0 or above, minor units."""
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(default="")
    decision = models.TextField(default="")
    """What the second person noted, or why it was rejected."""
    posted_upto = models.BigIntegerField(default=0)
    """The last order posted, in the sequence of order ids."""
    posted = models.IntegerField(default=0)
    posted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "commission_rerating"
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="rerating_window"),
            models.UniqueConstraint(fields=["tenant_id"], condition=Q(state=POSTING), name="rerating_one_posting"),
        ]
        indexes = [models.Index(fields=["tenant_id", "id"], condition=Q(state__in=[0, 2]), name="rerating_at_work")]


class ReratedOrder(TenantModel):
    """An order that a preview found to come out otherwise: how it was rated, and how it would be."""

    wall = Wall(append_only=True, copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "preview_id", "order_id")
    preview_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    cause = models.SmallIntegerField()
    """Index into CAUSES."""
    paid_at = models.DateTimeField()
    gain = models.BigIntegerField()
    """Net of refunds as of the preview, all promoters together."""
    last_row = models.IntegerField()
    """The highest row number the order had."""
    old_version_id = models.BigIntegerField(null=True)
    new_version_id = models.BigIntegerField(null=True)
    old_promoter_id = models.BigIntegerField(null=True)
    new_promoter_id = models.BigIntegerField(null=True)
    old_first = models.SmallIntegerField()
    new_first = models.SmallIntegerField()
    old_chain = ArrayField(models.BigIntegerField())
    old_states = ArrayField(models.SmallIntegerField())
    new_chain = ArrayField(models.BigIntegerField())
    new_states = ArrayField(models.SmallIntegerField())

    class Meta:
        db_table = "commission_rerated_order"
        indexes = [
            models.Index(fields=["tenant_id", "preview_id", "paid_at", "order_id"], name="rerated_order_by_time")
        ]


class ReratedRow(TenantModel):
    """A commission row that comes, goes or differs: the old one by its number (0: there was none), and the whole new trace."""

    wall = Wall(append_only=True, copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "preview_id", "order_id", "place")
    preview_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    place = models.IntegerField()
    old_row = models.IntegerField()
    new_row = models.IntegerField()
    """The number of the new row; 0: it goes and nothing comes."""
    line_no = models.IntegerField()
    kind = models.SmallIntegerField()
    level = models.IntegerField()
    beneficiary_id = models.BigIntegerField()
    rule = models.TextField()
    base = models.BigIntegerField()
    ppm = models.IntegerField()
    before_caps = models.BigIntegerField()
    cut_order = models.BigIntegerField()
    cut_day = models.BigIntegerField()
    cut_month = models.BigIntegerField()
    amount = models.BigIntegerField()
    at_once = models.SmallIntegerField()
    """1: to be released with the posting, by the plan's `instant_below`."""
    old_amount = models.BigIntegerField()
    old_net = models.BigIntegerField()
    new_net = models.BigIntegerField()
    """Net of refunds as of the preview."""

    class Meta:
        db_table = "commission_rerated_row"
        indexes = [
            models.Index(
                fields=["tenant_id", "beneficiary_id", "preview_id", "order_id"], name="rerated_row_by_promoter"
            )
        ]


class ReratingPost(TenantModel):
    """An order whose differences were posted: the journal that took the old rows back, the preview that says what came."""

    wall = Wall(append_only=True, copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "order_id", "preview_id")
    order_id = models.BigIntegerField()
    preview_id = models.BigIntegerField()
    rerating_id = models.BigIntegerField()
    journal = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "commission_rerating_post"
