from __future__ import annotations

import secrets
import zlib
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from rongshu.domain.settlement.transparency.models import Publication, PublishedRow, TransparencyPolicy
from rongshu.domain.settlement.transparency.queries import ROW, Openness, openness
from rongshu.domain.settlement.transparency.sealing import digest_of, signed
from rongshu.domain.settlement.withdrawals.rows import lock_name
from rongshu.engine.hashtree import commitment, leaf, root_of, secret_of
from rongshu.engine.money import format_units
from rongshu.kernel.actor import WORKER, Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.secrets import seal
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.books import Book

APART = timedelta(hours=1)
"""Asked again within this time, the publication made before is given again."""

I64 = NDArray[np.int64]


def set_openness(*, wanted: Openness, by: Actor, now: datetime) -> None:
    """Shows the public page or does not, publishes every month or does not. The same again changes nothing."""
    if wanted == openness():
        return
    TransparencyPolicy.add(shown=wanted.shown, monthly=wanted.monthly, at=now, actor=str(by))
    record("transparency.set", subject="transparency", by=by, now=now, shown=wanted.shown, monthly=wanted.monthly)


def publish_monthly(*, now: datetime) -> int:
    """By the clock: publishes where the tenant wants it monthly and this month has none yet; 1 when it did."""
    if not openness().monthly:
        return 0
    zone = house().zone
    last = Publication.objects.order_by("-number").first()
    if last is not None and last.as_of.astimezone(zone).strftime("%Y-%m") >= now.astimezone(zone).strftime("%Y-%m"):
        return 0
    publish_balances(by=WORKER, now=now)
    return 1


def publish_balances(*, by: Actor, now: datetime) -> Publication:
    """Publishes what is owed to everybody as of now. All figures and balances are read by one statement, at one moment.

    A leaf is what is available, reserved and pending to one promoter; what promoters owe is a figure of its own and takes
    nothing off anybody's leaf. Asked again within an hour, the one made before is given again.
    """
    lock_name("transparency")
    last = Publication.objects.order_by("-number").first()
    if last is not None and now - last.as_of < APART:
        return last  # type: ignore[no-any-return]
    owners, parts, books = _balances()
    seed = secrets.token_bytes(32)
    amounts = parts.sum(axis=1)
    rows = _rows(1 if last is None else last.number + 1, owners, amounts, seed)
    total, digest = root_of([(row.sum, bytes(row.digest)) for row in rows])
    tenant = house()

    def written(units: int) -> str:
        return format_units(units, tenant.currency)

    paid, tax, fees = (books.get(book, 0) for book in (Book.PAID_OUT, Book.TAX, Book.FEE))
    debts = -books.get(Book.DEBT, 0)
    number = rows[0].number if rows else 1 if last is None else last.number + 1
    document = signed(
        {
            "tenant": tenant.slug,
            "name": tenant.name,
            "number": number,
            "as_of": now.isoformat(),
            "currency": tenant.currency,
            "promoters": len(owners),
            "totals": {
                "accrued": written(total + paid + tax + fees - debts),
                "paid": written(paid),
                "tax": written(tax),
                "fees": written(fees),
                "debts": written(debts),
                "owed": written(total),
                **{
                    name: written(int(parts[:, place].sum()))
                    for place, name in enumerate(("available", "reserved", "pending"))
                },
            },
            "root": {"sum": str(total), "digest": digest.hex()},
            "previous": None if last is None else digest_of(last.document),
        }
    )
    made = Publication.add(
        number=number, as_of=now, owed=total, document=document, seed=seal(seed.hex()), actor=str(by)
    )
    PublishedRow.objects.bulk_create(rows, batch_size=200)
    record("transparency.published", subject=str(number), by=by, now=now, owed=total, promoters=len(owners))
    return made


def _balances() -> tuple[I64, I64, dict[int, int]]:
    """Owners to whom something is owed, (available, reserved, pending) of each, and the sums of other books."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT owner, sum(available)::bigint, sum(reserved)::bigint, sum(pending)::bigint FROM ("
            " SELECT owner, CASE book WHEN 102 THEN amount ELSE 0 END AS available, "
            "  CASE book WHEN 103 THEN amount ELSE 0 END AS reserved, 0 AS pending FROM ledger_balance "
            "  WHERE tenant_id = %(tenant)s AND book IN (102, 103) AND owner > 0 AND amount <> 0 "
            " UNION ALL SELECT beneficiary_id, 0, 0, amount - reversed FROM commission_commission "
            "  WHERE tenant_id = %(tenant)s AND state = 0 "
            " UNION ALL SELECT -book, amount, 0, 0 FROM ledger_balance "
            "  WHERE tenant_id = %(tenant)s AND book IN (104, 152, 153, 154)"
            ") AS parts GROUP BY owner",
            {"tenant": current_tenant()},
        )
        rows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 4)
    books = {int(-owner): int(amount) for owner, amount in rows[rows[:, 0] < 0][:, :2]}
    owed = rows[(rows[:, 0] > 0) & (rows[:, 1:].sum(axis=1) > 0)]
    return owed[:, 0], owed[:, 1:], books


def _rows(number: int, owners: I64, amounts: I64, seed: bytes) -> list[PublishedRow]:
    """The leaves in the order of their commitments, in rows."""
    leaves = sorted(
        (commitment(secret_of(seed, who), who), who, amount)
        for who, amount in zip(owners.tolist(), amounts.tolist(), strict=True)
    )
    made = []
    for place, start in enumerate(range(0, len(leaves), ROW)):
        part = leaves[start : start + ROW]
        total, digest = root_of([leaf(committed, amount) for committed, _, amount in part])
        made.append(
            PublishedRow(
                tenant_id=current_tenant(), number=number, place=place, first=part[0][0], sum=total, digest=digest,
                promoters=_packed([who for _, who, _ in part]), amounts=_packed([amount for _, _, amount in part]),
            )
        )  # fmt: skip
    return made


def _packed(numbers: list[int]) -> bytes:
    return zlib.compress(np.array(numbers, dtype="<i8").tobytes())


__all__ = ["publish_balances", "publish_monthly", "set_openness"]
