"""Pages of promotion in the console, filled as a shop would have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from rongshu.interfaces.console.pages import attribution, bonds, care, links, orders, promoters, relations
from rongshu.interfaces.faces.credited_parts import WhyNot
from rongshu.interfaces.faces.parts import Cursor, Erasing, Person
from rongshu.interfaces.faces.qr import qr_svg

NOW = datetime(2026, 11, 22, 11, 32, tzinfo=UTC)
LIN, ZHAO, WANG = (
    Person("mem_7k2m", "林秀英", "13812345678"),
    Person("mem_8x6y", "赵敏", "13711112222"),
    Person("mem_4b1e", "王磊", "18600001111"),
)
CHANNELS = (("moments", "朋友圈"), ("group", "社群"), ("poster", "海报"))


def row(**more: object) -> links.LinkRow:
    given = {
        "id": "lnk_1", "slug": "k7m2pqw", "kind": "link", "what": "山茶花面霜 50 毫升", "promoter": LIN, "channel": "朋友圈", "state": "open",
        "made_at": NOW, "expires_at": datetime(2026, 12, 31, 16, tzinfo=UTC), "clicks": 1_284, "visitors": 611, "orders": 37,
    }  # fmt: skip
    return links.LinkRow(**{**given, **more})  # type: ignore[arg-type]


def all_links() -> links.Links:
    return links.Links(
        links.LinkFilters(promoter=LIN, kind="link"),
        CHANNELS,
        (
            row(),
            row(id="lnk_2", slug="c3w8nrt", what="双十一会场", promoter=None, channel="社群", state="expired", clicks=20_931, visitors=9_402, orders=0),
            row(id="lnk_3", slug="h4z9mmk", kind="code", what="自己的推广码", promoter=ZHAO, channel="", state="disabled", expires_at=None),
        ),
        Cursor("abc"),
        may_manage=True,
    )  # fmt: skip


def link() -> links.LinkPage:
    address = "https://rongshu.example/s/k7m2pqw"
    return links.LinkPage(
        row(), "https://shop.example/cream", "CM-050", 412, address, qr_svg(address + "?q=1"), date(2026, 12, 31),
        (links.LinkChange(NOW, "何静", "转给赵敏", "原推广员移居国外"), links.LinkChange(NOW, "何静", "设置了结束时间", "")), may_manage=True,
    )  # fmt: skip


def link_new(*, wrong: bool = False) -> links.NewLink:
    values = {
        "promoter": "13812345678", "leads": "address" if wrong else "", "target": "https://other.example/cream" if wrong else "",
        "sku": "", "kind": "", "channel": "moments", "label": "", "ends": "",
    }  # fmt: skip
    problem = "链接只能通向允许的域名，这个域名不在其中。" if wrong else ""
    return links.NewLink(values, CHANNELS, ("shop.example",), problem=problem, at="target" if wrong else "")


def hosts() -> links.Hosts:
    return links.Hosts((links.HostRow("shop.example", NOW, "何静", 1_204),), may_manage=True)


WORDS = (
    "订单归属给以下方式中第一个找到的在职推广员：下单时的推广码；其次 顾客的归属；其次 谁的分享带来了顾客。",
    "多次触点取最后一次。有效期：点击链接（30 天）、扫码（30 天）。", "归属长期有效。", "推广员自购可以归属给自己。",
)  # fmt: skip


def policy(*, tried: bool = False, wrong: bool = False) -> attribution.Attribution:
    names = (("code", "结账时的推广码"), ("bond", "顾客归属"), ("touch", "谁的分享带来了顾客"), ("store", "门店归谁"))
    cny = attribution.Money
    trial = attribution.Trial(
        2_841, 173, cny(5_120_300), cny(612_040),
        (
            attribution.HandedRow(LIN, ZHAO, 96, cny(3_010_000), cny(331_200)),
            attribution.HandedRow(None, WANG, 77, cny(2_110_300), cny(280_840)),
        ),
        (
            attribution.ChangedRow("ord_1", "DD-20261120-0077", NOW, cny(38_900), cny(5_835), LIN, "顾客的归属", ZHAO, "谁的分享带来了顾客"),
            attribution.ChangedRow("ord_2", "DD-20261119-0412", NOW, cny(12_900), cny(1_290), None, "没有找到人", WANG, "门店归谁"),
        ),
        123,
    )  # fmt: skip
    return attribution.Attribution(
        words=WORDS,
        since=NOW,
        methods=tuple(attribution.MethodField(key, name, place, key == "code", key != "bond") for place, (key, name) in enumerate(names, 1)),
        kinds=(attribution.KindField("click", "点击链接", "30"), attribution.KindField("scan", "扫码", "30"), attribution.KindField("view", "看过页面", "")),
        values={"touch": "last", "bond_days": "0", "bond_extends": "yes", "self_credit": "yes", "since": "2026-10-24", "until": "2026-11-22"},
        versions=(
            attribution.Version("pol_2", datetime(2026, 12, 1, tzinfo=UTC), "scheduled", "何静", "双十二后收紧", WORDS),
            attribution.Version("pol_1", NOW, "in_force", "何静", "首次设定", WORDS),
        ),
        draft=(*WORDS[:2], "归属有效 365 天，每次归属给持有人的订单都会重新起算。") if tried else (),
        trial=trial if tried else None,
        may_set=True,
        problem="两种方式不能排在同一位。" if wrong else "",
        at="methods" if wrong else "",
    )  # fmt: skip


def all_bonds() -> bonds.Bonds:
    return bonds.Bonds(
        "soon",
        LIN,
        (
            bonds.BondRow(ZHAO, LIN, NOW, datetime(2026, 12, 5, tzinfo=UTC), "soon"),
            bonds.BondRow(WANG, LIN, NOW, None, "in_force"),
        ),
        Cursor("abc"),
    )


def bond() -> bonds.Customer:
    changes = (
        bonds.BondChange(NOW, "手动指定", LIN, ZHAO, "何静", "顾客来电要求"),
        bonds.BondChange(NOW, "由订单建立（下单时的推广码）", None, LIN, "系统", "", "ord_1"),
    )
    return bonds.Customer(WANG, bonds.BondRow(WANG, ZHAO, NOW, None, "in_force"), None, changes, {}, may_give=True)


def stores() -> bonds.Stores:
    return bonds.Stores(
        (bonds.StoreRow("静安寺店", LIN, NOW, "何静"),),
        "",
        {"store": "静安店", "promoter": "13712"},
        asked=False,
        may_give=True,
        problem="没有这位会员。",
    )


def cared(promoter: promoters.Promoter, *, frozen: bool = False) -> promoters.Promoter:
    shown = care.Care(
        active=not frozen,
        ended="frozen" if frozen else "",
        since=NOW if frozen else None,
        tags=("老店主", "直播"),
        known=("老店主", "直播", "重点"),
        entries=(
            care.CareEntry(NOW, "何静", "冻结", "投诉核实中") if frozen else care.CareEntry(NOW, "何静", "备注", "约好下周培训新品。", note=True),
            care.CareEntry(NOW, "何静", "打上标签", "直播"),
        ),
        transfers=(care.PlannedTransfer(datetime(2026, 12, 1, tzinfo=UTC), ZHAO, "waiting", "何静", "搬到了另一个城市"),) if frozen else (),
        may_note=True,
        may_manage=True,
        may_merge=not frozen,
        heir=ZHAO if frozen else None,
        erasing=Erasing("mem_1", problems=("推广员只是被冻结，请先恢复，由本人停止推广。",)) if frozen else None,
    )  # fmt: skip
    if frozen:
        earlier = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
        spans = (
            care.FrozenSpan(NOW, "何静", "投诉核实中", None, "", ""),
            care.FrozenSpan(earlier, "何静", "朋友圈文案夸大", earlier.replace(day=9), "方磊", "已改正，培训完成"),
        )
        shown = replace(shown, freezes=spans)
    return replace(promoter, view="care", state="frozen" if frozen else "active", care=shown, commissions=())


def other(order: orders.Order) -> orders.Order:
    rows = (
        ("结账时的推广码", "订单没有带来他的推广码。", ""),
        ("谁的分享带来了顾客", "顾客点击过他的链接，2026/11/20 21:04。", "取最后一次触点，另一位推广员的更晚。"),
    )
    return replace(order, asked="13711112222", other=WhyNot(ZHAO, "", rows))


def orders_console(order: Callable[[], orders.Order]) -> dict[str, tuple[Callable[[], Any], str]]:
    """An order of which somebody asks why not them."""
    return {"order_why_not": (lambda: other(order()), "orders")}


def console(promoter: Callable[[], promoters.Promoter]) -> dict[str, tuple[Callable[[], Any], str]]:
    """The parts of a promoter's page, from the sample of that page."""
    return {
        "promoter_care": (lambda: cared(promoter()), "promoters"),
        "promoter_frozen": (lambda: cared(promoter(), frozen=True), "promoters"),
    }


def tree(*, found: bool = False) -> relations.Relations:
    node = relations.Node(LIN, "active", "金牌", 1_283_441, attribution.Money(12_840_000), opens=True)
    nodes = (
        node,
        relations.Node(ZHAO, "frozen", "", 12, attribution.Money(640_000), opens=True),
        relations.Node(WANG, "active", "", 0, attribution.Money(0), opens=False),
    )
    return relations.Relations(
        LIN.id if found else "",
        (ZHAO, WANG) if found else (),
        found,
        node if found else None,
        relations.Branch(nodes, "/more"),
        NOW,
    )


CONSOLE = {
    "relations": (tree, "promoters"),
    "relations_found": (lambda: tree(found=True), "promoters"),
    "relations_none": (
        lambda: relations.Relations("", (), cut=False, top=None, branch=relations.Branch(())),
        "promoters",
    ),
    "bonds": (all_bonds, "promotion"),
    "bond": (bond, "promotion"),
    "stores": (stores, "promotion"),
    "stores_none": (lambda: bonds.Stores((), "", {}, may_give=True), "promotion"),
    "attribution": (policy, "promotion"),
    "attribution_tried": (lambda: policy(tried=True), "promotion"),
    "attribution_wrong": (lambda: policy(wrong=True), "promotion"),
    "links": (all_links, "promotion"),
    "links_none": (lambda: links.Links(links.LinkFilters(), CHANNELS, (), Cursor()), "promotion"),
    "link": (link, "promotion"),
    "link_new": (link_new, "promotion"),
    "link_new_wrong": (lambda: link_new(wrong=True), "promotion"),
    "hosts": (hosts, "promotion"),
    "hosts_none": (lambda: links.Hosts((), may_manage=True), "promotion"),
}
