from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from rongshu.domain.referral.care.models import (
    DONE,
    FROZEN,
    NOTE,
    REFUSED,
    RESUMED,
    TAGGED,
    UNTAGGED,
    WAITING,
    WITHDRAWN,
    PlannedMove,
    PromoterChange,
    PromoterTag,
)
from rongshu.domain.referral.promoters.actions import (
    change_inviter,
    check_inviter,
    end_promoter,
    end_promoters,
    resume_promoter,
)
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.kernel.actor import WORKER, Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import Refusal, conflict, invalid, missing
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.scope import current_tenant

LONGEST_NOTE = 2000
LONGEST_TAG = 30
MOST_TAGS = 20


def freeze(*, promoter_id: int, reason: str, by: Actor, now: datetime) -> None:
    """A promoter earns nothing from orders paid from now on; what was earned before stays theirs, pending too.

    Raises `missing`, `invalid` without a reason, `conflict` for whoever does not promote.
    """
    words = _reason(reason)
    if not end_promoter(promoter_id=promoter_id, by=by, now=now, how=FROZEN):
        raise conflict("not_active", "They do not promote at present.")
    PromoterChange.add(promoter_id=promoter_id, what=FROZEN, text=words, at=now, actor=str(by))
    announce("promoter.frozen", subjects=[promoter_id], now=now)


def freeze_all(*, promoter_ids: Sequence[int], reason: str, by: Actor, now: datetime) -> list[int]:
    """`freeze` for many at once; the ids of those who promoted."""
    words = _reason(reason)
    frozen = end_promoters(promoter_ids=promoter_ids, by=by, now=now, how=FROZEN)
    tenant = current_tenant()
    PromoterChange.objects.bulk_create(
        [
            PromoterChange(tenant_id=tenant, promoter_id=one, what=FROZEN, text=words, at=now, actor=str(by))
            for one in frozen
        ]
    )
    announce("promoter.frozen", subjects=frozen, now=now)
    return frozen


def resume(*, promoter_id: int, reason: str, by: Actor, now: datetime) -> None:
    """A frozen promoter goes on. Raises `missing`, `invalid` without a reason, `conflict` for whoever is not frozen.

    Orders paid while frozen stay as they were rated; one that is rated only now, or anew, earns them something.
    """
    words = _reason(reason)
    if not resume_promoter(promoter_id=promoter_id, by=by, now=now):
        raise conflict("not_frozen", "They are not frozen.")
    PromoterChange.add(promoter_id=promoter_id, what=RESUMED, text=words, at=now, actor=str(by))
    announce("promoter.resumed", subjects=[promoter_id], now=now)


def _reason(text: str) -> str:
    if len(text.strip()) < 2:
        raise invalid("no_reason", "Say why.", at="reason")
    return text.strip()[:500]


def add_note(*, promoter_id: int, text: str, by: Actor, now: datetime) -> None:
    """Keeps a note of the team's about a promoter. Raises `missing`, `invalid`."""
    promoter(promoter_id)
    words = text.strip()
    if not 1 <= len(words) <= LONGEST_NOTE:
        raise invalid("bad_note", "A note has 1 to %(most)s letters.", at="note", most=LONGEST_NOTE)
    PromoterChange.add(promoter_id=promoter_id, what=NOTE, text=words, at=now, actor=str(by))
    record("promoter.noted", subject=str(promoter_id), by=by, now=now)


def tag(*, promoter_id: int, name: str, by: Actor, now: datetime) -> None:
    """Puts a tag on a promoter; there already, nothing happens. Raises `missing`, `invalid`."""
    promoter(promoter_id)
    words = " ".join(name.split())
    if not 1 <= len(words) <= LONGEST_TAG:
        raise invalid("bad_tag", "A tag has 1 to %(most)s letters.", at="tag", most=LONGEST_TAG)
    if PromoterTag.objects.filter(promoter_id=promoter_id).exclude(tag=words).count() >= MOST_TAGS:
        raise invalid("too_many_tags", "A promoter has %(most)s tags at most.", at="tag", most=MOST_TAGS)
    _row, made = PromoterTag.objects.get_or_create(tenant_id=current_tenant(), promoter_id=promoter_id, tag=words)
    if made:
        PromoterChange.add(promoter_id=promoter_id, what=TAGGED, text=words, at=now, actor=str(by))
        record("promoter.tagged", subject=str(promoter_id), by=by, now=now, tag=words)


def untag(*, promoter_id: int, name: str, by: Actor, now: datetime) -> None:
    """Takes a tag off a promoter; not there, nothing happens."""
    gone, _rows = PromoterTag.objects.filter(promoter_id=promoter_id, tag=name).delete()
    if gone:
        PromoterChange.add(promoter_id=promoter_id, what=UNTAGGED, text=name, at=now, actor=str(by))
        record("promoter.untagged", subject=str(promoter_id), by=by, now=now, tag=name)


def forget_tags(*, promoter_id: int) -> None:
    """The team's tags on a promoter go, without an entry each. No audit of its own: it is part of the caller's write."""
    PromoterTag.objects.filter(promoter_id=promoter_id).delete()


def transfer(
    *, promoter_id: int, inviter_id: int | None, reason: str, by: Actor, now: datetime, at: datetime | None = None
) -> bool:
    """Moves a promoter with their team below another inviter (None: to the top), now or at an instant to come. Whether it was done now.

    A circle is refused now, and looked at again when the time comes. Raises `missing`, `invalid`, `conflict`.
    """
    words = _reason(reason)
    if promoter(promoter_id).inviter_id == inviter_id:
        raise invalid("same_inviter", "That is their inviter already.", at="inviter")
    if at is None or at <= now:
        change_inviter(promoter_id=promoter_id, inviter_id=inviter_id, reason=words, by=by, now=now)
        return True
    check_inviter(promoter_id=promoter_id, inviter_id=inviter_id)
    try:
        with transaction.atomic():
            planned = PlannedMove.add(
                promoter_id=promoter_id, inviter_id=inviter_id, moves_at=at, asked_at=now, actor=str(by), reason=words
            )
    except IntegrityError:
        raise conflict("move_waits", "A transfer waits already; take it back first.") from None
    record("promoter.move_planned", subject=str(promoter_id), by=by, now=now, move=str(planned.id), at=at.isoformat())
    return False


def take_back_transfer(*, promoter_id: int, by: Actor, now: datetime) -> None:
    """Takes a transfer back that has not been done yet. Raises `missing`."""
    if not PlannedMove.objects.filter(promoter_id=promoter_id, state=WAITING).update(state=WITHDRAWN):
        raise missing("no_move", "No transfer waits.")
    record("promoter.move_withdrawn", subject=str(promoter_id), by=by, now=now)


def do_due_transfers(*, now: datetime) -> int:
    """Does the transfers whose time has come; one that would close a circle by now is refused and says so. How many were looked at."""
    due = list(
        PlannedMove.objects.select_for_update(skip_locked=True)
        .filter(state=WAITING, moves_at__lte=now)
        .order_by("moves_at", "id")[:100]
    )
    for one in due:
        try:
            change_inviter(
                promoter_id=one.promoter_id, inviter_id=one.inviter_id, reason=one.reason, by=WORKER, now=now
            )
            one.state = DONE
        except Refusal as refusal:
            one.state, one.problem = REFUSED, refusal.code
        one.save(force_update=True)
    return len(due)
