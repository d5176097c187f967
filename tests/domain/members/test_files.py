"""Files of members: headings, cleaning, what becomes of each row, written once and the same again changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from rongshu.domain.members.consents.actions import say_consents
from rongshu.domain.members.consents.models import Consent
from rongshu.domain.members.consents.queries import consents_of
from rongshu.domain.members.files.actions import (
    KEPT,
    Counts,
    Said,
    bring_file,
    forget_files,
    judge_text,
    keep_portion,
    map_file,
    open_file,
    put_file,
)
from rongshu.domain.members.files.cleaning import birthday_text, name_of, phone_of
from rongshu.domain.members.files.columns import proposed
from rongshu.domain.members.files.judging import Judged
from rongshu.domain.members.files.models import MemberFile
from rongshu.domain.members.files.reading import decoded
from rongshu.domain.members.growth.actions import publish_growth_rules
from rongshu.domain.members.growth.queries import total_of
from rongshu.domain.members.points.findings import points_findings
from rongshu.domain.members.points.queries import standing
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.birthdays import birthday_of
from rongshu.domain.members.profiles.fields import add_field, profile_fields
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.members.profiles.values import values_of
from rongshu.domain.members.tags.actions import add_tag
from rongshu.domain.members.tags.queries import tags_of
from rongshu.kernel.audit.models import AuditEntry
from rongshu.kernel.errors import Refusal
from rongshu.kernel.secrets import unseal
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.queries import invariants
from tests.factories import TESTER, found

NOW = datetime(2026, 3, 10, 4, tzinfo=UTC)


@pytest.fixture
def house() -> Iterator[None]:
    with tenant_scope(found(now=NOW).id):
        yield


def bring(text: str, said: Said | None = None, *, now: datetime = NOW) -> tuple[dict[str, int], list[Judged]]:
    """A file brought in by the mapping its headings propose: counts, and every row."""
    counts, rows, said = Counts(), [], said or Said()
    mapping = proposed(text.splitlines()[0].split(","), profile_fields())
    for judged in judge_text(text, mapping, said, now=now, lock=True):
        keep_portion(judged, counts, said, by=TESTER, now=now)
        rows += judged
    return counts.numbers, rows


def why(one: Judged) -> list[tuple[str, str]]:
    return [(at, refusal.code) for at, refusal in one.row.faults]


def number(**more: int) -> dict[str, int]:
    return {"new": 0, "updated": 0, "same": 0, "wrong": 0} | more


def test_what_members_had_before_is_given_once() -> None:
    house = found(now=NOW)
    with tenant_scope(house.id):
        publish_growth_rules(source={"growth": 1, "currency": "CNY", "spending": {"per": "1.00"}}, by=TESTER, now=NOW)
        text = '会员编号,期初积分,期初成长值\na,"1,200",300\nb,0,\nc,1.5,-1\n'
        counts, rows = bring(text)
        assert counts == number(new=2, wrong=1)
        assert why(rows[2]) == [("opening_points", "no_whole"), ("opening_growth", "no_whole")]
        assert bring(text)[0] == number(same=2, wrong=1)
        counts, rows = bring("会员编号,期初积分,期初成长值\na,1300,300\nb,50,7\n")
        assert counts == number(updated=1, wrong=1) and why(rows[0]) == [("opening_points", "opened_before")]
        a, b = find_member("a").id, find_member("b").id
        assert [standing(one, now=NOW).usable for one in (a, b)] == [1200, 50]
        assert [total_of(one) for one in (a, b)] == [300, 7]
        assert not any(one.differences for one in [*points_findings(), *invariants()])


def test_headings_propose_what_they_say() -> None:
    headings = ["会员编号", "手机 号码", "E-Mail", "姓名", "出生日期", "所在省", "备注", "Phone"]
    assert proposed(headings, []) == ["external_id", "phone", "email", "name", "birthday", "region", "", ""]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("１３８ ００１３ ８０００", "13800138000"), ("+86 138-0013-8000", "13800138000"), ("0086 13800138000", "13800138000"),
        ("8613800138000", "13800138000"), ("13800138000.0", "13800138000"), ("+1 (415) 555-2671", "+14155552671"),
        ("010-8888 6666", "01088886666"),
    ],
)  # fmt: skip
def test_phones_are_cleaned(written: str, kept: str) -> None:
    assert phone_of(written) == kept


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", "+86", "0086 ", "86-", "＋８６ "]),
    st.booleans(),
)
def test_a_mainland_phone_is_one_number_however_it_is_written(phone: str, before: str, wide: bool) -> None:
    written = "".join(chr(ord(one) + 0xFEE0) for one in phone) if wide else f"{phone[:3]} {phone[3:7]}-{phone[7:]}"
    assert phone_of(before + written) == phone


@pytest.mark.parametrize(("written", "code"), [("1.38E+10", "cut_phone"), ("12", "bad_phone"), ("abc", "bad_phone")])
def test_what_is_no_phone_is_said(written: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        phone_of(written)
    assert caught.value.code == code


def test_names_and_birthdays_are_cleaned() -> None:
    assert [name_of(one) for one in ("张　三 ", " Li   Lei", "王\u200b五")] == ["张三", "Li Lei", "王五"]
    ways = ["1990/5/1", "1990年5月1日", "19900501", "1990-05-01 00:00:00", "5月1日"]
    assert [birthday_text(one) for one in ways] == ["1990-05-01"] * 4 + ["05-01"]


def test_both_letters_are_read() -> None:
    text = "手机,姓名\n13800138000,张三\n"
    assert decoded(text.encode("gb18030")) == decoded(text.encode("utf-8-sig")) == text
    with pytest.raises(Refusal, match="no text"):
        decoded(b"\xff\xfe\x00\x00")


FILE = """会员号,手机,姓名,生日,省份,城市,偏好,注册日期
A1,+86 138 0013 8001,张　三,1990/5/1,广东省,深圳,礼品,2024-02-03
A2,１３８００１３８００２,李四,5月2日,上海市,,,
"""


def test_new_members_are_written_sealed_and_again_they_are_the_same(house: None) -> None:
    assert bring(FILE)[0] == number(new=2)
    one = find_member("13800138001")
    assert (one.external_id, unseal(one.name), one.region, one.city, one.preference) == (
        "A1", "张三", "CN-GD", "深圳", "gift",
    )  # fmt: skip
    assert (birthday_of(one).text, one.birth_by) == ("1990-05-01", "import")
    assert one.created_at == datetime(2024, 2, 2, 16, tzinfo=UTC)
    assert b"13800138001" not in bytes(one.phone)
    before = list(Member.objects.order_by("id").values())
    assert bring(FILE, now=NOW + timedelta(hours=1))[0] == number(same=2)
    assert list(Member.objects.order_by("id").values()) == before


def test_what_a_row_leaves_empty_stays_and_what_it_says_is_changed(house: None) -> None:
    member = add_member(external_id="A1", phone="13800138001", name="张三", more={"city": "广州"}, by=TESTER, now=NOW)
    assert bring("id,phone,name,city,email\nA1,,张三丰,,z@example.com\n")[0] == number(updated=1)
    kept = Member.objects.get(id=member.id)
    assert (unseal(kept.name), unseal(kept.email), kept.city, bytes(kept.phone)) == (
        "张三丰", "z@example.com", "广州", bytes(member.phone),
    )  # fmt: skip
    assert find_member("z@example.com").id == member.id


def test_a_member_found_by_phone_gets_the_id_they_lacked(house: None) -> None:
    member = add_member(phone="13800138001", by=TESTER, now=NOW)
    assert bring("id,phone\nA9,+8613800138001\n")[0] == number(updated=1)
    assert find_member("A9").id == member.id


def test_rows_that_cannot_be_taken_say_all_that_is_wrong(house: None) -> None:
    add_member(external_id="A1", phone="13800138001", by=TESTER, now=NOW)
    add_member(external_id="A2", phone="13800138002", by=TESTER, now=NOW)
    text = (
        "id,phone,birthday,tags\n"
        "B1,12,1990-02-31,\n"  # a phone and a day that are none
        "A1,13800138002,,\n"  # of two members
        "B2,13800138001,,\n"  # has another id
        ",,1990-01-01,\n"  # nameless
        "B3,,,不存在\n"  # a tag nobody knows
        "B4,13800138004,,\n"
        "B5,13800138004,,\n"  # stands in line 7 already
        "B6,,,,,\n"  # more cells
        "erased-1,,,\n"
    )
    counts, rows = bring(text)
    assert counts == number(new=1, wrong=8)
    assert [why(one) for one in rows] == [
        [("phone", "bad_phone"), ("birthday", "no_such_day")],
        [("", "two_members")],
        [("external_id", "other_id")],
        [("", "nameless_member")],
        [("tags", "no_such_tag")],
        [],
        [("", "row_again")],
        [("", "more_cells")],
        [("external_id", "erased_id")],
    ]
    assert [one.row.line for one in rows] == list(range(2, 11))
    assert Member.objects.count() == 3


def test_own_fields_and_tags_are_brought(house: None) -> None:
    options = [{"code": "dry", "zh": "干性", "en": "Dry"}, {"code": "oily", "zh": "油性", "en": ""}]
    for code, kind, more in (("skin", "choices", {"limits": {"options": options}}), ("size", "number", {"limits": {"places": 1}}),
                             ("secret", "text", {"sealed": True}), ("since", "date", {}), ("vip", "yes_no", {})):  # fmt: skip
        add_field(code=code, kind=kind, names={"zh": f"我的{code}", "en": ""}, by=TESTER, now=NOW, **more)
    add_tag(name="老客", by=TESTER, now=NOW)
    add_tag(name="VIP", by=TESTER, now=NOW)
    text = "id,我的skin,我的size,secret,我的since,vip,标签\nA1,油性；dry,41.50,密,2020/1/2,是,老客、vip\n"
    assert bring(text)[0] == number(new=1)
    one = find_member("A1").id
    assert values_of([one], profile_fields())[one] == {
        "skin": ["dry", "oily"], "size": "41.5", "secret": "密", "since": "2020-01-02", "vip": True,
    }  # fmt: skip
    assert [worn.name for worn in tags_of([one])[one]] == ["VIP", "老客"]
    assert bring(text)[0] == number(same=1)
    changed = text.replace("41.50", "42").replace("密", "秘")
    counts, rows = bring(changed)
    assert (counts, set(rows[0].cells), rows[0].tags) == (number(updated=1), {"size", "secret"}, [])


def test_consents_need_their_source_and_day_and_newer_words_stand(house: None) -> None:
    text = "id,接受短信\nA1,是\n"
    for said, at in ((Said(), "source"), (Said("门店纸质表"), "day")):
        with pytest.raises(Refusal) as caught:
            bring(text, said)
        assert caught.value.at == at
    said = Said("门店纸质表", date(2026, 2, 1))
    assert bring(text, said)[0] == number(new=1)
    one = find_member("A1").id
    row = Consent.objects.get(member_id=one)
    assert (row.place, row.source, row.given, row.at) == (
        "import",
        "门店纸质表",
        True,
        datetime(2026, 1, 31, 16, tzinfo=UTC),
    )
    assert consents_of([one])[one]["marketing_sms"].given
    assert bring(text, said)[0] == number(same=1)
    say_consents(member_id=one, given={"marketing_sms": False}, place="portal", by=TESTER, now=NOW)
    assert bring(text, Said("表", date(2026, 3, 10)))[0] == number(same=1), "taken back that day: it stays taken back"
    assert not consents_of([one])[one]["marketing_sms"].given
    assert bring(text, Said("表", date(2026, 3, 11)), now=NOW + timedelta(days=2))[0] == number(updated=1)


def test_a_file_waits_sealed_and_is_brought_in_once(house: None) -> None:
    held = put_file(name="会员.csv", content=FILE.encode("gb18030"), by=TESTER, now=NOW)
    assert b"13800138002" not in bytes(held.content) and held.mapping[:2] == ["external_id", "phone"]
    map_file(file_id=held.id, mapping=[*held.mapping[:7], ""], said={}, now=NOW)
    counts = bring_file(file_id=held.id, by=TESTER, now=NOW)
    assert counts.numbers == number(new=2)
    assert find_member("A1").created_at == NOW, "the column that was passed over says nothing"
    assert AuditEntry.objects.filter(action="members.imported").count() == 1
    with pytest.raises(Refusal) as caught:
        bring_file(file_id=held.id, by=TESTER, now=NOW)
    assert caught.value.code == "file_done"
    later = NOW + KEPT + timedelta(seconds=1)
    assert (forget_files(now=NOW), forget_files(now=later)) == (0, 1)
    assert MemberFile.objects.get(id=held.id).content is None


def test_a_file_nobody_brought_in_is_gone_after_a_day(house: None) -> None:
    held = put_file(name="a.csv", content=b"id\nA1\n", by=TESTER, now=NOW)
    with pytest.raises(Refusal) as caught:
        open_file(held.id, now=NOW + KEPT + timedelta(seconds=1))
    assert caught.value.code == "file_gone"


@pytest.mark.parametrize(
    ("mapping", "at"),
    [
        (["name", "city"], "mapping"),
        (["phone", "phone"], "column.1"),
        (["phone", "tier"], "column.1"),
        (["phone"], "mapping"),
    ],
)
def test_mappings_that_do_not_fit_are_refused(house: None, mapping: list[str], at: str) -> None:
    with pytest.raises(Refusal) as caught:
        list(judge_text("a,b\n1,2\n", mapping, Said(), now=NOW))
    assert caught.value.at == at


def test_however_many_rows_the_statements_are_few(house: None) -> None:
    text = "id,phone,name\n" + "".join(f"N{n},1370000{n:04},名{n}\n" for n in range(600))
    for written, counts in ((text, number(new=600)), (text.replace("名", "新名"), number(updated=600))):
        with CaptureQueriesContext(connection) as said:
            assert bring(written)[0] == counts
        assert len(said) < 15
