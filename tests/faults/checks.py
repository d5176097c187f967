"""What has to be true of the books once everything was delivered, worked off and released, whatever was killed meanwhile."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import yaml

from tests.faults.installation import Database, Installation
from tests.faults.load import NEW_SINCE, ZONE, Load, plans
from tests.reference import commission, life

NOTHING = (0, 0, 0, 0)


@dataclass
class Report:
    """Findings: `lost` and `twice` are entries, `differences` anything else that is not as it has to be."""

    lost: int = 0
    twice: int = 0
    differences: int = 0
    examples: list[str] = field(default_factory=list)
    capped: int = 0
    """Commissions that a promoter's cap has cut."""

    def differ(self, what: str, count: int = 1) -> None:
        """Notes differences."""
        self.differences += count
        self._show(what)

    def _show(self, what: str) -> None:
        if len(self.examples) < 40:
            self.examples.append(what)

    def miss(self, what: str, refs: set[str]) -> None:
        """Notes what was acknowledged and is not there."""
        self.lost += len(refs)
        if refs:
            self._show(f"{what} lost: {len(refs)}, as {sorted(refs)[:3]}")

    def doubled(self, what: str, refs: list[str]) -> None:
        """Notes what is there more often than it was sent."""
        self.twice += len(refs)
        if refs:
            self._show(f"{what} twice: {len(refs)}, as {sorted(refs)[:3]}")

    def same(self, what: str, found: dict[Any, Any], expected: dict[Any, Any], nothing: Any = None) -> None:
        """Notes every key at which the two differ."""
        for key in found.keys() | expected.keys():
            if found.get(key, nothing) != expected.get(key, nothing):
                self.differ(f"{what} {key}: found {found.get(key, nothing)}, expected {expected.get(key, nothing)}")


def examine(
    house: Installation,
    load: Load,
    acknowledged: dict[str, set[str]],
    accepted: Counter[tuple[str, str]],
    cap: str | None,
) -> Report:
    """Compares the books with what was sent and acknowledged, and with the slow reference."""
    from rongshu.flows.verify import verify_tenant

    report = Report()
    with house.database() as database:
        _arrived(database, load, acknowledged, report)
        for (kind, ref), times in accepted.items():
            if times > 1:
                report.differ(f"{kind} {ref} was said to be new {times} times")
        _amounts(database, load, cap, report)
        _outbox(database, report)
        released = database.execute(
            "SELECT count(*) FROM commission_rating WHERE due_at <= now() AND released_at IS NULL"
        ).fetchone()
        if released and released[0]:
            report.differ("due and not released", released[0])
    for finding in verify_tenant(house.tenant).findings:
        if finding.differences:
            report.differ(f"verify: {finding.name}: {finding.examples[:3]}", finding.differences)
    return report


def _arrived(database: Database, load: Load, acknowledged: dict[str, set[str]], report: Report) -> None:
    """Every acknowledged entry exists exactly once, and nothing else does."""
    orders = [ref for (ref,) in database.execute("SELECT source || ':' || external_id FROM commerce_order")]
    report.miss("orders", acknowledged["orders"] - set(orders))
    report.doubled("orders", [ref for ref, times in Counter(orders).items() if times > 1])
    if set(orders) - {ref for ref, _ in load.of("orders")}:
        report.differ("orders that nobody sent")

    wanted = {
        (ref, line["line_no"])
        for ref, refund in load.of("refunds")
        for line in refund["lines"]
        if ref in acknowledged["refunds"]
    }
    stored = [
        ((f"{source}:{refund}"), line_no)
        for source, refund, line_no in database.execute(
            "SELECT o.source, r.external_id, r.line_no FROM commerce_refund r "
            "JOIN commerce_order o ON o.tenant_id = r.tenant_id AND o.id = r.order_id WHERE r.external_id <> 'cancelled'"
        )
    ]
    report.miss("refunds", {ref for ref, _ in wanted - set(stored)})
    report.doubled("refunds", [ref for (ref, _), times in Counter(stored).items() if times > 1])
    if set(stored) - wanted:
        report.differ("refunds that nobody sent")

    marked = {
        f"{source}:{external}:{status}"
        for source, external, completed, cancelled in database.execute(
            "SELECT source, external_id, completed_at IS NOT NULL, cancelled_at IS NOT NULL FROM commerce_order"
        )
        for status, is_so in (("completed", completed), ("cancelled", cancelled))
        if is_so
    }
    # A completion that comes after the cancellation is no news.
    void = {ref for ref in acknowledged["statuses"] if f"{ref.rsplit(':', 1)[0]}:cancelled" in marked}
    report.miss("statuses", acknowledged["statuses"] - marked - void)


# ---- amounts


def _reference_orders(load: Load) -> list[dict[str, str]]:
    rows = []
    for ref, order in load.of("orders"):
        for line_no, line in enumerate(order["lines"], 1):
            rows.append(
                {
                    "order_id": ref,
                    "line_no": str(line_no),
                    "buyer_id": order.get("buyer", ""),
                    "promoter_id": order.get("promoter", ""),
                    "sku": line["sku"],
                    "category": line["category"],
                    "qty": str(line["qty"]),
                    "paid": line["paid"],
                    "cost": "0",
                    "paid_at": order["paid_at"],
                    "channel": order["channel"],
                }
            )
    return rows


def _rated(load: Load, plan: dict[str, Any]) -> list[dict[str, str]]:
    """What the reference says of every order, each by its version, no promoter's cap applied."""
    since = load.now - NEW_SINCE
    rows = _reference_orders(load)
    old, new = (yaml.safe_load(text) for text in plans(None))
    before = [row for row in rows if datetime.fromisoformat(row["paid_at"]) < since]
    after = [row for row in rows if datetime.fromisoformat(row["paid_at"]) >= since]
    return [
        *commission.rate(old, load.promoters, before, [], ZONE),
        *commission.rate(new, load.promoters, after, [], ZONE),
    ]


def _amounts(database: Database, load: Load, cap: str | None, report: Report) -> None:
    """Commissions row by row, then the balances they leave."""
    plan = yaml.safe_load(plans(None)[0])
    currency = plan["currency"]
    names = dict(database.execute("SELECT id, external_id FROM members_member WHERE external_id IS NOT NULL"))
    expected: dict[tuple[str, int, str, int], tuple[int, int]] = {}
    for row in _rated(load, plan):
        place = (row["order_id"], int(row["line_no"]), row["beneficiary_id"], int(row["level"]))
        before, cut = (commission.minor_units(row[name], currency) for name in ("before_caps", "cut_order"))
        expected[place] = (before, cut)
    found: dict[tuple[str, int, str, int], tuple[int, int]] = {}
    earned: dict[str, list[tuple[int, str, int]]] = {}
    limit = None if cap is None else commission.minor_units(cap, currency)
    used: Counter[tuple[str, int, int]] = Counter()
    cut_in: set[tuple[str, int, int]] = set()
    for source, external, line_no, who, level, before, cut, cut_month, amount, paid_at in database.execute(
        "SELECT o.source, o.external_id, c.line_no, c.beneficiary_id, c.level, c.before_caps, c.cut_order, c.cut_month, "
        "c.amount, c.paid_at FROM commission_commission c JOIN commerce_order o ON o.tenant_id = c.tenant_id AND o.id = c.order_id"
    ):
        ref = f"{source}:{external}"
        place = (ref, line_no, names[who], level)
        if place in found:
            report.doubled("commissions", [str(place)])
        found[place] = (before, cut)
        if before - cut - cut_month != amount:
            report.differ(f"commission {place}: {before} - {cut} - {cut_month} is not {amount}")
        earned.setdefault(ref, []).append((line_no, names[who], amount))
        day = commission.local_day(paid_at, ZONE)
        month = (names[who], day.year, day.month)
        used[month] += amount
        if cut_month:
            cut_in.add(month)
            report.capped += 1
    report.same("commission", found, expected)
    for month, granted in used.items():
        if limit is not None and (granted > limit or (month in cut_in and granted != limit)):
            report.differ(f"cap of {month}: granted {granted} of {limit}, cut: {month in cut_in}")
    if limit is None and cut_in:
        report.differ(f"cut by a cap that no plan has: {len(cut_in)}")
    _balances(database, load, plan, names, earned, report)


def _balances(
    database: Database,
    load: Load,
    plan: dict[str, Any],
    names: dict[int, str],
    earned: dict[str, list[tuple[int, str, int]]],
    report: Report,
) -> None:
    """Pending, available and debt of every promoter.

    Without withdrawals they depend only on what was earned, what fell due and what was refunded, not on the sequence: so
    the reference is told everything in the plainest one.
    """
    currency = plan["currency"]
    books = life.Life(plan)
    for ref, order in load.of("orders"):
        paid = {
            line_no: commission.minor_units(line["paid"], currency) for line_no, line in enumerate(order["lines"], 1)
        }
        books.order_paid(ref, datetime.fromisoformat(order["paid_at"]), paid, earned.get(ref, []))
        if "completed_at" in order:
            books.order_completed(ref, datetime.fromisoformat(order["completed_at"]))
    for ref, refund in load.of("refunds"):
        amounts = {line["line_no"]: commission.minor_units(line["amount"], currency) for line in refund["lines"]}
        books.refund(ref, f"{refund['source']}:{refund['order']}", amounts)
    for name, status in load.of("statuses"):
        ref = f"{status['source']}:{status['order']}"
        if status["status"] == "completed":
            books.order_completed(ref, datetime.fromisoformat(status["at"]))
        else:
            books.refund(name, ref, books.orders[ref].paid)
    books.release(load.now)
    expected = {
        who: (account.pending, account.available, account.reserved, account.debt)
        for who, account in books.accounts.items()
    }
    stored: dict[str, list[int]] = {}
    for owner, book, amount in database.execute(
        "SELECT owner, book, amount FROM ledger_balance WHERE owner > 0 AND book IN (102, 103, 104) UNION ALL "
        "SELECT owner, 101, sum(delta)::bigint FROM (SELECT cr_owner AS owner, amount AS delta FROM ledger_transfer WHERE cr_book = 101 "
        "UNION ALL SELECT dr_owner, -amount FROM ledger_transfer WHERE dr_book = 101) m GROUP BY owner"
    ):
        stored.setdefault(names[owner], [0, 0, 0, 0])[book - 101] = amount
    found = {who: tuple(amounts) for who, amounts in stored.items()}
    report.same("pending, available, reserved, debt of", found, expected, NOTHING)


# ---- what was counted from events


def _rows(database: Database, statement: str) -> dict[Any, tuple[int, ...]]:
    return {row[0]: tuple(int(value) for value in row[1:]) for row in database.execute(statement)}  # type: ignore[arg-type]


_REFUNDED = "SELECT order_id, sum(least(refunded, paid)) AS refunded FROM commerce_line GROUP BY 1"


def _outbox(database: Database, report: Report) -> None:
    """Every event took effect once: what was counted from events equals the sums over the rows themselves."""
    day = f"(o.paid_at AT TIME ZONE '{ZONE}')::date"
    figures: dict[date, tuple[int, ...]] = _rows(
        database, "SELECT day, orders, paid, accrued FROM insight_day WHERE orders <> 0 OR paid <> 0 OR accrued <> 0"
    )
    rows = _rows(
        database,
        f"SELECT {day}, count(*), sum(o.paid), sum(coalesce(c.amount, 0)) FROM commerce_order o LEFT JOIN "
        "(SELECT order_id, sum(amount) AS amount FROM commission_commission GROUP BY 1) c ON c.order_id = o.id GROUP BY 1",
    )
    report.same("figures of", figures, rows)
    totals = _rows(database, "SELECT 'all', sum(released), sum(reversed), sum(refunded) FROM insight_day")
    moved = _rows(
        database,
        "SELECT 'all', coalesce(sum(amount) FILTER (WHERE dr_book = 101 AND cr_book = 102), 0), "
        "coalesce(sum(amount) FILTER (WHERE cr_book = 151), 0), "
        "(SELECT coalesce(sum(least(refunded, paid)), 0) FROM commerce_line) FROM ledger_transfer",
    )
    report.same("released, reversed, refunded of", totals, moved)
    sales = _rows(database, "SELECT promoter_id, orders, sales FROM referral_sales")
    credited = _rows(
        database,
        "SELECT o.promoter_id, count(*), sum(o.paid - coalesce(r.refunded, 0)) FROM commerce_order o "
        f"LEFT JOIN ({_REFUNDED}) r ON r.order_id = o.id WHERE o.promoter_id IS NOT NULL GROUP BY 1",
    )
    report.same("sales of", sales, credited)
