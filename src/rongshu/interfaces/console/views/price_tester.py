"""The price tester: a cart in, its price out, with everything that was taken off each line and why other rules took nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from rongshu.domain.commerce.prices.queries import draft, draft_rules
from rongshu.domain.commerce.products.queries import best_sellers
from rongshu.domain.members.profiles.queries import find_member
from rongshu.engine.money import MoneyError, parse_units
from rongshu.engine.prices.frames import KINDS, MOST_POINTS, NotApplied, PricedLine, RefusedCoupon, Step
from rongshu.flows.quoting import Quoted, Wanted, WantedLine, quote
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.prices import CartRow, Choice, MissRow, PriceTester, Result, ResultLine, StepRow
from rongshu.interfaces.console.price_tiers import offered_tiers
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.price_words import kind_name, rule_name, tier_title, what_to_do, why_not
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid

ROWS, MORE, MOST = 4, 2, 30
_TEXTS = ("member", "tier", "shipping", "points", "coupons", "at", "rules", "channel", "store")


@page("offers", Permission.SEE_MEMBERS)
def price_tester(visit: Visit) -> PriceTester:
    """Asks for a cart; with one, prices it. Nothing is written."""
    asked = visit.request.GET
    values = {name: asked.get(name, "").strip()[:100] for name in _TEXTS}
    rows = _rows(asked)
    drafted = draft()
    found = PriceTester(
        rows=(*rows, *(CartRow(len(rows) + more, "", "", "") for more in range(max(MORE, ROWS - len(rows))))),
        values=values,
        tiers=tuple(Choice(*one) for one in offered_tiers([values["tier"]] if values["tier"] else [], visit.now)),
        has_draft=drafted is not None,
        skus=tuple((one.sku, one.title) for one in best_sellers(limit=50)),
    )
    if not rows:
        return found
    try:
        rules = (0, draft_rules(drafted)) if drafted is not None and values["rules"] == "draft" else None
        quoted = quote(
            wanted=_wanted(visit, rows, values),
            member=find_member(values["member"]) if values["member"] else None,
            now=_moment(visit, values["at"]),
            rules=rules,
            tier=values["tier"] or None,
            at=visit.house,
        )
    except Refusal as refusal:
        return _with(found, problem=said(refusal), at=refusal.at or "")
    return _with(found, result=_result(visit, quoted))


def _with(found: PriceTester, **more: Any) -> PriceTester:
    return PriceTester(found.rows, found.values, found.tiers, found.has_draft, found.skus, **more)


def _rows(asked: Mapping[str, str]) -> tuple[CartRow, ...]:
    rows: list[CartRow] = []
    for at in range(MOST):
        sku, qty, units = (asked.get(f"{name}{at}", "").strip()[:100] for name in ("sku", "qty", "price"))
        if sku:
            rows.append(CartRow(len(rows), sku, qty or "1", units))
    return tuple(rows)


def _wanted(visit: Visit, rows: Sequence[CartRow], values: Mapping[str, str]) -> Wanted:
    lines = [
        WantedLine(row.at + 1, row.sku, _whole(row.qty, f"lines.{row.at}.qty"), _units(visit, row.price, f"lines.{row.at}.price"))
        for row in rows
    ]  # fmt: skip
    points = values["points"]
    return Wanted(
        lines=lines,
        shipping=_units(visit, values["shipping"], "shipping") or 0,
        channel=values["channel"],
        store=values["store"],
        coupons="best" if values["coupons"] == "best" else (),
        points=MOST_POINTS if points == "most" else _whole(points or "0", "points"),
    )


def _whole(text: str, at: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 12:
        raise invalid("not_whole", "%(value)s is not a whole number.", at=at, value=text)
    return int(text)


def _units(visit: Visit, text: str, at: str) -> int | None:
    if not text:
        return None
    try:
        return parse_units(text, visit.house.currency)
    except MoneyError as error:
        raise invalid("bad_amount", "%(value)s is not an amount of %(currency)s.", at=at, value=text, currency=visit.house.currency) from error  # fmt: skip


def _moment(visit: Visit, text: str) -> datetime:
    if not text:
        return visit.now
    try:
        return datetime.fromisoformat(text).replace(tzinfo=visit.house.zone)
    except ValueError:
        raise invalid("bad_moment", "Write a day and a time.", at="at") from None


def _result(visit: Visit, quoted: Quoted) -> Result:
    priced, tier = quoted.priced, tier_title(quoted.cart.tier, visit.now)

    def money(units: int) -> Money:
        return Money(units, visit.house.currency)

    def steps(found: Sequence[Step]) -> tuple[StepRow, ...]:
        return tuple(
            StepRow(kind_name(one.kind), rule_name(one.kind, one.name, one.rule, tier), money(one.minus))
            for one in found
        )

    def miss(one: NotApplied | RefusedCoupon, name: str) -> MissRow:
        why = why_not(one.code, one.params, currency=visit.house.currency, zone=visit.house.zone)
        return MissRow(name, why, what_to_do(one.code))

    def misses(found: Sequence[NotApplied]) -> tuple[MissRow, ...]:
        return tuple(miss(one, rule_name(one.kind, one.name, one.rule, tier)) for one in found)

    def line(one: PricedLine) -> ResultLine:
        return ResultLine(
            sku=one.sku, title=quoted.titles.get(one.sku, ""), qty=one.qty, price=money(one.price), unit=money(one.unit),
            paid=money(one.paid), steps=steps(one.steps), misses=misses(one.not_applied),
        )  # fmt: skip

    return Result(
        lines=tuple(line(one) for one in priced.lines),
        subtotal=money(priced.subtotal),
        totals=tuple(
            (kind_name(kind), money(priced.totals[kind]))
            for kind in KINDS
            if kind != "shipping" and priced.totals[kind]
        ),
        goods=money(priced.goods),
        shipping_fee=money(priced.shipping_fee),
        shipping=money(priced.shipping),
        payable=money(priced.payable),
        gifts=tuple(one.gift_sku or one.name for one in priced.coupons if one.kind == "gift"),
        points=priced.points,
        refused=tuple(miss(one, one.name or _("Coupon")) for one in priced.refused),
        misses=misses(priced.not_applied),
        version=quoted.version,
    )
