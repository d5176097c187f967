from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.db import connection

from rongshu.domain.referral.clicks.models import Click
from rongshu.engine.attribution import Touches
from rongshu.kernel import bulk
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.scope import current_tenant


def click(identifier: int) -> Click:
    """One click. Raises `missing`."""
    found = Click.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_click", "There is no such click.")
    return found  # type: ignore[no-any-return]


class Met(NamedTuple):
    """Touches of some members: the frame (subject = place among the members, promoter = our id), and what each was."""

    touches: Touches
    id: np.ndarray
    link: np.ndarray
    """0 where it was by no link."""


def touches_of(members: Sequence[int], since: datetime, until: datetime) -> Met:
    """What may have led some members to a promoter between two instants: their visitors' clicks and their own touches."""
    place = {member: row for row, member in enumerate(members)}
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT v.member_id, c.promoter_id, (extract(epoch FROM c.at) * 1000000)::bigint, c.kind, c.id, c.link_id "
            "FROM referral_visitor v JOIN referral_click c ON c.tenant_id = v.tenant_id AND c.visitor = v.visitor "
            "WHERE v.tenant_id = %s AND v.member_id = ANY (%s::bigint[]) AND c.visitor <> 0 AND c.flags < 2 "
            "AND c.at BETWEEN %s AND %s UNION ALL "
            "SELECT member_id, promoter_id, (extract(epoch FROM at) * 1000000)::bigint, kind, id, coalesce(link_id, 0) "
            "FROM referral_touch WHERE tenant_id = %s AND member_id = ANY (%s::bigint[]) AND at BETWEEN %s AND %s",
            [
                current_tenant(), bulk.int8s(list(members)), since, until,
                current_tenant(), bulk.int8s(list(members)), since, until,
            ],
        )  # fmt: skip
        rows = cursor.fetchall()
    table = np.array([(place[row[0]], *row[1:]) for row in rows], dtype=np.int64).reshape(-1, 6)
    table = table[np.argsort(table[:, 4], kind="stable")]  # of two at one instant, the one made later
    return Met(Touches(table[:, 0], table[:, 1], table[:, 2], table[:, 3]), table[:, 4], table[:, 5])


class Figures(NamedTuple):
    """Clicks of people, first visits among them, robots."""

    clicks: int
    first: int
    robots: int


def figures_of_promoter(promoter_id: int, since: int, until: int) -> Figures:
    """A promoter's clicks from one day to another (both included; days since 1970-01-01)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(clicks), 0), coalesce(sum(first), 0), coalesce(sum(robots), 0) FROM referral_click_figures "
            "WHERE tenant_id = %s AND promoter_id = %s AND day BETWEEN %s AND %s",
            [current_tenant(), promoter_id, since, until],
        )
        return Figures(*map(int, cursor.fetchone()))


def figures_by_link(links: Sequence[int]) -> dict[int, Figures]:
    """What some links have brought so far."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT link_id, sum(clicks), sum(first), sum(robots) FROM referral_click_figures "
            "WHERE tenant_id = %s AND link_id = ANY (%s) GROUP BY 1",
            [current_tenant(), list(links)],
        )
        return {int(row[0]): Figures(*map(int, row[1:])) for row in cursor.fetchall()}
