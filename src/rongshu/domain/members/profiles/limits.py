"""What a field takes: its limits as they are kept, and one value read against them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from rongshu.domain.members.profiles.models import CHOICE, CHOICES, DATE, NUMBER, TEXT
from rongshu.kernel.errors import invalid

MOST_OPTIONS = 100
LONGEST_TEXT, LONGEST_NAME = 500, 60
LARGEST = Decimal(10) ** 12
MOST_PLACES = 6
_OPTION = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def names_of(given: Mapping[str, Any], at: str) -> dict[str, str]:
    """A name in two languages, at least one of them given. Raises `invalid`."""
    names = {language: " ".join(str(given.get(language) or "").split()) for language in ("zh", "en")}
    if not any(names.values()):
        raise invalid("nameless", "Give it a name in at least one language.", at=at)
    if any(len(name) > LONGEST_NAME for name in names.values()):
        raise invalid("long_name", "A name has at most %(most)s characters.", at=at, most=LONGEST_NAME)
    return names


def titled(names: Mapping[str, str], language: str) -> str:
    """A name in a language (`zh…`, else English), the other one where it has none."""
    first, second = ("zh", "en") if language.startswith("zh") else ("en", "zh")
    return names.get(first) or names.get(second) or ""


def limits_of(kind: str, given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Limits of a field as they are kept; options that were there before and are left out stay, switched off. Raises `invalid`."""
    if kind == TEXT:
        return {"longest": _whole(given, "longest", 200, 1, LONGEST_TEXT)}
    if kind == NUMBER:
        least, most = (_bound(given, name) for name in ("least", "most"))
        if least is not None and most is not None and least > most:
            raise invalid("limits_crossed", "The least is above the most.", at="limits.least")
        bounds = {name: str(bound) for name, bound in (("least", least), ("most", most)) if bound is not None}
        return bounds | {"places": _whole(given, "places", 0, 0, MOST_PLACES)}
    if kind == DATE:
        since, until = (_day(given, name) for name in ("since", "until"))
        if since is not None and until is not None and since > until:
            raise invalid("limits_crossed", "The least is above the most.", at="limits.since")
        return {name: day.isoformat() for name, day in (("since", since), ("until", until)) if day is not None}
    if kind in (CHOICE, CHOICES):
        return {"options": _options(given.get("options") or (), before.get("options") or ())}
    return {}


def _whole(given: Mapping[str, Any], name: str, without: int, least: int, most: int) -> int:
    value = given.get(name)
    if value in (None, ""):
        return without
    try:
        number = int(str(value))
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise invalid(
            "bad_limit", "Give a whole number from %(least)s to %(most)s.", at=f"limits.{name}", least=least, most=most
        )
    return number


def decimal_of(value: Any) -> Decimal | None:
    """A number as it is written, None for what is none (and for what is beyond a million millions)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) <= LARGEST else None


def plain(number: Decimal) -> str:
    """A number as people write it: `41.5`, `100`."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _bound(given: Mapping[str, Any], name: str) -> Decimal | None:
    if given.get(name) in (None, ""):
        return None
    number = decimal_of(given[name])
    if number is None:
        raise invalid("no_number", "This is no number.", at=f"limits.{name}")
    return number


def day_of(value: Any) -> date | None:
    """A day written as 2026-05-01, None for what is none."""
    try:
        return date.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None


def _day(given: Mapping[str, Any], name: str) -> date | None:
    if given.get(name) in (None, ""):
        return None
    day = day_of(given[name])
    if day is None:
        raise invalid("no_day", "A day looks like 2026-05-01.", at=f"limits.{name}")
    return day


def _options(given: Any, before: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list | tuple) or not given:
        raise invalid("no_options", "Give at least one option.", at="limits.options")
    options: dict[str, dict[str, Any]] = {}
    for place, one in enumerate(given):
        at = f"limits.options.{place}"
        code = one.get("code") if isinstance(one, Mapping) else None
        if not isinstance(code, str) or not _OPTION.fullmatch(code):
            raise invalid("bad_option_code", "An option's code has small letters, digits, - and _.", at=f"{at}.code")
        if code in options:
            raise invalid("option_twice", "The option %(name)s is there twice.", at=at, name=code)
        options[code] = {"code": code, **names_of(one, at)} | ({"off": True} if one.get("off") else {})
    for one in before:
        options.setdefault(one["code"], {**one, "off": True})
    if len(options) > MOST_OPTIONS:
        raise invalid("options_full", "A field has at most %(most)s options.", at="limits.options", most=MOST_OPTIONS)
    return list(options.values())
