"""What changed between two plans, in words: what an operator reads before publishing a version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rongshu.engine.plan.model import Plan
from rongshu.engine.wording import gettext_noop as _

CHANGED = _("%(key)s: %(old)s -> %(new)s")
GIVEN = _("%(key)s added: %(new)s")
GONE = _("%(key)s removed: %(old)s")
LEVEL_CHANGED = _("level %(level)s rate: %(old)s -> %(new)s")
LEVEL_ADDED = _("level %(level)s added: %(new)s")
LEVEL_REMOVED = _("level %(level)s removed: %(old)s")
OVERRIDE_CHANGED = _("override %(id)s %(key)s: %(old)s -> %(new)s")
OVERRIDE_ADDED = _("override %(id)s added: %(new)s")
OVERRIDE_REMOVED = _("override %(id)s removed: %(old)s")
OVERRIDES_MOVED = _("overrides in another order, which decides ties: %(old)s -> %(new)s")
BOOST_CHANGED = _("boost %(id)s %(key)s: %(old)s -> %(new)s")
BOOST_ADDED = _("boost %(id)s added: %(new)s")
BOOST_REMOVED = _("boost %(id)s removed: %(old)s")
BOOSTS_MOVED = _("boosts in another order: %(old)s -> %(new)s")
STEPS_CHANGED = _("steps %(id)s %(key)s: %(old)s -> %(new)s")
STEPS_ADDED = _("steps %(id)s added: %(new)s")
STEPS_REMOVED = _("steps %(id)s removed: %(old)s")
STEPS_MOVED = _("steps in another order: %(old)s -> %(new)s")
POOL_CHANGED = _("pool %(id)s %(key)s: %(old)s -> %(new)s")
POOL_ADDED = _("pool %(id)s added: %(new)s")
POOL_REMOVED = _("pool %(id)s removed: %(old)s")
POOLS_MOVED = _("pools in another order: %(old)s -> %(new)s")
RANK_CHANGED = _("differential rate of %(rank)s: %(old)s -> %(new)s")
RANK_ADDED = _("differential rate of %(rank)s added: %(new)s")
RANK_REMOVED = _("differential rate of %(rank)s removed: %(old)s")

_NAMED = {
    "overrides": (OVERRIDE_CHANGED, OVERRIDE_ADDED, OVERRIDE_REMOVED, OVERRIDES_MOVED),
    "boosts": (BOOST_CHANGED, BOOST_ADDED, BOOST_REMOVED, BOOSTS_MOVED),
    "steps": (STEPS_CHANGED, STEPS_ADDED, STEPS_REMOVED, STEPS_MOVED),
    "pools": (POOL_CHANGED, POOL_ADDED, POOL_REMOVED, POOLS_MOVED),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: where, and in words. `template` is the message id for translation."""

    path: str
    template: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template % self.params


def differences(old: Plan, new: Plan) -> list[Difference]:
    """Every change from `old` to `new`, in the order of the document; empty when both mean the same."""
    before, after = old.canonical(), new.canonical()
    found: list[Difference] = []
    for key in ("name", "currency", "jurisdiction", "basis", "self_purchase", "compress"):
        found += _value(key, key, before.get(key), after.get(key))
    found += _levels(before["levels"], after["levels"])
    for key in ("overrides", "boosts"):
        found += _rules(key, before.get(key, []), after.get(key, []))
    found += _differential(before.get("differential", {}), after.get("differential", {}))
    for section in ("caps", "steps", "pools", "release"):
        if section in _NAMED:
            found += _rules(section, before.get(section, []), after.get(section, []))
            continue
        a, b = before.get(section, {}), after.get(section, {})
        for key in dict.fromkeys((*a, *b)):
            found += _value(f"{section}.{key}", f"{section}.{key}", a.get(key), b.get(key))
    return found


def _value(path: str, key: str, old: Any, new: Any) -> Iterator[Difference]:
    if old == new:
        return
    params = {"key": key, "old": shown(old), "new": shown(new)}
    yield Difference(path, GIVEN if old is None else GONE if new is None else CHANGED, params)


def _levels(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for number in sorted({*old, *new}, key=int):
        a, b = old.get(number, {}).get("rate"), new.get(number, {}).get("rate")
        if a != b:
            template = LEVEL_ADDED if a is None else LEVEL_REMOVED if b is None else LEVEL_CHANGED
            yield Difference(f"levels.{number}", template, {"level": number, "old": shown(a), "new": shown(b)})


def _differential(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    a, b = old.get("ranks", {}), new.get("ranks", {})
    for rank in dict.fromkeys((*a, *b)):
        if a.get(rank) != b.get(rank):
            template = RANK_ADDED if rank not in a else RANK_REMOVED if rank not in b else RANK_CHANGED
            params = {"rank": rank, "old": shown(a.get(rank)), "new": shown(b.get(rank))}
            yield Difference(f"differential.ranks.{rank}", template, params)
    yield from _value("differential.peer", "differential.peer", old.get("peer"), new.get("peer"))


def _rules(section: str, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[Difference]:
    """Overrides, boosts, steps or pools, told apart by their ids."""
    changed, added, removed, moved = _NAMED[section]
    before, after = {rule["id"]: rule for rule in old}, {rule["id"]: rule for rule in new}
    for name, rule in before.items():
        if name not in after:
            params = {"id": name, "old": shown(_body(rule))}
            yield Difference(f"{section}.{name}", removed, params)
    for name, rule in after.items():
        if name not in before:
            yield Difference(f"{section}.{name}", added, {"id": name, "new": shown(_body(rule))})
            continue
        a, b = _flat(before[name]), _flat(rule)
        for key in dict.fromkeys((*a, *b)):
            if a.get(key) != b.get(key):
                params = {"id": name, "key": key, "old": shown(a.get(key)), "new": shown(b.get(key))}
                yield Difference(f"{section}.{name}.{key}", changed, params)
    kept_before, kept_after = [n for n in before if n in after], [n for n in after if n in before]
    if kept_before != kept_after:
        yield Difference(section, moved, {"old": ", ".join(kept_before), "new": ", ".join(kept_after)})


def _body(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in rule.items() if key != "id"}


def _flat(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The rule with each condition of its `when` as a key of its own."""
    flat = {key: value for key, value in rule.items() if key not in ("id", "when")}
    return flat | {f"when.{key}": value for key, value in rule.get("when", {}).items()}


def shown(value: Any) -> str:
    """A value as the document writes it; `-` for nothing."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {shown(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(shown(inner) for inner in value) + "]"
    return str(value)
