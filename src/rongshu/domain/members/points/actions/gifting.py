from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rongshu.domain.members.points.actions.earning import ends_at
from rongshu.domain.members.points.actions.granting import Grant, grant
from rongshu.domain.members.points.moving import take_turn
from rongshu.domain.members.points.rulebook import rules_at
from rongshu.kernel.clock import to_micros


def gift_points(
    *, members: Sequence[int], points: Sequence[int], refs: Sequence[str], source: str, now: datetime
) -> int:
    """Points another room decided about, to many at once, once by each `ref`; how many grants were new. No cap counts. Takes the turn."""
    if not members:
        return 0
    take_turn()
    number, rules = rules_at(now)
    at = to_micros(now)
    ends = ends_at(rules, at)
    return grant(
        [
            Grant(member, given, ref, source, at, at, ends, 0, number)
            for member, given, ref in zip(members, points, refs, strict=True)
        ],
        now=now,
    )
