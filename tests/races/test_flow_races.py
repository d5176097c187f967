"""Deliveries, workers, jobs and operators at the same moment."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from rongshu.domain.commission.release import actions as releases
from rongshu.domain.referral.promoters import actions as promoters
from rongshu.flows.intake.accept import accept_orders, accept_refunds
from rongshu.flows.intake.results import Outcome
from rongshu.flows.intake.shapes import ORDERS, REFUNDS
from rongshu.flows.intake.work import work_off
from rongshu.flows.verify import verify_tenant
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger import actions
from tests.factories import TESTER
from tests.ledger.bending import bent
from tests.ledger.flow import PLAIN, START, FlowTrial, books_of
from tests.races.threads import give_connection_back, together, untroubled


def a_tenant() -> FlowTrial:
    """With the forest p3 → p2 → p1 → p0 ← p4, p1 no longer active, 10 % and 3 %."""
    with FlowTrial({"name": "uncapped", "levels": PLAIN["levels"]}, keep=True) as trial:
        return trial


def bodies(count: int, *, completed: bool = False, promoter: str = "p3") -> list[dict[str, Any]]:
    paid_at = START - timedelta(days=20)
    more = {"completed_at": (paid_at + timedelta(days=1)).isoformat()} if completed else {}
    lines = [{"sku": "A", "paid": "100.00"}, {"sku": "B", "paid": "9.99"}]
    return [
        {"id": f"o{number}", "paid_at": paid_at.isoformat(), "promoter": promoter, "lines": lines, **more}
        for number in range(count)
    ]


def deliver(trial: FlowTrial, orders: list[dict[str, Any]]) -> list[Outcome]:
    with tenant_scope(trial.tenant):
        accepted = accept_orders(orders=ORDERS.validate_python(orders), tenant=trial.house, by=TESTER, now=START)
    return [result.outcome for result in accepted.results]


def refund(trial: FlowTrial, order: str, amount: str, name: str) -> None:
    body = [{"id": name, "order": order, "refunded_at": START, "lines": [{"line_no": 1, "amount": amount}]}]
    with tenant_scope(trial.tenant):
        accept_refunds(refunds=REFUNDS.validate_python(body), tenant=trial.house, by=TESTER, now=START)


def work(trial: FlowTrial, entries: int = 5000) -> int:
    done = 0
    while count := work_off(trial.tenant, now=START, entries=entries):
        done += count
        give_connection_back()
    return done


def release(trial: FlowTrial, limit: int = 5000) -> int:
    with tenant_scope(trial.tenant):
        return releases.release_due(now=START, limit=limit)


def one(trial: FlowTrial, statement: str) -> Any:
    with tenant_scope(trial.tenant), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def balances(trial: FlowTrial) -> dict[tuple[str, int], int]:
    with tenant_scope(trial.tenant), connection.cursor() as cursor:
        cursor.execute("SELECT owner, book, amount FROM ledger_balance WHERE owner > 0 AND amount <> 0")
        return {(trial.names[owner], book): amount for owner, book, amount in cursor.fetchall()}


def hold_invariants(trial: FlowTrial) -> None:
    assert [found for found in books_of(verify_tenant(trial.tenant)) if found.differences] == []


@pytest.mark.parametrize("mistake", [False, True], ids=["", "control"])
def test_sixty_orders_from_four_clients_are_sixty(mistake: bool) -> None:
    trial = a_tenant()
    orders = bodies(60)
    calls = [orders, orders[::-1], orders[30:] + orders[:30], [*orders[::2], *orders[1::2]]]
    twice = bent(actions.claim, ("np.isin(ids, won) if", "np.ones(len(ids), dtype=bool) if"))
    with twice if mistake else nullcontext():
        outcomes = untroubled(together(*(lambda call=call: deliver(trial, call) for call in calls)))
    work(trial)
    stored = one(trial, "SELECT count(*) FROM commerce_order")
    if mistake:
        assert stored == 240
        return
    assert stored == 60
    flat = [outcome for each in outcomes for outcome in each]
    assert flat.count(Outcome.ACCEPTED) == 60
    assert flat.count(Outcome.DUPLICATE) == 180
    assert one(trial, "SELECT sum(amount) FROM commission_commission WHERE level = 1") == 60 * (1000 + 100)
    hold_invariants(trial)


def test_eight_workers_on_one_inbox() -> None:
    """Every order pays the same referrer; each is worked off once, nobody stands in another's way."""
    trial = a_tenant()
    orders = bodies(240)
    for start in range(0, 240, 5):
        deliver(trial, orders[start : start + 5])
    done = untroubled(together(*[lambda: work(trial, entries=7)] * 8))
    assert sum(done) == 240
    assert one(trial, "SELECT count(*) FROM commerce_order") == 240
    assert one(trial, "SELECT count(*) FROM commerce_inbox") == 0
    assert one(trial, "SELECT sum(amount) FROM commission_commission WHERE level = 1") == 240 * 1100
    hold_invariants(trial)


@pytest.mark.parametrize("mistake", [False, True], ids=["", "control"])
def test_overlapping_jobs_release_each_order_once(mistake: bool) -> None:
    trial = a_tenant()
    deliver(trial, bodies(80, completed=True))
    work(trial)
    careless = bent(
        releases.release_due,
        ("AND released_at IS NULL", "AND true"),
        ("AND state = %s RETURNING", "AND (state = %s OR true) RETURNING"),
    )
    with careless if mistake else nullcontext():
        counts = together(*[lambda: [release(trial, 20) for _ in range(4)]] * 3)
    if mistake:
        assert balances(trial).get(("p3", 102)) != 80 * 1100
        return
    assert sum(sum(each) for each in untroubled(counts)) == 80
    assert balances(trial) == {("p3", 102): 80 * 1100, ("p2", 102): 80 * 330}
    hold_invariants(trial)


def test_refund_and_release_of_one_order_at_the_same_moment() -> None:
    trial = a_tenant()
    orders = bodies(12, completed=True)
    for order in orders:
        deliver(trial, [order])
        work(trial)
        refund(trial, order["id"], "50.00", f"r-{order['id']}")
        untroubled(together(lambda: work(trial), lambda: release(trial), lambda: release(trial)))
    release(trial)
    assert balances(trial) == {("p3", 102): 12 * 600, ("p2", 102): 12 * 180}
    hold_invariants(trial)


def test_refund_release_and_withdrawal_at_the_same_moment() -> None:
    """However they fall, what is there and what is owed sum to the same."""
    trial = a_tenant()
    owner = trial.members["p3"]

    def withdraw(ref: str) -> bool:
        try:
            with tenant_scope(trial.tenant):
                return actions.reserve(ref=ref, owner=owner, amount=1000, now=START)
        except Refusal:
            return False

    withdrawn = 0
    for order in bodies(12, completed=True):
        deliver(trial, [order])
        work(trial)
        refund(trial, order["id"], "50.00", f"r-{order['id']}")
        results = together(lambda: work(trial), lambda: release(trial), lambda order=order: withdraw(order["id"]))
        withdrawn += untroubled(results)[2]
    found = balances(trial)
    assert found.get(("p3", 102), 0) + found.get(("p3", 104), 0) == 12 * 600 - withdrawn * 1000
    assert found.get(("p3", 103), 0) == withdrawn * 1000
    hold_invariants(trial)


@pytest.mark.parametrize("mistake", [False, True], ids=["", "control"])
def test_three_moves_at_once_close_no_circle(mistake: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A below B, B below C, C below A: the last one is refused. Without turns each looks before the others have moved."""
    trial = a_tenant()
    ring = ["r0", "r1", "r2"]
    with tenant_scope(trial.tenant):
        from rongshu.domain.members.profiles.actions import ensure_members

        members = ensure_members(external_ids=ring, now=START)
        joinings = [promoters.Joining(members[name], None, START) for name in ring]
        promoters.enrol_promoters(joinings=joinings, by=TESTER, now=START)
    if mistake:
        moved = threading.Barrier(3)
        monkeypatch.setattr(promoters, "move_forest", lambda: None)
        monkeypatch.setattr(promoters, "record", lambda *_, **__: moved.wait(10))

    def move(name: str, below: str) -> None:
        with tenant_scope(trial.tenant):
            promoters.change_inviter(
                promoter_id=members[name], inviter_id=members[below], reason="race", by=TESTER, now=START
            )

    results = together(*(lambda i=i: move(ring[i], ring[(i + 1) % 3]) for i in range(3)))
    inviters = one(trial, "SELECT count(*) FROM referral_promoter WHERE inviter_id IN (SELECT id FROM referral_promoter p "
                   f"WHERE p.id IN ({', '.join(str(members[name]) for name in ring)}))")  # fmt: skip
    if mistake:
        assert inviters == 3
        circle = [found for found in books_of(verify_tenant(trial.tenant)) if found.differences]
        assert [found.name for found in circle] == ["the forest has no circle"]
        return
    assert inviters == 2
    assert [result.code for result in results if isinstance(result, Refusal)] == ["invitation_circle"]
    hold_invariants(trial)
