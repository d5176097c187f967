"""Re-rating: after it everybody has what a fresh rating gives, the books agree, and a second time changes nothing.

The expectation comes from the slow reference, order by order in the true sequence; the life before it is random.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError, connection

from rongshu.domain.commission.release.actions import release_due
from rongshu.domain.commission.rerating import posting
from rongshu.domain.commission.rerating.actions import (
    approve_rerating,
    ask_rerating,
    preview_again,
    preview_next,
    reject_rerating,
)
from rongshu.domain.commission.rerating.corrections import correct_promoters
from rongshu.domain.commission.rerating.models import POSTED, PREPARING, PREVIEWED, REJECTED, Rerating
from rongshu.domain.commission.rerating.posting import post_next
from rongshu.domain.commission.rerating.queries import (
    all_differences,
    changes_of,
    gains_by_cause,
    gains_by_promoter,
    order_differences,
    posted_for,
    rerating,
    row_differences,
)
from rongshu.domain.insight.figures.models import DayFigures
from rongshu.domain.referral.promoters.actions import change_inviter
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.domain.referral.standings.models import Sales
from rongshu.flows.intake.accept import accept_orders, accept_refunds
from rongshu.flows.intake.shapes import ORDERS, REFUNDS
from rongshu.flows.intake.work import work_off
from rongshu.flows.rerating import post_reratings
from rongshu.flows.table import EVENTS, deliver_all
from rongshu.flows.verify import verify_now, verify_tenant
from rongshu.kernel.actor import Actor
from rongshu.kernel.errors import Refusal
from rongshu.kernel.outbox.actions import deliver
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger import actions as ledger
from rongshu.ledger.queries import standings_of
from tests.factories import TESTER
from tests.ledger.flow import LONG_AGO, PLAIN, PLANS, START, WITHDRAWALS, FlowTrial, Rater, full_plan
from tests.races.threads import give_connection_back, together
from tests.reference.generators import RandomDice

ANN, BEN = Actor("login", "ann"), Actor("login", "ben")
BEGIN = START - timedelta(days=60)
STEPS = [step for step in FlowTrial.STEPS if step != "publish"]


def refused(work: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as told:
        work()
    return told.value.code


def asked(trial: FlowTrial, number: int | None = None, *, since: datetime = BEGIN) -> Rerating:
    """Asked for and previewed."""
    found = ask_rerating(
        since=since, until=trial.now + timedelta(days=1), number=number, reason="wrong", by=ANN, now=trial.now
    )
    assert preview_next(now=trial.now) == 1
    return rerating(found.id)


def approved(trial: FlowTrial, found: Rerating) -> None:
    approve_rerating(rerating_id=found.id, preview_id=found.preview_id, by=BEN, now=trial.now)


def post(trial: FlowTrial) -> int:
    return post_reratings(now=trial.now, deliver=lambda: deliver(EVENTS, now=trial.now))


def post_all(trial: FlowTrial) -> None:
    while post(trial):
        pass
    while deliver(EVENTS, now=trial.now):
        pass


def sums(trial: FlowTrial) -> dict[str, int]:
    """What everybody has from all orders, net of refunds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT beneficiary_id, sum(amount - reversed) FROM commission_commission WHERE tenant_id = %s AND state < 2 GROUP BY 1",
            [trial.tenant],
        )
        return {trial.names[who]: int(amount) for who, amount in cursor.fetchall() if amount}


def fresh(trial: FlowTrial, plan: dict[str, Any]) -> dict[str, int]:
    """What everybody would have, had all orders come in the sequence they were paid in, under this plan."""
    rater = Rater(trial.rater.promoters, [(LONG_AGO, full_plan(plan))])
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.external_id, o.promoter_id, (SELECT jsonb_object_agg(l.line_no, l.refunded) FROM commerce_line l "
            "WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id) FROM commerce_order o WHERE o.tenant_id = %s ORDER BY o.paid_at, o.id",
            [trial.tenant],
        )
        for name, promoter, text in cursor.fetchall():
            refunded = json.loads(text)
            for row in rater.rate(trial.bodies[name], trial.names[promoter] if promoter else ""):
                paid = row.line.paid
                taken = min(refunded[str(row.line.number)], paid)
                back = (2 * row.amount * taken + paid) // (2 * paid) if paid else 0
                found[row.beneficiary] = found.get(row.beneficiary, 0) + row.amount - back
    return {who: amount for who, amount in found.items() if amount}


def sales(trial: FlowTrial) -> tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]]:
    """Own sales as they are kept, and as the orders say."""
    kept = {
        trial.names[row.promoter_id]: (row.orders, row.sales) for row in Sales.objects.all() if row.orders or row.sales
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.promoter_id, count(*), sum(o.paid - (SELECT sum(least(l.refunded, l.paid)) FROM commerce_line l "
            "WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id)) FROM commerce_order o "
            "WHERE o.tenant_id = %s AND o.promoter_id IS NOT NULL GROUP BY 1",
            [trial.tenant],
        )
        return kept, {trial.names[who]: (count, int(paid)) for who, count, paid in cursor.fetchall()}


def sound() -> None:
    wrong = [(found.name, found.examples) for found in verify_now().findings if found.differences]
    # these lives reserve in the ledger itself, without a request of the room of withdrawals
    assert not [one for one in wrong if one[0] not in WITHDRAWALS]


def figures_hold(trial: FlowTrial) -> None:
    days = list(DayFigures.objects.all())
    net = sum(day.accrued - day.reversed for day in days)
    assert net == sum(sums(trial).values())


def corrections(trial: FlowTrial, dice: RandomDice) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM commerce_order WHERE tenant_id = %s ORDER BY id", [trial.tenant])
        orders = [row[0] for row in cursor.fetchall()]
    people = [*(trial.members[name] for name in ("p0", "p2", "p3", "p4")), None]
    wanted = {order: people[dice.between(0, len(people) - 1)] for order in orders if dice.between(0, 2) == 0}
    if wanted:
        correct_promoters(orders=wanted, reason="named wrongly", by=ANN, now=trial.now)


@pytest.mark.parametrize("seed", range(24))
def test_everybody_has_what_a_fresh_rating_gives(seed: int) -> None:
    a_life(seed)


SPOILT: dict[str, Callable[..., Any]] = {
    "_count_usage": lambda *_: None,
    "_replace": lambda *_: None,
    "_release": lambda *_: None,
    "_store_ratings": lambda *_: None,
    "move_credits": lambda **_: None,
    "reversal_due": lambda amount, _paid, _refunded: np.zeros_like(amount),
}
"""A step of posting, left out or done wrong."""


@pytest.mark.parametrize("step", SPOILT)
def test_a_posting_that_forgets_a_step_is_found_out(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, step, SPOILT[step])
    with pytest.raises((AssertionError, IntegrityError)):
        for seed in range(24):
            a_life(seed)


def a_life(seed: int) -> None:
    """A random life, its re-rating, and some more of it."""
    dice = RandomDice(seed)
    was, becomes = PLANS[seed % len(PLANS)], PLANS[(seed // 2 + 1) % len(PLANS)]
    with FlowTrial(was) as trial:
        for _ in range(35):
            getattr(trial, STEPS[dice.between(0, len(STEPS) - 1)])(dice)
        trial.work_off(1_000_000)
        trial.now += timedelta(hours=1)
        trial.publish_version(full_plan(becomes), trial.now)
        corrections(trial, dice)
        before = sums(trial)
        found = asked(trial, 2)
        assert sums(trial) == before, "a preview changes nothing"
        if found.changed:
            told = {trial.names[who]: gain for who, gain, _ in gains_by_promoter(found.preview_id) if gain}
            approved(trial, found)
            post_all(trial)
            now_has = sums(trial)
            people = {*before, *now_has}
            moved = {who: now_has.get(who, 0) - before.get(who, 0) for who in people}
            assert {who: gain for who, gain in moved.items() if gain} == told, "the preview said exactly what came"
            assert (found.gains, -found.losses) == (
                sum(gain for gain in told.values() if gain > 0),
                sum(gain for gain in told.values() if gain < 0),
            )
            assert sum(gain for _, _, gain in gains_by_cause(found.preview_id)) == sum(told.values())
            assert rerating(found.id).state == POSTED
        while deliver(EVENTS, now=trial.now):
            pass
        assert sums(trial) == fresh(trial, becomes)
        sound()
        figures_hold(trial)
        kept, expected = sales(trial)
        assert kept == expected
        again = asked(trial, 2)
        assert (again.changed, again.rows) == (0, 0), "repeating it changes nothing"
        assert asked(trial).changed == 0, "nor does rating each order by the version that rates it now"
        live_on(trial, dice, becomes)


def live_on(trial: FlowTrial, dice: RandomDice, plan: dict[str, Any]) -> None:
    """Refunds and releases go on with the new rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.external_id, l.line_no, l.paid FROM commerce_order o JOIN commerce_line l ON l.tenant_id = o.tenant_id "
            "AND l.order_id = o.id WHERE o.tenant_id = %s AND l.paid > 0 ORDER BY 1, 2",
            [trial.tenant],
        )
        lines = cursor.fetchall()
    bodies = [
        {
            "id": f"late-{number}",
            "order": order,
            "refunded_at": trial.now.isoformat(),
            "lines": [{"line_no": line, "amount": f"{max(1, paid // dice.between(1, 4)) / 100:.2f}"}],
        }
        for number, (order, line, paid) in enumerate(lines)
        if dice.between(0, 1)
    ]
    if bodies:
        accept_refunds(refunds=REFUNDS.validate_python(bodies), tenant=trial.house, by=TESTER, now=trial.now)
        work_off(trial.tenant, now=trial.now)
    while release_due(now=trial.now + timedelta(days=30)):
        pass
    assert sums(trial) == fresh(trial, plan)
    sound()


# ---- real transactions: a week of orders, people at the same moment, ends in the middle

RAISED: dict[str, Any] = {**PLAIN, "name": "raised", "levels": {1: {"rate": "20%"}, 2: {"rate": "5%"}}, "caps": {}}


def a_week(plan: dict[str, Any] = PLAIN, *, orders: int = 6) -> FlowTrial:
    """Orders of 100.00 credited to p3 (p2 above), rated by `plan`; version 2 is RAISED and in force since."""
    with FlowTrial({**plan, "caps": {}}, keep=True) as trial:
        trial.now = START
        bodies = [
            {
                "id": f"w{number}",
                "paid_at": (START - timedelta(days=20, hours=-number)).isoformat(),
                "buyer": "b0" if number % 2 else "b1",
                "promoter": "p3",
                "lines": [{"sku": "A", "paid": "100.00"}],
                **({"completed_at": (START - timedelta(days=19)).isoformat()} if number < 2 else {}),
            }
            for number in range(orders)
        ]
        trial.bodies |= {str(body["id"]): body for body in bodies}
        accept_orders(orders=ORDERS.validate_python(bodies), tenant=trial.house, by=TESTER, now=START)
        work_off(trial.tenant, now=START)
        trial.publish_version(full_plan(RAISED), START)
        return trial


def in_scope(trial: FlowTrial, work: Callable[[], Any], *, snapshot: bool = False) -> Any:
    give_connection_back()
    with tenant_scope(trial.tenant, snapshot=snapshot):
        return work()


def ready(trial: FlowTrial) -> Rerating:
    """Asked for, previewed."""
    found: Rerating = in_scope(trial, lambda: asked(trial, 2))
    return found


def refund(trial: FlowTrial, order: str, amount: str) -> None:
    body = [
        {"id": f"r-{order}-{amount}", "order": order, "refunded_at": START, "lines": [{"line_no": 1, "amount": amount}]}
    ]
    in_scope(
        trial,
        lambda: accept_refunds(refunds=REFUNDS.validate_python(body), tenant=trial.house, by=TESTER, now=START),
    )
    work_off(trial.tenant, now=START)


def ends_well(trial: FlowTrial) -> None:
    deliver_all(now=trial.now)
    assert [found.name for found in verify_tenant(trial.tenant).findings if found.differences] == []
    with tenant_scope(trial.tenant):
        assert sums(trial) == fresh(trial, RAISED)
        figures_hold(trial)
        assert asked(trial, 2).changed == 0


def test_of_two_who_approve_at_once_one_does() -> None:
    trial = a_week()
    found = ready(trial)
    answers = together(*[lambda: in_scope(trial, lambda: approved(trial, found)) for _ in range(3)])
    assert sorted("" if one is None else one.code for one in answers) == ["", "rerating_decided", "rerating_decided"]
    workers = together(
        *[lambda: [in_scope(trial, lambda: post_next(now=START, limit=2)) for _ in range(5)] for _ in range(3)]
    )
    assert sum(sum(one) for one in workers) == 6
    ends_well(trial)


def test_its_author_never_approves_it_and_nothing_is_decided_twice() -> None:
    trial = a_week()
    found = ready(trial)
    with tenant_scope(trial.tenant):
        about: dict[str, Any] = {"rerating_id": found.id, "preview_id": found.preview_id, "now": START}
        assert refused(lambda: approve_rerating(**about, by=ANN)) == "own_rerating"
        assert refused(lambda: approve_rerating(**{**about, "preview_id": 1}, by=BEN)) == "preview_replaced"
        assert refused(lambda: reject_rerating(rerating_id=found.id, reason=" ", by=BEN, now=START)) == "no_reason"
        assert preview_again(rerating_id=found.id, by=BEN, now=START).state == PREPARING
        assert refused(lambda: approve_rerating(**about, by=BEN)) == "preview_replaced"
        assert preview_next(now=START) == 1
        newer = rerating(found.id)
        assert newer.state == PREVIEWED and newer.preview_id != found.preview_id
        assert reject_rerating(rerating_id=found.id, reason="not now", by=ANN, now=START).state == REJECTED
        about["preview_id"] = newer.preview_id
        assert refused(lambda: approve_rerating(**about, by=BEN)) == "rerating_decided"
        assert post(trial) == 0


def test_an_end_in_the_middle_and_a_refund_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = a_week()
    refund(trial, "w0", "40.00")
    found = ready(trial)
    refund(trial, "w1", "10.00")  # between the preview and the approval: carried over
    in_scope(trial, lambda: approved(trial, found))
    assert in_scope(trial, lambda: post_next(now=START, limit=2)) == 2
    with monkeypatch.context() as patched:
        patched.setattr(posting, "_announce", _end)
        with pytest.raises(KeyboardInterrupt):
            in_scope(trial, lambda: post_next(now=START, limit=2))
    refund(trial, "w0", "60.00")
    refund(trial, "w5", "33.33")
    assert in_scope(trial, lambda: rerating(found.id).posted) == 2
    while in_scope(trial, lambda: post_next(now=START, limit=2)):
        pass
    with tenant_scope(trial.tenant):
        done = rerating(found.id)
        assert (done.state, done.posted, done.posted_at) == (POSTED, 6, START)
    ends_well(trial)


def _end(*_: Any) -> None:
    raise KeyboardInterrupt


def test_what_left_already_becomes_a_debt_and_is_settled_first() -> None:
    """What was released and paid out and is less now is owed; names of rows and people are told."""
    trial = a_week(RAISED)
    with tenant_scope(trial.tenant):
        trial.publish_version(full_plan({**PLAIN, "caps": {}}), START + timedelta(seconds=1))
        while release_due(now=START):
            pass
        owner = trial.members["p3"]
        assert ledger.reserve(ref="w", owner=owner, amount=4000, now=START)
        assert ledger.pay_reserved(ref="w", owner=owner, amount=4000, tax=0, now=START)
        trial.now = START + timedelta(seconds=2)
        found = asked(trial, 3)
        approved(trial, found)
        post_all(trial)
        standing = standings_of([owner])[owner]
        assert (standing.available, standing.debt) == (0, -2000)
        assert sums(trial) == {"p3": 6000, "p2": 1800}
        sound()
        order = order_differences(found.preview_id)[0]
        (told,) = posted_for(order.order_id)
        assert (told.reason, told.asked_by, told.approved_by, told.cause) == ("wrong", str(ANN), str(BEN), "plan")
        assert {(row.old_amount, row.new_amount) for row in told.rows} == {(2000, 1000), (500, 300)}
        assert len(changes_of(owner)) == 6 and changes_of(owner)[0].old_amount == 2000
        assert len(all_differences(found.preview_id)) == 12
        assert len(row_differences(found.preview_id, [order.order_id])) == 2


@pytest.mark.parametrize("change", ["order", "correction", "posting"])
def test_what_stands_otherwise_is_never_posted(change: str) -> None:
    trial = a_week()
    found = ready(trial)
    if change == "order":
        body = [
            {
                "id": "late",
                "paid_at": (START - timedelta(days=19)).isoformat(),
                "promoter": "p3",
                "lines": [{"sku": "A", "paid": "1.00"}],
            }
        ]
        trial.bodies["late"] = body[0]
        in_scope(
            trial, lambda: accept_orders(orders=ORDERS.validate_python(body), tenant=trial.house, by=TESTER, now=START)
        )
        work_off(trial.tenant, now=START)
    with tenant_scope(trial.tenant):
        before = sums(trial)
        order = order_differences(found.preview_id)[0].order_id
        if change == "correction":
            correct_promoters(orders={order: trial.members["p2"]}, reason="his", by=ANN, now=START)
        if change == "posting":
            other = ask_rerating(since=BEGIN, until=START, number=2, reason="the same", by=BEN, now=START)
            assert preview_next(now=START)
            about = rerating(other.id)
            approve_rerating(rerating_id=about.id, preview_id=about.preview_id, by=ANN, now=START)
            assert refused(lambda: approved(trial, found)) == "rerating_posting"
            post_all(trial)
            before = sums(trial)
        approved(trial, found)
        stale = rerating(found.id)
        assert (stale.state, stale.stale) == (PREPARING, True)
        assert post(trial) == 0 and sums(trial) == before
        assert preview_next(now=START) == 1 and not rerating(found.id).stale
        if change == "posting":
            assert refused(lambda: approved(trial, rerating(found.id))) == "nothing_to_post"
        else:
            approved(trial, rerating(found.id))
            post_all(trial)
    ends_well(trial)


def test_the_chain_is_the_one_that_stood_when_it_was_paid() -> None:
    trial = a_week()
    with tenant_scope(trial.tenant):
        change_inviter(
            promoter_id=trial.members["p3"], inviter_id=trial.members["p4"], reason="moved", by=ANN, now=START
        )
        assert asked(trial).changed == 0, "moving somebody later changes no past order"
        found = asked(trial, 2)
        approved(trial, found)
        post_all(trial)
        assert sums(trial) == {"p3": 12000, "p2": 3000}
        sound()


def test_an_order_that_no_version_rated_is_rated_by_the_one_that_is_chosen() -> None:
    with FlowTrial({**PLAIN, "caps": {}}) as trial:
        Promoter.objects.update(active_from=LONG_AGO - timedelta(days=9))
        body = [{"id": "early", "paid_at": (LONG_AGO - timedelta(days=1)).isoformat(), "promoter": "p3",
                 "completed_at": LONG_AGO.isoformat(), "lines": [{"sku": "A", "paid": "100.00"}]}]  # fmt: skip
        accept_orders(orders=ORDERS.validate_python(body), tenant=trial.house, by=TESTER, now=START)
        work_off(trial.tenant, now=START)
        assert sums(trial) == {}
        since = LONG_AGO - timedelta(days=2)
        found = ask_rerating(since=since, until=LONG_AGO, number=1, reason="before the plan", by=ANN, now=START)
        assert preview_next(now=START) == 1
        approved(trial, rerating(found.id))
        post_all(trial)
        assert sums(trial) == {"p3": 1000, "p2": 300}
        assert release_due(now=START) == 1, "it has a date to be released on"
        sound()
