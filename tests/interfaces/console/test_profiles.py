"""Profiles in the console: fields defined, a member edited, tags by one and by many, words of consents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.domain.members.consents.models import ConsentText
from rongshu.domain.members.consents.purposes import PURPOSES
from rongshu.domain.members.consents.queries import consents_of
from rongshu.domain.members.profiles.fields import profile_fields
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.members.profiles.values import values_of
from rongshu.domain.members.tags.queries import tag_by_name, tags_of
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.interfaces.console.test_materials import enter

if TYPE_CHECKING:
    from tests.e2e.shop import Shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    return enter(shop.reader)


def test_fields_are_defined_refused_in_place_ordered_and_switched(shop: Shop, operator: Client) -> None:
    assert operator.get("/console/members/profiles").status_code == 200
    assert operator.get("/console/members/profiles/new?kind=colour").status_code == 404
    new = "/console/members/profiles/new?kind=number"
    form = {
        "kind": "number",
        "code": "shoe",
        "zh": "鞋码",
        "en": "Shoe size",
        "least": "9",
        "most": "3",
        "by_member": "yes",
    }
    refused = operator.post(new, form).content.decode()
    assert "The least is above the most." in refused and 'value="Shoe size"' in refused
    assert operator.post(new, form | {"least": "1", "most": "60"}).status_code == 302
    lines = {"kind": "choice", "code": "skin", "zh": "肤质", "en": "Skin", "options": "dry = 干 | Dry\noily"}
    assert "Line 2" in operator.post("/console/members/profiles/new", lines).content.decode()
    lines["options"] = "dry = 干 | Dry\noily = 油 | Oily"
    assert operator.post("/console/members/profiles/new", lines).status_code == 302
    shown = operator.get("/console/members/profiles/fields/skin").content.decode()
    assert "oily = 油 | Oily" in shown and "readonly" in shown
    assert operator.post("/console/members/profiles/fields/skin", lines | {"required": "yes"}).status_code == 302
    operator.post("/console/members/profiles", {"do": "up", "code": "skin"})
    operator.post("/console/members/profiles", {"do": "off", "code": "shoe"})
    with tenant_scope(shop.house.id):
        assert [(one.code, one.active, one.required) for one in profile_fields(off=True)] == [
            ("skin", True, True), ("shoe", False, False),
        ]  # fmt: skip
    operator.post("/console/members/profiles", {"do": "on", "code": "shoe"})


def test_a_member_is_edited_tagged_and_what_they_said_is_noted(shop: Shop, operator: Client) -> None:
    with tenant_scope(shop.house.id):
        someone = find_member("m2").id
    page = f"/console/members/{outside('mem', someone)}/profile"
    there = {"do": "profile", "field-skin-there": "yes", "field-skin": "dry", "field-shoe-there": "yes", "city": "深圳"}
    refused = operator.post(page, there | {"field-shoe": "99"}).content.decode()
    assert "At most 60." in refused and 'value="深圳"' in refused
    assert operator.post(page, there | {"birth_month": "5", "birth_day": "1", "birth_year": "1990"}).status_code == 302
    operator.post("/console/members/profiles", {"do": "add_tag", "name": "Tasting"})
    with tenant_scope(shop.house.id):
        held, tag = Member.objects.get(id=someone), tag_by_name("tasting").id
        assert (held.city, held.birth_day, held.birth_by) == ("深圳", 501, "operator") and held.phone
        assert values_of([someone], profile_fields())[someone] == {"skin": "dry"}
    operator.post(page, {"do": "tag", "tag": outside("tag", tag)})
    shown = {f"consent-{code}-text": "0" for code in PURPOSES}
    operator.post(page, {"do": "consents", "consent-profiling": "yes"} | shown)
    after = operator.get(page).content.decode()
    assert "Tasting" in after and "Said before" in after and "1990" in after
    member = operator.get(f"/console/members/{outside('mem', someone)}").content.decode()
    assert "Tasting" in member and "深圳" in member and "Dry" in member
    operator.post(page, {"do": "untag", "tag": outside("tag", tag)})
    with tenant_scope(shop.house.id):
        assert tags_of([someone])[someone] == []
        assert consents_of([someone])[someone]["profiling"].given


def test_many_are_tagged_from_the_list_and_found_by_it(shop: Shop, operator: Client) -> None:
    operator.post("/console/members/profiles", {"do": "add_tag", "name": "Many"})
    with tenant_scope(shop.house.id):
        ids = [outside("mem", find_member(name).id) for name in ("m2", "m4")]
        tag = outside("tag", tag_by_name("many").id)
        Member.objects.filter(external_id="m4").update(region="CN-GD")
    ask = {"do": "tag", "tag": tag, "member": ids, "back": f"tag={tag}"}
    answer = operator.post("/console/members/tag", ask, follow=True)
    assert (
        answer.redirect_chain[0][0] == f"/console/members?tag={tag}" and "Put on 2 members." in answer.content.decode()
    )
    page = answer.content.decode()
    assert all(f"/console/members/{one}" in page for one in ids)
    narrowed = operator.get(f"/console/members?tag={tag}&region=CN-GD").content.decode()
    assert ids[1] in narrowed and ids[0] not in narrowed and "Guangdong" in narrowed
    assert "Taken off 1 member." in operator.post(
        "/console/members/tag", ask | {"do": "untag", "member": ids[:1]}, follow=True
    ).content.decode()  # fmt: skip
    assert "Tick members first." in operator.post("/console/members/tag", {"do": "tag", "tag": tag}, follow=True).content.decode()  # fmt: skip


def test_words_of_consents_are_kept_by_number(shop: Shop, operator: Client) -> None:
    words = {"do": "text", "code": "profiling", "number": "0", "zh": "我同意。", "en": "I agree."}
    operator.post("/console/members/profiles", words)
    changed = operator.post("/console/members/profiles", words | {"zh": "又改。"}, follow=True).content.decode()
    assert "Somebody changed this text meanwhile" in changed and "I agree." in changed
    with tenant_scope(shop.house.id):
        assert [(one.purpose, one.number) for one in ConsentText.objects.all()] == [("profiling", 1)]


def test_who_only_reads_changes_nothing(shop: Shop) -> None:
    reader = enter(shop.support)
    assert reader.get("/console/members/profiles").status_code == 200
    with tenant_scope(shop.house.id):
        page = f"/console/members/{outside('mem', find_member('m2').id)}/profile"
    assert reader.get(page).status_code == 200
    assert reader.post(page, {"do": "profile", "city": "X"}).status_code == 403
    assert reader.get("/console/members/profiles/new?kind=text").status_code == 403
    assert reader.post("/console/members/tag", {}).status_code == 403
