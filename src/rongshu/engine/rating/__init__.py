"""Rating: plan, promoters and order lines in, commission rows with their trace out; refunds and releases after it.

Read `rows.rate`, the whole story in one function: `chains` finds who takes the levels, `rates` what each level pays on each
line (by `conditions`), `differential` who earns by rank and what, and `caps` cuts. `frames` holds what goes in and comes out.

Words: base 计佣基数, rate 比例, cap 封顶, chain 上级链, differential 级差, peer 平级奖, commission row 佣金明细, reverse 冲回,
release 解冻.
"""

from rongshu.engine.rating.frames import Chains, Lines, Orders, Promoters, RankHistory, Rated, Rows, Usage
from rongshu.engine.rating.refunds import reversal_due
from rongshu.engine.rating.releases import due_at, instant_rows
from rongshu.engine.rating.rows import bases, rate

__all__ = [
    "Chains", "Lines", "Orders", "Promoters", "RankHistory", "Rated", "Rows", "Usage", "bases", "due_at",
    "instant_rows", "rate", "reversal_due",
]  # fmt: skip
