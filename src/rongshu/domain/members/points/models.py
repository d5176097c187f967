from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class PointsVersion(TenantModel):
    """The tenant's rules of points, in force from `effective_from` until a version that begins later does."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    number = models.IntegerField()
    document = models.JSONField()
    """Canonical; `engine.points.rules` reads it."""
    effective_from = models.DateTimeField()
    reason = models.TextField(default="")
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "members_points_version"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "number"], name="points_version_number")]
        indexes = [models.Index(fields=["tenant_id", "-effective_from", "-number"], name="points_version_in_force")]


class PointsAccount(TenantModel):
    """The row that whoever moves a member's points holds, so that one does after the other."""

    pk = models.CompositePrimaryKey("tenant_id", "member_id")
    member_id = models.BigIntegerField()
    streak = models.IntegerField(default=0)
    """Days in a row the member has signed in, up to `signed_day`."""
    signed_day = models.IntegerField(default=0)
    """Days since 1970 in the tenant's time zone; 0 for never."""

    class Meta:
        db_table = "members_points_account"


class PointsLot(TenantModel):
    """Points that came together and end together. `left` is neither used nor set aside."""

    wall = Wall(copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    member_id = models.BigIntegerField()
    amount = models.BigIntegerField()
    left = models.BigIntegerField()
    source = models.TextField()
    """`order`, `first_order`, `sign_in`, `task:<id>`, `birthday`, `hand`, or what an API or another room calls it."""
    ref = models.TextField()
    """What it was granted for, unique with the ledger's journal kind `points`."""
    about = models.BigIntegerField(default=0)
    """The order, or 0."""
    version = models.IntegerField(default=0)
    """Number of the rules' version it was granted by, 0 for none."""
    why = models.JSONField(default=dict)
    """Figures of the explanation: what was paid, factors, caps, a reason given by hand."""
    at = models.DateTimeField()
    """When it was earned."""
    usable_at = models.DateTimeField()
    is_open = models.BooleanField()
    """Whether it may be used; until then it is pending in the ledger."""
    expires_at = models.DateTimeField(null=True)
    """None: never."""

    class Meta:
        db_table = "members_points_lot"
        constraints = [
            models.CheckConstraint(condition=Q(left__gte=0, left__lte=F("amount")), name="points_lot_left"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "member_id", "at"], name="points_lot_by_member"),
            models.Index(fields=["tenant_id", "about"], condition=Q(about__gt=0), name="points_lot_by_order"),
            models.Index(
                fields=["tenant_id", "expires_at", "member_id"],
                condition=Q(left__gt=0, is_open=True, expires_at__isnull=False),
                name="points_lot_ending",
            ),
            models.Index(fields=["tenant_id", "usable_at"], condition=Q(is_open=False), name="points_lot_opening"),
        ]


GRANTED, RESERVED, SPENT, RELEASED, GIVEN_BACK, EXPIRED, TAKEN_BACK, SETTLED, TAKEN_BY_HAND, OWED, PASSED = range(11)
"""Kinds of moves. OWED is of no lot: what is to be taken back and was spent already; PASSED between members who turned out to be one."""


class PointsMove(TenantModel):
    """What happened to a lot. `amount` is what `left` of the lot went up by, or down."""

    wall = Wall(append_only=True, copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    member_id = models.BigIntegerField()
    lot_id = models.BigIntegerField()
    """0 where points are owed."""
    kind = models.SmallIntegerField()
    amount = models.BigIntegerField()
    journal = models.BigIntegerField()
    about = models.BigIntegerField()
    """The order, or the hold that it belongs to, or 0."""
    at = models.DateTimeField()

    class Meta:
        db_table = "members_points_move"
        indexes = [
            models.Index(fields=["tenant_id", "member_id", "id"], name="points_move_by_member"),
            models.Index(fields=["tenant_id", "about"], condition=Q(about__gt=0), name="points_move_by_about"),
        ]


class PointsReport(TenantModel):
    """What the tenant owed in points on a day, counted by the clock."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "day")
    day = models.IntegerField()
    """Days since 1970 in the tenant's time zone."""
    at = models.DateTimeField()
    document = models.JSONField()
    """A `report.Report`."""

    class Meta:
        db_table = "members_points_report"


class PointsReminder(TenantModel):
    """Up to where members were reminded so many days before: lots that end later, or then and of a later member, are ahead."""

    pk = models.CompositePrimaryKey("tenant_id", "days")
    days = models.IntegerField()
    until_at = models.DateTimeField()
    member_id = models.BigIntegerField(default=0)

    class Meta:
        db_table = "members_points_reminder"


HELD, TAKEN, FREED = range(3)


class PointsHold(TenantModel):
    """Points set aside, or spent, under a reference. Which lots they came from stands in the moves."""

    pk = models.CompositePrimaryKey("tenant_id", "ref")
    ref = models.TextField()
    id = models.BigIntegerField(default=new_id)
    """The journal entry of it."""
    member_id = models.BigIntegerField()
    points = models.BigIntegerField()
    back = models.BigIntegerField(default=0)
    """Given back after it was spent."""
    state = models.SmallIntegerField()
    what = models.TextField(default="")
    """What it was spent on, in words of the room that did."""
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_points_hold"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "id"], name="points_hold_id")]
        indexes = [models.Index(fields=["tenant_id", "member_id"], condition=Q(state=0), name="points_hold_open")]
