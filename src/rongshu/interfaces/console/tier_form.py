"""The ladder of tiers and the rules of growth value between their documents and the fields of a form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rongshu.interfaces.console.pages.tiers import ActivityFields, TierFields

Document = dict[str, Any]
MOST = 12
"""Tiers of a ladder, and activities, in the form."""
_TIER = {
    "code": "code", "title.zh": "zh", "title.en": "en", "title": "zh", "growth": "growth", "keep": "keep",
    "benefits.discount": "discount", "benefits.points": "points", "benefits.early_access_hours": "early",
    "benefits.support": "support", "benefits.gifts.birthday.points": "birthday_points",
    "benefits.gifts.anniversary.points": "anniversary_points", "benefits.gifts.birthday.coupon": "birthday_coupon",
    "benefits.gifts.anniversary.coupon": "anniversary_coupon",
}  # fmt: skip
"""Paths inside a tier, and the fields they stand in."""


def _whole(text: str) -> int | str:
    """A number as documents have it; what is none stays as typed, to be refused by name."""
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else text


def tiers_of(document: Mapping[str, Any]) -> tuple[TierFields, ...]:
    """The fields of a ladder's document, as it reads back."""
    return tuple(_fields(at, one) for at, one in enumerate(document.get("tiers", ())))


def _fields(at: int, one: Mapping[str, Any]) -> TierFields:
    given = one.get("benefits", {})
    gifts = given.get("gifts", {})

    def text(value: object) -> str:
        return "" if value in (None, 0, "") else str(value)

    return TierFields(
        at=at, number=at + 1, code=one["code"], zh=one["title"]["zh"], en=one["title"]["en"], colour=one["colour"],
        picture=one["picture"], growth=str(one["growth"]), keep=text(one.get("keep")), discount=text(given.get("discount")),
        points=text(given.get("points")), free_shipping=bool(given.get("free_shipping")),
        birthday_points=text(gifts.get("birthday", {}).get("points")), birthday_coupon=gifts.get("birthday", {}).get("coupon", ""),
        anniversary_points=text(gifts.get("anniversary", {}).get("points")),
        anniversary_coupon=gifts.get("anniversary", {}).get("coupon", ""), early=text(given.get("early_access_hours")),
        support=given.get("support", ""),
    )  # fmt: skip


def typed_tiers(form: Mapping[str, str], wrong: Mapping[int, frozenset[str]] | None = None) -> tuple[TierFields, ...]:
    """The tiers as they were typed, in their sequence; `wrong` names refused fields by place."""
    found: list[TierFields] = []
    for at in range(MOST):
        if f"tier-{at}-code" not in form:
            continue
        values = {
            name: form.get(f"tier-{at}-{name}", "").strip()[:200]
            for name in (
                "code", "zh", "en", "colour", "picture", "growth", "keep", "discount", "points", "birthday_points",
                "birthday_coupon", "anniversary_points", "anniversary_coupon", "early", "support",
            )
        }  # fmt: skip
        place = len(found)
        found.append(
            TierFields(
                at=place, number=place + 1, free_shipping=f"tier-{at}-free_shipping" in form,
                wrong=(wrong or {}).get(place, frozenset()), **values,
            )
        )  # fmt: skip
    return tuple(found)


def document_of(tiers: Iterable[TierFields], *, currency: str, window: str, months: str, grace: str) -> Document:
    """The document the fields say."""
    found: Document = {"ladder": 1, "currency": currency, "window": window, "grace": _whole(grace or "0")}
    if window != "year" and months:
        found["months"] = _whole(months)
    return {**found, "tiers": [_tier(one) for one in tiers]}


def _tier(one: TierFields) -> Document:
    found: Document = {
        "code": one.code, "title": {"zh": one.zh, "en": one.en or one.zh}, "colour": one.colour, "picture": one.picture,
        "growth": _whole(one.growth),
    }  # fmt: skip
    if one.keep:
        found["keep"] = _whole(one.keep)
    benefits: Document = {}
    if one.discount:
        benefits["discount"] = one.discount if one.discount.endswith("%") else f"{one.discount}%"
    if one.points:
        benefits["points"] = one.points
    if one.free_shipping:
        benefits["free_shipping"] = True
    if one.early:
        benefits["early_access_hours"] = _whole(one.early)
    if one.support:
        benefits["support"] = one.support
    gifts = {}
    for occasion in ("birthday", "anniversary"):
        points, coupon = getattr(one, f"{occasion}_points"), getattr(one, f"{occasion}_coupon")
        if points or coupon:
            gifts[occasion] = {"points": _whole(points or "0"), "coupon": coupon}
    if gifts:
        benefits["gifts"] = gifts
    if benefits:
        found["benefits"] = benefits
    return found


def wrong_fields(paths: Iterable[str]) -> tuple[dict[int, frozenset[str]], frozenset[str]]:
    """Of the paths of problems: the fields of each tier, and those of the ladder itself."""
    tiers: dict[int, set[str]] = {}
    own = set()
    for path in paths:
        found = re.fullmatch(r"tiers\[(\d+)\]\.?(.*)", path)
        if found is None:
            own.add(path)
        else:
            tiers.setdefault(int(found[1]), set()).add(_TIER.get(found[2], found[2]))
    return {at: frozenset(names) for at, names in tiers.items()}, frozenset(own)


def activities_of(document: Mapping[str, Any]) -> tuple[ActivityFields, ...]:
    """The activities of growth rules, as fields."""
    return tuple(
        ActivityFields(
            at, one["id"], one["name"], str(one["growth"]), *(str(one.get(name) or "") for name in ("per_day", "per_month", "ever"))
        )
        for at, one in enumerate(document.get("activities", ()))
    )  # fmt: skip


def typed_activities(form: Mapping[str, str]) -> tuple[ActivityFields, ...]:
    """The activities as they were typed; a line without an id and a name is left out."""
    found: list[ActivityFields] = []
    for at in range(MOST):
        values = [form.get(f"act-{at}-{name}", "").strip()[:100] for name in ("id", "name", "growth", "per_day", "per_month", "ever")]  # fmt: skip
        if any(values):
            found.append(ActivityFields(len(found), *values))
    return tuple(found)


def growth_document(form: Mapping[str, str], *, currency: str) -> Document:
    """The rules of growth value the form says."""
    found: Document = {"growth": 1, "currency": currency}
    if form.get("per") or form.get("growth"):
        found["spending"] = {"per": form.get("per", ""), "growth": _whole(form.get("growth") or "1")}
    if form.get("first_order"):
        found["first_order"] = _whole(form["first_order"])
    activities = []
    for one in typed_activities(form):
        given: Document = {"id": one.id, "name": one.name, "growth": _whole(one.growth)}
        given |= {name: _whole(value) for name in ("per_day", "per_month", "ever") if (value := getattr(one, name))}
        activities.append(given)
    if activities:
        found["activities"] = activities
    return found
