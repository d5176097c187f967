"""Steps and pools, worked out the slow way: one period, one promoter, one order at a time, in fractions.

The second opinion for whatever a closed period pays; it shares no code with the project.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.reference.commission import (
    Order,
    Promoter,
    as_list,
    base_of,
    decimal_text,
    local_day,
    minor_units,
    parts_per_million,
    read_orders,
    read_promoters,
    refunded_amounts,
    reversal,
    share,
)

MONTHS = {"month": 1, "quarter": 3, "year": 12}


def period_of(day: date, length: str) -> tuple[date, date]:
    """The first day of the period and the first day after it."""
    first_month = (day.month - 1) // MONTHS[length] * MONTHS[length] + 1
    last_month = first_month + MONTHS[length] - 1
    last = date(day.year, last_month, calendar.monthrange(day.year, last_month)[1])
    return date(day.year, first_month, 1), last + timedelta(days=1)


def seller_of(plan: dict, order: Order, promoters: dict[str, Promoter]) -> str:
    """Whose own sales an order is; "" for nobody's."""
    if plan.get("self_purchase", "none") == "rebate":
        buyer = promoters.get(order.buyer)
        if buyer is not None and buyer.active_at(order.paid_at):
            return buyer.id
    elif order.promoter == order.buyer:
        return ""
    direct = promoters.get(order.promoter)
    return direct.id if direct is not None and direct.active_at(order.paid_at) else ""


def net_base(plan: dict, order: Order, refunded: dict[tuple[str, int], int]) -> int:
    total = 0
    for line in order.lines:
        base = base_of(plan, line)
        back = reversal(base, line.paid, refunded.get((order.id, line.number), 0)) if line.paid else 0
        total += base - back
    return total


def steps_reward(bands: list[tuple[int, int]], apply: str, metric: int) -> int:
    """`bands` are (from, ppm)."""
    if apply == "whole":
        reached = [ppm for start, ppm in bands if metric >= start]
        return share(metric, reached[-1]) if reached else 0
    total = 0
    for index, (start, ppm) in enumerate(bands):
        end = bands[index + 1][0] if index + 1 < len(bands) else None
        inside = (metric if end is None else min(metric, end)) - start
        if inside > 0:
            total += share(inside, ppm)
    return total


def split(fund: int, weights: dict[str, int]) -> dict[str, int]:
    whole = sum(weights.values())
    if not whole:
        return {}
    exact = {name: Fraction(fund * weight, whole) for name, weight in weights.items()}
    parts = {name: int(value) for name, value in exact.items()}
    left = fund - sum(parts.values())
    for name in sorted(exact, key=lambda name: (parts[name] - exact[name], name))[:left]:
        parts[name] += 1
    return parts


def per_period(
    plan: dict, promoter_rows: list[dict], order_rows: list[dict], refund_rows: list[dict], zone: str
) -> dict[str, list[dict]]:
    """What the summary of a simulation says under `steps` and `pools`."""
    currency = plan["currency"]
    promoters = read_promoters(promoter_rows)
    orders = read_orders(order_rows, currency)
    refunded = refunded_amounts(refund_rows, currency)

    def entry(rule: dict, period: tuple[date, date], amounts: dict[str, int], **sums: int) -> dict:
        paid = {name: amounts[name] for name in sorted(amounts) if amounts[name]}
        return {
            "id": rule["id"],
            "from": period[0].isoformat(),
            "to": period[1].isoformat(),
            **{name: decimal_text(value, currency) for name, value in sums.items()},
            "total": decimal_text(sum(paid.values()), currency),
            "promoters_paid": len(paid),
            "promoters": {name: decimal_text(value, currency) for name, value in paid.items()},
        }

    found: dict[str, list[dict]] = {"steps": [], "pools": []}
    for where in found:
        for rule in plan.get(where) or ():
            length = rule.get("period", "month")
            touched = sorted({period_of(local_day(order.paid_at, zone), length) for order in orders})
            for period in touched:
                inside = [order for order in orders if period_of(local_day(order.paid_at, zone), length) == period]
                sales = dict.fromkeys(promoters, 0)
                for order in inside:
                    seller = seller_of(plan, order, promoters)
                    if seller:
                        sales[seller] += net_base(plan, order, refunded)
                if where == "steps":
                    bands = [
                        (minor_units(band["from"], currency), parts_per_million(band["rate"])) for band in rule["bands"]
                    ]
                    amounts = {
                        name: steps_reward(bands, rule.get("apply", "marginal"), own) for name, own in sales.items()
                    }
                    found[where].append(entry(rule, period, amounts, own_sales=sum(sales.values())))
                else:
                    base = sum(net_base(plan, order, refunded) for order in inside)
                    fund = share(base, parts_per_million(rule["share"]))
                    end = datetime.combine(period[1], time(), ZoneInfo(zone))
                    ranks = (rule.get("eligible") or {}).get("rank")
                    weights = {
                        name: sales[name] if rule.get("split", "own_sales") == "own_sales" else 1
                        for name, promoter in promoters.items()
                        if promoter.active_at(end - timedelta(microseconds=1))
                        and (ranks is None or promoter.rank in as_list(ranks))
                    }
                    found[where].append(entry(rule, period, split(fund, weights), net_base=base, fund=fund))
    return found
