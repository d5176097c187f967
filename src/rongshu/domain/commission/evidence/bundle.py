"""What a bundle says: the parts, each a JSON value without fractions; money as decimal text, people by their place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rongshu.domain.commission.evidence.usage import used_before
from rongshu.domain.commission.explanations.found import Found
from rongshu.domain.commission.explanations.queries import explained
from rongshu.domain.commission.explanations.ranks import ranks_held
from rongshu.domain.commission.explanations.rerated import corrections_of
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.rating.models import PENDING, RELEASED, REPLACED, Commission
from rongshu.engine.calendar import DAY
from rongshu.engine.evidence.orders import FIRSTS, STATES
from rongshu.engine.money import format_units
from rongshu.engine.plan import Plan
from rongshu.engine.rating.frames import IS_BUYER, KINDS
from rongshu.kernel.clock import to_micros
from rongshu.kernel.founding import LANGUAGES
from rongshu.kernel.ids import outside
from rongshu.ledger.books import Book

_FIRSTS = {number: word for word, number in FIRSTS.items()}
_STATES = {PENDING: "pending", RELEASED: "released"}


def replaced_rows(order_id: int) -> list[Commission]:
    """The rows of an order that re-ratings replaced."""
    return list(Commission.objects.filter(order_id=order_id, state=REPLACED).order_by("row"))


def parts_of(found: Found) -> dict[str, Any]:
    """The parts of a bundle, for `found.reader` alone or for whoever may see everybody."""
    money = _Money(found.house.currency)
    return {
        "house": {"name": found.house.name, "currency": found.house.currency, "zone": str(found.house.zone)},
        "order": _order(found, money),
        "lines": _lines(found, money),
        "refunds": _refunds(found, money),
        "chain": _chain(found),
        "plan": None if found.version is None or found.plan is None else plan_part(found.version, found.plan),
        "used": [
            {"place": place + 1, "day": money(day), "month": money(month)} for place, day, month in used_before(found)
        ],
        "rows": [_row(found, row, money) for row in found.commissions],
        "replaced": [_replaced(found, row, money) for row in replaced_rows(found.order.id)],
        "transfers": _transfers(found, money),
        "explanation": _told(found),
    }


class _Money:
    def __init__(self, currency: str) -> None:
        self.currency = currency

    def __call__(self, units: int) -> str:
        return format_units(units, self.currency)


def _iso(instant: datetime | None) -> str | None:
    """UTC, as exact as it is stored."""
    return None if instant is None else instant.isoformat()


def _place(found: Found, member: int | None) -> int | None:
    """From 1; 0 for the reader of a proof who stands in the chain no more, None for anybody else outside of it."""
    chain = found.rating.chain
    if member in chain:
        return chain.index(member) + 1
    return 0 if member is not None and member == found.reader else None


def _order(found: Found, money: _Money) -> dict[str, Any]:
    order = found.order
    seen = order.buyer_id is not None and found.reader in (None, order.buyer_id)
    return {
        "id": outside("ord", order.id),
        "source": order.source,
        "external_id": order.external_id,
        "paid": money(order.paid),
        "paid_at": _iso(order.paid_at),
        "completed_at": _iso(order.completed_at),
        "cancelled_at": _iso(order.cancelled_at),
        "first": _FIRSTS[found.rating.first],
        "buyer": found.who(order.buyer_id).as_json() if seen and order.buyer_id is not None else None,
        "buyer_place": _buyer_place(found),
        "credited_by": order.credited_by or None,
        "tier": order.tier,
        "channel": order.channel,
        "store": order.store,
        "region": order.region,
        "rated_at": _iso(found.rating.rated_at),
        "due_at": _iso(found.rating.due_at),
        "released_at": _iso(found.rating.released_at),
        "told_place": None if found.reader is None else _place(found, found.reader),
    }


def _buyer_place(found: Found) -> int | None:
    """Where the buyer stands in the chain, as far as rating cares: not where the buyer is inactive there."""
    states, plan = list(found.rating.states), found.plan
    if IS_BUYER in states:
        return states.index(IS_BUYER) + 1
    rebate = plan is not None and plan.self_purchase == "rebate"
    return 1 if rebate and _place(found, found.order.buyer_id) == 1 else None


def _lines(found: Found, money: _Money) -> list[dict[str, Any]]:
    """Cost is the house's own affair and said only where rates apply to the margin."""
    costly = found.plan is not None and found.plan.basis == "margin"
    return [
        {
            "line_no": line.line_no, "sku": line.sku, "category": line.category, "qty": line.qty,
            "paid": money(line.paid), "cost": money(line.cost) if costly else None,
        }
        for line in found.lines
    ]  # fmt: skip


def _refunds(found: Found, money: _Money) -> list[dict[str, Any]]:
    return [
        {
            "id": outside("ref", refund.id), "external_id": refund.external_id, "line_no": refund.line_no,
            "amount": money(refund.amount), "refunded_at": _iso(refund.refunded_at),
        }
        for refund in found.refunds
    ]  # fmt: skip


def _chain(found: Found) -> list[dict[str, Any]]:
    """`days` are the whole days from joining to the payment, below 0 for who joined later."""
    rating, ranks = found.rating, ranks_held(found)
    paid_at = to_micros(found.order.paid_at)
    joined = found.joinings()
    return [
        {
            "place": place + 1,
            "promoter": found.who(member).as_json(),
            "rank": ranks[place] or None,
            "state": STATES[state],
            "days": None if member not in joined else (paid_at - joined[member]) // DAY,
        }
        for place, (member, state) in enumerate(zip(rating.chain, rating.states, strict=True))
    ]


def plan_part(version: PlanVersion, plan: Plan) -> dict[str, Any]:
    """The version that counts, with its whole document."""
    return {
        "number": version.number,
        "name": version.name,
        "effective_from": _iso(version.effective_from),
        "published_at": _iso(version.published_at),
        "document": plan.canonical(),
    }


def _row(found: Found, row: Commission, money: _Money) -> dict[str, Any]:
    return {
        "row": row.row,
        "line_no": row.line_no,
        "kind": KINDS[row.kind],
        "level": row.level,
        "place": _place(found, row.beneficiary_id),
        "rule": row.rule,
        "base": money(row.base),
        "ppm": None if row.ppm < 0 else row.ppm,
        "before_caps": money(row.before_caps),
        "cut_order": money(row.cut_order),
        "cut_day": money(row.cut_day),
        "cut_month": money(row.cut_month),
        "amount": money(row.amount),
        "reversed": money(row.reversed),
        "state": _STATES[row.state],
    }


def _replaced(found: Found, row: Commission, money: _Money) -> dict[str, Any]:
    """A row that a re-rating took back whole: kept so that its transfers are accounted for."""
    return {
        "row": row.row,
        "line_no": row.line_no,
        "kind": KINDS[row.kind],
        "level": row.level,
        "place": _place(found, row.beneficiary_id),
        "amount": money(row.amount),
    }


def _transfers(found: Found, money: _Money) -> list[dict[str, Any]]:
    """What the ledger moved for this order; in a proof only what moved to or from its promoter."""

    def side(owner: int, book: Book) -> dict[str, Any]:
        return {"place": _place(found, owner), "book": book.name.lower()}

    return [
        {
            "journal": str(moved.journal), "line": moved.line, "row": moved.about_row, "at": _iso(moved.at),
            "from": side(*moved.debit), "to": side(*moved.credit), "amount": money(moved.amount),
        }
        for moved in found.transfers
        if found.reader is None or found.reader in (moved.debit[0], moved.credit[0])
    ]  # fmt: skip


def _told(found: Found) -> dict[str, Any]:
    """The explanation in every language; `rows` and `chain` beside the parts of those names."""
    explanation = explained(found)
    corrections = corrections_of(found.order.id, reader=found.reader)
    return {
        language: {
            "summary": explanation.summary(language),
            "nothing": explanation.why_nothing(language) or None,
            "chain": [place.sentence(language) for place in explanation.chain],
            "rows": [row.sentence(language) for row in explanation.commissions],
            "refunds": [refund.sentence(language) for refund in explanation.refunds],
            "corrections": [one.sentence(language) for one in corrections],
        }
        for language in LANGUAGES
    }
