from __future__ import annotations

from datetime import datetime, timedelta

from rongshu.domain.commission.plans.models import PlanDraft, PlanVersion
from rongshu.domain.commission.plans.queries import forget_versions
from rongshu.engine.plan import PlanError, read_plan
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import lock_background_writing


def save_draft(*, text: str, by: Actor, now: datetime, draft_id: int | None = None) -> PlanDraft:
    """Keeps a draft as it is typed, right or wrong. Raises `missing` for a draft that is gone, `invalid` beyond 200,000 characters."""
    if len(text) > 200_000:
        raise invalid("plan_too_long", "A plan has at most 200,000 characters.", at="text")
    if draft_id is None:
        draft = PlanDraft.add(text=text, updated_at=now, actor=str(by))
    else:
        found = PlanDraft.objects.filter(id=draft_id).first()
        if found is None:
            raise missing("unknown_draft", "There is no such draft.")
        draft = found
        draft.text, draft.updated_at, draft.actor = text, now, str(by)
        draft.save(force_update=True)
    record("plan.drafted", subject=str(draft.id), by=by, now=now)
    return draft


def discard_draft(*, draft_id: int, by: Actor, now: datetime) -> None:
    """Throws a draft away; one that is gone already stays gone."""
    PlanDraft.objects.filter(id=draft_id).delete()
    record("plan.draft_discarded", subject=str(draft_id), by=by, now=now)


def publish_plan(
    *, text: str, effective_from: datetime, by: Actor, now: datetime, draft_id: int | None = None
) -> PlanVersion:
    """Publishes a version, for good. Raises PlanError naming each wrong key; `conflict` for a wrong beginning.

    A version begins after every version before it, and not in the past: what was paid is rated by what was in force.
    The very first may begin in the past, for a history that is brought in with it.
    """
    plan = read_plan(text)
    tenant = house()
    if plan.currency != tenant.currency:
        raise invalid(
            "plan_currency",
            "The plan is in %(found)s and the tenant works in %(wanted)s.",
            at="currency",
            found=plan.currency,
            wanted=tenant.currency,
        )
    lock_background_writing()
    last = PlanVersion.objects.order_by("-effective_from").first()
    if last is not None and effective_from <= last.effective_from:
        raise conflict(
            "version_not_later",
            "A version begins later than version %(number)s, which begins %(start)s.",
            number=last.number,
            start=last.effective_from.astimezone(tenant.zone).isoformat(timespec="minutes"),
        )
    if last is not None and effective_from < now:
        raise conflict("version_in_the_past", "A version cannot begin in the past; choose now or later.")
    if effective_from > now + timedelta(days=366):
        raise conflict("version_too_far", "A version begins within a year; it could not be taken back before.")
    version = PlanVersion.add(
        number=1 if last is None else PlanVersion.objects.order_by("-number")[0].number + 1,
        name=plan.name,
        document=plan.canonical(),
        effective_from=effective_from,
        published_at=now,
        actor=str(by),
    )
    forget_versions()
    if draft_id is not None:
        PlanDraft.objects.filter(id=draft_id).delete()
    record(
        "plan.published",
        subject=f"{plan.name} #{version.number}",
        by=by,
        now=now,
        effective_from=effective_from.isoformat(),
    )
    announce("plan.published", subjects=[version.id], now=now)
    return version


__all__ = ["PlanError", "discard_draft", "publish_plan", "save_draft"]
