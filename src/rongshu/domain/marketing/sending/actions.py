"""Sends a coupon to everybody in a segment: asked for at once, done portion by portion by the clock."""

from __future__ import annotations

from datetime import datetime

from rongshu.domain.commerce.coupons.actions import send_portion
from rongshu.domain.commerce.coupons.queries import kind
from rongshu.domain.commerce.coupons.terms import closed_by, left_of
from rongshu.domain.marketing.segments.queries import members_of, segment
from rongshu.domain.marketing.sending.models import DONE, RUNNING, STOPPED, Sending
from rongshu.domain.marketing.sending.queries import sending
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import outside

PORTION = 2_000


def ask_sending(*, kind_id: int, segment_id: int, ref: str, by: Actor, now: datetime) -> Sending:
    """Begins to send; the same `ref` again answers with the same sending.

    Raises `missing`, `invalid` for a bad reference, `conflict` when the segment has ended or is empty, when the coupon is not
    given out now, or when there are fewer left than members.
    """
    if not ref or len(ref) > 200:
        raise invalid("bad_ref", "Give a reference of 1 to 200 letters.", at="ref")
    wanted, to = kind(kind_id), segment(segment_id)
    before = Sending.objects.filter(ref=ref).first()
    if before is not None:
        if (before.kind_id, before.segment_id) != (kind_id, segment_id):
            raise conflict("ref_used", "This reference belongs to another sending.", at="ref")
        return before  # type: ignore[no-any-return]
    if to.ended_at is not None:
        raise conflict("segment_ended", "This segment has ended; choose another one.", at="segment")
    if not to.size:
        raise conflict("segment_empty", "Nobody is in this segment now.", at="segment")
    closed = closed_by(wanted, now)
    if closed is not None:
        raise closed
    left = left_of(wanted)
    if left is not None and left < to.size:
        raise conflict(
            "too_few_left", "There are %(left)s left for %(size)s members. Raise the number or the budget, or choose a smaller segment.",
            at="segment", left=left, size=to.size,
        )  # fmt: skip
    made, new = Sending.objects.get_or_create(
        tenant_id=wanted.tenant_id, ref=ref,
        defaults={
            "kind_id": kind_id, "segment_id": segment_id, "size": to.size, "asked_by": str(by), "asked_at": now,
        },
    )  # fmt: skip
    if new:
        record(
            "coupon.sending_asked", subject=outside("cpk", kind_id), by=by, now=now,
            segment=outside("seg", segment_id), size=to.size, ref=ref,
        )  # fmt: skip
    return made  # type: ignore[no-any-return]


def go_on(*, now: datetime) -> int:
    """Sends the next portion of the oldest sending that is under way and nobody else holds; how many members were looked at.

    Whoever has one by this sending, or as many as one may, gets none: doing a portion again gives nothing.
    """
    found = Sending.objects.select_for_update(skip_locked=True).filter(state=RUNNING).order_by("id").first()
    if found is None:
        return 0
    by = Actor("sending", outside("snd", found.id))
    members = [member for member, _ in members_of(found.segment_id, after=found.after_id, limit=PORTION)]
    given = send_portion(kind_id=found.kind_id, members=members, ref=f"sending:{found.id}", now=now) if members else 0
    found.given += given
    found.looked_at += len(members)
    if members:
        found.after_id = members[-1]
    now_is = kind(found.kind_id)
    closed = "closed" if closed_by(now_is, now) is not None else "none_left" if left_of(now_is) == 0 else ""
    if closed and given < len(members):
        _end(found, STOPPED, closed, by, now)
    elif len(members) < PORTION:
        _end(found, DONE, "", by, now)
    found.save()
    return max(1, len(members))


def stop_sending(*, sending_id: int, by: Actor, now: datetime) -> Sending:
    """Sends no further; whoever got one keeps it. Without effect once it has ended. Raises `missing`."""
    found = Sending.objects.select_for_update().filter(id=sending_id).first() or sending(sending_id)
    if found.state == RUNNING:
        _end(found, STOPPED, "by_hand", by, now)
        found.save()
    return found


def _end(found: Sending, state: str, why: str, by: Actor, now: datetime) -> None:
    found.state, found.why, found.ended_at = state, why, now
    record("coupon.sent", subject=outside("cpk", found.kind_id), by=by, now=now, number=found.given, ref=found.ref, state=state, why=why)  # fmt: skip
