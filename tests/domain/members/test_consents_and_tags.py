"""Consents given and withdrawn, row by row; tags by hand and by a rule, beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import transaction

from rongshu.domain.members.consents.actions import say_consents, write_text
from rongshu.domain.members.consents.models import Consent
from rongshu.domain.members.consents.queries import consents_of, history_of, text_numbers
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.tags.actions import add_tag, change_tag, put_tag, take_tag
from rongshu.domain.members.tags.models import RULE
from rongshu.domain.members.tags.queries import changes_of, tag_by_name, tags, tags_of, worn_by
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found

NOW = datetime(2026, 3, 10, 4, tzinfo=UTC)


@pytest.fixture
def member() -> Iterator[int]:
    with tenant_scope(found(now=NOW).id):
        yield new_member()


def new_member() -> int:
    return Member.add(external_id=f"x{new_id()}", created_at=NOW).id


def say(member: int, place: str = "portal", texts: dict[str, int] | None = None, **given: bool) -> list[str]:
    return say_consents(member_id=member, given=given, place=place, texts=texts, by=TESTER, now=NOW)


def test_every_word_is_a_row_and_the_latest_counts(member: int) -> None:
    assert say(member, marketing_sms=True, profiling=False) == ["marketing_sms", "profiling"]
    assert say(member, marketing_sms=True, profiling=False) == []
    assert say(member, "console", marketing_sms=False) == ["marketing_sms"]
    assert say(member, marketing_sms=True) == ["marketing_sms"]
    assert [(one.purpose, one.given, one.place) for one in history_of(member)] == [
        ("marketing_sms", True, "portal"),
        ("marketing_sms", False, "console"),
        ("profiling", False, "portal"),
        ("marketing_sms", True, "portal"),
    ]
    now = consents_of([member])[member]
    assert {name: one.given for name, one in now.items()} == {"marketing_sms": True, "profiling": False}
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        Consent.objects.filter(member_id=member).delete()


def test_a_newer_text_is_agreed_to_anew(member: int) -> None:
    say(member, marketing_mail=True)
    made = write_text(purpose="marketing_mail", words={"zh": "同意", "en": "Yes"}, by=TESTER, now=NOW, instead_of=0)
    assert made is not None and text_numbers() == {"marketing_mail": 1}
    assert write_text(purpose="marketing_mail", words={"zh": "同意", "en": " Yes "}, by=TESTER, now=NOW) is None
    assert say(member, marketing_mail=True, texts={"marketing_mail": 0}) == []
    assert say(member, marketing_mail=True) == ["marketing_mail"]
    assert consents_of([member])[member]["marketing_mail"].text == 1
    for bad in (
        lambda: say(member, cookies=True), lambda: say(member, "street", service=True),
        lambda: say(member, marketing_mail=True, texts={"marketing_mail": 2}), lambda: say(new_id(), service=True),
        lambda: write_text(purpose="marketing_mail", words={"zh": "好"}, by=TESTER, now=NOW),
        lambda: write_text(purpose="marketing_mail", words={"zh": "好", "en": "Y"}, by=TESTER, now=NOW, instead_of=0),
    ):  # fmt: skip
        with pytest.raises(Refusal):
            bad()


def test_a_rule_takes_off_only_what_it_put_on(member: int) -> None:
    tag, other = add_tag(name="VIP guest", by=TESTER, now=NOW), new_member()
    assert tag_by_name("vip  GUEST").id == tag.id
    assert put_tag(tag_id=tag.id, members=[member, other, 5], by=TESTER, now=NOW) == 2
    assert put_tag(tag_id=tag.id, members=[member], by=TESTER, now=NOW) == 0
    assert put_tag(tag_id=tag.id, members=[member], by=TESTER, now=NOW, source=RULE) == 1
    assert worn_by() == {tag.id: 2}
    assert [(one.name, one.source) for one in tags_of([member])[member]] == [("VIP guest", "hand")]
    assert take_tag(tag_id=tag.id, members=None, by=TESTER, now=NOW, source=RULE) == 1
    assert take_tag(tag_id=tag.id, members=[member], by=TESTER, now=NOW) == 1
    assert tags_of([member, other])[member] == [] and worn_by() == {tag.id: 1}
    assert [(one.on, one.source) for one in changes_of(member)] == [
        (False, "hand"), (False, "rule"), (True, "rule"), (True, "hand"),
    ]  # fmt: skip


def test_tags_that_cannot_be(member: int) -> None:
    tag = add_tag(name="Tea", by=TESTER, now=NOW)
    other = add_tag(name="Cake", by=TESTER, now=NOW)
    change_tag(tag_id=other.id, name="Cakes", active=False, by=TESTER, now=NOW)
    assert [one.name for one in tags()] == ["Tea"] and len(tags(off=True)) == 2
    for bad in (
        lambda: add_tag(name="tea", by=TESTER, now=NOW), lambda: add_tag(name=" ", by=TESTER, now=NOW),
        lambda: add_tag(name="a,b", by=TESTER, now=NOW), lambda: put_tag(tag_id=other.id, members=[member], by=TESTER, now=NOW),
        lambda: change_tag(tag_id=tag.id, name="cakes", active=True, by=TESTER, now=NOW),
        lambda: put_tag(tag_id=5, members=[member], by=TESTER, now=NOW),
    ):  # fmt: skip
        with pytest.raises(Refusal):
            bad()
