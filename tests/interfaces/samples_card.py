"""The member's card, filled as a shop would have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.qr import qr_svg
from rongshu.interfaces.faces.tier_parts import GrowthLine, TierShown, TierStep
from rongshu.interfaces.portal.pages.card import Card

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
LEAF = TierShown("leaf", "新叶", "bronze", "leaf", 1, ("积分 1.2 倍",))
GOLD = TierShown(
    "gold", "金卡", "gold", "crown", 2_000, ("全场减 5%", "积分 1.5 倍", "免运费", "生日送：100 积分、一张券")
)
ONYX = TierShown("onyx", "黑卡", "onyx", "gem", 8_000, ("全场减 10%", "积分 2 倍", "免运费", "专属客服：400-800-0000"))
LINES = (
    GrowthLine(NOW, "订单", "A-1024", 389),
    GrowthLine(NOW, "完善资料", "", 20),
    GrowthLine(NOW, "退款", "A-1001", -120),
)


def mine() -> Card:
    return Card(
        "林秀英", GOLD, 3_120, "今年的成长值。", ONYX, 4_880, 18, ("全场减 10%", "积分 2 倍", "专属客服：400-800-0000"),
        datetime(2027, 1, 1, tzinfo=UTC), 2_000, None, 1_286, Money(1_280), 3, (LEAF, GOLD, ONYX), LINES,
        (TierStep(NOW, "新叶", "金卡", "成长值达到", 2_031),), Cursor("z"),
    )  # fmt: skip


PORTAL: dict[str, tuple[Callable[[], Any], str]] = {
    "card": (mine, "me"),
    "card_top": (lambda: replace(mine(), tier=ONYX, next=None, adds=(), missing=0, percent=100, tiers=(), rows=()), "me"),
    "card_number": (
        lambda: replace(mine(), number="3841 0022 9187 4405", qr=qr_svg("3841002291874405"), invites="http://127.0.0.1:8765/card/camellia?by=3841002291874405"),
        "me",
    ),
    "card_without": (lambda: replace(mine(), tier=None, without="camellia"), "me"),
    "card_grace": (lambda: replace(mine(), grace_until=datetime(2027, 1, 31, tzinfo=UTC)), "me"),
    "card_no_tier": (lambda: replace(mine(), tier=None, next=LEAF, kept_until=None, steps=(), adds=LEAF.gives, rows=()), "me"),
    "card_no_ladder": (lambda: replace(mine(), tier=None, next=None, counts="", tiers=(), rows=(), steps=(), kept_until=None, cursor=Cursor()), "me"),
}  # fmt: skip
