"""One price rule as fields of a form, and the fields as the rule's document, whether it can be read yet or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]

STEPS = 5
PARTS = 4
HOW: Mapping[str, tuple[str, ...]] = {
    "member_prices": ("discount", "minus", "fixed"),
    "sales": ("discount", "minus", "fixed"),
    "bundles": ("cheapest", "price", "minus", "discount"),
}
"""Of each group the ways of saying how much."""
GOES_WITH: Mapping[str, tuple[str, ...]] = {
    "bundles": ("member_price", "sale"),
    "reductions": ("member_price", "sale", "bundle"),
}
COUNTED = ("spend", "pieces", "each")
_LISTS = ("tiers", "channels", "stores", "segments")
_OF = ("skus", "categories", "except_skus")
_SEPARATORS = re.compile(r"[,，、;；\n]+")


def listed(text: str) -> list[str]:
    """The words of a list as somebody types it."""
    return [one.strip() for one in _SEPARATORS.split(text) if one.strip()]


def percent(text: str) -> str:
    """`10%`, whether the sign was typed or not."""
    text = text.replace("％", "%").replace(" ", "")
    return text if text.endswith("%") or not text else text + "%"


def whole(text: str) -> Any:
    """A number where it is one, else what was typed."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def rule_of(group: str, typed: Mapping[str, str], identifier: str) -> Document:
    """The document that the fields describe; what was left empty is left out."""

    def given(name: str) -> str:
        return typed.get(name, "").strip()

    rule: Document = {"id": identifier, "name": given("name")}
    when: Document = {name: listed(given(name)) for name in _LISTS if listed(given(name))}
    if given("first_order"):
        when["first_order"] = given("first_order") == "yes"
    for name in ("from", "to"):
        if given(name):
            when[name] = given(name).replace("T", " ")
    days = [day for day in range(1, 8) if given(f"day{day}") == "yes"]
    if days:
        when["weekdays"] = days
    if given("hours_from") or given("hours_to"):
        when["hours"] = f"{given('hours_from') or '00:00'}-{given('hours_to') or '24:00'}"
    if when:
        rule["when"] = when
    if group in ("member_prices", "sales", "reductions") and (of := _of(given, "")):
        rule["of"] = of
    if group in HOW:
        how = given("how") if given("how") in HOW[group] else HOW[group][0]
        rule[how] = percent(given("amount")) if how in ("discount", "cheapest") else given("amount")
    if group == "sales" and given("with_member_price") == "yes":
        rule["with_member_price"] = True
    if group == "bundles":
        rule["parts"] = [
            {"pieces": whole(given(f"pieces{at}"))} | ({"of": of} if (of := _of(given, str(at))) else {})
            for at in range(PARTS)
            if given(f"pieces{at}")
        ]
        if given("times"):
            rule["times"] = whole(given("times"))
    if group == "reductions":
        rule |= _amounts(given)
    if group in GOES_WITH:
        rule["goes_with"] = [one for one in GOES_WITH[group] if given(f"with_{one}") == "yes"]
    if group == "shipping":
        rule["spend"] = given("spend") or "0"
        if given("amount"):
            rule["minus"] = given("amount")
    return rule


def _of(given: Any, place: str) -> Document:
    return {name: found for name in _OF if (found := listed(given(f"{name}{place}")))}


def _amounts(given: Any) -> Document:
    if given("counted") == "each":
        each = {"spend": given("least0"), "minus": given("off0")}
        return {"each": each | ({"times": whole(given("times"))} if given("times") else {})}
    key = "pieces" if given("counted") == "pieces" else "spend"
    steps = []
    for at in range(STEPS):
        least, off = given(f"least{at}"), given(f"off{at}").replace("％", "%")
        if least or off:
            by = {"discount": off} if off.endswith("%") else {"minus": off}
            steps.append({key: whole(least) if key == "pieces" else least, **by})
    return {"steps": steps}


def fields_of(group: str, rule: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a rule's canonical document; of an empty one those that a new rule begins with."""
    when: Mapping[str, Any] = rule.get("when", {})
    fields = {"name": rule.get("name", "")}
    fields |= {name: ", ".join(when.get(name, ())) for name in _LISTS}
    fields["first_order"] = {None: "", True: "yes", False: "no"}[when.get("first_order")]
    fields |= {name: str(when.get(name, "")).replace(" ", "T") for name in ("from", "to")}
    fields |= {f"day{day}": "yes" for day in when.get("weekdays", ())}
    fields["hours_from"], _dash, fields["hours_to"] = when.get("hours", "").partition("-")
    fields["hours_to"] = fields["hours_to"].replace("24:00", "")
    fields |= _of_fields(rule.get("of", {}), "")
    for how in HOW.get(group, ()):
        if how in rule:
            fields |= {"how": how, "amount": rule[how]}
    fields["with_member_price"] = "yes" if rule.get("with_member_price") else ""
    for at, part in enumerate(rule.get("parts", ({"pieces": 2},) if group == "bundles" else ())):
        fields |= {f"pieces{at}": str(part.get("pieces", 1)), **_of_fields(part.get("of", {}), str(at))}
    each = rule.get("each")
    steps = [each] if each else rule.get("steps", ())
    fields["counted"] = "each" if each else "pieces" if steps and "pieces" in steps[0] else "spend"
    fields["times"] = str((each or rule).get("times", ""))
    for at, step in enumerate(steps):
        fields |= {f"least{at}": str(step.get("spend", step.get("pieces", ""))), f"off{at}": step.get("minus", step.get("discount"))}  # fmt: skip
    kinds = GOES_WITH.get(group, ())
    fields |= {f"with_{one}": "yes" for one in kinds if one in rule.get("goes_with", kinds)}
    if group == "shipping":
        fields |= {"spend": rule.get("spend", ""), "amount": rule.get("minus", "")}
    return fields


def _of_fields(of: Mapping[str, Any], place: str) -> dict[str, str]:
    return {f"{name}{place}": ", ".join(of.get(name, ())) for name in _OF}
