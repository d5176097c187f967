"""Plans: the document that says what is paid for an order, read, checked, written back and compared.

Words: plan 分佣方案, level 层级, override (a rate in place of the level's), boost (added to a rate), cap 封顶, differential 级差,
peer 平级, steps 阶梯, pool 奖金池, release 解冻.
"""

from rongshu.engine.plan.differences import Difference, differences
from rongshu.engine.plan.model import (
    Band,
    Boost,
    Caps,
    DateRange,
    DayRange,
    Differential,
    Eligible,
    Level,
    Override,
    Peer,
    Plan,
    Pool,
    Release,
    Steps,
    When,
)
from rongshu.engine.plan.problems import PlanError, Problem
from rongshu.engine.plan.reading import read_plan

__all__ = [
    "Band", "Boost", "Caps", "DateRange", "DayRange", "Difference", "Differential", "Eligible", "Level", "Override", "Peer",
    "Plan", "PlanError", "Pool", "Problem", "Release", "Steps", "When", "differences", "read_plan",
]  # fmt: skip
