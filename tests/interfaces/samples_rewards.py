"""Sample pages of steps and pools: a promoter's rewards in the console, why one is what it is in the portal, what changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rongshu.interfaces.console.pages import promoters as console_promoters
from rongshu.interfaces.faces.parts import Money, Words
from rongshu.interfaces.faces.terms import RewardExample
from rongshu.interfaces.portal.pages import notices, rewards

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
STEPS = Words(
    "2026-10-01 至 2026-10-31 的个人销售额(扣除退款)为 ¥61,200.00。在 ¥10,000.00 与 ¥50,000.00 之间的 ¥40,000.00 按 1% 为 ¥400.00。",
    "Own sales from 2026-10-01 to 2026-10-31, less refunds: ¥61,200.00. Between ¥10,000.00 and ¥50,000.00: ¥40,000.00 at 1% is ¥400.00.",
)
LATE = Words(
    "结算之后又有订单或退款,当时发放 ¥624.00:扣回 ¥12.00。",
    "Orders or refunds came after the close, which had paid ¥624.00: ¥12.00 was taken back.",
)


def promoter_rewards(shown: console_promoters.Promoter) -> console_promoters.Promoter:
    rows = tuple(
        console_promoters.RewardRow(
            f"per_{n}", name, kind, rule, adjusts, Money(units), NOW - timedelta(days=30 * n)
        )
        for n, (name, kind, rule, adjusts, units) in enumerate(
            (
                ("2026-09", "steps", "monthly", True, -1_200),
                ("2026-10", "pool", "leaders", False, 218_317),
                ("2026-09", "steps", "monthly", False, 62_400),
                ("2026-Q3", "pool", "quarter-of-the-founders", False, 9_900),
            )
        )
    )  # fmt: skip
    return replace(
        shown, view="rewards", see_rewards=True, rewards=rows, rewarded=Money(sum(one.amount.units for one in rows))
    )


def no_rewards(shown: console_promoters.Promoter) -> console_promoters.Promoter:
    return replace(shown, view="rewards", see_rewards=True, rewards=(), rewarded=Money(0))


def why_reward() -> rewards.WhyReward:
    return rewards.WhyReward(
        period="per_1",
        name="2026-09",
        rule="monthly",
        amount=Money(61_200),
        reasons=(
            rewards.RunReason(NOW - timedelta(days=38), False, Money(62_400), STEPS),
            rewards.RunReason(NOW - timedelta(days=8), True, Money(-1_200), LATE),
        ),
    )


def notice_of_pools(shown: notices.Notice) -> notices.Notice:
    examples = (
        RewardExample("steps", "monthly", "凡自己卖到这么多的人,只看个人销售额", STEPS.zh),
        RewardExample(
            "pool",
            "leaders",
            "周期结束时持有 金、钻石 等级的人",
            "奖金池为 2026-11-01 至 2026-11-30 净基数 ¥100,000.00 的 1%:¥1,000.00。",
        ),
    )
    return replace(shown, rewards=examples)


def console(promoter: Callable[[], Any]) -> dict[str, Any]:
    return {
        "promoter_rewards": (lambda: promoter_rewards(promoter()), "promoters"),
        "promoter_no_rewards": (lambda: no_rewards(promoter()), "promoters"),
    }


def portal(notice: Callable[[], Any]) -> dict[str, Any]:
    return {"why_reward": (why_reward, "earnings"), "notice_pools": (lambda: notice_of_pools(notice()), "home")}
