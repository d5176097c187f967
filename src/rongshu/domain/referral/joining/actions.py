from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from rongshu.domain.referral.joining.models import (
    APPROVED,
    ASKED,
    REFUSED,
    WITHDRAWN,
    Acceptance,
    Application,
    JoiningVersion,
    StepDone,
)
from rongshu.domain.referral.joining.policy import JoiningPolicy, check_policy
from rongshu.domain.referral.joining.queries import joining_policy, step_key
from rongshu.domain.referral.promoters.actions import end_promoter
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.secrets import fingerprint
from rongshu.kernel.tenancy.scope import current_tenant

LONGEST_WORDS = 500


def set_joining_policy(*, rules: JoiningPolicy, by: Actor, now: datetime) -> JoiningPolicy:
    """Sets who may join from now on, and how. Raises `invalid`; set to what it is, nothing happens.

    A text of the agreement that changes needs a version of its own: what was accepted must not be called what was not.
    """
    check_policy(rules)
    present = joining_policy()
    if rules == present:
        return rules
    known = {one.document["agreement_version"]: one.document["agreement"] for one in JoiningVersion.objects.all()}
    if known.get(rules.agreement_version, rules.agreement) != rules.agreement:
        raise invalid(
            "version_taken", "The agreement's text has changed: give it a new version.", at="agreement_version"
        )
    JoiningVersion.add(document=rules.as_document(), at=now, actor=str(by))
    record("joining.policy_set", subject="joining", by=by, now=now, mode=rules.mode, agreement=rules.agreement_version)
    return rules


def keep_acceptance(
    *, member_id: int, version: str, text: str, plan: int, jurisdiction: str, declared: Mapping[str, Any], address: str,
    by: Actor, now: datetime,
) -> Acceptance:  # fmt: skip
    """Keeps what somebody accepted and declared."""
    row = Acceptance.add(
        member_id=member_id, version=version, text_hash=hashlib.sha256(text.encode()).digest(), plan=plan,
        jurisdiction=jurisdiction, declared=dict(declared), address_hash=fingerprint("address", address), at=now,
    )  # fmt: skip
    record("agreement.accepted", subject=str(member_id), by=by, now=now, version=version, plan=plan)
    return row


def ask_to_join(*, member_id: int, inviter_id: int | None, words: str, by: Actor, now: datetime) -> Application:
    """Somebody asks to become a promoter. Raises `conflict` while an earlier application waits, `invalid` for too many words."""
    if len(words) > LONGEST_WORDS:
        raise invalid("too_long", "This is too long.", at="words")
    try:
        with transaction.atomic():
            row = Application.add(
                member_id=member_id, inviter_id=inviter_id, state=ASKED, words=words.strip(), asked_at=now
            )
    except IntegrityError:
        raise conflict("asked_already", "Your application is waiting already.") from None
    record("application.asked", subject=str(row.id), by=by, now=now)
    announce("application.asked", subjects=[row.id], now=now)
    return row


def decide_applications(
    *, identifiers: Sequence[int], approve: bool, reason: str, by: Actor, now: datetime
) -> list[Application]:
    """Decides what still waits among these; the others stay as they are. Raises `invalid` when refused without a reason."""
    if not approve and len(reason.strip()) < 2:
        raise invalid("no_reason", "Say why.", at="reason")
    rows = list(Application.objects.select_for_update().filter(id__in=list(identifiers), state=ASKED).order_by("id"))
    if not rows:
        return []
    state = APPROVED if approve else REFUSED
    decided = [row.id for row in rows]
    Application.objects.filter(id__in=decided).update(
        state=state, decided_at=now, actor=str(by), reason=reason.strip()[:500]
    )
    record(
        f"applications.{state}",
        subject=f"{len(rows)} applications",
        by=by,
        now=now,
        first=str(decided[0]),
        reason=reason,
    )
    announce(f"application.{state}", subjects=decided, now=now)
    return rows


def withdraw_application(*, member_id: int, by: Actor, now: datetime) -> None:
    """The applicant takes it back. Raises `missing` when nothing waits."""
    gone = Application.objects.filter(member_id=member_id, state=ASKED).update(
        state=WITHDRAWN, decided_at=now, actor=str(by)
    )
    if not gone:
        raise missing("nothing_waits", "There is no application waiting.")
    record("application.withdrawn", subject=str(member_id), by=by, now=now)


def forget_words(*, member_id: int) -> None:
    """What somebody said of themselves when they asked to join is gone, and a waiting application with it. No audit of its own."""
    mine = Application.objects.filter(member_id=member_id)
    mine.filter(state=ASKED).delete()
    mine.update(words="")


def leave(*, promoter_id: int, by: Actor, now: datetime) -> None:
    """A promoter stops by their own will: nothing more is earned; what was earned stays theirs, and their team stays where it is.

    Raises `missing`, `conflict` when they stopped before.
    """
    if promoter(promoter_id).active_to is not None:
        raise conflict("left_already", "You have stopped promoting already.")
    end_promoter(promoter_id=promoter_id, by=by, now=now)
    record("promoter.left", subject=str(promoter_id), by=by, now=now)
    announce("promoter.left", subjects=[promoter_id], now=now)


def mark_step(*, promoter_id: int, key: str, done: bool, now: datetime) -> None:
    """Ticks a step of the checklist, or takes the tick away. Raises `missing` for a step that is not on it."""
    if key not in {step_key(step) for step in joining_policy().steps}:
        raise missing("unknown_step", "This step is not on the list any more.")
    if done:
        row = StepDone(tenant_id=current_tenant(), promoter_id=promoter_id, step=key, at=now)
        StepDone.objects.bulk_create([row], ignore_conflicts=True)
    else:
        StepDone.objects.filter(promoter_id=promoter_id, step=key).delete()
