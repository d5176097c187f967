from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import Error, connection, transaction

from rongshu.domain.commerce.orders.queries import credits_to_post
from rongshu.domain.commission.plans.queries import version, withdrawal_of
from rongshu.domain.commission.rerating.models import POSTING, PREPARING, PREVIEWED, REJECTED, Rerating
from rongshu.domain.commission.rerating.preview import compute_preview
from rongshu.domain.commission.rerating.queries import is_posting, posts_in
from rongshu.kernel.actor import WORKER, Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, forbidden, invalid, missing
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.scope import current_tenant, lock_background_writing

log = structlog.get_logger(__name__)

LONGEST = timedelta(days=366)
"""The longest window."""


def ask_rerating(
    *, since: datetime, until: datetime, reason: str, by: Actor, now: datetime, number: int | None = None
) -> Rerating:
    """Asks for the orders paid in [since, until) to be rated anew, by version `number`, or each by the version that rates it now.

    It is previewed by the worker, and changes nothing before somebody else approves it. Raises `invalid` for a window that is
    empty, not begun or too long, and without a reason; `missing` for an unknown version, `conflict` for a withdrawn one.
    """
    if until <= since:
        raise invalid("empty_window", "The window ends after it begins.", at="until")
    if since > now:
        raise invalid("window_ahead", "The window has not begun yet.", at="since")
    if until - since > LONGEST:
        raise invalid("window_too_long", "A window has at most %(days)s days.", at="until", days=LONGEST.days)
    found = None if number is None else version(number)
    if found is not None and withdrawal_of(found.id) is not None:
        raise conflict("version_withdrawn", "Version %(number)s is withdrawn already.", number=number)
    asked = Rerating.add(
        since=since,
        until=until,
        version_id=None if found is None else found.id,
        reason=reason_of(reason),
        asked_at=now,
        asked_by=str(by),
    )
    record(
        "rerating.asked",
        subject=str(asked.id),
        by=by,
        now=now,
        since=since.isoformat(),
        until=until.isoformat(),
        version=number,
        reason=asked.reason,
    )
    return asked


def reason_of(text: str) -> str:
    """A reason as it is kept. Raises `invalid` without one, and beyond 2,000 characters."""
    reason = text.strip()
    if not reason:
        raise invalid("no_reason", "Give a reason; it is kept with the decision.", at="reason")
    if len(reason) > 2000:
        raise invalid("reason_too_long", "A reason has at most 2,000 characters.", at="reason")
    return reason


def preview_next(*, now: datetime) -> int:
    """Previews the re-rating that has waited longest; how many (0 or 1). The scope should be a snapshot.

    One that cannot be rated is rejected with the kind of error, so that it keeps nobody waiting.
    """
    found = Rerating.objects.filter(state=PREPARING).order_by("id").select_for_update(skip_locked=True).first()
    if found is None:
        return 0
    try:
        with transaction.atomic():
            compute_preview(found, now=now)
    except Error:
        raise  # of the database: it is tried again
    except Exception as error:
        log.exception("a re-rating could not be previewed", rerating=found.id)
        found.state, found.failure = REJECTED, type(error).__name__
        found.decided_at, found.decided_by = now, str(WORKER)
    else:
        found.state = PREVIEWED
    found.save(force_update=True)
    return 1


def preview_again(*, rerating_id: int, by: Actor, now: datetime) -> Rerating:
    """Sends a re-rating back to be previewed on what stands now. Raises `missing`, `conflict` for one that is decided."""
    found = _open(rerating_id)
    found.state = PREPARING
    found.save(force_update=True)
    record("rerating.preview_asked", subject=str(found.id), by=by, now=now)
    return found


def approve_rerating(*, rerating_id: int, preview_id: int, by: Actor, now: datetime, note: str = "") -> Rerating:
    """Approves exactly the preview that was looked at; the worker posts it from now on. By somebody else than who asked.

    When what stood has changed since, nothing is approved: the re-rating comes back in state PREPARING, marked `stale`, to be
    previewed anew. Refunds and releases are no such change: they are carried over as they are when it is posted. Raises
    `missing`, `forbidden` for its author, `conflict` for one that is decided, that changes nothing, whose preview was replaced,
    or while another one is being posted.
    """
    if len(note) > 2000:
        raise invalid("reason_too_long", "A reason has at most 2,000 characters.", at="note")
    lock_background_writing()
    found = _open(rerating_id)
    if found.asked_by == str(by):
        raise forbidden("own_rerating", "Whoever asked for a re-rating cannot approve it; a second person has to.")
    if found.state != PREVIEWED or found.preview_id != preview_id:
        raise conflict("preview_replaced", "This preview was replaced by a newer one; look at it before you decide.")
    if not found.changed:
        raise conflict("nothing_to_post", "This re-rating changes nothing.")
    if is_posting():
        raise conflict("rerating_posting", "Another re-rating is being posted; try again when it is done.")
    if _has_moved(found):
        found.state, found.stale = PREPARING, True
        found.save(force_update=True)
        record("rerating.stale", subject=str(found.id), by=by, now=now)
        return found
    found.state, found.decided_at, found.decided_by, found.decision = POSTING, now, str(by), note.strip()
    found.save(force_update=True)
    record(
        "rerating.approved",
        subject=str(found.id),
        by=by,
        now=now,
        preview=str(preview_id),
        orders=found.changed,
        rows=found.rows,
        gains=found.gains,
        losses=found.losses,
    )
    announce("rerating.approved", subjects=[found.id], now=now)
    return found


def reject_rerating(*, rerating_id: int, reason: str, by: Actor, now: datetime) -> Rerating:
    """Ends a re-rating without a posting; its author may too. Raises `missing`, `conflict` for one that is decided, `invalid`."""
    why = reason_of(reason)
    found = _open(rerating_id)
    found.state, found.decided_at, found.decided_by, found.decision = REJECTED, now, str(by), why
    found.save(force_update=True)
    record("rerating.rejected", subject=str(found.id), by=by, now=now, reason=why)
    return found


def _open(rerating_id: int) -> Rerating:
    """One that is not decided, held until the transaction ends: of two who decide at once the second finds it decided."""
    found: Rerating | None = Rerating.objects.filter(id=rerating_id).select_for_update().first()
    if found is None:
        raise missing("unknown_rerating", "There is no such re-rating.")
    if found.state not in (PREPARING, PREVIEWED):
        raise conflict("rerating_decided", "This re-rating was decided before; nothing was changed.")
    return found


def _has_moved(found: Rerating) -> bool:
    """Whether orders, corrections or ratings of the window are not what the preview saw."""
    credits = credits_to_post(found.since, found.until)
    if (len(credits), max((one.id for one in credits), default=0)) != (found.corrected, found.last_correction):
        return True
    if posts_in(found.since, found.until) != found.posts_known:
        return True
    tenant = current_tenant()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM commerce_order WHERE tenant_id = %s AND paid_at >= %s AND paid_at < %s), "
            "(SELECT count(*) FROM commission_rerated_order p "
            " JOIN commerce_order o ON o.tenant_id = p.tenant_id AND o.id = p.order_id "
            " JOIN commission_rating r ON r.tenant_id = p.tenant_id AND r.order_id = p.order_id "
            " WHERE p.tenant_id = %s AND p.preview_id = %s AND (o.promoter_id IS DISTINCT FROM p.old_promoter_id "
            " OR r.version_id IS DISTINCT FROM p.old_version_id))",
            [tenant, found.since, found.until, tenant, found.preview_id],
        )
        orders, moved = cursor.fetchone()
    return bool(orders != found.orders or moved)
