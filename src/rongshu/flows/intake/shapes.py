"""The shapes of what comes in, checked by pydantic; the API's description and the file import are made of the same ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, NotRequired

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, TypeAdapter, with_config
from typing_extensions import TypedDict

MAX_ENTRIES = 10_000
"""The most entries of one call."""

MAX_LINES = 2000
"""The most lines of one order, and of a refund: a whole order can be refunded at once."""

Key = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\s\x00-\x1f:](?:[^\x00-\x1f]*[^\s\x00-\x1f])?$")
]
Word = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]
Category = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Source = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z0-9_.-]+$")]
Money = Annotated[str, StringConstraints(max_length=24, pattern=r"^-?[0-9]+(\.[0-9]+)?$")]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]
"""Within two centuries: a date without hyphens (20260501) is read as seconds since 1970, and would pass for a time else."""
_STRICT = ConfigDict(extra="forbid")


@with_config(_STRICT)
class LineIn(TypedDict):
    """An order line: one SKU. `paid` is what the buyer paid for the whole line; `cost` is of one unit."""

    sku: Word
    paid: Money
    qty: NotRequired[Annotated[int, Field(strict=True, ge=1, le=1_000_000)]]
    line_no: NotRequired[Annotated[int, Field(strict=True, ge=1, le=100_000)]]
    category: NotRequired[Category]
    cost: NotRequired[Money]


@with_config(_STRICT)
class OrderIn(TypedDict):
    """A paid order. `buyer` and `promoter` are external ids of members; an order without a buyer is a guest's.

    An order that names no promoter is credited by the attribution policy: `code` is what the buyer entered, `click` the `rs`
    of the link they came by. `checkout` is what was reserved for it (`chk_…`): its points and coupons are used by this order.
    """

    id: Key
    paid_at: Instant
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=MAX_LINES)]
    source: NotRequired[Source]
    currency: NotRequired[CurrencyCode]
    buyer: NotRequired[Key | None]
    promoter: NotRequired[Key | None]
    code: NotRequired[Word | None]
    click: NotRequired[Word | None]
    checkout: NotRequired[Word | None]
    completed_at: NotRequired[Instant | None]
    channel: NotRequired[Word | None]
    store: NotRequired[Word | None]
    region: NotRequired[Word | None]
    tier: NotRequired[Word | None]


@with_config(_STRICT)
class StatusIn(TypedDict):
    """What became of an order: `completed` starts the return window, `cancelled` takes everything back."""

    order: Key
    status: Literal["completed", "cancelled"]
    at: Instant
    source: NotRequired[Source]


@with_config(_STRICT)
class RefundLineIn(TypedDict):
    """What a refund takes from one line."""

    line_no: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    amount: Money


@with_config(_STRICT)
class RefundIn(TypedDict):
    """A refund, under an id of its own."""

    id: Key
    order: Key
    refunded_at: Instant
    lines: Annotated[list[RefundLineIn], Field(min_length=1, max_length=MAX_LINES)]
    source: NotRequired[Source]
    currency: NotRequired[CurrencyCode]


ORDER, ORDERS = TypeAdapter(OrderIn), TypeAdapter(list[OrderIn])
STATUS, STATUSES = TypeAdapter(StatusIn), TypeAdapter(list[StatusIn])
REFUND, REFUNDS = TypeAdapter(RefundIn), TypeAdapter(list[RefundIn])
