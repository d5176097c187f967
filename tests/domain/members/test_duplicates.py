"""Members that are alike: found by what changes nothing, told apart for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from rongshu.domain.members.duplicates.finding import look_for_likeness, pairs, tell_apart
from rongshu.domain.members.duplicates.models import MemberLikeness
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.editing import change_member
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found

NOW = datetime(2026, 3, 10, 4, tzinfo=UTC)


@pytest.fixture
def house() -> Iterator[None]:
    with tenant_scope(found(now=NOW).id):
        yield


def member(external_id: str | None = None, birthday: str | None = None, **more: str) -> int:
    return add_member(external_id=external_id, more={"birthday": birthday}, by=TESTER, now=NOW, **more).id


def suspected() -> list[tuple[int, int, tuple[str, ...]]]:
    return [(one.low, one.high, one.kinds) for one in pairs()]


def test_the_same_phone_mail_id_and_name_with_birthday_are_suspected(house: None) -> None:
    one = member("A-0017", phone="13800138000", name="张三", birthday="1990-05-01")
    two = member("a0017", phone="8613800138000")
    three = member("B1", email="li.lei@gmail.com", name="Li Lei")
    four = member("B2", email="LiLei+shop@gmail.com", name="Han")
    five = member("C1", name="张 三", birthday="1990-05-01")
    member("C2", name="张三", birthday="05-01")
    assert look_for_likeness() == 6
    assert suspected() == [
        (one, two, ("external_id", "phone")),
        (one, five, ("name_birthday",)),
        (three, four, ("email",)),
    ]
    assert look_for_likeness() == 0
    assert [len(bytes(row.key)) for row in MemberLikeness.objects.all()] == [16] * MemberLikeness.objects.count()


def test_a_changed_profile_is_looked_at_again_and_pages_go_on(house: None) -> None:
    one, two, three = (
        member("1", phone="13800138000"),
        member("2", phone="13800138009"),
        member("3", phone="8613800138000"),
    )
    look_for_likeness()
    assert suspected() == [(one, three, ("phone",))]
    assert look_for_likeness(changed=False) == 0
    change_member(member_id=three, changes={"phone": "8613800138009"}, by=TESTER, now=NOW)
    assert look_for_likeness(changed=False) == 0, "nobody is new"
    assert look_for_likeness() == 1
    assert suspected() == [(two, three, ("phone",))]
    assert pairs(after=(two, three)) == []


def test_two_people_told_apart_are_suspected_no_more(house: None) -> None:
    one, two = member("1", phone="13800138000"), member("2", phone="8613800138000")
    look_for_likeness()
    assert tell_apart(members=[two, one], by=TESTER, now=NOW)
    assert not tell_apart(members=[one, two], by=TESTER, now=NOW)
    assert suspected() == []
    with pytest.raises(Refusal):
        tell_apart(members=[one, one], by=TESTER, now=NOW)


def test_what_everybody_was_given_is_no_likeness(house: None) -> None:
    for number in range(21):
        member(f"N{number}", name="会员", birthday="1990-01-01")
    look_for_likeness(limit=10)
    assert look_for_likeness(limit=50) == 11
    assert suspected() == []
