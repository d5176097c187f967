"""Members that are one person: what moves, what comes back, and that the books hold whatever happens in between."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from rongshu.domain.commerce.orders.models import Order
from rongshu.domain.commerce.purchases.models import Purchases
from rongshu.domain.members.cards.actions import give_card
from rongshu.domain.members.cards.queries import card_of
from rongshu.domain.members.consents.actions import say_consents
from rongshu.domain.members.consents.queries import consents_of
from rongshu.domain.members.duplicates.models import MemberMerge
from rongshu.domain.members.erasure.actions import erase_member
from rongshu.domain.members.files.actions import Counts, Said, judge_text, keep_portion
from rongshu.domain.members.files.exporting import Whom
from rongshu.domain.members.growth.actions import publish_growth_rules
from rongshu.domain.members.growth.models import GrowthEntry, GrowthMonth
from rongshu.domain.members.points.actions import adjust_points, give_back_spent, reserve_points, spend_points
from rongshu.domain.members.points.actions import publish_rules as publish_points
from rongshu.domain.members.points.findings import points_findings
from rongshu.domain.members.points.queries import standing
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.editing import change_member
from rongshu.domain.members.profiles.fields import add_field, profile_fields
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import find_member, latest_members
from rongshu.domain.members.profiles.values import values_of
from rongshu.domain.members.tags.actions import add_tag, put_tag
from rongshu.domain.members.tags.queries import tags_of
from rongshu.domain.referral.bonds.actions import give_bond
from rongshu.domain.referral.bonds.queries import promoters_of
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.flows.duplicates import merge_members, pass_on_late, unmerge_members
from rongshu.flows.intake.accept import accept_orders, accept_refunds
from rongshu.flows.intake.shapes import ORDERS, REFUNDS
from rongshu.flows.intake.work import work_off
from rongshu.flows.join.actions import ensure_portal_login
from rongshu.flows.table import deliver_all
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.queries import invariants
from tests.factories import TESTER, found, new_phone
from tests.races.threads import together, untroubled

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOW: dict[str, Any] = {"by": TESTER, "now": NOW}
POINTS = {"points": 1, "currency": "CNY", "spending": {"per": "1.00", "points": 1}}
GROWTH = {"growth": 1, "currency": "CNY", "spending": {"per": "1.00"}}


def a_house() -> House:
    house = found(now=NOW)
    with tenant_scope(house.id):
        publish_points(source=POINTS, reason="", **HOW)
        publish_growth_rules(source=GROWTH, **HOW)
    return house


def person(external_id: str, **more: Any) -> int:
    return int(add_member(external_id=external_id, **more, **HOW).id)


def settle(house: House) -> None:
    while work_off(house.id, now=NOW):
        pass
    deliver_all(now=NOW)


def buys(house: House, buyer: str, order: str, paid: str) -> None:
    body = [{"id": order, "paid_at": NOW.isoformat(), "buyer": buyer, "lines": [{"sku": "A", "paid": paid}]}]
    with tenant_scope(house.id):
        accept_orders(orders=ORDERS.validate_python(body), tenant=house, **HOW)
    settle(house)


def refunds(house: House, order: str, amount: str, ref: str) -> None:
    body = [{"id": ref, "order": order, "refunded_at": NOW.isoformat(), "lines": [{"line_no": 1, "amount": amount}]}]
    with tenant_scope(house.id):
        accept_refunds(refunds=REFUNDS.validate_python(body), tenant=house, **HOW)
    settle(house)


def merge(source: int, heir: int) -> MemberMerge:
    return merge_members(member_id=source, heir_id=heir, reason="the same", **HOW)


def has(member: int) -> tuple[int, int, int]:
    """Points to be used, growth value, orders."""
    growth = sum(GrowthMonth.objects.filter(member_id=member).values_list("amount", flat=True))
    return standing(member, now=NOW).usable, growth, Order.objects.filter(buyer_id=member).count()


def holds() -> None:
    for one in [*points_findings(), *invariants()]:
        assert not one.differences, (one.name, one.examples)
    for month in GrowthMonth.objects.all():
        rows = GrowthEntry.objects.filter(member_id=month.member_id, month=month.month)
        assert sum(rows.values_list("amount", flat=True)) == month.amount


def test_everything_moves_and_comes_back_less_what_was_spent() -> None:
    house = a_house()
    with tenant_scope(house.id):
        phone = new_phone()
        one, two = person("one"), person("two", phone=phone, name="Li Lei")
    buys(house, "one", "o1", "100.00")
    buys(house, "two", "o2", "50.00")
    with tenant_scope(house.id):
        made = merge(two, one)
        assert merge(two, one).id == made.id
        assert (has(one), has(two)) == ((150, 150, 2), (0, 0, 0))
        assert Purchases.objects.get(member_id=one).paid == 15_000 and not Purchases.objects.filter(member_id=two)
        assert find_member("two").id == find_member(phone).id == one
        assert [row.id for row in latest_members()] == [one]
        login = ensure_portal_login(member=Member.objects.get(id=two), **HOW)
        assert login is not None and login.member_id == one
        holds()
    buys(house, "two", "o3", "10.00")
    refunds(house, "o2", "20.00", "r1")
    with tenant_scope(house.id):
        assert has(one) == (140, 140, 3)
        spend_points(ref="s", member_id=one, points=130, what="mall", now=NOW)
        undone = unmerge_members(merge_id=made.id, **HOW)
        assert undone.orders == 1
        assert undone.points + undone.points_gone == 50
        points, growth, orders = has(two)
        assert (points, growth, orders) == (undone.points, 30, 1)
        assert has(one)[1:] == (110, 2)
        assert find_member("two").id == two and Member.objects.get(id=one).name is None
        assert unmerge_members(merge_id=made.id, **HOW).orders == 0
        holds()
    refunds(house, "o2", "30.00", "r2")
    with tenant_scope(house.id):
        assert has(two)[1] == 0
        holds()


def test_who_cannot_be_merged_is_told_why() -> None:
    house = a_house()
    with tenant_scope(house.id):
        plain, gone, other, one, two = (person(name) for name in ("plain", "gone", "other", "one", "two"))
        enrol_promoters(joinings=[Joining(one, None, NOW), Joining(two, None, NOW)], **HOW)
        erase_member(member_id=gone, **HOW)
        for source, heir, why in (
            (one, two, "both_promote"), (one, plain, "promoter_stays"), (gone, plain, "member_erased"), (plain, plain, "same_member"),
            (plain, 7, "unknown_member"),
        ):  # fmt: skip
            with pytest.raises(Refusal) as refused:
                merge(source, heir)
            assert refused.value.code == why
        first = merge(plain, other)
        second = merge(other, one)
        assert find_member("plain").id == one
        with pytest.raises(Refusal, match="merged on"):
            unmerge_members(merge_id=first.id, **HOW)
        unmerge_members(merge_id=second.id, **HOW)
        assert find_member("plain").id == other
        adjust_points(member_id=two, points=5, reason="gift", ref="g", **HOW)
        reserve_points(ref="h", member_id=two, points=5, now=NOW)
        person("six")
        with pytest.raises(Refusal, match="set aside"):
            merge(find_member("six").id, two)


def test_what_comes_late_goes_on_to_the_heir() -> None:
    house = a_house()
    with tenant_scope(house.id):
        one, two = person("one"), person("two")
    buys(house, "two", "o2", "50.00")
    with tenant_scope(house.id):
        spend_points(ref="s", member_id=two, points=20, what="mall", now=NOW)
        made = merge(two, one)
        give_back_spent(ref="b", of="s", points=20, now=NOW)
        assert pass_on_late(now=NOW) == 1 and pass_on_late(now=NOW) == 0
        assert has(one)[0] == 50
        unmerge_members(merge_id=made.id, **HOW)
        assert (has(one), has(two)) == ((0, 0, 0), (50, 50, 1))
        holds()


def test_what_is_known_moves_where_nothing_was_and_comes_back() -> None:
    house = a_house()
    with tenant_scope(house.id):
        one, two, ann = (person(name) for name in ("one", "two", "ann"))
        enrol_promoters(joinings=[Joining(ann, None, NOW)], **HOW)
        add_field(code="shoe", kind="text", names={"zh": "鞋码", "en": "Shoe"}, limits={}, **HOW)
        change_member(member_id=two, changes={"name": "Li", "birthday": "1990-05-01", "fields": {"shoe": "41"}}, **HOW)
        tea, red = add_tag(name="tea", **HOW).id, add_tag(name="red", **HOW).id
        put_tag(tag_id=tea, members=[one, two], **HOW)
        put_tag(tag_id=red, members=[two], **HOW)
        say_consents(member_id=one, given={"marketing_sms": False}, place="portal", **HOW)
        say_consents(member_id=two, given={"marketing_sms": True, "marketing_mail": True}, place="portal", **HOW)
        give_bond(member_id=two, promoter_id=ann, until=None, reason="the shop", **HOW)
        card = give_card(member_id=two, way="hand", **HOW)
        fields = profile_fields()

        def known(member: int) -> tuple[object, ...]:
            held, row = card_of(member), Member.objects.get(id=member)
            return (
                row.birth_day, values_of([member], fields).get(member, {}), sorted(tag.name for tag in tags_of([member])[member]),
                {code: said.given for code, said in consents_of([member])[member].items()}, promoters_of([member]).get(member),
                None if held is None else held.number,
            )  # fmt: skip

        before = known(one), known(two)
        made = merge(two, one)
        assert known(one) == (
            501, {"shoe": "41"}, ["red", "tea"], {"marketing_sms": False, "marketing_mail": True}, ann, card.number,
        )  # fmt: skip
        unmerge_members(merge_id=made.id, **HOW)
        assert (known(one), known(two)) == before


def test_files_leave_whoever_was_merged_out() -> None:
    house = a_house()
    with tenant_scope(house.id):
        one, two = person("one"), person("two", phone="13800138000")
        merge(two, one)
        assert Whom().ids(0, 10) == [one]
        counts = Counts()
        for judged in judge_text("id,phone,name\ntwo,13800138000,Wang\none,,Li\n", ["external_id", "phone", "name"], Said(), now=NOW, lock=True):  # fmt: skip
            keep_portion(judged, counts, Said(), **HOW)
        assert (counts.updated, counts.same, counts.wrong) == (1, 1, 0)
        assert Member.objects.get(id=two).name is None


def test_merged_both_ways_at_once_one_is_the_heir() -> None:
    house = a_house()
    with tenant_scope(house.id):
        one, two = person("one"), person("two")

    def try_merge(source: int, heir: int) -> None:
        with tenant_scope(house.id):
            try:
                merge(source, heir)
            except Refusal as refusal:
                assert refusal.code == "merged_before"

    untroubled(together(lambda: try_merge(one, two), lambda: try_merge(two, one), lambda: try_merge(one, two)))
    with tenant_scope(house.id):
        assert MemberMerge.objects.count() == Member.objects.filter(heir_id__isnull=False).count() == 1


@pytest.mark.parametrize("seed", range(3))
def test_the_books_hold_whatever_happens_between(seed: int) -> None:
    dice, house = random.Random(seed), a_house()
    names = ("one", "two", "three")
    with tenant_scope(house.id):
        ids = {name: person(name) for name in names}
    orders: list[str] = []
    for step in range(14):
        what, name, other = dice.choice(("buy", "refund", "spend", "back", "merge", "unmerge")), *dice.sample(names, 2)
        if what == "buy" or not orders:
            orders.append(f"o{step}")
            buys(house, name, orders[-1], f"{dice.randint(10, 90)}.00")
        elif what == "refund":
            refunds(house, dice.choice(orders), f"{dice.randint(1, 9)}.00", f"r{step}")
        else:
            with tenant_scope(house.id):
                made = MemberMerge.objects.filter(undone_at=None).order_by("id").first()
                try:
                    if what == "spend":
                        spend_points(ref=f"s{step}", member_id=ids[name], points=5, what="x", now=NOW)
                    elif what == "back":
                        give_back_spent(ref=f"b{step}", of=f"s{dice.randrange(step)}", points=2, now=NOW)
                    elif what == "merge":
                        merge(ids[name], ids[other])
                    elif made is not None:
                        unmerge_members(merge_id=made.id, **HOW)
                except Refusal:
                    continue
        with tenant_scope(house.id):
            pass_on_late(now=NOW)
            holds()
