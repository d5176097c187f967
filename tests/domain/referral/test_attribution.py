"""Orders find their promoters: through intake, by the policy, with evidence and bonds kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from rongshu.domain.commerce.orders.queries import find_order, stored_order
from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.referral.attribution.actions import hold_store, publish_policy
from rongshu.domain.referral.attribution.models import Evidence
from rongshu.domain.referral.attribution.queries import evidence_of, missed_by, policy
from rongshu.domain.referral.attribution.whatif import try_policy
from rongshu.domain.referral.bonds.actions import give_bond
from rongshu.domain.referral.bonds.queries import bond_history, bond_of, count_held
from rongshu.domain.referral.clicks.actions import Met, bring_clicks, join_visitor, record_touches
from rongshu.domain.referral.clicks.spool import RECORD, ROBOT
from rongshu.domain.referral.links.actions import ensure_codes
from rongshu.domain.referral.links.queries import link_by_slug
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.engine.attribution import Fate, Policy
from rongshu.flows.intake.accept import accept_orders
from rongshu.flows.intake.work import work_off
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import new_id, outside
from rongshu.kernel.tenancy.queries import House, house
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER


@dataclass
class Shop:
    tenant: int
    home: House
    now: datetime
    people: dict[str, int]
    codes: dict[str, str]
    orders: int = 0

    def order(self, *, at: datetime | None = None, buyer: str | None = "x", **more: object) -> tuple[str | None, str]:
        """Who an order is credited to, and how."""
        self.orders += 1
        entry = {
            "id": f"o{self.orders}",
            "paid_at": at or self.now,
            "buyer": buyer,
            "lines": [{"sku": "a", "paid": "10.00"}],
        }
        with tenant_scope(self.tenant):
            accepted = accept_orders(orders=[{**entry, **more}], tenant=self.home, by=TESTER, now=self.now)
            assert accepted.results[0].problem is None, accepted.results[0].problem
        work_off(self.tenant, now=self.now)
        with tenant_scope(self.tenant):
            stored = stored_order(find_order(f"o{self.orders}"))
        names = {identifier: name for name, identifier in self.people.items()}
        return names.get(stored.promoter_id), stored.credited_by

    def click(self, whose: str, at: datetime, *, visitor: int = 0, flags: int = 0) -> str:
        with tenant_scope(self.tenant):
            link = link_by_slug(self.codes[whose])
        assert link is not None
        identifier = new_id()
        one = np.zeros(1, dtype=RECORD)
        one[0] = (self.tenant, identifier, link.id, self.people[whose], int(at.timestamp() * 1e6), visitor, flags, 1, 1)
        bring_clicks(one)
        return outside("clk", identifier)

    def fates(self, order: int | None = None) -> dict[str, Fate]:
        with tenant_scope(self.tenant):
            found = evidence_of(find_order(f"o{order or self.orders}"))
        assert found is not None
        return {one.method: one.fate for one in found.candidates}


@pytest.fixture
def shop(tenant: int, now: datetime) -> Iterator[Shop]:
    with tenant_scope(tenant):
        people = ensure_members(external_ids=["a", "b", "c", "x", "y"], now=now)
        long_ago = now - timedelta(days=400)
        enrol_promoters(joinings=[Joining(people[name], None, long_ago) for name in "abc"], by=TESTER, now=long_ago)
        codes = ensure_codes(promoter_ids=[people[name] for name in "abc"], by=TESTER, now=long_ago)
        yield_ = Shop(tenant, house(), now, people, {name: codes[people[name]] for name in "abc"})
    yield yield_


def test_a_code_credits_and_bonds(shop: Shop) -> None:
    assert shop.order(code=shop.codes["a"].upper()) == ("a", "code")
    assert shop.order(at=shop.now + timedelta(seconds=1)) == ("a", "bond")
    assert shop.fates() == {"code": Fate.ABSENT, "bond": Fate.WON, "touch": Fate.ABSENT, "store": Fate.ABSENT}
    with tenant_scope(shop.tenant):
        held = bond_of(shop.people["x"])
        assert held is not None and (held.promoter_id, held.since, held.until) == (shop.people["a"], shop.now, None)
        assert [(one.what, one.method) for one in bond_history(shop.people["x"])] == [("made", "code")]
        assert count_held(shop.people["a"], shop.now) == (1, 0)


def test_somebody_elses_code_credits_the_order_and_does_not_snatch_the_customer(shop: Shop) -> None:
    shop.order(code=shop.codes["a"])
    assert shop.order(at=shop.now + timedelta(hours=1), code=shop.codes["b"]) == ("b", "code")
    assert shop.fates()["bond"] == Fate.LATER
    assert shop.order(at=shop.now + timedelta(hours=2)) == ("a", "bond")


def test_whoever_lost_an_order_reads_why(shop: Shop) -> None:
    shop.order(code=shop.codes["a"])
    assert shop.order(code=shop.codes["b"]) == ("b", "code"), "a holds the customer and lost this one to a code"
    click = shop.click("c", shop.now - timedelta(hours=1))
    assert shop.order(click=click) == ("a", "bond"), "c tried to snatch"
    with tenant_scope(shop.tenant):
        orders = [find_order(f"o{number}") for number in (1, 2, 3)]
        lost = {name: missed_by(shop.people[name]) for name in "abcx"}
        assert {name: [order for order, _ in found] for name, found in lost.items()} == {
            "a": [orders[1]], "b": [], "c": [orders[2]], "x": [],
        }  # fmt: skip
        ((_, considered),) = lost["c"]
        assert [(one.method, one.fate) for one in considered.candidates if one.promoter_id == shop.people["c"]] == [
            ("touch", Fate.LATER)
        ]
        assert missed_by(shop.people["c"], after=orders[2]) == []


def test_the_link_an_order_names(shop: Shop) -> None:
    click = shop.click("b", shop.now - timedelta(days=2))
    assert shop.order(click=click) == ("b", "touch")
    late = shop.click("c", shop.now - timedelta(days=31))
    assert shop.order(buyer="y", click=late) == (None, "")
    assert shop.fates()["touch"] == Fate.TOO_OLD


def test_a_guest_is_credited_by_their_click_and_bonded_to_nobody(shop: Shop) -> None:
    assert shop.order(buyer=None, click=shop.click("b", shop.now - timedelta(days=2))) == ("b", "touch")
    assert shop.order(buyer=None) == (None, "")
    with tenant_scope(shop.tenant):
        assert Evidence.objects.count() == 1


def test_clicks_before_signing_in_count_after_it(shop: Shop) -> None:
    shop.click("a", shop.now - timedelta(days=3), visitor=5)
    shop.click("b", shop.now - timedelta(days=2), visitor=5)
    shop.click("c", shop.now - timedelta(days=1), visitor=5, flags=ROBOT)
    assert shop.order() == (None, "")
    with tenant_scope(shop.tenant):
        join_visitor(visitor=5, member_id=shop.people["x"], now=shop.now)
        publish_policy(rules=replace(Policy(), bond_by=()), reason="", by=TESTER, now=shop.now)
    assert shop.order() == ("b", "touch")
    with tenant_scope(shop.tenant):
        publish_policy(rules=replace(Policy(), bond_by=(), touch="first"), reason="", by=TESTER, now=shop.now)
    assert shop.order() == ("a", "touch")


def test_a_scan_at_the_counter_and_a_store(shop: Shop) -> None:
    with tenant_scope(shop.tenant):
        hold_store(store="s1", promoter_id=shop.people["c"], by=TESTER, now=shop.now)
        record_touches(met=[Met(shop.people["x"], shop.people["a"], "scan", shop.now - timedelta(hours=1))])
    assert shop.order(store="s1") == ("a", "touch")
    assert shop.fates()["store"] == Fate.LATER
    assert shop.order(buyer="y", store="s1") == ("c", "store")
    assert shop.order(buyer="y", store="s2") == (None, "")


def test_an_unknown_code_does_not_lose_the_order_and_is_kept(shop: Shop) -> None:
    assert shop.order(code="nonsense") == (None, "")
    with tenant_scope(shop.tenant):
        found = evidence_of(find_order("o1"))
        assert found is not None and found.candidates[0].code == "nonsense" and found.candidates[0].fate == Fate.ABSENT


def test_whoever_has_left_is_credited_no_more(shop: Shop) -> None:
    shop.order(code=shop.codes["a"])
    with tenant_scope(shop.tenant):
        Promoter.objects.filter(id=shop.people["a"]).update(active_to=shop.now + timedelta(hours=1))
    assert shop.order(at=shop.now + timedelta(hours=1), code=shop.codes["b"]) == ("b", "code")
    assert shop.fates()["bond"] == Fate.INACTIVE
    with tenant_scope(shop.tenant):
        held = bond_of(shop.people["x"])
        assert held is not None and held.promoter_id == shop.people["b"]


def test_bonds_end_and_begin_anew_with_each_order(shop: Shop) -> None:
    with tenant_scope(shop.tenant):
        publish_policy(rules=replace(Policy(), bond_days=10), reason="", by=TESTER, now=shop.now)
    begin = shop.now - timedelta(days=40)
    shop.order(at=begin, code=shop.codes["a"])
    assert shop.order(at=begin + timedelta(days=9)) == ("a", "bond")
    assert shop.order(at=begin + timedelta(days=18)) == ("a", "bond")
    assert shop.order(at=begin + timedelta(days=28)) == (None, "")
    assert shop.fates()["bond"] == Fate.TOO_OLD


def test_an_order_that_comes_late_is_not_credited_by_a_later_bond(shop: Shop) -> None:
    shop.order(code=shop.codes["a"])
    assert shop.order(at=shop.now - timedelta(days=1)) == (None, "")
    assert shop.order(at=shop.now - timedelta(days=1), code=shop.codes["b"]) == ("b", "code")
    assert shop.order(at=shop.now + timedelta(days=1)) == ("a", "bond")


def test_a_bond_is_given_by_hand(shop: Shop) -> None:
    with tenant_scope(shop.tenant):
        with pytest.raises(Refusal):
            give_bond(
                member_id=shop.people["x"], promoter_id=None, until=None, reason="none held", by=TESTER, now=shop.now
            )
        give_bond(
            member_id=shop.people["x"], promoter_id=shop.people["c"], until=shop.now + timedelta(days=2), reason="agreed",
            by=TESTER, now=shop.now,
        )  # fmt: skip
    assert shop.order(at=shop.now + timedelta(days=1)) == ("c", "bond")
    with tenant_scope(shop.tenant):
        give_bond(
            member_id=shop.people["x"],
            promoter_id=None,
            until=None,
            reason="complained",
            by=TESTER,
            now=shop.now + timedelta(days=1),
        )
    assert shop.order(at=shop.now + timedelta(days=1)) == (None, "")
    with tenant_scope(shop.tenant):
        assert [one.what for one in bond_history(shop.people["x"])] == ["given", "ended"]


def test_the_same_order_again_changes_nothing(shop: Shop) -> None:
    shop.order(code=shop.codes["a"])
    shop.orders = 0
    shop.order(code=shop.codes["a"])
    with tenant_scope(shop.tenant):
        assert Evidence.objects.count() == 1 and len(bond_history(shop.people["x"])) == 1


def test_a_policy_is_kept_by_versions(shop: Shop) -> None:
    with tenant_scope(shop.tenant):
        assert policy(shop.now) == (None, Policy())
        with pytest.raises(Refusal) as refused:
            publish_policy(rules=replace(Policy(), methods=()), reason="", by=TESTER, now=shop.now)
        assert refused.value.at == "methods"
        publish_policy(rules=replace(Policy(), bond_days=90), reason="season", by=TESTER, now=shop.now)
        assert policy(shop.now)[1].bond_days == 90


def test_another_policy_tried_on_past_orders(shop: Shop) -> None:
    shop.click("b", shop.now - timedelta(days=1), visitor=9)
    with tenant_scope(shop.tenant):
        join_visitor(visitor=9, member_id=shop.people["x"], now=shop.now)
    shop.order(code=shop.codes["a"])
    shop.order(at=shop.now + timedelta(hours=1))
    shop.order(buyer="y", promoter="c")
    window = shop.now - timedelta(days=1), shop.now + timedelta(days=1)
    with tenant_scope(shop.tenant):
        same = try_policy(rules=policy(shop.now)[1], since=window[0], until=window[1])
        assert (same.orders, same.changed, same.promoters) == (2, 0, ())
        other = try_policy(rules=replace(Policy(), methods=("touch", "bond")), since=window[0], until=window[1])
        assert (other.orders, other.changed, other.paid_changed) == (2, 2, 2000)
        assert other.by_method == {"touch": 2} and other.by_method_before == {"code": 1, "bond": 1}
        assert {one.promoter_id: one.gain for one in other.promoters} == {
            shop.people["a"]: -2000,
            shop.people["b"]: 2000,
        }


def test_a_customer_given_to_another_since_is_tried_as_whose_they_were(shop: Shop) -> None:
    x, a, b = (shop.people[name] for name in "xab")
    with tenant_scope(shop.tenant):
        give_bond(member_id=x, promoter_id=a, until=None, reason="old", by=TESTER, now=shop.now - timedelta(days=20))
    assert shop.order(at=shop.now - timedelta(minutes=5)) == ("a", "bond")
    with tenant_scope(shop.tenant):
        give_bond(member_id=x, promoter_id=b, until=None, reason="asked for b", by=TESTER, now=shop.now)
        window = {"since": shop.now - timedelta(days=1), "until": shop.now + timedelta(days=1), "lines": 9}
        same = try_policy(rules=Policy(), **window)  # type: ignore[arg-type]
        assert (same.orders, same.changed, same.lines, same.handed) == (1, 0, (), ())
        other = try_policy(rules=replace(Policy(), methods=("code",), bond_by=()), **window)  # type: ignore[arg-type]
        assert [(one.before, one.then, one.method_before, one.method) for one in other.lines] == [(a, 0, "bond", "")]
        assert [(one.before, one.then, one.orders, one.paid) for one in other.handed] == [(a, 0, 1, 1000)]


def test_a_policy_of_a_day_to_come_waits(shop: Shop) -> None:
    with tenant_scope(shop.tenant):
        later = shop.now + timedelta(days=2)
        strict = replace(Policy(), touch="first")
        publish_policy(rules=strict, reason="from then", by=TESTER, now=shop.now, effective_from=later)
        assert policy(shop.now) == (None, Policy())
        assert policy(later)[1] == strict
        publish_policy(rules=replace(Policy(), self_credit=False), reason="now", by=TESTER, now=shop.now)
        assert policy(shop.now)[1].self_credit is False
        assert policy(later)[1] == strict, "what begins later holds from then on, whenever it was published"
        with pytest.raises(Refusal) as refused:
            publish_policy(rules=strict, reason="", by=TESTER, now=shop.now, effective_from=shop.now)
        assert refused.value.code == "begins_in_past"
