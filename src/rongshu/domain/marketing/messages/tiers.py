"""What members are told of their tier: that they rose, that it is to be made up for, that they fell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from rongshu.domain.marketing.messages.actions import tell
from rongshu.domain.members.tiers.queries import ladder_at
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

_LATEST = """SELECT DISTINCT ON (c.member_id) c.member_id, c.id, c.new, s.grace_until FROM members_tier_change c
LEFT JOIN members_tier_standing s ON s.tenant_id = c.tenant_id AND s.member_id = c.member_id
WHERE c.tenant_id = %s AND c.member_id = ANY (%s) AND c.cause = %s ORDER BY c.member_id, c.id DESC"""


def tell_of_tiers(*, cause: str, members: Sequence[int], at: datetime) -> int:
    """Their latest change of this cause (`risen`, `fallen`, `grace`) to members; how many were told."""
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, [current_tenant(), list(members), cause])
        rows = cursor.fetchall()
    ladder, zone = ladder_at(at), house().zone
    tiers = {} if ladder is None else {one.code: one for one in ladder.tiers}

    def titles(code: str) -> dict[str, str]:
        one = tiers.get(code)
        if one is None:
            return {"zh": code or "无等级", "en": code or "no tier"}
        return {"zh": one.title.zh, "en": one.title.en}

    def data(code: str, until: datetime | None) -> dict[str, object]:
        said: dict[str, object] = {"tier": titles(code)}
        if cause == "grace":
            said["day"] = (until or at).astimezone(zone).date().isoformat()
            said["keeps"] = f"{tiers[code].kept_from:,}" if code in tiers else ""
        return said

    return tell(
        kind=f"tier.{cause}",
        recipients=[member for member, *_rest in rows],
        about=[change for _member, change, *_rest in rows],
        data=[data(code, until) for _member, _change, code, until in rows],
        at=at,
    )
