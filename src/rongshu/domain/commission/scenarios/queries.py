from __future__ import annotations

from rongshu.domain.commission.scenarios.models import Scenario
from rongshu.kernel.errors import missing


def scenario(token: str) -> Scenario:
    """A scenario by the token of its address. Raises `missing`."""
    found = Scenario.objects.filter(token=token).first()
    if found is None:
        raise missing("unknown_scenario", "There is no such scenario; it may have been thrown away.")
    return found  # type: ignore[no-any-return]


def scenarios(limit: int = 50) -> list[Scenario]:
    """The scenarios of the tenant, the latest first, without their results."""
    return list(Scenario.objects.order_by("-id").defer("result", "text")[:limit])
