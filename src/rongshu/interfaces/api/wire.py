"""How things look on the wire: money as decimal strings, ids as opaque strings, rates as percentages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from ninja import Path, Query, Schema
from pydantic import ConfigDict, StringConstraints

from rongshu.domain.commission.rating.models import PENDING
from rongshu.domain.commission.rating.queries import Earned
from rongshu.engine.money import format_units
from rongshu.engine.rating.frames import KINDS
from rongshu.kernel.errors import Refusal, invalid
from rongshu.kernel.ids import inside, outside

Named = Annotated[str, Path(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
"""What a request's address names: our id or theirs."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]
Label = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
Words = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]


Cursor = Annotated[str | None, Query(max_length=100)]
Limit = Annotated[int, Query(ge=1, le=200)]
"""Of a page: `next` of the page before, and how many."""


class NothingIn(Schema):
    """An empty body: the address says it all."""

    model_config = ConfigDict(extra="forbid")


def instant(at: datetime | None) -> str | None:
    """An instant as ISO 8601 in UTC, None for none."""
    return None if at is None else at.astimezone(UTC).isoformat()


def member_name(identifier: int | None) -> str | None:
    """A member's id outside, None for nobody and for the house (0)."""
    return outside("mem", identifier) if identifier else None


def after(prefix: str, cursor: str | None) -> int | None:
    """The id a page goes on behind; None for the first. Raises `invalid` for what no answer gave as `next`."""
    if cursor is None:
        return None
    found = inside(prefix, cursor)
    if found is None:
        raise no_cursor()
    return found


def no_cursor() -> Refusal:
    """What is said of a cursor that no answer gave."""
    return invalid("bad_cursor", "This is no cursor of ours; pass `next` of the page before.", at="cursor")


def percent(ppm: int) -> str:
    """`12.5%` of 125000."""
    return f"{ppm / 10_000:.4f}".rstrip("0").rstrip(".") + "%"


def commission(row: Earned, currency: str) -> dict[str, Any]:
    """A commission."""
    return {
        "id": f"{outside('com', row.order_id)}-{row.row}",
        "order": outside("ord", row.order_id),
        "line_no": row.line_no,
        "kind": KINDS[row.kind],
        "level": row.level,
        "promoter": outside("mem", row.beneficiary_id),
        "rule": row.rule,
        "base": format_units(row.base, currency),
        "rate": None if row.ppm < 0 else percent(row.ppm),
        "amount": format_units(row.amount, currency),
        "reversed": format_units(row.reversed, currency),
        "currency": currency,
        "state": "pending" if row.state == PENDING else "released",
        "paid_at": row.paid_at.isoformat(),
    }
