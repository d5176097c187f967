"""Coupons that come by themselves: to new members, and to both sides when somebody invited joins or first buys.

What happened long ago and is only brought in now (an import of orders, promoters of years past) brings nobody a coupon.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from rongshu.domain.commerce.coupons.actions import give_on, gives_on
from rongshu.domain.commerce.coupons.models import (
    INVITED_BOUGHT,
    INVITED_JOINED,
    INVITER_BOUGHT,
    INVITER_JOINED,
    NEW_MEMBER,
)
from rongshu.domain.referral.bonds.queries import promoters_of
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.flows.rewarding import orders_of
from rongshu.kernel.clock import to_micros
from rongshu.kernel.ids import outside
from rongshu.kernel.outbox.actions import Event

LATELY = timedelta(days=30)
"""How old a joining or a first order may be to bring a coupon."""


def welcome(event: Event) -> None:
    """Somebody became a member."""
    give_on(occasion=NEW_MEMBER, members=event.subjects, refs=[NEW_MEMBER] * len(event.subjects), now=event.at)
    invited_joined(event)


def invited_joined(event: Event) -> None:
    """Members or promoters joined; those somebody invited bring both sides a coupon, once."""
    if gives_on([INVITED_JOINED, INVITER_JOINED]):
        old = Promoter.objects.filter(id__in=list(event.subjects), joined_at__lt=event.at - LATELY)
        long_ago = set(old.values_list("id", flat=True))
        _both([one for one in event.subjects if one not in long_ago], (INVITED_JOINED, INVITER_JOINED), event)


def first_bought(event: Event) -> None:
    """Orders were paid; the first of somebody invited brings both sides a coupon, once."""
    if gives_on([INVITED_BOUGHT, INVITER_BOUGHT]):
        bought = orders_of(event.subjects)
        fresh = bought.first & (bought.paid_at >= to_micros(event.at - LATELY))
        _both(np.unique(bought.member[fresh]).tolist(), (INVITED_BOUGHT, INVITER_BOUGHT), event)


def _both(members: Sequence[int], occasions: tuple[str, str], event: Event) -> None:
    inviters = _inviters(members)
    invited = [member for member in members if member in inviters]
    refs = [f"invited:{outside('mem', member)}" for member in invited]
    give_on(occasion=occasions[0], members=invited, refs=refs, now=event.at)
    give_on(occasion=occasions[1], members=[inviters[member] for member in invited], refs=refs, now=event.at)


def _inviters(members: Sequence[int]) -> dict[int, int]:
    """Who invited each of these: their inviter as promoters, else the promoter they belong to."""
    found = {member: promoter for member, promoter in promoters_of(members).items() if promoter != member}
    chosen = Promoter.objects.filter(id__in=list(members), inviter_id__isnull=False)
    found.update(chosen.values_list("id", "inviter_id"))
    return found
