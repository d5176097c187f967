"""The demo in a tenant: what the invoices say, what a simulation of the same files says, and nothing twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import typer
from django.db import connection
from django.db.models import Sum
from django.test import override_settings
from typer.testing import CliRunner

from rongshu.domain.commerce.purchases.models import Purchases
from rongshu.domain.members.growth.models import GrowthMonth
from rongshu.domain.members.points.queries import standings
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.engine.plan import read_plan
from rongshu.engine.simulate import simulate
from rongshu.flows.demo import load
from rongshu.flows.demo.cast import Cast, simulation_files
from rongshu.flows.demo.doors import FILE, LoginOf, open_doors
from rongshu.flows.demo.load import PLAN, SLUG, Loaded, Phase, Step, load_demo, load_steps
from rongshu.flows.demo.retail import Retail, load_retail
from rongshu.flows.verify import verify_tenant
from rongshu.interfaces.cli.demo import _tell, demo
from rongshu.interfaces.cli.simulation_files import read_simulation
from rongshu.kernel.access.queries import LoginBackend, caller_of
from rongshu.kernel.access.rules import Role
from rongshu.kernel.environment import environment
from rongshu.kernel.tenancy.queries import house_by_slug
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDERS = 400
TABLES = (
    "members_member", "referral_promoter", "referral_bond", "referral_sales", "referral_standing", "commerce_order",
    "commerce_line", "commerce_refund", "commission_rating", "commission_commission", "ledger_transfer",
    "referral_ladder", "referral_rank_change", "referral_rank_figures", "ledger_journal", "kernel_auditentry", "kernel_outboxevent", "kernel_login", "kernel_apikey",
)  # fmt: skip


@pytest.fixture(scope="module")
def part() -> Retail:
    return load_retail(ORDERS)


@pytest.fixture(scope="module")
def people(part: Retail, cast: Cast) -> Cast:
    return load._first_members(cast, len(part.customers))


@pytest.fixture(scope="module")
def loaded(retail: Retail, part: Retail, cast: Cast) -> Iterator[Loaded]:
    """A load of 150 orders, one of 400 broken off in the middle, and one to the end."""
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]),
    ):
        read = {None: retail, ORDERS: part}
        patch.setattr(load, "load_retail", lambda limit=None: read.get(limit) or load_retail(limit))
        patch.setattr(load, "cast_members", lambda _: cast)
        patch.setattr(load, "SLICE", 2000)
        patch.setattr(load, "FIRST", 100)
        first = load_demo(limit_orders=150, progress=lambda _: None, now=NOW)
        assert first.orders == 150
        for step in load_steps(limit_orders=ORDERS, now=NOW):
            if step.phase is Phase.ORDERS and step.done > 200:
                assert step.worth_seeing
                break
        yield load_demo(limit_orders=ORDERS, progress=lambda _: None, now=NOW)


def rows_of(loaded: Loaded) -> dict[str, int]:
    counts = {}
    with tenant_scope(loaded.tenant.id), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", [loaded.tenant.id])
            counts[table] = cursor.fetchone()[0]
    return counts


def test_the_tenant_holds_what_the_invoices_say(loaded: Loaded, part: Retail, people: Cast) -> None:
    assert (loaded.orders, loaded.lines) == (ORDERS, len(part.lines))
    assert loaded.guests == part.orders["customer_id"].null_count()
    assert loaded.paid == part.lines["paid"].sum()
    assert (loaded.refunds, loaded.refunded) == (len(part.refunds), part.refunds["amount"].sum())
    assert loaded.members == len(people.members)
    assert loaded.promoters == people.members["is_promoter"].sum()
    assert 0 < loaded.reversed < loaded.accrued
    assert 0 < loaded.released < loaded.accrued
    assert loaded.unmatched > 0
    assert verify_tenant(loaded.tenant.id).differences == 0


def test_every_commission_is_as_simulated(loaded: Loaded, part: Retail, people: Cast, tmp_path: Path) -> None:
    simulation_files(part, people, tmp_path)
    plan = read_plan(PLAN.read_bytes())
    files = (tmp_path / f"{name}.csv" for name in ("orders", "promoters", "refunds"))
    given = read_simulation(plan, *files)
    rows = simulate(plan, ZoneInfo("Europe/London"), given.orders, given.promoters, given.refunds).rows
    with tenant_scope(loaded.tenant.id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.external_id, c.line_no, c.level, m.external_id, c.rule, c.base, c.ppm, c.before_caps, c.amount,"
            " c.reversed FROM commission_commission c"
            " JOIN commerce_order o ON o.tenant_id = c.tenant_id AND o.id = c.order_id"
            " JOIN members_member m ON m.tenant_id = c.tenant_id AND m.id = c.beneficiary_id WHERE c.tenant_id = %s",
            [loaded.tenant.id],
        )
        found = cursor.fetchall()
    wanted = rows.drop("kind")
    assert sorted(found) == sorted(wanted.iter_rows())
    assert loaded.accrued == rows["amount"].sum()
    assert loaded.reversed == rows["reversed"].sum()


def test_every_customer_has_growth_value_a_tier_points_and_what_they_bought(loaded: Loaded, part: Retail) -> None:
    """By the invoices: a pound is one of growth value, twenty for the first order; a refund takes back its share."""
    paid = part.lines.group_by("order_id").agg(paid=pl.col("paid").sum())
    back = part.refunds.group_by("order_id").agg(back=pl.col("amount").sum())
    orders = part.orders.filter(pl.col("customer_id").is_not_null()).join(paid, "order_id").sort("paid_at", "order_id")
    orders = orders.join(back, "order_id", "left").with_columns(pl.col("back").fill_null(0))
    asked: dict[str, list[tuple[int, int]]] = {}
    for who, spent, returned in orders.select("customer_id", "paid", "back").iter_rows():
        asked.setdefault(f"c-{who}", []).append((spent, returned))
    assert len(asked) > 250 and any(returned for bought in asked.values() for _, returned in bought)
    with tenant_scope(loaded.tenant.id):
        members = {one.external_id: one for one in Member.objects.filter(external_id__in=list(asked))}
        ids = [one.id for one in members.values()]
        growth = dict(GrowthMonth.objects.values_list("member_id").annotate(Sum("amount")))
        bought = {one.member_id: one for one in Purchases.objects.filter(member_id__in=ids)}
        points = standings(ids, now=NOW)
    for who, history in asked.items():
        member = members[who]
        granted = [spent // 100 + 20 * (at == 0) for at, (spent, _) in enumerate(history)]
        wanted = sum(
            one - (one * returned // spent if spent else 0)
            for one, (spent, returned) in zip(granted, history, strict=True)
        )
        assert growth.get(member.id, 0) == wanted, who
        reached = [
            code
            for code, least in (("leaf", 1), ("branch", 1000), ("tree", 4000), ("banyan", 15000))
            if wanted >= least
        ]
        most = [
            code
            for code, least in (("leaf", 1), ("branch", 1000), ("tree", 4000), ("banyan", 15000))
            if sum(granted) >= least
        ]
        assert member.tier in {*reached[-1:], *most[-1:]}, who  # refunds make nobody fall before their day
        mine = bought[member.id]
        assert (mine.orders, mine.paid, mine.refunded) == (
            len(history),
            sum(one for one, _ in history),
            sum(one for _, one in history),
        )
        if sum(granted) < 1000 and not mine.refunded:  # the lowest tier's points are the single ones
            assert points[member.id].usable == sum(spent // 100 for spent, _ in history) + 50, who
        elif wanted:
            assert points[member.id].usable > 0, who


def test_ranks_are_those_of_their_time(loaded: Loaded) -> None:
    """Bronze was reached while the orders went on, and nobody holds what the figures do not earn."""
    from rongshu.domain.referral.ranks.models import RankChange, RankFigures

    with tenant_scope(loaded.tenant.id):
        reached = list(RankChange.objects.filter(cause="earned").values_list("promoter_id", "at", "figures"))
        held = set(Promoter.objects.exclude(rank="").values_list("id", flat=True))
        earns = RankFigures.objects.filter(own_sales__gte=200_000, own_orders__gte=5)
        assert held == set(earns.values_list("promoter_id", flat=True)) != set()
    assert {at.year for _, at, _ in reached} <= {2010, 2011, NOW.year}
    assert all(figures["own_sales"] >= 200_000 for _, _, figures in reached)


def test_again_nothing_changes(loaded: Loaded) -> None:
    before = rows_of(loaded)
    steps: list[Step] = []
    again = load_demo(limit_orders=ORDERS, progress=steps.append, now=NOW)
    assert again == loaded
    assert rows_of(loaded) == before
    assert [step.phase for step in steps if step.done and step.done == step.total] == [
        Phase.PEOPLE, Phase.ORDERS, Phase.STATUSES, Phase.REFUNDS,
    ]  # fmt: skip


def test_a_beginning_is_a_beginning_of_the_whole(part: Retail, people: Cast, cast: Cast) -> None:
    everybody = cast.members.head(len(people.members))
    assert people.members.drop("team").equals(everybody.drop("team"))
    assert set(people.members["inviter_external_id"].drop_nulls()) <= set(people.members["external_id"])
    credited = part.orders.join(people.credits, "order_id")["promoter"].drop_nulls()
    assert set(credited) <= set(people.members.filter(pl.col("is_promoter"))["external_id"])


def test_doors_open_and_stay(loaded: Loaded) -> None:
    doors = loaded.doors
    assert doors.kept_in == environment().home / FILE
    assert doors.kept_in.stat().st_mode & 0o777 == 0o600
    assert [login.role for login in doors.logins][:4] == [Role.OWNER, Role.OPERATOR, Role.FINANCE, Role.AUDITOR]
    for login in doors.logins:
        found = LoginBackend().authenticate(None, name=login.name, password=doors.password)
        assert found is not None
        assert (found.tenant_id, found.role, found.member_id) == (loaded.tenant.id, login.role, login.member_id)
    caller = caller_of(doors.api_key)
    assert caller is not None
    assert caller.house == loaded.tenant


def test_lost_doors_are_made_again_under_another_name(loaded: Loaded) -> None:
    kept = loaded.doors.kept_in.read_text()
    try:
        loaded.doors.kept_in.unlink()
        doors = open_doors(tenant=loaded.tenant, logins=[LoginOf("owner", Role.OWNER)], by=TESTER, now=NOW)
        assert [login.name for login in doors.logins] == ["demo-owner"]
        assert LoginBackend().authenticate(None, name="demo-owner", password=doors.password) is not None
        assert caller_of(doors.api_key) is not None
        loaded.doors.kept_in.unlink()
        doors = open_doors(tenant=loaded.tenant, logins=[LoginOf("owner", Role.OWNER)], by=TESTER, now=NOW)
        assert [login.known for login in doors.logins] == [False]
    finally:
        loaded.doors.kept_in.write_text(kept)


def test_the_command(loaded: Loaded, capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer()
    app.command()(demo)
    result: Any = CliRunner().invoke(app, ["--no-serve", "--orders", str(ORDERS), "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["orders"], told["forest"], told["password"]) == (ORDERS, "synthetic", loaded.doors.password)
    assert told["paid"] == f"{loaded.paid / 100:.2f}"
    assert told["tenant"] == SLUG == house_by_slug(SLUG).slug
    _tell(loaded, as_json=False)
    assert "promoters, in a synthetic forest" in capsys.readouterr().out
