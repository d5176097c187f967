"""The state tests notice mistakes: each of these, planted in the code or in the database, must make a short run fail."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, NamedTuple

import psycopg
import pytest
from django.db import IntegrityError

from rongshu.domain.commerce.orders import actions as orders
from rongshu.domain.commerce.orders import queries as order_queries
from rongshu.domain.commission.rating import actions as rating
from rongshu.domain.commission.rating import caps
from rongshu.domain.commission.release import actions as releases
from rongshu.engine.rating import refunds as engine_refunds
from rongshu.engine.rating import releases as engine_releases
from rongshu.flows.intake import accept, work
from rongshu.kernel.errors import Refusal
from rongshu.ledger import actions, books
from tests.ledger.bending import bent, bent_database
from tests.ledger.flow import run_flow
from tests.ledger.trial import DifferenceError, run_ledger

CAUGHT = (DifferenceError, IntegrityError, psycopg.Error, Refusal)
"""A difference, or a constraint of the database. Anything else would be a mistake of the mistake's own."""

LEDGER_SEEDS, LEDGER_STEPS = 8, 50
FLOW_SEEDS, FLOW_STEPS = 8, 50


def short_ledger_run() -> None:
    for seed in range(1000, 1000 + LEDGER_SEEDS):
        run_ledger(seed, LEDGER_STEPS)


def short_flow_run() -> None:
    for seed in range(1000, 1000 + FLOW_SEEDS):
        run_flow(seed, FLOW_STEPS)


class Mistake(NamedTuple):
    name: str
    planted: Callable[[], AbstractContextManager[None]]
    run: Callable[[], None]


def in_ledger(name: str, function: Callable[..., Any], *changes: tuple[str, str]) -> Mistake:
    return Mistake(name, partial(bent, function, *changes), short_ledger_run)


def in_database(
    name: str, *changes: tuple[str, str], function: str = "ledger_move_balances", statement: str = ""
) -> Mistake:
    return Mistake(
        name, partial(bent_database, function if changes else "", *changes, statement=statement), short_ledger_run
    )


def in_flow(name: str, function: Callable[..., Any], *changes: tuple[str, str]) -> Mistake:
    return Mistake(name, partial(bent, function, *changes), short_flow_run)


FROM_AVAILABLE = "np.minimum(upto, available[group]) - np.minimum(upto - amount, available[group])"
SWEEPS = "return sweep_debts(journal=journal, owners=owners, now=now, line=line + size)"

MISTAKES = (
    # ---- keys
    in_ledger(
        "a key's content is not compared", actions.claim, ("same[i] = content[i] == hashes[i]", "same[i] = True")
    ),
    in_ledger("a duplicate counts as new", actions.claim, ("np.isin(ids, won) if", "np.ones(len(ids), dtype=bool) if")),
    in_ledger("contents are not sorted with their keys", actions.claim, ("[hashes[i] for i in order]", "list(hashes)")),
    in_ledger("ids are not sorted with their keys", actions.claim, ("bulk.int8s(ids[order])", "bulk.int8s(ids)")),
    in_ledger(
        "a duplicate answers with a new id", actions.claim, ("held[i], content[i] = known", "_, content[i] = known")
    ),
    in_ledger("one key for any amount of a withdrawal", actions.reserve, ('f"{owner} {amount}"', 'f"{owner}"')),
    in_ledger("a withdrawal paid and given back", actions.give_back_all, ('claim("withdrawal"', 'claim("give_back"')),
    # ---- posting
    in_ledger("the smallest amount is not posted", actions.post, ("transfers.amount != 0", "transfers.amount > 1")),
    in_ledger("the house is spread over members", books.house_slot, ("-(identifier % SLOTS)", "identifier % SLOTS")),
    in_ledger(
        "the expense is kept in another unit", actions.accrue, ("(house, Book.EXPENSE)", "(house, Book.EXPENSE + 100)")
    ),
    in_ledger("commission is credited as available", actions.accrue, ("Book.PENDING", "Book.AVAILABLE")),
    in_ledger(
        "transfers name the wrong order", actions.accrue, ("amounts, orders, rows", "amounts, orders[::-1], rows")
    ),
    # ---- release
    in_ledger(
        "debts are settled before the release",
        actions.release,
        ("    post(", "    later = lambda: post("),
        (SWEEPS, SWEEPS.replace("return", "end =") + "\n    later()\n    return end"),
    ),
    in_ledger("debts are not settled at a release", actions.release, (SWEEPS, "return line + size")),
    in_ledger(
        "debts are settled twice",
        actions.sweep_debts,
        ("np.minimum(available, -debt)", "np.minimum(available, -2 * debt)"),
    ),
    in_ledger("debts are settled beyond what is there", actions.sweep_debts, ("np.minimum(available, -debt)", "-debt")),
    in_ledger(
        "one unit of a debt is forgiven",
        actions.sweep_debts,
        ("np.minimum(available, -debt)", "np.minimum(available, -debt - 1)"),
    ),
    in_ledger(
        "released to somebody else", actions.release, ("(owners, Book.AVAILABLE)", "(np.sort(owners), Book.AVAILABLE)")
    ),
    in_ledger(
        "balances read for somebody else",
        actions.hold,
        ("for owner in owners.tolist()", "for owner in sorted(owners.tolist())"),
    ),
    in_ledger(
        "books read in another sequence",
        actions.hold,
        ("for book in books]\n", "for book in sorted(books, reverse=True)]\n"),
    ),
    # ---- reversal
    in_ledger("a reversal ignores the floor", actions.reverse, (FROM_AVAILABLE, "amount")),
    in_ledger("a reversal ignores what is available", actions.reverse, (FROM_AVAILABLE, "amount * 0")),
    in_ledger(
        "a reversal takes each row from the whole balance",
        actions.reverse,
        ("upto = running - before_group[group]", "upto = amount"),
    ),
    in_ledger("a reversal mixes owners", actions.reverse, ("upto = running - before_group[group]", "upto = running")),
    in_ledger(
        "a reversal serves the last row first",
        actions.reverse,
        ('np.argsort(owners[spent], kind="stable")', "np.lexsort((-spent, owners[spent]))"),
    ),
    in_ledger(
        "what a debt adds is forgotten", actions.reverse, ("amount - from_available", "(amount - from_available) * 0")
    ),
    in_ledger(
        "a reversal of what was released hits pending",
        actions.reverse,
        ("house = house_slot", "pending = pending | True\n    house = house_slot"),
    ),
    in_ledger(
        "a reversal of what is pending hits available",
        actions.reverse,
        ("house = house_slot", "pending = pending & False\n    house = house_slot"),
    ),
    # ---- withdrawals
    in_ledger("tax is paid out as well", actions.pay_all, ("amounts - taxes - fees", "amounts - fees")),
    in_ledger(
        "tax is posted twice",
        actions.pay_all,
        ("(3, Book.FEE, fees))", "(3, Book.TAX, taxes))"),
    ),
    in_ledger("tax stays reserved", actions.pay_all, ("(2, Book.TAX, taxes)", "(2, Book.TAX, taxes * 0)")),
    in_ledger(
        "debts are not settled when a withdrawal comes back",
        actions.give_back_all,
        ("        _settle_debts(", "        0 and _settle_debts("),
    ),
    in_ledger("a withdrawal takes from pending", actions.reserve, ("Book.AVAILABLE", "Book.PENDING")),
    # ---- the database
    in_database("debits are added", ("-amount FROM posted", "amount FROM posted")),
    in_database(
        "debits are left out",
        (
            "UNION ALL\n                    SELECT tenant_id, dr_owner, dr_book, -amount FROM posted WHERE dr_book % 100 <> 1",
            "",
        ),
    ),
    in_database("equal transfers count once", ("UNION ALL", "UNION")),
    in_database("a balance is replaced instead of moved", ("SET amount = b.amount + m.delta", "SET amount = m.delta")),
    in_database(
        "a new balance begins at 0",
        ("SELECT m.tenant_id, m.owner, m.book, m.delta\n", "SELECT m.tenant_id, m.owner, m.book, 0\n"),
    ),
    in_database(
        "the house's balances are not kept", ("ORDER BY 1, 2, 3) m;", "HAVING s.owner > 0 ORDER BY 1, 2, 3) m;")
    ),
    in_database("balances have no floor", statement="ALTER TABLE ledger_balance DROP CONSTRAINT balance_floor"),
    in_database(
        "balances are not held to their tenant's books",
        ("b.book = ANY (books)", "b.book = ANY (ARRAY[102]::smallint[])"),
        function="ledger_hold",
    ),
    # ---- refunds of orders
    in_flow(
        "each refund is rounded by itself",
        releases._reverse,
        (
            "reversal_due(amount, paid[entry], after[entry]) - reversal_due(amount, paid[entry], before[entry])",
            "reversal_due(amount, paid[entry], lines.amount[entry])",
        ),
    ),
    in_flow(
        "a refund reverses the total again",
        releases._reverse,
        (" - reversal_due(amount, paid[entry], before[entry])", ""),
    ),
    in_flow(
        "more than was paid can be refunded", engine_refunds.reversal_due, ("np.minimum(refunded, whole)", "refunded")
    ),
    in_flow(
        "reversals are rounded down",
        engine_refunds.reversal_due,
        (
            "round_half_up_ratio(amount, np.minimum(refunded, whole), whole)",
            "amount * np.minimum(refunded, whole) // whole",
        ),
    ),
    in_flow(
        "refunds of one batch do not add up",
        releases._running,
        ("totals.get(which, known[order, line_no][1])", "known[order, line_no][1]"),
    ),
    in_flow(
        "a refunded line hits the whole order",
        releases.refund_lines,
        (
            'USING (order_id, line_no) "\n            "WHERE c.tenant_id',
            'ON u.order_id = c.order_id "\n            "WHERE c.tenant_id',
        ),
        ("SELECT c.order_id, c.row, c.line_no,", "SELECT c.order_id, c.row, u.line_no,"),
    ),
    in_flow("what was refunded is not noted", orders.store_refunds, ("l.refunded + r.amount", "l.refunded")),
    in_flow(
        "what was reversed is not noted",
        releases._reverse,
        ("reversed = c.reversed + u.taken", "reversed = c.reversed"),
    ),
    in_flow(
        "a refund of released commission hits pending",
        releases._reverse,
        ("commissions[row, 6] == PENDING", "commissions[row, 6] >= 0"),
    ),
    in_flow(
        "a cancelled order keeps its commissions", order_queries.open_lines, ("paid > refunded", "paid < refunded")
    ),
    in_flow("a cancelled order gives back the whole again", order_queries.open_lines, ("paid - refunded", "paid")),
    in_flow(
        "a parked refund is lost",
        work._rate,
        ("for kind, entry in woken if kind == inbox.REFUNDS", "for kind, entry in [] if kind == inbox.REFUNDS"),
    ),
    in_flow(
        "a parked entry is lost",
        work._rate,
        ("inbox.wake(order_refs=batch.refs())", "inbox.wake(order_refs=batch.refs())[:0]"),
    ),
    in_flow(
        "a parked entry is worked off twice",
        work._rate,
        ("inbox.wake(order_refs=batch.refs())", "inbox.wake(order_refs=batch.refs()) * 2"),
    ),
    in_flow("a refund counts twice", releases._running, ("before[i] + amount", "before[i] + 2 * amount")),
    # ---- release of orders
    in_flow(
        "rows are released again",
        releases.release_due,
        ("AND released_at IS NULL", ""),
        ("AND state = %s RETURNING", "AND (state = %s OR true) RETURNING"),
        (
            "ORDER BY due_at, order_id LIMIT %s",
            "AND (released_at IS NULL OR released_at < %s::timestamptz - interval '1 hour') ORDER BY due_at, order_id LIMIT %s",
        ),
        ("[now, tenant, now, limit, tenant]", "[now, tenant, now, now, limit, tenant]"),
    ),
    in_flow(
        "the release does not look at a row's state",
        releases.release_due,
        ("AND state = %s RETURNING", "AND (state = %s OR true) RETURNING"),
    ),
    in_flow("refunded commission is released", releases.release_due, ("amount - reversed AS rest", "amount AS rest")),
    in_flow(
        "the release is not limited to what is due",
        releases.release_due,
        ("due_at <= %s", "(due_at <= %s OR due_at IS NOT NULL)"),
    ),
    in_flow(
        "due without completion",
        engine_releases.due_at,
        ("(completed_at == FOREVER) | ", ""),
        ("return np.maximum(due, completed_at)", "return due"),
        ('paid_at if release.after == "paid" else completed_at', "paid_at"),
    ),
    in_flow(
        "due from the payment",
        engine_releases.due_at,
        ('paid_at if release.after == "paid" else completed_at', "paid_at"),
    ),
    in_flow("due at once", engine_releases.due_at, ("release.days * DAY", "0 * DAY")),
    in_flow(
        "released at once, and pending still",
        rating._store_commissions,
        ("np.where(instant, RELEASED, PENDING)", "np.where(instant, PENDING, PENDING)"),
    ),
    in_flow("released at once, and nobody gets it", rating._store_commissions, ("if instant.any():", "if False:")),
    in_flow(
        "the completion is forgotten",
        work._settle,
        ("orders=news, completed_at=", "orders=news[:0], completed_at="),
    ),
    in_flow("a later status replaces the first", orders.mark_completed, ("AND o.completed_at IS NULL AND", "AND")),
    # ---- rating
    in_flow(
        "commission is posted before the caps",
        rating._store_commissions,
        (
            "accrue(orders=orders, rows=row, owners=owners, amounts=amounts",
            "accrue(orders=orders, rows=row, owners=owners, amounts=joined['before_caps']",
        ),
    ),
    in_flow("caps do not add up", caps.count_usage, ("k.used + EXCLUDED.used", "k.used")),
    in_flow(
        "caps know nothing of the time before",
        caps._usage,
        ("coalesce((SELECT sum(c.amount)", "0 * coalesce((SELECT sum(c.amount)"),
    ),
    in_flow("every order is the first", rating._first_orders, ("full(len(batch), REPEAT", "full(len(batch), FIRST")),
    in_flow(
        "the later of two orders in a batch is the first",
        rating.rate_orders,
        ("np.lexsort((batch.id, batch.paid_at))", "np.lexsort((-batch.id, -batch.paid_at))"),
    ),
    in_flow(
        "rated by the latest version",
        rating.rate_orders,
        (
            "which = published.in_force(batch.paid_at)",
            "which = published.in_force(batch.paid_at * 0 + batch.paid_at.max() + 10**15)",
        ),
    ),
    in_flow(
        "rows belong to the order before",
        rating._rate_version,
        ("order=members[rows.order],", "order=members[np.maximum(rows.order - 1, 0)],"),
    ),
    # ---- intake
    in_flow("a changed order is accepted", accept._claim, ("        if fresh:", "        if fresh or not same:")),
    in_flow("orders are accepted again", accept._claim, ("        if fresh:", "        if fresh or same:")),
    in_flow(
        "one order of each call is lost",
        accept.accept_orders,
        ("pack(_columns(part,", "pack(_columns(part[:-1] or part,"),
    ),
)


@pytest.mark.parametrize("run", [short_ledger_run, short_flow_run], ids=["ledger", "flow"])
def test_without_a_mistake_nothing_is_found(run: Callable[[], None]) -> None:
    run()


def test_without_a_mistake_the_thrown_away_database_is_the_same() -> None:
    with bent_database(""):
        short_ledger_run()


@pytest.mark.parametrize("mistake", MISTAKES, ids=[mistake.name for mistake in MISTAKES])
def test_a_mistake_is_noticed(mistake: Mistake) -> None:
    with mistake.planted(), pytest.raises(CAUGHT):
        mistake.run()
