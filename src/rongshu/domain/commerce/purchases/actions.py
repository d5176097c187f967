from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from rongshu.domain.commerce.purchases.models import PurchasesHead
from rongshu.domain.commerce.purchases.queries import rhythm_of
from rongshu.engine.segments.life import DAY, NEW, Rhythm
from rongshu.kernel import bulk, copying
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import invalid
from rongshu.kernel.tenancy.scope import current_tenant

_FILLED_AT_ONCE = 5_000
_MOVED_AT_ONCE = 20_000
_SCORED_EVERY = timedelta(days=1)

FIGURES = (
    "SELECT o.buyer_id AS member_id, count(*) AS orders, sum(o.paid)::bigint AS paid, coalesce(sum(l.refunded), 0)::bigint AS refunded, "
    "min(o.paid_at) AS first_at, max(o.paid_at) AS last_at FROM commerce_order o "
    "LEFT JOIN LATERAL (SELECT sum(least(l.refunded, l.paid)) AS refunded FROM commerce_line l "
    " WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id AND l.refunded > 0) l ON true "
    "WHERE o.tenant_id = %(tenant)s AND o.buyer_id IS NOT NULL{where} GROUP BY o.buyer_id"
)
"""What buyers have bought, from the orders themselves; `where` narrows the orders."""

_MICROS = "(extract(epoch FROM {}) * 1000000)::bigint"
_GAP = (
    "least(greatest(CASE WHEN f.orders > 1 THEN ("
    + _MICROS.format("f.last_at") + " - " + _MICROS.format("f.first_at")
    + ") / (f.orders - 1) ELSE %(usual)s END, %(least)s), %(most)s)::numeric"
)  # fmt: skip
_LIVED = (
    "SELECT f.*, CASE WHEN f.orders = 1 AND %(now)s < f.first_at + %(new)s * interval '1 microsecond' THEN ARRAY[0, 0] "
    "WHEN %(micros)s < e.ends[1] THEN ARRAY[1, e.ends[1]] WHEN %(micros)s < e.ends[2] THEN ARRAY[2, e.ends[2]] "
    "WHEN %(micros)s < e.ends[3] THEN ARRAY[3, e.ends[3]] ELSE ARRAY[4, NULL] END AS lived FROM ({figures}) f "
    "CROSS JOIN LATERAL (SELECT ARRAY[" + ", ".join(
        _MICROS.format("f.last_at") + " + div(" + _GAP + f" * %({step})s, 1000000)::bigint"
        for step in ("cooling", "sleeping", "lost")
    ) + "] AS ends) e"
)  # fmt: skip
"""The figures with where each buyer is in life and until when, as `engine.segments.life.life_of` says it."""
_LIFE = "lived[1]::smallint"
_UNTIL = (
    f"CASE lived[1] WHEN {NEW} THEN first_at + %(new)s * interval '1 microsecond' "
    "ELSE timestamptz 'epoch' + lived[2] * interval '1 microsecond' END"
)


def _score(of: str, edges: str) -> str:
    """1 + how many edges lie below; 0 where there are none yet."""
    return (
        f"CASE WHEN cardinality(%({edges})s::bigint[]) = 0 THEN 0 "
        f"ELSE 1 + width_bucket({of} - 1, %({edges})s::bigint[]) END::smallint"
    )


_SCORES = {
    "recency": _score(_MICROS.format("last_at"), "recency"),
    "frequency": _score("orders::bigint", "frequency"),
    "monetary": _score("(paid - refunded)", "monetary"),
}


def _head() -> PurchasesHead:
    """The tenant's head, held: who recomputes waits for who does, so that nobody writes what was read before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO commerce_purchases_head (tenant_id, filled_to, settings, edges) VALUES (%s, 0, '{}', '{}') "
            "ON CONFLICT DO NOTHING",
            [current_tenant()],
        )
    return PurchasesHead.objects.select_for_update().get()  # type: ignore[no-any-return]


def _terms(head: PurchasesHead, now: datetime) -> dict[str, Any]:
    rhythm = rhythm_of(head)
    return {
        "tenant": current_tenant(), "now": now, "micros": to_micros(now), "new": rhythm.new_days * DAY,
        "usual": rhythm.usual_days * DAY, "least": rhythm.least_days * DAY, "most": rhythm.most_days * DAY,
        "cooling": rhythm.cooling_ppm, "sleeping": rhythm.sleeping_ppm, "lost": rhythm.lost_ppm,
        **{name: head.edges.get(name, []) for name in _SCORES},
    }  # fmt: skip


def _recompute(head: PurchasesHead, members: Sequence[int], now: datetime) -> None:
    copying.flush()
    figures = FIGURES.format(where=" AND o.buyer_id = ANY (%(members)s::bigint[])")
    with bulk.cursor() as cursor:
        cursor.execute(
            "INSERT INTO commerce_purchases (tenant_id, member_id, orders, paid, refunded, first_at, last_at, "
            "recency, frequency, monetary, life, life_until) "
            "SELECT %(tenant)s, member_id, orders, paid, refunded, first_at, last_at, "
            + ", ".join(_SCORES.values()) + f", {_LIFE}, {_UNTIL} FROM ({_LIVED.replace('{figures}', figures)}) x "
            "ORDER BY member_id ON CONFLICT (tenant_id, member_id) DO UPDATE SET orders = EXCLUDED.orders, paid = EXCLUDED.paid, "
            "refunded = EXCLUDED.refunded, first_at = EXCLUDED.first_at, last_at = EXCLUDED.last_at, recency = EXCLUDED.recency, "
            "frequency = EXCLUDED.frequency, monetary = EXCLUDED.monetary, life = EXCLUDED.life, life_until = EXCLUDED.life_until",
            {**_terms(head, now), "members": list(members)},
        )  # fmt: skip


def refresh_purchases(*, members: Sequence[int], now: datetime) -> None:
    """Brings the figures of these members up to their orders; also for whoever moves orders between members."""
    if len(members):
        head = _head()
        _recompute(head, members, now)
        with connection.cursor() as cursor:  # who has no order any more has no row
            cursor.execute(
                "DELETE FROM commerce_purchases p WHERE tenant_id = %s AND member_id = ANY (%s::bigint[]) AND NOT EXISTS "
                "(SELECT 1 FROM commerce_order o WHERE o.tenant_id = p.tenant_id AND o.buyer_id = p.member_id)",
                [current_tenant(), list(members)],
            )


def count_purchases(*, orders: Sequence[int], now: datetime) -> None:
    """Brings the figures of the buyers of orders that were paid or refunded up to date."""
    copying.flush()
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT buyer_id FROM commerce_order WHERE tenant_id = %s AND id = ANY (%s::bigint[]) AND buyer_id IS NOT NULL",
            [current_tenant(), bulk.int8s(orders)],
        )
        members = [member for (member,) in cursor.fetchall()]
    if members:
        _recompute(_head(), members, now)


def keep_purchases(*, now: datetime) -> int:
    """By the clock: rows for buyers whose orders came before, whose life has moved, and once a day the scores; how many."""
    head = _head()
    done = 0 if head.filled_at else _fill(head, now)
    done += _move_lives(head, now)
    if head.filled_at and (head.scored_at is None or now - head.scored_at >= _SCORED_EVERY):
        _score_all(head, now)
    return done


def _fill(head: PurchasesHead, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT buyer_id FROM commerce_order WHERE tenant_id = %s AND buyer_id > %s ORDER BY buyer_id LIMIT %s",
            [current_tenant(), head.filled_to, _FILLED_AT_ONCE],
        )
        members = [member for (member,) in cursor.fetchall()]
    if members:
        _recompute(head, members, now)
        head.filled_to = members[-1]
    if len(members) < _FILLED_AT_ONCE:
        head.filled_at = now
    head.save(update_fields=["filled_to", "filled_at"])
    return len(members)


def _move_lives(head: PurchasesHead, now: datetime, *, everybody: bool = False) -> int:
    due = "TRUE" if everybody else f"life_until <= %(now)s ORDER BY life_until LIMIT {_MOVED_AT_ONCE}"
    figures = (
        "SELECT member_id, orders, first_at, last_at FROM commerce_purchases WHERE tenant_id = %(tenant)s AND " + due
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE commerce_purchases p SET life = {_LIFE}, life_until = {_UNTIL.replace('first_at', 'x.first_at')} "
            f"FROM ({_LIVED.replace('{figures}', figures)}) x WHERE p.tenant_id = %(tenant)s AND p.member_id = x.member_id",
            _terms(head, now),
        )
        return int(cursor.rowcount)


def _score_all(head: PurchasesHead, now: datetime) -> None:
    """New edges from all buyers; only rows whose scores differ are written."""
    fifths = "percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY {})"
    micros = _MICROS.format("last_at")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {fifths.format(micros)}, {fifths.format('orders::bigint')}, {fifths.format('paid - refunded')} "
            "FROM commerce_purchases WHERE tenant_id = %s",
            [current_tenant()],
        )
        found = cursor.fetchone()
        head.edges = {name: list(edges or []) for name, edges in zip(_SCORES, found, strict=True)}
        cursor.execute(
            "UPDATE commerce_purchases SET recency = {recency}, frequency = {frequency}, monetary = {monetary} "
            "WHERE tenant_id = %(tenant)s AND (recency, frequency, monetary) IS DISTINCT FROM "
            "({recency}, {frequency}, {monetary})".format(**_SCORES),
            _terms(head, now),
        )
    head.scored_at = now
    head.save(update_fields=["edges", "scored_at"])


def set_rhythm(*, rhythm: Rhythm, by: Actor, now: datetime) -> None:
    """Sets the thresholds of life and moves every buyer to where they are by them. Raises `invalid` naming what cannot be."""
    if wrong := rhythm.problems():
        raise invalid("rhythm", "These thresholds cannot be: %(names)s.", at=wrong[0], names=", ".join(wrong))
    head = _head()
    if rhythm_of(head) == rhythm:
        return
    head.settings = asdict(rhythm)
    head.save(update_fields=["settings"])
    moved = _move_lives(head, now, everybody=True)
    record("purchases.rhythm_set", subject="rhythm", by=by, now=now, members=moved, **asdict(rhythm))
