"""Withdrawals and claims at the same moment."""

from __future__ import annotations

import random
import threading
from typing import Any

import numpy as np
import psycopg
import pytest
from django.db import OperationalError, connection

from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import new_id, new_ids
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger import actions, queries
from tests.conftest import NOW
from tests.ledger.bending import bent
from tests.races.threads import give_connection_back, together, untroubled

DEADLOCK = (OperationalError, psycopg.OperationalError)


def array(*values: int) -> Any:
    return np.array(values, dtype=np.int64)


def fill(tenant: int, owner: int, amount: int) -> None:
    """Makes an amount available."""
    with tenant_scope(tenant):
        order, release = new_id(), new_id()
        actions.claim("order", [f"o{order}"], [b""], array(order))
        actions.accrue(orders=array(order), rows=array(1), owners=array(owner), amounts=array(amount), now=NOW)
        actions.claim("release", [f"l{order}"], [b""], array(release))
        actions.release(journal=release, owners=array(owner), amounts=array(amount), now=NOW)


def hold_invariants(tenant: int) -> None:
    with tenant_scope(tenant):
        assert [finding for finding in queries.invariants() if finding.differences] == []


def standing(tenant: int, owner: int) -> queries.Standing:
    with tenant_scope(tenant):
        return queries.standings_of([owner])[owner]


def test_sixteen_threads_cannot_overdraw_one_balance() -> None:
    tenant, owner = new_id(), new_id()
    fill(tenant, owner, 10_000)

    def withdraw(number: int) -> list[int]:
        chance = random.Random(number)
        taken = []
        for i in range(25):
            amount = chance.randrange(1, 100)
            try:
                with tenant_scope(tenant):
                    assert actions.reserve(ref=f"{number}-{i}", owner=owner, amount=amount, now=NOW)
                taken.append(amount)
            except Refusal as refusal:
                assert refusal.code == "not_enough"
            give_connection_back()
        return taken

    taken = untroubled(together(*(lambda number=number: withdraw(number) for number in range(16))))
    found = standing(tenant, owner)
    assert sum(map(sum, taken)) == found.reserved
    assert found.available + found.reserved == 10_000
    assert sum(map(len, taken)) < 16 * 25, "nothing was ever refused"
    assert found.available < 100
    hold_invariants(tenant)


def test_who_looks_before_taking_overdraws() -> None:
    """The control: the same threads without the database's floor, a balance looked at and then moved, take too much."""
    with psycopg.connect(**connection_arguments()) as setup:
        setup.execute("CREATE TABLE IF NOT EXISTS race_control (amount bigint)")
        setup.execute("TRUNCATE race_control")
        setup.execute("INSERT INTO race_control VALUES (100)")
        setup.execute("GRANT SELECT, UPDATE ON race_control TO PUBLIC")
    seen = threading.Barrier(4)

    def withdraw() -> None:
        with tenant_scope(new_id()), connection.cursor() as cursor:
            cursor.execute("SELECT amount FROM race_control")
            (there,) = cursor.fetchone()
            seen.wait(10)
            if there >= 60:
                cursor.execute("UPDATE race_control SET amount = amount - 60")

    try:
        untroubled(together(*[withdraw] * 4))
        with psycopg.connect(**connection_arguments()) as look:
            assert look.execute("SELECT amount FROM race_control").fetchone() == (100 - 4 * 60,)
    finally:
        with psycopg.connect(**connection_arguments()) as setup:
            setup.execute("DROP TABLE race_control")


def connection_arguments() -> dict[str, Any]:
    import os

    return {"conninfo": os.environ["RONGSHU_OWNER_URL"]}


def test_one_withdrawal_asked_for_by_many_happens_once() -> None:
    tenant, owner = new_id(), new_id()
    fill(tenant, owner, 1000)

    def withdraw() -> bool:
        with tenant_scope(tenant):
            return actions.reserve(ref="the one", owner=owner, amount=100, now=NOW)

    results = untroubled(together(*[withdraw] * 10))
    assert sorted(results) == [False] * 9 + [True]
    assert standing(tenant, owner) == queries.Standing(900, 100, 0)


def test_a_withdrawal_is_paid_or_given_back_but_not_both() -> None:
    tenant, owner = new_id(), new_id()
    fill(tenant, owner, 1000)
    for number in range(10):
        ref = f"w{number}"
        for twin in (ref, f"{ref} twin"):
            with tenant_scope(tenant):
                actions.reserve(ref=twin, owner=owner, amount=10, now=NOW)

        def pay(ref: str = ref) -> bool:
            with tenant_scope(tenant):
                return actions.pay_reserved(ref=ref, owner=owner, amount=10, tax=2, now=NOW)

        def back(ref: str = ref) -> bool:
            with tenant_scope(tenant):
                return actions.give_back(ref=ref, owner=owner, amount=10, now=NOW)

        results = together(pay, back)
        assert sorted(isinstance(result, Refusal) for result in results) == [False, True], results
    assert standing(tenant, owner).reserved == 100
    hold_invariants(tenant)


def test_withdrawals_while_commission_is_released_and_reversed() -> None:
    """A worker moves the balance up and down, sometimes into debt, while withdrawals come and go: nothing is lost."""
    tenant, owners = new_id(), new_ids(3).tolist()
    for owner in owners:
        fill(tenant, owner, 500)
    added = dict.fromkeys(owners, 500)

    def worker() -> None:
        chance = random.Random(1)
        for _ in range(40):
            amounts = array(*(chance.randrange(1, 300) for _ in owners))
            first, second, third = new_ids(3).tolist()
            with tenant_scope(tenant):
                actions.claim("order", [f"o{first}"], [b""], array(first))
                actions.claim("release", [f"l{second}"], [b""], array(second))
                actions.accrue(
                    orders=array(first, first, first),
                    rows=array(1, 2, 3),
                    owners=array(*owners),
                    amounts=amounts,
                    now=NOW,
                )
                actions.release(journal=second, owners=array(*owners), amounts=amounts, now=NOW)
            taken = array(*(chance.randrange(1, 300) for _ in owners))
            with tenant_scope(tenant):
                actions.claim("refund", [f"r{third}"], [b""], array(third))
                actions.reverse(
                    journals=array(third, third, third), lines=array(2, 4, 6), owners=array(*owners), amounts=taken,
                    pending=np.zeros(3, dtype=bool), about=array(first, first, first), about_rows=array(1, 2, 3), now=NOW,
                )  # fmt: skip
            for owner, plus, minus in zip(owners, amounts.tolist(), taken.tolist(), strict=True):
                added[owner] += plus - minus

    def client(number: int) -> dict[int, int]:
        chance = random.Random(100 + number)
        paid = dict.fromkeys(owners, 0)
        for i in range(25):
            owner, ref = chance.choice(owners), f"{number}-{i}"
            amount = chance.randrange(1, 200)
            try:
                with tenant_scope(tenant):
                    actions.reserve(ref=ref, owner=owner, amount=amount, now=NOW)
                with tenant_scope(tenant):
                    if chance.random() < 0.6:
                        actions.give_back(ref=ref, owner=owner, amount=amount, now=NOW)
                    else:
                        actions.pay_reserved(ref=ref, owner=owner, amount=amount, tax=amount // 5, now=NOW)
                        paid[owner] += amount
            except Refusal as refusal:
                assert refusal.code == "not_enough"
        return paid

    _, *paid = untroubled(together(worker, *(lambda number=number: client(number) for number in range(5))))
    for owner in owners:
        found = standing(tenant, owner)
        assert found.reserved == 0
        assert found.available + found.debt == added[owner] - sum(each[owner] for each in paid)
        assert not (found.available and found.debt)
    hold_invariants(tenant)


KEYS = [f"k{number:05}" for number in range(3000)]


def claim_all(tenant: int, keys: list[str]) -> int:
    with tenant_scope(tenant):
        return int(actions.claim("order", keys, [b"same"] * len(keys), new_ids(len(keys))).fresh.sum())


def claimed_together(*sequences: list[str]) -> list[Any]:
    tenant = new_id()
    return together(*(lambda keys=keys: claim_all(tenant, keys) for keys in sequences))


def test_claims_in_opposite_sequences_wait_for_one_another() -> None:
    for _ in range(3):
        results = claimed_together(KEYS, KEYS[::-1], KEYS[1500:] + KEYS[:1500])
        assert sorted(untroubled(results)) == [0, 0, len(KEYS)]


def test_claims_in_the_sequence_given_deadlock() -> None:
    """The control."""
    with bent(actions.claim, ("sorted(range(len(refs)), key=refs.__getitem__)", "list(range(len(refs)))")):
        for _ in range(10):
            if any(isinstance(result, DEADLOCK) for result in claimed_together(KEYS, KEYS[::-1])):
                return
    pytest.fail("no deadlock in ten attempts")
