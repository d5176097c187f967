"""Simulation: a plan tried on the order history, with the very functions that rate live orders.

Words: simulation 试算, earner 有收益的推广员, cost ratio 佣金成本率.
"""

from rongshu.engine.simulate.run import ORDERS, PROMOTERS, RANKS, REFUNDS, USED, Simulation, simulate

__all__ = ["ORDERS", "PROMOTERS", "RANKS", "REFUNDS", "USED", "Simulation", "simulate"]
