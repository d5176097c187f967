"""Plans: the document that says what is paid for an order, read, checked, written back and compared.

Words: plan 分佣方案, level 层级, override (a rate in place of the level's), boost (added to a rate), cap 封顶,
release 解冻.
"""

from rongshu.engine.plan.differences import Difference, differences
from rongshu.engine.plan.model import Boost, Caps, DateRange, DayRange, Level, Override, Plan, Release, When
from rongshu.engine.plan.problems import PlanError, Problem
from rongshu.engine.plan.reading import read_plan

__all__ = [
    "Boost", "Caps", "DateRange", "DayRange", "Difference", "Level", "Override", "Plan", "PlanError", "Problem",
    "Release", "When", "differences", "read_plan",
]  # fmt: skip
