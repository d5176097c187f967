"""The member card in the console, filled as a shop would have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.console.pages.cards import CardAsked, Cards, DoorsVersion
from rongshu.interfaces.faces.parts import Person

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
VALUES = {
    "claim": "", "invite": "yes", "approve": "yes", "present": "yes", "spend": "500.00", "buy": "VIP-2026",
    "terms": "本卡仅限本人使用。\n退卡时积分作废。",
}  # fmt: skip
ROWS = (
    CardAsked("crq_1", Person("mem_1", "林秀英", "138****5678"), NOW, "常来店里，想要一张会员卡。", None, "", ""),
    CardAsked("crq_2", Person("mem_2", "王磊", "139****0001"), NOW, "", None, "", ""),
)
DECIDED = (
    CardAsked("crq_3", Person("mem_3", "陈晓雯", "137****2222"), NOW, "", NOW, "何静", "资料不全，请先完善资料。"),
)


def cards() -> Cards:
    return Cards(
        VALUES,
        (DoorsVersion(2, NOW, "何静"), DoorsVersion(1, NOW, "何静")),
        "waiting",
        ROWS,
        "http://127.0.0.1:8765/card/camellia",
        "CNY",
    )


CONSOLE: dict[str, tuple[Callable[[], Any], str]] = {
    "cards": (cards, "members"),
    "cards_refused": (lambda: replace(cards(), state="refused", rows=DECIDED), "members"),
    "cards_none": (
        lambda: replace(cards(), values={"present": "yes"}, versions=(), rows=(), may_set=False, may_decide=False), "members",
    ),
    "cards_wrong": (
        lambda: replace(cards(), values={**VALUES, "spend": "五百"}, problem="请填写大于零的金额，或留空。", at="spend"), "members",
    ),
}  # fmt: skip
