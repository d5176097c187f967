from __future__ import annotations

from rongshu.domain.members.files.models import MemberFile


def latest_files(*, limit: int = 20) -> list[MemberFile]:
    """Files, the latest to come first, without what stands in them."""
    return list(MemberFile.objects.defer("content").order_by("-id")[:limit])
