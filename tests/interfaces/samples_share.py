"""Sample pages of the share centre."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rongshu.interfaces.faces.channels import CHANNELS
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.qr import qr_svg
from rongshu.interfaces.portal.pages import home as homes
from rongshu.interfaces.portal.pages import missed as missing
from rongshu.interfaces.portal.pages import share as pages

NOW = datetime(2026, 11, 22, 11, 32, tzinfo=UTC)
ADDRESS = "https://share.example.com/s/"
PICTURE = "/static/faces/icon-512.png"
TITLES = (
    "山茶花精华面霜 50 毫升",
    "WHITE HANGING HEART T-LIGHT HOLDER",
    "复古针织手提包，一个名字很长很长、要在两行里才放得下的商品",
)


def _shown(slug: str) -> pages.Shown:
    return pages.Shown(slug, ADDRESS + slug, f"share.example.com/s/{slug}", qr_svg(f"{ADDRESS}{slug}?q=1"))


def share() -> pages.Share:
    rows = tuple(
        pages.ProductTile(f"prd_{n}", title, "", Money(9900 * n) if n else None) for n, title in enumerate(TITLES)
    )
    suggested = (pages.SuggestedTile(rows[0], TITLES[2]), pages.SuggestedTile(rows[1]))
    return pages.Share("", rows, cursor=Cursor("z"), suggested=suggested)


def missed(rows: bool = True) -> missing.Missed:
    why = "该客户自 2026-08-01 起归属另一位推广员，2026-11-30 之前其订单不会计给其他人。"
    facts = ("客户点击了您的链接，2026-11-20 10:12。",)
    return missing.Missed(tuple(missing.MissedOrder(NOW - timedelta(hours=n), facts, why) for n in range(3 * rows)))


def product() -> pages.ShareProduct:
    channels = tuple(pages.Channel(key, str(name)) for key, name in CHANNELS.items())
    return pages.ShareProduct(
        "prd_1",
        TITLES[2],
        "",
        Money(29900),
        channels,
        "moments",
        _shown("k7m2qfx"),
        leads_home=True,
        copies=(
            pages.CopyText(
                "mav_1", "【广告】入秋第一杯，山茶花精华面霜，点链接看看：\nhttps://share.example.com/s/k7m2qfx", "#"
            ),
            pages.CopyText(
                "mav_2", "【广告】我在用的面霜，质地轻，早晚都合适。\nhttps://share.example.com/s/k7m2qfx", "#", PICTURE
            ),
        ),
        poster=pages.PosterShown(
            PICTURE, 300, 400, "1", (pages.Channel("1", "浅色商品"), pages.Channel("2", "红色节日")), "小林"
        ),
    )


def my_links() -> pages.MyLinks:
    rows = tuple(
        pages.LinkRow(
            f"lnk_{state}", TITLES[n], str(CHANNELS["group"]), "share.example.com/s/k7m2qfx", ADDRESS + "k7m2qfx", state,
            1204 - n, 310, NOW, None if n else NOW + timedelta(days=3),
        )
        for n, state in enumerate(("open", "expired", "disabled"))
    )  # fmt: skip
    return pages.MyLinks((*rows, replace(rows[0], kind="code", what="我的推广码", channel="")), Cursor("z"))


def sharing(clicks: int = 12) -> homes.Today:
    return homes.Today(homes.Span(clicks, 2, Money(6625)), homes.Span(clicks * 30, 45, Money(1842050)))


def portal(home: Callable[[], homes.Home]) -> dict[str, tuple[Callable[[], object], str]]:
    return {
        "home_sharing": (lambda: replace(home(), sharing=sharing()), "home"),
        "home_first_step": (lambda: replace(home(), sharing=sharing(0), first_step=True), "home"),
        "missed": (missed, "earnings"),
        "missed_none": (lambda: missed(rows=False), "earnings"),
        "share": (share, "share"),
        "share_none": (lambda: pages.Share("", (), any=False), "share"),
        "share_not_found": (lambda: pages.Share("tea", ()), "share"),
        "share_product": (product, "share"),
        "my_code": (lambda: pages.MyCode("K7M2QFX", _shown("k7m2qfx"), _shown("p3w9zhd")), "share"),
        "my_links": (my_links, "share"),
        "no_links": (lambda: pages.MyLinks(()), "share"),
        "seen": (lambda: homes.Seen(Money(123456), NOW, sharing()), "home"),
    }
