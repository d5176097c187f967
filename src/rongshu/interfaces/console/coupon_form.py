"""The form of a kind of coupon, read and filled in. Times are the tenant's; lists one name a line, or parted by commas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from rongshu.domain.commerce.coupons.models import ALWAYS, NEVER, CouponKind
from rongshu.domain.commerce.coupons.terms import Terms, worth_of
from rongshu.engine.money import MoneyError, format_units, parse_units
from rongshu.engine.prices.frames import STACKS
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.templatetags.faces import money_text
from rongshu.kernel.errors import invalid
from rongshu.kernel.tenancy.queries import House

FIELDS = (
    "name", "kind", "amount", "percent", "max_minus", "min_spend", "skus", "categories", "except_skus", "tiers", "gift_sku",
    "valid_from", "valid_until", "days", "budget", "number", "per_person", "returns", "claimable", "shareable", "occasion",
    "remind_days", "note",
)  # fmt: skip
EMPTY = {
    **dict.fromkeys(FIELDS, ""), "kind": "fixed", "per_person": "1", "returns": "whole", "remind_days": "3",
    **{f"with-{one}": "yes" for one in STACKS},
}  # fmt: skip
_PARTS = re.compile(r"[\n\r,，、]+")


def typed(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, each at most 20,000 letters."""
    names = [*FIELDS, *(f"with-{one}" for one in STACKS)]
    found = {name: form.get(name, "").strip()[:20_000] for name in names}
    if isinstance(form, QueryDict):
        found["tiers"] = "\n".join(form.getlist("tiers"))[:20_000]
    return found


def terms_of(values: Mapping[str, str], house: House, now: datetime) -> Terms:
    """What was typed as terms. Raises `invalid` for what cannot be read; the action looks at the rest."""
    kind = values["kind"]
    return Terms(
        name=values["name"],
        kind=kind,
        amount=_money(values, "amount", house) if kind != "percent" else 0,
        ppm=_percent(values["percent"]) if kind == "percent" else 0,
        max_minus=_money(values, "max_minus", house) if kind == "percent" else 0,
        min_spend=_money(values, "min_spend", house),
        skus=_names(values["skus"]),
        categories=_names(values["categories"]),
        except_skus=_names(values["except_skus"]),
        tiers=_names(values["tiers"]),
        stacks=tuple(one for one in STACKS if values.get(f"with-{one}") == "yes"),
        gift_sku=values["gift_sku"] if kind == "gift" else "",
        valid_from=_instant(values, "valid_from", house) or now,
        valid_until=_instant(values, "valid_until", house),
        days=_number(values, "days"),
        budget=_money(values, "budget", house) if values["budget"] else None,
        number=_number(values, "number"),
        per_person=_number(values, "per_person") or 0,
        returns=values["returns"],
        claimable=values["claimable"] == "yes",
        shareable=values["shareable"] == "yes",
        occasion=values["occasion"],
        remind_days=_number(values, "remind_days") or 0,
        note=values["note"],
    )


def filled(one: CouponKind, house: House) -> dict[str, str]:
    """A kind as the form shows it."""

    def amount(units: int | None) -> str:
        return format_units(units, house.currency) if units else ""

    def number(value: int | None) -> str:
        return "" if value is None else str(value)

    def at(instant: datetime | None) -> str:
        return "" if instant is None else instant.astimezone(house.zone).strftime("%Y-%m-%dT%H:%M:%S")

    return {
        "name": one.name, "kind": one.kind, "amount": amount(one.amount), "percent": f"{one.ppm / 10_000:g}" if one.ppm else "",
        "max_minus": amount(one.max_minus), "min_spend": amount(one.min_spend), "skus": "\n".join(one.skus),
        "categories": "\n".join(one.categories), "except_skus": "\n".join(one.except_skus), "tiers": "\n".join(one.tiers),
        "gift_sku": one.gift_sku, "valid_from": at(one.valid_from), "valid_until": at(one.valid_until), "days": number(one.days),
        "budget": amount(one.budget), "number": number(one.number), "per_person": str(one.per_person), "returns": one.returns,
        "claimable": "yes" if one.claimable else "", "shareable": "yes" if one.shareable else "", "occasion": one.occasion,
        "remind_days": str(one.remind_days), "note": one.note, **{f"with-{each}": "yes" for each in one.stacks},
    }  # fmt: skip


def meaning(terms: Terms | CouponKind, currency: str) -> tuple[str, ...]:
    """What the terms mean for the brand: how many there are, what they can cost, when one comes back."""
    said, worth = [], worth_of(terms)
    numbers = [] if terms.number is None else [terms.number]
    if terms.budget is not None and worth:
        numbers.append(terms.budget // worth)
    if numbers and worth:
        said.append(
            _("At most %(number)s coupons, which cost at most %(amount)s.")
            % {"number": f"{min(numbers):,}", "amount": money_text(Money(min(numbers) * worth, currency))}
        )
    elif numbers:
        said.append(
            _("At most %(number)s coupons; what one can cost is not limited.") % {"number": f"{min(numbers):,}"}
        )
    else:
        said.append(_("As many as are asked for: neither number nor budget limits it."))
    said.append(_("Each person may have %(number)s.") % {"number": terms.per_person} if terms.per_person else _("Each person may have any number."))  # fmt: skip
    if terms.returns == NEVER:
        said.append(_("It does not come back after a refund."))
    elif terms.returns == ALWAYS:
        said.append(_("It comes back after any refund of its order."))
    else:
        said.append(_("It comes back when its order is refunded wholly."))
    return tuple(said)


def _money(values: Mapping[str, Any], name: str, house: House) -> int:
    try:
        return parse_units(values[name] or "0", house.currency)
    except MoneyError:
        raise invalid("bad_amount_text", "%(text)s is not an amount in %(currency)s.", at=name, text=values[name][:40], currency=house.currency) from None  # fmt: skip


def _percent(text: str) -> int:
    try:
        return parse_units(text.removesuffix("%") or "0", "KWD") * 10  # three decimals are exact in parts per million
    except MoneyError:
        raise invalid("bad_percent", "Give a percentage, such as 20.", at="percent") from None


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in _PARTS.split(text) if part.strip()))


def _number(values: Mapping[str, str], name: str) -> int | None:
    text = values[name]
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise invalid("no_number", "Give a number.", at=name)
    return int(text)


def _instant(values: Mapping[str, str], name: str, house: House) -> datetime | None:
    if not values[name]:
        return None
    try:
        return datetime.fromisoformat(values[name]).replace(tzinfo=house.zone)
    except ValueError:
        raise invalid("no_instant", "Give a day and a time.", at=name) from None
