"""The document of price rules as classes, key by key: money as minor units, percentages as parts per million."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from rongshu.engine.money import format_units
from rongshu.engine.plan.fields import (
    Categories,
    Count,
    Currency,
    Id,
    Money,
    Name,
    Percent,
    Words,
    one_or_many,
    read_date,
    read_whole,
    write_percent,
    wrong,
)
from rongshu.engine.plan.model import Listed, Part
from rongshu.engine.plan.problems import shown
from rongshu.engine.prices.frames import Scope

Document = dict[str, Any]
Stage = Literal["member_price", "sale", "bundle"]
BEFORE: tuple[Stage, ...] = ("member_price", "sale", "bundle")
"""Prices that a line may have got before a full reduction is looked at."""
MAX_COUPONS = 5
MAX_RULES = 500
MOMENT = "%Y-%m-%d %H:%M"


def read_moment(value: Any) -> datetime:
    """A minute of the tenant's wall clock: `2026-11-11 20:00`, or a day, meaning its beginning."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.replace(second=0, microsecond=0)
    elif isinstance(value, date) or (isinstance(value, str) and len(value) == len("2026-11-11")):
        return datetime.combine(read_date(value), datetime.min.time())
    elif isinstance(value, str):
        try:
            return datetime.strptime(value.replace("T", " "), MOMENT)  # noqa: DTZ007 the tenant's wall clock
        except ValueError:
            pass
    raise wrong("not_moment", value=shown(str(value)))


def read_hours(value: Any) -> tuple[int, int]:
    """Minutes of the day of `10:00-22:00`, the end exclusive; `22:00-02:00` passes midnight."""
    parts = value.split("-") if isinstance(value, str) else []
    minutes = []
    for part in parts:
        hour, colon, minute = part.strip().partition(":")
        if colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2 and int(minute) < 60:
            minutes.append(int(hour) * 60 + int(minute))
    if len(minutes) != 2 or minutes[0] >= 1440 or minutes[1] > 1440 or minutes[0] == minutes[1]:
        raise wrong("not_hours", value=shown(value))
    return minutes[0], minutes[1]


Moment = Annotated[datetime, BeforeValidator(read_moment)]
Hours = Annotated[tuple[int, int], BeforeValidator(read_hours)]
Weekdays = Annotated[
    tuple[Annotated[int, BeforeValidator(lambda value: read_whole(value, 1, 7))], ...], BeforeValidator(one_or_many)
]
"""1 is Monday."""
Pieces = Annotated[int, BeforeValidator(lambda value: read_whole(value, 1, 1000))]
Together = Annotated[int, BeforeValidator(lambda value: read_whole(value, 1, MAX_COUPONS))]
Stages = Annotated[tuple[Stage, ...], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)]


class Of(Part):
    """Which products; without skus and categories all of them."""

    skus: Words | None = None
    categories: Categories | None = None
    except_skus: Words | None = None

    @cached_property
    def scope(self) -> Scope:
        """The same, for asking."""
        return Scope(frozenset(self.skus or ()), self.categories or (), frozenset(self.except_skus or ()))


EVERYTHING = Scope()


class When(Part):
    """Conditions of a rule: all that are given must hold; a list means any of. `to` is exclusive."""

    tiers: Words | None = None
    first_order: bool | None = None
    channels: Words | None = None
    stores: Words | None = None
    segments: Words | None = None
    start: Moment | None = Field(default=None, alias="from")
    end: Moment | None = Field(default=None, alias="to")
    weekdays: Weekdays | None = None
    hours: Hours | None = None


class Rule(Part):
    """What every rule has: `id` is what steps name, `name` what people read."""

    id: Id
    name: Name
    when: When | None = None


class MemberPrice(Rule):
    """A price for members: exactly one of `discount`, `minus`, `fixed`. Without `when.tiers`: every member with a tier."""

    of: Of | None = None
    discount: Percent | None = None
    minus: Money | None = None
    fixed: Money | None = None

    @property
    def scope(self) -> Scope:
        """The products it means."""
        return EVERYTHING if self.of is None else self.of.scope


class Sale(MemberPrice):
    """A price for a time, for everybody. `with_member_price`: taken off the member price, instead of the lower of both."""

    with_member_price: bool = False


class BundlePart(Part):
    """Some pieces of a bundle."""

    of: Of | None = None
    pieces: Pieces = 1

    @property
    def scope(self) -> Scope:
        """The products it means."""
        return EVERYTHING if self.of is None else self.of.scope


class Bundle(Rule):
    """Pieces bought together: for a price, with something off, or with a discount on the cheapest piece."""

    parts: Listed[BundlePart]
    price: Money | None = None
    minus: Money | None = None
    discount: Percent | None = None
    cheapest: Percent | None = None
    times: Count | None = None
    goes_with: Stages = ("member_price", "sale")


class ReductionStep(Part):
    """From `spend` or `pieces` on: `minus` or `discount`."""

    spend: Money | None = None
    pieces: Count | None = None
    minus: Money | None = None
    discount: Percent | None = None


class Each(Part):
    """For every full `spend`: `minus`, at most `times`."""

    spend: Money
    minus: Money
    times: Count | None = None


class Reduction(Rule):
    """A full reduction 满减: `steps` (the highest reached counts) or `each`."""

    of: Of | None = None
    steps: Listed[ReductionStep] = ()
    each: Each | None = None
    goes_with: Stages = BEFORE

    @property
    def scope(self) -> Scope:
        """The products it means."""
        return EVERYTHING if self.of is None else self.of.scope


class ShippingRule(Rule):
    """Shipping is free, or `minus` cheaper, from `spend` on."""

    spend: Money
    minus: Money | None = None


class Rules(Part):
    """Everything a tenant says about prices."""

    currency: Currency
    member_prices: Listed[MemberPrice] = ()
    sales: Listed[Sale] = ()
    bundles: Listed[Bundle] = ()
    reductions: Listed[Reduction] = ()
    shipping: Listed[ShippingRule] = ()
    coupons_together: Together = 3

    @cached_property
    def asks(self) -> frozenset[str]:
        """The conditions that any rule has: what has to be known of a member."""
        whens = [rule.when for group in GROUPS for rule in getattr(self, group) if rule.when is not None]
        return frozenset(name for when in whens for name in When.model_fields if getattr(when, name) is not None)

    def canonical(self) -> Document:
        """The document in one fixed form of JSON-able values; reads back equal."""
        return _canonical(self, self.currency)


GROUPS = ("member_prices", "sales", "bundles", "reductions", "shipping")
"""The lists of rules, in the order of the stages."""
_MONEY = {"minus", "fixed", "price", "spend"}
_PERCENT = {"discount", "cheapest"}


def _canonical(part: Part, currency: str) -> Document:
    document: Document = {}
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        if value is None or (value == field.default and not field.is_required()):
            continue
        document[field.alias or name] = _written(name, value, currency)
    return document


def _written(name: str, value: Any, currency: str) -> Any:
    if name in _MONEY:
        return format_units(value, currency)
    if name in _PERCENT:
        return write_percent(value)
    if name == "hours":
        return "-".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in value)
    if isinstance(value, datetime):
        return value.strftime(MOMENT)
    if isinstance(value, Part):
        return _canonical(value, currency)
    if isinstance(value, tuple):
        return [_written("", one, currency) for one in value]
    return value
