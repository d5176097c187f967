"""Ranks on a real PostgreSQL: looked at, changed, kept, and counted for the orders paid under them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from rongshu.kernel.clock import to_micros
from tests.domain.referral.shop import LADDER, Ranked
from tests.factories import TESTER
from tests.races.threads import together, untroubled

JOINED = datetime(2025, 11, 1, tzinfo=UTC)


def at(month: int, day: int, hour: int = 4, minute: int = 0) -> datetime:
    """In 2026; 4 o'clock is noon in Shanghai."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def shop(tenant: int) -> Ranked:
    return Ranked(tenant, joined=JOINED)


def test_without_a_ladder_nothing_is_looked_at(tenant: int) -> None:
    from rongshu.domain.referral.ranks.queries import ladder, standing_of

    bare = Ranked(tenant, joined=JOINED, ladder="")
    bare.order("1", "c", "9000.00", at(1, 5))
    assert bare.look(at(1, 6)) == 0
    with bare.scope():
        assert ladder() is None
        standing = standing_of(bare.ids["c"], now=at(1, 6))
    assert (standing.rank, standing.next_rank, standing.progress) == ("", "", ())


def test_reached_at_once_and_lost_at_the_end_of_the_month(shop: Ranked) -> None:
    shop.order("1", "c", "999.99", at(1, 5))
    assert shop.look(at(1, 6)) == 0
    shop.order("2", "c", "5000.00", at(1, 7))
    shop.order("3", "d", "1000.00", at(1, 7))
    assert shop.look(at(1, 8)) == 2
    assert shop.ranks() == {"a": "", "b": "", "c": "silver", "d": "bronze"}
    assert shop.look(at(1, 8)) == 0
    assert shop.look(at(1, 9)) == 0
    shop.refund("2", "5000.00", at(1, 20))
    assert shop.look(at(1, 21)) == 0, "nothing is lost within a month"
    assert shop.look(at(1, 31, 15, 59)) == 0, "still January in Shanghai"
    assert shop.look(at(1, 31, 16, 1)) == 1, "judged with the first look of February in Shanghai: only c falls"
    assert shop.ranks() == {"a": "", "b": "", "c": "bronze", "d": "bronze"}
    assert shop.look(at(2, 1)) == 0
    up, down = shop.changes("c")
    assert (up.old_rank, up.new_rank, up.cause, up.at, up.actor) == ("", "silver", "earned", at(1, 8), "worker:")
    assert up.figures == {"window": "running", "own_sales": 599_999, "own_orders": 2}
    assert (down.old_rank, down.new_rank, down.cause, down.at) == ("silver", "bronze", "below", at(1, 31, 16, 1))
    assert down.figures == {"window": "closed", "own_sales": 99_999, "own_orders": 1}


def test_what_counts(tenant: int) -> None:
    """Own purchases, wholly refunded orders and the stopped do not; the team's sales do, at any depth."""
    from rongshu.domain.referral.promoters.actions import end_promoter
    from rongshu.domain.referral.ranks.models import RankFigures

    shop = Ranked(tenant, joined=JOINED)
    shop.order("0", "c", "77.00", at(1, 31, 15, 59))
    shop.order("1", "c", "100.00", at(1, 31, 16))
    shop.order("2", "c", "50.00", at(2, 10), buyer="c")
    shop.order("3", "c", "30.00", at(2, 11))
    shop.refund("3", "30.00", at(2, 12))
    shop.order("4", "b", "7.00", at(2, 12))
    shop.order("5", "a", "5.00", at(2, 12))
    shop.refund("5", "2.00", at(2, 13))
    shop.order("6", "a", "900.00", at(3, 1))
    with shop.scope():
        end_promoter(promoter_id=shop.ids["d"], by=TESTER, now=at(2, 13))
    shop.look(at(2, 14))
    with shop.scope():
        kept = {
            one.promoter_id: (
                one.own_sales, one.own_orders, one.active_months, one.invited_promoters, one.team_size, one.team_sales,
            )
            for one in RankFigures.objects.all()
        }  # fmt: skip
    assert kept == {
        shop.ids["a"]: (300, 1, 1, 1, 2, 11_000),
        shop.ids["b"]: (700, 1, 1, 1, 1, 10_700),
        shop.ids["c"]: (10_000, 1, 1, 0, 0, 10_000),
    }


def test_a_late_order_is_rated_by_the_rank_held_when_it_was_paid(shop: Ranked) -> None:
    from rongshu.domain.commission.rating.queries import earned_by

    shop.order("1", "c", "3000.00", at(1, 5))
    shop.order("2", "c", "3000.00", at(1, 5))
    shop.look(at(1, 6))
    shop.order("3", "c", "15000.00", at(1, 7))
    shop.look(at(1, 8))
    shop.order("late-none", "c", "100.00", at(1, 5, 5), now=at(1, 9))
    shop.order("late-silver", "c", "200.00", at(1, 6), now=at(1, 9))
    shop.order("late-before-gold", "c", "300.00", at(1, 8) - timedelta(microseconds=1), now=at(1, 9))
    shop.order("gold", "c", "400.00", at(1, 9))
    with shop.scope():
        earned = {one.base: one.amount for one in earned_by(shop.ids["c"], limit=50)}
    assert earned == {
        300_000: 30_000,
        1_500_000: 300_000,
        10_000: 1_000,
        20_000: 4_000,
        30_000: 6_000,
        40_000: 12_000,
    }


def test_history_is_asked_for_only_by_orders_paid_before_a_change(
    shop: Ranked, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rongshu.domain.referral.promoters import queries as promoters

    asked: list[int] = []
    original = promoters.rank_history

    def counted(*of: Any, since: int, **more: Any) -> Any:
        asked.append(since)
        return original(*of, since=since, **more)

    monkeypatch.setattr(promoters, "rank_history", counted)
    shop.order("1", "c", "3000.00", at(1, 5))
    shop.order("2", "c", "3000.00", at(1, 5))
    assert shop.look(at(1, 6)) == 1
    shop.order("3", "c", "1.00", at(1, 7))
    assert asked == []
    shop.order("4", "c", "1.00", at(1, 5), now=at(1, 8))
    assert asked == [to_micros(at(1, 5))]


def test_a_change_never_counts_for_an_order_rated_before_it(shop: Ranked) -> None:
    """The clock was read before the turn came: what was rated meanwhile keeps the rank the history says."""
    shop.order("1", "c", "3000.00", at(1, 5))
    shop.order("2", "c", "3000.00", at(1, 6, 4, 1))
    assert shop.look(at(1, 6)) == 1
    (change,) = shop.changes("c")
    assert change.at == at(1, 6, 4, 1) + timedelta(microseconds=1)


def test_by_hand(shop: Ranked) -> None:
    from rongshu.domain.referral.ranks.actions import set_rank
    from rongshu.domain.referral.ranks.queries import standing_of
    from rongshu.kernel.errors import Refusal

    c = shop.ids["c"]
    shop.order("1", "c", "1500.00", at(1, 5))
    with shop.scope():
        set_rank(promoter_id=c, rank="gold", reason="a fair", held_until=date(2026, 3, 2), by=TESTER, now=at(1, 6))
    assert shop.look(at(2, 1)) == 0
    assert shop.look(at(3, 1)) == 0, "held"
    assert shop.ranks()["c"] == "gold"
    with shop.scope():
        standing = standing_of(c, now=at(3, 1))
    assert (standing.rank, standing.next_rank, standing.since) == ("gold", "", at(1, 6))
    assert standing.held_until == datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert shop.look(at(3, 2)) == 0, "February was judged on 1 March"
    assert shop.look(at(4, 1)) == 1
    assert [(one.new_rank, one.cause, one.reason) for one in shop.changes("c")] == [
        ("gold", "hand", "a fair"),
        ("silver", "below", ""),
    ]
    with shop.scope():
        for wrong in ({"rank": "diamond"}, {"reason": "  "}, {"held_until": date(2026, 1, 1)}, {"promoter_id": 5}):
            with pytest.raises(Refusal):
                asked = {"promoter_id": c, "rank": "bronze", "reason": "why", "by": TESTER, "now": at(4, 2)}
                set_rank(**(asked | wrong))  # type: ignore[arg-type]
    assert len(shop.changes("c")) == 2


def test_a_rank_the_ladder_does_not_know_stays_until_one_is_earned(shop: Ranked) -> None:
    from rongshu.domain.referral.promoters.models import Promoter

    with shop.scope():
        Promoter.objects.filter(id__in=[shop.ids["c"], shop.ids["d"]]).update(rank="founder")
    shop.order("1", "c", "1500.00", at(1, 5))
    assert shop.look(at(2, 6)) == 1, "by the judgement of January"
    assert shop.ranks() == {"a": "", "b": "", "c": "bronze", "d": "founder"}


def test_only_at_the_end_of_the_period(tenant: int) -> None:
    shop = Ranked(tenant, joined=JOINED, ladder=LADDER + "upgrade: period_end\ngrace: {months: 1}\n")
    shop.look(at(1, 2))
    shop.order("1", "c", "1500.00", at(1, 5))
    assert shop.look(at(1, 20)) == 0
    assert shop.look(at(2, 1)) == 1
    assert shop.look(at(3, 1)) == 0, "grace"
    assert shop.look(at(3, 15)) == 0
    with shop.scope():
        from rongshu.domain.referral.ranks.queries import standing_of

        assert standing_of(shop.ids["c"], now=at(3, 15)).in_grace
    assert shop.look(at(4, 1)) == 1
    assert shop.ranks()["c"] == ""


def test_verification_holds_ranks_to_their_history(shop: Ranked) -> None:
    from rongshu.domain.referral.promoters.models import Promoter
    from rongshu.flows.verify import verify_tenant

    shop.order("1", "c", "1500.00", at(1, 5))
    shop.look(at(1, 6))

    def differing() -> list[str]:
        return [one.name for one in verify_tenant(shop.tenant).findings if one.differences]

    assert differing() == []
    with shop.scope():
        Promoter.objects.filter(id=shop.ids["c"]).update(rank="gold")
    assert differing() == ["ranks held = the last change of each"]
    with shop.scope():
        Promoter.objects.filter(id=shop.ids["c"]).update(rank="bronze")
        Promoter.objects.filter(id=shop.ids["d"]).update(rank_since=at(1, 6))
    assert differing() == ["ranks held = the last change of each"]


def test_progress(shop: Ranked) -> None:
    from rongshu.domain.referral.ranks.queries import standing_of

    shop.order("1", "c", "1500.00", at(1, 5))
    shop.look(at(1, 6))
    with shop.scope():
        standing = standing_of(shop.ids["c"], now=at(1, 6))
    assert (standing.rank, standing.next_rank, standing.as_of) == ("bronze", "silver", at(1, 6))
    assert [(one.need, one.wanted, one.have) for one in standing.progress] == [
        ("own_sales", 500_000, 150_000),
        ("own_orders", 2, 1),
    ]


def test_a_preview_says_what_the_look_does(shop: Ranked) -> None:
    from rongshu.domain.referral.ranks.actions import save_ladder
    from rongshu.domain.referral.ranks.queries import preview_ladder
    from rongshu.engine.ranks import read_ladder

    shop.order("1", "c", "1500.00", at(1, 5))
    shop.order("2", "d", "1200.00", at(1, 5))
    shop.look(at(1, 6))
    shop.order("3", "b", "700.00", at(2, 5))
    changed = LADDER.replace('"1000.00"', '"600.00"')
    with shop.scope():
        preview = preview_ladder(read_ladder(changed), now=at(2, 6))
        save_ladder(text=changed, by=TESTER, now=at(2, 6))
    assert (preview.rise, preview.fall) == (1, 0)
    assert [(one.promoter_id, one.old, one.new, one.rises) for one in preview.moves()] == [
        (shop.ids["b"], "", "bronze", True)
    ]
    assert preview.held_by_rank == {"": 1, "bronze": 3}
    assert (preview.check.counts, preview.check.unranked) == ((2, 0, 0), 2)
    assert shop.look(at(2, 6)) == 1
    assert shop.ranks() == {"a": "", "b": "bronze", "c": "bronze", "d": "bronze"}
    with shop.scope():
        everybody = preview_ladder(read_ladder(changed.replace('"600.00"', '"4000.00"')), now=at(3, 6))
    ids = [one.promoter_id for one in everybody.moves()]
    assert everybody.fall == 3 and ids == sorted(ids)
    assert [one.promoter_id for one in everybody.moves(after=ids[0], limit=1)] == ids[1:2]


def test_versions_of_the_ladder(shop: Ranked) -> None:
    from rongshu.domain.referral.ranks.actions import save_ladder
    from rongshu.domain.referral.ranks.models import LadderVersion
    from rongshu.domain.referral.ranks.queries import ladder, ladder_versions
    from rongshu.engine.plan import PlanError
    from rongshu.kernel.errors import Refusal

    new = LADDER.replace('"1000.00"', '"1100.00"')
    with shop.scope():
        assert save_ladder(text=LADDER, by=TESTER, now=at(1, 1)).number == 1, "the same ladder is no new version"
        assert save_ladder(text=new, by=TESTER, now=at(1, 2), instead_of=1).number == 2
        with pytest.raises(Refusal, match="Version 2"):
            save_ladder(text=LADDER, by=TESTER, now=at(1, 3), instead_of=1)
        with pytest.raises(PlanError):
            save_ladder(text=new.replace("silver", "bronze"), by=TESTER, now=at(1, 3))
        with pytest.raises(Refusal, match="EUR"):
            save_ladder(text=new.replace("CNY", "EUR"), by=TESTER, now=at(1, 3))
        present = ladder()
        assert present is not None and present.ranks[0].needs.own_sales == 110_000
        assert [one.number for one in ladder_versions()] == [2, 1]
        for statement in ("UPDATE referral_ladder SET number = 9", "DELETE FROM referral_rank_change"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        assert LadderVersion.objects.count() == 2


def test_another_tenants_ranks_are_out_of_sight(shop: Ranked, now: datetime) -> None:
    from rongshu.domain.referral.ranks.queries import ladder, rank_changes
    from rongshu.kernel.tenancy.scope import tenant_scope
    from tests.factories import found

    shop.order("1", "c", "1500.00", at(1, 5))
    shop.look(at(1, 6))
    with tenant_scope(found(now=now).id):
        assert ladder() is None
        assert rank_changes(shop.ids["c"]) == []


def test_assessors_at_the_same_moment_change_every_rank_once(shop: Ranked) -> None:
    for number in range(3):
        shop.order(f"c{number}", "c", "7000.00", at(1, 5))
    shop.order("d", "d", "1000.00", at(1, 5))
    results = untroubled(together(*[lambda: shop.look(at(1, 6))] * 4))
    assert sorted(results) == [0, 0, 0, 2]
    assert shop.ranks() == {"a": "", "b": "", "c": "gold", "d": "bronze"}
    assert [len(shop.changes(name)) for name in "abcd"] == [0, 0, 1, 1]


def test_a_look_that_was_overtaken_changes_nothing(shop: Ranked) -> None:
    shop.order("1", "c", "1500.00", at(1, 5))
    shop.look(at(1, 10))
    shop.order("2", "d", "1500.00", at(1, 5), now=at(1, 11))
    assert shop.look(at(1, 9)) == 0
    assert shop.look(at(1, 11)) == 1


def test_thousands_at_once(tenant: int) -> None:
    """More rows than one statement with values could take, and figures that are written only where they differ."""
    from rongshu.domain.members.profiles.actions import ensure_members
    from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
    from rongshu.domain.referral.promoters.models import Promoter
    from rongshu.domain.referral.ranks.actions import save_ladder
    from rongshu.domain.referral.ranks.models import RankChange

    shop = Ranked(tenant, joined=JOINED)
    with shop.scope():
        ids = ensure_members(external_ids=[f"p{number}" for number in range(3000)], now=JOINED)
        enrol_promoters(joinings=[Joining(one, shop.ids["a"], JOINED) for one in ids.values()], by=TESTER, now=JOINED)
        team = LADDER.split("ranks:")[0] + "ranks: [{name: lead, needs: {invited_promoters: 2}}]"
        save_ladder(text=team, by=TESTER, now=JOINED)
        Promoter.objects.filter(inviter_id=shop.ids["a"]).update(rank="lead", rank_since=JOINED)
    assert shop.look(at(1, 6)) == 3003
    ranks = shop.ranks()
    assert (ranks["a"], ranks["b"], ranks["d"]) == ("lead", "", "")
    assert shop.look(at(1, 6)) == 0
    with shop.scope():
        assert RankChange.objects.count() == 3003
