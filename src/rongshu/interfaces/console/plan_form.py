"""A plan as fields to type over, and what was typed put back into its document. The names of fields are paths: `levels.1.rate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from rongshu.engine.plan import Plan
from rongshu.interfaces.console.pages.lab import Field, Group, Option

Document = dict[str, Any]

CONDITIONS = ("order", "category", "sku", "rank", "tier", "channel", "store", "region")
"""What a new rule can ask for by the form; everything else is written in YAML."""


_WHOLE = {"levels": 2, "overrides": 2, "boosts": 2, "steps": 4, "pools": 2}
"""How many keys name what goes as a whole when one of its values is emptied; a cap or a rank goes by itself."""


def groups_of(plan: Plan, typed: Mapping[str, str] | None = None) -> tuple[Group, ...]:
    """The plan's values by what they are about. `typed` stands over them: what somebody wrote and could not be read."""
    document = plan.canonical()
    over = typed or {}

    def field(name: str, label: str, value: str = "", hint: str = "", options: tuple[Option, ...] = ()) -> Field:
        value = over.get(name, value)
        chosen = tuple(Option(one.value, one.label, one.value == value) for one in options)
        return Field(name, label, value, hint, chosen)

    groups = [
        _basis(document, field),
        _levels(plan, document, field),
        _overrides(document, field),
        _boosts(document, field),
    ]
    if "differential" in document:
        groups.append(_ranks(document, field))
    caps = document.get("caps", {})
    groups.append(
        Group(
            _("Caps"),
            (
                field("caps.order", _("An order"), caps.get("order", ""), _("of its base, for all promoters together")),
                field("caps.promoter_day", _("A promoter's day"), caps.get("promoter_day", "")),
                field("caps.promoter_month", _("A promoter's month"), caps.get("promoter_month", "")),
            ),
            _("Empty means no cap."),
        )
    )
    if "steps" in document or "pools" in document:
        groups.append(_periods(document, field))
    return tuple(groups)


def _basis(document: Document, field: Any) -> Group:
    return Group(
        _("Basis"),
        (
            field("basis", _("Rates apply to"), document["basis"],
                  options=(Option("paid", _("what was paid")), Option("margin", _("the margin")))),
            field("self_purchase", _("Own purchases"), document["self_purchase"],
                  options=(Option("none", _("earn nothing")), Option("rebate", _("earn")))),
            field("compress", _("Who may not earn"), "true" if document["compress"] else "false",
                  options=(Option("false", _("keeps the level")), Option("true", _("is passed over")))),
        ),
    )  # fmt: skip


def _levels(plan: Plan, document: Document, field: Any) -> Group:
    fields = tuple(
        field(f"levels.{number}.rate", _("Level %(level)s") % {"level": number}, level["rate"])
        for number, level in document["levels"].items()
    )
    following = plan.max_level + 1
    fresh = (field(f"levels.{following}.rate", _("Level %(level)s") % {"level": following}, ""),)
    return Group(_("Levels"), fields, _("Empty takes a level away."), fresh)


def _overrides(document: Document, field: Any) -> Group:
    fields = tuple(
        field(f"overrides.{at}.{key}", one["id"], one[key], _condition(one, _("level %(level)s") % {"level": one["level"]}))
        for at, one in enumerate(document.get("overrides", [])) for key in ("rate", "fixed") if key in one
    )  # fmt: skip
    fresh = (
        field("new.id", _("Name")),
        field("new.level", _("Level"), "1"),
        field("new.key", _("When"), "category", options=tuple(Option(key, key) for key in CONDITIONS)),
        field("new.value", _("is"), hint=_("several with commas")),
        field("new.rate", _("Rate")),
    )
    return Group(_("Overrides"), fields, _("Empty takes a rule away."), fresh)


def _boosts(document: Document, field: Any) -> Group:
    fields = tuple(
        field(f"boosts.{at}.add", one["id"], one["add"], _condition(one))
        for at, one in enumerate(document.get("boosts", []))
    )
    fresh = (
        field("plus.id", _("Name")),
        field("plus.key", _("When"), "category", options=tuple(Option(key, key) for key in CONDITIONS)),
        field("plus.value", _("is"), hint=_("several with commas")),
        field("plus.add", _("Added")),
    )
    return Group(_("Boosts"), fields, _("Empty takes a rule away."), fresh)


def _ranks(document: Document, field: Any) -> Group:
    different = document["differential"]
    fields = [field(f"differential.ranks.{name}", name, rate) for name, rate in different["ranks"].items()]
    if "peer" in different:
        fields.append(field("differential.peer.rate", _("Peer bonus"), different["peer"]["rate"]))
        fields.append(field("differential.peer.generations", _("Generations"), str(different["peer"]["generations"])))
    return Group(_("Differential by rank"), tuple(fields), _("Empty takes a rank away."))


def _periods(document: Document, field: Any) -> Group:
    fields = []
    for at, one in enumerate(document.get("steps", [])):
        for number, band in enumerate(one["bands"]):
            fields.append(
                field(f"steps.{at}.bands.{number}.from", _("%(name)s, from") % {"name": one["id"]}, band["from"])
            )
            fields.append(
                field(f"steps.{at}.bands.{number}.rate", _("%(name)s, rate") % {"name": one["id"]}, band["rate"])
            )
    for at, one in enumerate(document.get("pools", [])):
        fields.append(field(f"pools.{at}.share", one["id"], one["share"], _("of the net base of the period")))
    return Group(_("Steps and pools"), tuple(fields))


def _condition(rule: Document, *before: str) -> str:
    """What a rule asks for, as it is written."""
    asked = []
    for key, value in rule["when"].items():
        if isinstance(value, list):
            value = ", ".join(value)
        elif isinstance(value, dict):
            value = " ".join(f"{name} {bound}" for name, bound in value.items())
        asked.append(f"{key}: {value}")
    return " · ".join([*before, *asked])


def typed_over(plan: Plan, typed: Mapping[str, str]) -> Document:
    """The plan's document with what was typed in place of what it said; what was emptied is taken away."""
    document = plan.canonical()
    gone: set[tuple[str, ...]] = set()
    for name, value in typed.items():
        path, value = tuple(name.split(".")), value.strip()
        if path[0] in ("new", "plus") or (not value and not _has(document, path)):
            continue
        if value:
            _put(document, path, _as_written(path, value))
        else:
            gone.add(path[: _WHOLE.get(path[0], len(path))])
    for place in sorted(gone, key=lambda place: [int(key) if key.isdecimal() else 0 for key in place], reverse=True):
        _take_away(document, place)
    for key, rule in _added(typed):
        document.setdefault(key, []).append(rule)
    return document


def _as_written(path: tuple[str, ...], value: str) -> Any:
    if path == ("compress",):
        return value == "true"
    if path[-1] == "generations" and value.isdecimal():
        return int(value)
    return value


def _has(document: Any, path: tuple[str, ...]) -> bool:
    for key in path:
        document = _child(document, key)
        if document is None:
            return False
    return True


def _child(document: Any, key: str) -> Any:
    if isinstance(document, list):
        return document[int(key)] if key.isdecimal() and int(key) < len(document) else None
    return document.get(key) if isinstance(document, dict) else None


def _put(document: Any, path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        found = _child(document, key)
        if found is None:
            if not isinstance(document, dict):
                return
            found = document.setdefault(key, {})
        document = found
    if isinstance(document, dict):
        document[path[-1]] = value


def _take_away(document: Document, place: tuple[str, ...]) -> None:
    holder: Any = document
    for key in place[:-1]:
        holder = _child(holder, key)
    if isinstance(holder, list):
        if int(place[-1]) < len(holder):
            del holder[int(place[-1])]
    elif isinstance(holder, dict):
        holder.pop(place[-1], None)


def _added(typed: Mapping[str, str]) -> Iterator[tuple[str, Document]]:
    """The rules that are new: an override when it has a rate, a boost when it adds something."""

    def given(name: str) -> str:
        return typed.get(name, "").strip()

    for before, key, rate in (("new", "overrides", "rate"), ("plus", "boosts", "add")):
        if not given(f"{before}.{rate}") and not given(f"{before}.id"):
            continue
        words = [word.strip() for word in given(f"{before}.value").replace("，", ",").split(",")]
        condition = given(f"{before}.key")
        rule: Document = {"id": given(f"{before}.id"), "when": {condition: words} if condition in CONDITIONS else {}}
        if key == "overrides":
            level = given("new.level")
            rule["level"] = int(level) if level.isdecimal() else level
        yield key, rule | {rate: given(f"{before}.{rate}")}
