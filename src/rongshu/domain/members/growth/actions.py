"""Writes of growth value. Each happens once by its ref; all take the tenant's turn for growth value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from rongshu.domain.members.growth.models import GrowthEntry, GrowthMonth, GrowthVersion
from rongshu.domain.members.growth.queries import growth_rules_at
from rongshu.domain.members.profiles.models import Member
from rongshu.engine.calendar import local_days, months_of_days
from rongshu.engine.tiers.growth import GrowthRules, earned, read_growth_rules, taken_back
from rongshu.engine.tiers.windows import month_of
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.ids import new_ids, outside
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.kernel.tenancy.versions import next_version
from rongshu.ledger.actions import Transfers, claim, hold, post
from rongshu.ledger.books import Book, house_slot

I64 = NDArray[np.int64]
KIND = "growth"
"""Of the ledger's journal."""
_TURN = 0x47524F57


@dataclass(frozen=True, slots=True)
class Paid:
    """Orders of members, arrays of one length. Money in minor units, instants in microseconds; `refunded` is all so far."""

    order: I64
    member: I64
    paid: I64
    paid_at: I64
    first: NDArray[np.bool_]
    refunded: I64


def take_turn() -> None:
    """Waits until nobody else moves growth value of this tenant, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s # (%s::bigint << 30))", [current_tenant(), _TURN])


def publish_growth_rules(
    *,
    source: str | bytes | Mapping[Any, Any],
    by: Actor,
    now: datetime,
    effective_from: datetime | None = None,
    instead_of: int | None = None,
) -> GrowthVersion:
    """Sets the rules from now on, or from an instant to come. The same rules again, at once, change nothing.

    Raises PlanError naming each wrong key, `invalid` for another currency or a beginning in the past, `conflict` when
    `instead_of` is no longer the newest number (0 for none).
    """
    rules = read_growth_rules(source)
    if rules.currency != house().currency:
        raise invalid("growth_currency", "The rules are in another currency than the tenant's.", at="currency")
    take_turn()
    version: GrowthVersion
    version, new = next_version(
        GrowthVersion, document=rules.canonical(), effective_from=effective_from, instead_of=instead_of,
        moved="growth_moved", by=by, now=now,
    )  # fmt: skip
    if new:
        record("growth.published", subject=f"#{version.number}", by=by, now=now)
    return version


def earn_for_orders(orders: Paid, *, now: datetime) -> I64:
    """Gives what orders bring by the rules in force when each was paid; the members who gained, sorted.

    What was given before is left as it is; a tenant without rules costs nothing.
    """
    versions = list(GrowthVersion.objects.order_by("effective_from", "number"))
    if not versions or not len(orders.order):
        return np.empty(0, dtype=np.int64)
    begins = np.array([to_micros(one.effective_from) for one in versions], dtype=np.int64)
    which = np.searchsorted(begins, orders.paid_at, side="right") - 1
    growth = np.zeros(len(which), dtype=np.int64)
    for at in np.unique(which[which >= 0]).tolist():
        mine = which == at
        growth[mine] = earned(read_growth_rules(versions[at].document), orders.paid[mine], orders.first[mine])
    got = np.flatnonzero(growth > 0)
    months = months_of_days(local_days(orders.paid_at, house().zone))
    return _write(
        members=orders.member[got], amounts=growth[got], source="order",
        refs=[f"order:{order}" for order in orders.order[got].tolist()], about=orders.order[got],
        months=months[got], at=orders.paid_at[got], now=now,
    )  # fmt: skip


def take_back_for_refunds(orders: Paid, *, now: datetime) -> I64:
    """Takes back what refunds undo of what orders brought, cumulatively: parts add up to all; the members who lost, sorted.

    It comes off the month the order was paid in; nobody's growth value falls below 0.
    """
    if not len(orders.order) or not GrowthVersion.objects.exists():
        return np.empty(0, dtype=np.int64)
    take_turn()
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT about, sum(greatest(amount, 0))::bigint, sum(greatest(-amount, 0))::bigint, min(month) "
            "FROM members_growth_entry WHERE tenant_id = %s AND about > 0 AND about = ANY (%s::bigint[]) "
            "GROUP BY about ORDER BY about",
            [current_tenant(), bulk.int8s(orders.order)],
        )
        given = cursor.fetchall()
    row = {order: at for at, order in enumerate(orders.order.tolist())}
    found: list[tuple[int, int, int, int, str]] = []
    for order, granted, back, month in given:
        at = row[order]
        refunded = int(orders.refunded[at])
        more = taken_back(granted, refunded, int(orders.paid[at])) - back
        if more > 0:
            found.append((int(orders.member[at]), -more, order, month, f"refund:{order}:{refunded}"))
    columns = [np.array([one[place] for one in found], dtype=np.int64) for place in range(4)]
    return _write(
        members=columns[0], amounts=columns[1], source="refund", refs=[one[4] for one in found], about=columns[2],
        months=columns[3], at=np.full(len(found), to_micros(now), dtype=np.int64), now=now,
    )  # fmt: skip


def earn_activity(*, member_id: int, activity: str, ref: str, now: datetime) -> int:
    """Gives what an activity of the rules brings, once by `ref`; how much, 0 when the ref came before or a cap is reached.

    Raises `missing` for no such member or activity.
    """
    rules = growth_rules_at(now) or GrowthRules(currency=house().currency)
    rule = rules.activity(activity)
    if rule is None:
        raise missing("activity_unknown", "The rules of growth value have no activity %(activity)s.", at="activity", activity=activity)  # fmt: skip
    if not Member.objects.filter(id=member_id).exists():
        raise missing("member_unknown", "There is no such member.")
    take_turn()
    source = f"activity:{activity}"
    past = GrowthEntry.objects.filter(member_id=member_id, source=source)
    local = now.astimezone(house().zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    for cap, since in ((rule.ever, None), (rule.per_month, midnight.replace(day=1)), (rule.per_day, midnight)):
        if cap is not None and (past if since is None else past.filter(at__gte=since)).count() >= cap:
            return 0
    gained = _one(member_id, rule.growth, source, f"{source}:{ref}", "", now)
    return rule.growth if gained else 0


def give_growth(*, member_id: int, growth: int, reason: str, ref: str, by: Actor, now: datetime) -> bool:
    """Gives growth value by hand; False when `ref` came before. Raises `invalid` without a reason or for less than 1."""
    if not 0 < growth <= 10**9:
        raise invalid("bad_growth", "Write how much growth value to give, at least 1.", at="growth")
    if not reason.strip() or len(reason) > 500:
        raise invalid("reason_needed", "Say why, in at most 500 characters.", at="reason")
    if not Member.objects.filter(id=member_id).exists():
        raise missing("member_unknown", "There is no such member.")
    done = _one(member_id, growth, "hand", f"hand:{ref}", reason, now)
    if done:
        record("growth.given", subject=outside("mem", member_id), by=by, now=now, growth=growth, reason=reason)
    return done


def take_growth(*, member_id: int, growth: int, reason: str, ref: str, by: Actor, now: datetime) -> bool:
    """Takes growth value by hand, of the latest months first; False when `ref` came before. The tier is looked at when it is assessed.

    Raises `invalid` without a reason or for less than 1, `conflict` when there is less.
    """
    if not 0 < growth <= 10**9:
        raise invalid("bad_growth", "Write how much growth value to give, at least 1.", at="growth")
    if not reason.strip() or len(reason) > 500:
        raise invalid("reason_needed", "Say why, in at most 500 characters.", at="reason")
    take_turn()
    if GrowthEntry.objects.filter(member_id=member_id, ref__startswith=f"hand:{ref}:").exists():
        return False
    months, left = [], growth
    for row in GrowthMonth.objects.filter(member_id=member_id, amount__gt=0).order_by("-month"):
        months.append((row.month, min(left, row.amount)))
        left -= months[-1][1]
        if not left:
            break
    if left:
        raise conflict("growth_short", "There are only %(growth)s to be taken.", at="growth", growth=growth - left)
    size = len(months)
    _write(
        members=np.full(size, member_id), amounts=-np.array([some for _, some in months], dtype=np.int64), source="hand",
        refs=[f"hand:{ref}:{month}" for month, _ in months], about=np.zeros(size, dtype=np.int64),
        months=np.array([month for month, _ in months], dtype=np.int64), at=np.full(size, to_micros(now), dtype=np.int64), now=now,
        why=reason,
    )  # fmt: skip
    record("growth.taken", subject=outside("mem", member_id), by=by, now=now, growth=growth, reason=reason)
    return True


def bring_growth(
    *, members: Sequence[int], amounts: Sequence[int], refs: Sequence[str], source: str, now: datetime
) -> int:
    """Growth value another room decided about, to many at once, once by each `ref`, in the present month; how many gained."""
    size = len(members)
    gained = _write(
        members=np.array(members, dtype=np.int64), amounts=np.array(amounts, dtype=np.int64), source=source, refs=refs,
        about=np.zeros(size, dtype=np.int64), months=np.full(size, month_of(now, house().zone), dtype=np.int64),
        at=np.full(size, to_micros(now), dtype=np.int64), now=now,
    )  # fmt: skip
    return len(gained)


def pass_on_growth(*, source: int, heir: int, ref: str, months: Mapping[int, int], now: datetime) -> None:
    """Growth value of months goes from one member to another who is the same person; once by `ref`. The source must have it."""
    which = np.array(sorted(month for month, amount in months.items() if amount > 0), dtype=np.int64)
    amounts = np.array([months[month] for month in which.tolist()], dtype=np.int64)
    for member, sign, side in ((source, -1, "out"), (heir, 1, "in")):
        _write(
            members=np.full(len(which), member), amounts=sign * amounts, source="merge",
            refs=[f"merge:{ref}:{month}:{side}" for month in which.tolist()], about=which * 0, months=which,
            at=np.full(len(which), to_micros(now), dtype=np.int64), now=now,
        )  # fmt: skip


def _one(member: int, amount: int, source: str, ref: str, why: str, now: datetime) -> bool:
    columns = [np.array([value], dtype=np.int64) for value in (member, amount, 0, month_of(now, house().zone), to_micros(now))]  # fmt: skip
    gained = _write(
        members=columns[0], amounts=columns[1], source=source, refs=[ref], about=columns[2], months=columns[3],
        at=columns[4], now=now, why=why,
    )  # fmt: skip
    return bool(len(gained))


def _write(
    *, members: I64, amounts: I64, source: str, refs: Sequence[str], about: I64, months: I64, at: I64, now: datetime,
    why: str = "",
) -> I64:  # fmt: skip
    """Entries, sums by month and transfers of what was not written before, in one journal each; the members, sorted."""
    if not len(members):
        return members
    take_turn()
    ids = new_ids(len(members))
    contents = [
        f"{member} {amount}".encode() for member, amount in zip(members.tolist(), amounts.tolist(), strict=True)
    ]
    fresh = claim(KIND, refs, contents, ids).fresh
    if not fresh.any():
        return np.empty(0, dtype=np.int64)
    members, amounts, about, months, at, ids = (one[fresh] for one in (members, amounts, about, months, at, ids))
    refs = [ref for ref, new in zip(refs, fresh.tolist(), strict=True) if new]
    touched: I64 = np.unique(members)
    hold(touched, (Book.GROWTH,))
    with bulk.cursor() as cursor:
        constants = {"tenant_id": current_tenant(), "source": source, "why": why}
        bulk.insert(
            cursor, "members_growth_entry",
            {"id": bulk.int8s(ids), "member_id": bulk.int8s(members), "amount": bulk.int8s(amounts), "ref": bulk.texts(refs),
             "about": bulk.int8s(about), "month": bulk.int4s(months), "at": bulk.instants(at)}, constants=constants,
        )  # fmt: skip
        keys, row = np.unique(np.stack([members, months]), axis=1, return_inverse=True)
        sums = np.zeros(keys.shape[1], dtype=np.int64)
        np.add.at(sums, row.reshape(-1), amounts)
        if (amounts < 0).all():  # the month's row is there: an order's growth value made it
            cursor.execute(
                "UPDATE members_growth_month m SET amount = m.amount + u.amount FROM unnest(%s::bigint[], %s::int[], "
                "%s::bigint[]) AS u (member, month, amount) WHERE m.tenant_id = %s AND m.member_id = u.member "
                "AND m.month = u.month",
                [bulk.int8s(keys[0]), bulk.int4s(keys[1]), bulk.int8s(sums), current_tenant()],
            )
        else:
            bulk.insert(
                cursor, "members_growth_month",
                {"member_id": bulk.int8s(keys[0]), "month": bulk.int4s(keys[1]), "amount": bulk.int8s(sums)},
                constants={"tenant_id": current_tenant()},
                suffix="ON CONFLICT (tenant_id, member_id, month) DO UPDATE "
                "SET amount = members_growth_month.amount + excluded.amount",
            )  # fmt: skip
    _post(members, ids, amounts, about, now)
    announce("growth.changed", subjects=touched.tolist(), now=now)
    return touched


def _post(members: I64, journals: I64, amounts: I64, about: I64, now: datetime) -> None:
    size, up = len(members), amounts > 0
    houses = np.full(size, house_slot(int(journals[0])), dtype=np.int64)
    growth, issued = (np.full(size, int(book), dtype=np.int64) for book in (Book.GROWTH, Book.GROWTH_ISSUED))
    post(
        Transfers(
            journals, np.ones(size, dtype=np.int64), np.where(up, houses, members), np.where(up, issued, growth),
            np.where(up, members, houses), np.where(up, growth, issued), np.abs(amounts), about, np.zeros(size, dtype=np.int64),
        ),
        now=now,
    )  # fmt: skip
