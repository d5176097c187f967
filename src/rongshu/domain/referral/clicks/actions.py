from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from rongshu.domain.referral.clicks.models import Touch, Visitor
from rongshu.domain.referral.clicks.spool import FIRST, Records
from rongshu.engine.attribution import KINDS
from rongshu.engine.calendar import local_days
from rongshu.kernel import bulk
from rongshu.kernel.ids import new_ids
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant, tenant_scope

PART = 5000


def bring_clicks(records: Records) -> None:
    """Keeps spooled clicks, each tenant's in transactions of its own. What is there already stays as it is, figures too."""
    for tenant in np.unique(records["tenant"]).tolist():
        mine = records[records["tenant"] == tenant]
        for start in range(0, len(mine), PART):
            with tenant_scope(int(tenant)):
                _keep(mine[start : start + PART])


def _keep(records: Records) -> None:
    days = local_days(records["at"].astype(np.int64), house().zone)
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "referral_click",
            {
                "id": bulk.int8s(records["id"]),
                "link_id": bulk.int8s(records["link"]),
                "promoter_id": bulk.int8s(records["promoter"]),
                "at": bulk.instants(records["at"].astype(np.int64)),
                "visitor": bulk.int8s(records["visitor"]),
                "flags": bulk.int2s(records["flags"]),
                "kind": bulk.int2s(records["kind"]),
                "count": bulk.int4s(records["count"]),
            },
            constants={"tenant_id": current_tenant()},
            suffix="ON CONFLICT DO NOTHING RETURNING id",
        )
        new = np.array([row[0] for row in cursor.fetchall()], dtype=np.int64)
        fresh = np.isin(records["id"].astype(np.int64), new)
        if fresh.any():
            _count(cursor, records[fresh], days[fresh])


def _count(cursor: object, records: Records, days: np.ndarray) -> None:
    keys, at = np.unique(np.stack([records["link"].astype(np.int64), days]), axis=1, return_inverse=True)
    at = at.ravel()
    people = records["flags"] < 2
    weight = records["count"].astype(np.int64)

    def sums(mask: np.ndarray) -> np.ndarray:
        return np.bincount(at, np.where(mask, weight, 0), minlength=keys.shape[1]).astype(np.int64)

    promoter = np.zeros(keys.shape[1], dtype=np.int64)
    promoter[at] = records["promoter"]
    bulk.insert(
        cursor,
        "referral_click_figures AS f",
        {
            "link_id": bulk.int8s(keys[0]),
            "day": bulk.int4s(keys[1]),
            "promoter_id": bulk.int8s(promoter),
            "clicks": bulk.int4s(sums(people)),
            "first": bulk.int4s(sums(people & ((records["flags"] & FIRST) > 0))),
            "robots": bulk.int4s(sums(~people)),
        },
        constants={"tenant_id": current_tenant()},
        suffix="ON CONFLICT (tenant_id, link_id, day) DO UPDATE SET clicks = f.clicks + excluded.clicks, "
        "first = f.first + excluded.first, robots = f.robots + excluded.robots, promoter_id = excluded.promoter_id",
    )


@dataclass(frozen=True, slots=True)
class Met:
    """A touch that was no click; `kind` is one of `engine.attribution.KINDS`."""

    member_id: int
    promoter_id: int
    kind: str
    at: datetime
    link_id: int | None = None


def record_touches(*, met: Sequence[Met]) -> list[int]:
    """Keeps touches of members; their ids."""
    rows = [
        Touch(
            tenant_id=current_tenant(), member_id=one.member_id, id=identifier, promoter_id=one.promoter_id,
            link_id=one.link_id, at=one.at, kind=KINDS.index(one.kind),
        )
        for one, identifier in zip(met, new_ids(len(met)).tolist(), strict=True)
    ]  # fmt: skip
    Touch.objects.bulk_create(rows)
    return [row.id for row in rows]


def join_visitor(*, visitor: int, member_id: int, now: datetime) -> None:
    """What a visitor clicked counts for a member from now on; said before, nothing happens."""
    if visitor:
        Visitor.objects.bulk_create(
            [Visitor(tenant_id=current_tenant(), member_id=member_id, visitor=visitor, at=now)], ignore_conflicts=True
        )
