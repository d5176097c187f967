from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from rongshu.domain.commission.scenarios.models import Scenario
from rongshu.domain.commission.scenarios.queries import scenario
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import invalid

MOST_LETTERS = 200_000


def save_scenario(
    *, name: str, text: str, against: int | None, since: datetime, until: datetime, result: dict[str, Any], by: Actor, now: datetime,
) -> Scenario:  # fmt: skip
    """Keeps what was tried; `result` is a report of the lab. Raises `invalid` without a name, or for a text beyond 200,000 characters."""
    name = " ".join(name.split())
    if not name or len(name) > 100:
        raise invalid("scenario_name", "Give the scenario a name of at most 100 letters.", at="name")
    if len(text) > MOST_LETTERS:
        raise invalid("plan_too_long", "A plan has at most 200,000 characters.", at="text")
    kept = Scenario.add(
        token=secrets.token_urlsafe(24), name=name, text=text, against=against, since=since, until=until, at=now, actor=str(by),
        document_hash=result["after"]["document_hash"], result_hash=result["result"], result=result,
    )  # fmt: skip
    record("scenario.saved", subject=str(kept.id), by=by, now=now)
    return kept


def delete_scenario(*, token: str, by: Actor, now: datetime) -> None:
    """Throws a scenario away. Raises `missing`."""
    found = scenario(token)
    identifier = found.id
    found.delete()
    record("scenario.deleted", subject=str(identifier), by=by, now=now)
