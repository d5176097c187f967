"""Worlds to try a commission plan in: a plan, promoters, orders, refunds and a time zone.

One description serves two sources of chance: `seeded(seed)` for thousands of cheap worlds, and the Hypothesis strategy
`worlds()`, which also shrinks what it finds. Everything is drawn from few, nasty values, so that rules meet each other,
ties happen and limits bite.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.reference.commission import decimal_text

T = TypeVar("T")


# ---- chance


class Dice(Protocol):
    def between(self, low: int, high: int) -> int:
        """An integer, both ends included. Simplest at `low`."""


class RandomDice:
    def __init__(self, seed: int) -> None:
        self.between = random.Random(seed).randint


class HypothesisDice:
    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
        self.draw = draw

    def between(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))


def choose(dice: Dice, values: Sequence[T]) -> T:
    return values[dice.between(0, len(values) - 1)]


def chance(dice: Dice, percent: int) -> bool:
    """Simplest when it does not happen."""
    return dice.between(0, 99) >= 100 - percent


def some(dice: Dice, values: Sequence[T], low: int, high: int) -> list[T]:
    """Between `low` and `high` different ones, in any order."""
    left = list(values)
    return [left.pop(dice.between(0, len(left) - 1)) for _ in range(dice.between(low, min(high, len(left))))]


def shuffled(dice: Dice, values: Sequence[T]) -> list[T]:
    return some(dice, values, len(values), len(values))


# ---- vocabularies

RATES = ("10%", "3%", "0%", "0.0001%", "0.5%", "33.3333%", "66.6667%", "50%", "99.9999%", "12.3456%", "0.0049%", "100%")
BOOSTS = ("2%", "1%", "0.0001%", "50%", "33.3333%", "0.5%")
ORDER_CAPS = ("25%", "10%", "3.3333%", "50%", "66.6667%", "33.3333%", "12.3456%", "0.0001%", "0%")
UNITS = (1000, 1, 2, 3, 7, 10, 49, 50, 51, 99, 100, 101, 150, 333, 999, 3333, 10_000, 12_345, 99_999, 1_000_000, 0)
FIXED = (500, 1, 2, 50, 99, 1_000, 5_000, 1_000_000)
PROMOTER_CAPS = (500, 1, 10, 100, 333, 1_000, 2_000, 3_333, 5_000, 20_000, 100_000, 0)
CURRENCIES = ("CNY", "CNY", "CNY", "USD", "JPY", "KWD")
SKUS = ("A100", "A10", "B", "C")
CATEGORIES = ("beauty", "beauty/skin", "beauty/skin/serum", "beautyx", "food", "food/tea", "")
RANKS = ("silver", "gold", "diamond", "bronze")
"""The differential never names bronze."""
TIERS = ("basic", "plus")
CHANNELS = ("h5", "app")
STORES = ("s1", "s2")
REGIONS = ("east", "west")

ZONES: dict[str, tuple[str, ...]] = {
    # zone: local dates at whose edges something happens
    "Asia/Shanghai": ("2026-04-30", "2026-05-01", "2026-05-08"),
    "UTC": ("2026-02-28", "2026-03-01", "2027-01-01"),
    "America/New_York": ("2026-03-08", "2026-11-01", "2026-03-31"),
    "Africa/Cairo": ("2026-04-24", "2026-10-30", "2026-10-29"),  # midnight does not exist, then exists twice
    "America/Havana": ("2026-03-08", "2026-11-01", "2026-10-31"),
    "America/Santiago": ("2026-04-05", "2026-04-04", "2026-09-06"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04", "2026-10-01"),  # half an hour of summer time
    "Asia/Kathmandu": ("2026-05-01", "2026-12-31", "2027-01-01"),
    "Pacific/Apia": ("2011-12-29", "2011-12-31", "2012-01-01"),  # the 30th was left out
    "Pacific/Kiritimati": ("2026-05-01", "2026-01-01", "2026-12-31"),  # 14 hours ahead
}

SECOND = timedelta(seconds=1)
INSTANTLY = timedelta(microseconds=1)
OFFSETS = (
    timedelta(0),
    -INSTANTLY,
    INSTANTLY,
    -SECOND,
    timedelta(minutes=30),
    timedelta(minutes=-30),
    timedelta(hours=1),
    timedelta(hours=-1),
    timedelta(hours=8),
    timedelta(hours=-8),
    timedelta(hours=23, minutes=30),
    timedelta(hours=25),
)


# ---- worlds


@dataclass
class World:
    plan: dict[str, Any]
    promoters: list[dict[str, str]]
    orders: list[dict[str, str]]
    refunds: list[dict[str, str]]
    zone: str
    rank_changes: list[dict[str, str]] = field(default_factory=list)
    """No file of a simulation has them: `promoter_id, at, before, rank`."""


@dataclass
class Size:
    promoters: int = 9
    orders: int = 8
    lines: int = 4
    levels: int = 5
    overrides: int = 7
    boosts: int = 3
    refunds: int = 5


SMALL = Size()
LARGE = Size(promoters=40, orders=40, lines=5, levels=9, overrides=12, boosts=5, refunds=30)


def make_world(dice: Dice, size: Size = SMALL, *, differential: bool = True, history: bool = False) -> World:
    """`differential=False` leaves out differential and peer; with `history` ranks change between orders."""
    zone = choose(dice, tuple(ZONES))
    moments = make_moments(dice, zone)
    plan = make_plan(dice, zone, size, differential=differential)
    promoters = make_forest(dice, moments, size)
    orders = make_orders(dice, plan["currency"], zone, moments, [row["promoter_id"] for row in promoters], size)
    refunds = make_refunds(dice, plan["currency"], orders, size)
    changes = make_rank_changes(dice, moments, promoters) if history else []
    return World(plan, promoters, orders, refunds, zone, changes)


def seeded(seed: int, size: Size = SMALL, *, differential: bool = True, history: bool = False) -> World:
    return make_world(RandomDice(seed), size, differential=differential, history=history)


@st.composite
def worlds(draw: Any, size: Size = SMALL, *, differential: bool = True, history: bool = False) -> World:
    return make_world(HypothesisDice(draw), size, differential=differential, history=history)


@st.composite
def plans(draw: Any, zone: str = "Asia/Shanghai", size: Size = SMALL, *, differential: bool = True) -> dict[str, Any]:
    return make_plan(HypothesisDice(draw), zone, size, differential=differential)


@st.composite
def forests(draw: Any, zone: str = "Asia/Shanghai", size: Size = SMALL) -> list[dict[str, str]]:
    dice = HypothesisDice(draw)
    return make_forest(dice, make_moments(dice, zone), size)


# ---- times


def local_midnight(day: str, zone: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)


def make_moments(dice: Dice, zone: str) -> list[datetime]:
    """A handful of instants that the whole world shares, mostly within a hair of a local midnight."""
    days = ZONES[zone]
    return [local_midnight(choose(dice, days), zone) + choose(dice, OFFSETS) for _ in range(dice.between(1, 5))]


def written(dice: Dice, moment: datetime, zone: str = "UTC") -> str:
    """The same instant as people write it in different places."""
    form = dice.between(0, 3)
    if form == 0:
        return moment.astimezone(UTC).isoformat()
    if form == 1:
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if form == 2:
        return moment.astimezone(ZoneInfo(zone)).isoformat()
    offset = choose(dice, (timedelta(hours=8), timedelta(hours=-3, minutes=-30), timedelta(hours=5, minutes=45)))
    return moment.astimezone(timezone(offset)).isoformat()


# ---- plans


def make_plan(dice: Dice, zone: str, size: Size = SMALL, *, differential: bool = True) -> dict[str, Any]:
    currency = choose(dice, CURRENCIES)
    depth = dice.between(1, size.levels)
    named = list(range(1, depth + 1))
    if depth > 1 and chance(dice, 15):
        named.remove(choose(dice, named))
    levels = {level: {"rate": choose(dice, RATES)} for level in named}
    if chance(dice, 15):  # then rows of different levels tie
        rate = choose(dice, RATES)
        levels = {level: {"rate": rate} for level in named}
    plan: dict[str, Any] = {
        "name": "trial",
        "currency": currency,
        "jurisdiction": "XX",
        "basis": choose(dice, ("paid", "margin")),
        "self_purchase": choose(dice, ("none", "rebate")),
        "compress": chance(dice, 50),
        "levels": levels,
        "release": {"after": choose(dice, ("completed", "paid")), "days": choose(dice, (15, 0, 1, 30))},
    }
    if chance(dice, 30):
        plan["release"]["instant_below"] = decimal_text(choose(dice, (100, 1, 1000)), currency)

    overrides = []
    for number in range(dice.between(0, size.overrides)):
        override: dict[str, Any] = {"id": f"o{number}", "level": choose(dice, named)}
        if not chance(dice, 8):
            override["when"] = make_conditions(dice, zone, currency)
        if chance(dice, 25):
            override["fixed"] = decimal_text(choose(dice, FIXED), currency)
        else:
            override["rate"] = choose(dice, RATES)
        overrides.append(override)
    if overrides:
        plan["overrides"] = overrides

    boosts = [
        {
            "id": f"b{number}",
            "when": {} if chance(dice, 8) else make_conditions(dice, zone, currency),
            "add": choose(dice, BOOSTS),
        }
        for number in range(dice.between(0, size.boosts))
    ]
    if boosts:
        plan["boosts"] = boosts

    caps: dict[str, str] = {}
    if chance(dice, 45):
        caps["order"] = choose(dice, ORDER_CAPS)
    if chance(dice, 35):
        caps["promoter_day"] = decimal_text(choose(dice, PROMOTER_CAPS), currency)
    if chance(dice, 35):
        caps["promoter_month"] = decimal_text(choose(dice, PROMOTER_CAPS), currency)
    if caps:
        plan["caps"] = caps

    if differential and chance(dice, 50):
        terms: dict[str, Any] = {"ranks": {"silver": "4%", "gold": "7%", "diamond": "9%"}}
        if chance(dice, 30):
            terms["ranks"] = {rank: choose(dice, RATES) for rank in some(dice, RANKS[:3], 1, 3)}
        elif chance(dice, 15):
            terms["ranks"] = {"silver": "9%", "gold": "9%", "diamond": choose(dice, ("9%", "10%", "5%"))}
        if chance(dice, 60):
            terms["peer"] = {"rate": choose(dice, RATES[:1] + RATES[4:]), "generations": dice.between(1, 3)}
        plan["differential"] = terms
        if chance(dice, 20):
            for key in ("levels", "overrides", "boosts"):
                plan.pop(key, None)
    return plan


def make_conditions(dice: Dice, zone: str, currency: str) -> dict[str, Any]:
    """Between one and three keys of a `when`, each of them likely enough to hold."""
    makers: dict[str, Callable[[], Any]] = {
        "order": lambda: choose(dice, ("first", "repeat", "first", ["repeat", "first"])),
        "category": lambda: choose(dice, (["beauty"], ["food"], ["beauty/skin"], "beauty", ["food/tea", "beauty"])),
        "sku": lambda: choose(dice, (["A100"], ["A10", "B"], "C", ["A100", "C"])),
        "rank": lambda: choose(dice, (["gold"], ["silver", "gold"], "diamond", ["bronze", "diamond", "gold"])),
        "tier": lambda: choose(dice, (["basic"], "plus", ["basic", "plus"])),
        "channel": lambda: choose(dice, (["h5"], "app")),
        "store": lambda: choose(dice, (["s1"], ["s1", "s2"])),
        "region": lambda: choose(dice, ("east", ["west", "east"])),
        "promoter_days": lambda: choose(
            dice,
            (
                {"below": 30},
                {"below": 1},
                {"below": 7},
                {"from": 0},
                {"from": 7},
                {"from": 30},
                {"from": 1, "below": 30},
            ),
        ),
        "paid": lambda: make_window(dice, zone),
        "min_order": lambda: decimal_text(choose(dice, UNITS), currency),
    }
    keys = some(dice, tuple(makers), 1, choose(dice, (1, 2, 3)))
    return {key: makers[key]() for key in keys}


def make_window(dice: Dice, zone: str) -> dict[str, Any]:
    """Dates as a YAML reader gives them, or as text."""
    days = sorted(date.fromisoformat(day) for day in ZONES[zone])
    first, last = choose(dice, days), choose(dice, days)
    if last <= first:
        last = first + timedelta(days=choose(dice, (1, 2)))
    window: dict[str, Any] = {"from": first, "to": last}
    if chance(dice, 20):
        del window[choose(dice, ("from", "to"))]
    if chance(dice, 30):
        window = {key: day.isoformat() for key, day in window.items()}
    return window


# ---- forests


def make_forest(dice: Dice, moments: Sequence[datetime], size: Size = SMALL) -> list[dict[str, str]]:
    """Rows of promoters.csv in any order: chains, stars, bushes; some active no more, not yet, or just at a moment."""
    count = dice.between(1, size.promoters)
    names = [f"p{number}" for number in range(count)]
    shape = choose(dice, ("chain", "star", "bush", "two chains"))
    bare = chance(dice, 8)
    ranks = RANKS[:1] if chance(dice, 15) else (*RANKS, "", *RANKS[:2])
    rows = []
    for number, name in enumerate(names):
        if number == 0:
            inviter = ""
        elif shape == "chain":
            inviter = names[number - 1]
        elif shape == "star":
            inviter = names[0]
        elif shape == "two chains":
            inviter = names[number - 2] if number >= 2 else ""
        else:
            inviter = "" if chance(dice, 10) else names[dice.between(0, number - 1)]
        row = {"promoter_id": name, "inviter_id": inviter}
        if not bare:
            row |= make_promoter(dice, moments, ranks)
        rows.append(row)
    return shuffled(dice, rows)


def make_promoter(dice: Dice, moments: Sequence[datetime], ranks: Sequence[str]) -> dict[str, str]:
    moment = choose(dice, moments)
    joined = moment - timedelta(days=choose(dice, (400, 0, 1, 7, 30))) + choose(dice, (0, 1, -1)) * INSTANTLY
    active_from = joined
    active_to = None
    state = dice.between(0, 9)
    if state == 6:
        active_to = choose(dice, moments)  # ends at an instant, which lies outside
    elif state == 7:
        active_from = max(joined, choose(dice, moments))
    elif state == 8:
        active_to = joined + timedelta(days=1)
    elif state == 9:
        active_from = max(moments) + timedelta(days=1)
    if active_to is not None and active_to <= active_from:
        active_to = active_from + SECOND
    return {
        "rank": choose(dice, ranks),
        "joined_at": written(dice, joined),
        "active_from": written(dice, active_from),
        "active_to": "" if active_to is None else written(dice, active_to),
    }


def make_rank_changes(
    dice: Dice, moments: Sequence[datetime], promoters: Sequence[dict[str, str]]
) -> list[dict[str, str]]:
    """Some promoters were of other ranks before, changing at the very instants of orders or beside them."""
    rows = []
    for promoter in promoters:
        if not chance(dice, 40):
            continue
        at = sorted(choose(dice, moments) + choose(dice, OFFSETS[:3]) for _ in range(dice.between(1, 3)))
        held = [choose(dice, (*RANKS, "")) for _ in at] + [promoter.get("rank", "")]
        for moment, before, rank in zip(at, held, held[1:], strict=False):
            rows.append(
                {"promoter_id": promoter["promoter_id"], "at": written(dice, moment), "before": before, "rank": rank}
            )
    return rows


# ---- orders


def make_orders(
    dice: Dice, currency: str, zone: str, moments: Sequence[datetime], promoters: Sequence[str], size: Size = SMALL
) -> list[dict[str, str]]:
    """Rows of orders.csv, lines of different orders mixed. Buyers are strangers and promoters, up the chain or not."""
    rows = []
    strangers = ("m1", "m2")
    scale = choose(dice, (1, 10_007, 800_011)) if chance(dice, 6) else 1
    for number in range(dice.between(1, size.orders)):
        promoter = "" if chance(dice, 8) else choose(dice, promoters)
        kind = dice.between(0, 5)
        if kind <= 2:
            buyer = "" if chance(dice, 6) else choose(dice, strangers)
        elif kind == 3 and promoter:
            buyer = promoter
        else:
            buyer = choose(dice, promoters)
        order = {
            "order_id": f"r{number * 5}",  # r10 comes before r5
            "buyer_id": buyer,
            "promoter_id": promoter,
            "paid_at": written(dice, choose(dice, moments), zone),
            "tier": choose(dice, (*TIERS, "")),
            "channel": choose(dice, (*CHANNELS, "")),
            "store": choose(dice, (*STORES, "")),
            "region": choose(dice, (*REGIONS, "")),
        }
        plain_lines = choose(dice, (True, False))
        for line in range(dice.between(1, size.lines)):
            if line == 0 or not chance(dice, 25):
                paid = choose(dice, UNITS)
                if chance(dice, 30):
                    paid = dice.between(0, 2000)
                paid *= scale
            qty = dice.between(1, 4)
            rows.append(
                {
                    "order_id": order["order_id"],
                    "line_no": str(line + 1 if plain_lines else 4 * line + 2),  # 2, 6, 10: as text 10 would come first
                    "buyer_id": order["buyer_id"],
                    "promoter_id": order["promoter_id"],
                    "sku": choose(dice, SKUS),
                    "category": choose(dice, CATEGORIES),
                    "qty": str(qty),
                    "paid": decimal_text(paid, currency),
                    "cost": decimal_text(paid * choose(dice, (0, 10, 30, 100, 120)) // 100 // qty, currency),
                    "paid_at": order["paid_at"],
                    "tier": order["tier"],
                    "channel": order["channel"],
                    "store": order["store"],
                    "region": order["region"],
                }
            )
    return shuffled(dice, rows)


# ---- refunds


def make_refunds(
    dice: Dice, currency: str, orders: Sequence[dict[str, str]], size: Size = SMALL
) -> list[dict[str, str]]:
    """Rows of refunds.csv: parts, all, more than all, and the same refund again."""
    rows: list[dict[str, str]] = []
    for number in range(dice.between(0, size.refunds)):
        if rows and chance(dice, 20):
            rows.append(dict(choose(dice, rows)))
            continue
        line = choose(dice, orders)
        paid = int(line["paid"].replace(".", ""))
        part = choose(dice, ("all", "part", "part", "a unit", "too much"))
        if part == "all":
            amount = paid
        elif part == "part":
            amount = dice.between(0, paid)
        elif part == "a unit":
            amount = 1
        else:
            amount = paid + dice.between(1, 100)
        if amount == 0:
            continue
        paid_at = datetime.fromisoformat(line["paid_at"])
        rows.append(
            {
                "refund_id": f"f{number}",
                "order_id": line["order_id"],
                "line_no": line["line_no"],
                "amount": decimal_text(amount, currency),
                "refunded_at": written(dice, paid_at + timedelta(days=choose(dice, (1, 0, 40)))),
            }
        )
    return rows


# ---- lives: what happens to a few orders after they were rated


@dataclass
class Event:
    """`kind` is a method of the reference's `Life`, `given` its arguments."""

    kind: str
    given: tuple[Any, ...]


USUAL_PLACE = {
    "order_paid": (0, 6),
    "order_completed": (0, 8),
    "release": (4, 14),
    "withdraw": (6, 16),
    "withdrawal_paid": (8, 18),
    "withdrawal_failed": (8, 18),
    "refund": (0, 18),
}
"""Where in a life, counted from 0 to 18, an event mostly happens. They overlap, so every sequence is possible."""


def make_life(dice: Dice, *, orders: int = 4, extra: int = 14) -> list[Event]:
    """Every order is paid somewhere in the sequence; its refunds may come before, and anything may come twice."""
    start = datetime(2026, 5, 1, tzinfo=UTC)
    promoters = ("p0", "p1")
    events = []
    for number in range(dice.between(1, orders)):
        order = f"r{number}"
        paid_at = start + timedelta(hours=dice.between(0, 48))
        paid = {line: choose(dice, (300, 1, 3, 7, 99, 1000, 12_345)) for line in range(1, dice.between(1, 3) + 1)}
        earned = [
            (line, choose(dice, promoters), dice.between(1, paid[line]))
            for line in paid
            for _ in range(dice.between(0, 3))
        ]
        events.append(Event("order_paid", (order, paid_at, paid, earned)))
        if chance(dice, 90):
            events.append(Event("order_completed", (order, paid_at + timedelta(days=dice.between(0, 5)))))
        for refund in range(dice.between(0, 4)):
            lines = some(dice, tuple(paid), 1, len(paid))
            amounts = {line: max(1, dice.between(0, 130) * paid[line] // 100) for line in lines}
            events.append(Event("refund", (f"f{number}-{refund}", order, amounts)))
    for number in range(dice.between(0, extra)):
        kind = dice.between(0, 6)
        if kind <= 2:
            events.append(Event("release", (start + timedelta(days=dice.between(0, 30)),)))
        elif kind <= 4:
            events.append(Event("withdraw", (f"w{number}", choose(dice, promoters), dice.between(1, 100))))
        elif kind == 5:
            name = f"w{dice.between(0, extra)}"
            events.append(Event(choose(dice, ("withdrawal_paid", "withdrawal_failed")), (name,)))
        else:
            events.append(choose(dice, events))
    placed = [(dice.between(*USUAL_PLACE[event.kind]), event) for event in events]
    return [event for _, event in sorted(placed, key=lambda each: each[0])]


def seeded_life(seed: int) -> list[Event]:
    return make_life(RandomDice(seed))


@st.composite
def lives(draw: Any) -> list[Event]:
    return make_life(HypothesisDice(draw))
