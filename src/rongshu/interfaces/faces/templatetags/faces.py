"""The tags and filters of every template: assets, icons, money, numbers, dates, masks, states, words in two languages."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rongshu.engine.money import exponent
from rongshu.interfaces.faces import assets, words
from rongshu.interfaces.faces.parts import Chart, Money, Words

register = template.Library()

MINUS = "\N{MINUS SIGN}"
SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "KRW": "₩", "HKD": "HK$", "TWD": "NT$", "INR": "₹"}
"""What stands before an amount; a currency not named stands there with its code."""


# ---------------------------------------------------------------------------------------------------- assets


@register.simple_tag
def asset(name: str) -> SafeString:
    """The tags that load an entry: its stylesheets and its script; `theme` is the one that blocks, before the first paint."""
    built = assets.entry(name)
    if name == "theme":
        return format_html('<script src="{}"></script>', static(f"faces/{built.script}"))
    links = [("stylesheet", path) for path in built.styles] + [("modulepreload", path) for path in built.imports]
    return format_html(
        '{}<script type="module" src="{}"></script>',
        format_html_join("", '<link rel="{}" href="{}">', ((rel, static(f"faces/{path}")) for rel, path in links)),
        static(f"faces/{built.script}"),
    )


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An inline icon, silent to screen readers: the words beside it speak."""
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{}</svg>',
        css,
        mark_safe(assets.icon(name)),  # noqa: S308  our own build output
    )


# ---------------------------------------------------------------------------------------------------- numbers


def plain_money(amount: Money) -> str:
    """`−¥1,234.50`, for places that take no markup."""
    sign, whole, part = _digits(amount)
    return f"{sign}{_unit(amount.currency)}{whole}{part}"


@register.filter
def money(amount: Money | None, sign: str = "") -> SafeString | str:
    """The amount with its unit small. `money:"signed"` puts a plus before what is gained."""
    if amount is None:
        return "–"
    minus, whole, part = _digits(amount)
    if sign == "signed" and amount.units > 0:
        minus = "+"
    return format_html(
        '<span class="money{}">{}<span class="money-unit">{}</span>{}<span class="money-part">{}</span></span>',
        " money-zero" if amount.units == 0 else "",
        minus,
        _unit(amount.currency),
        whole,
        part,
    )


@register.filter
def taken(amount: Money) -> Money:
    """The same amount as something taken away."""
    return Money(-amount.units, amount.currency)


@register.filter
def money_text(amount: Money) -> str:
    """The amount without markup, for attributes and sentences."""
    return plain_money(amount)


@register.filter
def count(number: int | None) -> str:
    """A whole number with its thousands told apart."""
    return "–" if number is None else f"{number:,}".replace("-", MINUS)


@register.filter
def unread(number: int) -> str:
    """A count that was not counted to its end: `7`, `99+`."""
    return str(number) if number < 100 else "99+"


@register.filter
def percent(ppm: int | None, digits: int | None = None) -> str:
    """Parts per million as percent: exactly by default (at most four decimals), rounded when `digits` is given."""
    if ppm is None:
        return "–"
    if digits is None:
        text = f"{abs(ppm) // 10_000}.{abs(ppm) % 10_000:04d}".rstrip("0").rstrip(".")
        return f"{MINUS if ppm < 0 else ''}{text}%"
    step = 10 ** (4 - digits)
    rounded = (2 * abs(ppm) + step) // (2 * step)
    whole, part = divmod(rounded, 10**digits)
    text = f"{whole}.{part:0{digits}d}" if digits else str(whole)
    return f"{MINUS if ppm < 0 and rounded else ''}{text}%"


@register.filter
def part(ppm: int | None, sign: str = "") -> str:
    """Parts per million as a number to three places: `0.713`. `part:"signed"` puts a plus before what is more."""
    if ppm is None:
        return "–"
    thousandths = (abs(ppm) + 500) // 1000
    before = "" if not thousandths else MINUS if ppm < 0 else "+" if sign == "signed" else ""
    return f"{before}{thousandths // 1000}.{thousandths % 1000:03d}"


@register.filter
def change(ppm: int) -> str:
    """A change with its sign: `+12.3%`."""
    return ("+" if ppm > 0 else "") + percent(ppm, 1)


@register.filter
def points(ppm: int) -> str:
    """A difference of two rates, in percentage points."""
    return _("%(points)s points") % {"points": ("+" if ppm > 0 else "") + percent(ppm, 1).removesuffix("%")}


def _digits(amount: Money) -> tuple[str, str, str]:
    digits = exponent(amount.currency)
    whole, part = divmod(abs(amount.units), 10**digits)
    return (MINUS if amount.units < 0 else "", f"{whole:,}", f".{part:0{digits}d}" if digits else "")


def _unit(currency: str) -> str:
    return SIGNS.get(currency, f"{currency}\N{NARROW NO-BREAK SPACE}")


# ---------------------------------------------------------------------------------------------------- dates


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """An instant to the minute, in the tenant's zone; the year only when it is not this one."""
    if at is None:
        return "–"
    local = timezone.localtime(at)
    return format_html('<time datetime="{}">{} {}</time>', local.isoformat(), _day(local.date()), f"{local:%H:%M}")


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """A day, in the tenant's zone; the year only when it is not this one."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), _day(value))


def _day(value: date) -> str:
    chinese = (get_language() or "").startswith("zh")
    if value.year == timezone.localdate().year:
        return format_date(value, "n月j日" if chinese else "j M")
    return format_date(value, "Y年n月j日" if chinese else "j M Y")


@register.filter
def took(milliseconds: int) -> str:
    """How long something took: `0.4 s`, `41 s`."""
    return _("%(seconds)s s") % {
        "seconds": f"{milliseconds / 1000:.1f}" if milliseconds < 10_000 else milliseconds // 1000
    }


@register.filter
def duration(seconds: int) -> str:
    """How long something takes, roughly, for people."""
    if seconds < 60:
        return _("%(seconds)s s") % {"seconds": seconds}
    return _("%(minutes)s min") % {"minutes": (seconds + 30) // 60}


# ---------------------------------------------------------------------------------------------------- people


@register.filter
def masked_phone(phone: str) -> str:
    """`138****1234`; of a short number the two last digits."""
    digits = phone.strip()
    if len(digits) < 8:
        return f"****{digits[-2:]}" if digits else ""
    return f"{digits[:-8]}****{digits[-4:]}"


@register.filter
def masked_name(name: str) -> str:
    """`张*明`, `王*`, `A***`, `c***77`: enough to know one's own people by, too little to find them."""
    name = name.strip()
    if not name:
        return "*"
    if name.isascii():
        return f"{name[0]}***{name[-2:] if name[-2:].isdigit() else ''}"
    return f"{name[0]}*{name[-1]}" if len(name) > 2 else f"{name[0]}*"


# ---------------------------------------------------------------------------------------------------- words


@register.inclusion_tag("faces/parts/state.html")
def state(family: str, code: str) -> dict[str, Any]:
    """The badge of a state; one unknown here shows its code rather than nothing."""
    text, tone = words.STATES.get(family, {}).get(code, (code, "plain"))
    return {"text": text, "tone": tone}


@register.simple_tag
def state_text(family: str, code: str) -> Any:
    """The words of a state alone, for options and tabs."""
    return words.STATES[family][code][0]


@register.simple_tag
def kind(code: str, level: int) -> Any:
    """The name of a kind of commission; of a level commission its level says it."""
    if code == "level":
        return _("Level %(level)s") % {"level": level}
    return words.KINDS.get(code, code)


@register.filter
def book(number: int) -> Any:
    """The name of a ledger book."""
    return words.BOOKS.get(number % 100, number)


@register.inclusion_tag("faces/parts/words.html")
def explained(sentence: Words) -> dict[str, Any]:
    """A sentence in the reader's language, the other language one tap away."""
    language = get_language() or "zh-hans"
    chinese = language.startswith("zh")
    return {
        "text": sentence.of(language),
        "other": sentence.other(language),
        "other_code": "en" if chinese else "zh-Hans",
        "other_name": "English" if chinese else "中文",
        "own_name": "中文" if chinese else "English",
        "other_short": "EN" if chinese else "中",
        "own_short": "中" if chinese else "EN",
    }


# ---------------------------------------------------------------------------------------------------- charts


@register.inclusion_tag("faces/parts/chart.html")
def chart(drawn: Chart) -> dict[str, Any]:
    """A chart with its question, its answer and the table behind it. The page must also load `{% asset "charts" %}`."""
    data = json.dumps(drawn.as_json(get_language() or "zh-hans"), ensure_ascii=False)
    for character, escape in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        data = data.replace(character, escape)
    return {"chart": drawn, "data": mark_safe(data)}  # noqa: S308  escaped above
