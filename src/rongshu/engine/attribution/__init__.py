"""Attribution: to whom an order is credited, by a published policy, from what was there at the time of its payment.

Words: attribution 归因, touch 触点 (a view, a click, a scan, a code entered), bond 客户归属, method (how the promoter was found),
candidate (whom a method names), window (for how long a touch counts).
"""

from __future__ import annotations

from rongshu.engine.attribution.credit import credit
from rongshu.engine.attribution.frames import (
    FATES,
    KINDS,
    METHODS,
    NOBODY,
    Active,
    Bonds,
    Credited,
    Fate,
    Method,
    Orders,
    Touches,
)
from rongshu.engine.attribution.policy import Policy, policy_of, problems_of

__all__ = [
    "FATES", "KINDS", "METHODS", "NOBODY", "Active", "Bonds", "Credited", "Fate", "Method", "Orders", "Policy", "Touches", "credit",
    "policy_of", "problems_of",
]  # fmt: skip
