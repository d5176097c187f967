"""The kinds of values a plan is written with: percentages, money, words, days. Each reads one value or says why not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from rongshu.engine.money import MILLION, MoneyError, is_currency, parse_units
from rongshu.engine.plan.problems import shown

MAX_DAYS = 36_500
MAX_COUNT = 100_000_000
_PERCENT = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,4}))?%")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_JURISDICTION = re.compile(r"[A-Z]{2}")
_ID_FORBIDDEN = re.compile(r"[+\s\x00-\x1f\x7f]")
_ID_RESERVED = re.compile(r"level-[0-9]+|rank:.*|peer:.*")


def wrong(code: str, **params: str | int) -> PydanticCustomError:
    """The error of a value; `code` is a key of `problems.TEMPLATES`."""
    return PydanticCustomError(code, code, params or None)


def read_percent(value: Any) -> int:
    """Parts per million of `10%` or `0.5%`."""
    found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise wrong("not_percent", value=shown(value))
    ppm = int(found.group(1)) * 10_000 + int((found.group(2) or "").ljust(4, "0"))
    if ppm > MILLION:
        raise wrong("percent_too_big", value=shown(value))
    return ppm


def write_percent(ppm: int) -> str:
    """`10%` for 100 000: the shortest text that reads back as the same rate."""
    whole, part = divmod(ppm, 10_000)
    return f"{whole}.{part:04d}".rstrip("0").rstrip(".") + "%"


def read_money(value: Any, info: ValidationInfo) -> int:
    """Minor units of a decimal string in the plan's currency (from the validation context)."""
    if isinstance(value, float):
        raise wrong("money_float", value=shown(value))
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise wrong("not_money", value=shown(value))
    currency = (info.context or {}).get("currency")
    try:
        # Without a currency to count its digits, those of the finest one are accepted: the currency is reported.
        units = parse_units(str(value), str(currency) if is_currency(currency) else "CLF")
    except MoneyError as error:
        if error.code == "too_many_decimals":
            raise wrong("money_decimals", **{**error.params, "value": shown(value)}) from None
        if error.code == "too_large":
            raise wrong("money_too_large", **{**error.params, "value": shown(value)}) from None
        raise wrong("not_money", value=shown(value)) from None
    if units < 0:
        raise wrong("too_small", value=shown(value), least=0)
    return units


def read_whole(value: Any, least: int, most: int) -> int:
    """A whole number within its bounds."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong("not_whole", value=shown(value))
    if value < least:
        raise wrong("too_small", value=value, least=least)
    if value > most:
        raise wrong("too_big", value=shown(value), most=most)
    return value


def read_text(value: Any, most: int = 100) -> str:
    """A text that says something."""
    if not isinstance(value, str):
        raise wrong("not_text", value=shown(value))
    if not value.strip():
        raise wrong("empty_text")
    if len(value) > most:
        raise wrong("text_too_long", value=shown(value), most=most)
    return value


def read_id(value: Any) -> str:
    """The id of an override or a boost: it becomes part of the rule a commission names, `level-1+newcomer`."""
    text = read_text(value, 64)
    if _ID_FORBIDDEN.search(text):
        raise wrong("id_sign", value=shown(text))
    if _ID_RESERVED.fullmatch(text):
        raise wrong("id_reserved", value=shown(text))
    return text


def read_list(value: Any) -> tuple[Any, ...]:
    """A list as it stands."""
    if not isinstance(value, list | tuple):
        raise wrong("not_list", value=shown(value))
    return tuple(value)


def one_or_many(value: Any) -> tuple[Any, ...]:
    """A list, or a single value as a list of one; never empty."""
    values = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not values:
        raise wrong("empty_list")
    return values


def read_category(value: Any) -> str:
    text = read_text(value, 400)
    if text.endswith("/"):
        raise wrong("category_slash", value=shown(text))
    return text


def read_rank(value: Any) -> str:
    """The name of a rank: it becomes part of the rule a commission names, `rank:gold`."""
    text = read_text(value, 64)
    if _ID_FORBIDDEN.search(text):
        raise wrong("rank_sign", value=shown(text))
    return text


def read_ranks(value: Any) -> Any:
    """Rates by rank, at least one."""
    if isinstance(value, Mapping) and not value:
        raise wrong("empty_list")
    return value


def read_order(value: Any) -> str:
    if value not in ("first", "repeat"):
        raise wrong("not_choice", value=shown(value), known="first, repeat")
    return str(value)


def read_date(value: Any) -> date:
    """A day: what YAML read as one, or `2026-05-01` as text."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise wrong("not_date", value=shown(value))


def read_currency(value: Any) -> str:
    if not is_currency(value):
        raise wrong("not_currency", value=shown(value))
    return str(value)


def read_jurisdiction(value: Any) -> str:
    if not isinstance(value, str) or not _JURISDICTION.fullmatch(value):
        raise wrong("not_jurisdiction", value=shown(value))
    return value


Percent = Annotated[int, BeforeValidator(read_percent)]
"""Parts per million, written `10%`."""
Money = Annotated[int, BeforeValidator(read_money)]
"""Minor units, written `"5.00"`."""
Days = Annotated[int, BeforeValidator(lambda value: read_whole(value, 0, MAX_DAYS))]
Count = Annotated[int, BeforeValidator(lambda value: read_whole(value, 1, MAX_COUNT))]
"""A whole number of things, at least one."""
Generations = Annotated[int, BeforeValidator(lambda value: read_whole(value, 1, 100))]
Rank = Annotated[str, BeforeValidator(read_rank)]
Name = Annotated[str, BeforeValidator(read_text)]
Id = Annotated[str, BeforeValidator(read_id)]
Currency = Annotated[str, BeforeValidator(read_currency)]
Jurisdiction = Annotated[str, BeforeValidator(read_jurisdiction)]
Day = Annotated[date, BeforeValidator(read_date)]
Word = Annotated[str, BeforeValidator(lambda value: read_text(value, 400))]
Words = Annotated[tuple[Word, ...], BeforeValidator(one_or_many)]
Categories = Annotated[tuple[Annotated[str, BeforeValidator(read_category)], ...], BeforeValidator(one_or_many)]
OrderWords = Annotated[tuple[Annotated[str, BeforeValidator(read_order)], ...], BeforeValidator(one_or_many)]
