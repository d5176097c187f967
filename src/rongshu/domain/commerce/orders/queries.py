from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from django.utils.translation import gettext_noop as _
from numpy.typing import NDArray

from rongshu.domain.commerce.orders.models import Order
from rongshu.kernel import bulk, ids
from rongshu.kernel.errors import conflict, missing
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.queries import journal_ids

I64 = NDArray[np.int64]


def buyers_with_orders(buyers: I64) -> I64:
    """Which of these members have an order already."""
    with bulk.cursor() as cursor:
        cursor.execute(
            # LATERAL … LIMIT keeps it one look into the index a buyer, whatever the statistics say
            "SELECT u.id FROM unnest(%s::bigint[]) AS u (id), LATERAL "
            "(SELECT 1 FROM commerce_order o WHERE o.tenant_id = %s AND o.buyer_id = u.id LIMIT 1) AS o",
            [bulk.int8s(buyers), current_tenant()],
        )
        return np.array([row[0] for row in cursor.fetchall()], dtype=np.int64)


def known_lines(orders: Sequence[int]) -> dict[int, set[int]]:
    """The line numbers of those of these orders that are stored."""
    found: dict[int, set[int]] = {}
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT order_id, line_no FROM commerce_line WHERE tenant_id = %s AND order_id = ANY (%s::bigint[])",
            [current_tenant(), bulk.int8s(list(orders))],
        )
        for order, line_no in cursor.fetchall():
            found.setdefault(order, set()).add(line_no)
    return found


def refunded_lines(orders: Sequence[int]) -> dict[int, dict[int, tuple[int, int]]]:
    """What each line's buyer paid, and got back so far (as asked for: it may be more), by order and line number."""
    found: dict[int, dict[int, tuple[int, int]]] = {}
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT order_id, line_no, paid, refunded FROM commerce_line WHERE tenant_id = %s AND order_id = ANY (%s::bigint[])",
            [current_tenant(), bulk.int8s(list(orders))],
        )
        for order, line_no, paid, refunded in cursor.fetchall():
            found.setdefault(order, {})[line_no] = (paid, refunded)
    return found


def open_lines(orders: Sequence[int]) -> list[tuple[int, int, int]]:
    """What is not refunded yet of these orders: (order, line number, rest in minor units), lines with a rest only."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT order_id, line_no, paid - refunded FROM commerce_line "
            "WHERE tenant_id = %s AND order_id = ANY (%s::bigint[]) AND paid > refunded ORDER BY order_id, line_no",
            [current_tenant(), bulk.int8s(list(orders))],
        )
        return cursor.fetchall()


def find_order(text: str) -> int:
    """The id of an order by our id (`ord_…`), by `source:external id`, or by its external id alone.

    The external id alone means the order of source `api`, else the one of the sources of the latest 10,000 orders.
    Raises `missing`, and `conflict` when several sources know the id.
    """
    tenant = current_tenant()
    inside = ids.inside("ord", text)
    with bulk.cursor() as cursor:
        if inside is not None:
            cursor.execute("SELECT id FROM commerce_order WHERE tenant_id = %s AND id = %s", [tenant, inside])
            if cursor.fetchone():
                return inside
        cursor.execute(
            "SELECT DISTINCT source FROM (SELECT source FROM commerce_order WHERE tenant_id = %s "
            "ORDER BY paid_at DESC, id DESC LIMIT 10000) o",
            [tenant],
        )
        sources = sorted(row[0] for row in cursor.fetchall())
    found = journal_ids("order", [text, *(f"{source}:{text}" for source in ["api", *sources])])
    for ref in (text, f"api:{text}"):
        if ref in found:
            return found[ref]
    if not found:
        raise missing("unknown_order", _("There is no order %(name)s."), name=text)
    if len(found) > 1:
        refs = ", ".join(sorted(found))
        raise conflict(
            "order_ambiguous", _("Several orders are called %(name)s; name one of %(refs)s."), name=text, refs=refs
        )
    return next(iter(found.values()))


def find_orders(texts: Sequence[str]) -> dict[str, int]:
    """The ids of many orders, each called as `find_order` takes it; those that are unknown or ambiguous are left out."""
    tenant = current_tenant()
    named = {text: ids.inside("ord", text) for text in texts}
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM commerce_order WHERE tenant_id = %s AND id = ANY (%s::bigint[])",
            [tenant, bulk.int8s([one for one in named.values() if one is not None])],
        )
        known = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT DISTINCT source FROM (SELECT source FROM commerce_order WHERE tenant_id = %s "
            "ORDER BY paid_at DESC, id DESC LIMIT 10000) o",
            [tenant],
        )
        sources = ["api", *sorted(row[0] for row in cursor.fetchall() if row[0] != "api")]
    refs = {
        text: [text, *(f"{source}:{text}" for source in sources)] for text, one in named.items() if one not in known
    }
    held = journal_ids("order", [ref for each in refs.values() for ref in each])
    found = {text: one for text, one in named.items() if one is not None and one in known}
    for text, each in refs.items():
        matches = [held[ref] for ref in each if ref in held]
        if each[0] in held or each[1] in held or len(matches) == 1:
            found[text] = matches[0]
    return found


@dataclass(frozen=True, slots=True)
class Listed:
    """An order as lists show it. Money in minor units; `refunded` is what counts, never more than was paid."""

    id: int
    source: str
    external_id: str
    buyer_id: int | None
    promoter_id: int | None
    paid: int
    refunded: int
    paid_at: datetime
    completed_at: datetime | None
    cancelled_at: datetime | None

    @property
    def state(self) -> str:
        """One of STATES."""
        if self.cancelled_at is not None:
            return "cancelled"
        if self.refunded:
            return "refunded" if self.refunded >= self.paid else "part_refunded"
        return "paid" if self.completed_at is None else "completed"


_LISTED = (
    "SELECT o.id, o.source, o.external_id, o.buyer_id, o.promoter_id, o.paid, r.refunded, o.paid_at, o.completed_at, "
    "o.cancelled_at FROM commerce_order o CROSS JOIN LATERAL (SELECT coalesce(sum(least(l.refunded, l.paid)), 0)::bigint AS refunded "
    "FROM commerce_line l WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id) r "
)
_IN_STATE = {
    "paid": "o.cancelled_at IS NULL AND o.completed_at IS NULL AND r.refunded = 0",
    "completed": "o.cancelled_at IS NULL AND o.completed_at IS NOT NULL AND r.refunded = 0",
    "part_refunded": "o.cancelled_at IS NULL AND r.refunded > 0 AND r.refunded < o.paid",
    "refunded": "o.cancelled_at IS NULL AND r.refunded > 0 AND r.refunded >= o.paid",
    "cancelled": "o.cancelled_at IS NOT NULL",
}
STATES = tuple(_IN_STATE)


def list_orders(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    buyer_id: int | None = None,
    state: str = "",
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[Listed]:
    """Orders paid at `since` or later and before `until`, latest first; `after` is (paid_at, id) of the page before's last.

    A state is looked for along the range of time: give one, for a state may be rare.
    """
    wanted = ["o.tenant_id = %s"]
    values: list[Any] = [current_tenant()]
    for clause, value in (("o.paid_at >= %s", since), ("o.paid_at < %s", until), ("o.buyer_id = %s", buyer_id)):
        if value is not None:
            wanted.append(clause)
            values.append(value)
    if after is not None:
        wanted.append("(o.paid_at, o.id) < (%s, %s)")
        values.extend(after)
    if state:
        wanted.append(_IN_STATE[state])
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_LISTED} WHERE {' AND '.join(wanted)} ORDER BY o.paid_at DESC, o.id DESC LIMIT %s",
            [*values, limit],
        )
        return [Listed(*row) for row in cursor.fetchall()]


def orders_by_id(identifiers: Sequence[int]) -> dict[int, Listed]:
    """Some orders as lists show them; the unknown are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_LISTED} WHERE o.tenant_id = %s AND o.id = ANY (%s)",
            [current_tenant(), list(identifiers)],
        )
        return {row[0]: Listed(*row) for row in cursor.fetchall()}


def skus_of(orders: Sequence[int]) -> dict[tuple[int, int], str]:
    """What was sold, by (order, line number)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT order_id, line_no, sku FROM commerce_line WHERE tenant_id = %s AND order_id = ANY (%s)",
            [current_tenant(), list(orders)],
        )
        return {(order, line_no): sku for order, line_no, sku in cursor.fetchall()}


def stored_order(identifier: int) -> Order:
    """An order by id, whole. Raises `missing`."""
    found = Order.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_order", "There is no order %(name)s.", name=ids.outside("ord", identifier))
    return found  # type: ignore[no-any-return]


def credited_sales(bounds: Sequence[datetime]) -> I64:
    """What promoters sold between the first and the last of `bounds`, which part it (months): one row a promoter with
    (promoter, orders, parts with an order, sales in minor units).

    Of the orders credited to them by their payment, net of all refunds so far; wholly refunded orders are not counted, and
    neither is what promoters bought themselves.
    """
    with bulk.cursor() as cursor:
        cursor.execute(
            "WITH sold AS MATERIALIZED (SELECT id, promoter_id, paid, width_bucket(paid_at, %s::timestamptz[]) AS part "
            "FROM commerce_order WHERE tenant_id = %s AND paid_at >= %s AND paid_at < %s AND promoter_id IS NOT NULL "
            "AND buyer_id IS DISTINCT FROM promoter_id), "
            "touched AS (SELECT DISTINCT r.order_id FROM commerce_refund r JOIN sold ON sold.id = r.order_id WHERE r.tenant_id = %s), "
            "back AS (SELECT l.order_id, sum(least(l.refunded, l.paid)) AS amount FROM touched "
            "JOIN commerce_line l ON l.tenant_id = %s AND l.order_id = touched.order_id GROUP BY 1), "
            "parts AS (SELECT promoter_id, part, count(*) FILTER (WHERE paid > coalesce(amount, 0)) AS orders, "
            "sum(paid - coalesce(amount, 0)) AS sales FROM sold LEFT JOIN back ON back.order_id = sold.id GROUP BY 1, 2) "
            "SELECT promoter_id, sum(orders)::bigint, count(*) FILTER (WHERE orders > 0), sum(sales)::bigint FROM parts GROUP BY 1",
            [
                list(bounds[:-1]),
                current_tenant(),
                bounds[0],
                bounds[-1],
                current_tenant(),
                current_tenant(),
            ],
        )
        return np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 4)


def count_promoted(promoter_id: int, day: datetime, month: datetime, until: datetime) -> tuple[int, int]:
    """How many orders a promoter brought since the beginning of a day, and since that of its month."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE paid_at >= %s), count(*) FROM commerce_order "
            "WHERE tenant_id = %s AND promoter_id = %s AND paid_at >= %s AND paid_at < %s AND cancelled_at IS NULL",
            [day, current_tenant(), promoter_id, month, until],
        )
        today, all_month = cursor.fetchone()
    return int(today), int(all_month)


def last_paid_between(since: datetime, until: datetime) -> datetime | None:
    """The latest payment of a stored order at `since` or later and before `until`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(paid_at) FROM commerce_order WHERE tenant_id = %s AND paid_at >= %s AND paid_at < %s",
            [current_tenant(), since, until],
        )
        (found,) = cursor.fetchone()
    return found  # type: ignore[no-any-return]


def buyers_before(instant: datetime) -> I64:
    """Everybody who bought something paid before an instant, by id."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT buyer_id FROM commerce_order WHERE tenant_id = %s AND paid_at < %s AND buyer_id IS NOT NULL",
            [current_tenant(), instant],
        )
        return np.array(sorted(row[0] for row in cursor.fetchall()), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Credit:
    """A correction of an order's promoter that no re-rating has posted yet, and the latest one of its order."""

    id: int
    order_id: int
    external_id: str
    paid_at: datetime
    old_promoter_id: int | None
    """Whom the order is credited to until then."""
    new_promoter_id: int | None
    reason: str
    at: datetime
    actor: str


_CREDITS = (
    "SELECT c.id, c.order_id, o.external_id, o.paid_at, o.promoter_id, c.new_promoter_id, c.reason, c.at, c.actor "
    "FROM commerce_credit_correction c JOIN commerce_order o ON o.tenant_id = c.tenant_id AND o.id = c.order_id "
    "WHERE c.tenant_id = %s AND o.promoter_id IS DISTINCT FROM c.new_promoter_id AND NOT EXISTS (SELECT 1 FROM "
    "commerce_credit_correction n WHERE n.tenant_id = c.tenant_id AND n.order_id = c.order_id AND n.id > c.id) "
)


def credits_to_post(since: datetime, until: datetime) -> list[Credit]:
    """The corrections waiting for a re-rating, of orders paid from `since` on and before `until`, by order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_CREDITS} AND o.paid_at >= %s AND o.paid_at < %s ORDER BY c.order_id", [current_tenant(), since, until]
        )
        return [Credit(*row) for row in cursor.fetchall()]


def latest_credits_to_post(*, after: int | None = None, limit: int = 50) -> list[Credit]:
    """The corrections waiting for a re-rating, the latest first; `after` is the id of the page before's last."""
    bound = "" if after is None else "AND c.id < %s "
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_CREDITS} {bound}ORDER BY c.id DESC LIMIT %s",
            [current_tenant(), *(() if after is None else (after,)), limit],
        )
        return [Credit(*row) for row in cursor.fetchall()]


def count_credits_to_post() -> tuple[int, datetime | None, datetime | None]:
    """How many corrections wait for a re-rating, and when the first and the last of their orders were paid."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), min(paid_at), max(paid_at) FROM ({_CREDITS}) w", [current_tenant()])
        count, first, last = cursor.fetchone()
        return int(count), first, last


def credit_to_post(order_id: int) -> Credit | None:
    """The correction of an order that waits for a re-rating; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_CREDITS} AND c.order_id = %s", [current_tenant(), order_id])
        row = cursor.fetchone()
    return None if row is None else Credit(*row)


def credits_of(orders: I64) -> dict[int, int | None]:
    """Whom orders belong to by what is known now: the last correction, else as they came. The unknown are left out."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT o.id, CASE WHEN c.id IS NULL THEN o.promoter_id ELSE c.new_promoter_id END FROM commerce_order o "
            "LEFT JOIN LATERAL (SELECT id, new_promoter_id FROM commerce_credit_correction WHERE tenant_id = o.tenant_id "
            "AND order_id = o.id ORDER BY id DESC LIMIT 1) AS c ON true WHERE o.tenant_id = %s AND o.id = ANY (%s::bigint[])",
            [current_tenant(), bulk.int8s(orders)],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Asked:
    """Orders that left it to the attribution policy whom they are credited to, by payment; 0 is nobody, money in minor units."""

    id: I64
    buyer: I64
    promoter: I64
    paid: I64
    paid_at: I64
    credited_by: list[str]
    store: list[str | None]


def orders_left_to_policy(since: datetime, until: datetime, *, limit: int) -> Asked:
    """The orders paid in a window that neither named their promoter nor were corrected since."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, coalesce(buyer_id, 0), coalesce(promoter_id, 0), paid, (extract(epoch FROM paid_at) * 1000000)::bigint, "
            "credited_by, store FROM commerce_order WHERE tenant_id = %s AND paid_at >= %s AND paid_at < %s "
            "AND credited_by NOT IN ('named', 'corrected') ORDER BY paid_at, id LIMIT %s",
            [current_tenant(), since, until, limit],
        )
        rows = cursor.fetchall()
    table = np.array([row[:5] for row in rows], dtype=np.int64).reshape(-1, 5)
    return Asked(
        table[:, 0],
        table[:, 1],
        table[:, 2],
        table[:, 3],
        table[:, 4],
        [row[5] for row in rows],
        [row[6] for row in rows],
    )
