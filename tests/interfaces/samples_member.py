"""The portal of a member who does not promote, filled as a shop would have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.faces.bought_at_parts import BoughtAt, LineBought, Taken
from rongshu.interfaces.faces.parts import Cursor, Money, Person
from rongshu.interfaces.portal.pages.frame import NotPromoting
from rongshu.interfaces.portal.pages.joining import Leave
from rongshu.interfaces.portal.pages.me import Me
from rongshu.interfaces.portal.pages.member import MemberHome, Purchase, Purchases, SeenMember
from rongshu.interfaces.portal.pages.purchase import OnePurchase, PurchaseLine
from tests.interfaces.samples_card import GOLD, ONYX, mine
from tests.interfaces.samples_points import mine as my_points

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
BOUGHT = (
    Purchase("O-20261120-0007", NOW, ("山茶花面霜", "氨基酸洁面"), 3, Money(51_800), Money(0), "ord_1"),
    Purchase("O-20261103-0001", NOW, ("一款名字很长很长的限量版山茶花精华水乳礼盒套装",), 0, Money(128_000), Money(12_900)),
    Purchase("O-20260918-0044", NOW, (), 0, Money(9_900), Money(9_900)),
)  # fmt: skip


def home() -> MemberHome:
    return MemberHome(
        "林秀英", "camellia", GOLD, ONYX, 3_120, 4_880, 18, True, 1_286, Money(1_280), 230, 3, True, 5, BOUGHT
    )


def bought() -> Purchases:
    return Purchases(41, Money(1_240_000), Money(22_800), (2026, 2025), BOUGHT, Cursor("next"))


def purchase() -> OnePurchase:
    price = BoughtAt(
        "chk_1",
        (
            LineBought("CM-050", 2, Money(21_400), (Taken("金卡", "会员价", Money(2_140)), Taken("双十一券", "优惠券", Money(1_660)), Taken("积分", "积分", Money(100))), Money(38_900)),
            LineBought("CL-120", 1, Money(12_900), (), Money(12_900)),
        ),
        ("双十一券",), 100, 25, Money(0), Money(51_800),
    )  # fmt: skip
    lines = (
        PurchaseLine("山茶花面霜", 2, Money(38_900), Money(0)),
        PurchaseLine("氨基酸洁面", 1, Money(12_900), Money(12_900)),
    )
    return OnePurchase("O-20261120-0007", NOW, Money(51_800), Money(12_900), lines, price, 620, 155, 518, 129)


PORTAL: dict[str, tuple[Callable[[], Any], str]] = {
    "member_home": (home, "member:home"),
    "member_home_new": (
        lambda: replace(home(), tier=None, next=None, ladder=False, points=0, worth=None, ending=0, coupons=0, may_sign=False, recent=()),
        "member:home",
    ),
    "member_home_top": (lambda: replace(home(), tier=ONYX, next=None, missing=0, percent=100), "member:home"),
    "member_card": (mine, "member:card"),
    "member_points": (my_points, "member:points"),
    "member_me": (lambda: Me(Person("mem_1", "林秀英", "138****5678"), "", NOW, promotes=False, slug="camellia"), "member:me"),
    "member_erase": (lambda: Leave(Money(0), Money(0), Money(0), 0, True, member=True), "member:me"),
    "not_promoting": (lambda: NotPromoting("camellia"), "member:me"),
    "purchases": (bought, "me"),
    "purchases_none": (lambda: Purchases(0, Money(0), Money(0), (), ()), "member:me"),
    "purchase": (purchase, "member:me"),
    "purchase_plain": (lambda: replace(purchase(), price=None, refunded=Money(0), points=0, growth=0), "member:me"),
    "seen_member": (lambda: SeenMember(1_286, 3, NOW), "member:home"),
}  # fmt: skip
