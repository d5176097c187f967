"""The points mall, filled as a shop would have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.console.pages import mall as desk
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.portal.pages import mall as portal
from tests.interfaces.samples_materials import DOT

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
MUG = portal.MallTile(
    "itm_1", "山茶花马克杯", "goods", 800, DOT, "骨瓷，350 毫升，两色随机。", 12, datetime(2026, 12, 31, tzinfo=UTC)
)
TILES = (
    portal.MallTile("itm_2", "满 100 减 10 优惠券", "coupon", 100, "", "", None, None),
    MUG,
    portal.MallTile("itm_3", "一次免费的面部护理体验，名字很长很长很长", "privilege", 1_200, "", "到店出示兑换码。", None, None),
    portal.MallTile("itm_4", "新年礼盒", "goods", 5_000, "", "", 0, None, "已经兑完，您的积分没有变动。看看别的吧。"),
)  # fmt: skip


def _row(number: int, name: str, kind: str, state: str, **more: Any) -> portal.ExchangeRow:
    given = {"code": "", "parcel": "", "place": "", "reason": "", "back": 0, "may_cancel": False, "may_finish": False}
    return portal.ExchangeRow(f"exc_{number}", name, kind, state, 800, NOW, **{**given, **more})


ROWS = (
    _row(1, "山茶花马克杯", "goods", "asked", place="林小美 · 上海市徐汇区某路 1 号 101 室", may_cancel=True),
    _row(2, "一次免费的面部护理体验", "privilege", "asked", code="EXC_7K2N4M", may_cancel=True),
    _row(3, "山茶花马克杯", "goods", "sent", parcel="顺丰 3108021994", place="林小美 · 上海市徐汇区某路 1 号 101 室", may_finish=True),
    _row(4, "新年礼盒", "goods", "cancelled", reason="包裹被退回", back=800),
)  # fmt: skip


def one() -> portal.MallOne:
    return portal.MallOne(
        MUG, 1_286, 0, "once-1", {"name": "林小美", "phone": "13800138000", "place": "上海市徐汇区某路 1 号 101 室"}
    )


PORTAL: dict[str, tuple[Callable[[], Any], str]] = {
    "mall": (lambda: portal.Mall(1_286, TILES, 2, Cursor("next")), "me"),
    "mall_none": (lambda: portal.Mall(0, (), 0), "member:points"),
    "mall_item": (one, "me"),
    "mall_item_refused": (lambda: replace(one(), values={"name": "", "phone": "1", "place": "x"}, problem="请填写完整地址：省、市、街道、门牌号。", at="place"), "me"),
    "mall_item_gone": (lambda: replace(one(), tile=TILES[3], problem="已经兑完，您的积分没有变动。看看别的吧。", at="item"), "me"),
    "mall_item_short": (lambda: replace(one(), usable=300, short=500), "member:points"),
    "exchanges": (lambda: portal.Exchanges(ROWS, Cursor("next")), "me"),
    "exchanges_none": (lambda: portal.Exchanges((), problem="这个兑换已经寄出。", at="exchange"), "member:points"),
}  # fmt: skip

VALUES = {
    "name": "山茶花马克杯", "kind": "goods", "points": "800", "note": "骨瓷，350 毫升。", "coupon": "", "stock": "200", "per_member": "1",
    "tier": "gold", "sale_from": "2026-11-01T00:00", "sale_until": "2026-12-31T00:00", "open": "yes", "picture": "x",
}  # fmt: skip
LINES = (
    desk.ExchangeLine("exc_1", "", "mem_1", "u-1004", "山茶花马克杯", "goods", "asked", 800, NOW, "林小美 · 13800138000 · 上海市徐汇区某路 1 号 101 室", "", ""),
    desk.ExchangeLine("exc_2", "EXC_7K2N4M", "mem_2", "139****0001", "一次免费的面部护理体验", "privilege", "asked", 1_200, NOW, "", "", ""),
)  # fmt: skip


def item(**more: Any) -> desk.ItemForm:
    return desk.ItemForm(
        "itm_1", VALUES, (("goods", "实物"), ("coupon", "优惠券"), ("privilege", "权益")), (("cpk_1", "满 100 减 10"),), (("gold", "金卡"),), DOT,
        **{"locked": True, **more},
    )  # fmt: skip


def exchanges(**more: Any) -> desk.MallExchanges:
    return desk.MallExchanges(**{"state": "asked", "q": "", "rows": LINES, "cursor": Cursor("next"), **more})


CONSOLE: dict[str, tuple[Callable[[], Any], str]] = {
    "mall": (
        lambda: desk.MallItems(
            "", (
                desk.ItemRow("itm_1", "山茶花马克杯", "goods", "open", 800, 188, 200, DOT, datetime(2026, 12, 31, tzinfo=UTC)),
                desk.ItemRow("itm_2", "满 100 减 10 优惠券", "coupon", "closed", 100, 4_012, None, "", None),
            ), 12, Cursor("next"),
        ), "offers",
    ),
    "mall_none": (lambda: desk.MallItems("", (), 0, may_set=False), "offers"),
    "mall_search_none": (lambda: desk.MallItems("杯", (), 0), "offers"),
    "mall_item": (item, "offers"),
    "mall_item_new": (lambda: replace(item(), id="", locked=False, picture="", problem="请写明需要多少积分，至少 1。", at="points"), "offers"),
    "mall_exchanges": (exchanges, "offers"),
    "mall_exchanges_refused": (lambda: exchanges(problem="请填写快递单号，方便会员查询。", values={"exchange": "exc_1", "carrier": "顺丰", "tracking": "", "reason": ""}), "offers"),
    "mall_exchanges_none": (lambda: exchanges(rows=(), state="sent", cursor=Cursor()), "offers"),
}  # fmt: skip
