"""What a shop sends in the course of a run: orders, statuses and refunds, many of them twice, in random cuts, shuffled.

Everything follows from the seed and the moment of the run. What the books have to say afterwards does not depend on the
sequence of arrival: a buyer has one order at most, and nobody withdraws. Only a promoter's cap makes the sequence matter.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

ZONE = "Asia/Shanghai"
RANKS = ("", "", "silver", "gold", "diamond")
CATEGORIES = ("", "home/kitchen", "home/kitchen/knives", "beauty", "toys")

_HEAD = """
name: faults
currency: CNY
jurisdiction: XX
overrides:
  - {id: first-order, level: 1, when: {order: first}, rate: 15%}
  - {id: kitchen, level: 1, when: {category: home/kitchen}, rate: 12%}
  - {id: beauty-gold, level: 2, when: {category: [beauty], rank: [gold, diamond]}, rate: 8%}
  - {id: flat, level: 1, when: {sku: [S7]}, fixed: "1.05"}
boosts:
  - {id: newcomer, when: {promoter_days: {below: 30}}, add: 2%}
release: {after: completed, days: 15}
"""
OLD = """
levels:
  1: {rate: 10%}
  2: {rate: 3%}
"""
NEW = """
compress: true
levels:
  1: {rate: 9.37%}
  2: {rate: 4.1%}
  3: {rate: 1%}
"""
NEW_SINCE = timedelta(days=20)
"""How long ago the second version came into force."""


def plans(promoter_month: str | None) -> tuple[str, str]:
    """The two published versions, with a promoter's cap of the month where one is wanted."""
    cap = "" if promoter_month is None else f', promoter_month: "{promoter_month}"'
    return f"{_HEAD}{OLD}caps: {{order: 12%{cap}}}\n", f"{_HEAD}{NEW}caps: {{order: 17%{cap}}}\n"


@dataclass(frozen=True)
class Delivery:
    """One call of the API, sent until it is answered. `refs` are its entries, in the order sent."""

    path: str
    body: bytes
    key: str | None
    kind: str
    refs: tuple[str, ...]
    repeated: bool = False
    """Sent before in the very same form, under the same key."""


@dataclass
class Load:
    now: datetime
    promoters: list[dict[str, str]] = field(default_factory=list)
    """As the reference reads them."""
    entries: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """By kind and reference: what is sent."""
    deliveries: list[Delivery] = field(default_factory=list)

    def of(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The entries of a kind, by reference."""
        return ((ref, entry) for (of, ref), entry in self.entries.items() if of == kind)

    def count(self, kind: str) -> int:
        """How many entries of a kind there are."""
        return sum(1 for _ in self.of(kind))


def make_load(*, orders: int, seed: int, now: datetime) -> Load:
    """The load of a run."""
    draw = random.Random(seed)
    load = Load(now.replace(microsecond=0))
    _promoters(load, draw, max(20, min(400, orders // 10)))
    moments: list[tuple[float, str, str]] = []
    for number in range(orders):
        ref = _order(load, draw, number)
        moment = draw.random()
        moments += [(moment, "orders", ref), *_again(draw, moment, "orders", ref)]
        for kind, follower in [*_statuses(load, draw, ref), *_refunds(load, draw, ref, number)]:
            after = moment + draw.uniform(-0.08, 0.25)
            moments += [(after, kind, follower), *_again(draw, after, kind, follower)]
    moments.sort()
    load.deliveries = _cut(load, draw, [(kind, ref) for _, kind, ref in moments])
    return load


def _again(draw: random.Random, moment: float, kind: str, ref: str) -> list[tuple[float, str, str]]:
    """A fifth arrives twice or more, soon or much later."""
    if draw.random() >= 0.2:
        return []
    return [(moment + draw.choice((0.0, 0.003, draw.random())), kind, ref) for _ in range(draw.choice((1, 1, 1, 2, 4)))]


def _promoters(load: Load, draw: random.Random, count: int) -> None:
    for number in range(count):
        joined = load.now - timedelta(days=draw.randrange(1, 400), seconds=draw.randrange(86_400))
        ended = load.now - timedelta(days=draw.randrange(1, 30)) if draw.random() < 0.04 else None
        inviter = f"p{int(number * draw.random() ** 2)}" if number >= 5 and draw.random() < 0.95 else ""
        load.promoters.append(
            {
                "promoter_id": f"p{number}",
                "inviter_id": inviter,
                "rank": draw.choice(RANKS),
                "joined_at": joined.isoformat(),
                "active_from": joined.isoformat(),
                "active_to": ended.isoformat() if ended else "",
            }
        )


def _order(load: Load, draw: random.Random, number: int) -> str:
    # Whole days and 6 to 18 hours ago, so that nothing falls due while the run goes on.
    paid_at = load.now - timedelta(days=draw.randrange(1, 60), seconds=draw.randrange(6 * 3600, 18 * 3600))
    order: dict[str, Any] = {
        "id": f"K{number // 2:07d}",
        "source": ("api", "shop.1")[number % 2],
        "paid_at": paid_at.isoformat(),
        "lines": [
            {
                "sku": f"S{draw.randrange(40)}",
                "category": draw.choice(CATEGORIES),
                "qty": draw.randrange(1, 4),
                "paid": f"{draw.choice((0, draw.randrange(1, 300), draw.randrange(300, 90_000))) / 100:.2f}",
            }
            for _ in range(draw.choice((1, 1, 2, 3)))
        ],
        "channel": draw.choice(("moments", "group", "poster")),
    }
    if draw.random() < 0.7:
        order["buyer"] = f"b{number}"
    elif len(load.promoters) > number:  # some promoters buy, once, and some of them by their own link
        order["buyer"] = f"p{number}"
    if draw.random() < 0.92:
        order["promoter"] = f"p{draw.randrange(len(load.promoters))}"
    if draw.random() < 0.15:
        order["completed_at"] = _completed(load, draw, paid_at).isoformat()
    ref = f"{order['source']}:{order['id']}"
    load.entries["orders", ref] = order
    return ref


def _completed(load: Load, draw: random.Random, paid_at: datetime) -> datetime:
    return paid_at + timedelta(days=draw.randrange(0, min(5, (load.now - paid_at).days + 1)))


def _statuses(load: Load, draw: random.Random, ref: str) -> Iterator[tuple[str, str]]:
    order = load.entries["orders", ref]
    paid_at = datetime.fromisoformat(order["paid_at"])
    said = []
    if "completed_at" not in order and draw.random() < 0.65:
        said.append(("completed", _completed(load, draw, paid_at)))
    if draw.random() < 0.05:
        said.append(("cancelled", paid_at + timedelta(hours=draw.randrange(1, 40))))
    for status, at in said:
        name = f"{ref}:{status}"
        load.entries["statuses", name] = {
            "order": order["id"],
            "source": order["source"],
            "status": status,
            "at": at.isoformat(),
        }
        yield "statuses", name


def _refunds(load: Load, draw: random.Random, ref: str, number: int) -> Iterator[tuple[str, str]]:
    order = load.entries["orders", ref]
    if draw.random() >= 0.15:
        return
    for part in range(draw.choice((1, 1, 2, 3))):
        lines = []
        for line_no, line in enumerate(order["lines"], 1):
            paid = round(float(line["paid"]) * 100)
            if paid and draw.random() < 0.8:
                amount = draw.choice((paid, draw.randrange(1, paid + 1), draw.randrange(1, paid + 1)))
                lines.append({"line_no": line_no, "amount": f"{amount / 100:.2f}"})
        if not lines:
            continue
        refund = {
            "id": f"R{number:07d}-{part}",
            "source": order["source"],
            "order": order["id"],
            "refunded_at": (
                datetime.fromisoformat(order["paid_at"]) + timedelta(hours=draw.randrange(1, 200))
            ).isoformat(),
            "lines": lines,
        }
        name = f"{refund['source']}:{refund['id']}"
        load.entries["refunds", name] = refund
        yield "refunds", name


def _cut(load: Load, draw: random.Random, sequence: list[tuple[str, str]]) -> list[Delivery]:
    """Calls of random size, each about one kind; some of them sent whole a second time."""
    made: list[Delivery] = []
    at = 0
    while at < len(sequence):
        window = sequence[at : at + draw.choice((1, 1, 2, 4, 12, 40, 120))]
        at += len(window)
        for kind in ("refunds", "orders", "statuses"):
            refs = tuple(ref for of, ref in window if of == kind)
            if refs:
                made.append(_delivery(load, draw, kind, refs, len(made)))
                if draw.random() < 0.05:
                    made.append(Delivery(**{**made[-1].__dict__, "repeated": made[-1].key is not None}))
    return made


def _delivery(load: Load, draw: random.Random, kind: str, refs: tuple[str, ...], number: int) -> Delivery:
    entries = [load.entries[kind, ref] for ref in refs]
    key = f"key-{number}" if draw.random() < 0.6 else None
    if len(entries) > 1:
        return Delivery(f"/api/v1/{kind}/batch", orjson.dumps(entries), key, kind, refs)
    wait = "?wait=true" if kind == "orders" and draw.random() < 0.3 else ""
    return Delivery(f"/api/v1/{kind}{wait}", orjson.dumps(entries[0]), key, kind, refs)
