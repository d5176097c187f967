"""Who invites: what a code or a link on the way in says, and what it cannot do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rongshu.domain.referral.links.models import CODE, HOUSE, JOIN
from rongshu.domain.referral.links.queries import link_by_slug, state_of
from rongshu.domain.referral.promoters.models import Promoter

Ended = Literal["", "unknown", "expired", "disabled", "inactive"]


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a typed or scanned code leads to. `ended` says why it invites nobody; then `promoter` is None."""

    link: int | None
    promoter: int | None
    to_join: bool
    """Whether it is an invitation to become a promoter, and not only one to buy."""
    ended: Ended = ""


NOBODY = Invitation(None, None, to_join=False)


def invitation(code: str, now: datetime) -> Invitation:
    """The invitation of a code of the active tenant; another tenant's codes are unknown here."""
    if not code:
        return NOBODY
    one = link_by_slug(code)
    if one is None:
        return Invitation(None, None, to_join=False, ended="unknown")
    state = state_of(one, now)
    if state != "open":
        return Invitation(one.id, None, to_join=False, ended=state)
    if one.promoter_id == HOUSE:
        return Invitation(one.id, None, to_join=one.kind == JOIN)
    there = Promoter.objects.filter(id=one.promoter_id).first()
    if there is None or there.active_to is not None:
        return Invitation(one.id, None, to_join=False, ended="inactive")
    return Invitation(one.id, one.promoter_id, to_join=one.kind in (CODE, JOIN))
