"""What a check finds, and how parts that nobody can read are told from parts that are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rongshu.engine.money import MoneyError
from rongshu.engine.plan import PlanError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Malformed(ValueError):
    """The parts are not those of a bundle; the message says what cannot be read."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the bundle says otherwise than its own parts compute. `said` or `computed` is None where it is missing."""

    where: str
    field: str
    said: Any
    computed: Any


@contextmanager
def reading() -> Iterator[None]:
    """Whatever cannot be read of some parts is Malformed, whichever way it fails."""
    try:
        yield
    except Malformed:
        raise
    except (
        KeyError, TypeError, IndexError, AttributeError, MoneyError, PlanError, ValueError, LookupError, OverflowError,
    ) as error:  # fmt: skip
        raise Malformed(f"{type(error).__name__}: {error}") from error


def micros(text: str) -> int:
    """An instant in ISO 8601 with its zone as microseconds since 1970."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise Malformed(f"{text} names no zone")
    return (instant - _EPOCH) // timedelta(microseconds=1)
