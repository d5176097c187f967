from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from rongshu.kernel.tenancy.scope import current_tenant

DEEPEST = 50
"""How many generations below a promoter are counted one by one."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A promoter with their place in the forest. Sales in minor units; a promoter not placed yet stands with 0."""

    id: int
    inviter_id: int | None
    rank: str
    joined_at: datetime
    active_to: datetime | None
    team_size: int
    own_sales: int
    team_sales: int
    enter: int


_PLACED = (
    "SELECT p.id, p.inviter_id, p.rank, p.joined_at, p.active_to, coalesce(s.team_size, 0), coalesce(s.own_sales, 0), "
    "coalesce(s.team_sales, 0), coalesce(s.enter, -1) "
)
_STANDING_FIRST = (
    "FROM referral_standing s JOIN referral_promoter p ON p.tenant_id = s.tenant_id AND p.id = s.promoter_id "
)
_PROMOTER_FIRST = (
    "FROM referral_promoter p LEFT JOIN referral_standing s ON s.tenant_id = p.tenant_id AND s.promoter_id = p.id "
)


def _read(statement: str, values: Sequence[Any]) -> list[Placed]:
    with connection.cursor() as cursor:
        cursor.execute(_PLACED + statement, list(values))
        return [Placed(*row) for row in cursor.fetchall()]


def placed(identifiers: Sequence[int]) -> dict[int, Placed]:
    """Some promoters; whoever is none is left out."""
    rows = _read(f"{_PROMOTER_FIRST} WHERE p.tenant_id = %s AND p.id = ANY (%s)", [current_tenant(), list(identifiers)])
    return {row.id: row for row in rows}


def largest_teams(by: str, *, after: tuple[int, int] | None = None, limit: int = 50) -> list[Placed]:
    """Promoters by `team_sales` or `team_size`, the largest first; `after` is (figure, id) of the page before's last."""
    if by not in ("team_sales", "team_size"):
        raise ValueError(f"promoters are not sorted by {by}")
    bound = "" if after is None else f"AND (s.{by}, s.promoter_id) < (%s, %s) "
    return _read(
        f"{_STANDING_FIRST} WHERE s.tenant_id = %s {bound}ORDER BY s.{by} DESC, s.promoter_id DESC LIMIT %s",
        [current_tenant(), *(after or ()), limit],
    )


def newest_promoters(*, after: int | None = None, limit: int = 50) -> list[Placed]:
    """Promoters, the members known last first; `after` is the id of the page before's last."""
    bound = "" if after is None else "AND p.id < %s "
    return _read(
        f"{_PROMOTER_FIRST} WHERE p.tenant_id = %s {bound}ORDER BY p.id DESC LIMIT %s",
        [current_tenant(), *(() if after is None else (after,)), limit],
    )


def directly_invited(promoter_id: int, *, after: int | None = None, limit: int = 50) -> list[Placed]:
    """Whom a promoter invited, the members known first first, always fresh; `after` is the id of the page before's last."""
    bound = "" if after is None else "AND p.id > %s "
    return _read(
        f"{_PROMOTER_FIRST} WHERE p.tenant_id = %s AND p.inviter_id = %s {bound}ORDER BY p.id LIMIT %s",
        [current_tenant(), promoter_id, *(() if after is None else (after,)), limit],
    )


def count_directly_invited(promoter_id: int) -> int:
    """How many promoters a promoter invited."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM referral_promoter WHERE tenant_id = %s AND inviter_id = %s",
            [current_tenant(), promoter_id],
        )
        (found,) = cursor.fetchone()
    return int(found)


def team_at(promoter_id: int, depth: int, *, after: int | None = None, limit: int = 50) -> list[Placed]:
    """The promoters `depth` generations below, as of the last computing of standings; `after` is `enter` of the page before's last."""
    return _read(
        f"{_STANDING_FIRST} JOIN referral_standing x ON x.tenant_id = s.tenant_id AND x.promoter_id = %s "
        "WHERE s.tenant_id = %s AND s.depth = x.depth + %s AND s.enter > greatest(x.enter, %s) AND s.enter < x.leave "
        "ORDER BY s.enter LIMIT %s",
        [promoter_id, current_tenant(), depth, -1 if after is None else after, limit],
    )


def generations(promoter_id: int) -> list[tuple[int, int]]:
    """(depth, promoters) of a team, from the directly invited (1) down, as of the last computing of standings."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.depth - x.depth, count(*) FROM referral_standing x JOIN referral_standing s ON s.tenant_id = x.tenant_id "
            "AND s.depth > x.depth AND s.depth <= x.depth + %s AND s.enter > x.enter AND s.enter < x.leave "
            "WHERE x.tenant_id = %s AND x.promoter_id = %s GROUP BY 1 ORDER BY 1",
            [DEEPEST, current_tenant(), promoter_id],
        )
        return [(int(depth), int(members)) for depth, members in cursor.fetchall()]
