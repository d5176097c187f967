"""Crediting accepted orders: everything a batch needs is read at once, the engine decides, evidence and bonds are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from rongshu.domain.referral.attribution.queries import policy, store_holders
from rongshu.domain.referral.bonds.actions import Following, follow_credits
from rongshu.domain.referral.bonds.queries import bonds_of
from rongshu.domain.referral.clicks.models import Click
from rongshu.domain.referral.clicks.queries import Met, touches_of
from rongshu.domain.referral.links.queries import promoters_by_code
from rongshu.engine.attribution import (
    METHODS,
    NOBODY,
    Active,
    Bonds,
    Credited,
    Fate,
    Method,
    Orders,
    Touches,
    credit,
)
from rongshu.engine.attribution.frames import BEGINNING, FOREVER
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.ids import inside
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Unnamed:
    """An accepted order that names no promoter itself. `buyer` 0 for a guest; `paid_at` in microseconds."""

    order_id: int
    buyer: int
    paid_at: int
    code: str = ""
    click: str = ""
    store: str = ""


def credit_orders(*, orders: Sequence[Unnamed], by: Actor, now: datetime) -> dict[int, tuple[int, str]]:
    """Credits orders by the policy in force: (promoter, method) by order id; those credited to nobody are left out.

    An unknown code or click counts as none: the order is worth more than its code. Keeps the evidence, and the bonds that follow.
    """
    if not orders:
        return {}
    policy_id, rules = policy(now)
    buyers = np.unique(np.array([one.buyer for one in orders if one.buyer], dtype=np.int64))
    paid_at = np.array([one.paid_at for one in orders], dtype=np.int64)
    codes = promoters_by_code(sorted({one.code for one in orders if one.code}), now)
    stores = store_holders(sorted({one.store for one in orders if one.store})) if "store" in rules.methods else {}
    met = _met(orders, buyers, paid_at, max(rules.windows.values(), default=0))
    before = bonds_of(buyers)
    named = [codes.get(one.code, 0) for one in orders], [stores.get(one.store, 0) for one in orders]
    promoters, active, heirs = active_spans(
        [*codes.values(), *stores.values(), *met.touches.promoter.tolist(), *before.holder.tolist()]
    )

    def row(identifiers: I64 | Sequence[int]) -> I64:
        return places_of(promoters, inherited(np.asarray(identifiers, dtype=np.int64), heirs))

    subject = places_of(buyers, np.array([one.buyer for one in orders], dtype=np.int64))
    # guests who came by a click of their own have no touches but this one: a subject of their own, after the buyers
    guests = [place for place, one in enumerate(orders) if not one.buyer and one.click]
    subject[guests] = len(buyers) + np.arange(len(guests))
    frame = Orders(subject, paid_at, row(named[0]), row(named[1]), row([one.buyer or -1 for one in orders]))
    touches = Touches(met.touches.subject, row(met.touches.promoter), met.touches.at, met.touches.kind)
    whole = Bonds.none(len(buyers) + len(guests))
    whole.holder[: len(buyers)] = row(before.holder)
    whole.since[: len(buyers)], whole.until[: len(buyers)] = before.since, before.until
    found = credit(frame, touches, whole, active, rules)
    _keep_evidence(orders, found, met, promoters, policy_id)
    _follow(orders, found, before, promoters, buyers, by, now)
    return {
        one.order_id: (int(promoters[who]), METHODS[how])
        for one, who, how in zip(orders, found.promoter.tolist(), found.method.tolist(), strict=True)
        if who != NOBODY
    }


def places_of(sorted_: I64, identifiers: I64) -> I64:
    """The place of each identifier, NOBODY for those that are not there."""
    if not len(sorted_):
        return np.full(len(identifiers), NOBODY, dtype=np.int64)
    places = np.minimum(np.searchsorted(sorted_, identifiers), len(sorted_) - 1)
    return np.where(sorted_[places] == identifiers, places, NOBODY)


def _met(orders: Sequence[Unnamed], buyers: I64, paid_at: I64, days: int) -> Met:
    """The touches of the buyers in reach, and the clicks that orders name, which are their buyers' whoever's cookie it was."""
    since, until = _instant(int(paid_at.min())) - timedelta(days=days + 1), _instant(int(paid_at.max()))
    met = touches_of(buyers.tolist(), since, until)
    named = {one.click: inside("clk", one.click) for one in orders if one.click}
    clicks = {
        row.id: row
        for row in Click.objects.filter(id__in=[identifier for identifier in named.values() if identifier], flags__lt=2)
    }
    place = {buyer: number for number, buyer in enumerate(buyers.tolist())}
    rows, guests = [], 0
    for one in orders:
        guest = len(buyers) + guests
        guests += bool(one.click and not one.buyer)
        click = clicks.get(named.get(one.click) or 0)
        if click is not None:
            at = (click.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
            subject = place[one.buyer] if one.buyer else guest
            rows.append((subject, click.promoter_id, at, click.kind, click.id, click.link_id))
    more = np.array(rows, dtype=np.int64).reshape(-1, 6)
    known = set(met.id.tolist())
    more = more[[identifier not in known for identifier in more[:, 4].tolist()]]
    parts = (met.touches.subject, met.touches.promoter, met.touches.at, met.touches.kind, met.id, met.link)
    columns = [np.concatenate([part, more[:, number]]) for number, part in enumerate(parts)]
    order = np.argsort(columns[4], kind="stable")
    who, promoter, when, kind, identifier, link = (column[order] for column in columns)
    return Met(Touches(who, promoter, when, kind), identifier, link)


def _instant(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


def active_spans(identifiers: Sequence[int]) -> tuple[I64, Active, dict[int, int]]:
    """Promoters (sorted, each once), when they may be credited, and the heirs of those merged into another; who is no promoter is left out."""
    wanted = sorted({identifier for identifier in identifiers if identifier > 0})
    rows: dict[int, tuple[int, ...]] = {}
    with bulk.cursor() as cursor:
        while wanted:  # a second time only for heirs that nobody named themselves; an heir has none of their own
            cursor.execute(
                "SELECT id, (extract(epoch FROM active_from) * 1000000)::bigint, "
                "coalesce((extract(epoch FROM active_to) * 1000000)::bigint, %s), coalesce(heir_id, 0) FROM referral_promoter "
                "WHERE tenant_id = %s AND id = ANY (%s::bigint[]) ORDER BY id",
                [FOREVER, current_tenant(), bulk.int8s(wanted)],
            )
            rows.update((row[0], row) for row in cursor.fetchall())
            wanted = sorted({row[3] for row in rows.values()} - rows.keys() - {0})
    table = np.array(sorted(rows.values()), dtype=np.int64).reshape(-1, 4)
    return table[:, 0], Active(table[:, 1], table[:, 2]), {row[0]: row[3] for row in rows.values() if row[3]}


def inherited(identifiers: I64, heirs: dict[int, int]) -> I64:
    """The same promoters, the heir instead of whoever was merged into another."""
    if not heirs:
        return identifiers
    return np.array([heirs.get(one, one) for one in identifiers.tolist()], dtype=np.int64)


def _keep_evidence(orders: Sequence[Unnamed], found: Credited, met: Met, promoters: I64, policy_id: int | None) -> None:
    """One row for every order for which there was something to consider."""
    asked = ((found.fate != Fate.ABSENT) & (found.fate != Fate.NOT_ASKED)).any(axis=1)
    rows = np.flatnonzero(asked | np.array([bool(one.code) for one in orders]))
    if not len(rows):
        return
    who = (
        np.where(found.candidate >= 0, promoters.take(np.maximum(found.candidate, 0)), 0)
        if len(promoters)
        else (np.zeros_like(found.candidate))
    )
    who = who[rows]
    touch = found.touch[rows]
    has = touch >= 0

    def of_touch(values: I64, otherwise: int = 0) -> I64:
        return (
            np.where(has, values.take(np.maximum(touch, 0)), otherwise)
            if len(values)
            else np.full(len(rows), otherwise)
        )

    bonded = who[:, Method.BOND] != 0
    fates = np.zeros(len(rows), dtype=np.int64)
    for place in range(len(METHODS)):
        fates = fates << 3 | found.fate[rows, place]
    since = np.where(bonded & (found.bond_since[rows] != BEGINNING), found.bond_since[rows], bulk.NO_INSTANT)
    until = np.where(bonded & (found.bond_until[rows] != FOREVER), found.bond_until[rows], bulk.NO_INSTANT)
    zero = {name: bulk.nullable(name, "0") for name in (
        "code_promoter_id", "bond_promoter_id", "touch_id", "touch_promoter_id", "touch_link_id", "store_promoter_id",
    )}  # fmt: skip
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "referral_evidence",
            {
                "order_id": bulk.int8s([orders[row].order_id for row in rows.tolist()]),
                "fates": bulk.int4s(fates),
                "code": bulk.texts([orders[row].code for row in rows.tolist()]),
                "code_promoter_id": bulk.int8s(who[:, Method.CODE]),
                "bond_promoter_id": bulk.int8s(who[:, Method.BOND]),
                "bond_since": bulk.instants(since),
                "bond_until": bulk.instants(until),
                "touch_id": bulk.int8s(of_touch(met.id)),
                "touch_promoter_id": bulk.int8s(who[:, Method.TOUCH]),
                "touch_link_id": bulk.int8s(of_touch(met.link)),
                "touch_at": bulk.instants(of_touch(met.touches.at, bulk.NO_INSTANT)),
                "touch_kind": bulk.int2s(of_touch(met.touches.kind, -1)),
                "store_promoter_id": bulk.int8s(who[:, Method.STORE]),
            },
            expressions={
                **zero,
                "bond_since": bulk.nullable("bond_since"),
                "bond_until": bulk.nullable("bond_until"),
                "touch_at": bulk.nullable("touch_at"),
                "touch_kind": bulk.nullable("touch_kind", "-1"),
            },
            constants={"tenant_id": current_tenant(), "policy_id": policy_id},
        )


def _follow(
    orders: Sequence[Unnamed], found: Credited, before: Bonds, promoters: I64, buyers: I64, by: Actor, now: datetime
) -> None:
    """Keeps the bonds that these orders made, moved or extended; the last order of a buyer with a credit stands for all."""
    if not len(buyers):
        return
    after = found.bonds
    count = len(buyers)
    holder = (
        np.where(after.holder[:count] >= 0, promoters.take(np.maximum(after.holder[:count], 0)), 0)
        if len(promoters)
        else (np.zeros(count, dtype=np.int64))
    )
    old = np.where(before.holder >= 0, before.holder, 0)
    changed = np.flatnonzero(
        (holder != 0)
        & ((holder != old) | (after.since[:count] != before.since) | (after.until[:count] != before.until))
    )
    if not len(changed):
        return
    at = {one.buyer: one for one in sorted(orders, key=lambda one: one.paid_at, reverse=True) if one.buyer}
    how = {one.order_id: METHODS[m] if m >= 0 else "" for one, m in zip(orders, found.method.tolist(), strict=True)}
    began = {(one.buyer, one.paid_at): one for one in orders}
    causes = [began.get((int(buyers[row]), int(after.since[row])), at[int(buyers[row])]) for row in changed.tolist()]
    follow_credits(
        following=Following(
            member=buyers[changed], promoter=holder[changed], since=after.since[changed], until=after.until[changed],
            old=old[changed], held=(old[changed] != 0) & (before.until[changed] > after.since[changed]),
            order=np.array([one.order_id for one in causes], dtype=np.int64), method=[how[one.order_id] for one in causes],
        ),
        by=by,
        now=now,
    )  # fmt: skip
