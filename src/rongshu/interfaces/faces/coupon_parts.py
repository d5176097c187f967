"""A coupon as it is drawn, in the console as in the portal; `coupon_words` fills it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CouponFace:
    """`worth` in large letters and `what` it is; `needs` says what is needed to use it, each a sentence."""

    name: str
    worth: str
    what: str
    needs: tuple[str, ...]
    note: str = ""
    from_at: datetime | None = None
    """Only where it begins later."""
    until_at: datetime | None = None
    days: int | None = None
    """Days from getting it, where nobody has it yet."""
    state: str = ""
    """A state of `words.STATES["coupon"]`, where somebody has it."""
