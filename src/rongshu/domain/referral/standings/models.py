from __future__ import annotations

from django.db import models

from rongshu.kernel.tenancy.models import TenantModel


class Sales(TenantModel):
    """A promoter's own sales: what was paid on the orders credited to them, net of refunds, in minor units."""

    pk = models.CompositePrimaryKey("tenant_id", "promoter_id")
    promoter_id = models.BigIntegerField()
    orders = models.IntegerField()
    sales = models.BigIntegerField()
    last_at = models.DateTimeField(null=True)
    """The latest payment of an order credited to them when it was rated."""


ACTIVE, NEW, SLEEPING, ENDED = 0, 1, 2, 3
"""active: an order within `DAYS`; new: none, and joined within `DAYS`; sleeping: none, and joined earlier; ended: promotes no more."""
STATES = ("active", "new", "sleeping", "ended")
DAYS = 30


class Standing(TenantModel):
    """Where a promoter stands in the forest. The team of X: `enter` above X.enter and below X.leave, at any depth one range."""

    pk = models.CompositePrimaryKey("tenant_id", "promoter_id")
    promoter_id = models.BigIntegerField()
    enter = models.IntegerField()
    leave = models.IntegerField()
    depth = models.IntegerField()
    team_size = models.IntegerField()
    own_sales = models.BigIntegerField()
    team_sales = models.BigIntegerField()
    """Own sales and those of everybody below."""
    state = models.SmallIntegerField(default=SLEEPING, db_default=SLEEPING)
    """One of `STATES`, as of the last computing."""
    place = models.IntegerField(default=0, db_default=0)
    """The place among those of the same depth and state, in the order of `enter`: how many there are in a team is a subtraction."""

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "depth", "enter"], name="standing_by_depth"),
            models.Index(fields=["tenant_id", "depth", "state", "enter"], name="standing_by_state"),
            models.Index(fields=["tenant_id", "team_sales", "promoter_id"], name="standing_by_team_sales"),
            models.Index(fields=["tenant_id", "team_size", "promoter_id"], name="standing_by_team_size"),
        ]
