"""Puts the demo into a tenant of its own, by the very roads that real data takes.

Everything is keyed by the source's own ids, so that loading again changes nothing and an interrupted load goes on where
it stopped. A load of the first orders is a beginning of the whole one: same members, same inviters, same promoters.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import polars as pl
from django.db import OperationalError, connection

from rongshu.domain.commerce.products.actions import Described, count_sold, put_products
from rongshu.domain.commission.plans.actions import publish_plan
from rongshu.domain.commission.plans.queries import versions
from rongshu.domain.commission.release.actions import release_due
from rongshu.domain.members.growth.actions import publish_growth_rules
from rongshu.domain.members.growth.queries import growth_version_at
from rongshu.domain.members.points.actions import publish_rules as publish_points
from rongshu.domain.members.points.rulebook import version_in_force
from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.members.tiers.actions import publish_ladder
from rongshu.domain.members.tiers.queries import version_at
from rongshu.domain.referral.bonds.actions import bond_members
from rongshu.domain.referral.bonds.queries import promoters_of
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.referral.promoters.queries import which_promote
from rongshu.domain.referral.ranks.actions import assess_ranks, save_ladder
from rongshu.domain.referral.ranks.queries import ladder_version
from rongshu.domain.referral.standings.actions import refresh_standings
from rongshu.engine.money import format_units
from rongshu.flows.demo.cast import Cast, cast_members, portal_promoters
from rongshu.flows.demo.doors import Doors, LoginOf, open_doors
from rongshu.flows.demo.forest import sum_below
from rongshu.flows.demo.retail import (
    ALL_REFUNDED,
    CURRENCY,
    NO_CUSTOMER,
    NO_PURCHASE,
    ZONE,
    Retail,
    load_retail,
)
from rongshu.flows.intake.accept import accept_orders, accept_refunds, accept_statuses
from rongshu.flows.intake.results import Accepted
from rongshu.flows.intake.shapes import LineIn, OrderIn, RefundIn, StatusIn
from rongshu.flows.intake.work import work_off
from rongshu.flows.table import EVENTS
from rongshu.kernel.access.rules import Role
from rongshu.kernel.actor import Actor
from rongshu.kernel.errors import Kind, Refusal, conflict
from rongshu.kernel.founding import found_tenant
from rongshu.kernel.outbox.actions import deliver
from rongshu.kernel.tenancy.queries import House, house_by_slug
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.books import Book
from rongshu.ledger.queries import journal_ids

SLUG = "demo"
NAME = "Online Retail 演示"
SOURCE = "online-retail"
PLAN = Path(__file__).parent / "plan.yaml"
LADDER = Path(__file__).parent / "ladder.yaml"
TIERS, GROWTH, POINTS = (Path(__file__).parent / f"{name}.yaml" for name in ("tiers", "growth", "points"))
LOADER = Actor("command-line", "demo")

E = TypeVar("E")

UNMATCHED = (NO_CUSTOMER, NO_PURCHASE, ALL_REFUNDED)

SLICE = 30_000
"""Order lines that are accepted and rated together, about."""
FIRST = 2_000
"""Orders after which there is something to look at."""


class Phase(StrEnum):
    """What a load does, in this sequence."""

    READING = "reading"
    FOUNDING = "founding"
    PEOPLE = "people"
    ORDERS = "orders"
    STATUSES = "statuses"
    REFUNDS = "refunds"
    RELEASES = "releases"
    STANDINGS = "standings"


@dataclass(frozen=True, slots=True)
class Step:
    """How far a load has come. `worth_seeing`: members, plan and the first orders are in, a server may start."""

    phase: Phase
    done: int = 0
    total: int = 0
    """0: not known beforehand."""
    worth_seeing: bool = False
    doors: Doors | None = None
    """The logins, in the step that made them."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the tenant holds after a load. Money in minor units."""

    tenant: House
    doors: Doors
    members: int
    promoters: int
    orders: int
    lines: int
    guests: int
    """Orders without a buyer."""
    paid: int
    refunds: int
    refunded: int
    accrued: int
    released: int
    reversed: int
    unmatched: int
    """Lines of cancelled goods for which the source has no purchase left to refund; they are left out."""


def load_demo(*, limit_orders: int | None, progress: Callable[[Step], None], now: datetime) -> Loaded:
    """Loads the demo, all of it or its first orders, and returns what the tenant then holds.

    Raises `conflict` when a tenant of that slug exists and is not the demo.
    """
    steps = load_steps(limit_orders=limit_orders, now=now)
    while True:
        try:
            progress(next(steps))
        except StopIteration as end:
            loaded: Loaded = end.value
            return loaded


def load_steps(*, limit_orders: int | None, now: datetime) -> Generator[Step, None, Loaded]:
    """As `load_demo`, a step at a time; between two steps no transaction is open, so that another thread may go on."""
    yield Step(Phase.READING)
    retail = load_retail()
    cast = cast_members(retail)
    if limit_orders is not None:
        first = load_retail(limit_orders)
        cast = _first_members(cast, len(first.customers))
        completed_later = retail.orders.head(limit_orders)  # with the completions that come after the last of them
        retail = replace(first, orders=completed_later)
    yield Step(Phase.FOUNDING)
    tenant = _tenant(now)
    yield Step(Phase.PEOPLE, 0, len(cast.members))
    with tenant_scope(tenant.id):
        members = _people(cast, now)
        if not versions().versions:
            publish_plan(text=PLAN.read_text("utf-8"), effective_from=_beginning(retail, tenant), by=LOADER, now=now)
        if ladder_version() is None:
            save_ladder(text=LADDER.read_text("utf-8"), by=LOADER, now=_beginning(retail, tenant))
        _membership(_beginning(retail, tenant))
    largest, middle = portal_promoters(cast)
    doors = open_doors(
        tenant=tenant,
        logins=[
            *(LoginOf(role.value, role) for role in (Role.OWNER, Role.OPERATOR, Role.FINANCE, Role.AUDITOR)),
            *(LoginOf(who, Role.PROMOTER, members[who]) for who in dict.fromkeys((largest, middle))),
        ],
        by=LOADER,
        now=now,
    )
    yield Step(Phase.PEOPLE, len(members), len(members), doors=doors)
    yield from _orders(retail, cast, tenant, now)
    yield from _statuses(retail, tenant, now)
    yield from _refunds(retail, tenant, now)
    yield from _releases(tenant, now)
    _products(retail, tenant, now)
    yield Step(Phase.STANDINGS)
    _bring_up_to_date(tenant, now)
    with tenant_scope(tenant.id):
        assess_ranks(now=now, by=LOADER)
    return _holdings(retail, tenant, doors)


def _membership(begun: datetime) -> None:
    """What members get, from the beginning; published before, nothing happens."""
    if version_in_force(begun) is None:
        publish_points(source=POINTS.read_text("utf-8"), reason="", by=LOADER, now=begun)
    if growth_version_at(begun) is None:
        publish_growth_rules(source=GROWTH.read_text("utf-8"), by=LOADER, now=begun)
    if version_at(begun) is None:
        publish_ladder(source=TIERS.read_text("utf-8"), by=LOADER, now=begun)


def _first_members(cast: Cast, count: int) -> Cast:
    """Those who joined first, with the inviters they have in the whole cast; an inviter always joined earlier."""
    inviter = cast.inviter[:count]
    members = cast.members.head(count)
    team = pl.Series("team", sum_below(inviter, members["is_promoter"].to_numpy().astype("int64")))
    return Cast(members.with_columns(team), cast.credits, inviter)


def _tenant(now: datetime) -> House:
    try:
        tenant = house_by_slug(SLUG)
    except Refusal as refusal:
        if refusal.kind is not Kind.MISSING:
            raise
        found_tenant(slug=SLUG, name=NAME, currency=CURRENCY, time_zone=ZONE, language="zh-hans", by=LOADER, now=now)
        tenant = house_by_slug(SLUG)
    if tenant.name != NAME or tenant.currency != CURRENCY:
        raise conflict("demo_taken", "There is a tenant %(slug)s already, and it is not the demo.", slug=SLUG)
    return tenant


def _people(cast: Cast, now: datetime) -> dict[str, int]:
    """Members, promoters and bonds, as far as they are not there yet; all members' ids by external id."""
    table = cast.members
    members = ensure_members(external_ids=table["external_id"].to_list(), now=now)
    inviter_of = dict(table.select("external_id", "inviter_external_id").iter_rows())
    known = which_promote(list(members.values()))
    joinings = [
        Joining(members[who], members[inviter_of[who]] if inviter_of[who] else None, joined_at)
        for who, joined_at in table.filter("is_promoter").select("external_id", "joined_at").iter_rows()
        if members[who] not in known
    ]
    if joinings:
        enrol_promoters(joinings=joinings, by=LOADER, now=now)
    tied = promoters_of(list(members.values()))
    bonds = {members[who]: members[above] for who, above in inviter_of.items() if above and members[who] not in tied}
    bond_members(bonds=bonds, by=LOADER, now=now, since=table["joined_at"].min())  # type: ignore[arg-type]
    return members


PRODUCTS = 300
"""Best sellers that promoters of the demo are offered; the source has no pictures, so they have none."""


def _products(retail: Retail, tenant: House, now: datetime) -> None:
    """The best sellers by pieces, as the source describes them (each article's latest words), at their commonest unit price."""
    of = retail.lines.group_by("sku").agg(
        pl.col("qty").sum(),
        pl.col("description").drop_nulls().last(),
        pl.col("category").last(),
        pl.col("unit_price").mode().min().alias("price"),
    )
    best = of.drop_nulls("description").filter(pl.col("description") != "").sort("qty", "sku", descending=[True, False])
    described = [
        Described(sku, description[:200], category, round(price))
        for sku, description, category, price in best.head(PRODUCTS)
        .select("sku", "description", "category", "price")
        .iter_rows()
    ]
    with tenant_scope(tenant.id):
        if described:
            put_products(products=described, by=LOADER, now=now)
            count_sold(now=now)


def _beginning(retail: Retail, tenant: House) -> datetime:
    """The first day of the month of the first order, in the tenant's time zone."""
    first: datetime = retail.orders["paid_at"][0]
    return first.astimezone(tenant.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _orders(retail: Retail, cast: Cast, tenant: House, now: datetime) -> Generator[Step, None, None]:
    total, shown = len(retail.orders), False
    _work_off(tenant, now)
    refs = [f"{SOURCE}:{order}" for order in retail.orders["order_id"]]
    with tenant_scope(tenant.id):
        known = journal_ids("order", refs)
    done = len(known)
    missing = retail.orders.filter(pl.Series([ref not in known for ref in refs], dtype=pl.Boolean))
    for entries in _slices(missing, cast, retail.lines):
        with tenant_scope(tenant.id):
            _expect_all(accept_orders(orders=entries, tenant=tenant, by=LOADER, now=now))
        _work_off(tenant, now)
        _look_at_ranks(tenant, entries[-1]["paid_at"])
        done += len(entries)
        if not shown and done >= min(FIRST, total):
            _bring_up_to_date(tenant, now)
            shown = True
        yield Step(Phase.ORDERS, done, total, worth_seeing=shown)
    yield Step(Phase.ORDERS, total, total, worth_seeing=True)


def _look_at_ranks(tenant: House, paid_at: datetime) -> None:
    """The look of that time: what is paid after this slice is rated by the ranks its orders have earned."""
    with tenant_scope(tenant.id):
        assess_ranks(now=paid_at + timedelta(microseconds=1), by=LOADER)


def _slices(orders: pl.DataFrame, cast: Cast, lines: pl.DataFrame) -> Iterator[list[OrderIn]]:
    """The orders in their sequence, about `SLICE` lines at a time. No promoter is named: the buyer's bond decides."""
    counts = lines.group_by("order_id").agg(pl.len().cast(pl.Int64).alias("count"))
    table = (
        orders.select("order_id", "paid_at", "country")
        .join(cast.credits.select("order_id", "buyer"), "order_id", "left", maintain_order="left")
        .join(counts, "order_id", "left", maintain_order="left")
        .with_columns(slice=pl.col("count").cum_sum() // SLICE)
    )
    for part in table.partition_by("slice", maintain_order=True):
        of_part = part.select("order_id").join(lines, "order_id", "left", maintain_order="left_right")
        columns = [of_part[name].to_list() for name in ("line_no", "sku", "category", "qty", "paid")]
        rows: list[LineIn] = [
            {"line_no": line_no, "sku": sku, "category": category, "qty": qty, "paid": format_units(paid, CURRENCY)}
            for line_no, sku, category, qty, paid in zip(*columns, strict=True)
        ]
        entries: list[OrderIn] = []
        start = 0
        for order, paid_at, country, buyer, count in part.drop("slice").iter_rows():
            entries.append({
                "id": order,
                "source": SOURCE,
                "currency": CURRENCY,
                "paid_at": paid_at,
                "buyer": buyer,
                "region": country,
                "lines": rows[start : start + count],
            })  # fmt: skip
            start += count
        yield entries


def _statuses(retail: Retail, tenant: House, now: datetime) -> Generator[Step, None, None]:
    completed = retail.orders.drop_nulls("completed_at").sort("completed_at", "order_id")
    statuses: list[StatusIn] = [
        {"order": order, "source": SOURCE, "status": "completed", "at": at}
        for order, at in completed.select("order_id", "completed_at").iter_rows()
    ]
    refs = [f"{SOURCE}:{status['order']}:completed" for status in statuses]
    yield from _accepted(
        Phase.STATUSES,
        _unknown("status", statuses, refs, tenant),
        len(statuses),
        lambda part: accept_statuses(statuses=part, tenant=tenant, by=LOADER, now=now),
        tenant,
        now,
    )


def _refunds(retail: Retail, tenant: House, now: datetime) -> Generator[Step, None, None]:
    refunds: list[RefundIn] = [
        {
            "id": refund,
            "order": order,
            "source": SOURCE,
            "currency": CURRENCY,
            "refunded_at": at,
            "lines": [{"line_no": line_no, "amount": format_units(amount, CURRENCY)}],
        }
        for refund, order, line_no, amount, at in retail.refunds.select(
            "refund_id", "order_id", "line_no", "amount", "refunded_at"
        ).iter_rows()
    ]
    refs = [f"{SOURCE}:{refund['id']}" for refund in refunds]
    yield from _accepted(
        Phase.REFUNDS,
        _unknown("refund", refunds, refs, tenant),
        len(refunds),
        lambda part: accept_refunds(refunds=part, tenant=tenant, by=LOADER, now=now),
        tenant,
        now,
    )


def _unknown(kind: str, entries: list[E], refs: list[str], tenant: House) -> list[E]:
    """The entries whose keys nobody has claimed yet."""
    with tenant_scope(tenant.id):
        known = journal_ids(kind, refs)
    return [entry for entry, ref in zip(entries, refs, strict=True) if ref not in known]


def _accepted(
    phase: Phase, entries: list[E], total: int, accept: Callable[[list[E]], Accepted], tenant: House, now: datetime
) -> Generator[Step, None, None]:
    size = 5_000
    for start in range(0, len(entries), size):
        with tenant_scope(tenant.id):
            _expect_all(accept(entries[start : start + size]))
        _work_off(tenant, now)
        yield Step(phase, total - len(entries) + start, total, worth_seeing=True)
    yield Step(phase, total, total, worth_seeing=True)


def _expect_all(accepted: Accepted) -> None:
    for result in accepted.results:
        if result.problem is not None:
            raise result.problem


def _work_off(tenant: House, now: datetime) -> None:
    while work_off(tenant.id, now=now):
        pass


def _releases(tenant: House, now: datetime) -> Generator[Step, None, None]:
    done = 0
    while True:
        yield Step(Phase.RELEASES, done, worth_seeing=True)
        with tenant_scope(tenant.id):
            orders = release_due(now=now)
        if not orders:
            return
        done += orders


def _bring_up_to_date(tenant: House, now: datetime) -> None:
    """What a worker does by and by: events are delivered, standings computed. One may be at it at the same time."""
    for last in (False, False, True):
        try:
            while True:
                with tenant_scope(tenant.id):
                    if not deliver(EVENTS, now=now):
                        break
            with tenant_scope(tenant.id):
                refresh_standings(now=now)
            return
        except OperationalError:  # the two waited for one another, and the database chose this one to step back
            if last:
                raise


def _holdings(retail: Retail, tenant: House, doors: Doors) -> Loaded:
    """What the tenant holds, read off its tables."""
    with tenant_scope(tenant.id), connection.cursor() as cursor:

        def sums(statement: str, *more: int) -> list[int]:
            cursor.execute(statement, [tenant.id, *more])
            return [int(value or 0) for value in cursor.fetchone()]

        (members,) = sums("SELECT count(*) FROM members_member WHERE tenant_id = %s")
        (promoters,) = sums("SELECT count(*) FROM referral_promoter WHERE tenant_id = %s")
        orders, guests, paid = sums(
            "SELECT count(*), count(*) - count(buyer_id), sum(paid) FROM commerce_order WHERE tenant_id = %s"
        )
        (lines,) = sums("SELECT count(*) FROM commerce_line WHERE tenant_id = %s")
        refunds, refunded = sums("SELECT count(*), sum(amount) FROM commerce_refund WHERE tenant_id = %s")
        accrued, reversed_ = sums("SELECT sum(amount), sum(reversed) FROM commission_commission WHERE tenant_id = %s")
        (released,) = sums(
            "SELECT sum(amount) FROM ledger_transfer WHERE tenant_id = %s AND dr_book = %s AND cr_book <> %s",
            Book.PENDING,
            Book.EXPENSE,
        )
    unmatched = sum(retail.account[fate].lines for fate in UNMATCHED if fate in retail.account)
    return Loaded(
        tenant=tenant,
        doors=doors,
        members=members,
        promoters=promoters,
        orders=orders,
        lines=lines,
        guests=guests,
        paid=paid,
        refunds=refunds,
        refunded=refunded,
        accrued=accrued,
        released=released,
        reversed=reversed_,
        unmatched=unmatched,
    )
