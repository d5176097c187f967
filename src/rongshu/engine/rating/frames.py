"""What rating reads and what it returns: plain arrays, one entry a promoter, an order, a line, a row.

Units everywhere: money is int64 minor units, rates are int64 parts per million, instants are int64 microseconds since
1970-01-01 UTC. A word (a rank, a sku, a category …) is a code into the tuple of words beside it; -1 means "none".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]

NONE = -1
BEGINNING = int(np.iinfo(np.int64).min)
"""An instant before every other: joined or active since always."""
FOREVER = int(np.iinfo(np.int64).max)
"""An instant after every other: still active."""

FIRST, REPEAT, UNKNOWN = 1, 0, -1
"""Whether an order is the buyer's first; UNKNOWN for an order without a known buyer, which is neither."""

KINDS = ("level", "differential", "peer")
LEVEL, DIFFERENTIAL, PEER = range(3)


@dataclass(frozen=True, slots=True)
class RankHistory:
    """Every change of rank, one entry a change, sorted by (promoter, since)."""

    promoter: I64
    """Row in `Promoters`."""
    since: I64
    """The instant from which `rank` counts, included. Of changes at one instant the last one counts."""
    rank: I64
    """Code into `Promoters.ranks`, like `before`; NONE for no rank."""
    before: I64
    """The rank held until this change. Only that of a promoter's first change is looked at."""
    times: I64 = field(init=False, repr=False, compare=False)
    keys: I64 = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        times = np.unique(self.since)
        keys = self.promoter * (len(times) + 1) + np.searchsorted(times, self.since, side="right")
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "keys", keys)

    def __len__(self) -> int:
        return len(self.promoter)

    def rank_at(self, otherwise: I64, rows: I64, instants: I64) -> I64:
        """The rank each of `rows` held at its instant; `otherwise` that of promoters whose rank never changed."""
        if not len(self):
            return otherwise
        last, following = self._around(rows, instants)
        held = np.where(following >= 0, self.before[following], otherwise)
        out: I64 = np.where(last >= 0, self.rank[last], held)
        return out

    def unchanged(self, rows: I64, instants: I64) -> tuple[I64, I64]:
        """From when (included) until when (excluded) each of `rows` held the rank of its instant, at least."""
        last, following = self._around(rows, instants)
        begin = np.where(last >= 0, self.since[last], BEGINNING)
        return begin, np.where(following >= 0, self.since[following], FOREVER)

    def _around(self, rows: I64, instants: I64) -> tuple[I64, I64]:
        """The last change of each row up to its instant, and the first after it; NONE where there is none."""
        wanted = rows * (len(self.times) + 1) + np.searchsorted(self.times, instants, side="right")
        after = np.searchsorted(self.keys, wanted, side="right")
        last, following = np.maximum(after - 1, 0), np.minimum(after, len(self) - 1)
        before = (after > 0) & (self.promoter[last] == rows)
        later = (after < len(self)) & (self.promoter[following] == rows)
        return np.where(before, last, NONE), np.where(later, following, NONE)


@dataclass(frozen=True, slots=True)
class Promoters:
    """Every promoter that may stand in a chain. `inviter` points to a row of this same frame."""

    inviter: I64
    rank: I64
    """The rank held now; at another instant it is `rank_at`."""
    joined_at: I64
    active_from: I64
    active_to: I64
    ranks: tuple[str, ...] = ()
    history: RankHistory | None = None
    """How ranks changed; None when every promoter has always held the same."""

    def __len__(self) -> int:
        return len(self.inviter)

    def rank_at(self, rows: I64, instants: I64) -> I64:
        """The codes of the ranks that promoters `rows` held at `instants`, one entry each; -1 for no rank.

        For a row of -1 (nobody) the answer has no meaning.
        """
        if not len(self):
            return np.full(len(rows), NONE, dtype=np.int64)
        now: I64 = self.rank.take(rows)
        return now if self.history is None else self.history.rank_at(now, rows, instants)


@dataclass(frozen=True, slots=True)
class Orders:
    """One entry an order, in the sequence in which orders count for promoter caps (earliest first)."""

    paid_at: I64
    buyer: I64
    """Row in `Promoters` of the buyer, NONE when the buyer is not a promoter."""
    direct: I64
    """Row in `Promoters` of the promoter the order is credited to, NONE when it is credited to nobody."""
    first: I64
    tier: I64
    channel: I64
    store: I64
    region: I64
    tiers: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.paid_at)


@dataclass(frozen=True, slots=True)
class Lines:
    """One entry an order line, sorted by (order, line_no)."""

    order: I64
    """Row in `Orders`."""
    line_no: I64
    sku: I64
    category: I64
    qty: I64
    paid: I64
    """What the buyer paid for the whole line."""
    cost: I64
    """Cost of ONE unit; used by `basis: margin` only."""
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.order)


@dataclass(frozen=True, slots=True)
class Usage:
    """What each promoter has already accrued, for promoter caps.

    Keys are (row in `Promoters`, day or month). A day is the count of days since 1970-01-01 in the tenant's time zone;
    a month is `year * 12 + month - 1` there.
    """

    day: Mapping[tuple[int, int], int] = field(default_factory=dict)
    month: Mapping[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rows:
    """Commission rows, sorted by (order, line_no, kind, level). Amount 0 appears only when a cap cut it to 0."""

    order: I64
    """Row in `Orders`."""
    line: I64
    """Row in `Lines`."""
    kind: I64
    """Index into `KINDS`."""
    level: I64
    """The plan's level for kind `level`; the position in the chain with nobody passed over for the other kinds."""
    beneficiary: I64
    """Row in `Promoters`."""
    rule: I64
    """Code into `rules`."""
    base: I64
    """The line's base; for a peer row the differential row's amount before caps."""
    ppm: I64
    """The whole rate, boosts included; NONE for a fixed amount."""
    before_caps: I64
    cut_order: I64
    cut_day: I64
    cut_month: I64
    amount: I64
    """before_caps - cut_order - cut_day - cut_month."""
    rules: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.order)


ELIGIBLE, INACTIVE, IS_BUYER, BEYOND = 0, 1, 2, 3
"""Why a promoter of the chain did or did not take a level: may earn; not active when paid; is the buyer; the plan names
no level for the place. Who is BEYOND the levels may still earn by rank."""


@dataclass(frozen=True, slots=True)
class Chains:
    """Who stood in the chain of each order and why, from the direct promoter upwards, as far as the plan looks.

    A plan with a differential looks up to the root, at those who take no level too. Sorted by (order, position);
    `level` is the plan's level taken, NONE for those who take none.
    """

    order: I64
    position: I64
    promoter: I64
    state: I64
    level: I64


@dataclass(frozen=True, slots=True)
class Rated:
    """The result of rating: the rows, and the chains they came from."""

    rows: Rows
    chains: Chains
