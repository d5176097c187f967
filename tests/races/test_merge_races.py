"""Merges at the same moment as each other, and as money that moves."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from rongshu.domain.referral.care import merging
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.flows.merging import merge_people
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.ledger.flow import START, FlowTrial
from tests.races.test_flow_races import a_tenant, balances, bodies, deliver, hold_invariants, refund, release, work
from tests.races.threads import together, untroubled


def merge(trial: FlowTrial, name: str, heir: str) -> str:
    """What became of it: `merged`, or the refusal's code."""
    try:
        with tenant_scope(trial.tenant):
            merge_people(
                promoter_id=trial.members[name], heir_id=trial.members[heir], reason="one person", by=TESTER, now=START
            )
    except Refusal as refusal:
        return refusal.code
    return "merged"


def heirs(trial: FlowTrial) -> dict[str, str]:
    with tenant_scope(trial.tenant):
        pairs = Promoter.objects.filter(heir_id__isnull=False).values_list("id", "heir_id")
        return {trial.names[one]: trial.names[heir] for one, heir in pairs}


def carried(trial: FlowTrial) -> None:
    while True:
        with tenant_scope(trial.tenant):
            if not merging.carry_over(now=START + timedelta(minutes=1)):
                return


@pytest.mark.parametrize("mistake", [False, True], ids=["", "control"])
def test_two_who_are_merged_into_each_other_are_merged_once(mistake: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without turns both look before either was merged, and each becomes the other's heir."""
    trial = a_tenant()
    if mistake:
        looked, stands_below = threading.Barrier(2), merging._stands_below
        monkeypatch.setattr(merging, "move_forest", lambda: None)
        monkeypatch.setattr(merging, "_stands_below", lambda *pair: (stands_below(*pair), looked.wait(10))[0])
    else:
        deliver(trial, bodies(3, completed=True))
        work(trial)
        release(trial)
    done = untroubled(together(lambda: merge(trial, "p3", "p4"), lambda: merge(trial, "p4", "p3")))
    if mistake:
        assert done == ["merged", "merged"] and heirs(trial) == {"p3": "p4", "p4": "p3"}
        return
    assert sorted(done) == ["merged", "merged_before"]
    ((gone, stays),) = heirs(trial).items()
    found = balances(trial)
    assert found[stays, 102] == 3 * 1100 and (gone, 102) not in found
    hold_invariants(trial)


def test_one_merged_into_two_heirs_has_one() -> None:
    trial = a_tenant()
    done = untroubled(together(*(lambda heir=heir: merge(trial, "p3", heir) for heir in ("p4", "p2", "p0"))))
    assert sorted(done) == ["merged", "merged_before", "merged_before"] and len(heirs(trial)) == 1
    hold_invariants(trial)


def test_a_merge_while_money_is_released_and_refunded_loses_none() -> None:
    trial = a_tenant()
    orders = bodies(12, completed=True)
    deliver(trial, orders)
    work(trial)
    for order in orders[:6]:
        refund(trial, order["id"], "50.00", f"r-{order['id']}")
    results = together(
        lambda: merge(trial, "p3", "p4"), lambda: work(trial), lambda: release(trial, 5), lambda: release(trial, 5)
    )
    assert untroubled(results)[0] == "merged"
    while release(trial):
        pass
    carried(trial)
    found = balances(trial)
    assert found["p4", 102] == 12 * 1100 - 6 * 500 and ("p3", 102) not in found and ("p3", 104) not in found
    hold_invariants(trial)
