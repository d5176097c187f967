"""A connection cut at COMMIT, in the middle of rating, and entries that cannot be rated at all."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import orjson
import psycopg
import pytest
from django.db import Error, OperationalError, connection

from rongshu.domain.commerce.inbox.models import InboxItem
from rongshu.domain.commerce.inbox.queries import count_parked, count_refused, refused_items
from rongshu.domain.commerce.orders.models import Order
from rongshu.domain.commission.plans.actions import publish_plan
from rongshu.flows.intake import work
from rongshu.flows.intake.accept import accept_orders, accept_refunds
from rongshu.flows.intake.results import Outcome
from rongshu.flows.intake.work import work_off
from rongshu.flows.verify import verify_tenant
from rongshu.kernel.boot import OWNER
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.faults.small import ONE, PLAN, house_with_plan, orders


def _as_owner() -> psycopg.Connection[Any]:
    import os

    return psycopg.connect(os.environ[OWNER], autocommit=True)


def _own_backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _cut(backend: int) -> None:
    """Ends a connection from another one, and waits until it is gone."""
    with _as_owner() as owner:
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])


def _accept(house: House, entries: list[dict[str, Any]], now: datetime) -> list[Outcome]:
    with tenant_scope(house.id):
        return [one.outcome for one in accept_orders(orders=entries, tenant=house, by=TESTER, now=now).results]


def _work_until_empty(house: House, now: datetime) -> None:
    for _ in range(100):
        if not work_off(house.id, now=now):
            return
    raise AssertionError("there is no end of it")


def _is_once(house: House, ids: set[str], now: datetime) -> None:
    """Each of these orders is there, once, and the books hold."""
    _work_until_empty(house, now)
    with tenant_scope(house.id):
        assert sorted(Order.objects.values_list("external_id", flat=True)) == sorted(ids)
        assert not InboxItem.objects.exists()
        assert count_parked() == 0
    verdict = verify_tenant(house.id)
    assert verdict.differences == 0, verdict.findings


@pytest.fixture(autouse=True)
def _leave_a_good_connection() -> Iterator[None]:
    yield
    connection.close()


def test_cut_right_before_the_commit_leaves_nothing_and_a_retry_is_taken(now: datetime) -> None:
    house = house_with_plan(now)
    with pytest.raises(OperationalError), tenant_scope(house.id):
        accept_orders(orders=[ONE], tenant=house, by=TESTER, now=now)
        _cut(_own_backend())
    connection.close()
    assert _accept(house, [ONE], now) == [Outcome.ACCEPTED]
    _is_once(house, {ONE["id"]}, now)


@contextmanager
def _answer_of_commit_lost() -> Iterator[None]:
    """The COMMIT takes effect, its answer never comes: the other side is gone before it is read."""
    real = connection.connection.commit

    def commit() -> None:
        backend = _own_backend()
        real()
        _cut(backend)
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    with mock.patch.object(connection.connection, "commit", commit):
        yield


def test_cut_right_after_the_commit_keeps_all_and_a_retry_is_a_duplicate(now: datetime) -> None:
    house = house_with_plan(now)
    connection.ensure_connection()
    with pytest.raises(OperationalError), _answer_of_commit_lost(), tenant_scope(house.id):
        accept_orders(orders=[ONE], tenant=house, by=TESTER, now=now)
    connection.close()
    assert _accept(house, [ONE], now) == [Outcome.DUPLICATE]
    _is_once(house, {ONE["id"]}, now)


def test_cut_while_committing_again_and_again(now: datetime) -> None:
    """Someone ends the connection at a random moment around each COMMIT; every call is sent until it is answered."""
    house = house_with_plan(now)
    draw = random.Random(5)
    entries = orders(45)
    answered: dict[str, list[Outcome]] = {one["id"]: [] for one in entries}
    cuts = 0
    for start in range(0, len(entries), 3):
        part = entries[start : start + 3]
        for attempt in itertools.count():
            try:
                with tenant_scope(house.id):
                    accepted = accept_orders(orders=part, tenant=house, by=TESTER, now=now)
                    cutter = _cutter(_own_backend(), draw.uniform(0, 0.004)) if attempt < 2 else None
                    if cutter is not None:
                        cutter.start()
                        time.sleep(draw.uniform(0, 0.004))
            except Error:
                cuts += 1
                accepted = None
            finally:
                if cutter is not None:
                    cutter.join()
            connection.close()
            if accepted is not None:
                for one, result in zip(part, accepted.results, strict=True):
                    answered[one["id"]].append(result.outcome)
                break
    assert cuts >= 5
    assert all(said[-1] in (Outcome.ACCEPTED, Outcome.DUPLICATE) for said in answered.values())
    _is_once(house, set(answered), now)


def _cutter(backend: int, after: float) -> threading.Thread:
    owner = _as_owner()

    def cut() -> None:
        time.sleep(after)
        owner.execute("SELECT pg_terminate_backend(%s)", [backend])
        owner.close()

    return threading.Thread(target=cut)


@pytest.mark.parametrize("step", ["store_orders", "_store_ratings", "_store_commissions", "accrue"])
def test_cut_while_rating_never_sets_a_healthy_order_aside(now: datetime, step: str) -> None:
    """The database going away is nobody's fault: the batch waits again, a lone order too, however often it happens."""
    house = house_with_plan(now)
    _accept(house, [ONE], now)
    from rongshu.domain.commission.rating import actions

    real: Callable[..., Any] = getattr(actions, step)
    cuts = itertools.count()

    def cut_before(*positional: Any, **named: Any) -> Any:
        if next(cuts) < 4:
            _cut(_own_backend())
        return real(*positional, **named)

    with mock.patch.object(actions, step, cut_before):
        for _ in range(20):
            try:
                if not work_off(house.id, now=now):
                    break
            except Error:
                connection.close()
    assert next(cuts) >= 5
    with tenant_scope(house.id):
        assert count_refused() == 0
    _is_once(house, {ONE["id"]}, now)


# ---- poison


BROKEN = 13
"""What a poisoned order's line has for a quantity."""


def _poisoned(real: Callable[..., Any]) -> Callable[..., Any]:
    def rate(*, batch: Any, **named: Any) -> Any:
        if (batch.qty == BROKEN).any():
            raise ValueError("cannot be rated")
        return real(batch=batch, **named)

    return rate


def test_one_poisoned_in_a_hundred_is_set_aside_and_the_healthy_are_rated(now: datetime) -> None:
    house = house_with_plan(now)
    draw = random.Random(3)
    entries = orders(1_000)
    poisoned = {one["id"] for one in draw.sample(entries, 10)}
    entries = [
        {**one, "lines": [{**one["lines"][0], "qty": BROKEN if one["id"] in poisoned else 1}]} for one in entries
    ]
    draw.shuffle(entries)
    while entries:
        size = draw.choice((1, 3, 50, 200))
        _accept(house, entries[:size], now)
        entries = entries[size:]
    with mock.patch.object(work, "rate_orders", _poisoned(work.rate_orders)):
        _work_until_empty(house, now)
    with tenant_scope(house.id):
        rated = set(Order.objects.values_list("external_id", flat=True))
        aside = refused_items()
        assert len(rated) == 990
        assert not rated & poisoned
        assert {orjson.loads(bytes(item.payload))["external_id"][0] for item in aside} == poisoned
        assert {item.entries for item in aside} == {1}
        assert all("cannot be rated" in item.error for item in aside)
    assert verify_tenant(house.id).differences == 0


def test_a_corrupt_item_harms_no_other(now: datetime) -> None:
    """What cannot even be read cannot be halved either: it is set aside whole, with its error."""
    house = house_with_plan(now)
    for part in (orders(5, "A"), orders(1, "X"), orders(5, "C")):
        _accept(house, part, now)
    with tenant_scope(house.id):
        corrupt = InboxItem.objects.order_by("id")[1]
        InboxItem.objects.filter(id=corrupt.id).update(payload=b'{"id": [1]')
    _work_until_empty(house, now)
    with tenant_scope(house.id):
        assert set(Order.objects.values_list("external_id", flat=True)) == {f"{p}{n}" for p in "AC" for n in range(5)}
        (aside,) = refused_items()
        assert (aside.id, aside.entries) == (corrupt.id, 1)
    assert verify_tenant(house.id).differences == 0


def test_a_refund_of_an_order_set_aside_waits_for_it(now: datetime) -> None:
    house = house_with_plan(now)
    _accept(house, [{**ONE, "lines": [{**ONE["lines"][0], "qty": BROKEN}]}], now)
    refund = {"id": "R1", "order": ONE["id"], "refunded_at": now, "lines": [{"line_no": 1, "amount": "30.00"}]}
    with mock.patch.object(work, "rate_orders", _poisoned(work.rate_orders)):
        _work_until_empty(house, now)
        with tenant_scope(house.id):
            accept_refunds(refunds=[refund], tenant=house, by=TESTER, now=now)
        _work_until_empty(house, now)
    with tenant_scope(house.id):
        assert (count_refused(), count_parked()) == (1, 1)
        from rongshu.domain.commerce.inbox.actions import try_again

        try_again(item_id=refused_items()[0].id, by=TESTER, now=now)
    _is_once(house, {ONE["id"]}, now)


def test_a_few_orders_under_two_versions_are_one_batch(now: datetime) -> None:
    """The rows of each version are few, those of both are not: the batch goes through at once all the same."""
    house = house_with_plan(now)
    since = now - timedelta(days=50)
    with tenant_scope(house.id):
        publish_plan(text=PLAN.replace("10%", "5%"), effective_from=since, by=TESTER, now=since)
    lines = [{"sku": "S", "paid": "10.00"}]
    for many in (20, 32, 33, 40):
        entries = [
            {**one, "paid_at": since + timedelta(days=(-1) ** place), "lines": lines}
            for place, one in enumerate(orders(many, f"M{many}-"))
        ]
        _accept(house, entries, now)
        with mock.patch.object(work.log, "exception") as failed:
            assert work_off(house.id, now=now) == many
        assert not failed.called
    assert verify_tenant(house.id).differences == 0
