from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from django.db import connection
from django.db.models import Q
from numpy.typing import NDArray

from rongshu.domain.referral.bonds.models import Bond, BondChange
from rongshu.engine.attribution import Bonds
from rongshu.engine.attribution.frames import FOREVER
from rongshu.kernel import bulk
from rongshu.kernel.tenancy.scope import current_tenant


def promoters_of(member_ids: Sequence[int]) -> dict[int, int]:
    """The promoter each of these members was last bonded to, run out or not; those never bonded are left out."""
    if not member_ids:
        return {}
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT member_id, promoter_id FROM referral_bond WHERE tenant_id = %s AND member_id = ANY (%s::bigint[])",
            [current_tenant(), bulk.int8s(list(set(member_ids)))],
        )
        return dict(cursor.fetchall())


def bonds_of(members: NDArray[np.int64]) -> Bonds:
    """The bonds of some members (sorted, each once), `holder` being our ids."""
    found = Bonds.none(len(members))
    if not len(members):
        return found
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT member_id, promoter_id, (extract(epoch FROM since) * 1000000)::bigint, "
            "coalesce((extract(epoch FROM until) * 1000000)::bigint, %s) FROM referral_bond "
            "WHERE tenant_id = %s AND member_id = ANY (%s::bigint[])",
            [FOREVER, current_tenant(), bulk.int8s(members)],
        )
        table = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 4)
    rows = np.searchsorted(members, table[:, 0])
    found.holder[rows], found.since[rows], found.until[rows] = table[:, 1], table[:, 2], table[:, 3]
    return found


def bond_of(member_id: int) -> Bond | None:
    """A member's bond, run out or not."""
    return Bond.objects.filter(member_id=member_id).first()


def bonds_held(promoter_id: int, *, after: int | None = None, limit: int = 50) -> list[Bond]:
    """The members bonded to a promoter, by id; `after` is the member id of the page before's last."""
    rows = Bond.objects.filter(promoter_id=promoter_id)
    if after is not None:
        rows = rows.filter(member_id__gt=after)
    return list(rows.order_by("member_id")[:limit])


def bonds_ending_first(
    promoter_id: int,
    now: datetime,
    *,
    before: datetime | None = None,
    after: tuple[datetime | None, int] | None = None,
    limit: int = 50,
) -> list[Bond]:
    """The bonds a promoter holds, the one that ends first first, those without an end last.

    `before` leaves only those that end by then; `after` is (until, member id) of the page before's last.
    """
    held = Bond.objects.filter(promoter_id=promoter_id)
    found: list[Bond] = []
    if after is None or after[0] is not None:
        ending = held.filter(until__gt=now)
        if before is not None:
            ending = ending.filter(until__lte=before)
        if after is not None:
            ending = ending.filter(
                Q(until__gt=after[0]) | Q(until=after[0], member_id__gt=after[1]), until__gte=after[0]
            )
        found = list(ending.order_by("until", "member_id")[:limit])
    if before is None and len(found) < limit:
        lasting = held.filter(until=None)
        if after is not None and after[0] is None:
            lasting = lasting.filter(member_id__gt=after[1])
        found += lasting.order_by("member_id")[: limit - len(found)]
    return found


def count_held_upto(promoter_id: int, now: datetime, *, before: datetime | None = None, most: int) -> int:
    """How many bonds a promoter holds (that end by `before`), counted up to `most`."""
    rows = Bond.objects.filter(promoter_id=promoter_id)
    ending = rows.filter(until__gt=now)
    if before is not None:
        return len(ending.filter(until__lte=before).values_list("member_id", flat=True)[:most])
    found = len(ending.values_list("member_id", flat=True)[:most])
    return found + len(rows.filter(until=None).values_list("member_id", flat=True)[: most - found])


def bonds(*, after: int | None = None, limit: int = 50) -> list[Bond]:
    """Everybody's bonds, by member."""
    rows = Bond.objects.all() if after is None else Bond.objects.filter(member_id__gt=after)
    return list(rows.order_by("member_id")[:limit])


def ending_bonds(
    *, since: datetime, until: datetime, promoter_id: int | None = None, after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[Bond]:  # fmt: skip
    """Bonds that end after one instant and up to another, the first to end first; `after` is (end, member) of the page before's last."""
    rows = Bond.objects.filter(until__gt=since, until__lte=until)
    if promoter_id is not None:
        rows = rows.filter(promoter_id=promoter_id)
    if after is not None:
        rows = rows.filter(Q(until__gt=after[0]) | Q(until=after[0], member_id__gt=after[1]))
    return list(rows.order_by("until", "member_id")[:limit])


def ended_bonds(
    *, now: datetime, promoter_id: int | None = None, after: tuple[datetime, int] | None = None, limit: int = 50
) -> list[Bond]:
    """Bonds that have ended, the last to end first; `after` as for `ending_bonds`."""
    rows = Bond.objects.filter(until__lte=now)
    if promoter_id is not None:
        rows = rows.filter(promoter_id=promoter_id)
    if after is not None:
        rows = rows.filter(Q(until__lt=after[0]) | Q(until=after[0], member_id__lt=after[1]))
    return list(rows.order_by("-until", "-member_id")[:limit])


def count_held(promoter_id: int, now: datetime) -> tuple[int, int]:
    """How many members a promoter's bonds hold now, and how many of those run out within 30 days."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE until < %s + interval '30 days') FROM referral_bond "
            "WHERE tenant_id = %s AND promoter_id = %s AND (until IS NULL OR until > %s)",
            [now, current_tenant(), promoter_id, now],
        )
        held, soon = cursor.fetchone()
    return int(held), int(soon)


def bond_history(member_id: int) -> list[BondChange]:
    """What happened to a member's bond, in order."""
    return list(BondChange.objects.filter(member_id=member_id).order_by("id"))
