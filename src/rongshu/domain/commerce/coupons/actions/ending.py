"""By the clock: coupons whose time is over, and those of whose end somebody is to be reminded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from rongshu.domain.commerce.coupons.models import EXPIRED, HELD, RESERVED, Coupon
from rongshu.domain.commerce.coupons.queries import kinds_by_id
from rongshu.kernel import bulk
from rongshu.kernel.errors import conflict
from rongshu.kernel.tenancy.scope import current_tenant

AT_ONCE = 50_000


def expire_coupons(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Ends up to `limit` held coupons whose time is over; how many. What they were worth is free in the budget again.

    Coupons set aside wait for their checkout to end.
    """
    with bulk.cursor() as cursor:
        cursor.execute(
            "WITH due AS MATERIALIZED (SELECT id FROM commerce_coupon WHERE tenant_id = %s AND state = %s AND until_at <= %s "
            "  ORDER BY until_at LIMIT %s FOR UPDATE SKIP LOCKED), "
            "ended AS (UPDATE commerce_coupon c SET state = %s, ended_at = %s, remind_at = NULL FROM due "
            "  WHERE c.tenant_id = %s AND c.id = due.id RETURNING c.kind_id, c.worth) "
            "SELECT kind_id, count(*), sum(worth)::bigint FROM ended GROUP BY kind_id ORDER BY kind_id",
            [current_tenant(), HELD, now, limit, EXPIRED, now, current_tenant()],
        )
        by_kind = cursor.fetchall()
        free_worth([(int(kind), int(worth)) for kind, _, worth in by_kind])
    return sum(int(number) for _, number, _ in by_kind)


def end_coupons_of(*, member_id: int, now: datetime) -> int:
    """All coupons a member holds end, for they are going for good; how many. Raises `conflict` while one is set aside for an order."""
    mine = Coupon.objects.filter(member_id=member_id)
    held = list(
        mine.filter(state__in=(HELD, RESERVED)).select_for_update().values_list("id", "kind_id", "worth", "state")
    )
    if any(state == RESERVED for *_, state in held):
        raise conflict("coupon_reserved", "A coupon is set aside for an order; wait until it is paid or given up.")
    mine.filter(id__in=[one for one, *_ in held]).update(state=EXPIRED, ended_at=now, remind_at=None)
    worth = Counter[int]()
    for _one, kind, cost, _state in held:
        worth[kind] += cost
    free_worth(sorted(worth.items()))
    return len(held)


def free_worth(by_kind: list[tuple[int, int]]) -> None:
    """Gives worth back to the budgets of kinds, in the sequence of their ids."""
    with bulk.cursor() as cursor:
        hold_kinds(cursor, [kind for kind, _ in by_kind])
        cursor.execute(
            "UPDATE commerce_couponkind k SET promised = promised - u.worth FROM unnest(%s::bigint[], %s::bigint[]) AS u (id, worth) "
            "WHERE k.tenant_id = %s AND k.id = u.id",
            [[kind for kind, _ in by_kind], [worth for _, worth in by_kind], current_tenant()],
        )


def hold_kinds(cursor: object, ids: list[int]) -> None:
    """Locks kinds in the sequence of their ids, so that two writes of several never wait for each other."""
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT id FROM commerce_couponkind WHERE tenant_id = %s AND id = ANY (%s) ORDER BY id FOR NO KEY UPDATE",
        [current_tenant(), sorted(set(ids))],
    )


@dataclass(frozen=True, slots=True)
class Reminder:
    """A coupon whose holder is to be told that it ends soon."""

    coupon_id: int
    member_id: int
    name: str
    until_at: datetime


def due_reminders(*, now: datetime, limit: int = 5000) -> list[Reminder]:
    """The coupons to remind of now, up to `limit`; each is given out here once."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "WITH due AS MATERIALIZED (SELECT id FROM commerce_coupon WHERE tenant_id = %s AND state = %s AND remind_at <= %s "
            "  ORDER BY remind_at LIMIT %s FOR UPDATE SKIP LOCKED) "
            "UPDATE commerce_coupon c SET remind_at = NULL FROM due WHERE c.tenant_id = %s AND c.id = due.id RETURNING c.id",
            [current_tenant(), HELD, now, limit, current_tenant()],
        )
        ids = [int(row[0]) for row in cursor.fetchall()]
    found = [one for one in Coupon.objects.filter(id__in=ids).order_by("id") if one.until_at and one.until_at > now]
    known = kinds_by_id(sorted({one.kind_id for one in found}))
    return [Reminder(one.id, one.member_id, known[one.kind_id].name, one.until_at) for one in found]
