from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from rongshu.domain.referral.promoters.models import ForestHead
from rongshu.domain.referral.standings.models import STATES, Standing
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
    state: int | None
    """One of `STATES`; None for a promoter not placed yet."""


_PLACED = (
    "SELECT p.id, p.inviter_id, p.rank, p.joined_at, p.active_to, coalesce(s.team_size, 0), coalesce(s.own_sales, 0), "
    "coalesce(s.team_sales, 0), coalesce(s.enter, -1), s.state "
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


def at_the_top(*, after: int | None = None, limit: int = 50) -> list[Placed]:
    """Promoters whom nobody invited, as of the last computing of standings; `after` is `enter` of the page before's last."""
    return _read(
        f"{_STANDING_FIRST} WHERE s.tenant_id = %s AND s.depth = 0 AND s.enter > %s ORDER BY s.enter LIMIT %s",
        [current_tenant(), -1 if after is None else after, limit],
    )


def which_invited(identifiers: Sequence[int]) -> set[int]:
    """Which of these promoters have invited somebody; always fresh, and not dearer for whoever invited a million."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.id FROM unnest(%s::bigint[]) AS w (id) WHERE EXISTS "
            "(SELECT 1 FROM referral_promoter p WHERE p.tenant_id = %s AND p.inviter_id = w.id)",
            [list(identifiers), current_tenant()],
        )
        return {row[0] for row in cursor.fetchall()}


def path_up(promoter_id: int, *, limit: int = 100) -> list[int]:
    """Who stands above a promoter, the inviter first, `limit` of them at most."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE up (id, level) AS (SELECT inviter_id, 1 FROM referral_promoter WHERE tenant_id = %s AND id = %s "
            "UNION ALL SELECT p.inviter_id, up.level + 1 FROM up JOIN referral_promoter p ON p.tenant_id = %s AND p.id = up.id "
            "WHERE up.level <= %s) SELECT id FROM up WHERE id IS NOT NULL ORDER BY level LIMIT %s",
            [current_tenant(), promoter_id, current_tenant(), limit, limit],
        )
        return [row[0] for row in cursor.fetchall()]


def count_directly_invited(promoter_id: int, *, most: int) -> int:
    """How many promoters a promoter invited, as of now; counted up to `most`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM referral_promoter WHERE tenant_id = %s AND inviter_id = %s LIMIT %s) AS t",
            [current_tenant(), promoter_id, most],
        )
        (found,) = cursor.fetchone()
    return int(found)


def team_at(
    promoter_id: int, depth: int, *, state: int | None = None, after: int | None = None, limit: int = 50
) -> list[Placed]:
    """The promoters `depth` generations below (in one state), as of the last computing of standings; `after` is `enter` of the page before's last."""
    x = _place_of(promoter_id)
    if x is None:
        return []
    above, enter, leave = x
    begin = enter if after is None else max(enter, after)
    if state is None:
        return _read(
            f"{_STANDING_FIRST} WHERE s.tenant_id = %s AND s.depth = %s AND s.enter > %s AND s.enter < %s ORDER BY s.enter LIMIT %s",
            [current_tenant(), above + depth, begin, leave, limit],
        )
    return _read(
        f"{_STANDING_FIRST} WHERE s.tenant_id = %s AND (s.depth, s.state, s.enter) > (%s, %s, %s) "
        "AND (s.depth, s.state, s.enter) < (%s, %s, %s) ORDER BY s.depth, s.state, s.enter LIMIT %s",
        [current_tenant(), above + depth, state, begin, above + depth, state, leave, limit],
    )


def _place_of(promoter_id: int) -> tuple[int, int, int] | None:
    row = Standing.objects.filter(promoter_id=promoter_id).values_list("depth", "enter", "leave").first()
    return None if row is None else (row[0], row[1], row[2])


def team_counts(promoter_id: int, *, deepest: int = DEEPEST) -> dict[int, tuple[int, ...]]:
    """Promoters of a team by depth (1: directly invited), by state in the order of `STATES`, as of the last computing.

    The first and the last of each depth and state are looked up, whatever stands between them: the cost does not grow with
    the team. Rows are compared as wholes, so that no other index than `standing_by_state` fits.
    """
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d, st, last.place - first.place + 1 FROM referral_standing x CROSS JOIN generate_series(1, %s) d "
            "CROSS JOIN generate_series(0, %s) st "
            "CROSS JOIN LATERAL (SELECT depth, state, enter, place FROM referral_standing s WHERE s.tenant_id = %s "
            "  AND (s.depth, s.state, s.enter) > (x.depth + d, st, x.enter) ORDER BY s.depth, s.state, s.enter LIMIT 1) first "
            "CROSS JOIN LATERAL (SELECT place FROM referral_standing s WHERE s.tenant_id = %s "
            "  AND (s.depth, s.state, s.enter) < (x.depth + d, st, x.leave) ORDER BY s.depth DESC, s.state DESC, s.enter DESC LIMIT 1) last "
            "WHERE x.tenant_id = %s AND x.promoter_id = %s "
            "AND first.depth = x.depth + d AND first.state = st AND first.enter < x.leave",
            [deepest, len(STATES) - 1, current_tenant(), current_tenant(), current_tenant(), promoter_id],
        )
        for depth, state, members in cursor.fetchall():
            found.setdefault(depth, [0] * len(STATES))[state] = int(members)
    return {depth: tuple(found[depth]) for depth in sorted(found)}


def standings_as_of() -> datetime | None:
    """When the standings were computed last."""
    return ForestHead.objects.values_list("standing_at", flat=True).first()


def is_below(promoter_id: int, leader_id: int) -> bool:
    """Whether a promoter is in a leader's team, at any depth, as of now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE up (id) AS (SELECT inviter_id FROM referral_promoter WHERE tenant_id = %s AND id = %s "
            "UNION SELECT p.inviter_id FROM up JOIN referral_promoter p ON p.tenant_id = %s AND p.id = up.id "
            "WHERE up.id <> %s) SELECT 1 FROM up WHERE id = %s LIMIT 1",
            [current_tenant(), promoter_id, current_tenant(), leader_id, leader_id],
        )
        return cursor.fetchone() is not None


def path_down(leader_id: int, promoter_id: int, *, most: int = 8) -> list[int]:
    """Who stands between a leader and somebody below, from the leader's side, that one last; of a long way its last part."""
    way = [promoter_id]
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE up (id, n) AS (SELECT inviter_id, 1 FROM referral_promoter WHERE tenant_id = %s AND id = %s "
            "UNION ALL SELECT p.inviter_id, n + 1 FROM up JOIN referral_promoter p ON p.tenant_id = %s AND p.id = up.id "
            "WHERE up.id <> %s AND n < %s) SELECT id FROM up WHERE id <> %s ORDER BY n",
            [current_tenant(), promoter_id, current_tenant(), leader_id, most, leader_id],
        )
        way += [row[0] for row in cursor.fetchall()]
    return way[::-1]
