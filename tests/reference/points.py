"""Points the slow way: one member after the other, one lot after the other, nothing kept but lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class Lot:
    amount: int
    left: int
    opens: int
    ends: int
    order: int
    born: int


@dataclass
class Hold:
    took: list[tuple[Lot, int]]
    state: str = "held"


@dataclass
class Person:
    """Days are whole numbers; a lot may be used from its day of opening until before its day of ending."""

    lots: list[Lot] = field(default_factory=list)
    holds: dict[str, Hold] = field(default_factory=dict)
    owed: int = 0
    today: int = 0
    back: dict[int, int] = field(default_factory=dict)
    born: int = 0

    def usable(self) -> int:
        return sum(lot.left for lot in self.lots if lot.opens <= self.today < lot.ends)

    def pending(self) -> int:
        return sum(lot.left for lot in self.lots if lot.opens > self.today)

    def reserved(self) -> int:
        return sum(n for hold in self.holds.values() if hold.state == "held" for _, n in hold.took)

    def _open(self, *, lapsed: bool) -> list[Lot]:
        mine = [lot for lot in self.lots if lot.opens <= self.today and (lapsed or self.today < lot.ends)]
        return sorted(mine, key=lambda lot: (lot.ends, lot.born))

    def _settle(self) -> None:
        for lot in self._open(lapsed=True):
            part = min(lot.left, self.owed)
            lot.left -= part
            self.owed -= part

    def turn(self, day: int) -> None:
        """A day begins: what waited opens, what is over lapses."""
        self.today = day
        self._settle()
        for lot in self.lots:
            if lot.ends <= day and lot.opens <= day:
                lot.left = 0

    def earn(self, points: int, opens: int, ends: int, order: int = 0) -> None:
        self.born += 1
        self.lots.append(Lot(points, points, opens, ends, order, self.born))
        if opens <= self.today:
            self._settle()

    def reserve(self, ref: str, points: int) -> bool:
        if ref in self.holds:
            return True
        if self.usable() < points:
            return False
        took = []
        for lot in self._open(lapsed=False):
            part = min(lot.left, points)
            if part:
                lot.left -= part
                points -= part
                took.append((lot, part))
        self.holds[ref] = Hold(took)
        return True

    def use(self, ref: str) -> None:
        self.holds[ref].state = "used"

    def release(self, ref: str) -> None:
        self.holds[ref].state = "freed"
        for lot, part in self.holds[ref].took:
            lot.left += part
        self._settle()

    def give_back(self, ref: str, points: int) -> None:
        took = self.holds[ref].took
        for at in range(len(took) - 1, -1, -1):
            lot, part = took[at]
            some = min(part, points)
            lot.left += some
            points -= some
            took[at] = (lot, part - some)
        self._settle()

    def refund(self, order: int, share: Fraction) -> None:
        """`share` of an order is refunded in all."""
        granted = sum(lot.amount for lot in self.lots if lot.order == order)
        target = int(granted * share + Fraction(1, 2))
        more = target - self.back.get(order, 0)
        if more <= 0:
            return
        self.back[order] = target
        own = [lot for lot in self.lots if lot.order == order]
        for lot in [*own, *self._open(lapsed=True)]:
            part = min(lot.left, more)
            lot.left -= part
            more -= part
        self.owed += more
