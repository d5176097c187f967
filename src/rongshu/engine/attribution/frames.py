"""What attribution reads and what it returns: plain arrays. Instants are int64 microseconds since 1970-01-01 UTC.

People are rows: a subject (somebody who may buy) and a promoter are numbered by the caller, 0 and up; NOBODY is -1. Where a
buyer is a promoter too, `Orders.own` names their promoter's row.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]
Bools = NDArray[np.bool_]

NOBODY = -1
BEGINNING = int(np.iinfo(np.int64).min)
FOREVER = int(np.iinfo(np.int64).max)
DAY = 86_400_000_000

KINDS = ("view", "click", "scan", "entry", "store")
"""Kinds of touches: seen, clicked, scanned, a code entered before checkout, met in a store."""
METHODS = ("code", "bond", "touch", "store")


class Method(IntEnum):
    """How an order found its promoter; the place in METHODS."""

    NONE = -1
    CODE = 0
    BOND = 1
    TOUCH = 2
    STORE = 3


class Fate(IntEnum):
    """What became of a method's candidate."""

    ABSENT = 0
    """There was none."""
    WON = 1
    LATER = 2
    """A method asked earlier had named somebody."""
    SELF = 3
    """The buyer themselves, and the policy does not credit those."""
    INACTIVE = 4
    """No active promoter at the payment."""
    TOO_OLD = 5
    """A touch beyond its window; a bond that had run out."""
    NOT_ASKED = 6
    """The policy does not ask this method."""


FATES = tuple(fate.name.lower() for fate in Fate)


@dataclass(frozen=True, slots=True)
class Touches:
    """One entry a touch, in any sequence; of those of one subject at one instant, the later entry counts as later."""

    subject: I64
    promoter: I64
    at: I64
    kind: I64
    """The place in KINDS."""

    def __len__(self) -> int:
        return len(self.subject)


@dataclass(frozen=True, slots=True)
class Orders:
    """One entry an order. `subject` NOBODY for a guest; `code` and `store` are the promoters they name, NOBODY for none."""

    subject: I64
    paid_at: I64
    code: I64
    store: I64
    own: I64
    """The buyer's own row among the promoters, NOBODY when they are none."""

    def __len__(self) -> int:
        return len(self.subject)


@dataclass(frozen=True, slots=True)
class Bonds:
    """One entry a subject: who holds them, from when (included) until when (excluded); NOBODY where nobody ever did."""

    holder: I64
    since: I64
    until: I64

    @staticmethod
    def none(subjects: int) -> Bonds:
        """Nobody belongs to anybody."""
        return Bonds(
            np.full(subjects, NOBODY, dtype=np.int64),
            np.full(subjects, BEGINNING, dtype=np.int64),
            np.full(subjects, BEGINNING, dtype=np.int64),
        )


@dataclass(frozen=True, slots=True)
class Active:
    """One entry a promoter: may be credited while `since` <= the instant < `until`."""

    since: I64
    until: I64

    def at(self, promoters: I64, instants: I64) -> Bools:
        """Whether each promoter is active at its instant; NOBODY never is."""
        if not len(self.since):
            return np.zeros(len(promoters), dtype=np.bool_)
        found: Bools = (
            (promoters >= 0) & (self.since.take(promoters) <= instants) & (instants < self.until.take(promoters))
        )
        return found


@dataclass(frozen=True, slots=True)
class Credited:
    """One entry an order, and what stands afterwards.

    `candidate` and `fate` have one column a method; `touch` is the entry of the touch looked at (that counted, or the last
    one that was too old), NOBODY for none; `bond_since`, `bond_until` are those of the bond looked at.
    """

    promoter: I64
    method: I64
    candidate: NDArray[np.int64]
    fate: NDArray[np.int64]
    touch: I64
    bond_since: I64
    bond_until: I64
    bonds: Bonds
    """Each subject's last bond after all of this."""
