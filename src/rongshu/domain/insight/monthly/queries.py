from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import connection

from rongshu.domain.insight.figures.queries import figures_between
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant


@dataclass(frozen=True, slots=True)
class Part:
    """What the month's orders accrued in one place, minor units; `reversed` is what refunds and corrections took back of it so far.

    Of a kind and level, or of a category with what was sold of it (`paid`, less refunds).
    """

    kind: int
    level: int
    category: str
    accrued: int
    reversed: int
    paid: int = 0


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """A month in minor units. Orders count where they were paid, rewards where their period ended, releases and refunds on their day,
    payments in the month they were sent.

    `paid` is what customers paid, `sold` of it not refunded since; `accrued` and `taken_back` belong to these orders.
    """

    since: date
    until: date
    orders: int
    paid: int
    sold: int
    accrued: int
    taken_back: int
    rewards: int
    released: int
    reversed: int
    paid_out: int
    tax: int
    by_kind: Sequence[Part]
    by_category: Sequence[Part]

    @property
    def cost(self) -> int:
        """What promotion of the month's orders costs as it stands now."""
        return self.accrued - self.taken_back + self.rewards

    @property
    def ratio(self) -> int | None:
        """Cost to what was sold and not refunded, ppm half up; None when nothing was sold."""
        return None if self.sold <= 0 else (2 * 1_000_000 * self.cost + self.sold) // (2 * self.sold)


def month_figures(month: date) -> MonthFigures:
    """The month a day is in, in the tenant's time zone; every query reads the month's rows only."""
    since = month.replace(day=1)
    until = date.fromordinal(since.replace(day=28).toordinal() + 4).replace(day=1)
    zone, tenant = house().zone, current_tenant()
    start, end = (datetime.combine(day, time(), zone) for day in (since, until))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.kind, c.level, l.category, sum(c.amount)::bigint, sum(c.reversed)::bigint, grouping(c.kind), grouping(l.category) "
            "FROM commerce_order o JOIN commission_commission c ON c.tenant_id = o.tenant_id AND c.order_id = o.id "
            "JOIN commerce_line l ON l.tenant_id = c.tenant_id AND l.order_id = c.order_id AND l.line_no = c.line_no "
            "WHERE o.tenant_id = %s AND o.paid_at >= %s AND o.paid_at < %s AND c.state < 2 "
            "GROUP BY GROUPING SETS ((c.kind, c.level), (l.category), ())",
            [tenant, start, end],
        )
        rows = cursor.fetchall()
        cursor.execute(
            "SELECT l.category, sum(l.paid)::bigint, sum(greatest(l.paid - l.refunded, 0))::bigint FROM commerce_order o "
            "JOIN commerce_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id "
            "WHERE o.tenant_id = %s AND o.paid_at >= %s AND o.paid_at < %s GROUP BY 1",
            [tenant, start, end],
        )
        sold = {category: (paid, rest) for category, paid, rest in cursor.fetchall()}
        cursor.execute(
            "SELECT count(*) FROM commerce_order WHERE tenant_id = %s AND paid_at >= %s AND paid_at < %s",
            [tenant, start, end],
        )
        orders = cursor.fetchone()[0]
        cursor.execute(
            "SELECT coalesce(sum(amount), 0)::bigint FROM commission_period WHERE tenant_id = %s AND ends_at > %s AND ends_at <= %s",
            [tenant, start, end],
        )
        rewards = cursor.fetchone()[0]
        cursor.execute(
            "SELECT coalesce(sum(gross), 0)::bigint, coalesce(sum(tax), 0)::bigint FROM settlement_tax WHERE tenant_id = %s AND month = %s",
            [tenant, since.year * 12 + since.month - 1],
        )
        gross, tax = cursor.fetchone()
    days = figures_between(since, date.fromordinal(until.toordinal() - 1))
    categories = {row[2]: (row[3], row[4]) for row in rows if row[5] and not row[6]}
    whole = next(((row[3] or 0, row[4] or 0) for row in rows if row[5] and row[6]), (0, 0))
    return MonthFigures(
        since=since,
        until=until,
        orders=orders,
        paid=sum(paid for paid, _ in sold.values()),
        sold=sum(rest for _, rest in sold.values()),
        accrued=whole[0],
        taken_back=whole[1],
        rewards=rewards,
        released=sum(day.released for day in days),
        reversed=sum(day.reversed for day in days),
        paid_out=gross - tax,
        tax=tax,
        by_kind=[Part(row[0], row[1], "", row[3], row[4]) for row in sorted(rows, key=str) if not row[5]],
        by_category=sorted(
            (Part(0, 0, name, *categories.get(name, (0, 0)), paid=rest) for name, (_, rest) in sold.items()),
            key=lambda part: (-part.accrued, part.category),
        ),
    )
