from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from rongshu.domain.commerce.orders.queries import list_orders
from rongshu.domain.commission.plans.models import PlanDraft, PlanVersion, PlanWithdrawal
from rongshu.domain.commission.plans.queries import forget_versions, version, versions
from rongshu.engine.plan import Plan, PlanError, read_plan
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import lock_background_writing


def save_draft(*, text: str, by: Actor, now: datetime, draft_id: int | None = None) -> PlanDraft:
    """Keeps a draft as it is typed, right or wrong; the same text again changes nothing, nor makes anybody an author.

    Raises `missing` for a draft that is gone, `conflict` for one that waits for a decision, `invalid` beyond 200,000 characters.
    """
    if len(text) > 200_000:
        raise invalid("plan_too_long", "A plan has at most 200,000 characters.", at="text")
    if draft_id is None:
        draft = PlanDraft.add(text=text, updated_at=now, actor=str(by), authors=[str(by)])
    else:
        found: PlanDraft | None = PlanDraft.objects.filter(id=draft_id).select_for_update().first()
        if found is None:
            raise missing("unknown_draft", "There is no such draft.")
        draft = found
        if draft.text == text:
            return draft
        if draft.in_review:
            raise conflict("draft_in_review", "This draft waits for a decision; take it back from review to change it.")
        draft.text, draft.updated_at, draft.actor = text, now, str(by)
        draft.authors = [*dict.fromkeys((*draft.authors, str(by)))]
        draft.save(force_update=True)
    record("plan.drafted", subject=str(draft.id), by=by, now=now)
    return draft


def discard_draft(*, draft_id: int, by: Actor, now: datetime) -> None:
    """Throws a draft away; one that is gone already stays gone. Raises `conflict` while it waits for a decision."""
    found = PlanDraft.objects.filter(id=draft_id).select_for_update().first()
    if found is None:
        return
    if found.in_review:
        raise conflict("draft_in_review", "This draft waits for a decision; take it back from review to change it.")
    found.delete()
    record("plan.draft_discarded", subject=str(draft_id), by=by, now=now)


def freeze_draft(*, draft_id: int, frozen: bool) -> PlanDraft:
    """Holds the text of a draft while somebody decides about it, or lets it go.

    Raises `missing`, `conflict` for one that is held already.
    """
    found = PlanDraft.objects.filter(id=draft_id).select_for_update().first()
    if found is None:
        raise missing("unknown_draft", "There is no such draft.")
    if frozen and found.in_review:
        raise conflict("draft_in_review", "This draft waits for a decision; take it back from review to change it.")
    found.in_review = frozen
    found.save(force_update=True)
    return found  # type: ignore[no-any-return]


def readable(text: str) -> Plan:
    """The plan a text means here. Raises PlanError naming each wrong key, `invalid` for another currency than the tenant's."""
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
    return plan


def publish_plan(
    *,
    text: str,
    effective_from: datetime,
    by: Actor,
    now: datetime,
    draft_id: int | None = None,
    decided: Mapping[str, Any] | None = None,
) -> PlanVersion:
    """Publishes a version, for good. Raises PlanError naming each wrong key; `conflict` for a wrong beginning.

    A version begins after every version before it, and not in the past: what was paid is rated by what was in force.
    The very first may begin in the past, for a history that is brought in with it. Who may ask for this, and what has
    to be looked at first, is decided in the room `reviews`, which says in `decided` what the audit keeps of it; here a
    version comes to be.
    """
    plan = readable(text)
    lock_background_writing()
    known = versions().versions
    last = known[-1] if known else None
    numbered = PlanVersion.objects.order_by("-number").values_list("number", flat=True).first() or 0
    if last is not None and effective_from <= last.effective_from:
        raise conflict(
            "version_not_later",
            "A version begins later than version %(number)s, which begins %(start)s.",
            number=last.number,
            start=last.effective_from.astimezone(house().zone).isoformat(timespec="minutes"),
        )
    if last is not None and effective_from < now:
        raise conflict("version_in_the_past", "A version cannot begin in the past; choose now or later.")
    if effective_from > now + timedelta(days=366):
        raise conflict("version_too_far", "A version begins within a year.")
    published = PlanVersion.add(
        number=numbered + 1,
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
        subject=f"{plan.name} #{published.number}",
        by=by,
        now=now,
        effective_from=effective_from.isoformat(),
        **(decided or {}),
    )
    announce("plan.published", subjects=[published.id], now=now)
    return published


def withdraw_version(*, number: int, reason: str, by: Actor, now: datetime) -> PlanWithdrawal:
    """Takes a scheduled version back before it takes effect; its number stays and it never rates anything.

    Raises `missing` for an unknown number, `invalid` without a reason, `conflict` for a version that is or was in force,
    that has rated an order dated ahead, or that is withdrawn already.
    """
    why = reason.strip()
    if not why:
        raise invalid("no_reason", "Give a reason; it is kept with the decision.", at="reason")
    if len(why) > 2000:
        raise invalid("reason_too_long", "A reason has at most 2,000 characters.", at="reason")
    lock_background_writing()  # whoever rates has the turn too: a version is withdrawn before it rates, or not at all
    found = version(number)
    if PlanWithdrawal.objects.filter(version_id=found.id).exists():
        raise conflict("version_withdrawn", "Version %(number)s is withdrawn already.", number=number)
    if found.effective_from <= now:
        raise conflict(
            "version_in_force",
            "Version %(number)s has taken effect and cannot be withdrawn; publish a later version instead.",
            number=number,
        )
    known = versions().versions
    following = next((one for one in known if one.effective_from > found.effective_from), None)
    until = None if following is None else following.effective_from
    if list_orders(since=found.effective_from, until=until, limit=1):
        raise conflict(
            "version_in_use",
            "Version %(number)s has rated orders that are dated ahead and cannot be withdrawn; publish a later version instead.",
            number=number,
        )
    gone = PlanWithdrawal.add(version_id=found.id, at=now, actor=str(by), reason=why)
    forget_versions()
    record("plan.withdrawn", subject=f"{found.name} #{number}", by=by, now=now, reason=why)
    announce("plan.withdrawn", subjects=[found.id], now=now)
    return gone


__all__ = [
    "PlanError", "discard_draft", "freeze_draft", "publish_plan", "readable", "save_draft", "withdraw_version",
]  # fmt: skip
