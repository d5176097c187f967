from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from rongshu.domain.commission.rerating.models import CAUSES, POSTING, PREVIEWED, ReratedOrder, Rerating, ReratingPost
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.scope import current_tenant


def rerating(identifier: int) -> Rerating:
    """A re-rating by id. Raises `missing`."""
    found = Rerating.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_rerating", "There is no such re-rating.")
    return found  # type: ignore[no-any-return]


def reratings(*, after: int | None = None, limit: int = 50) -> list[Rerating]:
    """Re-ratings, the latest first; `after` is the id of the page before's last."""
    found = Rerating.objects.order_by("-id")
    return list((found if after is None else found.filter(id__lt=after))[:limit])


def reratings_for(who: str, limit: int | None = None) -> list[Rerating]:
    """Previews that change something and wait for `who` (an actor who may decide): those that somebody else asked for, the longest
    waiting first."""
    found = Rerating.objects.filter(state=PREVIEWED, changed__gt=0).exclude(asked_by=who)
    return list(found.order_by("id")[:limit])


def is_posting() -> bool:
    """Whether an approved re-rating is not wholly posted yet."""
    return Rerating.objects.filter(state=POSTING).exists()


def posts_in(since: datetime, until: datetime) -> int:
    """How many orders paid in a time had differences posted, each counted once a re-rating."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM commission_rerating_post p JOIN commerce_order o ON o.tenant_id = p.tenant_id AND o.id = p.order_id "
            "WHERE p.tenant_id = %s AND o.paid_at >= %s AND o.paid_at < %s",
            [current_tenant(), since, until],
        )
        (found,) = cursor.fetchone()
    return int(found)


@dataclass(frozen=True, slots=True)
class OrderDifference:
    """An order that comes out otherwise. Money in minor units, net of refunds as of the preview."""

    order_id: int
    external_id: str
    paid_at: datetime
    cause: str
    gain: int
    rows: int
    old_promoter_id: int | None
    new_promoter_id: int | None


def order_differences(
    preview_id: int, *, after: tuple[datetime, int] | None = None, limit: int = 50
) -> list[OrderDifference]:
    """The orders of a preview by (paid_at, id); `after` is that of the page before's last."""
    bound = "" if after is None else "AND (p.paid_at, p.order_id) > (%s, %s) "
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.order_id, o.external_id, p.paid_at, p.cause, p.gain, (SELECT count(*) FROM commission_rerated_row r "
            "WHERE r.tenant_id = p.tenant_id AND r.preview_id = p.preview_id AND r.order_id = p.order_id), "
            "p.old_promoter_id, p.new_promoter_id FROM commission_rerated_order p "
            "JOIN commerce_order o ON o.tenant_id = p.tenant_id AND o.id = p.order_id "
            f"WHERE p.tenant_id = %s AND p.preview_id = %s {bound}ORDER BY p.paid_at, p.order_id LIMIT %s",
            [current_tenant(), preview_id, *(after or ()), limit],
        )
        return [
            OrderDifference(order, external, paid_at, CAUSES[cause], *rest)
            for order, external, paid_at, cause, *rest in cursor.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class RowDifference:
    """One row: what stood (0: nothing), what is to stand. Amounts before refunds and net of them as of the preview."""

    order_id: int
    line_no: int
    kind: int
    level: int
    beneficiary_id: int
    old_amount: int
    new_amount: int
    old_net: int
    new_net: int
    old_row: int
    new_row: int
    rule: str
    place: int
    """Its number within the order and preview."""


_ROW = (
    "SELECT order_id, line_no, kind, level, beneficiary_id, old_amount, amount, old_net, new_net, old_row, new_row, rule, place "
    "FROM commission_rerated_row WHERE tenant_id = %s AND preview_id = %s "
)


def row_differences(preview_id: int, orders: Sequence[int]) -> list[RowDifference]:
    """The rows of some orders of a preview, by order and line."""
    return _rows(f"{_ROW}AND order_id = ANY (%s) ORDER BY order_id, place", [preview_id, list(orders)])


def all_differences(preview_id: int, *, after: tuple[int, int] | None = None, limit: int = 5000) -> list[RowDifference]:
    """The rows of a preview by (order id, place), for an export in pieces; `after` is that of the piece before's last."""
    bound = "" if after is None else "AND (order_id, place) > (%s, %s) "
    return _rows(f"{_ROW}{bound}ORDER BY order_id, place LIMIT %s", [preview_id, *(after or ()), limit])


def _rows(statement: str, values: Sequence[Any]) -> list[RowDifference]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [current_tenant(), *values])
        return [RowDifference(*row) for row in cursor.fetchall()]


def gains_by_promoter(
    preview_id: int, *, after: tuple[int, int] | None = None, limit: int = 50
) -> list[tuple[int, int, int]]:
    """(promoter, what changes for them, rows), the largest change first, either way; `after` is (size of the change, promoter)."""
    bound = "" if after is None else "HAVING (abs(sum(new_net - old_net)), -beneficiary_id) < (%s, %s) "
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT beneficiary_id, sum(new_net - old_net)::bigint, count(*) FROM commission_rerated_row "
            f"WHERE tenant_id = %s AND preview_id = %s GROUP BY 1 {bound}ORDER BY abs(sum(new_net - old_net)) DESC, 1 LIMIT %s",
            [current_tenant(), preview_id, *(() if after is None else (after[0], -after[1])), limit],
        )
        return cursor.fetchall()  # type: ignore[no-any-return]


def gains_by_cause(preview_id: int) -> list[tuple[str, int, int]]:
    """(cause, orders, what changes) of a preview, in the order of CAUSES."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cause, count(*), sum(gain)::bigint FROM commission_rerated_order WHERE tenant_id = %s AND preview_id = %s "
            "GROUP BY 1 ORDER BY 1",
            [current_tenant(), preview_id],
        )
        return [(CAUSES[cause], orders, gain) for cause, orders, gain in cursor.fetchall()]


def rerated_order(preview_id: int, order_id: int) -> ReratedOrder:
    """How a preview found an order to come out. Raises `missing` for one that it leaves as it is."""
    found = ReratedOrder.objects.filter(preview_id=preview_id, order_id=order_id).first()
    if found is None:
        raise missing("not_rerated", "This re-rating leaves the order as it is.")
    return found  # type: ignore[no-any-return]


def journals_of(order_id: int) -> list[int]:
    """The journals of what re-ratings posted for an order, in time."""
    posts = ReratingPost.objects.filter(order_id=order_id).order_by("preview_id")
    return list(posts.values_list("journal", flat=True))


@dataclass(frozen=True, slots=True)
class Posted:
    """What one re-rating changed of an order, for good. Rows as RowDifference."""

    order_id: int
    rerating_id: int
    preview_id: int
    at: datetime
    asked_by: str
    approved_by: str
    reason: str
    cause: str
    old_promoter_id: int | None
    new_promoter_id: int | None
    rows: tuple[RowDifference, ...]


def posted_for(order_id: int) -> list[Posted]:
    """What re-ratings have changed of an order, the first one first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.order_id, p.rerating_id, p.preview_id, p.at, h.asked_by, h.decided_by, h.reason, d.cause, d.old_promoter_id, "
            "d.new_promoter_id FROM commission_rerating_post p "
            "JOIN commission_rerating h ON h.tenant_id = p.tenant_id AND h.id = p.rerating_id "
            "JOIN commission_rerated_order d ON d.tenant_id = p.tenant_id AND d.preview_id = p.preview_id AND d.order_id = p.order_id "
            "WHERE p.tenant_id = %s AND p.order_id = %s ORDER BY p.preview_id",
            [current_tenant(), order_id],
        )
        found = cursor.fetchall()
    rows = {row[2]: tuple(row_differences(row[2], [order_id])) for row in found}
    return [
        Posted(order, rerating, preview, at, asked, approved, reason, CAUSES[cause], old, new, rows[preview])
        for order, rerating, preview, at, asked, approved, reason, cause, old, new in found
    ]


@dataclass(frozen=True, slots=True)
class Change:
    """What a re-rating changed for one promoter in one order, before refunds."""

    order_id: int
    external_id: str
    paid_at: datetime
    at: datetime
    reason: str
    old_amount: int
    new_amount: int
    preview_id: int


def changes_of(promoter_id: int, *, after: tuple[int, int] | None = None, limit: int = 50) -> list[Change]:
    """What posted re-ratings changed for a promoter, an entry an order, the latest first; `after` is (preview, order) of the page before's last."""
    bound = "" if after is None else "AND (r.preview_id, r.order_id) < (%s, %s) "
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.order_id, o.external_id, o.paid_at, p.at, h.reason, sum(r.old_amount)::bigint, sum(r.amount)::bigint, r.preview_id "
            "FROM commission_rerated_row r JOIN commission_rerating_post p ON p.tenant_id = r.tenant_id AND p.order_id = r.order_id "
            "AND p.preview_id = r.preview_id JOIN commission_rerating h ON h.tenant_id = p.tenant_id AND h.id = p.rerating_id "
            "JOIN commerce_order o ON o.tenant_id = r.tenant_id AND o.id = r.order_id "
            f"WHERE r.tenant_id = %s AND r.beneficiary_id = %s {bound}GROUP BY r.preview_id, r.order_id, 2, 3, 4, 5 "
            "HAVING sum(r.old_amount) <> sum(r.amount) ORDER BY r.preview_id DESC, r.order_id DESC LIMIT %s",
            [current_tenant(), promoter_id, *(after or ()), limit],
        )
        return [Change(*row) for row in cursor.fetchall()]
