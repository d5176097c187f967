from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from rongshu.domain.members.points.models import GRANTED
from rongshu.domain.members.points.moving import (
    KIND,
    hold_accounts,
    house_of,
    numbers,
    rows,
    settle_debts,
    write_moves,
)
from rongshu.kernel import bulk
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import conflict
from rongshu.kernel.ids import new_ids
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.actions import claim, post
from rongshu.ledger.books import Book


@dataclass(frozen=True, slots=True)
class Grant:
    """Points for a member. Instants in microseconds; `expires_at` None is never. `ref` happens once."""

    member: int
    points: int
    ref: str
    source: str
    at: int
    usable_at: int
    expires_at: int | None
    about: int = 0
    version: int = 0
    why: Mapping[str, Any] = field(default_factory=dict)
    content: str = ""
    """What must be the same when the ref comes again; without it anything is."""


def grant(grants: Sequence[Grant], *, now: datetime) -> int:
    """Makes a lot of each that was not granted before, and settles what its member owes. How many were new.

    Lots that may be used at once are available, the others pending. Raises `conflict` when a ref with content was used for other.
    """
    grants = [one for one in grants if one.points > 0]
    if not grants:
        return 0
    ids = new_ids(len(grants))
    claims = claim(KIND, [one.ref for one in grants], [one.content.encode() for one in grants], ids)
    for at in np.flatnonzero(~claims.same).tolist():
        if grants[at].content:
            raise conflict(
                "key_reused", "%(ref)s was already used for something else; nothing was changed.", ref=grants[at].ref
            )
    fresh = np.flatnonzero(claims.fresh)
    if not len(fresh):
        return 0
    new = [grants[at] for at in fresh.tolist()]
    journals = ids[fresh]
    members, points = numbers([one.member for one in new]), numbers([one.points for one in new])
    hold_accounts(np.unique(members))
    opened = numbers([one.usable_at for one in new]) <= to_micros(now)
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "members_points_lot",
            {
                "id": bulk.int8s(journals),
                "member_id": bulk.int8s(members),
                "amount": bulk.int8s(points),
                '"left"': bulk.int8s(points),
                "source": bulk.texts([one.source for one in new]),
                "ref": bulk.texts([one.ref for one in new]),
                "about": bulk.int8s([one.about for one in new]),
                "version": bulk.int4s([one.version for one in new]),
                "why": bulk.texts([json.dumps(one.why) for one in new]),
                "at": bulk.instants([one.at for one in new]),
                "usable_at": bulk.instants([one.usable_at for one in new]),
                "is_open": bulk.int2s(opened.astype(np.int64)),
                "expires_at": bulk.instants(
                    [bulk.NO_INSTANT if one.expires_at is None else one.expires_at for one in new]
                ),
            },
            expressions={
                "why": "r.why::jsonb",
                "is_open": "r.is_open = 1",
                "expires_at": bulk.nullable("expires_at"),
            },
            constants={"tenant_id": current_tenant()},
        )
    about = numbers([one.about for one in new])
    write_moves(members=members, lots=journals, kind=GRANTED, amounts=points, journals=journals, about=about, now=now)
    house, line = house_of(int(journals[0])), np.ones(len(new), dtype=np.int64)
    for usable, book in ((True, Book.POINTS), (False, Book.POINTS_PENDING)):
        some = np.flatnonzero(opened == usable)
        post(
            rows(journals[some], line[some], (house, Book.POINTS_ISSUED), (members[some], book), points[some]), now=now
        )
    some = np.flatnonzero(opened)
    owners, first = np.unique(members[some], return_index=True)
    if len(owners):
        settle_debts(owners, journals=journals[some][first], first_line=np.full(len(owners), 2), now=now)
    return len(new)
