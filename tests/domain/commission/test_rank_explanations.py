"""Why the ranks of a chain earned what they did, and why not: real orders under plans with a differential."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.conftest import NOW
from tests.domain.commission.test_explanations import EN, PAID, Shop
from tests.factories import TESTER

RANKED = """
name: ranks
currency: CNY
differential:
  ranks: {silver: 4%, gold: 7%, diamond: 9%}
  peer: {rate: 10%, generations: 1}
"""


class Ladder(Shop):
    """A chain p1 <- p2 <- … of promoters with the ranks given, p1 at the foot."""

    def __init__(self, tenant: int, plan: str, *ranks: str) -> None:
        from rongshu.domain.members.profiles.actions import ensure_members
        from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters

        super().__init__(tenant, plan)
        names = [f"p{place}" for place in range(1, len(ranks) + 1)]
        with self.scope():
            self.ids |= ensure_members(external_ids=names, now=NOW)
            above: int | None = None
            joinings = []
            for name, rank in reversed(list(zip(names, ranks, strict=True))):
                joinings.append(Joining(self.ids[name], above, self.joined, rank=rank))
                above = self.ids[name]
            enrol_promoters(joinings=joinings, by=TESTER, now=NOW)

    def told(self, name: str = "1", *, reader: str | None = None, **more: Any) -> Any:
        from rongshu.domain.commission.explanations.queries import explain_order

        order = self.order(name, **({"promoter": "p1"} | more))
        with self.scope():
            return explain_order(order, reader=None if reader is None else self.ids[reader])


def whys(found: Any) -> list[str]:
    return [one.sentence(EN) for one in found.chain]


def test_every_place_says_what_it_met(tenant: int) -> None:
    from rongshu.domain.referral.promoters.actions import end_promoter

    shop = Ladder(tenant, RANKED, "", "silver", "bronze", "silver", "silver", "gold", "silver", "diamond", "gold")
    with shop.scope():
        end_promoter(promoter_id=shop.ids["p8"], by=TESTER, now=PAID - timedelta(days=1))
    found = shop.told(lines=[{"sku": "A100", "paid": "100.00"}])
    assert [(row.kind, row.beneficiary.name, row.amount) for row in found.commissions] == [
        ("differential", "p2", 400), ("differential", "p6", 300), ("peer", "p4", 40), ("peer", "p9", 30),
    ]  # fmt: skip
    assert whys(found) == [
        "The promoter held no rank when the order was paid; that counts as 0%.",
        "¥4.00 by the difference of ranks.",
        "The plan names no rate for the rank bronze; it counts as 0%.",
        "¥0.40 as a peer award.",
        "p2 below held the same rank, silver; peer awards end with generation 1, and that was p4.",
        "¥3.00 by the difference of ranks.",
        "The rank silver (4%) is not above gold (7%), which p6 below held.",
        "The promoter stopped promoting on 2026-02-19 12:00, before this order was paid.",
        "¥0.30 as a peer award.",
    ]
    first, second, peer, _last = (row.sentence(EN) for row in found.commissions)
    assert first.startswith(
        "Line 1 (A100). The rank silver earns 4%, and nobody below held a rank that earns. ¥100.00 × 4% = ¥4.00."
    )
    assert second.startswith(
        "Line 1 (A100). The rank gold earns 7%; silver below, held by p2, already earned 4%: 3% remain. ¥100.00 × 3% = ¥3.00."
    )
    assert peer.startswith(
        "Line 1 (A100). Peer award: p2 below, of the same rank silver, earned ¥4.00 by it on this line; "
        "this is generation 1 of 1. ¥4.00 × 10% = ¥0.40."
    )
    places = found.as_json(EN)["chain"]
    assert places[5]["rank"] == "gold"
    assert places[5]["by_rank"]["rate"] == "7%"
    assert (places[5]["by_rank"]["highest_below"], places[5]["by_rank"]["held_by"]["name"]) == ("4%", "p2")
    assert places[7]["by_rank"] is None


def test_one_promoter_is_told_nobodys_name(tenant: int) -> None:
    shop = Ladder(tenant, RANKED, "silver", "gold", "gold")
    found = shop.told(reader="p2", lines=[{"sku": "A100", "paid": "100.00"}])
    assert "silver below, held by the promoter at place 1, already" in found.commissions[1].sentence(EN)
    told = repr(found.as_json(EN))
    from rongshu.kernel.ids import outside

    for name in ("p1", "p3", "x"):
        assert f"'{name}'" not in told
        assert outside("mem", shop.ids[name]) not in told
    assert outside("mem", shop.ids["p2"]) in told
    assert found.chain[2].promoter.name == "#3"


def test_levels_and_ranks_side_by_side(tenant: int) -> None:
    shop = Ladder(
        tenant,
        RANKED.replace("  peer: {rate: 10%, generations: 1}\n", "levels: {1: {rate: 10%}}\n"),
        "gold",
        "gold",
        "diamond",
    )
    found = shop.told(lines=[{"sku": "A100", "paid": "100.00"}, {"sku": "B200", "paid": "0.10"}])
    assert whys(found) == [
        "¥10.01 at level 1. ¥7.01 by the difference of ranks.",
        "The plan has no level 2. p1 below held the same rank, gold (7%), and the plan pays nothing to peers.",
        "¥2.00 by the difference of ranks. Line 2 (B200): ¥0.10 × 2% = ¥0.002, rounded to ¥0.00.",
    ]


def test_the_buyer_in_the_chain_does_not_count_as_met(tenant: int) -> None:
    shop = Ladder(tenant, RANKED, "silver", "diamond", "gold")
    found = shop.told(buyer="p2", lines=[{"sku": "A100", "paid": "100.00"}])
    assert whys(found)[1].startswith("The promoter is the buyer of this order;")
    assert [(row.beneficiary.name, row.amount) for row in found.commissions] == [("p1", 400), ("p3", 300)]


def test_the_rank_is_the_one_held_when_paid(tenant: int) -> None:
    """Who rises afterwards is still told by the rank of the payment."""
    from rongshu.domain.referral.ranks.actions import set_rank

    shop = Ladder(tenant, RANKED, "silver", "", "silver")
    order = shop.order(promoter="p1", lines=[{"sku": "A100", "paid": "100.00"}])
    with shop.scope():
        for name in ("p1", "p2"):
            set_rank(
                promoter_id=shop.ids[name],
                rank="diamond",
                reason="test",
                by=TESTER,
                now=datetime(2026, 3, 1, tzinfo=UTC),
            )
        from rongshu.domain.commission.explanations.queries import explain_order

        found = explain_order(order)
    assert [one.rank for one in found.chain] == ["silver", "", "silver"]
    assert whys(found)[1] == "The promoter held no rank when the order was paid; that counts as 0%."


def test_a_margin_of_nothing(tenant: int) -> None:
    shop = Ladder(tenant, RANKED + "basis: margin\n", "silver", "silver")
    found = shop.told(lines=[{"sku": "A100", "paid": "10.00", "cost": "20.00"}])
    assert whys(found) == ["The commission base is 0: there is no margin."] * 2
    tiny = shop.told("2", lines=[{"sku": "A100", "paid": "0.12", "cost": "0.02"}])
    assert whys(tiny) == [
        "¥0.10 × 4% = ¥0.004, rounded to ¥0.00.",
        "p1 below earned nothing by rank to have a part of.",
    ]
