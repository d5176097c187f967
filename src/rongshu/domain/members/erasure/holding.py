"""Held against being erased: for whoever is about to make a way in for a member, or to let them promote."""

from __future__ import annotations

from rongshu.domain.members.erasure.models import Erasure
from rongshu.domain.members.profiles.models import Member
from rongshu.kernel.errors import conflict, missing


def hold_known(member_id: int) -> Member:
    """A member, held until the transaction ends, whose data are there. Raises `missing`, `conflict` for one whose data were erased."""
    member = Member.objects.select_for_update().filter(id=member_id).first()
    if member is None:
        raise missing("unknown_member", "There is no such member.")
    if Erasure.objects.filter(member_id=member_id).exists():
        raise conflict("erased", "These personal data were erased. Prove the phone number once more to begin anew.")
    return member  # type: ignore[no-any-return]
