"""What is on its way to segments, as the page of a coupon shows it, and the forms that begin and stop it."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from rongshu.domain.marketing.segments.models import Segment
from rongshu.domain.marketing.segments.queries import segments
from rongshu.domain.marketing.sending.actions import ask_sending, stop_sending
from rongshu.domain.marketing.sending.models import RUNNING
from rongshu.domain.marketing.sending.queries import sendings
from rongshu.interfaces.console.pages.coupons import SegmentChoice, SendingRow
from rongshu.interfaces.faces.door import Visit
from rongshu.kernel.errors import invalid
from rongshu.kernel.ids import inside, new_id, outside

SHOWN = 10
WHY = {
    "none_left": lambda: _("There is none left."),
    "closed": lambda: _("The coupon is not given out any more."),
    "by_hand": lambda: _("Somebody stopped it."),
}


def choices(chosen: str) -> tuple[SegmentChoice, ...]:
    """The segments a coupon can be sent to, latest first."""
    found = (one.segment for one in segments(limit=200))
    named = [(outside("seg", one.id), one) for one in found]
    return tuple(SegmentChoice(name, one.name, one.size, name == chosen) for name, one in named)


def rows_of(kind_id: int) -> tuple[SendingRow, ...]:
    """The latest sendings of a kind."""
    found = sendings(kind_id=kind_id, limit=SHOWN)
    names = dict(Segment.objects.filter(id__in=[one.segment_id for one in found]).values_list("id", "name"))
    return tuple(
        SendingRow(
            id=outside("snd", one.id), segment_id=outside("seg", one.segment_id), segment=names[one.segment_id],
            state=one.state, why=WHY[one.why]() if one.why else "", looked_at=min(one.looked_at, one.size), size=one.size,
            given=one.given, at=one.asked_at,
        )
        for one in found
    )  # fmt: skip


def begin(visit: Visit, kind_id: int, form: Mapping[str, str]) -> int:
    """Begins one; of how many members. Raises a refusal."""
    segment = inside("seg", form.get("segment", ""))
    if segment is None:
        raise invalid("no_segment", "Choose a segment.", at="segment")
    ref = form.get("ref", "")[:200] or f"once-{new_id()}"
    return int(ask_sending(kind_id=kind_id, segment_id=segment, ref=ref, by=visit.login.actor, now=visit.now).size)


def stop(visit: Visit, form: Mapping[str, str]) -> None:
    """Stops one. Raises `missing`."""
    stop_sending(sending_id=inside("snd", form.get("sending", "")) or 0, by=visit.login.actor, now=visit.now)


def under_way(rows: tuple[SendingRow, ...]) -> bool:
    """Whether any goes on by itself."""
    return any(one.state == RUNNING for one in rows)
