"""Segments: the one statement against a slow reading of the same document, member by member."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from rongshu.domain.commerce.orders.models import Order, OrderLine
from rongshu.domain.commerce.purchases.actions import keep_purchases
from rongshu.domain.commerce.purchases.models import Purchases
from rongshu.domain.marketing.segments import statement
from rongshu.domain.marketing.segments.actions import change_segment, create_segment, end_segment, refresh_due
from rongshu.domain.marketing.segments.facts import house_facts
from rongshu.domain.marketing.segments.models import Segment, SegmentMember
from rongshu.domain.marketing.segments.queries import (
    counts_of,
    is_in,
    members_of,
    preview,
    read_for_house,
    segments,
    segments_of,
)
from rongshu.domain.members.consents.models import ConsentNow
from rongshu.domain.members.consents.purposes import PURPOSES
from rongshu.domain.members.growth.models import GrowthMonth
from rongshu.domain.members.points.models import PointsLot
from rongshu.domain.members.profiles.fields import add_field, profile_fields, switch_field
from rongshu.domain.members.profiles.models import CHOICE, CHOICES, DATE, NUMBER, TEXT, YES_NO, Member
from rongshu.domain.members.profiles.regions import region_of
from rongshu.domain.members.profiles.values import keep_values, values_of
from rongshu.domain.members.tags.actions import add_tag, change_tag, put_tag
from rongshu.domain.members.tags.models import HAND, RULE, Tag, TagChange, Tagging
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.engine.plan.problems import PlanError
from rongshu.engine.segments.facts import CONSENTS, FACTS, OWN_PREFIX, PREFERENCES, Fact, Kind
from rongshu.engine.segments.life import LIVES
from rongshu.engine.segments.model import AllOf, Condition, Node, Not
from rongshu.engine.segments.reading import read_conditions
from rongshu.kernel import copying
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.outbox.models import OutboxEvent
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.commerce.test_purchases import buy
from tests.factories import TESTER

DAY = timedelta(days=1)
MEMBERS = 40


def people(rng: random.Random, tenant: int, now: datetime) -> None:
    """Members 1 to 40, of whom 1 to 30 may have bought, some with points, some who promote."""
    Member.objects.bulk_create(
        Member(
            tenant_id=tenant, id=number, external_id=f"m{number}", tier=rng.choice(["", "silver", "gold"]),
            created_at=now - rng.random() * 400 * DAY, region=rng.choice(["", "CN-GD", "CN-BJ", "Narnia"]),
            birth_day=rng.choice([None, 101, 229, 1231]), preference=rng.choice(["", *PREFERENCES]),
        )
        for number in range(1, MEMBERS + 1)
    )  # fmt: skip
    buy(rng, buyers=30, orders=90, now=now)
    PointsLot.objects.bulk_create(
        PointsLot(
            tenant_id=tenant, member_id=rng.randrange(1, MEMBERS), amount=500, left=rng.choice([0, 10, 300]), source="hand",
            ref=str(number), at=now, usable_at=now, is_open=rng.random() < 0.8,
            expires_at=rng.choice([None, now - DAY, now + 5 * DAY, now + 90 * DAY]),
        )
        for number in range(60)
    )  # fmt: skip
    chosen = rng.sample(range(1, MEMBERS + 1), 15)
    Promoter.objects.bulk_create(
        Promoter(
            tenant_id=tenant, id=number, inviter_id=rng.choice([None, *chosen[:place]]), rank=rng.choice(["", "lead"]),
            joined_at=now, active_from=now - DAY, active_to=rng.choice([None, now, now + DAY]),
        )
        for place, number in enumerate(chosen)
    )  # fmt: skip
    copying.flush()
    keep_purchases(now=now)
    described(rng, tenant, now)


def described(rng: random.Random, tenant: int, now: datetime) -> None:
    """Tags by hand and by rule, consents given and withdrawn, growth value, and own fields of every kind."""
    for name, source in (("vip", HAND), ("warm", RULE)):
        tag = add_tag(name=name, by=TESTER, now=now)
        put_tag(tag_id=tag.id, members=rng.sample(range(1, MEMBERS + 1), 15), by=TESTER, now=now, source=source)
    ConsentNow.objects.bulk_create(
        ConsentNow(tenant_id=tenant, member_id=member, purpose=purpose, given=rng.random() < 0.6, text=0, at=now)
        for purpose in CONSENTS[:3] for member in rng.sample(range(1, MEMBERS + 1), 20)
    )  # fmt: skip
    GrowthMonth.objects.bulk_create(
        GrowthMonth(tenant_id=tenant, member_id=member, month=month, amount=rng.randrange(0, 300))
        for month in (680, 681) for member in rng.sample(range(1, MEMBERS + 1), 20)
    )  # fmt: skip
    options = {"options": [{"code": code, "zh": code} for code in ("a", "b", "c")]}
    cells: dict[str, Any] = {
        TEXT: lambda: [{"word": rng.choice(["blue", "green, light"])}],
        NUMBER: lambda: [{"number": Decimal(rng.choice(["-1", "0", "41.5", "42"]))}],
        DATE: lambda: [{"day": date(2026, 5, rng.randrange(1, 29))}],
        CHOICE: lambda: [{"word": rng.choice("abc")}],
        CHOICES: lambda: [{"item": code, "word": code} for code in rng.sample("abc", 2)],
        YES_NO: lambda: [{"flag": rng.random() < 0.5}],
    }  # fmt: skip
    for kind, cell in cells.items():
        limits = options if kind in (CHOICE, CHOICES) else {}
        field = add_field(code=f"own_{kind}", kind=kind, names={"en": kind}, limits=limits, by=TESTER, now=now)
        keep_values({member: {field.id: cell()} for member in rng.sample(range(1, MEMBERS + 1), 25)})


class Slow:
    """The document read member by member."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.members = list(Member.objects.all())
        self.orders = list(Order.objects.all())
        self.lines = list(OrderLine.objects.all())
        self.lots = list(PointsLot.objects.all())
        self.promoters = {one.id: one for one in Promoter.objects.all()}
        self.purchases = {one.member_id: one for one in Purchases.objects.all()}
        self.taggings = list(Tagging.objects.all())
        self.consents = list(ConsentNow.objects.all())
        self.growth = list(GrowthMonth.objects.all())
        self.own = values_of([one.id for one in self.members], profile_fields())

    def meant(self, node: Node) -> list[int]:
        return sorted(member.id for member in self.members if self.holds(node, member))

    def holds(self, node: Node, member: Member) -> bool:
        if isinstance(node, Not):
            return not self.holds(node.part, member)
        if isinstance(node, Condition):
            return self.condition(node, member)
        held = [self.holds(part, member) for part in node.parts]
        return all(held) if isinstance(node, AllOf) else any(held)

    def condition(self, one: Condition, member: Member) -> bool:
        if one.about.own:
            return self.own_field(one, self.own[member.id].get(one.fact.removeprefix(OWN_PREFIX)))
        if one.fact == "tag":
            return any(row.member_id == member.id and outside("tag", row.tag_id) in one.values for row in self.taggings)
        if one.fact == "consent":
            return any(row.member_id == member.id and row.given and row.purpose in one.values for row in self.consents)
        if one.fact == "birthday_month":
            return member.birth_day is not None and str(member.birth_day // 100) in one.values
        if one.fact in ("region", "preference"):
            return getattr(member, one.fact) in [region_of(value) for value in one.values]
        if one.about.kind in (Kind.NUMBER, Kind.MONEY):
            value = self.number(one, member)
            if value is None:
                return False
            return (one.at_least is None or value >= one.at_least) and (one.at_most is None or value <= one.at_most)
        promoter = self.promoters.get(member.id)
        promotes = promoter is not None and (promoter.active_to is None or promoter.active_to > self.now)
        if one.fact == "promotes":
            return promotes == one.wanted
        if one.fact == "rank":
            return promotes and promoter.rank in one.values
        if one.fact == "tier":
            return member.tier in one.values
        if one.fact == "life":
            return member.id in self.purchases and LIVES[self.purchases[member.id].life] in one.values
        since = self.now - (one.within_days or 0) * DAY
        late = {order.id for order in self.orders if order.buyer_id == member.id and order.paid_at > since}
        bought = [line for line in self.lines if line.order_id in late and (line.refunded < line.paid or not line.paid)]
        if one.fact == "bought_sku":
            return any(line.sku in one.values for line in bought)
        return any(
            line.category == name or line.category.startswith(name + "/") for line in bought for name in one.values
        )

    def own_field(self, one: Condition, value: Any) -> bool:
        if value is None:
            return False
        if one.about.kind is Kind.CHOICE:
            return bool({*value} & {*one.values}) if isinstance(value, list) else value in one.values
        if one.about.kind is Kind.YES_NO:
            return value is one.wanted
        known = date.fromisoformat(value).toordinal() if one.about.kind is Kind.DAY else int(Decimal(value) * 1_000_000)
        return (one.at_least is None or known >= one.at_least) and (one.at_most is None or known <= one.at_most)

    def number(self, one: Condition, member: Member) -> float | None:
        own = [order for order in self.orders if order.buyer_id == member.id]
        ids = {order.id for order in own}
        net = sum(order.paid for order in own) - sum(
            min(line.refunded, line.paid) for line in self.lines if line.order_id in ids
        )
        lots = [lot.left for lot in self.lots if lot.member_id == member.id and lot.is_open
                and (lot.expires_at is None or lot.expires_at > self.now)
                and (one.within_days is None or (lot.expires_at is not None
                     and lot.expires_at <= self.now + one.within_days * DAY))]  # fmt: skip
        row = self.purchases.get(member.id)
        return {
            "orders": len(own), "paid": net, "average": net / len(own) if own else 0,
            "joined_days": (self.now - member.created_at) // DAY,
            "last_bought_days": (self.now - max(order.paid_at for order in own)) // DAY if own else None,
            "first_bought_days": (self.now - min(order.paid_at for order in own)) // DAY if own else None,
            "recency": row.recency if row else 0, "frequency": row.frequency if row else 0,
            "monetary": row.monetary if row else 0, "points": sum(lots), "points_expiring": sum(lots),
            "growth": sum(row.amount for row in self.growth if row.member_id == member.id),
            "invited": sum(1 for promoter in self.promoters.values() if promoter.inviter_id == member.id),
        }[one.fact]  # fmt: skip


_NUMBERS = {"joined_days": 400, "orders": 6, "last_bought_days": 400, "first_bought_days": 700, "points": 600,
            "points_expiring": 400, "invited": 3, "growth": 500}  # fmt: skip
_VALUES = {"tier": ["", "silver", "gold", "x"], "bought_sku": ["s0", "s1", "s9"], "bought_category": ["a", "a/b", "b"],
           "rank": ["lead", "other"], "life": list(LIVES), "region": ["广东省", "Beijing", "Narnia", "CN-HK"],
           "consent": list(CONSENTS[:4]), "preference": list(PREFERENCES), "birthday_month": ["1", "2", "6", "12"],
           "field.own_text": ["blue", "green, light", "red"]}  # fmt: skip


def some_condition(rng: random.Random, name: str, facts: Mapping[str, Fact] = FACTS) -> dict[str, Any]:
    fact = facts[name]
    written: dict[str, Any] = {"fact": name}
    if fact.kind is Kind.YES_NO:
        written["is"] = rng.random() < 0.5
    elif fact.kind is Kind.CHOICE:
        known = [value for value in _VALUES.get(name, fact.choices or ["x", "y"]) if value]
        written["in"] = rng.sample(known, rng.randrange(1, len(known)))
    else:
        most = _NUMBERS.get(name, 5)
        bounds = sorted(rng.randrange(0, most + 1) for _ in range(2))
        if fact.kind is Kind.MONEY:
            bounds = sorted(rng.randrange(0, 60_000) for _ in range(2))
        texts: list[Any] = [f"{bound / 100:.2f}" if fact.kind is Kind.MONEY else bound for bound in bounds]
        if fact.kind is Kind.DECIMAL:
            texts = rng.choice([["-1.5", "0"], ["41.5", 42], ["0", "41.499999"]])
        if fact.kind is Kind.DAY:
            texts = [f"2026-05-{bound:02}" for bound in sorted(rng.randrange(1, 29) for _ in range(2))]
        which = rng.randrange(3)
        if which != 1:
            written["at_least"] = texts[0]
        if which != 0:
            written["at_most"] = texts[1]
    if fact.window:
        written["within_days"] = rng.randrange(1, 120)
    return written


def some_document(rng: random.Random, depth: int = 0, facts: Mapping[str, Fact] = FACTS) -> dict[str, Any]:
    if depth > 3 or rng.random() < 0.35:
        return some_condition(rng, rng.choice(list(facts)), facts)
    how = rng.choice(["all", "any", "not"])
    if how == "not":
        return {"not": some_document(rng, depth + 1, facts)}
    return {how: [some_document(rng, depth + 1, facts) for _ in range(rng.randrange(1, 4))]}


def meant(node: Node, now: datetime) -> list[int]:
    asked = statement.Statement(node, now=now)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT m.id {asked.source} ORDER BY m.id", asked.parameters)
        return [member for (member,) in cursor.fetchall()]


@pytest.mark.parametrize("seed", range(3))
def test_the_statement_is_the_slow_reading(tenant: int, now: datetime, seed: int) -> None:
    rng = random.Random(seed)
    with tenant_scope(tenant):
        people(rng, tenant, now)
        slow, split, facts = Slow(now), 0, house_facts()
        assert {"tag", "field.own_number", "field.own_choices"} < set(facts)
        found_by = dict.fromkeys(facts, False)
        for name in list(facts) * 4:
            document = some_condition(rng, name, facts)
            node = read_for_house(document, facts)
            assert meant(node, now) == slow.meant(node), document
            found_by[name] |= 0 < len(slow.meant(node)) < MEMBERS
        assert sum(found_by.values()) > len(facts) * 0.8, found_by
        for _ in range(60):
            document = some_document(rng, facts=facts)
            node = read_for_house(document, facts)
            found = meant(node, now)
            assert found == slow.meant(node), document
            split += 0 < len(found) < MEMBERS
        assert split > 20  # documents that mean some and not all


def test_the_comparison_sees_a_wrong_statement(tenant: int, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(1)
    with tenant_scope(tenant):
        people(rng, tenant, now)
        slow, node = Slow(now), read_conditions({"fact": "orders", "at_least": 3}, "CNY")
        assert meant(node, now) == slow.meant(node)
        monkeypatch.setitem(statement._COLUMNS, "orders", "coalesce(p.orders, 0) + 1")
        assert meant(node, now) != slow.meant(node)


def test_values_are_never_text_of_the_statement(tenant: int, now: datetime) -> None:
    evil = "'); DROP TABLE members_member; --%(tenant)s %s {values}"
    with tenant_scope(tenant):
        add_field(code="colour", kind=TEXT, names={"en": "Colour"}, by=TESTER, now=now)
        for name in ("tier", "rank", "bought_sku", "bought_category", "field.colour"):
            written = {"fact": name, "in": [evil], **({"within_days": 3} if house_facts()[name].window else {})}
            asked = statement.Statement(read_for_house(written), now=now)
            assert "DROP" not in asked.source and preview(written, now=now).count == 0


def test_own_facts_are_refused_by_their_kind(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        people(random.Random(2), tenant, now)
        add_field(code="hidden", kind=TEXT, names={"en": "Hidden"}, sealed=True, by=TESTER, now=now)
        for document, path, words in (
            ({"fact": "field.hidden", "in": ["x"]}, "fact", "is not one of"),
            ({"fact": "field.own_number", "at_least": 1.5}, "at_least", "is not a number"),
            ({"fact": "field.own_number", "at_least": "2", "at_most": "1"}, "at_most", "too small"),
            ({"fact": "field.own_date", "at_most": "2026-02-30"}, "at_most", "not a date"),
            ({"fact": "field.own_choice", "in": ["d"]}, "in", "is not one of a, b, c"),
            ({"fact": "tag", "in": ["vip"]}, "in", "is not one of tag_"),
            ({"fact": "consent", "in": ["everything"]}, "in", "is not one of service"),
        ):
            with pytest.raises(PlanError, match=words) as error:
                read_for_house(document)
            assert error.value.problems[0].path.startswith(path)
        switch_field(code="own_number", active=False, by=TESTER, now=now)
        assert preview({"fact": "field.own_number", "at_least": -1}, now=now).count == 25


def test_what_can_be_asked_is_what_there_is() -> None:
    assert set(CONSENTS) == set(PURPOSES)


def test_members_follow_and_are_counted(tenant: int, now: datetime) -> None:
    rng = random.Random(5)
    with tenant_scope(tenant):
        people(rng, tenant, now)
        gold = {"fact": "tier", "in": ["gold"]}
        shown = preview(gold, now=now)
        made = create_segment(name=" Gold  people ", document=gold, by=TESTER, now=now)
        assert made.name == "Gold people" and made.size == shown.count > 2 and shown.of == MEMBERS
        inside = [member for member, _ in members_of(made.id, limit=100)]
        assert members_of(made.id, after=inside[0], limit=1)[0][0] == inside[1]
        gone, came = inside[0], Member.objects.exclude(tier="gold").first().id
        Member.objects.filter(id=gone).update(tier="")
        Member.objects.filter(id=came).update(tier="gold")
        assert refresh_due(now=now) == 0
        later = now + timedelta(hours=1)
        assert refresh_due(now=later) == 1 and refresh_due(now=later) == 0
        assert is_in(made.id, came) and not is_in(made.id, gone)
        assert [one.id for one in segments_of(came)] == [made.id] and segments_of(gone) == []
        assert dict(members_of(made.id))[came] == later and dict(members_of(made.id))[inside[1]] == now
        assert [(one.joined, one.left, one.size) for one in counts_of(made.id)] == [
            (1, 1, made.size), (made.size, 0, made.size),
        ]  # fmt: skip
        event = OutboxEvent.objects.filter(kind="segment.moved").order_by("id").last()
        assert event.data == {"joined": 1, "left": 1, "size": made.size}
        assert segments()[0].sizes == (made.size, made.size) and segments()[0].document == gold


def test_changes_by_two_people_and_the_end(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        people(random.Random(6), tenant, now)
        everybody = {"fact": "orders", "at_least": 0}
        made = create_segment(name="A", document=everybody, by=TESTER, now=now)
        assert made.size == MEMBERS
        nobody = {"not": everybody}
        changed = change_segment(segment_id=made.id, name="B", document=nobody, instead_of=1, by=TESTER, now=now + DAY)
        assert (changed.version, changed.size, changed.name) == (2, 0, "B")
        with pytest.raises(Refusal, match="meanwhile"):
            change_segment(segment_id=made.id, name="C", document=nobody, instead_of=1, by=TESTER, now=now)
        with pytest.raises(Refusal, match="already"):
            create_segment(name="B", document=nobody, by=TESTER, now=now)
        with pytest.raises(PlanError, match=r"all\[1\]\.at_least"):
            preview({"all": [everybody, {"fact": "orders", "at_least": "3"}]}, now=now)
        end_segment(segment_id=made.id, by=TESTER, now=now)
        assert segments() == [] and not members_of(made.id)
        create_segment(name="B", document=nobody, by=TESTER, now=now)
        with pytest.raises(Refusal, match="ended"):
            end_segment(segment_id=made.id, by=TESTER, now=now)


def worn(tag: Tag) -> dict[str, set[int]]:
    """Who has a tag, by how it was put on."""
    found: dict[str, set[int]] = {HAND: set(), RULE: set()}
    for row in Tagging.objects.filter(tag_id=tag.id):
        found[row.source].add(row.member_id)
    return found


def test_members_wear_the_tag_of_their_segments(tenant: int, now: datetime) -> None:
    rng = random.Random(8)
    with tenant_scope(tenant):
        people(rng, tenant, now)
        tag = add_tag(name="Best", by=TESTER, now=now)
        called = outside("tag", tag.id)
        put_tag(tag_id=tag.id, members=[1, 2, 3], by=TESTER, now=now)
        tiers = {row.id: row.tier for row in Member.objects.all()}
        of = {tier: {member for member, own in tiers.items() if own == tier} for tier in ("gold", "silver")}
        gold = create_segment(name="Gold", document={"fact": "tier", "in": ["gold"]}, tag=called, by=TESTER, now=now)
        assert worn(tag) == {HAND: {1, 2, 3}, RULE: of["gold"]}
        both = {"fact": "tier", "in": ["gold", "silver"]}
        more = create_segment(name="Both", document=both, tag=called, by=TESTER, now=now)
        assert worn(tag)[RULE] == of["gold"] | of["silver"]
        left = min(of["gold"])
        Member.objects.filter(id__in=[left, 3]).update(tier="")
        later = now + timedelta(hours=1)
        assert refresh_due(now=later) == 1
        assert left in worn(tag)[RULE]  # the other segment has not been looked at yet
        assert refresh_due(now=later) == 1
        assert worn(tag) == {HAND: {1, 2, 3}, RULE: (of["gold"] | of["silver"]) - {left, 3}}
        end_segment(segment_id=more.id, by=TESTER, now=later)
        assert worn(tag)[RULE] == of["gold"] - {left, 3}
        change_segment(
            segment_id=gold.id, name="Gold", document={"fact": "tier", "in": ["gold"]}, tag="", instead_of=1, by=TESTER,
            now=later,
        )  # fmt: skip
        assert worn(tag) == {HAND: {1, 2, 3}, RULE: set()}
        assert {one.actor for one in TagChange.objects.filter(tag_id=tag.id, source=RULE)} == {
            "segment:Gold",
            "segment:Both",
        }


def test_a_tag_is_worn_as_segments_come_and_go_at_random(tenant: int, now: datetime) -> None:
    rng = random.Random(9)
    with tenant_scope(tenant):
        people(rng, tenant, now)
        called = [outside("tag", add_tag(name=name, by=TESTER, now=now).id) for name in ("A", "B")]
        going: list[int] = []
        for step in range(30):
            at, document = now + step * timedelta(hours=2), some_condition(rng, "tier")
            match rng.randrange(4):
                case 0:
                    made = create_segment(name=f"S{step}", document=document, tag=rng.choice(called), by=TESTER, now=at)
                    going.append(made.id)
                case 1 if going:
                    one = Segment.objects.get(id=rng.choice(going))
                    change_segment(
                        segment_id=one.id, name=one.name, document=document, tag=rng.choice(["", *called]),
                        instead_of=one.version, by=TESTER, now=at,
                    )  # fmt: skip
                case 2 if going:
                    end_segment(segment_id=going.pop(rng.randrange(len(going))), by=TESTER, now=at)
                case _:
                    Member.objects.filter(id__in=rng.sample(range(1, 41), 8)).update(
                        tier=rng.choice(["gold", "silver"])
                    )
                    while refresh_due(now=at):
                        pass
            for tag in called:
                held = Segment.objects.filter(tag=tag, ended_at=None).values_list("id", flat=True)
                expected = {row.member_id for row in SegmentMember.objects.filter(segment_id__in=list(held))}
                assert {row.member_id for row in Tagging.objects.filter(tag_id=inside("tag", tag))} == expected


def test_a_tag_that_cannot_be_worn(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        first, second, off = (add_tag(name=name, by=TESTER, now=now) for name in ("A", "B", "C"))
        change_tag(tag_id=off.id, name="C", active=False, by=TESTER, now=now)
        a, b = outside("tag", first.id), outside("tag", second.id)
        new = {"fact": "orders", "at_least": 0}

        def make(document: Any, tag: str) -> Any:
            return create_segment(name=f"{tag}{document}"[:60], document=document, tag=tag, by=TESTER, now=now)

        for tag, code in (("tag_none", "unknown_tag"), (outside("tag", off.id), "tag_off")):
            with pytest.raises(Refusal) as refused:
                make(new, tag)
            assert (refused.value.code, refused.value.at) == (code, "tag")
        with pytest.raises(Refusal, match="come back to the tag A"):
            make({"not": {"fact": "tag", "in": [a]}}, a)
        make({"fact": "tag", "in": [b]}, a)
        with pytest.raises(Refusal, match="come back to the tag B"):
            make({"any": [new, {"fact": "tag", "in": [a]}]}, b)
        made = make(new, b)
        with pytest.raises(Refusal, match="come back to the tag B"):
            change_segment(
                segment_id=made.id, name="x", document={"fact": "tag", "in": [a]}, instead_of=1, by=TESTER, now=now
            )
