"""Writes of points. What touches many members takes `take_turn()` first; everything is idempotent by its ref."""

from rongshu.domain.members.points.actions.adjusting import adjust_points
from rongshu.domain.members.points.actions.closing import end_points
from rongshu.domain.members.points.actions.earning import earn_for_orders, earn_points, sign_in, take_back_for_refunds
from rongshu.domain.members.points.actions.ending import expire_due, open_due
from rongshu.domain.members.points.actions.gifting import gift_points
from rongshu.domain.members.points.actions.granting import Grant, grant
from rongshu.domain.members.points.actions.passing import Passed, bring_back_points, pass_on_points
from rongshu.domain.members.points.actions.publishing import publish_rules
from rongshu.domain.members.points.actions.spending import (
    give_back_spent,
    release_reserved,
    reserve_points,
    spend_points,
    use_reserved,
)
from rongshu.domain.members.points.moving import take_turn

__all__ = [
    "Grant", "Passed", "adjust_points", "bring_back_points", "earn_for_orders", "earn_points", "end_points", "expire_due",
    "gift_points", "give_back_spent", "grant", "open_due", "pass_on_points", "publish_rules", "release_reserved", "reserve_points", "sign_in", "spend_points", "take_back_for_refunds", "take_turn",
    "use_reserved",
]  # fmt: skip
