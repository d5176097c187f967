"""The plan lab: a plan tried on orders that happened, two plans side by side, and what growth would cost.

Words: trial 试算, comparison 对比, gainer and loser 受益者与受损者, forecast 预测. What a trial finds is small: whoever changes a rate and
looks again has the other plan's trial already, and only what changed is computed.
"""

from rongshu.engine.lab.comparison import Comparison, compare
from rongshu.engine.lab.forecast import EVERY_LEVEL, Forecast, forecast
from rongshu.engine.lab.trial import Ground, Reward, Trial, chain_of_order, rows_of_order, try_plan

__all__ = [
    "EVERY_LEVEL", "Comparison", "Forecast", "Ground", "Reward", "Trial", "chain_of_order", "compare", "forecast",
    "rows_of_order", "try_plan",
]  # fmt: skip
