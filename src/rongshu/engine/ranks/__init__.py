"""Ranks: the ladder promoters climb, by figures of their own, read, assessed for everybody at once, and checked.

Words: ladder 等级阶梯, rank 推广等级, need 要求, window 考核期, retention 保级期, grace 宽限期. What each word means to the day stands in
`docs/algorithms/ranks.md`.
"""

from rongshu.engine.ranks.assessment import (
    BELOW,
    EARNED,
    KEPT,
    NO_RANK,
    NOT_BELOW,
    Assessed,
    Figures,
    Holdings,
    Missing,
    assess,
    days_after,
    earned_ranks,
    period_start,
    progress,
    window_start,
)
from rongshu.engine.ranks.distribution import LadderCheck, ladder_check, propose
from rongshu.engine.ranks.ladder import (
    MONEY_NEEDS,
    NEEDS,
    Ladder,
    Needs,
    RankRule,
    Span,
    Title,
    Window,
    read_ladder,
    write_ladder,
)

__all__ = [
    "BELOW", "EARNED", "KEPT", "MONEY_NEEDS", "NEEDS", "NOT_BELOW", "NO_RANK", "Assessed", "Figures", "Holdings", "Ladder",
    "LadderCheck", "Missing", "Needs", "RankRule", "Span", "Title", "Window", "assess", "days_after", "earned_ranks",
    "ladder_check", "period_start", "progress", "propose", "read_ladder", "window_start", "write_ladder",
]  # fmt: skip
