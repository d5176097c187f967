"""Signed evidence of a period's reward: recomputed from the file alone, found out when it was forged, silent about others."""

from __future__ import annotations

import copy
import json
import random
from datetime import timedelta
from typing import Any

import pytest

from rongshu.domain.commission.evidence.sealing import REWARD_FORMAT, Bundle, checked, sealed
from tests.conftest import NOW
from tests.domain.commission.months import PLAN, Months, at
from tests.factories import TESTER


def made(shop: Months, name: str, rule: str = "climb") -> Bundle:
    from rongshu.domain.commission.evidence.actions import make_reward_evidence
    from rongshu.domain.commission.periods.models import RewardPeriod

    with shop.scope():
        period = RewardPeriod.objects.filter(rule=rule).order_by("start").first()
        assert period is not None
        return make_reward_evidence(period_id=period.id, promoter_id=shop.ids[name], by=TESTER, now=NOW)


def holds(bundle: Bundle) -> Any:
    found = checked(bundle.content)
    assert found.sound, (found.readable, found.malformed, found.wrong_hashes, found.differences)
    return bundle.document["parts"]


@pytest.fixture
def january(tenant: int) -> Months:
    """b and c share the pool; c climbs two bands; d bought something from themselves."""
    shop = Months(tenant)
    shop.order("1", "c", "700.00", at(1, 5))
    shop.order("2", "b", "300.00", at(1, 31))
    shop.order("4", None, "50.00", at(1, 6))
    shop.order("own", "c", "20.00", at(1, 7), buyer="c")
    shop.refund("1", "100.00", at(1, 20))
    shop.close(at(2, 16))
    return shop


def test_steps_and_pools_recompute_from_the_file_alone(january: Months) -> None:
    steps = holds(made(january, "c"))
    assert (steps["figures"]["own_sales"], steps["figures"]["due"], steps["figures"]["open"]) == (
        "600.00",
        "6.00",
        "0.00",
    )
    assert [one["state"] for one in steps["sales"]] == ["counts", "own_purchase"]
    pool = holds(made(january, "b", "leaders"))
    assert (pool["figures"]["weights"], pool["figures"]["sharers"]) == ("900.00", 2)
    assert pool["figures"]["root"] == holds(made(january, "c", "leaders"))["figures"]["root"], "one root for everybody"
    assert checked(made(january, "b", "leaders").content).rows == 2, "one line and one run"


def test_late_refunds_are_open_until_carried_and_a_run_afterwards(january: Months) -> None:
    january.refund("1", "300.00", at(2, 20))
    waiting = holds(made(january, "c"))
    assert (waiting["figures"]["open"], waiting["figures"]["paid"]) == ("-4.00", "6.00")
    assert waiting["period"]["carried_at"] is not None
    january.close(at(3, 20))
    carried = holds(made(january, "c"))
    assert [(one["amount"], one["adjusts"]) for one in carried["runs"]] == [("6.00", False), ("-4.00", True)]
    assert (carried["figures"]["open"], carried["period"]["carried_at"]) == ("0.00", None)
    assert len(carried["transfers"]) == 2
    pool = holds(made(january, "c", "leaders"))
    assert len(pool["runs"]) == 2


def test_it_names_nobody_else(january: Months) -> None:
    from rongshu.kernel.ids import outside

    for rule in ("climb", "leaders"):
        text = made(january, "c", rule).content.decode()
        assert outside("mem", january.ids["c"]) in text
        for other in ("a", "b", "d", "x"):
            assert outside("mem", january.ids[other]) not in text
            assert f'"{other}"' not in text
        assert "300.00" not in json.dumps(json.loads(text)["parts"]["sales"])


@pytest.mark.parametrize("rule", ["climb", "leaders"])
def test_forged_bundles_are_refused_with_what_differs(january: Months, rule: str) -> None:
    """The house itself signs something untrue: only the recomputation can tell."""
    january.refund("1", "300.00", at(2, 20))
    january.close(at(3, 20))
    bundle = made(january, "c", rule)
    truth = bundle.document["parts"]

    def signed(change: Any) -> set[tuple[str, str]] | str:
        parts = copy.deepcopy(truth)
        change(parts)
        document = sealed(parts=parts, promoter=bundle.document["promoter"], made_at=NOW, form=REWARD_FORMAT)
        found = checked(document.content)
        assert found.signature and found.form and not found.wrong_hashes
        return {(one.where, one.field) for one in found.differences} or found.malformed

    assert signed(lambda p: None) == ""
    assert ("figures", "own_sales") in signed(lambda p: p["sales"].pop(0))
    assert ("figures", "own_sales") in signed(lambda p: p["sales"][0].update(state="inactive"))
    assert ("figures", "own_sales") in signed(lambda p: p["sales"][0]["lines"][0].update(refunded="0.00"))
    assert ("figures", "own_sales") in signed(lambda p: p["sales"].append(p["sales"][0] | {"order": "ord_other"}))
    assert ("order 1", "order") in signed(lambda p: p["sales"].append(p["sales"][0]))
    assert ("order 1", "paid_at") in signed(lambda p: p["sales"][0].update(paid_at="2026-02-20T04:00:00+00:00"))
    assert ("period", "ends_at") in signed(lambda p: p["period"].update(ends_at=p["period"]["closed_at"]))
    assert ("period", "first_day") in signed(lambda p: p["period"].update(first_day="2026-01-02"))
    assert ("run 1", "amount") in signed(lambda p: p["runs"][0].update(amount="5.90"))
    assert ("run 1", "booked") in signed(lambda p: p["runs"][0].update(amount="5.90"))
    assert ("run 2", "booked") in signed(lambda p: p["transfers"].pop())
    assert ("figures", "paid") in signed(lambda p: p["runs"].pop())
    assert ("promoter", "id") in signed(lambda p: p["promoter"].update(id="mem_other"))
    assert "the plan has no" in signed(lambda p: p["period"].update(rule="none"))  # type: ignore[operator]
    assert signed(lambda p: p["sales"][0].update(state="maybe")) == "maybe is no state of a sale"
    if rule == "leaders":
        assert ("figures", "fund") in signed(lambda p: p["figures"].update(base="1.00"))
        assert ("figures", "weights") in signed(lambda p: p["figures"].update(weights="5000.00"))
        assert ("figures", "root") in signed(lambda p: p["figures"]["path"][0].update(sum="5000.00"))
        assert ("figures", "root") in signed(lambda p: p["figures"].update(nonce="00" * 16))
        assert ("figures", "weight") in signed(lambda p: p["figures"].update(active=False))
        assert ("figures", "weight") in signed(lambda p: p["figures"].update(rank="none"))
    else:
        assert ("figures", "due") in signed(lambda p: p["figures"].update(due="6.01"))
        assert ("figures", "open") in signed(lambda p: p["figures"].update(open="1.00"))


def test_nothing_of_a_period_has_no_evidence(january: Months) -> None:
    from rongshu.kernel.errors import Refusal

    with pytest.raises(Refusal) as refused:
        made(january, "a")
    assert refused.value.code == "unknown_reward"


RULES = """
steps:
  - {id: climb, period: month, bands: [{from: "0.01", rate: 1.5%}, {from: "150.00", rate: 3%}], apply: whole}
pools:
  - {id: leaders, period: month, share: 1.37%, eligible: {}, split: own_sales}
  - {id: all, period: month, share: 0.77%, eligible: {rank: [gold]}, split: equal}
"""


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happened_every_bundle_holds(tenant: int, seed: int) -> None:
    """Random orders, refunds, buyers and margins; every reward's bundle recomputes, before and after what came late."""
    from rongshu.domain.commission.evidence.actions import make_reward_evidence
    from rongshu.domain.commission.periods.models import Reward

    dice = random.Random(seed)
    head = PLAN.split("steps:")[0] + "release: {after: completed, days: 15}\n"
    head += ("", "self_purchase: rebate\n", "basis: margin\n")[seed]
    shop = Months(tenant, plan=head + RULES)

    def hold() -> int:
        with shop.scope():
            pairs = sorted(set(Reward.objects.values_list("period_id", "promoter_id")))
            for period, who in pairs:
                holds(make_reward_evidence(period_id=period, promoter_id=who, by=TESTER, now=NOW))
        return len(pairs)

    for number in range(14):
        paid = dice.randrange(1, 30_000)
        shop.order(
            str(number), dice.choice(["a", "b", "c", "d", None]), f"{paid / 100:.2f}", at(1, dice.randrange(1, 29)),
            buyer=dice.choice(["a", "b", "x", "x"]), cost=f"{dice.randrange(0, paid + 9) / 100:.2f}",
        )  # fmt: skip
    shop.close(at(2, 16))
    assert hold() > 4
    for number in range(5):
        shop.refund(str(number), "0.77", at(2, 20) + timedelta(hours=number))
    hold()
    shop.close(at(3, 20))
    hold()
    assert shop.verified() == {}
