"""The ladder of tiers, validated: what each tier asks for, what it gives, how it is kept. Its meaning stands in
`docs/algorithms/tiers.md`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from rongshu.engine.money import MILLION
from rongshu.engine.plan.fields import Currency, Name, Percent, Rank, read_text, read_whole, write_percent
from rongshu.engine.plan.model import Listed, Part
from rongshu.engine.plan.problems import PlanError, Problem, shown
from rongshu.engine.plan.reading import read_document
from rongshu.engine.points.rules import read_factor, write_factor

Document = dict[str, Any]
MAX_GROWTH = 10**12
COLOURS = ("bronze", "silver", "gold", "jade", "sapphire", "ruby", "violet", "onyx")
"""Colours a card may have; the stylesheet knows them."""
PICTURES = ("leaf", "sprout", "tree", "star", "crown", "gem")
NONE = -1
"""The index of no tier."""

Growth = Annotated[int, BeforeValidator(lambda value: read_whole(value, 1, MAX_GROWTH))]
GrowthOrNone = Annotated[int, BeforeValidator(lambda value: read_whole(value, 0, MAX_GROWTH))]
Months = Annotated[int, BeforeValidator(lambda value: read_whole(value, 1, 60))]
Grace = Annotated[int, BeforeValidator(lambda value: read_whole(value, 0, 366))]
Hours = Annotated[int, BeforeValidator(lambda value: read_whole(value, 0, 720))]
PointsOrNone = Annotated[int, BeforeValidator(lambda value: read_whole(value, 0, 10**9))]
Multiplier = Annotated[int, BeforeValidator(lambda value: read_factor(value) * (MILLION // 100))]
"""Parts per million of `1.5`."""
Support = Annotated[str, BeforeValidator(lambda value: value if value == "" else read_text(value, 200))]


class Gift(Part):
    """What somebody is given on a day: points, and a coupon by the code of its kind (`` for none)."""

    points: PointsOrNone = 0
    coupon: Support = ""

    def __bool__(self) -> bool:
        return bool(self.points or self.coupon)


class Gifts(Part):
    """Gifts by occasion."""

    birthday: Gift = Field(default_factory=Gift)
    anniversary: Gift = Field(default_factory=Gift)


class Benefits(Part):
    """What a tier gives. Without anything: what a member without a tier has.

    Commission rates are no benefit here: plans have conditions on the buyer's tier.
    """

    discount: Percent = 0
    """Parts per million off every price."""
    points_ppm: Multiplier = Field(default=MILLION, alias="points")
    """What earned points are multiplied by, parts per million; written `points: 1.5`."""
    free_shipping: bool = False
    gifts: Gifts = Field(default_factory=Gifts)
    early_access_hours: Hours = 0
    support: Support = ""
    """How the tier's own support is reached, as members read it."""

    def canonical(self) -> Document:
        found: Document = {}
        if self.discount:
            found["discount"] = write_percent(self.discount)
        if self.points_ppm != MILLION:
            found["points"] = write_factor(self.points_ppm // (MILLION // 100))  # whole: read in hundredths
        if self.free_shipping:
            found["free_shipping"] = True
        gifts = {name: one.model_dump() for name in ("birthday", "anniversary") if (one := getattr(self.gifts, name))}
        if gifts:
            found["gifts"] = gifts
        if self.early_access_hours:
            found["early_access_hours"] = self.early_access_hours
        if self.support:
            found["support"] = self.support
        return found


class Title(Part):
    """What people call the tier."""

    zh: Name
    en: Name


class Tier(Part):
    """One tier; `code` is what members, orders and plans call it."""

    code: Rank
    title: Title
    colour: Literal["bronze", "silver", "gold", "jade", "sapphire", "ruby", "violet", "onyx"] = "silver"
    picture: Literal["leaf", "sprout", "tree", "star", "crown", "gem"] = "star"
    growth: Growth
    """Growth value of the window from which on a member rises to it."""
    keep: Growth | None = None
    """Growth value of the window that keeps it when it is assessed; None: as much as rising asked for."""
    benefits: Benefits = Field(default_factory=Benefits)

    @property
    def kept_from(self) -> int:
        return self.growth if self.keep is None else self.keep

    def titled(self, language: str) -> str:
        """What people call it in a language (`zh-hans`, `en`)."""
        return self.title.zh if language.startswith("zh") else self.title.en

    def canonical(self) -> Document:
        found: Document = {"code": self.code, "title": self.title.model_dump(), "colour": self.colour,
                           "picture": self.picture, "growth": self.growth}  # fmt: skip
        if self.keep is not None:
            found["keep"] = self.keep
        if given := self.benefits.canonical():
            found["benefits"] = given
        return found


class Ladder(Part):
    """The tiers of a brand, lowest first. Nobody is without a growth value that the lowest does not ask for."""

    ladder: Literal[1] = 1
    currency: Currency
    window: Literal["year", "rolling", "ever"] = "rolling"
    """What counts: the calendar year, assessed on 1 January; or the last `months` months with the present one,
    each member assessed `months` months after they rose or were last assessed; or all there ever was, assessed as often: then only refunds make anybody fall."""
    months: Months = 12
    grace: Grace = 0
    """Days a member below what keeps the tier has to make up for it."""
    tiers: Listed[Tier]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(one.code for one in self.tiers)

    def index(self, code: str) -> int:
        """The place of a tier from the lowest, NONE for a code the ladder does not know."""
        return self.codes.index(code) if code in self.codes else NONE

    def tier(self, code: str) -> Tier | None:
        """The tier of a code."""
        return next((one for one in self.tiers if one.code == code), None)

    def canonical(self) -> Document:
        """The document in one fixed form of JSON-able values; reads back equal."""
        months = {"months": self.months} if self.window != "year" else {}
        return {"ladder": 1, "currency": self.currency, "window": self.window, **months, "grace": self.grace,
                "tiers": [one.canonical() for one in self.tiers]}  # fmt: skip


_SHAPES: Mapping[tuple[str, ...], type[BaseModel]] = {
    (): Ladder, ("tiers", "*"): Tier, ("tiers", "*", "title"): Title, ("tiers", "*", "benefits"): Benefits,
    ("tiers", "*", "benefits", "gifts"): Gifts, ("tiers", "*", "benefits", "gifts", "birthday"): Gift,
    ("tiers", "*", "benefits", "gifts", "anniversary"): Gift,
}  # fmt: skip


def read_ladder(source: str | bytes | Mapping[Any, Any]) -> Ladder:
    """The ladder a document describes: YAML or JSON text, or a parsed mapping.

    Raises PlanError with every problem found, each with its path.
    """
    ladder = read_document(source, Ladder, _SHAPES, _check)
    if problems := list(_contradictions(ladder)):
        raise PlanError(problems)
    return ladder


def _check(document: Mapping[Any, Any]) -> Iterator[Problem]:
    if document.get("tiers") == []:
        yield Problem("tiers", "empty_list")


def _contradictions(ladder: Ladder) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    below: Tier | None = None
    for at, one in enumerate(ladder.tiers):
        path = f"tiers[{at}]"
        if one.code in seen:
            yield Problem(f"{path}.code", "rank_twice", {"value": shown(one.code), "first": seen[one.code]})
        seen.setdefault(one.code, path)
        if below is not None and one.growth <= below.growth:
            yield Problem(f"{path}.growth", "too_small", {"value": one.growth, "least": below.growth + 1})
        if below is not None and one.kept_from < below.kept_from:
            yield Problem(f"{path}.keep", "too_small", {"value": one.kept_from, "least": below.kept_from})
        if one.kept_from > one.growth:
            yield Problem(f"{path}.keep", "too_big", {"value": one.kept_from, "most": one.growth})
        below = one
