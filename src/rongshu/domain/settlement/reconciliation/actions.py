from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from rongshu.domain.settlement.reconciliation.files import Unreadable, read
from rongshu.domain.settlement.reconciliation.lines import Line, keys_of, withdrawal_in
from rongshu.domain.settlement.reconciliation.models import (
    DEPOSIT,
    FEE,
    FETCHED,
    UPLOADED,
    Bill,
    BilledLine,
    CashMove,
    Difference,
    ReconciledDay,
)
from rongshu.domain.settlement.reconciliation.reckoning import keep_differences, sum_days
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import new_id, new_ids
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.books import Book
from rongshu.ledger.cash import CashMove as Posted
from rongshu.ledger.cash import move_cash

MOST_DAYS = 366
_OTHER = {"opening": Book.OWN, "deposit": Book.OWN, "taken": Book.OWN, "fee": Book.CHARGE, "loss": Book.LOSS}


@dataclass(frozen=True, slots=True)
class Taken:
    """What a bill brought: lines not known before, tasks opened; `again` when the same was taken before."""

    bill_id: int
    fresh: int
    opened: int
    again: bool = False


def take_bill(
    *, provider: str, day: date, lines: Sequence[Line], balance: int | None = None, balance_at: datetime | None = None,
    by: Actor, now: datetime,
) -> Taken:  # fmt: skip
    """A provider's bill of a day as it was fetched; it stands for the whole day: what an earlier bill of it had and this has not is gone.

    `balance` is what the provider said it holds at `balance_at`. Then the provider is reconciled. The same bill again changes nothing.
    """
    lock_bills(provider)
    digest = hashlib.sha256(b"".join(keys_of(lines))).digest()
    last = Bill.objects.filter(provider=provider, since=day, source=FETCHED).order_by("-id").first()
    fresh, again = 0, last is not None and bytes(last.digest) == digest
    if last is not None and again:
        bill: Bill = last
    else:
        bill = _kept(provider, FETCHED, day, day, digest, len(lines), by, now)
        fresh = _keep_lines(bill, lines, [day] * len(lines), whole=True, by=by, now=now)
    said = {} if balance is None else {day: balance}
    _cover(bill, said, balance_at if balance is not None else None, now)
    opened = reconcile(provider=provider, now=now)
    return Taken(bill.id, fresh, len(opened), again)


def upload_statement(
    *, provider: str, content: bytes, since: date | None = None, until: date | None = None,
    columns: Mapping[str, str] | None = None, by: Actor, now: datetime,
) -> Taken | list[Unreadable]:  # fmt: skip
    """A bank's statement as a file. It covers `since` to `until` (both included), else from its first to its last line's day.

    Unreadable places are given back and nothing is changed; the same file, or one that overlaps, counts nothing twice. Raises
    `invalid` for days that do not hold the lines, are too many or not over yet, `conflict` for a provider whose bills are fetched.
    """
    lock_bills(provider)
    if Bill.objects.filter(provider=provider, source=FETCHED).exists():
        raise conflict(
            "bills_fetched", "The bills of %(provider)s are fetched; no statement is needed.", provider=provider
        )
    tenant = house()
    found = read(content, currency=tenant.currency, zone=tenant.zone, columns=columns)
    if isinstance(found, list):
        return found
    first, last = since or found.since, until or found.until
    if first > found.since or last < found.until:
        raise invalid(
            "days_too_few",
            "The file has lines of %(first)s to %(last)s; the days given do not hold them.",
            at="since",
            first=str(found.since),
            last=str(found.until),
        )
    if (last - first).days >= MOST_DAYS:
        raise invalid("too_many_days", "A statement covers at most a year.", at="since")
    if last >= now.astimezone(tenant.zone).date():
        raise invalid("day_not_over", "A day is reconciled when it is over; %(day)s is not.", at="until", day=str(last))
    digest = hashlib.sha256(f"{first} {last} ".encode() + content).digest()
    known = Bill.objects.filter(provider=provider, source=UPLOADED, digest=digest).first()
    if known is not None:
        return Taken(known.id, 0, len(reconcile(provider=provider, now=now)), True)
    bill = _kept(provider, UPLOADED, first, last, digest, len(found.lines), by, now)
    days = [line.at.astimezone(tenant.zone).date() for line in found.lines]
    fresh = _keep_lines(bill, found.lines, days, whole=False, by=by, now=now)
    _cover(bill, found.balances, None, now)
    return Taken(bill.id, fresh, len(reconcile(provider=provider, now=now)))


def lock_bills(provider: str) -> None:
    """One at a time for each provider, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"bills of {provider}", current_tenant()]
        )


def _kept(
    provider: str, source: str, since: date, until: date, digest: bytes, lines: int, by: Actor, now: datetime
) -> Bill:
    bill = Bill.add(
        provider=provider, source=source, since=since, until=until, digest=digest, lines=lines, at=now, actor=str(by)
    )
    record("bill.taken", subject=str(bill.id), by=by, now=now, provider=provider, source=source, lines=lines)
    return bill


def _keep_lines(
    bill: Bill, lines: Sequence[Line], days: Sequence[date], *, whole: bool, by: Actor, now: datetime
) -> int:
    """Keeps the lines; what is new of deposits and charges goes to the ledger, what is gone is taken back. How many are new."""
    keys = keys_of(lines)
    stood = _standing(bill.provider, keys)
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "settlement_bill_line",
            {
                "id": bulk.int8s(new_ids(len(lines))),
                "key": bulk.byteas(keys),
                "kind": bulk.texts([line.kind for line in lines]),
                "serial": bulk.texts([line.serial for line in lines]),
                "provider_ref": bulk.texts([line.provider_ref for line in lines]),
                "memo": bulk.texts([line.memo for line in lines]),
                "amount": bulk.int8s([line.amount for line in lines]),
                "at": bulk.instants(bulk.to_micros([line.at for line in lines])),
                "day": bulk.texts([str(day) for day in days]),
                "withdrawal_id": bulk.int8s(
                    [withdrawal_in(line.serial, line.memo, line.provider_ref) or 0 for line in lines]
                ),
            },
            expressions={"day": "r.day::date", "withdrawal_id": "NULLIF(r.withdrawal_id, 0)"},
            constants={"tenant_id": current_tenant(), "provider": bill.provider, "bill_id": bill.id},
            suffix="ON CONFLICT (tenant_id, provider, key) DO UPDATE SET bill_id = EXCLUDED.bill_id, gone_at = NULL",
        )
        if whole:
            cursor.execute(
                "UPDATE settlement_bill_line SET gone_at = %s WHERE tenant_id = %s AND provider = %s AND day = %s "
                "AND bill_id <> %s AND gone_at IS NULL RETURNING key",
                [now, current_tenant(), bill.provider, bill.since, bill.id],
            )
            gone = [bytes(row[0]) for row in cursor.fetchall()]
        else:
            gone = []
    _recognise(bill.provider)
    fresh = [key for key in keys if key not in stood]
    _move_by_lines(bill, fresh, gone, by, now)
    return len(fresh)


def _standing(provider: str, keys: Sequence[bytes]) -> set[bytes]:
    """Which of these lines are known and not gone."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT key FROM settlement_bill_line WHERE tenant_id = %s AND provider = %s AND gone_at IS NULL AND key = ANY (%s)",
            [current_tenant(), provider, bulk.byteas(keys)],
        )
        return {bytes(row[0]) for row in cursor.fetchall()}


def _recognise(provider: str) -> None:
    """Lines with a serial that is none of ours have none; lines without one go by the provider's reference of a payment that has one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE settlement_bill_line l SET withdrawal_id = NULL WHERE tenant_id = %s AND provider = %s AND withdrawal_id IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM settlement_withdrawal w WHERE w.tenant_id = l.tenant_id AND w.id = l.withdrawal_id)",
            [current_tenant(), provider],
        )
        cursor.execute(
            "UPDATE settlement_bill_line l SET withdrawal_id = p.withdrawal_id FROM settlement_payment p "
            "WHERE l.tenant_id = %s AND l.provider = %s AND l.withdrawal_id IS NULL AND l.kind IN ('paid', 'returned') "
            "AND l.provider_ref <> '' AND p.tenant_id = l.tenant_id AND p.provider = l.provider AND p.ref = l.provider_ref",
            [current_tenant(), provider],
        )
        cursor.execute(
            "UPDATE settlement_bill_line l SET withdrawal_id = k.withdrawal_id FROM (SELECT provider_ref, min(withdrawal_id) AS withdrawal_id "
            " FROM settlement_bill_line WHERE tenant_id = %s AND provider = %s AND kind = 'paid' AND withdrawal_id IS NOT NULL "
            " AND provider_ref <> '' GROUP BY 1 HAVING count(DISTINCT withdrawal_id) = 1) k "
            "WHERE l.tenant_id = %s AND l.provider = %s AND l.withdrawal_id IS NULL AND l.kind IN ('paid', 'returned') "
            "AND l.provider_ref = k.provider_ref",
            [current_tenant(), provider, current_tenant(), provider],
        )


def _move_by_lines(bill: Bill, fresh: Sequence[bytes], gone: Sequence[bytes], by: Actor, now: datetime) -> None:
    """Deposits and charges of new lines; those of lines that are gone, and those entered by hand for these days, taken back."""
    rows = BilledLine.objects.filter(provider=bill.provider, kind__in=[DEPOSIT, FEE])
    new = [
        _move(line.provider, line.kind, line.amount if line.kind == DEPOSIT else -line.amount, line.at, line.day, by, line_id=line.id)
        for line in rows.filter(key__in=list(fresh))
    ]  # fmt: skip
    replaced = CashMove.objects.exclude(replaced=None).values("replaced")
    standing = CashMove.objects.filter(provider=bill.provider, replaced=None).exclude(id__in=replaced)
    lost = list(standing.filter(line_id__in=rows.filter(key__in=list(gone)).values("id")))
    by_hand = standing.filter(
        line_id=None, kind__in=["deposit", "taken", "fee"], day__gte=bill.since, day__lte=bill.until
    )
    back = [
        _move(one.provider, one.kind, -one.amount, one.at, one.day, by, replaced=one.id, reason="by the bill")
        for one in [*lost, *by_hand]
    ]
    _post([*new, *back], now)


def _move(
    provider: str,
    kind: str,
    amount: int,
    at: datetime,
    day: date,
    by: Actor,
    *,
    identifier: int | None = None,
    **more: Any,
) -> CashMove:
    return CashMove(
        tenant_id=current_tenant(), id=identifier or new_id(), provider=provider, kind=kind, amount=amount, at=at, day=day, actor=str(by), **more
    )  # fmt: skip


def _post(moves: Sequence[CashMove], now: datetime) -> None:
    CashMove.objects.bulk_create(moves)
    move_cash(moves=[Posted(str(one.id), _OTHER[one.kind], one.amount) for one in moves], now=now)


def _cover(bill: Bill, balances: Mapping[date, int], balance_at: datetime | None, now: datetime) -> None:
    """The days of a bill are covered by it; a day without a balance of its own stands where the one before it in the file did."""
    rows, standing = [], None
    for number in range((bill.until - bill.since).days + 1):
        day = bill.since + timedelta(days=number)
        standing = balances.get(day, standing)
        rows.append((day, standing))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO settlement_reconciled_day AS r (tenant_id, provider, day, bill_id, source, balance, balance_at, at, "
            " payments, payments_amount, matched, waiting, lines, lines_amount, books, billed) "
            "SELECT %s, %s, d.day, %s, %s, d.balance, CASE WHEN d.balance IS NULL THEN NULL ELSE %s::timestamptz END, %s, 0, 0, 0, 0, 0, 0, 0, 0 "
            "FROM unnest(%s::date[], %s::bigint[]) AS d (day, balance) ON CONFLICT (tenant_id, provider, day) DO UPDATE SET "
            "bill_id = EXCLUDED.bill_id, source = EXCLUDED.source, balance = coalesce(EXCLUDED.balance, r.balance), "
            "balance_at = CASE WHEN EXCLUDED.balance IS NULL THEN r.balance_at ELSE EXCLUDED.balance_at END",
            [
                current_tenant(), bill.provider, bill.id, bill.source, balance_at, now, [day for day, _ in rows],
                [balance for _, balance in rows],
            ],
        )  # fmt: skip


def reconcile(*, provider: str, now: datetime) -> list[int]:
    """Holds all bills of a provider against the books: opens a task for every difference, closes those that have resolved themselves.

    The ids of the tasks it opened; they are announced. Repeating it changes nothing.
    """
    if not ReconciledDay.objects.filter(provider=provider).exists():
        return []
    lock_bills(provider)
    zone = str(house().zone)
    opened = keep_differences(provider, zone, now)
    sum_days(provider, zone, now)
    announce("reconciliation.differs", subjects=opened, now=now, provider=provider)
    return opened


def enter_cash(
    *, provider: str, kind: str, amount: int, day: date, reason: str, key: int, by: Actor, now: datetime
) -> CashMove:
    """Finance says by hand what no bill says: the opening balance (once), a deposit, or what was taken out or charged; `amount` above 0.

    `key` (an id made beforehand) makes it one, however often it is sent. Raises `conflict` for a day that a bill covers, and for a second
    opening balance; `invalid` for an amount below 1, a day to come, or no reason.
    """
    lock_bills(provider)
    known = CashMove.objects.filter(id=key).first()
    if known is not None:
        return known  # type: ignore[no-any-return]
    if kind not in ("opening", "deposit", "taken", "fee"):
        raise invalid("unknown_kind", "Choose what it is.", at="kind")
    if amount < 1:
        raise invalid("bad_amount", "The amount must be above 0.", at="amount")
    if len(reason.strip()) < 2:
        raise invalid("no_reason", "Say where it comes from; it is kept.", at="reason")
    tenant = house()
    if day > now.astimezone(tenant.zone).date():
        raise invalid("day_to_come", "This day has not come yet.", at="day")
    if kind == "opening":
        if CashMove.objects.filter(provider=provider, kind="opening").exists():
            raise conflict("opened_before", "The opening balance was entered before; enter a deposit instead.")
    elif ReconciledDay.objects.filter(provider=provider, day=day).exists():
        raise conflict("bill_says", "A bill covers this day and says what came and went.")
    at = datetime.combine(day, time(), tenant.zone)
    move = _move(
        provider, kind, amount if kind in ("opening", "deposit") else -amount, at, day, by, identifier=key, reason=reason.strip()[:500]
    )  # fmt: skip
    _post([move], now)
    record("cash.entered", subject=str(key), by=by, now=now, provider=provider, kind=kind, amount=amount, day=str(day))
    reconcile(provider=provider, now=now)
    return move


def write_off(*, difference: Difference, by: Actor, now: datetime) -> None:
    """The books' cash follows the bill by what a difference comes to, on the difference's day."""
    at = datetime.combine(difference.day, time(), house().zone)
    move = _move(
        difference.provider, "loss", difference.ours - difference.theirs, at, difference.day, by, difference_id=difference.id,
        reason=difference.reason,
    )  # fmt: skip
    _post([move], now)


__all__ = ["MOST_DAYS", "Taken", "enter_cash", "lock_bills", "reconcile", "take_bill", "upload_statement", "write_off"]
