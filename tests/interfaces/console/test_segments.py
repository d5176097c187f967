"""Segments in the console: built row by row, counted before they are kept, changed, archived."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING

import pytest
from django.http import QueryDict
from django.test import Client

from rongshu.domain.marketing.segments.actions import create_segment
from rongshu.domain.marketing.segments.models import Segment, SegmentMember
from rongshu.domain.marketing.segments.queries import version_of
from rongshu.domain.members.profiles.fields import add_field
from rongshu.domain.members.profiles.models import NUMBER, Member
from rongshu.domain.members.profiles.values import keep_values
from rongshu.domain.members.tags.actions import add_tag, change_tag, put_tag
from rongshu.domain.members.tags.models import Tagging
from rongshu.engine.segments.facts import FACTS
from rongshu.engine.segments.model import canonical
from rongshu.engine.segments.reading import read_conditions
from rongshu.interfaces.console.segment_form import Typed, document_of, form_of, typed
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.marketing.test_segments import some_condition, some_document
from tests.factories import TESTER
from tests.interfaces.console.test_materials import enter

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

NEW, LOOK = "/console/members/segments/new", "/console/members/segments/look"
ORDERS = {"how": "all", "g0-how": "all", "g0-r0-fact": "orders", "g0-r0-least": "1"}


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    return enter(shop.owner)


def posted(form: Typed) -> QueryDict:
    """What a browser sends of the form."""
    post = QueryDict(mutable=True)
    post["how"] = form.how
    for at, group in enumerate(form.groups):
        post[f"g{at}-how"] = group.how
        for place, row in enumerate(group.rows):
            key = f"g{at}-r{place}"
            post.update(
                {f"{key}-fact": row.fact, f"{key}-least": row.least, f"{key}-most": row.most, f"{key}-days": row.days}
            )
            post.update({f"{key}-in": "，".join(row.values), f"{key}-is": "yes" if row.yes else "no"})
            if row.negated:
                post[f"{key}-not"] = "yes"
    return post  # fmt: skip


def test_what_the_form_shows_it_says_again() -> None:
    rng, shown = random.Random(7), 0
    for _ in range(400):
        node = read_conditions(some_document(rng), "CNY")
        document = canonical(node, "CNY")
        form = form_of(document, FACTS)
        if form is None:
            continue
        again, spots = document_of(typed(posted(form), FACTS), FACTS)
        assert again is not None and canonical(read_conditions(again, "CNY"), "CNY") == again
        assert again == document or again == _plain(document), document
        shown += len(spots) > 1
    assert shown > 20


def _plain(document: dict) -> dict:  # type: ignore[type-arg]
    """The document without lists of one."""
    for how in ("all", "any"):
        if how in document:
            parts = [_plain(part) for part in document[how]]
            return parts[0] if len(parts) == 1 else {how: parts}
    return document


def test_nobody_loses_a_deeper_document() -> None:
    one = some_condition(random.Random(1), "orders")
    assert form_of({"not": {"all": [one, one]}}, FACTS) is None
    assert form_of({"all": [{"any": [one, {"all": [one, one]}]}, one]}, FACTS) is None
    assert form_of({"fact": "bought_sku", "in": ["a,b"], "within_days": 3}, FACTS) is None


def test_rows_and_groups_come_and_go(operator: Client) -> None:
    page = operator.post(NEW, {"how": "all", "g0-how": "all", "g0-add": "life", "do": "add-0"}).content.decode()
    assert 'name="g0-r0-pick" value="sleeping"' in page
    page = operator.post(NEW, {**ORDERS, "do": "group"}).content.decode()
    assert 'name="g1-how"' in page and 'name="g0-r0-least"' in page and 'value="1"' in page
    page = operator.post(NEW, {**ORDERS, "do": "drop-0-0"}).content.decode()
    assert "g0-r0-fact" not in page and "Add a condition, and this counts" in page
    for do in ("add-9", "drop-7-7", "add-x", "drop", "x" * 300):
        assert operator.post(NEW, {**ORDERS, "g9-add": "tier", "do": do}).status_code == 200


def test_the_count_is_what_is_kept(shop: Shop, operator: Client) -> None:
    part = operator.post(LOOK, ORDERS).content.decode()
    counted = int(re.search(r"<strong>([\d,]+)</strong>", part)[1].replace(",", ""))
    assert counted >= 1 and "orders at least 1" in part and "<html" not in part
    answer = operator.post(NEW, {**ORDERS, "name": "Twice", "do": "keep"})
    assert answer.status_code == 302
    with tenant_scope(shop.house.id):
        found = Segment.objects.get(name="Twice")
        assert found.size == SegmentMember.objects.filter(segment_id=found.id).count() == counted
    page = operator.get(answer["Location"]).content.decode()
    assert "Who is in it" in page and outside("seg", found.id) in page
    assert "Twice" in operator.get("/console/members/segments").content.decode()


def test_what_is_wrong_is_said_at_its_row(shop: Shop, operator: Client) -> None:
    wrong = {
        **ORDERS,
        "g0-r0-least": "many",
        "g0-r1-fact": "bought_sku",
        "g0-r1-in": "a",
        "name": "Wrong",
        "do": "keep",
    }
    page = operator.post(NEW, wrong).content.decode()
    assert "is not a whole number" in page and "say within how many days" in page and 'value="many"' in page
    assert page.count('aria-invalid="true"') == 2
    assert "orders: " in operator.post(LOOK, wrong).content.decode()
    page = operator.post(NEW, {**ORDERS, "name": "  ", "do": "keep"}).content.decode()
    assert "Give the segment a name" in page and 'name="name"' in page
    page = operator.post(NEW, {"how": "all", "g0-how": "all", "name": "Empty", "do": "keep"}).content.decode()
    assert "Add a condition first." in page
    with tenant_scope(shop.house.id):
        assert not Segment.objects.filter(name__in=["Wrong", "Empty", ""]).exists()


def test_tags_regions_and_own_fields_are_chosen_by_name(shop: Shop, operator: Client) -> None:
    now = utc_now()
    with tenant_scope(shop.house.id):
        one = Member.objects.order_by("id").first()
        Member.objects.filter(id=one.id).update(region="CN-GD", birth_day=229)
        tag = add_tag(name="Warm", by=TESTER, now=now)
        put_tag(tag_id=tag.id, members=[one.id], by=TESTER, now=now)
        field = add_field(code="shoe", kind=NUMBER, names={"en": "Shoe size", "zh": "鞋码"}, by=TESTER, now=now)
        keep_values({one.id: {field.id: [{"number": "41.5"}]}})
    asked = {
        "how": "all", "g0-how": "all", "g0-r0-fact": "tag", "g0-r0-pick": outside("tag", tag.id), "g0-r1-fact": "region",
        "g0-r1-pick": "CN-GD", "g0-r2-fact": "birthday_month", "g0-r2-pick": ["2", "6"], "g0-r3-fact": "field.shoe",
        "g0-r3-least": "41.5",
    }  # fmt: skip
    part = operator.post(LOOK, asked).content.decode()
    assert "<strong>1</strong>" in part
    for words in ("Warm", "Guangdong", "February", "Shoe size at least 41.5"):
        assert words in part
    page = operator.post(NEW, {**asked, "do": "look"}).content.decode()
    assert 'label="Own fields"' in page and "<span>Warm</span>" in page
    wrong = operator.post(LOOK, {**asked, "g0-r3-least": "wide"}).content.decode()
    assert "Shoe size: &quot;wide&quot; is not a number" in wrong
    far = {"how": "all", "g0-how": "all", "g0-r0-fact": "region", "g0-r0-in": "x" * 70}
    assert "at most 60" in operator.post(LOOK, far).content.decode()


def test_a_segment_is_changed_and_archived(shop: Shop, operator: Client) -> None:
    with tenant_scope(shop.house.id):
        made = create_segment(name="Moved", document={"fact": "orders", "at_least": 1}, by=TESTER, now=utc_now())
        document = {"not": {"all": [{"fact": "orders", "at_least": 1}, {"fact": "orders", "at_most": 9}]}}
        deep = create_segment(name="Deep", document=document, by=TESTER, now=utc_now())
    here = f"/console/members/segments/{outside('seg', made.id)}"
    page = operator.get(f"{here}/edit").content.decode()
    assert 'name="g0-r0-least"' in page and 'name="version" value="1"' in page
    changed = {**ORDERS, "g0-r0-least": "1000", "name": "Moved", "version": "1", "do": "keep"}
    assert operator.post(f"{here}/edit", changed).status_code == 302
    assert "meanwhile" in operator.post(f"{here}/edit", changed).content.decode()
    deeper = f"/console/members/segments/{outside('seg', deep.id)}/edit"
    page = operator.get(deeper).content.decode()
    assert 'name="text"' in page and "&quot;not&quot;" in page
    text = {"name": "Deep", "version": "1", "do": "keep"}
    assert "is not a mapping" in operator.post(deeper, {**text, "text": "nonsense"}).content.decode()
    assert operator.post(deeper, {**text, "text": json.dumps({"fact": "orders", "at_least": 3})}).status_code == 302
    assert operator.post(f"{here}/end").status_code == 302
    with tenant_scope(shop.house.id):
        assert Segment.objects.get(id=made.id).ended_at and version_of(Segment.objects.get(id=deep.id)).number == 2
    assert "Moved" not in operator.get("/console/members/segments").content.decode()
    assert "Moved" in operator.get("/console/members/segments?archived=1").content.decode()


def test_members_wear_a_tag_and_it_is_said_where_it_came_from(shop: Shop, operator: Client) -> None:
    with tenant_scope(shop.house.id):
        tag, off = add_tag(name="Wake up", by=TESTER, now=utc_now()), add_tag(name="Old one", by=TESTER, now=utc_now())
        change_tag(tag_id=off.id, name="Old one", active=False, by=TESTER, now=utc_now())
        ids = list(Member.objects.order_by("id").values_list("id", flat=True))
        put_tag(tag_id=tag.id, members=ids[:1], by=TESTER, now=utc_now())
    called = outside("tag", tag.id)
    form = operator.get(NEW).content.decode()
    assert f'value="{called}"' in form and "Old one" not in form
    everybody = {**ORDERS, "g0-r0-least": "0", "name": "Sleepers", "do": "keep"}
    refused = operator.post(NEW, {**everybody, "tag": outside("tag", off.id)}).content.decode()
    assert "The tag Old one is switched off." in refused and 'name="tag" aria-invalid="true"' in refused
    kept = operator.post(NEW, {**everybody, "tag": called})
    assert kept.status_code == 302 and "Wake up" in operator.get(kept["Location"]).content.decode()
    assert 'class="tag">Wake up' in operator.get("/console/members/segments").content.decode()
    first, second = (f"/console/members/{outside('mem', one)}" for one in ids[:2])
    assert "by rule" not in operator.get(first).content.decode()  # by hand stands before by rule
    assert "by rule: Sleepers" in operator.get(second).content.decode()
    profile = operator.get(f"{second}/profile").content.decode()
    assert "by rule: Sleepers" in profile and "Segment Sleepers" in profile
    edit = f"{kept['Location']}/edit"
    assert f'value="{called}" selected' in operator.get(edit).content.decode()
    assert operator.post(edit, {**everybody, "tag": "", "version": "1"}).status_code == 302
    with tenant_scope(shop.house.id):
        assert [(row.member_id, row.source) for row in Tagging.objects.filter(tag_id=tag.id)] == [(ids[0], "hand")]


def test_whoever_only_reads_sees_and_sets_nothing(shop: Shop) -> None:
    reader = enter(shop.support)
    page = reader.get("/console/members/segments").content.decode()
    assert "New segment" not in page
    assert reader.get(NEW).status_code == 403 and reader.post(LOOK, ORDERS).status_code == 403
    assert reader.get("/console/members/segments/seg_none").status_code == 404
    with tenant_scope(shop.house.id):
        assert Member.objects.count() > 2
