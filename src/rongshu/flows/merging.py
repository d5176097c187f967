"""Two promoters that are one person become one, with the ways they sign in.

The forest's turn, taken first by `merge_promoters`, makes merges of the same people follow each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.wechat.actions import pass_on_wechat
from rongshu.domain.referral.care.merging import Merged, merge_promoters
from rongshu.flows.join.actions import ensure_portal_login, portal_login_of
from rongshu.kernel.access.actions import end_login
from rongshu.kernel.access.passkeys import pass_on_passkeys
from rongshu.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class MergedPeople:
    """What a merge moved; `login_ended` says whether the one merged had a way in, which is theirs no more."""

    promoter: Merged
    wechats: int
    passkeys: int
    login_ended: bool


def merge_people(*, promoter_id: int, heir_id: int, reason: str, by: Actor, now: datetime) -> MergedPeople:
    """`merge_promoters`, and afterwards WeChat and passkeys of the one merged sign the heir in; the merged one's login and sessions end.

    An heir without a login gets one where they have a phone; without one there is nobody whom passkeys could sign in, and they end
    with the login. Raises as `merge_promoters`; nothing is changed then.
    """
    with transaction.atomic():
        merged = merge_promoters(promoter_id=promoter_id, heir_id=heir_id, reason=reason, by=by, now=now)
        wechats = pass_on_wechat(member_id=promoter_id, heir_id=heir_id, by=by, now=now)
        login, passkeys = portal_login_of(promoter_id), 0
        if login is not None:
            heir = ensure_portal_login(member=Member.objects.get(id=heir_id), by=by, now=now)
            if heir is not None and heir.id != login.id:
                passkeys = pass_on_passkeys(login=login, heir=heir, by=by, now=now)
            end_login(login=login, by=by, now=now)
    return MergedPeople(merged, wechats, passkeys, login is not None)
