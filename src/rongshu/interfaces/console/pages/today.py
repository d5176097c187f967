"""Today: what needs a decision, and how the shop does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from django.utils.translation import gettext as _

from rongshu.interfaces.faces.parts import (
    Act,
    Chart,
    Figure,
    Money,
    Panel,
)
from rongshu.interfaces.faces.templatetags.faces import money_text, percent


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that waits for somebody: a plan or a re-rating for its second person, a refused or poisoned intake row, a
    difference of the ledger."""

    kind: Literal["refused", "poisoned", "difference", "plan", "rerating"]
    title: str
    reason: str
    at: datetime
    ref: str = ""
    href: str = ""
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Today:
    """The figures of a window of days that ends today, or, while today is empty, on the last day with orders."""

    template: ClassVar[str] = "console/today.html"
    windows: ClassVar[tuple[int, ...]] = (1, 7, 30, 90)
    window: int
    since: date
    until: date
    today: date
    as_of: datetime
    figures: tuple[Figure, ...]
    chart: Chart | None
    decisions: tuple[Decision, ...]
    waiting: int
    """How many decisions there are in all; `decisions` are the first of them."""

    @property
    def anchored(self) -> bool:
        """Whether the window ends before today because today has no orders yet."""
        return self.until != self.today


def paid_and_commission(
    days: tuple[date, ...],
    paid: tuple[int, ...],
    commission: tuple[int, ...],
    currency: str,
    *,
    ratio_before: int | None,
) -> Chart | None:
    """The daily chart with its answer in words; None when nothing was paid. `ratio_before` is the ppm one window earlier."""
    total = sum(paid)
    if total == 0:
        return None
    ratio = (2 * 1_000_000 * sum(commission) + total) // (2 * total)
    spoken = {
        "ratio": percent(ratio, 1),
        "commission": money_text(Money(sum(commission), currency)),
        "paid": money_text(Money(total, currency)),
    }
    answer = _("%(commission)s of %(paid)s: %(ratio)s.") % spoken
    if ratio_before is not None:
        moved = ratio - ratio_before
        spoken["moved"] = percent(abs(moved), 1).removesuffix("%")
        if abs(moved) < 500:
            answer = _("%(commission)s of %(paid)s: %(ratio)s, as in the window before.") % spoken
        elif moved > 0:
            answer = (
                _("%(commission)s of %(paid)s: %(ratio)s, %(moved)s points more than in the window before.") % spoken
            )
        else:
            answer = (
                _("%(commission)s of %(paid)s: %(ratio)s, %(moved)s points less than in the window before.") % spoken
            )
    return Chart(
        key="paid-and-commission",
        question=_("How much of what was paid went to promoters?"),
        answer=answer,
        days=days,
        panels=(Panel(_("Paid"), "bar", paid, currency), Panel(_("Commission"), "line", commission, currency)),
    )
