"""Re-rating: after it everybody has what a fresh rating gives, the books agree, and a second time changes nothing.

The expectation comes from the slow reference, order by order in the true sequence; the life before it is random.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

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
from rongshu.domain.commission.rerating.models import POSTED, POSTING, PREPARING, PREVIEWED, REJECTED, Rerating
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
from tests.factories import TESTER
from tests.ledger.flow import CAPPED, COMPRESSED, LONG_AGO, PLAIN, PLANS, START, FlowTrial, Rater, full_plan
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
    assert not wrong


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
