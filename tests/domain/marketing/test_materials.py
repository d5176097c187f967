"""Materials: looked at before use, labelled, never changed, withdrawn with notice; what each brought."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from rongshu.domain.commerce.products.actions import Described as Product
from rongshu.domain.commerce.products.actions import put_products
from rongshu.domain.marketing.materials.actions import (
    LABEL,
    Described,
    accept_hit,
    add_material,
    add_version,
    offer,
    put_pack,
    take,
    withdraw,
)
from rongshu.domain.marketing.materials.models import Exemption, Material, Version
from rongshu.domain.marketing.materials.queries import copies_for, fill, look_at, packs, statistics
from rongshu.domain.marketing.messages.models import PROMOTER
from rongshu.domain.marketing.messages.queries import inbox
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.referral.attribution.models import Evidence
from rongshu.domain.referral.clicks.models import ClickFigures
from rongshu.domain.referral.links.actions import Wanted, ensure_codes, make_links
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.engine.copycheck import VERSION
from rongshu.kernel.actor import Actor
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import current_tenant, tenant_scope
from tests.factories import TESTER

SECOND = Actor("test", "second")


@pytest.fixture
def promoter(tenant: int, now: datetime) -> int:
    with tenant_scope(tenant):
        member = add_member(external_id="P1", by=TESTER, now=now)
        enrol_promoters(joinings=[Joining(member.id, None, now)], by=TESTER, now=now)
        return int(member.id)


def offered(text: str, now: datetime, **more: object) -> Version:
    made = add_material(described=Described("copy", "A text", **more), by=TESTER, now=now)  # type: ignore[arg-type]
    version = add_version(material_id=made.id, text=text, by=TESTER, now=now)
    offer(version_id=version.id, by=SECOND, now=now)
    return version


def test_the_label_is_put_where_it_lacks_and_only_there(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one = add_material(described=Described("copy", "Tea"), by=TESTER, now=now)
        without = add_version(material_id=one.id, text="春茶上市 {link}", by=TESTER, now=now)
        with_it = add_version(material_id=one.id, text="#广告 春茶上市", by=TESTER, now=now)
        assert (without.text, without.labelled, without.number) == (f"{LABEL}春茶上市 {{link}}", True, 1)
        assert (with_it.text, with_it.labelled, with_it.number) == ("#广告 春茶上市", False, 2)
        assert without.lexicon == VERSION


def test_a_version_never_changes(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one = offered("春茶上市", now)
        with pytest.raises(DatabaseError), transaction.atomic():
            Version.objects.filter(id=one.id).update(text="other")


def test_what_is_minded_is_mended_or_accepted_by_a_second_person(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one = add_material(described=Described("copy", "Tea"), by=TESTER, now=now)
        version = add_version(material_id=one.id, text="全国最好的茶，国家级品质", by=TESTER, now=now)
        hits = look_at(version, one.trades)
        assert hits and all(version.text[h.hit.start : h.hit.end] == h.hit.words and h.hit.basis for h in hits)
        with pytest.raises(Refusal) as refused:
            offer(version_id=version.id, by=SECOND, now=now)
        assert refused.value.code == "hits_open"
        for row in hits:
            what = {"version_id": version.id, "rule": row.hit.rule, "words": row.hit.words, "now": now}
            for by, reason, code in ((TESTER, "a good reason", "own_text"), (SECOND, "", "no_reason")):
                with pytest.raises(Refusal) as refused:
                    accept_hit(**what, reason=reason, by=by)  # type: ignore[arg-type]
                assert refused.value.code == code
            first = accept_hit(**what, reason="Title of a 2025 award, document kept", by=SECOND)  # type: ignore[arg-type]
            assert accept_hit(**what, reason="once more", by=SECOND).id == first.id  # type: ignore[arg-type]
        assert {(e.actor, e.lexicon) for e in Exemption.objects.all()} == {(str(SECOND), VERSION)}
        assert offer(version_id=version.id, by=SECOND, now=now).offered_id == version.id
        with pytest.raises(Refusal, match="do not mind"):
            accept_hit(version_id=version.id, rule="label", words="", reason="a good reason", by=SECOND, now=now)
        mended = add_version(material_id=one.id, text="好茶", by=TESTER, now=now)
        assert offer(version_id=mended.id, by=SECOND, now=now).offered_id == mended.id


def test_an_exception_holds_for_its_version_only(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one = add_material(described=Described("copy", "Tea"), by=TESTER, now=now)
        first, again = (add_version(material_id=one.id, text="全国最好的茶", by=TESTER, now=now) for _ in range(2))
        for row in look_at(first, []):
            accept_hit(
                version_id=first.id, rule=row.hit.rule, words=row.hit.words, reason="because", by=SECOND, now=now
            )
        offer(version_id=first.id, by=SECOND, now=now)
        with pytest.raises(Refusal, match="have to be mended"):
            offer(version_id=again.id, by=SECOND, now=now)


def test_copies_are_filled_in_and_the_products_come_first(tenant: int, now: datetime, promoter: int) -> None:
    with tenant_scope(tenant):
        code = ensure_codes(promoter_ids=[promoter], by=TESTER, now=now)[promoter]
        put_products(products=[Product("S1", "{code}茶", "tea", 3990)], by=TESTER, now=now)
        offered("给大家 {code}", now)
        offered("类目", now, category="tea")
        offered("{product} {price} {link} {name}", now, sku="S1")
        offered("别的", now, sku="S2")
        offered("中秋", now, occasion="mid-autumn")
        offered("朋友圈", now, channel="moments")
        found = copies_for(promoter_id=promoter, sku="S1", now=now, link="https://r.example/s/abc", channel="group")
        assert [one.text for one in found] == [
            f"{LABEL}{{code}}茶 ¥39.90 https://r.example/s/abc P1", f"{LABEL}类目", f"{LABEL}中秋", f"{LABEL}给大家 {code}",
        ]  # fmt: skip
        assert [one.text for one in copies_for(promoter_id=promoter, occasion="mid-autumn", now=now)] == [
            f"{LABEL}中秋"
        ]
        assert len(copies_for(promoter_id=promoter, sku="S1", now=now, limit=2)) == 2
        with pytest.raises(Refusal, match="is not filled in"):
            offered("{password}", now)
        assert fill("{code}{code}", {"code": "{link}"}) == "{link}{link}"


def test_only_while_it_is_valid_and_its_pack_runs(tenant: int, now: datetime, promoter: int) -> None:
    with tenant_scope(tenant):
        day = timedelta(days=1)
        offered("昨天", now, valid_until=now)
        offered("明天", now, valid_from=now + day)
        packed = offered("节日", now)
        put_pack(
            name="中秋",
            starts_at=now + day,
            ends_at=now + 3 * day,
            material_ids=[packed.material_id],
            by=TESTER,
            now=now,
        )
        texts = lambda at: {one.text.removeprefix(LABEL) for one in copies_for(promoter_id=promoter, now=at)}  # noqa: E731
        assert texts(now) == set()
        assert texts(now + day) == {"明天", "节日"}
        assert texts(now + 3 * day) == {"明天"}
        assert [(pack.name, len(inside)) for pack, inside in packs()] == [("中秋", 1)]
        with pytest.raises(Refusal, match="before the beginning"):
            put_pack(name="x", starts_at=now, ends_at=now, material_ids=[packed.material_id], by=TESTER, now=now)


def test_withdrawing_tells_who_took_it_and_ends_the_offer(tenant: int, now: datetime, promoter: int) -> None:
    with tenant_scope(tenant):
        one = offered("春茶", now)
        for _ in range(2):
            take(version_id=one.id, promoter_id=promoter, how="copied", now=now)
        gone = withdraw(version_id=one.id, reason="Wrong price", by=TESTER, now=now)
        assert (
            gone.told == 1 and withdraw(version_id=one.id, reason="again", by=TESTER, now=now).reason == "Wrong price"
        )
        told = inbox(PROMOTER, promoter)
        assert [(m.kind, m.data["reason"]) for m in told] == [("material.withdrawn", "Wrong price")]
        assert copies_for(promoter_id=promoter, now=now) == []
        assert Material.objects.get(id=one.material_id).offered_id is None
        for refused in (
            lambda: offer(version_id=one.id, by=SECOND, now=now),
            lambda: take(version_id=one.id, promoter_id=promoter, how="copied", now=now),
        ):
            with pytest.raises(Refusal):
                refused()


def test_statistics_count_takings_clicks_orders_and_commission_by_link(
    tenant: int, now: datetime, promoter: int
) -> None:
    with tenant_scope(tenant):
        one, other = offered("春茶", now), offered("秋茶", now)
        link = make_links(wanted=[Wanted(promoter)], by=TESTER, now=now)[0]
        take(version_id=one.id, promoter_id=promoter, how="copied", now=now, link_id=link.id)
        take(version_id=one.id, promoter_id=promoter, how="downloaded", now=now, link_id=link.id)
        ClickFigures.add(link_id=link.id, day=20000, promoter_id=promoter, clicks=7, first=5, robots=9)
        ClickFigures.add(link_id=link.id, day=20001, promoter_id=promoter, clicks=3, first=0, robots=0)
        orders = [new_id() for _ in range(3)]
        for order, fates in zip(orders, (0o0010, 0o1020, 0o0010), strict=True):  # won, a code came first, won
            Evidence.add(order_id=order, fates=fates, touch_promoter_id=promoter, touch_link_id=link.id)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM commission_commission WHERE tenant_id = %s AND order_id = ANY (%s)",
                [current_tenant(), orders],
            )
            assert cursor.fetchone() == (0,)
        found = statistics([one.material_id, other.material_id])
        brought = found[one.material_id]
        assert (brought.taken, brought.promoters, brought.clicks, brought.orders, brought.commission) == (
            2,
            1,
            10,
            2,
            0,
        )
        assert other.material_id not in found
