from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from rongshu.domain.commission.plans.actions import freeze_draft, publish_plan, readable
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import draft, versions
from rongshu.domain.commission.reviews.looking import look_at
from rongshu.domain.commission.reviews.models import APPROVED, REJECTED, TAKEN_BACK, WAITING, PlanReview
from rongshu.domain.commission.reviews.queries import two_persons
from rongshu.engine.lint import Report
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, forbidden, invalid, missing
from rongshu.kernel.outbox.actions import announce

LONGEST = 2000
"""Characters of a note or a reason."""


def ask_review(
    *, draft_id: int, by: Actor, now: datetime, effective_from: datetime | None = None, note: str = ""
) -> PlanReview:
    """Lays a draft before a second person; its text stays as it is until they decide.

    Raises PlanError for a document that cannot be published, `missing` for an unknown draft, `conflict` for one that waits
    already, for a beginning in the past or before the last version's, and while the check has findings that block.
    """
    _short(note, "note")
    found = freeze_draft(draft_id=draft_id, frozen=True)
    plan = readable(found.text)
    begins = effective_from or now
    known = versions().versions
    if known and begins < now:
        raise conflict("version_in_the_past", "A version cannot begin in the past; choose now or later.")
    if known and begins <= known[-1].effective_from:
        raise _not_later(known[-1])
    looked = look_at(plan, begins=begins, now=now)
    _not_blocked(looked)
    review = PlanReview.add(
        draft_id=draft_id,
        text=found.text,
        effective_from=effective_from,
        note=note.strip(),
        authors=[*dict.fromkeys((*found.authors, found.actor, str(by)))],
        asked_at=now,
        asked_by=str(by),
        looked=looked.as_document(),
    )
    record("plan.review_asked", subject=str(draft_id), by=by, now=now, review=review.id)
    announce("plan.review_asked", subjects=[review.id], now=now)
    return review


def approve_review(
    *,
    review_id: int,
    by: Actor,
    now: datetime,
    accepted: Collection[str] = (),
    reason: str = "",
    effective_from: datetime | None = None,
) -> PlanVersion:
    """Publishes what was asked for, by a second person. It is in force from `effective_from`, else from when it was asked for,
    else at once; a time that has passed meanwhile means at once.

    The check is made anew: every warning has to be among `accepted` (rules), with a reason. Raises `missing` for an unknown
    request, `conflict` for one that is decided, that the check blocks or whose warnings are not accepted, `forbidden` for
    one of its authors while somebody else may decide, `invalid` for warnings accepted without a reason.
    """
    _short(reason, "reason")
    review = _open(review_id)
    alone = str(by) in review.authors
    if alone and two_persons():
        raise forbidden(
            "own_plan", "Whoever wrote a plan or asked for its review cannot approve it; a second person has to."
        )
    plan = readable(review.text)
    wanted = effective_from or review.effective_from
    begins = wanted if wanted is not None and (wanted > now or not versions().versions) else now
    looked = look_at(plan, begins=begins, now=now)
    _not_blocked(looked)
    taken = _accepted(looked, accepted, reason)
    version = publish_plan(
        text=review.text,
        effective_from=begins,
        by=by,
        now=now,
        draft_id=review.draft_id,
        decided={"review": review.id, **_kept(looked, taken, reason, alone=alone)},
    )
    _decide(
        review,
        APPROVED,
        by,
        now,
        reason,
        alone=alone,
        looked=looked.as_document(),
        accepted=taken,
        version_id=version.id,
    )
    return version


def reject_review(*, review_id: int, reason: str, by: Actor, now: datetime) -> PlanReview:
    """Gives a draft back to its author, with the reason. Raises `missing`, `conflict` for one that is decided, `invalid`."""
    if not reason.strip():
        raise invalid("no_reason", "Give a reason; it is kept with the decision.", at="reason")
    _short(reason, "reason")
    review = _open(review_id)
    _back(review, REJECTED, by, now, reason)
    record(
        "plan.review_rejected", subject=str(review.draft_id), by=by, now=now, review=review.id, reason=reason.strip()
    )
    return review


def take_back(*, review_id: int, by: Actor, now: datetime) -> PlanReview:
    """Makes a draft free for changes again before anybody has decided. Raises `missing`, `conflict` for one that is decided."""
    review = _open(review_id)
    _back(review, TAKEN_BACK, by, now, "")
    record("plan.review_taken_back", subject=str(review.draft_id), by=by, now=now, review=review.id)
    return review


def publish_alone(
    *,
    text: str,
    effective_from: datetime,
    by: Actor,
    now: datetime,
    accepted: Collection[str] | None = None,
    reason: str = "",
    draft_id: int | None = None,
) -> PlanVersion:
    """Publishes by one person, where one may: a tenant in which nobody else could decide, the command line, and a program
    (an API key) that brings the founding version. What the check found is kept with it.

    With `accepted` None (a program, the command line) the warnings are accepted by the call itself. Raises as
    `approve_review` does, and `conflict` where a second person is needed or the draft waits for one.
    """
    _short(reason, "reason")
    founding = not versions().versions
    if not may_publish_alone(by, founding=founding):
        raise conflict(
            "second_person_needed",
            "More than one person may decide about plans here; ask for review of a draft instead.",
        )
    held = None if draft_id is None else draft(draft_id)
    if held is not None and held.in_review:
        raise conflict("draft_in_review", "This draft waits for a decision; take it back from review to change it.")
    plan = readable(text)
    looked = look_at(plan, begins=effective_from, now=now)
    _not_blocked(looked)
    taken = [one.rule for one in looked.warnings] if accepted is None else _accepted(looked, accepted, reason)
    version = publish_plan(
        text=text,
        effective_from=effective_from,
        by=by,
        now=now,
        draft_id=draft_id,
        decided=_kept(looked, taken, reason, alone=True),
    )
    authors = [] if held is None else [*held.authors, held.actor]
    PlanReview.add(
        draft_id=draft_id,
        text=text,
        effective_from=effective_from,
        note="",
        authors=[*dict.fromkeys((*authors, str(by)))],
        asked_at=now,
        asked_by=str(by),
        state=APPROVED,
        decided_at=now,
        decided_by=str(by),
        reason=reason.strip(),
        alone=True,
        looked=looked.as_document(),
        accepted=taken,
        version_id=version.id,
    )
    return version


def may_publish_alone(by: Actor, *, founding: bool) -> bool:
    """Whether `by` may publish without a second person."""
    return by.kind == "command-line" or (founding and by.kind == "key") or not two_persons()


def _open(review_id: int) -> PlanReview:
    """The request, held until the transaction ends: of two who decide at once the second finds it decided."""
    found: PlanReview | None = PlanReview.objects.filter(id=review_id).select_for_update().first()
    if found is None:
        raise missing("unknown_review", "There is no such request for review.")
    if found.state != WAITING:
        raise conflict("review_decided", "This request was decided before; nothing was changed.")
    return found


def _decide(review: PlanReview, state: int, by: Actor, now: datetime, reason: str, **more: Any) -> None:
    review.state, review.decided_at, review.decided_by, review.reason = state, now, str(by), _short(reason, "reason")
    for name, value in more.items():
        setattr(review, name, value)
    review.save(force_update=True)


def _back(review: PlanReview, state: int, by: Actor, now: datetime, reason: str) -> None:
    _decide(review, state, by, now, reason)
    if review.draft_id is not None:
        freeze_draft(draft_id=review.draft_id, frozen=False)


def _not_blocked(looked: Report) -> None:
    if rules := sorted({one.rule for one in looked.blocking}):
        raise conflict(
            "plan_blocked",
            "The check has findings that have to be mended first: %(rules)s.",
            at="findings",
            rules=", ".join(rules),
        )


def _accepted(looked: Report, accepted: Collection[str], reason: str) -> list[str]:
    """The rules of the warnings, all of which are accepted."""
    rules = [*dict.fromkeys(one.rule for one in looked.warnings)]
    if left := [rule for rule in rules if rule not in accepted]:
        raise conflict(
            "warnings_not_accepted",
            "Warnings have to be accepted one by one, with a reason: %(rules)s.",
            at="accept",
            rules=", ".join(left),
        )
    if rules and not reason.strip():
        raise invalid("no_reason", "Give a reason; it is kept with the decision.", at="reason")
    return rules


def _kept(report: Report, accepted: list[str], reason: str, *, alone: bool) -> dict[str, Any]:
    """What the audit keeps of a decision."""
    return {
        "alone": alone,
        "accepted": accepted,
        "reason": reason.strip(),
        "profile": report.profile,
        "profile_version": report.profile_version,
        "rules_version": report.rules_version,
    }


def _not_later(last: PlanVersion) -> Exception:
    return conflict(
        "version_not_later",
        "A version begins later than version %(number)s, which begins %(start)s.",
        number=last.number,
        start=last.effective_from.isoformat(timespec="minutes"),
    )


def _short(text: str, at: str) -> str:
    if len(text) > LONGEST:
        raise invalid("reason_too_long", "A reason has at most 2,000 characters.", at=at)
    return text.strip()


__all__: Sequence[str] = [
    "approve_review", "ask_review", "may_publish_alone", "publish_alone", "reject_review", "take_back",
]  # fmt: skip
