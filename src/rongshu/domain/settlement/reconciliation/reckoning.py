"""Books against bills, in one statement each: which payments match, which differ, and the cash of every day.

A payment and a bill's lines belong together by the withdrawal; the day does not matter, so that what is confirmed before midnight
and billed after it is one. Missing is only what a bill had the time to show.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from rongshu.kernel.ids import new_ids
from rongshu.kernel.tenancy.scope import current_tenant

SLACK = timedelta(hours=6)
"""What was confirmed this long before midnight or later may stand on the next day's bill."""

GROUPS = """
    covered AS MATERIALIZED (
        SELECT day FROM settlement_reconciled_day WHERE tenant_id = %(tenant)s AND provider = %(provider)s),
    lines AS MATERIALIZED (
        SELECT id, withdrawal_id AS wid, kind, amount, day, at,
               row_number() OVER (PARTITION BY withdrawal_id, kind ORDER BY at, id) AS nth
          FROM settlement_bill_line WHERE tenant_id = %(tenant)s AND provider = %(provider)s AND gone_at IS NULL
           AND kind IN ('paid', 'returned')),
    billed AS MATERIALIZED (
        SELECT wid, count(*) FILTER (WHERE kind = 'paid') AS paid_n, count(*) FILTER (WHERE kind = 'returned') AS back_n,
               coalesce(sum(amount) FILTER (WHERE kind = 'paid'), 0)::bigint AS paid,
               coalesce(sum(amount) FILTER (WHERE kind = 'returned'), 0)::bigint AS back,
               max(amount) FILTER (WHERE kind = 'paid' AND nth = 1) AS first,
               max(amount) FILTER (WHERE kind = 'returned' AND nth = 1) AS first_back,
               min(day) AS day
          FROM lines WHERE wid IS NOT NULL GROUP BY wid),
    ours AS MATERIALIZED (
        SELECT w.id AS wid, w.state, w.amount - w.fee - w.tax AS net, w.ended_at AS at,
               (w.ended_at AT TIME ZONE %(zone)s)::date AS day,
               ((w.ended_at + %(slack)s) AT TIME ZONE %(zone)s)::date AS seen_by,
               s.at AS back_at, (s.at AT TIME ZONE %(zone)s)::date AS back_day,
               ((s.at + %(slack)s) AT TIME ZONE %(zone)s)::date AS back_seen_by
          FROM settlement_batch b JOIN settlement_withdrawal w ON w.tenant_id = b.tenant_id AND w.batch_id = b.id
          LEFT JOIN LATERAL (SELECT max(at) AS at FROM settlement_step WHERE tenant_id = w.tenant_id AND withdrawal_id = w.id
                                AND state = 'returned' AND w.state = 'returned') s ON true
         WHERE b.tenant_id = %(tenant)s AND b.provider = %(provider)s AND w.state IN ('sent', 'confirmed', 'returned')),
    pairs AS MATERIALIZED (
        SELECT o.*, coalesce(b.paid_n, 0) AS paid_n, coalesce(b.back_n, 0) AS back_n, coalesce(b.paid, 0) AS paid,
               coalesce(b.back, 0) AS back, b.first, b.first_back, b.day AS billed_day,
               o.day IN (SELECT day FROM covered) AND o.seen_by <= (SELECT max(day) FROM covered) AS judged,
               o.back_day IN (SELECT day FROM covered) AND o.back_seen_by <= (SELECT max(day) FROM covered) AS back_judged
          FROM ours o LEFT JOIN billed b ON b.wid = o.wid),
    found AS MATERIALIZED (
        SELECT 'missing' AS kind, wid AS about, day, wid, NULL::bigint AS line_id, net AS ours, 0::bigint AS theirs
          FROM pairs WHERE judged AND paid_n = 0 AND (state = 'confirmed' AND back_n = 0 OR state = 'returned' AND back_n > 0)
        UNION ALL
        SELECT 'amount', wid, coalesce(billed_day, day), wid, NULL, CASE WHEN first <> net THEN net ELSE -net END,
               CASE WHEN first <> net THEN first ELSE -first_back END
          FROM pairs WHERE state <> 'sent' AND (first <> net OR state = 'returned' AND first_back <> net)
        UNION ALL
        SELECT 'unconfirmed', wid, billed_day, wid, NULL, 0, paid - back FROM pairs WHERE state = 'sent' AND paid_n + back_n > 0
        UNION ALL
        SELECT 'came_back', wid, billed_day, wid, NULL, net, paid - back FROM pairs
         WHERE state = 'confirmed' AND back_n > 0 AND back_n >= paid_n
        UNION ALL
        SELECT 'not_back', wid, back_day, wid, NULL, 0, net FROM pairs WHERE state = 'returned' AND paid_n > back_n AND back_judged
        UNION ALL
        SELECT 'extra', l.id, l.day, l.wid, l.id, 0, CASE WHEN l.kind = 'paid' THEN l.amount ELSE -l.amount END
          FROM lines l LEFT JOIN pairs p ON p.wid = l.wid LEFT JOIN billed b ON b.wid = l.wid
         WHERE CASE WHEN l.wid IS NULL THEN true
                    WHEN p.state = 'sent' THEN false
                    WHEN p.wid IS NOT NULL THEN l.nth > CASE WHEN l.kind = 'paid' THEN p.back_n + 1 ELSE greatest(p.paid_n, 1) END
                    ELSE l.nth > CASE WHEN l.kind = 'paid' THEN b.back_n ELSE b.paid_n END END)
"""


def _given(provider: str, zone: str, now: datetime) -> dict[str, Any]:
    return {"tenant": current_tenant(), "provider": provider, "zone": zone, "slack": SLACK, "now": now}


def keep_differences(provider: str, zone: str, now: datetime) -> list[int]:
    """Opens a task for what differs, closes those that differ no more; the ids of what was opened. Repeating it changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {GROUPS} SELECT f.kind, f.about, f.day, f.wid, f.line_id, f.ours, f.theirs FROM found f "
            "LEFT JOIN settlement_difference d ON d.tenant_id = %(tenant)s AND d.provider = %(provider)s AND d.kind = f.kind "
            "AND d.about = f.about WHERE d.id IS NULL OR d.state = 'resolved' OR d.ours <> f.ours OR d.theirs <> f.theirs",
            _given(provider, zone, now),
        )
        fresh = cursor.fetchall()
        cursor.execute(
            f"WITH {GROUPS} UPDATE settlement_difference d SET state = 'resolved', decided_at = %(now)s "
            "WHERE d.tenant_id = %(tenant)s AND d.provider = %(provider)s AND d.state IN ('open', 'proposed') "
            "AND NOT EXISTS (SELECT 1 FROM found f WHERE f.kind = d.kind AND f.about = d.about)",
            _given(provider, zone, now),
        )
    if not fresh:
        return []
    ids = new_ids(len(fresh)).tolist()
    with connection.cursor() as cursor:
        # What was explained or settled stays so.
        cursor.execute(
            "INSERT INTO settlement_difference AS d (tenant_id, id, provider, kind, about, day, withdrawal_id, line_id, ours, theirs, "
            " state, opened_at, decision, reason, actor, second) "
            "SELECT %s, r.id, %s, r.kind, r.about, r.day, r.wid, r.line, r.ours, r.theirs, 'open', %s, '', '', '', '' "
            "FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::date[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) "
            "AS r (id, kind, about, day, wid, line, ours, theirs) "
            "ON CONFLICT (tenant_id, provider, kind, about) DO UPDATE SET ours = EXCLUDED.ours, theirs = EXCLUDED.theirs, "
            "state = 'open', opened_at = EXCLUDED.opened_at, decided_at = NULL, decision = '', reason = '', actor = '', second = '' "
            "WHERE d.state IN ('open', 'proposed', 'resolved') RETURNING id",
            [current_tenant(), provider, now, ids, *(list(column) for column in zip(*fresh, strict=True))],
        )
        return [row[0] for row in cursor.fetchall()]


def sum_days(provider: str, zone: str, now: datetime) -> None:
    """Writes what every covered day came to: payments and how many match, lines, and the cash at its end by books and by bills.

    A balance asked for later than the day's end is held against what the provider did since: lines of later bills, else the books.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {GROUPS}, "
            "opening AS (SELECT min(day) AS day, min(at) AS at FROM settlement_cash_move WHERE tenant_id = %(tenant)s "
            "  AND provider = %(provider)s AND kind = 'opening'), "
            "start AS (SELECT coalesce((SELECT at FROM opening), (SELECT min(day) FROM covered)::timestamp AT TIME ZONE %(zone)s) AS at), "
            "paid AS (SELECT day, count(*) AS n, sum(net)::bigint AS amount, count(*) FILTER (WHERE first = net OR "
            "   (state = 'returned' AND paid_n + back_n = 0)) AS matched, "
            "   count(*) FILTER (WHERE paid_n = 0 AND NOT judged) AS waiting FROM pairs WHERE state <> 'sent' GROUP BY day), "
            "shown AS (SELECT day, count(*) AS n, sum(CASE WHEN kind = 'paid' THEN amount ELSE -amount END)::bigint AS amount "
            "  FROM lines GROUP BY day), "
            "deltas AS (SELECT day, -net AS booked, CASE WHEN paid_n > 0 OR day IN (SELECT day FROM covered) THEN 0 ELSE -net END AS billed FROM pairs "
            "    WHERE state <> 'sent' AND at >= (SELECT at FROM start) "
            "  UNION ALL SELECT back_day, net, CASE WHEN back_n > 0 OR back_day IN (SELECT day FROM covered) THEN 0 ELSE net END FROM pairs "
            "    WHERE state = 'returned' AND back_at >= (SELECT at FROM start) "
            "  UNION ALL SELECT day, 0, CASE WHEN kind = 'paid' THEN -amount ELSE amount END FROM lines "
            "    WHERE day >= ((SELECT at FROM start) AT TIME ZONE %(zone)s)::date "
            "  UNION ALL SELECT day, amount, CASE WHEN kind = 'loss' THEN 0 ELSE amount END FROM settlement_cash_move "
            "    WHERE tenant_id = %(tenant)s AND provider = %(provider)s AND at >= (SELECT at FROM start) "
            "  UNION ALL SELECT day, 0, 0 FROM covered), "
            "running AS (SELECT day, sum(sum(booked)) OVER (ORDER BY day)::bigint AS books, "
            "  sum(sum(billed)) OVER (ORDER BY day)::bigint AS billed FROM deltas GROUP BY day) "
            "UPDATE settlement_reconciled_day r SET payments = coalesce(p.n, 0), payments_amount = coalesce(p.amount, 0), "
            "matched = coalesce(p.matched, 0), waiting = coalesce(p.waiting, 0), lines = coalesce(s.n, 0), "
            "lines_amount = coalesce(s.amount, 0), books = c.books, billed = c.billed, at = %(now)s, rest = r.balance - c.billed - "
            "CASE WHEN r.balance_at IS NULL THEN 0 ELSE "
            "  coalesce((SELECT sum(CASE WHEN kind = 'paid' THEN -amount ELSE amount END) FROM lines WHERE day > r.day AND at <= r.balance_at), 0) "
            "  + coalesce((SELECT sum(-net) FROM pairs WHERE state <> 'sent' AND paid_n = 0 AND judged IS NOT TRUE AND seen_by > r.day "
            "      AND at <= r.balance_at), 0) "
            "  + coalesce((SELECT sum(amount) FROM settlement_cash_move WHERE tenant_id = %(tenant)s AND provider = %(provider)s "
            "      AND kind <> 'loss' AND day > r.day AND at <= r.balance_at), 0) END "
            "FROM running c LEFT JOIN paid p ON p.day = c.day LEFT JOIN shown s ON s.day = c.day "
            "WHERE r.tenant_id = %(tenant)s AND r.provider = %(provider)s AND r.day = c.day",
            _given(provider, zone, now),
        )


BRIDGE = """
    SELECT b.wid, b.line_id, b.amount, d.id, d.kind, d.state FROM (
        SELECT coalesce(p.wid, l.wid) AS wid, NULL::bigint AS line_id,
               (coalesce(l.amount, 0) - coalesce(p.amount, 0))::bigint AS amount FROM
            (SELECT wid, -CASE WHEN day <= %(day)s AND (paid_n > 0 OR day IN (SELECT day FROM covered)) AND at >= %(start)s THEN net ELSE 0 END
                    + CASE WHEN back_day <= %(day)s AND (back_n > 0 OR back_day IN (SELECT day FROM covered)) AND back_at >= %(start)s THEN net ELSE 0 END AS amount
               FROM pairs WHERE state <> 'sent') p
            FULL JOIN (SELECT wid, sum(CASE WHEN kind = 'paid' THEN -amount ELSE amount END) AS amount FROM lines
                        WHERE wid IS NOT NULL AND day <= %(day)s AND day >= (%(start)s AT TIME ZONE %(zone)s)::date GROUP BY wid) l ON l.wid = p.wid
        UNION ALL
        SELECT NULL, id, CASE WHEN kind = 'paid' THEN -amount ELSE amount END FROM lines
         WHERE wid IS NULL AND day <= %(day)s AND day >= (%(start)s AT TIME ZONE %(zone)s)::date
        ) b
    LEFT JOIN LATERAL (SELECT id, kind, state FROM settlement_difference WHERE tenant_id = %(tenant)s AND provider = %(provider)s
                          AND state <> 'resolved' AND (withdrawal_id = b.wid OR line_id = b.line_id)
                        ORDER BY state IN ('open', 'proposed') DESC, id DESC LIMIT 1) d ON true
    WHERE b.amount <> 0
    UNION ALL
    SELECT NULL, NULL, -m.amount, m.difference_id, d.kind, 'settled' FROM settlement_cash_move m
      LEFT JOIN settlement_difference d ON d.tenant_id = m.tenant_id AND d.id = m.difference_id
     WHERE m.tenant_id = %(tenant)s AND m.provider = %(provider)s AND m.kind = 'loss' AND m.day <= %(day)s AND m.at >= %(start)s
"""


def bridge(
    provider: str, zone: str, day: date, now: datetime, *, limit: int = 200
) -> tuple[list[tuple[Any, ...]], int, int]:
    """What leads from the books' cash to the bills' at a day's end: rows (withdrawal, line, amount, difference, its kind, its state), their number and sum."""
    given = _given(provider, zone, now) | {"day": day, "start": start_of(provider, zone), "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {GROUPS}, items AS MATERIALIZED ({BRIDGE}) SELECT i.*, count(*) OVER (), sum(amount) OVER ()::bigint "
            "FROM items i ORDER BY abs(amount) DESC, wid, line_id LIMIT %(limit)s",
            given,
        )
        rows = cursor.fetchall()
    return [row[:6] for row in rows], (rows[0][6] if rows else 0), (rows[0][7] if rows else 0)


def start_of(provider: str, zone: str) -> datetime | None:
    """From when the cash of a provider is counted: its opening balance, else the first day a bill covers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT min(at) FROM settlement_cash_move WHERE tenant_id = %s AND provider = %s AND kind = 'opening'), "
            "(SELECT min(day) FROM settlement_reconciled_day WHERE tenant_id = %s AND provider = %s)::timestamp AT TIME ZONE %s)",
            [current_tenant(), provider, current_tenant(), provider, zone],
        )
        (start,) = cursor.fetchone()
    return start  # type: ignore[no-any-return]


__all__ = ["SLACK", "bridge", "keep_differences", "start_of", "sum_days"]
