"""The rules by which orders find their promoters: a tenant's published policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

LONGEST = 3650
"""Days a window or a bond lasts at most; a bond of 0 days lasts for ever."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Read `methods` from left to right: the first that names somebody who may be credited wins."""

    methods: tuple[str, ...] = ("code", "bond", "touch", "store")
    """A part of `frames.METHODS`, in the order in which they are asked. A method left out is not asked."""
    touch: Literal["last", "first"] = "last"
    """Which of the touches inside their windows counts."""
    windows: Mapping[str, int] = field(default_factory=lambda: {"click": 30, "scan": 30, "entry": 30})
    """For how many days a touch of each kind counts; a kind that is not named does not count."""
    bond_by: tuple[str, ...] = ("code", "touch")
    """The methods by which an order bonds a buyer who has no bond."""
    bond_at_touch: bool = False
    """Whether the first touch that counts bonds a buyer at once, before any order."""
    bond_days: int = 0
    """How many days a bond lasts; 0 for ever."""
    bond_extends: bool = True
    """Whether every order credited to the holder lets the bond begin anew."""
    code_moves_bond: bool = False
    """Whether an order credited by somebody else's code moves the bond to them. Without it nobody is snatched."""
    self_credit: bool = True
    """Whether an order may be credited to its own buyer (what it then earns is the plan's business)."""

    def as_document(self) -> dict[str, Any]:
        """JSON-able; `policy_of` reads it back."""
        return {
            **asdict(self),
            "methods": list(self.methods),
            "bond_by": list(self.bond_by),
            "windows": dict(self.windows),
        }


def policy_of(document: Mapping[str, Any]) -> Policy:
    """The policy a stored document holds; what it does not name is as by default."""
    lists = {name: tuple(document[name]) for name in ("methods", "bond_by") if name in document}
    return Policy(**{**document, **lists})


def problems_of(policy: Policy) -> list[tuple[str, str]]:
    """What contradicts itself in a policy: (field, code)."""
    from rongshu.engine.attribution.frames import KINDS, METHODS

    found = []
    if not policy.methods or len(set(policy.methods)) != len(policy.methods) or not set(policy.methods) <= set(METHODS):
        found.append(("methods", "unknown_method"))
    if not set(policy.bond_by) <= set(METHODS) - {"bond"}:
        found.append(("bond_by", "unknown_method"))
    if not set(policy.bond_by) <= set(policy.methods):
        found.append(("bond_by", "method_not_asked"))
    if not set(policy.windows) <= set(KINDS):
        found.append(("windows", "unknown_kind"))
    if any(not 1 <= days <= LONGEST for days in policy.windows.values()):
        found.append(("windows", "out_of_range"))
    if ("touch" in policy.methods or policy.bond_at_touch) and not policy.windows:
        found.append(("windows", "no_kind"))
    if not 0 <= policy.bond_days <= LONGEST:
        found.append(("bond_days", "out_of_range"))
    if (policy.bond_by or policy.bond_at_touch) and "bond" not in policy.methods:
        found.append(("bond_by", "bonds_not_asked"))
    if policy.code_moves_bond and "code" not in policy.methods:
        found.append(("code_moves_bond", "method_not_asked"))
    return found
