from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db.models import Count

from rongshu.domain.referral.joining.models import ASKED, Acceptance, Application, JoiningVersion, StepDone
from rongshu.domain.referral.joining.policy import JoiningPolicy, Step, policy_of
from rongshu.kernel.errors import missing


def joining_policy() -> JoiningPolicy:
    """The policy in force; where none was set, everybody may join."""
    found = JoiningVersion.objects.order_by("-id").first()
    return JoiningPolicy() if found is None else policy_of(found.document)


def joining_history() -> list[JoiningVersion]:
    """Every version, latest first."""
    return list(JoiningVersion.objects.order_by("-id")[:50])


def latest_application(member_id: int) -> Application | None:
    """What somebody asked last, in whatever state."""
    return Application.objects.filter(member_id=member_id).order_by("-id").first()


def application(identifier: int) -> Application:
    """One application. Raises `missing`."""
    found = Application.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_application", "There is no such application.")
    return found  # type: ignore[no-any-return]


def applications(state: str, *, after: int | None = None, limit: int = 50) -> list[Application]:
    """Applications of a state; waiting ones oldest first, decided ones latest first. `after` is the last id of the page before."""
    rows = Application.objects.filter(state=state)
    if state == ASKED:
        return list((rows if after is None else rows.filter(id__gt=after)).order_by("id")[:limit])
    return list((rows if after is None else rows.filter(id__lt=after)).order_by("-id")[:limit])


def count_applications() -> dict[str, int]:
    """How many there are of each state."""
    rows = Application.objects.values_list("state").annotate(number=Count("id")).order_by()
    return dict(rows)


def acceptances_of(member_id: int) -> list[Acceptance]:
    """What somebody accepted, latest first."""
    return list(Acceptance.objects.filter(member_id=member_id).order_by("-id")[:20])


def step_key(step: Step) -> str:
    """By what a step is remembered."""
    return hashlib.sha256(step.title.encode()).hexdigest()[:16]


def steps_done(promoter_id: int, steps: Sequence[Step]) -> tuple[bool, ...]:
    """Which of the steps a promoter has done, in their order."""
    done = set(StepDone.objects.filter(promoter_id=promoter_id).values_list("step", flat=True))
    return tuple(step_key(step) in done for step in steps)
