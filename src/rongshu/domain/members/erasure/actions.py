from __future__ import annotations

from datetime import datetime

from rongshu.domain.members.cards.models import CardRequest
from rongshu.domain.members.consents.models import ConsentNow
from rongshu.domain.members.erasure.models import Erasure
from rongshu.domain.members.profiles.models import Member, ProfileValue
from rongshu.domain.members.tags.models import Tagging
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import current_tenant

NAMED = "erased-"
"""What the id of an erased member begins with; the rest is our own id, so that nobody else's can be the same."""


def erase_member(*, member_id: int, by: Actor, now: datetime) -> bool:
    """Takes away everything a member is known by: profile, own fields, tags, present consents; of whoever was merged
    into them as well. False when it was done before.

    What was agreed to and taken back, and when, stays as a proof, without a name. Raises `missing`.
    """
    if not Member.objects.select_for_update().filter(id=member_id).exists():
        raise missing("unknown_member", "There is no such member.")
    if Erasure.objects.filter(member_id=member_id).exists():
        return False
    ProfileValue.objects.filter(member_id=member_id).delete()
    Tagging.objects.filter(member_id=member_id).delete()
    CardRequest.objects.filter(member_id=member_id).delete()
    ConsentNow.objects.filter(member_id=member_id).delete()
    Member.objects.filter(id=member_id).update(
        external_id=f"{NAMED}{outside('mem', member_id)}",
        **dict.fromkeys(("phone", "phone_hash", "email", "email_hash", "name", "birth_day", "birth_year")),
        **dict.fromkeys(("birth_by", "region", "city", "preference"), ""),
    )
    Erasure.objects.bulk_create([Erasure(tenant_id=current_tenant(), member_id=member_id, at=now)])
    record("member.erased", subject=str(member_id), by=by, now=now)
    for merged in Member.objects.filter(heir_id=member_id).values_list("id", flat=True):
        erase_member(member_id=merged, by=by, now=now)
    return True
