"""Plans that contradict themselves or the ladder: refused before review, whatever the jurisdiction."""

from __future__ import annotations

from rongshu.engine.plan import Plan, Problem
from rongshu.engine.ranks import Ladder


def contradictions(plan: Plan, ladder: Ladder | None) -> list[Problem]:
    """Every contradiction, with its path and a remedy in its words."""
    return []
