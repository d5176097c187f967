from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel


class Scenario(TenantModel):
    """A plan tried on a window, and what was found. Never changed, only thrown away."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    token = models.TextField()
    """What its address holds: nobody guesses it, and only people of the tenant who may see plans open it."""
    name = models.TextField()
    text = models.TextField()
    """The plan as it was written."""
    against = models.IntegerField(null=True)
    """The number of the published version it was compared with; None for one compared with nothing but itself."""
    since = models.DateTimeField()
    until = models.DateTimeField()
    at = models.DateTimeField()
    actor = models.TextField()
    document_hash = models.TextField()
    """SHA-256 of the plan's canonical document."""
    result_hash = models.TextField()
    """SHA-256 of what both plans pay for every order and promoter: computed again it is the same while nothing has changed."""
    result = models.JSONField()

    class Meta:
        db_table = "commission_scenario"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "token"], name="scenario_token")]
