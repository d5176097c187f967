"""From the delivery to the balance, against the slow reference: any order, any number of times, in any cuts."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from rongshu.domain.commission.release.actions import release_due
from rongshu.flows.intake import work
from rongshu.flows.verify import verify_now
from rongshu.kernel import bulk
from tests.ledger.flow import PLAIN, PLANS, START, FlowTrial, books_of, run_flow
from tests.ledger.test_ledger_state import hold_to
from tests.ledger.trial import demand
from tests.reference import commission
from tests.reference.generators import HypothesisDice, RandomDice


class FlowMachine(RuleBasedStateMachine):
    trial: FlowTrial

    @initialize(plan=st.sampled_from(PLANS))
    def begin(self, plan: dict[str, Any]) -> None:
        self.trial = FlowTrial(plan).__enter__()

    @rule(name=st.sampled_from(FlowTrial.STEPS), data=st.data())
    def step(self, name: str, data: Any) -> None:
        getattr(self.trial, name)(HypothesisDice(data.draw))
        self.trial.check()

    def teardown(self) -> None:
        if hasattr(self, "trial"):
            try:
                self.trial.finish()
            finally:
                self.trial.__exit__()


def test_whatever_happens_the_tenant_agrees_with_the_reference() -> None:
    run_state_machine_as_test(FlowMachine, settings=hold_to(10, 30))


def test_seeded_lives_of_a_tenant() -> None:
    """The same steps by a seeded hand, at several times the speed."""
    for seed in range(16):
        run_flow(seed, 50)


@pytest.mark.slow
def test_a_thousand_lives_of_a_tenant() -> None:
    for seed in range(1_000):
        run_flow(seed, 60)


# ---- the same stream, cut differently


def a_stream(seed: int, size: int) -> dict[str, list[dict[str, Any]]]:
    """Orders with refunds and statuses of theirs."""
    chance = random.Random(seed)
    stream: dict[str, list[dict[str, Any]]] = {"orders": [], "refunds": [], "statuses": []}
    for number in range(size):
        paid_at = START - timedelta(days=20) + timedelta(minutes=number)
        lines = [
            {"sku": "A", "paid": f"{chance.randrange(1, 30_000) / 100:.2f}"} for _ in range(chance.randrange(1, 4))
        ]
        buyer, promoter = chance.choice(("b0", "b1", "p3")), chance.choice(("p3", "p2", "p4"))
        stream["orders"].append(
            {"id": f"o{number}", "paid_at": paid_at.isoformat(), "buyer": buyer, "promoter": promoter, "lines": lines}
        )
        for refund in range(chance.choice((0, 0, 1, 3))):
            line = chance.randrange(len(lines))
            amount = commission.decimal_text(max(1, int(float(lines[line]["paid"]) * chance.random() * 100)), "CNY")
            stream["refunds"].append(
                {
                    "id": f"r{number}-{refund}",
                    "order": f"o{number}",
                    "refunded_at": START.isoformat(),
                    "lines": [{"line_no": line + 1, "amount": amount}],
                }
            )
        status = chance.choice(("completed", "completed", "cancelled"))
        stream["statuses"].append(
            {"order": f"o{number}", "status": status, "at": (START - timedelta(days=9)).isoformat()}
        )
    return stream


def everything(trial: FlowTrial) -> tuple[list[Any], list[Any]]:
    """All commissions and all balances, by the names of the outside."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT owner, book, amount FROM ledger_balance WHERE tenant_id = %s AND owner > 0", [trial.tenant]
        )
        balances = sorted((trial.names[owner], book, amount) for owner, book, amount in cursor.fetchall() if amount)
        cursor.execute(
            "SELECT o.external_id, c.row, c.line_no, c.level, c.beneficiary_id, c.rule, c.base, c.ppm, c.before_caps, c.cut_order, "
            "c.cut_day, c.cut_month, c.amount, c.reversed, c.state FROM commission_commission c "
            "JOIN commerce_order o ON o.tenant_id = c.tenant_id AND o.id = c.order_id WHERE c.tenant_id = %s",
            [trial.tenant],
        )
        rows = sorted((*row[:4], trial.names[row[4]], *row[5:]) for row in cursor.fetchall())
    return balances, rows


def delivered(
    plan: dict[str, Any], stream: dict[str, list[dict[str, Any]]], cut: Any, worked: Any, times: Any
) -> tuple[list[Any], list[Any]]:
    """The stream, in calls of `cut()` entries, `worked()` of them worked off after each, each call sent `times()` times."""
    with FlowTrial(plan) as trial:
        for order in stream["orders"]:
            trial.bodies[order["id"]] = order
        for kind in ("orders", "refunds", "statuses"):
            entries = list(stream[kind])
            while entries:
                size = cut()
                for _ in range(times()):
                    trial.send(kind, entries[:size])
                del entries[:size]
                trial.work_off(worked())
        trial.work_off(1_000_000)
        trial.release(RandomDice(1))
        trial.check()
        trial.finish()
        return everything(trial)


@pytest.mark.parametrize("plan", PLANS, ids=[plan["name"] for plan in PLANS])
def test_any_cut_of_a_stream_comes_to_the_same(plan: dict[str, Any]) -> None:
    stream = a_stream(7, 45)
    chance = random.Random(3)
    whole = delivered(plan, stream, lambda: 1000, lambda: 5000, lambda: 1)
    assert whole[0] and whole[1]
    one_by_one = delivered(plan, stream, lambda: 1, lambda: 1, lambda: 1)
    assert one_by_one == whole
    anyhow = delivered(
        plan, stream, lambda: chance.randrange(1, 20), lambda: chance.choice((1, 5, 17)), lambda: chance.randrange(1, 6)
    )
    assert anyhow == whole


def test_what_comes_before_its_order_comes_to_the_same() -> None:
    stream = a_stream(8, 40)
    whole = delivered(PLAIN, stream, lambda: 1000, lambda: 5000, lambda: 1)
    with FlowTrial(PLAIN) as trial:
        for order in stream["orders"]:
            trial.bodies[order["id"]] = order
        for kind in ("statuses", "refunds", "orders"):
            trial.send(kind, stream[kind])
            trial.work_off(5000)
        trial.release(RandomDice(1))
        trial.check()
        assert everything(trial) == whole


# ---- six events of one order, in every order

LIVES: dict[str, tuple[str, ...]] = {
    "released in between": ("order", "completed", "half", "rest", "half", "release"),
    "cancelled": ("order", "completed", "half", "too much", "cancelled", "release"),
    "paid out": ("order", "completed", "half", "withdraw", "third", "release"),
}


@pytest.mark.parametrize("life", LIVES, ids=list(LIVES))
def test_every_order_of_six_events_comes_to_the_same(life: str) -> None:
    """Each of the 720 sequences is an order of a promoter of its own; those that release at the same place share a tenant.

    What somebody has and owes may depend on what was withdrawn in between; the sum of all their books may not.
    """
    events = LIVES[life]
    sums: dict[int, int] = {}
    for place in range(6):
        sequences = [each for each in itertools.permutations(range(6)) if events[each[place]] == "release"]
        with FlowTrial(PLAIN) as trial:
            for nets in six_events(trial, [[events[i] for i in each] for each in sequences], place):
                sums[nets] = sums.get(nets, 0) + 1
    assert len(sums) == 1, sums
    assert sum(sums.values()) == 720
    if life == "cancelled":
        assert sums == {0: 720}


def six_events(trial: FlowTrial, sequences: list[list[str]], place: int) -> list[int]:
    """The net of each sequence's promoters."""
    from rongshu.domain.members.profiles.actions import ensure_members
    from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
    from rongshu.kernel.errors import Refusal
    from rongshu.ledger.actions import reserve
    from tests.factories import TESTER

    long_ago = START - timedelta(days=100)
    members = ensure_members(external_ids=[f"q{i}" for i in range(len(sequences))], now=long_ago)
    enrol_promoters(
        joinings=[Joining(members[f"q{i}"], None, long_ago) for i in range(len(sequences))], by=TESTER, now=long_ago
    )
    lines = [{"sku": "A", "paid": "33.33"}, {"sku": "B", "paid": "9.99"}]

    def refund(i: int, name: str, amounts: tuple[str, ...]) -> dict[str, Any]:
        parts = [{"line_no": number, "amount": amount} for number, amount in enumerate(amounts, 1)]
        return {"id": f"{name}{i}", "order": f"o{i}", "refunded_at": START.isoformat(), "lines": parts}

    for now in range(6):
        calls: dict[str, list[dict[str, Any]]] = {"orders": [], "refunds": [], "statuses": []}
        for i, sequence in enumerate(sequences):
            match sequence[now]:
                case "order":
                    paid_at = (START - timedelta(days=30)).isoformat()
                    calls["orders"].append({"id": f"o{i}", "paid_at": paid_at, "promoter": f"q{i}", "lines": lines})
                case "half":
                    calls["refunds"].append(refund(i, "half", ("16.67", "5.00")))
                case "rest":
                    calls["refunds"].append(refund(i, "rest", ("16.66",)))
                case "third":
                    calls["refunds"].append(refund(i, "third", ("11.11", "3.33")))
                case "too much":
                    calls["refunds"].append(refund(i, "much", ("99.99", "9.00")))
                case "completed" | "cancelled" as status:
                    calls["statuses"].append(
                        {"order": f"o{i}", "status": status, "at": (START - timedelta(days=9)).isoformat()}
                    )
                case "withdraw":
                    for ask in (233, 100):
                        try:
                            reserve(ref=f"w{i}-{ask}", owner=members[f"q{i}"], amount=ask, now=START)
                            break
                        except Refusal:
                            continue
        for kind, entries in calls.items():
            trial.bodies |= {entry["id"]: entry for entry in entries if kind == "orders"}
            if entries:
                trial.send(kind, entries)
        trial.inbox.clear()
        drain(trial)
        if now == place:
            release_due(now=START)
    release_due(now=START)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT owner, sum(amount) FROM ledger_balance WHERE tenant_id = %s AND owner > 0 GROUP BY 1",
            [trial.tenant],
        )
        nets = {owner: int(amount) for owner, amount in cursor.fetchall()}
        cursor.execute(
            "SELECT count(*) FROM commission_commission WHERE tenant_id = %s AND state = 0 AND amount > reversed",
            [trial.tenant],
        )
        demand(cursor.fetchone()[0], 0, "commissions still pending")
    for finding in books_of(verify_now()):
        demand(finding.differences, 0, f"{finding.name} {finding.examples}")
    return [nets.get(members[f"q{i}"], 0) for i in range(len(sequences))]


def drain(trial: FlowTrial) -> None:
    from rongshu.flows.intake.work import work_off

    while work_off(trial.tenant, now=START):
        pass


# ---- refunds in any number of parts


def test_random_parts_of_a_refund_sum_to_the_whole() -> None:
    chance = random.Random(11)
    with FlowTrial(PLAIN) as trial:
        orders, refunds = [], []
        for number in range(150):
            paid = [chance.choice((1, 2, 3, 7, 99, 333, 1000, 12_345, 99_999)) for _ in range(2)]
            lines = [{"sku": "A", "paid": commission.decimal_text(units, "CNY")} for units in paid]
            orders.append({"id": f"o{number}", "paid_at": START.isoformat(), "promoter": "p3", "lines": lines})
            for line, units in enumerate(paid, 1):
                cuts = sorted(chance.randrange(units + 1) for _ in range(chance.randrange(6)))
                for part, (low, high) in enumerate(itertools.pairwise([0, *cuts, units])):
                    if high > low:
                        amount = commission.decimal_text(high - low, "CNY")
                        refunds.append(
                            {
                                "id": f"r{number}-{line}-{part}",
                                "order": f"o{number}",
                                "refunded_at": START.isoformat(),
                                "lines": [{"line_no": line, "amount": amount}],
                            }
                        )
        trial.bodies = {order["id"]: order for order in orders}
        chance.shuffle(refunds)
        trial.send("orders", orders[:100])
        trial.work_off(5000)
        while refunds:
            size = chance.randrange(1, 60)
            trial.send("refunds", refunds[:size])
            del refunds[:size]
            trial.work_off(5000)
            trial.check()
        trial.send("orders", orders[100:])
        trial.work_off(5000)
        trial.check()
        trial.finish()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), count(*) FILTER (WHERE amount = reversed) FROM commission_commission WHERE tenant_id = %s",
                [trial.tenant],
            )
            rows, reversed_whole = cursor.fetchone()
        assert rows == reversed_whole > 300


def test_a_failure_of_the_database_is_not_blamed_on_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadlock or a full disk while working off: the batch waits again; nothing is set aside."""
    with FlowTrial(PLAIN) as trial:
        body = {"id": "o1", "paid_at": START.isoformat(), "lines": [{"sku": "A", "paid": "10.00"}]}
        trial.send("orders", [body])

        def full(**_: Any) -> None:
            with bulk.cursor() as cursor:
                cursor.execute(
                    "DO $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$"
                )

        monkeypatch.setattr(work, "rate_orders", full)
        with pytest.raises(OperationalError):
            work.work_off(trial.tenant, now=START)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM commerce_inbox WHERE tenant_id = %s AND refused_at IS NULL", [trial.tenant]
            )
            assert cursor.fetchone() == (1,)


def test_a_trial_leaves_nothing_behind() -> None:
    with FlowTrial(PLAIN) as trial:
        assert transaction.get_connection().in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('rongshu.scope', 'system', false)")
        cursor.execute("SELECT count(*) FROM kernel_tenant WHERE id = %s", [trial.tenant])
        (left,) = cursor.fetchone()
        cursor.execute("SELECT set_config('rongshu.scope', '', false)")
    assert left == 0
