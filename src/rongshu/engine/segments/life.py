"""Where a buyer is in life: by how long they have been silent, measured by their own rhythm."""

from __future__ import annotations

from dataclasses import dataclass

LIVES = ("new", "active", "cooling", "sleeping", "lost")
NEW, ACTIVE, COOLING, SLEEPING, LOST = range(5)

DAY = 86_400_000_000
"""Microseconds."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The thresholds. Whoever has bought once has the usual rhythm; others the mean gap between their orders, within the bounds.

    A buyer is cooling after `cooling_ppm` of their rhythm in silence, sleeping after `sleeping_ppm`, lost after `lost_ppm`;
    whoever bought for the first time, and once, within `new_days` is new.
    """

    new_days: int = 30
    usual_days: int = 60
    least_days: int = 7
    most_days: int = 180
    cooling_ppm: int = 1_500_000
    sleeping_ppm: int = 3_000_000
    lost_ppm: int = 6_000_000

    def problems(self) -> list[str]:
        """Names of the thresholds that cannot be, empty when all is well."""
        wrong = [name for name in ("new_days", "usual_days", "least_days") if not 1 <= getattr(self, name) <= 3_650]
        if not self.least_days <= self.most_days <= 3_650:
            wrong.append("most_days")
        steps = (self.cooling_ppm, self.sleeping_ppm, self.lost_ppm)
        names = ("cooling_ppm", "sleeping_ppm", "lost_ppm")
        before = 100_000
        for name, step in zip(names, steps, strict=True):
            if not before < step <= 100_000_000:
                wrong.append(name)
            before = step
        return wrong


def gap_of(orders: int, first: int, last: int, rhythm: Rhythm) -> int:
    """The rhythm of a buyer in microseconds: the mean gap, rounded down, within the bounds."""
    gap = (last - first) // (orders - 1) if orders > 1 else rhythm.usual_days * DAY
    return min(max(gap, rhythm.least_days * DAY), rhythm.most_days * DAY)


def life_of(*, orders: int, first: int, last: int, now: int, rhythm: Rhythm) -> tuple[int, int | None]:
    """Where a buyer is at an instant, and the instant at which that ends by itself (None: never). Instants in microseconds."""
    gap = gap_of(orders, first, last, rhythm)
    ends = [last + gap * ppm // 1_000_000 for ppm in (rhythm.cooling_ppm, rhythm.sleeping_ppm, rhythm.lost_ppm)]
    if orders == 1 and now < first + rhythm.new_days * DAY:
        return NEW, first + rhythm.new_days * DAY
    for life, end in zip((ACTIVE, COOLING, SLEEPING), ends, strict=True):
        if now < end:
            return life, end
    return LOST, None
