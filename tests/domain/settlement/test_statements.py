"""Statements: months join without a gap, whatever came and went."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np

from rongshu.domain.settlement.statements.queries import FEE, PAID, RELEASED, REVERSED, TAX, statement
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger import actions
from rongshu.ledger.queries import standings_of

START = datetime(2026, 1, 20, tzinfo=UTC)


def array(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def _life(owner: int, dice: random.Random) -> tuple[datetime, dict[str, int]]:
    """Five months of releases, refunds, withdrawals paid and given back; the sums of what crossed the edge."""
    now, sums = START, dict.fromkeys((RELEASED, REVERSED, PAID, TAX, FEE), 0)
    for turn in range(40):
        now += timedelta(days=dice.randrange(1, 6))
        order, release, refund = (new_id() for _ in range(3))
        amount = dice.randrange(100, 1000)
        actions.claim("order", [f"o{order}"], [b""], array(order))
        actions.accrue(orders=array(order), rows=array(1), owners=array(owner), amounts=array(amount), now=now)
        actions.claim("release", [f"l{release}"], [b""], array(release))
        actions.release(journal=release, owners=array(owner), amounts=array(amount), now=now)
        sums[RELEASED] += amount
        if dice.random() < 0.4:
            back = dice.randrange(1, amount + 1)
            actions.claim("refund", [f"r{refund}"], [b""], array(refund))
            actions.reverse(
                journals=array(refund), lines=array(2), owners=array(owner), amounts=array(back), about=array(order),
                pending=np.zeros(1, dtype=bool), about_rows=array(1), now=now,
            )  # fmt: skip
            sums[REVERSED] -= back
        available = standings_of([owner])[owner].available
        if available > 10 and dice.random() < 0.5:
            ref, part = f"w{owner}-{turn}", dice.randrange(10, available + 1)
            actions.reserve(ref=ref, owner=owner, amount=part, now=now)
            if dice.random() < 0.3:
                actions.give_back(ref=ref, owner=owner, amount=part, now=now)
            else:
                tax, fee = part // 5, part // 10
                actions.pay_reserved(ref=ref, owner=owner, amount=part, tax=tax, fee=fee, now=now)
                for kind, value in ((PAID, part - tax - fee), (TAX, tax), (FEE, fee)):
                    sums[kind] -= value
    return now, sums


def test_months_join_and_add_up(tenant: int) -> None:
    for seed in range(3):
        owner = new_id()
        with tenant_scope(tenant):
            end, sums = _life(owner, random.Random(seed))
            months, day = [], date(2026, 1, 1)
            while day <= end.date():
                months.append(statement(owner, day))
                day = months[-1].until
            assert months[0].opening == 0
            for one, following in pairwise(months):
                assert one.closing == following.opening
            standing = standings_of([owner])[owner]
            assert months[-1].closing == standing.available + standing.reserved + standing.debt
            for kind, total in sums.items():
                assert sum(month.total(kind) for month in months) == total
            for month in months:
                assert month.opening + sum(line.amount for line in month.lines) == month.closing


def test_a_day_belongs_to_the_month_it_is_where_the_tenant_is(tenant: int) -> None:
    owner, order, release = (new_id() for _ in range(3))
    late = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)  # 1 April in Shanghai
    with tenant_scope(tenant):
        actions.claim("order", ["o"], [b""], array(order))
        actions.accrue(orders=array(order), rows=array(1), owners=array(owner), amounts=array(5), now=late)
        actions.claim("release", ["l"], [b""], array(release))
        actions.release(journal=release, owners=array(owner), amounts=array(5), now=late)
        assert [statement(owner, date(2026, month, 1)).total(RELEASED) for month in (3, 4)] == [0, 5]
