"""Commission, worked out the slow way: one order, one line, one level, one promoter at a time.

This is the independent second opinion of the tests. It shares no code with the project, knows no arrays, and is written
so that each rule can be read off one short function. Speed is of no concern here.

Input is what the simulation files hold: a plan as the dict a YAML or JSON reader gives, and rows of string cells.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

KIND_ORDER = {"level": 0, "differential": 1, "peer": 2}

MINOR_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
}
"""ISO 4217; every other currency has two."""


# ---- numbers and times


def minor_digits(currency: str) -> int:
    for digits, currencies in MINOR_DIGITS.items():
        if currency in currencies.split():
            return digits
    return 2


def minor_units(text: object, currency: str) -> int:
    """The integer of minor units that a decimal such as "12.30" stands for."""
    exact = Fraction(str(text).strip()) * 10 ** minor_digits(currency)
    if exact.denominator != 1:
        raise ValueError(f"{text} is finer than the smallest unit of {currency}")
    return exact.numerator


def decimal_text(units: int, currency: str) -> str:
    digits = minor_digits(currency)
    if digits == 0:
        return str(units)
    sign = "-" if units < 0 else ""
    whole, part = divmod(abs(units), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}"


def parts_per_million(percentage: str) -> int:
    """1% is 10000."""
    text = str(percentage).strip()
    if not text.endswith("%"):
        raise ValueError(f"{percentage!r} is no percentage")
    exact = Fraction(text[:-1].strip()) * 10_000
    if exact.denominator != 1:
        raise ValueError(f"{percentage} has more than four decimals")
    return exact.numerator


def round_half_up(exact: Fraction) -> int:
    return math.floor(exact + Fraction(1, 2))


def share(units: int, ppm: int) -> int:
    return round_half_up(Fraction(units * ppm, 1_000_000))


def instant(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(f"{text} names no zone")
    return when


def local_day(when: datetime, zone: str) -> date:
    return when.astimezone(ZoneInfo(zone)).date()


def as_date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def as_list(value: object) -> list:
    return list(value) if isinstance(value, (list, tuple)) else [value]


# ---- the rows of the files


@dataclass
class RankChange:
    at: datetime
    before: str
    rank: str


@dataclass
class Promoter:
    id: str
    inviter: str  # "" for a root
    rank: str
    joined_at: datetime | None
    active_from: datetime | None
    active_to: datetime | None
    changes: list[RankChange] = field(default_factory=list)

    def rank_at(self, moment: datetime) -> str:
        """`rank` is today's; before the first change it was whatever that change replaced."""
        held = self.changes[0].before if self.changes else self.rank
        for change in self.changes:
            if change.at <= moment:
                held = change.rank
        return held

    def active_at(self, moment: datetime) -> bool:
        """Nobody is active before joining; the end of the window lies outside of it."""
        if self.joined_at is not None and moment < self.joined_at:
            return False
        if self.active_from is not None and moment < self.active_from:
            return False
        return self.active_to is None or moment < self.active_to


@dataclass
class Line:
    number: int
    sku: str
    category: str
    qty: int
    paid: int
    cost: int


@dataclass
class Order:
    id: str
    buyer: str  # "" when nobody knows
    promoter: str  # "" when credited to nobody
    paid_at: datetime
    tier: str
    channel: str
    store: str
    region: str
    lines: list[Line] = field(default_factory=list)
    first: bool | None = None  # None when the buyer is unknown


@dataclass
class Row:
    """One commission on its way through the caps."""

    line: Line
    kind: str
    level: int
    beneficiary: str
    rule: str
    base: int
    ppm: int | None  # None for a fixed amount
    before_caps: int
    amount: int = 0
    cut_order: int = 0
    cut_day: int = 0
    cut_month: int = 0

    def place(self) -> tuple:
        return (self.line.number, KIND_ORDER[self.kind], self.level, self.beneficiary)


def read_promoters(rows: list[dict]) -> dict[str, Promoter]:
    found = {}
    for row in rows:
        moments = [instant(row[key]) if row.get(key) else None for key in ("joined_at", "active_from", "active_to")]
        found[row["promoter_id"]] = Promoter(
            row["promoter_id"], row.get("inviter_id") or "", row.get("rank") or "", *moments
        )
    return found


def read_rank_changes(rows: list[dict], promoters: dict[str, Promoter]) -> None:
    """Of changes at one instant the one written last holds."""
    for row in rows:
        change = RankChange(instant(row["at"]), row["before"], row["rank"])
        promoters[row["promoter_id"]].changes.append(change)
    for promoter in promoters.values():
        promoter.changes.sort(key=lambda change: change.at)


def read_orders(rows: list[dict], currency: str) -> list[Order]:
    """Orders in the sequence in which they count, each with its lines by number, and marked first or repeat."""
    found: dict[str, Order] = {}
    for row in rows:
        order = found.get(row["order_id"])
        if order is None:
            order = Order(
                id=row["order_id"],
                buyer=row["buyer_id"],
                promoter=row["promoter_id"],
                paid_at=instant(row["paid_at"]),
                tier=row.get("tier") or "",
                channel=row.get("channel") or "",
                store=row.get("store") or "",
                region=row.get("region") or "",
            )
            found[order.id] = order
        line = Line(
            number=int(row["line_no"]),
            sku=row["sku"],
            category=row["category"],
            qty=int(row["qty"]),
            paid=minor_units(row["paid"], currency),
            cost=minor_units(row["cost"] or "0", currency),
        )
        order.lines.append(line)

    sequence = sorted(found.values(), key=order_sequence)
    seen: set[str] = set()
    for order in sequence:
        order.lines.sort(key=lambda line: line.number)
        if order.buyer:
            order.first = order.buyer not in seen
            seen.add(order.buyer)
    return sequence


def order_sequence(order: Order) -> tuple:
    return (order.paid_at, order.id)


# ---- the chain


def starting_promoter(plan: dict, order: Order, promoters: dict[str, Promoter]) -> str:
    """Who stands at the foot of the chain; "" when the order earns nobody anything."""
    policy = plan.get("self_purchase", "none")
    if policy == "rebate":
        own = promoters.get(order.buyer)
        if own is not None and own.active_at(order.paid_at):
            return own.id
    if policy == "none" and order.promoter and order.promoter == order.buyer:
        return ""
    return order.promoter


def chain_of(plan: dict, order: Order, promoters: dict[str, Promoter]) -> list[tuple[Promoter, bool]]:
    """Everybody from the foot of the chain to its root, each with whether he may earn from this order."""
    chain = []
    met: set[str] = set()
    current = starting_promoter(plan, order, promoters)
    while current:
        promoter = promoters[current]
        may_earn = promoter.active_at(order.paid_at)
        if plan.get("self_purchase", "none") == "none" and promoter.id == order.buyer:
            may_earn = False
        if current in met:
            raise ValueError(f"the inviters of {current} go in a circle")
        met.add(current)
        chain.append((promoter, may_earn))
        current = promoter.inviter
    return chain


def level_holders(plan: dict, chain: list[tuple[Promoter, bool]]) -> dict[int, Promoter]:
    """Who holds which level."""
    holders: dict[int, Promoter] = {}
    if plan.get("compress", False):
        level = 0
        for promoter, may_earn in chain:
            if may_earn:
                level += 1
                holders[level] = promoter
    else:
        for level, (promoter, may_earn) in enumerate(chain, start=1):
            if may_earn:
                holders[level] = promoter
    return holders


# ---- base, conditions, rate


def base_of(plan: dict, line: Line) -> int:
    if plan.get("basis", "paid") == "margin":
        return max(0, line.paid - line.cost * line.qty)
    return line.paid


def category_matches(wanted: str, category: str) -> bool:
    return category == wanted or category.startswith(wanted + "/")


def whole_days(promoter: Promoter, order: Order) -> int | None:
    """Spans of 24 hours between joining and payment; None for somebody whose joining is not known."""
    if promoter.joined_at is None:
        return None
    return (order.paid_at - promoter.joined_at) // timedelta(days=1)


def paid_in_all(order: Order, line: Line) -> int:
    """What counts for `min_order`: the whole order, whichever of its lines is looked at."""
    return sum(each.paid for each in order.lines)


def in_window(day: date, window: dict) -> bool:
    if "from" in window and day < as_date(window["from"]):
        return False
    return not ("to" in window and day >= as_date(window["to"]))


def holds(when: dict, order: Order, line: Line, promoter: Promoter, currency: str, zone: str) -> bool:
    for key, wanted in when.items():
        if key == "order":
            mine = {True: "first", False: "repeat", None: "unknown"}[order.first]
            good = mine in as_list(wanted)
        elif key == "category":
            good = any(category_matches(category, line.category) for category in as_list(wanted))
        elif key == "sku":
            good = line.sku in as_list(wanted)
        elif key == "rank":
            good = promoter.rank_at(order.paid_at) in as_list(wanted)
        elif key in ("tier", "channel", "store", "region"):
            good = getattr(order, key) in as_list(wanted)
        elif key == "promoter_days":
            days = whole_days(promoter, order)
            good = days is not None
            if "below" in wanted:
                good = good and days < wanted["below"]
            if "from" in wanted:
                good = good and days >= wanted["from"]
        elif key == "paid":
            good = in_window(local_day(order.paid_at, zone), wanted)
        elif key == "min_order":
            good = paid_in_all(order, line) >= minor_units(wanted, currency)
        else:
            raise ValueError(f"no such condition: {key}")
        if not good:
            return False
    return True


def chosen_override(candidates: list[dict]) -> dict | None:
    """The one with the most conditions; among equals the last one written."""
    best = None
    for override in candidates:
        if best is None or len(override.get("when") or {}) >= len(best.get("when") or {}):
            best = override
    return best


def fixed_amount(each: int, line: Line) -> int:
    return each * line.qty


def at_most(amount: int, base: int) -> int:
    return min(amount, base)


def level_row(
    plan: dict, order: Order, line: Line, level: int, terms: dict, promoter: Promoter, zone: str
) -> Row | None:
    currency = plan["currency"]
    base = base_of(plan, line)
    if base == 0:
        return None

    candidates = []
    for override in plan.get("overrides") or []:
        if int(override["level"]) == level:
            when = override.get("when") or {}
            if holds(when, order, line, promoter, currency, zone):
                candidates.append(override)
    override = chosen_override(candidates)

    rule = override["id"] if override else f"level-{level}"
    terms = override if override else terms
    ppm: int | None
    if "fixed" in terms:
        ppm = None
        amount = fixed_amount(minor_units(terms["fixed"], currency), line)
    else:
        ppm = parts_per_million(terms["rate"])
        for boost in plan.get("boosts") or []:
            if holds(boost.get("when") or {}, order, line, promoter, currency, zone):
                ppm += parts_per_million(boost["add"])
                rule += "+" + boost["id"]
        amount = share(base, ppm)
    amount = at_most(amount, base)
    return Row(line, "level", level, promoter.id, rule, base, ppm, amount)


def level_rows(plan: dict, order: Order, chain: list[tuple[Promoter, bool]], zone: str) -> list[Row]:
    rows = []
    holders = level_holders(plan, chain)
    for line in order.lines:
        for level, terms in (plan.get("levels") or {}).items():
            promoter = holders.get(int(level))
            if promoter is not None:
                row = level_row(plan, order, line, int(level), terms, promoter, zone)
                if row is not None:
                    rows.append(row)
    return rows


# ---- differential and peer


def differential_rows(plan: dict, order: Order, chain: list[tuple[Promoter, bool]]) -> list[Row]:
    """Rows by difference of rank, and what peers earn on each of them."""
    terms = plan.get("differential")
    if not terms:
        return []
    rates = {rank: parts_per_million(rate) for rank, rate in terms["ranks"].items()}
    ranks = [promoter.rank_at(order.paid_at) for promoter, _ in chain]
    rows = []
    for line in order.lines:
        base = base_of(plan, line)
        if base == 0:
            continue
        met = 0
        for position, (promoter, may_earn) in enumerate(chain, start=1):
            rank = ranks[position - 1]
            mine = rates.get(rank, 0)
            if may_earn and mine > met:
                ppm = difference(mine, met)
                amount = at_most(share(base, ppm), base)
                row = Row(line, "differential", position, promoter.id, f"rank:{rank}", base, ppm, amount)
                rows.append(row)
                rows += peer_rows(terms.get("peer"), rates, row, rank, chain, ranks)
                met = met_after(met, mine, row)
            elif not may_earn:
                met = met_passing(met, mine)
    return rows


def difference(mine: int, met: int) -> int:
    return mine - met


def met_after(met: int, mine: int, row: Row) -> int:
    """Met is met, also when the row itself comes to nothing."""
    return mine


def met_passing(met: int, mine: int) -> int:
    """Somebody who may not earn leaves no trace."""
    return met


def peer_rows(
    terms: dict | None,
    rates: dict[str, int],
    row: Row,
    rank: str,
    chain: list[tuple[Promoter, bool]],
    ranks: list[str],
) -> list[Row]:
    """`row` is the differential row of somebody of `rank`, not yet capped; `ranks` those held when the order was paid."""
    if not terms or row.before_caps == 0:
        return []
    ppm = parts_per_million(terms["rate"])
    rows: list[Row] = []
    for position, (promoter, may_earn) in enumerate(chain, start=1):
        if position <= row.level or not may_earn:
            continue
        if enough(rows, int(terms.get("generations", 1))):
            break
        theirs = ranks[position - 1]
        if stands_in_the_way(rates.get(theirs, 0), rates[rank]):
            break
        if is_peer(theirs, rank, rates):
            base = shared_amount(row)
            amount = at_most(share(base, ppm), base)
            rows.append(Row(row.line, "peer", position, promoter.id, f"rank:{rank}", base, ppm, amount))
    # A peer that earns nothing by rounding still counts as one of the generations.
    return rows


def enough(rows: list[Row], generations: int) -> bool:
    return len(rows) == generations


def stands_in_the_way(theirs: int, mine: int) -> bool:
    return theirs > mine


def is_peer(theirs: str, rank: str, rates: dict[str, int]) -> bool:
    return theirs == rank


def shared_amount(row: Row) -> int:
    return row.before_caps


# ---- caps


def order_limit(plan: dict, order: Order) -> int | None:
    cap = (plan.get("caps") or {}).get("order")
    if cap is None:
        return None
    return math.floor(Fraction(sum(base_of(plan, line) for line in order.lines) * parts_per_million(cap), 1_000_000))


def in_turn(rows: list[Row], left_over: dict[int, Fraction]) -> list[int]:
    """The sequence in which rows get a unit that rounding down left over."""
    return sorted(left_over, key=lambda index: (-left_over[index], rows[index].place()))


def cut_to_order_cap(rows: list[Row], limit: int | None) -> None:
    total = sum(row.before_caps for row in rows)
    for row in rows:
        row.amount = row.before_caps
    if limit is None or total <= limit:
        return
    left_over: dict[int, Fraction] = {}
    for index, row in enumerate(rows):
        exact = Fraction(row.before_caps * limit, total)
        row.amount = math.floor(exact)
        left_over[index] = exact - row.amount
    missing = limit - sum(row.amount for row in rows)
    for index in in_turn(rows, left_over)[:missing]:
        rows[index].amount += 1
    for row in rows:
        row.cut_order = row.before_caps - row.amount


@dataclass
class Used:
    """What each promoter has been granted so far in each local day and month."""

    day: dict[tuple[str, date], int] = field(default_factory=dict)
    month: dict[tuple[str, int, int], int] = field(default_factory=dict)


def counts_as_used(row: Row) -> int:
    return row.amount


def cut_to_promoter_caps(plan: dict, order: Order, rows: list[Row], used: Used, zone: str) -> None:
    caps = plan.get("caps") or {}
    today = local_day(order.paid_at, zone)
    for row in rows:
        day = (row.beneficiary, today)
        month = (row.beneficiary, today.year, today.month)
        if "promoter_day" in caps:
            left = max(0, minor_units(caps["promoter_day"], plan["currency"]) - used.day.get(day, 0))
            row.cut_day = max(0, row.amount - left)
            row.amount -= row.cut_day
        if "promoter_month" in caps:
            left = max(0, minor_units(caps["promoter_month"], plan["currency"]) - used.month.get(month, 0))
            row.cut_month = max(0, row.amount - left)
            row.amount -= row.cut_month
        counted = counts_as_used(row)
        used.day[day] = used.day.get(day, 0) + counted
        used.month[month] = used.month.get(month, 0) + counted


# ---- refunds


def refunded_amounts(rows: list[dict], currency: str) -> dict[tuple[str, int], int]:
    """The sum of the refunds of each order line; what arrives a second time counts once."""
    arrived = set()
    total: dict[tuple[str, int], int] = {}
    for row in rows:
        line = (row["order_id"], int(row["line_no"]))
        name = (row["refund_id"], *line)
        if name not in arrived:
            arrived.add(name)
            total[line] = total.get(line, 0) + minor_units(row["amount"], currency)
    return total


def reversal(amount: int, paid: int, refunded: int) -> int:
    """How much of a commission is reversed in all, once `refunded` of the line's `paid` has gone back."""
    return round_half_up(Fraction(amount * min(refunded, paid), paid))


# ---- release


def release_due(
    plan: dict, paid_at: datetime, completed_at: datetime | None, amount: int, instant_permitted: bool = False
) -> datetime | None:
    """When a row of this final amount may be released; None as long as nobody can know (the order is not completed).

    Days are spans of 24 hours. Nothing leaves before completion, whatever the clock counts from.
    """
    if completed_at is None:
        return None
    terms = plan["release"]
    below = terms.get("instant_below")
    if instant_permitted and below is not None and amount < minor_units(below, plan["currency"]):
        return max(paid_at, completed_at)
    start = paid_at if terms["after"] == "paid" else completed_at
    return max(start + timedelta(days=int(terms["days"])), completed_at)


# ---- together


def rate(
    plan: dict,
    promoters: list[dict],
    orders: list[dict],
    refunds: list[dict],
    zone: str,
    rank_changes: list[dict] | None = None,
) -> list[dict]:
    """The rows of out.csv in their order, string cells; `cut_order`, `cut_day`, `cut_month` beside them."""
    currency = plan["currency"]
    forest = read_promoters(promoters)
    read_rank_changes(rank_changes or [], forest)
    refunded = refunded_amounts(refunds, currency)
    used = Used()
    out = []
    for order in read_orders(orders, currency):
        chain = chain_of(plan, order, forest)
        rows = level_rows(plan, order, chain, zone) + differential_rows(plan, order, chain)
        rows = [row for row in rows if row.before_caps > 0]
        rows.sort(key=Row.place)
        cut_to_order_cap(rows, order_limit(plan, order))
        cut_to_promoter_caps(plan, order, rows, used, zone)
        for row in rows:
            back = reversal(row.amount, row.line.paid, refunded.get((order.id, row.line.number), 0))
            out.append(
                {
                    "order_id": order.id,
                    "line_no": str(row.line.number),
                    "kind": row.kind,
                    "level": str(row.level),
                    "beneficiary_id": row.beneficiary,
                    "rule": row.rule,
                    "base": decimal_text(row.base, currency),
                    "ppm": "" if row.ppm is None else str(row.ppm),
                    "before_caps": decimal_text(row.before_caps, currency),
                    "amount": decimal_text(row.amount, currency),
                    "reversed": decimal_text(back, currency),
                    "cut_order": decimal_text(row.cut_order, currency),
                    "cut_day": decimal_text(row.cut_day, currency),
                    "cut_month": decimal_text(row.cut_month, currency),
                }
            )
    return out
