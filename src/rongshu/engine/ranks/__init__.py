"""Ranks: the ladder promoters climb, by figures of their own, read, assessed for everybody at once, and checked.

Words: ladder 等级阶梯, rank 推广等级, need 要求, window 考核期, retention 保级期, grace 宽限期. What each word means to the day stands in
`docs/algorithms/ranks.md`.
"""

from rongshu.engine.ranks.ladder import NEEDS, Ladder, Needs, RankRule, Span, Title, Window, read_ladder, write_ladder

__all__ = ["NEEDS", "Ladder", "Needs", "RankRule", "Span", "Title", "Window", "read_ladder", "write_ladder"]
