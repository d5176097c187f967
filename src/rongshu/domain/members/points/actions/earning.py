from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from rongshu.domain.members.points.actions.granting import Grant, grant
from rongshu.domain.members.points.actions.taking import Owed, take_back
from rongshu.domain.members.points.models import PointsAccount, PointsLot
from rongshu.domain.members.points.moving import KIND, hold_accounts, one, take_turn
from rongshu.domain.members.points.queries import earned_since, order_lots, version_numbered
from rongshu.domain.members.points.rulebook import all_versions, rules_at, rules_of
from rongshu.engine.calendar import local_day, local_days, months_of_days
from rongshu.engine.points.arithmetic import line_weights, points_of, sign_in_points, taken_back, within_cap
from rongshu.engine.points.rules import Rules, last_day
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import conflict, missing
from rongshu.kernel.tenancy.queries import house
from rongshu.ledger.actions import I64
from rongshu.ledger.queries import journal_ids

_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Bought:
    """Orders of members by the instant they were paid, and their lines. Money in minor units, instants in microseconds."""

    order: I64
    member: I64
    paid_at: I64
    first: NDArray[np.bool_]
    tier_ppm: Sequence[int]
    """What the points of each order are multiplied by."""
    line_order: I64
    """Row of the order of each line."""
    sku: Sequence[str]
    category: Sequence[str]
    paid: I64
    refunded: I64


def earn_for_orders(bought: Bought, *, now: datetime) -> int:
    """Grants what each order brings by the rules in force when it was paid; how many grants were new.

    Takes the turn. What was granted before is left as it is.
    """
    versions = all_versions()
    if not versions or not len(bought.order):
        return 0
    take_turn()
    begins = np.array([to_micros(one.effective_from) for one in versions], dtype=np.int64)
    which = np.searchsorted(begins, bought.paid_at, side="right") - 1
    wanted: list[Grant] = []
    for at in np.unique(which[which >= 0]).tolist():
        wanted += _by_rules(bought, which == at, rules_of(versions[at]), versions[at].number)
    known = journal_ids(KIND, [one.ref for one in wanted])
    wanted = [one for one in wanted if one.ref not in known]
    wanted.sort(key=lambda one: (one.at, one.about, one.source))
    if not wanted:
        return 0
    hold_accounts(np.unique(np.array([one.member for one in wanted], dtype=np.int64)))
    return grant(_capped(wanted, {one.number: rules_of(one) for one in versions}), now=now)


def _by_rules(bought: Bought, mine: NDArray[np.bool_], rules: Rules, number: int) -> list[Grant]:
    """What some orders bring before caps."""
    weighted = [0] * len(bought.order)
    if rules.spending is not None:
        weights = line_weights(rules, bought.sku, bought.category)
        for order, paid, weight in zip(bought.line_order.tolist(), bought.paid.tolist(), weights.tolist(), strict=True):
            weighted[order] += paid * weight
    points = [0] * len(weighted) if rules.spending is None else points_of(rules.spending, weighted, bought.tier_ppm)
    found = []
    for at in np.flatnonzero(mine).tolist():
        order, member, paid_at = (int(column[at]) for column in (bought.order, bought.member, bought.paid_at))
        usable, ending = paid_at + rules.usable_after * _DAY, ends_at(rules, paid_at)
        if points[at]:
            why = {"weighted": weighted[at], "points": points[at]}
            if bought.tier_ppm[at] != 1_000_000:
                why["tier_ppm"] = int(bought.tier_ppm[at])
            found.append(
                Grant(member, points[at], f"order:{order}", "order", paid_at, usable, ending, order, number, why)
            )
        if rules.first_order is not None and bought.first[at]:
            ref = f"first:{member}"
            found.append(Grant(member, rules.first_order, ref, "first_order", paid_at, usable, ending, order, number))
    return found


def ends_at(rules: Rules, earned: int) -> int | None:
    """When what is earned at an instant ends: the midnight after its last day. Microseconds; None for never."""
    zone = house().zone
    last = last_day(rules.validity, date(1970, 1, 1) + timedelta(days=local_day(earned, zone)))
    if last is None:
        return None
    return to_micros(datetime.combine(last + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC))


def _capped(grants: Sequence[Grant], rules: dict[int, Rules]) -> list[Grant]:
    """What of grants (by the instant they were earned, accounts held) the caps leave, day first, then month."""
    days = local_days(np.array([one.at for one in grants], dtype=np.int64), house().zone)
    points = np.array([one.points for one in grants], dtype=np.int64)
    members = np.array([one.member for one in grants], dtype=np.int64)
    for name, periods in (("day", days), ("month", months_of_days(days))):
        caps = [getattr(rules[one.version].caps, name) for one in grants]
        if all(cap is None for cap in caps):
            continue
        keys, group = np.unique(np.stack([members, periods]), axis=1, return_inverse=True)
        group = group.reshape(-1)
        used = earned_since(keys[0], keys[1], name)
        room = np.full(len(keys[0]), np.iinfo(np.int64).max // 4, dtype=np.int64)
        for at, cap in enumerate(caps):
            if cap is not None:
                room[group[at]] = cap - used[group[at]]  # a period in two versions: the later order's cap
        points = within_cap(points, group, room)
    return [one if one.points == left else _less(one, left) for one, left in zip(grants, points.tolist(), strict=True)]


def _less(found: Grant, points: int) -> Grant:
    why = {**found.why, "before_cap": found.points}
    return Grant(
        found.member, points, found.ref, found.source, found.at, found.usable_at, found.expires_at, found.about,
        found.version, why, found.content,
    )  # fmt: skip


def take_back_for_refunds(bought: Bought, *, now: datetime) -> int:
    """Takes back what refunds undo of what orders brought, cumulatively, so that parts add up to all; how many points.

    From the order's own lots first, then from the member's others, what ends first first; the rest is owed. Takes the turn.
    """
    if not len(bought.order) or not version_numbered(1):
        return 0
    take_turn()
    hold_accounts(np.unique(bought.member))
    lots = order_lots(bought.order)
    by_version = {number: line_weights(rules_of(found), bought.sku, bought.category)
                  for number in {lot.version for lot in lots.values()} if (found := version_numbered(number))}  # fmt: skip
    row = {order: at for at, order in enumerate(bought.order.tolist())}
    owed: list[Owed] = []
    for order, lot in lots.items():
        mine = bought.line_order == row[order]
        weights = by_version[lot.version][mine]
        if not weights.any():
            weights = weights + 1  # only a bonus of the first order: in proportion to what was paid
        whole = sum(paid * weight for paid, weight in zip(bought.paid[mine].tolist(), weights.tolist(), strict=True))
        undone = sum(
            paid * weight for paid, weight in zip(bought.refunded[mine].tolist(), weights.tolist(), strict=True)
        )
        more = taken_back(lot.granted, undone, whole) - lot.back
        if more > 0:
            owed.append(Owed(int(bought.member[row[order]]), order, more))
    return take_back(owed, now=now)


def earn_points(
    *, member_id: int, source: str, ref: str, now: datetime, points: int | None = None, why: str = ""
) -> int:
    """Grants what a rule gives (`task:<id>`, `birthday`), or `points` that another room decided about (gifts, the mall).

    How many; 0 when `ref` was granted before, the task has been done as often as it may be, or a cap is reached. What a rule
    gives counts against caps, what another room decides about does not. Raises `missing` for a rule that is not there.
    """
    number, rules = rules_at(now)
    by_rule = points is None
    hold_accounts(one(member_id))
    if by_rule:
        points = _by_rule(member_id, source, rules)
        if points == 0:
            return 0
    at = to_micros(now)
    content = f"{member_id} {source}" + ("" if by_rule else f" {points}")
    wanted = Grant(
        member_id, points or 0, f"{source}:{member_id}:{ref}" if by_rule else ref, source, at, at, ends_at(rules, at), 0,
        number, {"text": why[:200]} if why else {}, content,
    )  # fmt: skip
    known = journal_ids(KIND, [wanted.ref])
    capped = _capped([wanted], {number: rules}) if by_rule and number and wanted.ref not in known else [wanted]
    return capped[0].points if grant(capped, now=now) else 0


def _by_rule(member_id: int, source: str, rules: Rules) -> int:
    if source == "birthday" and rules.birthday is not None:
        return rules.birthday
    task = rules.task(source.removeprefix("task:")) if source.startswith("task:") else None
    if task is None:
        raise missing("no_points_rule", "The rules of points have nothing for %(source)s.", source=source)
    done = PointsLot.objects.filter(member_id=member_id, source=source).count()
    return 0 if done >= task.times else task.points


def sign_in(*, member_id: int, now: datetime) -> tuple[int, int]:
    """The member signs in today: (points granted, days in a row). (0, days) when today was signed before, or a cap is reached.

    Raises `conflict` where the rules give nothing for signing in.
    """
    number, rules = rules_at(now)
    if not rules.sign_in:
        raise conflict("no_sign_in", "There is nothing for signing in at present.")
    hold_accounts(one(member_id))
    account = PointsAccount.objects.get(member_id=member_id)
    at = to_micros(now)
    today = local_day(at, house().zone)
    if account.signed_day >= today:
        return 0, account.streak
    streak = account.streak + 1 if account.signed_day == today - 1 else 1
    PointsAccount.objects.filter(member_id=member_id).update(streak=streak, signed_day=today)
    found = Grant(
        member_id, sign_in_points(rules, streak), f"sign_in:{member_id}:{today}", "sign_in", at, at, ends_at(rules, at), 0,
        number, {"days": streak},
    )  # fmt: skip
    capped = _capped([found], {number: rules})
    return (capped[0].points if grant(capped, now=now) else 0), streak
