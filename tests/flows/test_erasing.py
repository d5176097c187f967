"""Erasing a member: what is gone, what stays, what stands in the way, and whoever comes at the same moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from rongshu.domain.commerce.coupons.actions import Terms, make_kind, send_coupons
from rongshu.domain.commerce.coupons.models import Coupon, CouponKind
from rongshu.domain.commerce.orders.models import Order
from rongshu.domain.commission.rating.models import Commission
from rongshu.domain.members.erasure.models import Erasure
from rongshu.domain.members.points.actions import Grant, adjust_points, grant, reserve_points
from rongshu.domain.members.points.findings import points_findings
from rongshu.domain.members.points.queries import standing
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.members.wechat.actions import join_person, meet_person
from rongshu.domain.members.wechat.models import WechatPerson
from rongshu.domain.members.wechat.protocol import Known
from rongshu.domain.referral.care.actions import freeze, tag
from rongshu.domain.referral.care.merging import merge_promoters
from rongshu.domain.referral.joining.actions import leave
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.settlement.payees.actions import give_papers
from rongshu.domain.settlement.payees.models import Payee
from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.domain.settlement.withdrawals.actions import ask_withdrawal, cancel_withdrawal
from rongshu.flows.erasing import erase_person, in_the_way
from rongshu.flows.intake.accept import accept_orders
from rongshu.flows.intake.shapes import ORDERS
from rongshu.flows.intake.work import work_off
from rongshu.flows.join.actions import ensure_portal_login, welcome
from rongshu.flows.join.inviting import invitation
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.models import Login, Passkey
from rongshu.kernel.access.rules import Role
from rongshu.kernel.audit.models import AuditEntry
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.queries import invariants
from tests.domain.settlement.test_withdrawals import ANN, OPEN, papers
from tests.factories import TESTER, found, new_phone
from tests.races.test_ledger_races import fill
from tests.races.threads import together, untroubled

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PASSWORD = "a banyan grows"
HOW: dict[str, Any] = {"by": TESTER, "now": NOW}


def holds() -> None:
    for one in [*points_findings(), *invariants()]:
        assert not one.differences, (one.name, one.examples)


def one_who_promotes(phone: str, *, name: str = "Lin Daiyu") -> int:
    member = add_member(
        phone=phone, email=f"{phone.lstrip('+')}@example.com", name=name, external_id=f"shop-{phone}", **HOW
    )
    enrol_promoters(joinings=[Joining(member.id, None, NOW - DAY)], **HOW)
    return int(member.id)


def test_whoever_left_is_known_by_nothing_any_more(tenant: int) -> None:
    phone = new_phone()
    with tenant_scope(tenant):
        me = one_who_promotes(phone)
        login = add_login(name=phone, password=PASSWORD, role=Role.PROMOTER, member_id=me, **HOW)
        Passkey.add(
            login_id=login.id, credential=f"c{login.id}".encode(), public_key=b"k", sign_count=0, name="", made_at=NOW
        )
        person = meet_person(appid="wx1", known=Known(f"o{me}"), now=NOW)
        join_person(person=person.id, member_id=me, **HOW)
        tag(promoter_id=me, name="works at the school", **HOW)
        give_papers(promoter_id=me, papers=papers(), agreement="1", **HOW)
        adjust_points(member_id=me, points=70, reason="a gift", ref="h1", **HOW)
        kind = make_kind(terms=Terms(name="spring", kind="fixed", amount=500, valid_from=NOW, per_person=0), **HOW)
        send_coupons(kind_id=kind.id, member_ids=[me], ref="s1", **HOW)
        leave(promoter_id=me, **HOW)
    browser = Client()
    assert browser.post("/portal/sign-in", {"phone": phone, "password": PASSWORD}).status_code == 302
    with tenant_scope(tenant):
        done = erase_person(member_id=me, **HOW)
        assert (done.again, done.points, done.coupons) == (False, 70, 1)
        row = Member.objects.get(id=me)
        assert row.external_id == f"erased-{outside('mem', me)}"
        assert [row.phone, row.phone_hash, row.email, row.email_hash, row.name] == [None] * 5
        assert standing(me, now=NOW).usable == 0
        assert Coupon.objects.get(member_id=me).state == "expired"
        assert CouponKind.objects.get(id=kind.id).promised == 0
        assert not WechatPerson.objects.filter(member_id=me).exists()
        assert not Passkey.objects.filter(login_id=login.id).exists()
        assert not Payee.objects.filter(promoter_id=me).exclude(name=b"").exists()
        after = Login.objects.get(id=login.id)
        assert (
            not after.is_active and bytes(after.name_hash) != bytes(login.name_hash) and phone[-4:] not in after.shown
        )
        said = AuditEntry.objects.filter(action__in=["person.erased", "member.erased", "login.forgotten"])
        assert said.count() == 3 and not any(
            phone[-4:] in str(one.details) + one.subject for one in said if one.subject != str(me)
        )
        holds()
        again = erase_person(member_id=me, by=TESTER, now=NOW + DAY)
        assert (again.again, again.at, Erasure.objects.count()) == (True, NOW, 1)
        with pytest.raises(Refusal, match="no member"):
            find_member(phone)
        new = add_member(phone=phone, **HOW)  # the phone is free for whoever comes with it
        assert new.id != me
        assert ensure_portal_login(member=new, **HOW).name_hash == login.name_hash
    assert browser.get("/portal/me").status_code == 302, "the session has ended"


def a_pending_commission(promoter: int) -> None:
    """As the rating of an order leaves it."""
    Commission.add(
        order_id=1, row=0, line_no=1, kind=0, level=1, beneficiary_id=promoter, rule="l1", base=1000, ppm=100_000,
        before_caps=100, cut_order=0, cut_day=0, cut_month=0, amount=100, paid_at=NOW,
    )  # fmt: skip


def stands_in_the_way(member: int) -> list[str]:
    return [one.code for one in in_the_way(member)]


def test_what_stands_in_the_way_is_named_and_nothing_is_changed(tenant: int) -> None:
    with tenant_scope(tenant):
        me, other = one_who_promotes(new_phone()), one_who_promotes(new_phone())
        assert stands_in_the_way(me) == ["still_promotes"]
        with pytest.raises(Refusal, match="Stop promoting first"):
            erase_person(member_id=me, **HOW)
        freeze(promoter_id=me, reason="looks odd", **HOW)
        assert stands_in_the_way(me) == ["frozen"]
        with pytest.raises(Refusal):
            erase_person(member_id=me, **HOW)
        leave(promoter_id=other, **HOW)
        adjust_points(member_id=other, points=70, reason="a gift", ref="h2", **HOW)
        reserve_points(ref="cart", member_id=other, points=10, now=NOW)
        assert stands_in_the_way(other) == ["points_reserved"]
        with pytest.raises(Refusal, match="set aside"):
            erase_person(member_id=other, **HOW)
        assert Member.objects.get(id=other).phone is not None and standing(other, now=NOW).usable == 60
        with pytest.raises(Refusal, match="no such member"):
            erase_person(member_id=other + 1, **HOW)


def test_money_of_any_kind_stands_in_the_way(tenant: int) -> None:
    with tenant_scope(tenant):
        me = one_who_promotes(new_phone())
        give_papers(promoter_id=me, papers=papers(), agreement="1", **HOW)
        set_policy(rules=OPEN, by=ANN, now=NOW)
        leave(promoter_id=me, **HOW)
    fill(tenant, me, 12_30)
    with tenant_scope(tenant):
        (problem,) = in_the_way(me)
        assert (problem.code, problem.params) == ("money_available", {"amount": "12.30 CNY"})
        withdrawal = ask_withdrawal(promoter_id=me, amount=12_30, **HOW).id
        assert stands_in_the_way(me) == ["money_reserved"]
        cancel_withdrawal(identifier=withdrawal, promoter_id=me, **HOW)
        a_pending_commission(me)
        assert stands_in_the_way(me) == ["money_pending", "money_available"]
        with pytest.raises(Refusal, match="still pending"):
            erase_person(member_id=me, **HOW)


def test_orders_from_before_they_stopped_are_counted_first(tenant: int) -> None:
    house = found(now=NOW)
    with tenant_scope(house.id):
        me = one_who_promotes(new_phone())
        body = [{"id": "o1", "paid_at": (NOW - DAY).isoformat(), "buyer": "b", "lines": [{"sku": "A", "paid": "9.99"}]}]
        accept_orders(orders=ORDERS.validate_python(body), tenant=house, by=TESTER, now=NOW - DAY)
        leave(promoter_id=me, **HOW)
        assert stands_in_the_way(me) == ["still_counted"]
    while work_off(house.id, now=NOW):
        pass
    with tenant_scope(house.id):
        assert stands_in_the_way(me) == []


def test_points_not_usable_yet_lapse_as_well_and_what_is_owed_is_settled(tenant: int) -> None:
    with tenant_scope(tenant):
        me = add_member(phone=new_phone(), **HOW).id
        at = to_micros(NOW)
        grant(
            [Grant(me, 40, "later", "hand", at, at + 10**12, None), Grant(me, 5, "now", "hand", at, at, None)], now=NOW
        )
        assert erase_person(member_id=me, **HOW).points == 45
        assert standing(me, now=NOW).pending == 0
        holds()


def test_two_who_are_one_person_go_together(tenant: int) -> None:
    with tenant_scope(tenant):
        merged, heir = one_who_promotes(new_phone()), one_who_promotes(new_phone())
        merge_promoters(promoter_id=merged, heir_id=heir, reason="one person", **HOW)
        assert stands_in_the_way(merged) == ["merged"]
        leave(promoter_id=heir, **HOW)
        erase_person(member_id=heir, **HOW)
        assert not Member.objects.filter(id__in=[merged, heir], phone__isnull=False).exists()


def test_whoever_enters_at_the_same_moment_comes_before_or_begins_anew() -> None:
    for _ in range(4):
        tenant, phone = found(now=NOW).id, new_phone()
        with tenant_scope(tenant):
            me = int(add_member(phone=phone, **HOW).id)

        def enter(tenant: int = tenant, phone: str = phone) -> int | None:
            with tenant_scope(tenant):
                member = welcome(phone=phone, visitor=0, inviting=invitation("", NOW), **HOW)
            with tenant_scope(tenant):
                try:
                    login = ensure_portal_login(member=member, **HOW)
                except Refusal as refusal:
                    assert refusal.code == "erased"
                    return None
            return login and login.member_id

        def erase(tenant: int = tenant, me: int = me) -> None:
            with tenant_scope(tenant):
                erase_person(member_id=me, **HOW)

        untroubled(together(enter, erase, erase))
        with tenant_scope(tenant):
            row = Member.objects.get(id=me)
            assert row.phone is None and Erasure.objects.count() == 1
            assert not Login.objects.filter(tenant_id=tenant, member_id=me, is_active=True).exists()


def test_orders_at_the_same_moment_name_nobody_erased() -> None:
    house = found(now=NOW)
    with tenant_scope(house.id):
        me = int(add_member(external_id="buyer-1", phone=new_phone(), **HOW).id)

    def order(number: int) -> None:
        body = [
            {
                "id": f"o{number}",
                "paid_at": NOW.isoformat(),
                "buyer": "buyer-1",
                "lines": [{"sku": "A", "paid": "9.99"}],
            }
        ]
        with tenant_scope(house.id):
            accept_orders(orders=ORDERS.validate_python(body), tenant=house, by=TESTER, now=NOW)

    def erase() -> None:
        with tenant_scope(house.id):
            erase_person(member_id=me, **HOW)

    untroubled(together(lambda: order(1), erase, lambda: order(2)))
    order(3)
    while work_off(house.id, now=NOW):
        pass
    with tenant_scope(house.id):
        assert Member.objects.get(id=me).external_id == f"erased-{outside('mem', me)}"
        buyers = dict(Order.objects.values_list("external_id", "buyer_id"))
        assert set(buyers) == {"o1", "o2", "o3"} and buyers["o3"] != me
        holds()
