"""Price rules in words: what each takes off, from what, for whom and when. They read the canonical document of a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from rongshu.interfaces.faces.price_words import kind_name

Document = Mapping[str, Any]


def what_of(group: str, rule: Document) -> str:
    """What a rule takes off."""
    match group:
        case "bundles":
            return _bundle(rule)
        case "reductions":
            return _reduction(rule)
        case "shipping":
            free = _("shipping is free") if "minus" not in rule else _("shipping is %(minus)s cheaper") % {"minus": rule["minus"]}  # fmt: skip
            return _("From %(spend)s on: %(off)s") % {"spend": rule["spend"], "off": free}
    words = _unit(rule)
    if rule.get("with_member_price"):
        words = _("%(words)s, on top of the member price") % {"words": words}
    return words


def _unit(rule: Document) -> str:
    if "fixed" in rule:
        return _("%(price)s each") % {"price": rule["fixed"]}
    if "minus" in rule:
        return _("%(minus)s off each") % {"minus": rule["minus"]}
    return _("%(percent)s off each") % {"percent": rule["discount"]}


def _off(rule: Document) -> str:
    if "minus" in rule:
        return _("%(minus)s off") % {"minus": rule["minus"]}
    return _("%(percent)s off") % {"percent": rule["discount"]}


def _bundle(rule: Document) -> str:
    parts = [
        _("%(pieces)s × %(what)s")
        % {"pieces": part.get("pieces", 1), "what": on_of(part.get("of")) or _("any product")}
        for part in rule["parts"]
    ]
    if "price" in rule:
        off = _("together for %(price)s") % {"price": rule["price"]}
    elif "cheapest" in rule:
        off = _("%(percent)s off the cheapest") % {"percent": rule["cheapest"]}
    else:
        off = _off(rule)
    words = _("%(parts)s: %(off)s") % {"parts": " + ".join(parts), "off": off}
    if "times" in rule:
        words = _("%(words)s, at most %(times)s times") % {"words": words, "times": rule["times"]}
    return words


def _reduction(rule: Document) -> str:
    if "each" in rule:
        each = rule["each"]
        words = _("For every %(spend)s: %(minus)s off") % {"spend": each["spend"], "minus": each["minus"]}
        return words if "times" not in each else _("%(words)s, at most %(times)s times") % {"words": words, "times": each["times"]}  # fmt: skip
    steps = [
        (
            _("from %(spend)s: %(off)s") % {"spend": step["spend"], "off": _off(step)}
            if "spend" in step
            else _("from %(pieces)s pieces: %(off)s") % {"pieces": step["pieces"], "off": _off(step)}
        )
        for step in rule["steps"]
    ]
    return _("; ").join(steps)


def on_of(of: Document | None) -> str:
    """Which products; "" for all."""
    if not of:
        return ""
    named = _(", ").join([*of.get("skus", ()), *of.get("categories", ())])
    without = of.get("except_skus")
    if not without:
        return named
    return _("%(named)s without %(without)s") % {"named": named or _("all products"), "without": _(", ").join(without)}


def when_of(group: str, rule: Document, names: Mapping[str, str] | None = None) -> list[str]:
    """For whom and when; empty for everybody, always. `names`: of segments and tiers, by what rules call them."""
    when: Document = rule.get("when", {})
    found = []
    if group == "member_prices" and "tiers" not in when:
        found.append(_("every tier"))
    for key, text in (("tiers", _("tiers %(named)s")), ("channels", _("channels %(named)s")), ("stores", _("stores %(named)s")), ("segments", _("groups %(named)s"))):  # fmt: skip
        if key in when:
            named = [(names or {}).get(one, one) if key in ("segments", "tiers") else one for one in when[key]]
            found.append(text % {"named": _(", ").join(named)})
    if "first_order" in when:
        found.append(_("first orders") if when["first_order"] else _("orders after the first"))
    if "from" in when:
        found.append(_("from %(moment)s") % {"moment": when["from"]})
    if "to" in when:
        found.append(_("until %(moment)s") % {"moment": when["to"]})
    if "weekdays" in when:
        found.append(weekdays(when["weekdays"]))
    if "hours" in when:
        found.append(when["hours"])
    without = without_of(group, rule)
    if without:
        found.append(_("not with: %(kinds)s") % {"kinds": _(", ").join(kind_name(one) for one in without)})
    return found


def without_of(group: str, rule: Document) -> list[str]:
    """Kinds of prices a bundle or reduction does not go with."""
    known = {"bundles": ("member_price", "sale"), "reductions": ("member_price", "sale", "bundle")}.get(group, ())
    return [one for one in known if one not in rule.get("goes_with", known)]


def weekday_names() -> tuple[str, ...]:
    """Monday first."""
    return (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))


def weekdays(days: Sequence[int]) -> str:
    names = weekday_names()
    return _(", ").join(names[day - 1] for day in days)
