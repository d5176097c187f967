"""Coupons as the console and the portal show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rongshu.interfaces.console.pages import coupons as desk
from rongshu.interfaces.faces.coupon_parts import CouponFace
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.qr import qr_svg
from rongshu.interfaces.portal.pages import coupons as wallet

NOW = datetime(2026, 11, 22, 11, 32, tzinfo=UTC)
SOON = NOW + timedelta(days=12)
TENNER = CouponFace(
    "满 100 减 10",
    "¥10.00",
    "优惠",
    ("满 ¥100.00 可用", "仅限 beauty/face、beauty/body", "不与其他优惠券同享"),
    until_at=SOON,
)
EIGHTY = CouponFace(
    "新会员礼：全场八折，名字很长很长的一张优惠券要在两行里才放得下", "20%", "优惠",
    ("不限金额", "最多减 ¥1,234,567.89", "仅限黄金会员、铂金会员"), "生日当月可与会员价同享。", days=30, until_at=SOON,
)  # fmt: skip
GIFT = CouponFace("随单赠品", "赠品", "SKU-TRAVEL-SET-30ML-X4", ("满 ¥500.00 可用",), from_at=NOW + timedelta(days=1))
SHIPPING = CouponFace("包邮券", "免", "运费", ("不限金额",))
QR = qr_svg("https://share.example.com/c/7m2k")


def mine(tab: str = "mine", rows: bool = True) -> wallet.Coupons:
    states = {"mine": ("held", "reserved"), "used": ("used",), "over": ("expired", "sent")}[tab]
    faces = [replace(face, state=states[n % len(states)], days=None) for n, face in enumerate((TENNER, EIGHTY, GIFT))]
    return wallet.Coupons(
        tab,
        (wallet.Claimable("cpk_1", EIGHTY, 12), wallet.Claimable("cpk_2", SHIPPING)) if tab == "mine" and rows else (),
        tuple(
            wallet.Mine(
                f"cpn_{n}", face, "新会员", n == 0 and tab == "mine",
                *((Money(1_234_567), NOW, "O-1001") if tab == "used" else ()),
            )
            for n, face in enumerate(faces)
        )
        if rows
        else (),
        Cursor("next" if rows else None),
    )  # fmt: skip


def refused() -> wallet.Coupons:
    return replace(mine(), code="abcd-efgh-jkmn", at="code", problem="没有这个券码。请逐字再看一遍。")


PORTAL: dict[str, tuple[Callable[[], Any], str]] = {
    "coupons": (mine, "me"),
    "coupons_none": (lambda: mine(rows=False), "me"),
    "coupons_used": (lambda: mine("used"), "me"),
    "coupons_over": (lambda: mine("over"), "me"),
    "coupons_over_none": (lambda: mine("over", False), "me"),
    "coupons_refused": (refused, "me"),
    "coupon_share": (
        lambda: wallet.ShareCoupon(
            TENNER, "https://rongshu.example/portal/coupons/take/x", "rongshu.example/portal/coupons/take/cpn_0abc." + "0f" * 16, QR
        ),
        "me",
    ),
    "coupon_take": (lambda: wallet.TakeCoupon("x", TENNER), "me"),
    "coupon_take_over": (lambda: wallet.TakeCoupon("x", TENNER, "这张券已被别人领走，或已过期。"), "me"),
}  # fmt: skip

ROW = desk.KindRow(
    "cpk_1", "满 100 减 10", "¥10.00", "优惠", "open", 812_345, 1_000_000, 120_001, Money(118_001_000), Money(692_344_000),
    Money(1_000_000_000), 147_700, ("可领取", "新会员注册时", "可转赠"),
)  # fmt: skip
WORDS = ("最多 1,000,000 张，最多花费 ¥10,000,000.00。", "每人限 1 张。", "订单全额退款后退还。")


def kinds(rows: bool = True, q: str = "") -> desk.Kinds:
    other = replace(
        ROW, id="cpk_2", name="新会员礼：全场八折，名字很长很长的一张优惠券", worth="20%", state="closed", number=None, budget=None, used_ppm=None, ways=(),
        given=0, used=0, spent=Money(0), promised=Money(0),
    )  # fmt: skip
    return desk.Kinds(q, (ROW, other) if rows else (), Cursor("next" if rows else None), True)


def form(**more: Any) -> desk.KindForm:
    values = dict.fromkeys(
        ("name", "amount", "percent", "max_minus", "min_spend", "skus", "categories", "except_skus", "tiers", "gift_sku",
         "valid_from", "valid_until", "days", "budget", "number", "per_person", "claimable", "shareable", "remind_days", "note"), "",
    )  # fmt: skip
    values |= {"name": "满 100 减 10", "amount": "10.00", "min_spend": "100.00", "claimable": "yes", "per_person": "1"}
    return desk.KindForm(
        "cpk_1", values,
        (desk.Choice("fixed", "减固定金额", True), desk.Choice("percent", "按比例减"), desk.Choice("gift", "赠品")),
        (desk.Choice("with-sale", "限时优惠", True), desk.Choice("with-coupon", "其他优惠券")),
        (desk.Choice("whole", "订单全额退款时", True), desk.Choice("never", "不退还")),
        (desk.Choice("", "不自动发放", True), desk.Choice("new_member", "成为会员时")),
        desk.Look(EIGHTY, words=WORDS), "CNY", tiers=(desk.Choice("silver", "银卡"), desk.Choice("gold", "金卡", True)), **more,
    )  # fmt: skip


def kind(tab: str, rows: bool = True, **more: Any) -> desk.KindPage:
    lists: dict[str, Any] = {
        "codes": {"batches": (desk.BatchRow("cpb_1", "地铁广告", 1_000_000, 1_234, SOON, NOW, False), desk.BatchRow("cpb_2", "包装盒里", 500, 500, None, NOW, True))},
        "uses": {"uses": (desk.UseRow("mem_1", "138****1234", "used", "ord_1", "O-20261122-0001", Money(1000), NOW), desk.UseRow("mem_1", "zhou", "returned", "ord_2", "O-2", Money(990), NOW), desk.UseRow("mem_1", "lin", "reserved", "", "", None, NOW))},
        "given": {"given": (desk.GivenRow("mem_1", "138****1234", "作为新会员", "held", NOW, SOON), desk.GivenRow("mem_1", "zhou", "已领取", "sent", NOW, None))},
        "send": {
            "segments": (desk.SegmentChoice("seg_1", "沉睡买家", 3_120, True), desk.SegmentChoice("seg_2", "茶友", 412)),
            "sendings": (
                desk.SendingRow("snd_2", "seg_1", "沉睡买家", "running", "", 2_000, 3_120, 1_987, NOW),
                desk.SendingRow("snd_1", "seg_2", "茶友", "stopped", "已经发完。", 400, 412, 380, NOW),
            ),
            "under_way": True,
        },
    }  # fmt: skip
    return desk.KindPage(
        tab, ROW, TENNER, WORDS, {"ref": "send-1"}, **(lists[tab] if rows else {}), may_set=True, may_issue=True, **more
    )


CONSOLE: dict[str, tuple[Callable[[], Any], str]] = {
    "coupons": (kinds, "offers"),
    "coupons_none": (lambda: kinds(False), "offers"),
    "coupons_search_none": (lambda: kinds(False, "茶"), "offers"),
    "coupon_form": (form, "offers"),
    "coupon_form_locked": (
        lambda: form(locked=True, at="name", problem="名称为 1 到 60 个字。"),
        "offers",
    ),
    "coupon_form_unreadable": (lambda: replace(form(), look=desk.Look(None, "请填写金额。")), "offers"),
    "coupon_send": (lambda: kind("send"), "offers"),
    "coupon_send_none": (lambda: kind("send", False), "offers"),
    "coupon_send_refused": (
        lambda: kind("send", problem="这张券还剩 12 张，需要 40 张。", at="send"),
        "offers",
    ),
    "coupon_codes": (lambda: kind("codes"), "offers"),
    "coupon_codes_none": (lambda: kind("codes", False), "offers"),
    "coupon_given": (lambda: kind("given"), "offers"),
    "coupon_given_none": (lambda: kind("given", False), "offers"),
    "coupon_uses": (lambda: kind("uses"), "offers"),
    "coupon_uses_none": (lambda: kind("uses", False), "offers"),
}
