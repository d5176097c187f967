"""Writes of the ledger. Everything here runs inside the caller's transaction and commits, or not, with its work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import IntegrityError, transaction
from numpy.typing import NDArray

from rongshu.kernel import bulk, copying
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import new_id, new_ids
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.books import Book, house_slot

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Claims:
    """What became of claims: the id and the hash that hold each key, whether it is ours now, whether its hash is the same."""

    ids: I64
    fresh: NDArray[np.bool_]
    same: NDArray[np.bool_]
    hashes: list[bytes]


def claim(kind: str, refs: Sequence[str], hashes: Sequence[bytes], ids: I64) -> Claims:
    """Claims (kind, ref) for each id; `refs` must not repeat. What is held already keeps its id and its hash.

    Keys are inserted in their order, so that two batches sharing keys wait for one another instead of deadlocking.
    """
    order = sorted(range(len(refs)), key=refs.__getitem__)
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "ledger_journal",
            {
                "ref": bulk.texts([refs[i] for i in order]),
                "id": bulk.int8s(ids[order]),
                "hash": bulk.byteas([hashes[i] for i in order]),
            },
            constants={"tenant_id": current_tenant(), "kind": kind},
            suffix="ON CONFLICT (tenant_id, kind, ref) DO NOTHING RETURNING id",
        )
        won = np.fromiter((row[0] for row in cursor.fetchall()), dtype=np.int64)
        fresh = np.isin(ids, won) if len(won) < len(ids) else np.ones(len(ids), dtype=bool)
        same = np.ones(len(ids), dtype=bool)
        held, content = ids.copy(), list(hashes)
        lost = np.flatnonzero(~fresh).tolist()
        if lost:
            cursor.execute(
                "SELECT ref, id, hash FROM ledger_journal WHERE tenant_id = %s AND kind = %s AND ref = ANY (%s::text[])",
                [current_tenant(), kind, bulk.texts([refs[i] for i in lost])],
            )
            known = {ref: (identifier, bytes(hashed)) for ref, identifier, hashed in cursor.fetchall()}
            for i in lost:
                held[i], content[i] = known[refs[i]]
                same[i] = content[i] == hashes[i]
    return Claims(held, fresh, same, content)


@dataclass(frozen=True, slots=True)
class Transfers:
    """Rows to be posted, as arrays of one length; (journal, line) names each row."""

    journal: I64
    line: I64
    dr_owner: I64
    dr_book: I64
    cr_owner: I64
    cr_book: I64
    amount: I64
    about: I64
    about_row: I64


def _rows(
    journal: I64 | int,
    line: I64,
    debit: tuple[I64 | int, Book],
    credit: tuple[I64 | int, Book],
    amount: I64,
    about: I64 | int = 0,
    about_row: I64 | int = 0,
) -> Transfers:
    size = len(amount)

    def full(value: I64 | int) -> I64:
        return np.broadcast_to(np.asarray(value, dtype=np.int64), (size,))

    return Transfers(
        full(journal), line, full(debit[0]), full(int(debit[1])), full(credit[0]), full(int(credit[1])), amount, full(about),
        full(about_row),
    )  # fmt: skip


def _joined(parts: Sequence[Transfers]) -> Transfers:
    names = Transfers.__slots__
    return Transfers(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def post(transfers: Transfers, *, now: datetime) -> None:
    """Appends the transfers; the database moves the balances. Rows of amount 0 are left out; nothing else may be below 1."""
    keep = transfers.amount != 0
    if not keep.any():
        return
    if not keep.all():
        transfers = Transfers(*(getattr(transfers, name)[keep] for name in Transfers.__slots__))
    copying.copy(
        "ledger_transfer",
        {
            "tenant_id": copying.int8(current_tenant()),
            "journal": copying.int8(transfers.journal),
            "line": copying.int4(transfers.line),
            "dr_owner": copying.int8(transfers.dr_owner),
            "dr_book": copying.int2(transfers.dr_book),
            "cr_owner": copying.int8(transfers.cr_owner),
            "cr_book": copying.int2(transfers.cr_book),
            "amount": copying.int8(transfers.amount),
            "about": copying.int8(transfers.about),
            "about_row": copying.int4(transfers.about_row),
            "at": copying.instant(to_micros(now)),
        },
        len(transfers.amount),
    )


def hold(owners: I64, books: Sequence[Book]) -> list[I64]:
    """Locks and reads the balances of `owners` (unique) in each of `books`: one array a book, 0 where there is none."""
    copying.flush()
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT owner, book, amount FROM ledger_hold(%s, %s::bigint[], %s::smallint[])",
            [current_tenant(), bulk.int8s(owners), bulk.int2s([int(book) for book in books])],
        )
        found = {(owner, book): amount for owner, book, amount in cursor.fetchall()}
    return [np.array([found.get((owner, int(book)), 0) for owner in owners.tolist()], dtype=np.int64) for book in books]


def accrue(*, orders: I64, rows: I64, owners: I64, amounts: I64, now: datetime) -> None:
    """Commission rows become pending: expense → pending, one transfer each, in the order's own journal."""
    house = house_slot(int(orders[0])) if len(orders) else 0
    post(_rows(orders, rows, (house, Book.EXPENSE), (owners, Book.PENDING), amounts, orders, rows), now=now)


def release(*, journal: int, owners: I64, amounts: I64, now: datetime, line: int = 1) -> int:
    """Pending → available, one transfer an owner (unique), then what they owe is settled from it. Returns the next line."""
    size = len(owners)
    numbers = np.arange(line, line + size, dtype=np.int64)
    post(_rows(journal, numbers, (owners, Book.PENDING), (owners, Book.AVAILABLE), amounts), now=now)
    return sweep_debts(journal=journal, owners=owners, now=now, line=line + size)


def sweep_debts(*, journal: int, owners: I64, now: datetime, line: int) -> int:
    """Settles the debts of `owners` (unique) from what is available to them. Returns the next line."""
    available, debt = hold(owners, (Book.AVAILABLE, Book.DEBT))
    settled = np.minimum(available, -debt)
    due = np.flatnonzero(settled > 0)
    numbers = np.arange(line, line + len(due), dtype=np.int64)
    post(_rows(journal, numbers, (owners[due], Book.AVAILABLE), (owners[due], Book.DEBT), settled[due]), now=now)
    return line + len(due)


def reward(*, journal: int, owners: I64, amounts: I64, about: int, now: datetime, line: int = 1) -> int:
    """A period's rewards are available at once: expense → available, one transfer an owner (unique); then debts are settled.

    The caller holds the tenant's turn for background writing, so that nobody falls into debt meanwhile. Returns the next line.
    """
    if not len(owners):
        return line
    numbers = np.arange(line, line + len(owners), dtype=np.int64)
    house = house_slot(journal)
    post(_rows(journal, numbers, (house, Book.EXPENSE), (owners, Book.AVAILABLE), amounts, about), now=now)
    return sweep_debts(journal=journal, owners=_in_debt(owners), now=now, line=line + len(owners))


def take_back_rewards(*, journal: int, owners: I64, amounts: I64, about: int, now: datetime, line: int = 1) -> int:
    """Takes a period's rewards back from owners (unique): from available as far as that goes, the rest as debt.

    Returns the next line.
    """
    if not len(owners):
        return line
    (available,) = hold(owners, (Book.AVAILABLE,))
    numbers = np.arange(line, line + len(owners), dtype=np.int64)
    house = house_slot(journal)
    now_taken = np.minimum(available, amounts)
    post(_rows(journal, numbers, (owners, Book.AVAILABLE), (house, Book.EXPENSE), now_taken, about), now=now)
    numbers = numbers + len(owners)
    post(_rows(journal, numbers, (owners, Book.DEBT), (house, Book.EXPENSE), amounts - now_taken, about), now=now)
    return line + 2 * len(owners)


def hand_over(*, ref: str, sources: I64, heirs: I64, now: datetime) -> int:
    """Everything available to each of `sources` (unique) goes to its heir, and so does what it owes; then heirs' debts are settled.

    Pending stays where it is until it is released, what is reserved until it has ended. How many transfers named both; with nothing
    to move, no journal entry is made. `ref` must not repeat.
    """
    everybody = np.unique(np.concatenate([sources, heirs]))
    available, debt = hold(everybody, (Book.AVAILABLE, Book.DEBT))
    rows = np.searchsorted(everybody, sources)
    given, owed = available[rows], -debt[rows]
    moved = int((given > 0).sum() + (owed > 0).sum())
    if not moved:
        return 0
    journal = _claim_one("merge", ref, f"{len(sources)} {int(given.sum())} {int(owed.sum())}")
    if journal is None:
        return 0
    size = len(sources)
    line = np.arange(1, size + 1, dtype=np.int64)
    post(_rows(journal, line, (sources, Book.AVAILABLE), (heirs, Book.AVAILABLE), given), now=now)
    post(_rows(journal, line + size, (heirs, Book.DEBT), (sources, Book.DEBT), owed), now=now)
    sweep_debts(journal=journal, owners=np.unique(heirs), now=now, line=2 * size + 1)
    return moved


def _in_debt(owners: I64) -> I64:
    """Which of these owe something. Nothing is locked."""
    copying.flush()
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT owner FROM ledger_balance WHERE tenant_id = %s AND book = %s AND amount < 0 AND owner = ANY (%s::bigint[])",
            [current_tenant(), int(Book.DEBT), bulk.int8s(owners)],
        )
        return np.array(sorted(row[0] for row in cursor.fetchall()), dtype=np.int64)


def reverse(
    *,
    journals: I64,
    lines: I64,
    owners: I64,
    amounts: I64,
    pending: NDArray[np.bool_],
    about: I64,
    about_rows: I64,
    now: datetime,
) -> None:
    """Takes commission back: from pending where it still is, else from available as far as that goes, the rest as debt.

    `lines` are even numbers, unique within a journal; a row that falls apart takes the odd number after its own. What is
    reserved for a withdrawal stays. Rows of one owner are served in the order given.
    """
    house = house_slot(int(journals[0])) if len(journals) else 0
    parts = [
        _rows(
            journals[pending], lines[pending], (owners[pending], Book.PENDING), (house, Book.EXPENSE), amounts[pending],
            about[pending], about_rows[pending],
        )
    ]  # fmt: skip
    spent = np.flatnonzero(~pending)
    if len(spent):
        spent = spent[np.argsort(owners[spent], kind="stable")]
        unique, start = np.unique(owners[spent], return_index=True)
        (available,) = hold(unique, (Book.AVAILABLE,))
        amount = amounts[spent]
        group = np.searchsorted(unique, owners[spent])
        running = np.cumsum(amount)
        before_group = (running - amount)[start]
        upto = running - before_group[group]
        from_available = np.minimum(upto, available[group]) - np.minimum(upto - amount, available[group])
        parts.append(
            _rows(
                journals[spent], lines[spent], (owners[spent], Book.AVAILABLE), (house, Book.EXPENSE), from_available,
                about[spent], about_rows[spent],
            )
        )  # fmt: skip
        parts.append(
            _rows(
                journals[spent], lines[spent] + 1, (owners[spent], Book.DEBT), (house, Book.EXPENSE), amount - from_available,
                about[spent], about_rows[spent],
            )
        )  # fmt: skip
    post(_joined(parts), now=now)


def _one(journal: int, line: int, debit: tuple[int, Book], credit: tuple[int, Book], amount: int) -> Transfers:
    return _rows(
        np.array([journal], dtype=np.int64),
        np.array([line], dtype=np.int64),
        debit,
        credit,
        np.array([amount], dtype=np.int64),
    )


def _claim_one(kind: str, ref: str, content: str) -> int | None:
    """The id of a fresh journal entry, None when the same was done before. Raises `conflict` when something else was."""
    claims = claim(kind, [ref], [content.encode()], np.array([new_id()], dtype=np.int64))
    if claims.fresh[0]:
        return int(claims.ids[0])
    if not claims.same[0]:
        raise conflict("key_reused", "%(ref)s was already used for something else; nothing was changed.", ref=ref)
    return None


def reserve(*, ref: str, owner: int, amount: int, now: datetime) -> bool:
    """Sets `amount` aside for a withdrawal: available → reserved. False when `ref` was reserved before (nothing happens).

    Raises `invalid` for an amount below 1, `conflict` when less is available or `ref` was used for something else. Any
    number at once cannot exceed the balance: the database's floor refuses the one too many.
    """
    if amount < 1:
        raise invalid("bad_amount", "The amount must be above 0.", at="amount")
    try:
        with transaction.atomic():
            journal = _claim_one("reserve", ref, f"{owner} {amount}")
            if journal is None:
                return False
            post(_one(journal, 1, (owner, Book.AVAILABLE), (owner, Book.RESERVED), amount), now=now)
    except IntegrityError as error:
        if "balance_floor" not in str(error):
            raise
        raise conflict("not_enough", "Less than that is available; nothing was changed.") from error
    return True


def reserve_all(*, refs: Sequence[str], owners: I64, amounts: I64, now: datetime) -> int:
    """Sets an amount aside for each of `refs`: available → reserved, `owners` unique. How many were not reserved before.

    Whoever calls holds these balances (`hold`), so that none falls short. Raises `conflict` when a ref was used for something else.
    """
    contents = [f"{owner} {amount}".encode() for owner, amount in zip(owners.tolist(), amounts.tolist(), strict=True)]
    claims = claim("reserve", refs, contents, new_ids(len(refs)))
    _check_same(claims, refs)
    new = claims.fresh
    line = np.ones(int(new.sum()), dtype=np.int64)
    post(
        _rows(claims.ids[new], line, (owners[new], Book.AVAILABLE), (owners[new], Book.RESERVED), amounts[new]), now=now
    )
    return len(line)


@dataclass(frozen=True, slots=True)
class Payment:
    """What was reserved under `ref` leaves: `amount` less what is kept back as tax and fee."""

    ref: str
    owner: int
    amount: int
    tax: int = 0
    fee: int = 0


def _check_reserved(payments: Sequence[Payment]) -> None:
    """Raises `conflict` unless each was reserved for this owner and amount."""
    held = [f"{one.owner} {one.amount}".encode() for one in payments]
    found = claim("reserve", [one.ref for one in payments], held, new_ids(len(payments)))
    if found.fresh.any():
        ref = payments[int(np.flatnonzero(found.fresh)[0])].ref
        raise conflict("not_reserved", "%(ref)s was never reserved; nothing was changed.", ref=ref)
    _check_same(found, [one.ref for one in payments])


def check_still_reserved(payments: Sequence[Payment]) -> None:
    """Raises `conflict` unless each is reserved for this owner and amount and has not ended. Writes nothing."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT ref, kind, hash FROM ledger_journal "
            "WHERE tenant_id = %s AND kind IN ('reserve', 'withdrawal') AND ref = ANY (%s::text[])",
            [current_tenant(), bulk.texts([one.ref for one in payments])],
        )
        found = {(kind, ref): bytes(content) for ref, kind, content in cursor.fetchall()}
    for one in payments:
        if found.get(("reserve", one.ref)) != f"{one.owner} {one.amount}".encode():
            raise conflict("not_reserved", "%(ref)s was never reserved; nothing was changed.", ref=one.ref)
        if ("withdrawal", one.ref) in found:
            raise conflict("ended_before", "%(ref)s has ended in the books already; nothing was changed.", ref=one.ref)


def _check_same(claims: Claims, refs: Sequence[str]) -> None:
    if not claims.same.all():
        ref = refs[int(np.flatnonzero(~claims.same)[0])]
        raise conflict("key_reused", "%(ref)s was already used for something else; nothing was changed.", ref=ref)


def pay_all(*, payments: Sequence[Payment], now: datetime) -> int:
    """What was reserved has left: reserved → paid out, → tax what was withheld, → fee what was kept back. How many were not done before.

    A withdrawal ends once: raises `conflict` when a `ref` was given back, paid otherwise, or never reserved for this; `invalid` for
    a tax or fee below 0 or together beyond the amount. Then none is paid.
    """
    if any(one.tax < 0 or one.fee < 0 or one.tax + one.fee > one.amount for one in payments):
        raise invalid("bad_tax", "Tax and fee are 0 or more and together at most the amount.", at="tax")
    if not payments:
        return 0
    with transaction.atomic():
        _check_reserved(payments)
        contents = [
            f"paid {one.owner} {one.amount} {one.tax}{f' {one.fee}' if one.fee else ''}".encode() for one in payments
        ]
        claims = claim("withdrawal", [one.ref for one in payments], contents, new_ids(len(payments)))
        _check_same(claims, [one.ref for one in payments])
        new = np.flatnonzero(claims.fresh).tolist()
        if not new:
            return 0
        journals = claims.ids[new]
        house = house_slot(int(journals[0]))
        owners, amounts, taxes, fees = (
            np.array([getattr(payments[i], name) for i in new], dtype=np.int64)
            for name in ("owner", "amount", "tax", "fee")
        )
        parts = ((1, Book.PAID_OUT, amounts - taxes - fees), (2, Book.TAX, taxes), (3, Book.FEE, fees))
        post(
            _joined([
                _rows(journals, np.full(len(new), line, dtype=np.int64), (owners, Book.RESERVED), (house, book), part)
                for line, book, part in parts
            ]),
            now=now,
        )  # fmt: skip
    return len(new)


def pay_reserved(*, ref: str, owner: int, amount: int, tax: int, fee: int = 0, now: datetime) -> bool:
    """`pay_all` of one; False when done before."""
    return pay_all(payments=[Payment(ref, owner, amount, tax, fee)], now=now) == 1


def give_back_all(*, payments: Sequence[Payment], now: datetime) -> int:
    """Withdrawals failed: reserved → available, where debts are settled first. How many were not done before.

    A withdrawal ends once: raises `conflict` when a `ref` was paid, given back otherwise, or never reserved for this. Then none is.
    """
    if not payments:
        return 0
    refs = [one.ref for one in payments]
    with transaction.atomic():
        _check_reserved(payments)
        contents = [f"back {one.owner} {one.amount}".encode() for one in payments]
        claims = claim("withdrawal", refs, contents, new_ids(len(payments)))
        _check_same(claims, refs)
        new = np.flatnonzero(claims.fresh)
        if not len(new):
            return 0
        owners, amounts = (
            np.array([getattr(payments[i], name) for i in new.tolist()], dtype=np.int64) for name in ("owner", "amount")
        )
        journals, line = claims.ids[new], np.ones(len(new), dtype=np.int64)
        post(_rows(journals, line, (owners, Book.RESERVED), (owners, Book.AVAILABLE), amounts), now=now)
        _settle_debts(journals, owners, now)
    return len(new)


def _settle_debts(journals: I64, owners: I64, now: datetime) -> None:
    """Settles what `owners` owe from what is available to them, each in the first of their journals, as line 2."""
    unique, first = np.unique(owners, return_index=True)
    available, debt = hold(unique, (Book.AVAILABLE, Book.DEBT))
    settled = np.minimum(available, -debt)
    due = np.flatnonzero(settled > 0)
    line = np.full(len(due), 2, dtype=np.int64)
    rows = _rows(journals[first[due]], line, (unique[due], Book.AVAILABLE), (unique[due], Book.DEBT), settled[due])
    post(rows, now=now)


def give_back(*, ref: str, owner: int, amount: int, now: datetime) -> bool:
    """`give_back_all` of one; False when done before."""
    return give_back_all(payments=[Payment(ref, owner, amount)], now=now) == 1
