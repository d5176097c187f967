"""What members are told of their points: that some end soon, and what could be had for all they have."""

from __future__ import annotations

from datetime import datetime, timedelta

from rongshu.domain.commerce.mall.queries import best_for_each
from rongshu.domain.marketing.messages.actions import tell
from rongshu.domain.marketing.messages.words import amount_text
from rongshu.domain.members.points.queries import standings
from rongshu.domain.members.points.reminding import BATCH, due_reminders
from rongshu.domain.members.points.rulebook import rules_at
from rongshu.engine.points.arithmetic import offset_of
from rongshu.engine.points.rules import Rules
from rongshu.kernel.tenancy.queries import house


def tell_of_ending_points(*, now: datetime) -> int:
    """Members whose points end within the days the rules name; how many were told, 0 where none are left for now."""
    due = due_reminders(now=now)
    if not due:
        return 0
    zone, (_number, rules) = house().zone, rules_at(now)
    have = standings(sorted({one.member_id for one in due}), now=now)
    best = best_for_each({member: one.usable for member, one in have.items()}, now=now)
    last = [(one.until - timedelta(seconds=1)).astimezone(zone).date() for one in due]
    tell(
        kind="points.ending",
        recipients=[one.member_id for one in due],
        about=[day.toordinal() * 10_000 + one.days for day, one in zip(last, due, strict=True)],
        data=[
            {
                "points": one.points,
                "day": day.isoformat(),
                "use": _use(have[one.member_id].usable, rules, best.get(one.member_id)),
            }
            for day, one in zip(last, due, strict=True)
        ],
        at=now,
    )
    return len(due) if len(due) >= BATCH else 0


def _use(usable: int, rules: Rules, best: str | None) -> dict[str, str]:
    """What all the points take off the next order, and the dearest item of the mall they are enough for."""
    worth = offset_of(usable, rules.offset)
    if best is not None:
        amount = amount_text(worth, rules.currency) if worth else ""
        return {
            "zh": f"您的积分可以换“{best}”" + (f"，或下单抵 {amount}。" if amount else "。"),
            "en": f"All your points are enough for “{best}”" + (f", or take {amount} off an order." if amount else "."),
        }
    if not worth:
        return {"zh": "看看能换什么。", "en": "See what could be had for them."}
    amount = amount_text(worth, rules.currency)
    return {
        "zh": f"您的积分下单可抵 {amount}，也看看能换什么。",
        "en": f"All your points take {amount} off an order; see what else could be had for them.",
    }
