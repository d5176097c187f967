"""What became of each entry of a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from rongshu.kernel.errors import Refusal


class Outcome(StrEnum):
    """`accepted`: durable, and will be worked off. `duplicate`: was accepted before, the same. The others changed nothing."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome for the entry at `index`; `id` is ours (0 when refused)."""

    index: int
    ref: str
    outcome: Outcome
    id: int = 0
    problem: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a whole call: one result an entry, and where the accepted are: inbox items, or payloads held back."""

    results: list[Result]
    items: list[int]
    held: list[bytes] = field(default_factory=list)
