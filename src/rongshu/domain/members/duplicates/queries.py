from __future__ import annotations

from django.db.models import Q

from rongshu.domain.members.duplicates.models import MemberMerge, MemberPair


def merges(*, before: int | None = None, limit: int = 50) -> list[MemberMerge]:
    """Merges with those that were undone, latest first; `before` is the page before's last."""
    rows = MemberMerge.objects.all() if before is None else MemberMerge.objects.filter(id__lt=before)
    return list(rows.order_by("-id")[:limit])


def merges_of(member_id: int, *, limit: int = 20) -> list[MemberMerge]:
    """Merges of a member, or into them, that stand; latest first."""
    rows = MemberMerge.objects.filter(Q(source_id=member_id) | Q(heir_id=member_id), undone_at=None)
    return list(rows.order_by("-id")[:limit])


def told_apart(one: int, other: int) -> bool:
    """Whether somebody said that they are two people."""
    return bool(MemberPair.objects.filter(low=min(one, other), high=max(one, other)).exists())
