"""Letters somebody without a login asked for: kept sealed until the worker looks whose mailbox it is.

Whoever asks for a known mailbox and for an unknown one waits for the same: one row. The table forgets at a crash of the database,
as codes do; then a letter is asked for once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from rongshu.kernel.ids import new_id
from rongshu.kernel.secrets import seal, unseal

RETAKEN = timedelta(minutes=1)
"""After so long a letter that was taken and not done with is taken again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A letter that was asked for; `text` is what the one who asked said of it."""

    id: int
    text: str
    asked_at: datetime


def ask_letter(*, text: str, now: datetime) -> None:
    """Keeps what a letter is to be made of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_asked_letter (id, sealed, asked_at, due_at) VALUES (%s, %s, %s, %s)",
            [new_id(), seal(text), now, now],
        )


def take_letters(*, now: datetime, lasts: timedelta, limit: int = 20) -> list[Asked]:
    """Letters that are due, for this worker alone; those asked for longer ago than `lasts` are forgotten. Call it outside any transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_asked_letter WHERE asked_at < %s", [now - lasts])
        cursor.execute(
            "UPDATE kernel_asked_letter SET due_at = %s WHERE id IN (SELECT id FROM kernel_asked_letter WHERE due_at <= %s "
            "ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING id, sealed, asked_at",
            [now + RETAKEN, now, limit],
        )
        return [Asked(row[0], unseal(row[1]), row[2]) for row in sorted(cursor.fetchall(), key=lambda row: row[0])]


def forget_letter(identifier: int) -> None:
    """A letter that is done with."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_asked_letter WHERE id = %s", [identifier])
