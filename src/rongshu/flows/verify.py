"""Verification: every invariant of a tenant's books, recomputed from the rows themselves, in one snapshot."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import structlog
from django.db import connection

from rongshu.domain.commerce.purchases.findings import purchase_findings
from rongshu.domain.members.points.findings import points_findings
from rongshu.domain.settlement.cycles.findings import run_findings
from rongshu.domain.settlement.payouts.findings import payout_findings
from rongshu.domain.settlement.reconciliation.findings import cash_findings
from rongshu.domain.settlement.transparency.queries import transparency_findings
from rongshu.domain.settlement.withdrawals.findings import settlement_findings
from rongshu.engine.forest import CycleError, grow
from rongshu.kernel.actor import WORKER, Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.audit.queries import latest
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant, tenant_scope
from rongshu.ledger.books import Book
from rongshu.ledger.queries import BookTotal, Finding, book_totals, finding, invariants, size

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found."""

    accounts: int
    transfers: int
    findings: tuple[Finding, ...]

    @property
    def differences(self) -> int:
        """How many differences there are over all invariants."""
        return sum(found.differences for found in self.findings)


_NO_REWARD = "about NOT IN (SELECT id FROM commission_period WHERE tenant_id = %s)"
"""Transfers that are not about a period's rewards."""


def _across() -> list[Finding]:
    """The invariants that hold between the ledger and the rooms that post to it."""
    tenant = current_tenant()
    return [
        finding(
            "pending = open commissions",
            "SELECT coalesce(t.owner, c.owner)::text AS key, coalesce(c.amount, 0) AS expected, coalesce(t.amount, 0) AS found FROM "
            "(SELECT owner, sum(delta) AS amount FROM (SELECT cr_owner AS owner, amount AS delta FROM ledger_transfer "
            " WHERE tenant_id = %s AND cr_book = 101 UNION ALL SELECT dr_owner, -amount FROM ledger_transfer "
            " WHERE tenant_id = %s AND dr_book = 101) m GROUP BY 1) t FULL JOIN "
            "(SELECT beneficiary_id AS owner, sum(amount - reversed) AS amount FROM commission_commission "
            " WHERE tenant_id = %s AND state = 0 GROUP BY 1) c ON c.owner = t.owner",
            [tenant, tenant, tenant],
        ),
        finding(
            "every commission was accrued once",
            "SELECT coalesce(c.order_id, t.journal) || '/' || coalesce(c.row, t.line) AS key, "
            "c.beneficiary_id || ':' || c.amount AS expected, t.cr_owner || ':' || t.amount AS found FROM "
            "(SELECT * FROM commission_commission WHERE tenant_id = %s AND amount > 0) c FULL JOIN "
            "(SELECT * FROM ledger_transfer WHERE tenant_id = %s AND dr_book = 151 AND cr_book = 101) t "
            "ON t.journal = c.order_id AND t.line = c.row",
            [tenant, tenant],
        ),
        finding(
            "what was reversed left the ledger",
            "SELECT coalesce(c.order_id, t.about) || '/' || coalesce(c.row, t.about_row) AS key, coalesce(c.reversed, 0) AS expected, "
            "coalesce(t.amount, 0) AS found FROM "
            "(SELECT * FROM commission_commission WHERE tenant_id = %s AND reversed > 0) c FULL JOIN "
            "(SELECT about, about_row, sum(amount) AS amount FROM ledger_transfer WHERE tenant_id = %s AND cr_book = 151 "
            f" AND {_NO_REWARD} GROUP BY 1, 2) t ON t.about = c.order_id AND t.about_row = c.row",
            [tenant, tenant, tenant],
        ),
        *purchase_findings(),
        *settlement_findings(),
        *run_findings(),
        *transparency_findings(),
        *payout_findings(),
        *cash_findings(),
        *points_findings(),
        finding(
            "orders = order journals",
            "SELECT 'orders' AS key, (SELECT count(*) FROM ledger_journal WHERE tenant_id = %s AND kind = 'order') AS expected, "
            "(SELECT count(*) FROM commerce_order WHERE tenant_id = %s) + "
            "(SELECT coalesce(sum(entries), 0) FROM commerce_inbox WHERE tenant_id = %s AND kind = 'orders') AS found",
            [tenant, tenant, tenant],
        ),
        finding(
            "every order is rated and its lines sum to it",
            "SELECT o.id::text AS key, o.paid || ':true' AS expected, coalesce(l.paid, 0) || ':' || (r.order_id IS NOT NULL) AS found "
            "FROM commerce_order o LEFT JOIN (SELECT order_id, sum(paid) AS paid FROM commerce_line WHERE tenant_id = %s GROUP BY 1) l "
            "ON l.order_id = o.id LEFT JOIN commission_rating r ON r.tenant_id = o.tenant_id AND r.order_id = o.id WHERE o.tenant_id = %s",
            [tenant, tenant],
        ),
        finding(
            "what lines have refunded = their refunds",
            "SELECT coalesce(l.order_id, r.order_id) || '/' || coalesce(l.line_no, r.line_no) AS key, "
            "coalesce(r.amount, 0) AS expected, coalesce(l.refunded, 0) AS found FROM "
            "(SELECT * FROM commerce_line WHERE tenant_id = %s AND refunded > 0) l FULL JOIN "
            "(SELECT order_id, line_no, sum(amount) AS amount FROM commerce_refund WHERE tenant_id = %s GROUP BY 1, 2) r "
            "ON r.order_id = l.order_id AND r.line_no = l.line_no",
            [tenant, tenant],
        ),
        finding(
            "every reversal is the refund's share",
            "SELECT c.order_id || '/' || c.row AS key, "
            "CASE WHEN c.state = 2 THEN c.amount "  # replaced by a re-rating: all of it
            "ELSE div(2 * c.amount::numeric * least(l.refunded, l.paid) + l.paid, 2 * l.paid) END AS expected, "
            "c.reversed::numeric AS found FROM commission_commission c "
            "JOIN commerce_line l ON l.tenant_id = c.tenant_id AND l.order_id = c.order_id AND l.line_no = c.line_no "
            "WHERE c.tenant_id = %s AND (l.refunded > 0 OR c.reversed > 0) AND l.paid > 0",
            [tenant],
        ),
        finding(
            "cap usage = what was accrued",
            "SELECT u.promoter_id || '/' || u.kind || '/' || u.period AS key, u.used AS expected, coalesce(sum(c.amount), 0) AS found "
            "FROM commission_cap_usage u LEFT JOIN LATERAL (SELECT amount, (paid_at AT TIME ZONE %s)::date AS day "
            " FROM commission_commission WHERE tenant_id = u.tenant_id AND beneficiary_id = u.promoter_id AND state < 2) c ON "
            "CASE WHEN u.kind = 0 THEN c.day - date '1970-01-01' "
            "ELSE (extract(year FROM c.day) * 12 + extract(month FROM c.day) - 1)::integer END = u.period "
            "WHERE u.tenant_id = %s GROUP BY u.promoter_id, u.kind, u.period, u.used",
            [str(house().zone), tenant],
        ),
        finding(
            "ranks held = the last change of each",
            "SELECT p.id::text AS key, c.new_rank || ':' || c.at AS expected, p.rank || ':' || p.rank_since AS found "
            "FROM referral_promoter p JOIN LATERAL (SELECT new_rank, at FROM referral_rank_change "
            "WHERE tenant_id = p.tenant_id AND promoter_id = p.id ORDER BY at DESC, id DESC LIMIT 1) c ON true "
            "WHERE p.tenant_id = %s AND p.rank_since IS NOT NULL UNION ALL "
            "SELECT p.id::text, 'a change', 'none' FROM referral_promoter p WHERE p.tenant_id = %s AND p.rank_since IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM referral_rank_change WHERE tenant_id = p.tenant_id AND promoter_id = p.id)",
            [tenant, tenant],
        ),
        finding(
            "re-rated rows = what their re-rating says",
            "SELECT coalesce(c.order_id, p.order_id) || '/' || coalesce(c.row, p.row) AS key, "
            "p.beneficiary || ':' || p.amount AS expected, c.beneficiary_id || ':' || c.amount AS found FROM "
            "(SELECT * FROM commission_commission WHERE tenant_id = %s AND state = 2) c FULL JOIN "
            f"({_posted('old_row', 'old_amount')}) p ON p.order_id = c.order_id AND p.row = c.row UNION ALL "
            "SELECT p.order_id || '/' || p.row, p.beneficiary || ':' || p.amount, c.beneficiary_id || ':' || c.amount FROM "
            f"({_posted('new_row', 'amount')}) p LEFT JOIN commission_commission c "
            "ON c.tenant_id = %s AND c.order_id = p.order_id AND c.row = p.row",
            [tenant, tenant, tenant, tenant],
        ),
    ]


def _posted(row: str, amount: str) -> str:
    """The rows that posted re-ratings replaced, or brought."""
    return (
        f"SELECT r.order_id, r.{row} AS row, r.beneficiary_id AS beneficiary, r.{amount} AS amount FROM commission_rerated_row r "
        "JOIN commission_rerating_post p ON p.tenant_id = r.tenant_id AND p.preview_id = r.preview_id AND p.order_id = r.order_id "
        f"WHERE r.tenant_id = %s AND r.{row} > 0"
    )


def _rewards() -> list[Finding]:
    """The invariants between closed periods, their runs, their rewards and the ledger."""
    tenant = current_tenant()
    return [
        finding(
            "rewards = what the ledger moved",
            "SELECT coalesce(r.period_id, t.period_id) || '/' || coalesce(r.owner, t.owner) AS key, "
            "coalesce(r.amount, 0) AS expected, coalesce(t.amount, 0) AS found FROM "
            "(SELECT period_id, journal, promoter_id AS owner, sum(amount) AS amount FROM commission_reward "
            " WHERE tenant_id = %s GROUP BY 1, 2, 3) r FULL JOIN "
            "(SELECT about AS period_id, journal, owner, sum(delta) AS amount FROM "
            " (SELECT about, journal, cr_owner AS owner, amount AS delta FROM ledger_transfer "
            "   WHERE tenant_id = %s AND dr_book = 151 AND cr_book <> 101 "
            "  UNION ALL SELECT about, journal, dr_owner, -amount FROM ledger_transfer "
            f"   WHERE tenant_id = %s AND cr_book = 151 AND NOT {_NO_REWARD}) m GROUP BY 1, 2, 3) t "
            "ON t.period_id = r.period_id AND t.journal = r.journal AND t.owner = r.owner",
            [tenant, tenant, tenant, tenant],
        ),
        finding(
            "closed periods = their runs = their rewards",
            "SELECT p.id::text AS key, p.amount || ':' || coalesce(u.amount, 0) || ':' || coalesce(u.rows, 0) AS expected, "
            "coalesce(r.amount, 0) || ':' || coalesce(r.amount, 0) || ':' || coalesce(r.rows, 0) AS found FROM commission_period p "
            "LEFT JOIN (SELECT period_id, sum(amount) AS amount, sum(rows) AS rows FROM commission_period_run "
            " WHERE tenant_id = %s GROUP BY 1) u ON u.period_id = p.id "
            "LEFT JOIN (SELECT period_id, sum(amount) AS amount, count(*) AS rows FROM commission_reward "
            " WHERE tenant_id = %s GROUP BY 1) r ON r.period_id = p.id WHERE p.tenant_id = %s",
            [tenant, tenant, tenant],
        ),
    ]


def _forest() -> Finding:
    """Nobody stands above themselves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, coalesce(inviter_id, 0) FROM referral_promoter WHERE tenant_id = %s ORDER BY id",
            [current_tenant()],
        )
        table = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    ids = table[:, 0]
    try:
        grow(np.where(table[:, 1] == 0, -1, np.searchsorted(ids, table[:, 1])).astype(np.int64))
    except CycleError as error:
        return Finding("the forest has no circle", len(ids), 1, (str(ids[error.member]),))
    return Finding("the forest has no circle", len(ids), 0)


def verify_now() -> Verdict:
    """Verifies the active tenant. For one state of the database the scope must be a snapshot."""
    accounts, transfers = size()
    return Verdict(accounts, transfers, (*invariants(), *_across(), *_rewards(), _forest()))


def verify_tenant(tenant_id: int) -> Verdict:
    """Verifies a tenant in a snapshot of its own."""
    with tenant_scope(tenant_id, snapshot=True):
        return verify_now()


CHECKED = "ledger.checked"
"""The audit's name for a verification that is kept."""
KEPT_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Checked:
    """A verification that was kept: when, by whom, how long it took, what it found, and what the books held."""

    at: datetime
    actor: str
    milliseconds: int
    findings: tuple[Finding, ...]
    books: tuple[BookTotal, ...]

    @property
    def differences(self) -> int:
        """How many differences there are over all invariants."""
        return sum(found.differences for found in self.findings)


def check_books(*, by: Actor, now: datetime) -> Verdict:
    """Verifies the active tenant and keeps what was found in the audit. The scope should be a snapshot."""
    started = time.perf_counter()
    verdict = verify_now()
    _keep(verdict, by, now, round((time.perf_counter() - started) * 1000))
    return verdict


def _keep(verdict: Verdict, by: Actor, now: datetime, milliseconds: int) -> None:
    findings = [[found.name, found.examined, found.differences, list(found.examples)] for found in verdict.findings]
    books = [[int(total.book), total.accounts, total.amount] for total in book_totals()]
    subject = f"{verdict.differences} differences"
    record(CHECKED, subject=subject, by=by, now=now, milliseconds=milliseconds, findings=findings, books=books)


def last_check(*, now: datetime) -> Checked | None:
    """The last verification that was kept in these 30 days."""
    entry = latest(CHECKED, since=now - timedelta(days=30))
    if entry is None:
        return None
    return Checked(
        entry.at,
        entry.actor,
        entry.details["milliseconds"],
        tuple(
            Finding(name, examined, wrong, tuple(examples))
            for name, examined, wrong, examples in entry.details["findings"]
        ),
        tuple(BookTotal(Book(book), accounts, amount) for book, accounts, amount in entry.details["books"]),
    )


def check_tenant(now: datetime) -> int:
    """The clock's verification of the active tenant: logs every invariant that does not hold. How many differences.

    What was found is kept when something differs, and otherwise once an hour.
    """
    started = time.perf_counter()
    verdict = verify_now()
    if verdict.differences or latest(CHECKED, since=now - KEPT_EVERY) is None:
        _keep(verdict, WORKER, now, round((time.perf_counter() - started) * 1000))
    for found in verdict.findings:
        if found.differences:
            log.error(
                "an invariant does not hold",
                invariant=found.name,
                differences=found.differences,
                examples=found.examples,
            )
    return verdict.differences
