"""Profiles: a tenant's own fields by kind, values kept and given back, birthdays, regions, who may change what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.birthdays import birthday_of, celebrated_on, members_with_birthday, read_birthday
from rongshu.domain.members.profiles.editing import MEMBER, change_member
from rongshu.domain.members.profiles.fields import (
    MOST_ON,
    add_field,
    change_field,
    order_fields,
    profile_fields,
    switch_field,
)
from rongshu.domain.members.profiles.models import Member, ProfileValue
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.members.profiles.regions import REGIONS, region_name, region_of
from rongshu.domain.members.profiles.values import values_of
from rongshu.kernel.audit.models import AuditEntry
from rongshu.kernel.errors import Kind, Refusal
from rongshu.kernel.secrets import unseal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found

NOW = datetime(2026, 3, 10, 4, tzinfo=UTC)
SKIN = {"options": [{"code": "dry", "zh": "干性", "en": "Dry"}, {"code": "oily", "zh": "油性", "en": ""}]}


@pytest.fixture
def house() -> Iterator[None]:
    with tenant_scope(found(now=NOW).id):
        yield


def field(code: str, kind: str, **more: Any) -> None:
    add_field(code=code, kind=kind, names={"zh": code, "en": ""}, by=TESTER, now=NOW, **more)


def change(member: Member, said_by: str = "operator", **changes: Any) -> list[str]:
    return change_member(member_id=member.id, changes=changes, said_by=said_by, by=TESTER, now=NOW)


def added(**more: Any) -> Member:
    return add_member(external_id="x1", more=more, by=TESTER, now=NOW)


def refused(at: str, member: Member, said_by: str = "operator", **changes: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        change(member, said_by, **changes)
    assert caught.value.at == at, caught.value
    return caught.value


@pytest.mark.usefixtures("house")
def test_values_of_every_kind_come_back_as_they_were_written() -> None:
    field("shoe", "number", limits={"least": "30", "most": "50", "places": 1})
    field("skin", "choice", limits=SKIN)
    field("likes", "choices", limits={"options": [{"code": one, "zh": one} for one in ("tea", "cake", "wine")]})
    field("since", "date", limits={"until": "2026-12-31"})
    field("pets", "yes_no")
    field("note", "text", limits={"longest": 10})
    field("wechat", "text", sealed=True)
    values = {"shoe": "41.5", "skin": "dry", "likes": ["wine", "tea"], "since": "2020-02-29", "pets": False, "note": "喜欢", "wechat": "wx1"}  # fmt: skip
    member = added(fields=values)
    kept = values_of([member.id], profile_fields())[member.id]
    assert kept == values | {"likes": ["tea", "wine"]}
    assert ProfileValue.objects.filter(number=41.5).exists() and not ProfileValue.objects.filter(word="wx1").exists()
    assert change(member, fields={"likes": ["cake"], "pets": None, "shoe": "41.5"}) == ["fields.likes", "fields.pets"]
    assert "pets" not in values_of([member.id], profile_fields())[member.id]
    for code, bad in [
        ("shoe", "29"), ("shoe", 50.5), ("shoe", "41.25"), ("shoe", "nan"), ("shoe", True), ("skin", "wet"), ("likes", "tea"),
        ("since", "2026-02-30"), ("since", "2027-01-01"), ("pets", "maybe"), ("note", "x" * 11), ("note", 3), ("gone", 1),
    ]:  # fmt: skip
        refused(f"fields.{code}", member, fields={code: bad})
    assert refused("fields.likes.1", member, fields={"likes": ["tea", "beer"]}).code == "unknown_option"


@pytest.mark.usefixtures("house")
def test_a_field_changes_without_losing_what_members_said() -> None:
    field("skin", "choice", limits=SKIN)
    field("size", "text", required=True)
    member = added(fields={"skin": "dry", "size": "M"})
    oily = {"options": [{"code": "oily", "zh": "油性"}]}
    change_field(code="skin", names={"zh": "肤质"}, required=False, by_member=True, limits=oily, by=TESTER, now=NOW)
    skin = next(one for one in profile_fields() if one.code == "skin")
    assert [(one["code"], one.get("off", False)) for one in skin.limits["options"]] == [("oily", False), ("dry", True)]
    assert change(member, fields={"skin": "dry"}) == []
    other = add_member(external_id="x2", by=TESTER, now=NOW)
    refused("fields.skin", other, fields={"skin": "dry"})
    refused("fields.size", member, fields={"size": None})
    switch_field(code="skin", active=False, by=TESTER, now=NOW)
    refused("fields.skin", member, fields={"skin": "oily"})
    switch_field(code="skin", active=True, by=TESTER, now=NOW)
    assert values_of([member.id], profile_fields())[member.id] == {"skin": "dry", "size": "M"}
    order_fields(codes=["size"], by=TESTER, now=NOW)
    assert [one.code for one in profile_fields()] == ["size", "skin"]


@pytest.mark.usefixtures("house")
def test_fields_that_cannot_be() -> None:
    field("one", "text")
    for more in (
        {"code": "One"}, {"code": "phone"}, {"kind": "colour"}, {"names": {}}, {"kind": "choice"}, {"kind": "date", "sealed": True},
        {"kind": "number", "limits": {"least": 3, "most": 2}}, {"kind": "number", "limits": {"places": 7}},
        {"kind": "choice", "limits": {"options": [{"code": "a", "zh": "a"}, {"code": "a", "zh": "b"}]}}, {"code": "one"},
    ):  # fmt: skip
        with pytest.raises(Refusal):
            given: dict[str, Any] = {"code": "two", "kind": "text", "names": {"zh": "二"}} | more
            add_field(**given, by=TESTER, now=NOW)
    for number in range(MOST_ON - 1):
        field(f"f{number}", "yes_no")
    with pytest.raises(Refusal) as caught:
        field("last", "text")
    assert caught.value.code == "fields_full"


@pytest.mark.usefixtures("house")
def test_a_birthday_is_said_once_by_the_member_and_corrected_by_the_team() -> None:
    member = added()
    assert change(member, MEMBER, birthday="1992-02-29") == ["birthday"]
    assert change(member, MEMBER, birthday="1992-02-29") == []
    assert refused("birthday", member, MEMBER, birthday="03-01").kind == Kind.FORBIDDEN
    held = Member.objects.get(id=member.id)
    assert (held.birth_day, held.birth_by) == (229, "member") and unseal(held.birth_year) == "1992"
    assert members_with_birthday(date(2026, 2, 28)) == [member.id] == members_with_birthday(date(2028, 2, 29))
    assert not members_with_birthday(date(2028, 2, 28)) and not members_with_birthday(date(2026, 3, 1))
    assert celebrated_on(date(2100, 2, 28)) == (228, 229)
    assert change(member, birthday="--3-1") == ["birthday"]
    born = birthday_of(Member.objects.get(id=member.id))
    assert born is not None and born.text == "03-01"
    assert change(member, birthday=None) == ["birthday"]
    for bad in ("1991-02-29", "02-30", "1899-01-01", "2026-03-11", "x", "13-01"):
        with pytest.raises(Refusal):
            read_birthday(bad, today=date(2026, 3, 10))


@pytest.mark.usefixtures("house")
def test_who_changes_what_and_that_it_is_noted_without_the_data() -> None:
    field("inner", "text")
    member = added()
    refused("phone", member, MEMBER, phone="13900000000")
    refused("fields.inner", member, MEMBER, fields={"inner": "x"})
    refused("colour", member, colour="red")
    refused("preference", member, preference="cash")
    refused("name", member, name=3)
    refused("external_id", member, external_id=None)
    assert change(member, phone="13912345678", name=" Li  Lei ", region="广东省", preference="gift") == [
        "phone", "name", "region", "preference",
    ]  # fmt: skip
    assert find_member("13912345678").region == "CN-GD"
    other = add_member(external_id="x2", by=TESTER, now=NOW)
    with pytest.raises(Refusal) as caught:
        change(other, phone="13912345678")
    assert caught.value.kind == Kind.CONFLICT
    entry = AuditEntry.objects.filter(action="member.changed").latest("id")
    assert entry.details["parts"] == ["phone", "name", "region", "preference"] and "139" not in str(entry.details)
    assert change(member, external_id=None) == ["external_id"]


def test_regions_are_recognised_however_they_are_spelled() -> None:
    for code, (zh, en) in REGIONS.items():
        for text in (code, code.lower(), zh, en, en.upper(), f" {zh} "):
            assert region_of(text) == code
        assert region_name(code, "zh-hans") == zh and region_name(code, "en") == en
    assert (
        region_of("内蒙古自治区") == "CN-NM"
        and region_of("香港特别行政区") == "CN-HK"
        and region_of("上海市") == "CN-SH"
    )
    assert region_of(" Baden  Württemberg ") == "Baden Württemberg" == region_name("Baden Württemberg", "zh")
    with pytest.raises(Refusal):
        region_of("x" * 61)
