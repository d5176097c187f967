"""What kinds of coupons there are."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from rongshu.domain.commerce.coupons.models import OCCASIONS, RETURNS, CouponKind
from rongshu.domain.commerce.coupons.queries import kind as find_kind
from rongshu.domain.commerce.coupons.terms import PROMISED, Terms, worth_of
from rongshu.engine.money import MAX_UNITS, MILLION
from rongshu.engine.prices.frames import COUPON_KINDS, STACKS
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.ids import new_id, outside

MOST_NAMED = 1000
"""Products, categories or tiers that one kind names."""


def make_kind(*, terms: Terms, by: Actor, now: datetime) -> CouponKind:
    """A new kind. Raises `invalid` for terms that cannot be kept."""
    _check(terms)
    made = CouponKind.add(id=new_id(), made_at=now, changed_at=now, **_columns(terms))
    record("coupon_kind.made", subject=outside("cpk", made.id), by=by, now=now, name=terms.name)
    return made


def change_kind(*, kind_id: int, terms: Terms, by: Actor, now: datetime) -> CouponKind:
    """Changes a kind. Raises `missing`, `invalid`, and `conflict` for what was promised to those who hold one already."""
    _check(terms)
    found: CouponKind | None = CouponKind.objects.select_for_update().filter(id=kind_id).first()
    if found is None:
        raise missing("unknown_kind", "There is no such coupon.")
    columns = _columns(terms)
    if found.given:
        for name in PROMISED:
            if columns[name] != getattr(found, name):
                raise conflict(
                    "promised", "Members hold this coupon: what it is worth and where it holds stays. Make another one.", at=name
                )  # fmt: skip
    if terms.number is not None and terms.number < found.given:
        raise invalid("number_given", "%(given)s are given already.", at="number", given=found.given)
    if terms.budget is not None:
        if found.budget is None and found.given and not worth_of(found):
            raise invalid("no_worth", "A budget needs to know the most that one coupon can cost.", at="budget")
        if terms.budget < found.promised + found.spent:
            raise invalid("budget_promised", "More than this is promised or spent already.", at="budget")
    for name, value in columns.items():
        setattr(found, name, value)
    found.changed_at = now
    found.save(force_update=True, update_fields=[*columns, "changed_at"])
    record("coupon_kind.changed", subject=outside("cpk", kind_id), by=by, now=now, name=terms.name)
    return found


def open_kind(*, kind_id: int, open: bool, by: Actor, now: datetime) -> CouponKind:
    """Gives a kind out again, or no longer; held coupons stay good. Raises `missing`."""
    found = find_kind(kind_id)
    if found.open != open:
        CouponKind.objects.filter(id=kind_id).update(open=open, changed_at=now)
        found.open = open
        record(f"coupon_kind.{'opened' if open else 'closed'}", subject=outside("cpk", kind_id), by=by, now=now)
    return found


def _columns(terms: Terms) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(terms).items()}


def _check(terms: Terms) -> None:
    if not terms.name.strip() or len(terms.name) > 60:
        raise invalid("bad_name", "A name has 1 to 60 letters.", at="name")
    if len(terms.note) > 300:
        raise invalid("bad_note", "A note has at most 300 letters.", at="note")
    if terms.kind not in COUPON_KINDS:
        raise invalid("bad_kind", "There is no such kind of coupon.", at="kind")
    if terms.kind == "fixed" and terms.amount <= 0:
        raise invalid("bad_amount", "Say how much it takes off.", at="amount")
    if terms.kind == "percent" and not 0 < terms.ppm <= MILLION:
        raise invalid("bad_ppm", "It takes off more than 0% and at most 100%.", at="ppm")
    if terms.kind == "gift" and not terms.gift_sku.strip():
        raise invalid("bad_gift", "Say which product is given.", at="gift_sku")
    for at in ("amount", "max_minus", "min_spend"):
        if not 0 <= getattr(terms, at) <= MAX_UNITS:
            raise invalid("bad_amount_range", "This amount is out of range.", at=at)
    _check_limits(terms)
    for at in ("skus", "categories", "except_skus", "tiers"):
        named = getattr(terms, at)
        if len(named) > MOST_NAMED or any(not one or len(one) > 100 for one in named):
            raise invalid("bad_list", "Name at most %(most)s, each of 1 to 100 letters.", at=at, most=MOST_NAMED)
    if not set(terms.stacks) <= set(STACKS):
        raise invalid("bad_stacks", "There is no such reduction.", at="stacks")
    if terms.returns not in RETURNS:
        raise invalid("bad_returns", "There is no such rule.", at="returns")
    if terms.occasion not in OCCASIONS:
        raise invalid("bad_occasion", "There is no such occasion.", at="occasion")


def _check_limits(terms: Terms) -> None:
    if terms.valid_until is not None and terms.valid_until <= terms.valid_from:
        raise invalid("bad_validity", "It ends before it begins.", at="valid_until")
    if terms.days is not None and not 1 <= terms.days <= 3650:
        raise invalid("bad_days", "Give 1 to 3650 days.", at="days")
    if terms.number is not None and not 1 <= terms.number <= 10**9:
        raise invalid("bad_number", "Give a number of at least 1, or none for no limit.", at="number")
    if not 0 <= terms.per_person <= 1000:
        raise invalid("bad_per_person", "Give 0 (no limit) to 1000.", at="per_person")
    if not 0 <= terms.remind_days <= 60:
        raise invalid("bad_remind", "Give 0 (never) to 60 days.", at="remind_days")
    if terms.budget is not None:
        if not 1 <= terms.budget <= 10**15:
            raise invalid("bad_budget", "This budget is out of range.", at="budget")
        if not worth_of(terms):
            at = "max_minus" if terms.kind == "percent" else "amount"
            raise invalid("no_worth", "A budget needs to know the most that one coupon can cost.", at=at)
