"""A ladder previewed on the present members, held to what publishing it then does."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from rongshu.domain.commerce.orders.models import Order
from rongshu.domain.members.growth.models import GrowthMonth
from rongshu.domain.members.points.actions import publish_rules
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.tiers.actions import assess_due, publish_ladder
from rongshu.engine.tiers.frames import Ladder, read_ladder
from rongshu.engine.tiers.windows import month_of
from rongshu.flows.laddering import preview_ladder
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
POINTS = """
points: 1
currency: CNY
spending: {per: "1.00", points: 1}
offset: {worth: "1.00", least: 100, step: 10, share: 50%}
"""


def ladder(*tiers: tuple[str, int, str], keep: int | None = None) -> str:
    rows = "\n".join(
        f"  - {{code: {code}, title: {{zh: {code}, en: {code}}}, growth: {growth}, benefits: {benefits}"
        + (f", keep: {keep}" if keep else "")
        + "}"
        for code, growth, benefits in tiers
    )
    return f"ladder: 1\ncurrency: CNY\nwindow: rolling\nmonths: 12\ntiers:\n{rows}\n"


def club(people: list[tuple[int, int]], *, now: datetime = NOW) -> House:
    """Members with (growth value of this month, paid in an order of this month)."""
    house = found(now=now - timedelta(days=90))
    month = month_of(now, house.zone)
    with tenant_scope(house.id):
        for number, (growth, paid) in enumerate(people, 1):
            member = Member.add(external_id=f"p{number}", created_at=now)
            if growth:
                GrowthMonth.add(member_id=member.id, month=month, amount=growth)
            if paid:
                Order.add(source="test", external_id=f"o{number}", buyer_id=member.id, paid=paid, paid_at=now - timedelta(days=3))  # fmt: skip
    return house


def settle() -> dict[str, int]:
    """The clock's work done; members by tier."""
    while assess_due(now=NOW):
        pass
    counts: dict[str, int] = {}
    for code in Member.objects.values_list("tier", flat=True):
        counts[code] = counts.get(code, 0) + 1
    return counts


def test_figures_by_hand() -> None:
    house = club([(50, 0), (150, 10_000), (150, 5_050), (600, 100_000), (0, 0)])
    with tenant_scope(house.id):
        publish_rules(source=POINTS, reason="", by=TESTER, now=NOW - timedelta(days=1))
        publish_ladder(source=ladder(("silver", 100, "{discount: 1%}")), by=TESTER, now=NOW - timedelta(days=1))
        assert settle() == {"": 2, "silver": 3}
        after = preview_ladder(read_ladder(ladder(("silver", 200, "{discount: 1%}"), ("gold", 500, '{discount: 10%, points: "1.5"}'))), now=NOW)  # fmt: skip
        assert dict(after.moves) == {("", ""): 2, ("silver", "silver"): 2, ("silver", "gold"): 1}
        assert (after.members, after.without, after.rising, after.falling) == (5, 2, 1, 0)
        silver, gold = after.tiers
        assert (silver.members, silver.before, silver.paid, silver.at_risk) == (2, 3, 15_050, 2)
        assert (gold.members, gold.paid, gold.at_risk) == (1, 100_000, 0)
        # 1% of 150.50 is 1.505, half up; half a point more for each of 1,000.00, worth a hundredth.
        assert (silver.cost.discount, silver.cost.points) == (151, 0)
        assert (gold.cost.discount, gold.cost.points, gold.cost.points_worth) == (10_000, 500, 500)
        assert after.cost.whole == 151 + 10_500
        assert after.cost_now.discount == 1_151  # 1% of 1,150.50 is 11.505, half up
        assert Member.objects.filter(tier="gold").count() == 0, "nothing was written"


def test_publishing_does_what_the_preview_said() -> None:
    draw = random.Random(11)
    house = club([(draw.choice([0, draw.randint(1, 900)]), draw.randint(0, 9) * 1_000) for _ in range(120)])
    first = read_ladder(ladder(("a", 60, "{}"), ("b", 300, "{}"), ("c", 700, "{}")))
    others: list[Ladder] = [
        read_ladder(ladder(("a", 40, "{}"), ("c", 500, "{}"), keep=30)),
        read_ladder(ladder(("x", 200, "{}"), ("b", 400, "{}"), ("y", 800, "{}"))),
        read_ladder(ladder(("z", 10_000, "{}"))),
    ]
    with tenant_scope(house.id):
        publish_ladder(source=first.canonical(), by=TESTER, now=NOW - timedelta(days=1))
        settle()
        for other in others:
            said = preview_ladder(other, now=NOW)
            publish_ladder(source=other.canonical(), by=TESTER, now=NOW)
            want = {one.code: one.members for one in said.tiers if one.members} | (
                {"": said.without} if said.without else {}
            )
            assert settle() == want
