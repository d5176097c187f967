"""Pages filled with data as a shop would have them, for looking at and for rendering tests. No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from rongshu.interfaces.console.pages import frame as console_around
from rongshu.interfaces.console.pages import ledger as console_ledger
from rongshu.interfaces.console.pages import orders as console_orders
from rongshu.interfaces.console.pages import plans as plans
from rongshu.interfaces.console.pages import promoters as console_promoters
from rongshu.interfaces.console.pages import search as console_search
from rongshu.interfaces.console.pages import today as console_today
from rongshu.interfaces.faces.bought_at_parts import BoughtAt, LineBought, Taken
from rongshu.interfaces.faces.credited_parts import Considered, CreditedSo
from rongshu.interfaces.faces.parts import Act, Cursor, Figure, Moment, Money, Person, Progress, Words
from rongshu.interfaces.faces.terms import TermChange
from rongshu.interfaces.portal.pages import earnings as portal_earnings
from rongshu.interfaces.portal.pages import frame as portal_around
from rongshu.interfaces.portal.pages import home as portal_home
from rongshu.interfaces.portal.pages import me as portal_me
from rongshu.interfaces.portal.pages import notices as portal_notices
from rongshu.interfaces.portal.pages import team as portal_team
from tests.interfaces import (
    samples_card,
    samples_cards,
    samples_coupons,
    samples_files,
    samples_joining,
    samples_mall,
    samples_materials,
    samples_member,
    samples_members,
    samples_messages,
    samples_money,
    samples_payouts,
    samples_points,
    samples_posters,
    samples_prices,
    samples_profiles,
    samples_promotion,
    samples_ranks,
    samples_reconciliation,
    samples_rerating,
    samples_rewards,
    samples_runs,
    samples_segments,
    samples_share,
    samples_statements,
    samples_team,
    samples_tiers,
)

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 11, 32, tzinfo=UTC)
ZONE = "Asia/Shanghai"

LIN = Person("mem_7k2m", "林秀英", "13812345678")
ZHOU = Person("mem_9f3a", "周国强", "13987650021")
CHEN = Person("mem_2c8d", "陈晓雯", "15022223333")
WANG = Person("mem_4b1e", "王磊", "18600001111")
ALICE = Person("mem_5d0f", "Alice Wong", "85261234567")
BUYER = Person("mem_8x6y", "赵敏", "13711112222")


def yuan(amount: float) -> Money:
    return Money(round(amount * 100), "CNY")


def console_frame(current: str, **more: object) -> console_around.ConsoleFrame:
    return console_around.ConsoleFrame(
        tenant="山茶花护肤",
        who="何静",
        role="运营",
        zone=ZONE,
        current=current,
        **{"waiting": 4, "unread": 2, **more},  # type: ignore[arg-type]
    )


def portal_frame(current: str) -> portal_around.PortalFrame:
    """`member:` before a room stands for the dock of a member who does not promote."""
    rooms = portal_around.MEMBER_ROOMS if current.startswith("member:") else portal_around.ROOMS
    room = current.removeprefix("member:")
    return portal_around.PortalFrame(tenant="山茶花护肤", zone=ZONE, current=room, unread=100, rooms=rooms)


# ---------------------------------------------------------------------------------------------------- console


def today(window: int = 30) -> console_today.Today:
    days = tuple(TODAY - timedelta(days=window - 1 - n) for n in range(window))
    paid = tuple(380_000 + (n * 7919) % 310_000 + (240_000 if day.weekday() >= 5 else 0) for n, day in enumerate(days))
    commission = tuple(amount * (112 + n % 9) // 1000 for n, amount in enumerate(paid))
    return console_today.Today(
        window=window,
        since=days[0],
        until=days[-1],
        today=TODAY,
        as_of=NOW,
        figures=(
            Figure("订单", count=1284, before=1142, better="up", href="#"),
            Figure("实付", money=Money(sum(paid)), before=sum(paid) * 100 // 109, better="up", href="#"),
            Figure("计提佣金", money=Money(sum(commission)), before=sum(commission) * 100 // 107),
            Figure("已解冻", money=yuan(15_220.4), before=1_640_100),
            Figure("已冲回", money=yuan(804.16), before=52_000, better="down"),
            Figure("佣金占实付", ppm=115_800, before=119_400, better="down"),
        ),
        chart=console_today.paid_and_commission(days, paid, commission, "CNY", ratio_before=119_400),
        decisions=(
            console_today.Decision(
                "rerating",
                "2026-11-01 至 2026-11-07 的重算等待第二人",
                "推广员增加 ¥310.20,减少 ¥95.00。原因:链接归属更正",
                NOW - timedelta(minutes=3),
                href="#",
            ),
            console_today.Decision(
                "difference",
                "已解冻余额与转账合计不符",
                "林秀英的可用余额比转账合计多 ¥0.01。",
                NOW - timedelta(minutes=12),
                href="#",
                ref="mem_7k2m",
            ),
            console_today.Decision(
                "poisoned",
                "订单 T20251122-0917",
                "第 2 行的类目路径超过 8 层,核算三次都没有成功。",
                NOW - timedelta(hours=1),
                ref="inb_3x9",
                acts=(Act("再试一次", "#", "main"), Act("放弃", "#", "loss", confirm="放弃后不会再核算这笔订单。")),
            ),
            console_today.Decision(
                "refused",
                "退款 R-55102",
                "指明的订单行 4 不存在。",
                NOW - timedelta(hours=5),
                ref="inb_2k1",
                acts=(Act("再试一次", "#", "main"),),
            ),
        ),
        waiting=4,
    )


def anchored() -> console_today.Today:
    until = date(2026, 11, 18)
    return console_today.Today(
        window=7,
        since=date(2026, 11, 12),
        until=until,
        today=TODAY,
        as_of=NOW,
        figures=(Figure("订单", count=0), Figure("实付", money=yuan(0)), Figure("佣金占实付", ppm=None)),
        chart=None,
        decisions=(),
        waiting=0,
    )


def orders() -> console_orders.Orders:
    states = ("paid", "completed", "part_refunded", "paid", "refunded", "cancelled")
    people = (LIN, ZHOU, None, CHEN, ALICE, WANG)
    return console_orders.Orders(
        filters=console_orders.OrderFilters(),
        rows=tuple(
            console_orders.OrderRow(
                id=f"ord_{n}",
                external_id=f"T20251122-{1043 - n:04d}",
                paid_at=NOW - timedelta(minutes=17 * n),
                buyer=BUYER if n % 4 else WANG,
                promoter=people[n % 6],
                state=states[n % 6],
                paid=Money(12_900 + 7_713 * n % 98_000),
                commission=Money(0 if n % 6 == 2 else (1_290 + 771 * n) % 9_800),
            )
            for n in range(18)
        ),
        cursor=Cursor(next="b3A"),
    )


def no_orders() -> console_orders.Orders:
    return console_orders.Orders(filters=console_orders.OrderFilters(q="T2025", promoter=LIN), rows=(), cursor=Cursor())


def _row(
    no: int, line: str, level: int, base: float, ppm: int, amount: float, back: float, state: str
) -> console_orders.CommissionRow:
    rate = f"{ppm / 10_000:g}%"
    return console_orders.CommissionRow(
        id=f"com_{no}",
        kind="level",
        level=level,
        state=state,
        rule=f"level-{level}",
        base=yuan(base),
        ppm=ppm,
        amount=yuan(amount),
        reversed=yuan(back),
        line_no=no,
        line_title=line,
        due_at=NOW + timedelta(days=14),
        why=Words(
            f"按方案 spring 第 3 版,第 {level} 层比例 {rate},计佣基数 ¥{base:,.2f},得 ¥{amount:,.2f}。"
            + (f"其中 ¥{back:,.2f} 因退款冲回。" if back else ""),
            f"Plan spring, version 3: level {level} earns {rate} of ¥{base:,.2f}, that is ¥{amount:,.2f}."
            + (f" ¥{back:,.2f} was taken back by a refund." if back else ""),
        ),
    )


def credit() -> CreditedSo:
    return CreditedSo(
        7,
        (
            Considered("code", "下单时的推广码", "absent", "订单带来的推广码 K7M2QFX 不存在、已过期或已停用。", "", code="K7M2QFX"),
            Considered("bond", "客户归属", "won", "", "订单归给了此人。", CHEN, 1, since=NOW, until=NOW + timedelta(days=90)),
            Considered(
                "touch", "带来买家的分享", "later", "买家点击了链接。", "排在前面的方式已经确定了归属。", LIN, 2, kind="click",
                slug="k7m2qfx", since=NOW,
            ),
            Considered("store", "门店负责人", "absent", "此方式没有找到任何人。", ""),
        ),
    )  # fmt: skip


def order() -> console_orders.Order:
    return console_orders.Order(
        credit=credit(),
        id="ord_01jd6z9x3k",
        external_id="T20251122-1042",
        source="有赞",
        state="part_refunded",
        paid_at=NOW - timedelta(days=1),
        completed_at=None,
        buyer=BUYER,
        paid=yuan(518),
        refunded=yuan(129),
        commission=yuan(56.61),
        plan="spring 第 3 版",
        plan_href="#",
        credited_to=LIN,
        credited_by="分享链接 s/8Kd2,支付前 2 小时点击",
        facts=(("渠道", "小程序"), ("门店", "杭州湖滨店"), ("会员等级", "银卡"), ("首单或复购", "首单")),
        lines=(
            console_orders.Line(1, "CM-050 山茶花面霜", "护肤/面霜", 2, yuan(389), yuan(0)),
            console_orders.Line(2, "CL-120 氨基酸洁面", "护肤/洁面", 1, yuan(129), yuan(129)),
        ),
        chain=(
            console_orders.ChainLink(
                LIN,
                1,
                1,
                "金",
                yuan(51.8),
                rows=(
                    _row(1, "山茶花面霜 50ml", 1, 389, 100_000, 38.9, 0, "pending"),
                    _row(2, "氨基酸洁面 120ml", 1, 129, 100_000, 12.9, 12.9, "reversed"),
                ),
            ),
            console_orders.ChainLink(
                WANG,
                2,
                None,
                "",
                yuan(0),
                why_not=Words(
                    "支付时他还不是活跃推广员(2025年11月20日停用),这一层没有佣金。",
                    "He was not an active promoter when the order was paid (paused on 20 November 2025), so this level earns nothing.",
                ),
            ),
            console_orders.ChainLink(
                ZHOU,
                3,
                2,
                "钻石",
                yuan(15.54),
                rows=(
                    _row(3, "山茶花面霜 50ml", 2, 389, 30_000, 11.67, 0, "pending"),
                    _row(4, "氨基酸洁面 120ml", 2, 129, 30_000, 3.87, 3.87, "reversed"),
                ),
            ),
        ),
        no_chain=None,
        refunds=(console_orders.RefundRow("ref_1", "R-55098", NOW - timedelta(hours=3), yuan(129), yuan(16.77), "2"),),
        timeline=(
            Moment(NOW - timedelta(days=1), "买家支付 ¥518.00"),
            Moment(NOW - timedelta(days=1, minutes=-1), "计提佣金 ¥67.34", tone="good"),
            Moment(NOW - timedelta(hours=3), "退款 ¥129.00,冲回佣金 ¥16.77", "有赞", tone="loss"),
        ),
        transfers=(
            console_orders.TransferRow(
                "jrn_1", "order", NOW - timedelta(days=1), "商户", 151, "林秀英", 101, yuan(51.8), "T20251122-1042"
            ),
            console_orders.TransferRow(
                "jrn_1", "order", NOW - timedelta(days=1), "商户", 151, "周国强", 101, yuan(15.54), "T20251122-1042"
            ),
            console_orders.TransferRow(
                "jrn_2", "refund", NOW - timedelta(hours=3), "林秀英", 101, "商户", 151, yuan(12.9), "R-55098"
            ),
        ),
        bought=BoughtAt(
            "chk_01jd6z9x3k",
            (
                LineBought(
                    "CM-050 山茶花面霜",
                    2,
                    yuan(214),
                    (
                        Taken("会员价", "会员价", yuan(21.4)),
                        Taken("双十一券", "优惠券", yuan(16.6)),
                        Taken("积分", "积分", yuan(1)),
                    ),
                    yuan(389),
                ),
                LineBought("CL-120 氨基酸洁面", 1, yuan(129), (), yuan(129)),
            ),
            ("双十一券",),
            100,
            25,
            yuan(0),
            yuan(518),
        ),
    )


def promoters() -> console_promoters.Promoters:
    people = (ZHOU, LIN, CHEN, ALICE, WANG)
    return console_promoters.Promoters(
        q="",
        sort="-team_sales",
        cursor=Cursor(next="x"),
        rows=tuple(
            console_promoters.PromoterRow(
                person=one,
                state="inactive" if one is WANG else "active",
                rank=("钻石", "金", "银", "", "")[n],
                inviter=None if n == 0 else ZHOU,
                joined_at=NOW - timedelta(days=40 * (n + 1)),
                team_size=(18_204, 312, 41, 3, 0)[n],
                team_sales=Money((1_284_400_910, 31_820_000, 2_108_050, 98_000, 0)[n]),
                pending=Money((812_050, 51_820, 9_900, 0, 0)[n]),
                available=Money((2_410_733, 120_016, 3_310, 1_200, 0)[n]),
                reserved=Money((500_000, 0, 0, 0, 0)[n]),
                debt=Money((0, 0, 0, 0, 1_677)[n]),
            )
            for n, one in enumerate(people)
        ),
    )


def promoter(view: str = "commissions") -> console_promoters.Promoter:
    return console_promoters.Promoter(
        view=view,
        person=LIN,
        state="active",
        rank="金",
        joined_at=NOW - timedelta(days=412),
        pending=yuan(518.2),  # type: ignore[arg-type]
        available=yuan(1_200.16),
        reserved=yuan(300),
        debt=yuan(0),
        own_sales=yuan(88_120.5),
        team_sales=yuan(318_200),
        team_size=312,
        inviter=ZHOU,
        depths=(console_promoters.Depth(1, 28), console_promoters.Depth(2, 141), console_promoters.Depth(3, 143)),
        cursor=Cursor(next="n"),
        commissions=tuple(
            console_promoters.EarnedRow(
                f"ord_{n}",
                f"T20251122-{1042 - n}",
                BUYER,
                "level",
                1 + n % 2,
                1 + n,
                ("pending", "released", "part_reversed")[n % 3],
                yuan(38.9),
                yuan(12.9 if n % 3 == 2 else 0),
                NOW - timedelta(days=n),
                NOW + timedelta(days=14 - n),
            )
            for n in range(5)
        ),
        team=tuple(
            console_promoters.TeamRow(one, "active", "银", NOW - timedelta(days=90), yuan(8_100.5), 12)
            for one in (CHEN, WANG, ALICE)
        ),
        history=(
            console_promoters.InviterChange(NOW - timedelta(days=300), None, ZHOU, "何静", "线下签约时漏填邀请人"),
        ),
    )


CLAUSES = (
    plans.Clause(
        "计佣",
        (
            ("计佣基数", "实付金额", "优惠、券和积分抵扣之后,不含运费和税"),
            ("自购", "不返佣", ""),
            ("适用法律", "中国大陆", ""),
        ),
    ),
    plans.Clause("层级", (("第 1 层", "10%", "直接推广员"), ("第 2 层", "3%", "邀请人"))),
    plans.Clause(
        "例外",
        (("first-order", "15%", "第 1 层,首单"), ("beauty-gold", "18%", "第 1 层,类目为 beauty,且推广等级为金或钻石")),
    ),
    plans.Clause(
        "上限", (("单笔订单", "25%", "占计佣基数"), ("推广员每日", "¥500.00", ""), ("推广员每月", "¥10,000.00", ""))
    ),
    plans.Clause("解冻", (("订单完成后", "15 天", ""),)),
)
DOCUMENT = """name: spring
currency: CNY
jurisdiction: CN
basis: paid
self_purchase: none
levels:
  1: {rate: 10%}
  2: {rate: 3%}
overrides:
  - {id: first-order, level: 1, when: {order: first}, rate: 15%}
  - {id: beauty-gold, level: 1, when: {category: [beauty], rank: [gold, diamond]}, rate: 18%}
caps:
  order: 25%
  promoter_day: "500.00"
  promoter_month: "10000.00"
release: {after: completed, days: 15}
"""
DIFFERENCES = (
    plans.Difference("changed", "levels.1.rate", "第 1 层的比例从 8% 变为 10%。"),
    plans.Difference("added", "overrides[first-order]", "新增例外 first-order:首单时第 1 层为 15%。"),
    plans.Difference("removed", "boosts[may]", "删除加成 may:五月支付的订单加 1%。"),
)


DRAFTS = (plans.DraftRow("drf_1", NOW - timedelta(days=2), "何静"),)


def plan() -> plans.Plan:
    versions = (
        plans.VersionRow(4, "spring", "scheduled", NOW + timedelta(days=9), NOW - timedelta(hours=2), "何静"),
        plans.VersionRow(3, "spring", "in_force", NOW - timedelta(days=60), NOW - timedelta(days=61), "何静"),
        plans.VersionRow(2, "spring", "past", NOW - timedelta(days=200), NOW - timedelta(days=201), "李伟"),
    )
    return plans.Plan(
        versions=versions, shown=versions[1], clauses=CLAUSES, document=DOCUMENT, against=2, differences=DIFFERENCES, drafts=DRAFTS,
        may_edit=True,
    )  # fmt: skip


LOOKED = plans.Looked(
    (
        plans.FindingRow("STR-02", "block", "levels.3", "中国大陆的方案最多两层计佣。", "删去第 3 层。", "《禁止传销条例》第七条", 9),
        plans.FindingRow("PRT-04", "warn", "effective_from", "通知推广员后第 3 天就开始。", "推迟到 12 月 1 日以后。", "《电子商务法》第三十四条"),
        plans.FindingRow("TAX-01", "warn", "", "没有申报代扣方式。", declared=False),
        plans.FindingRow("PRT-05", "info", "", "没有申报是否签署协议。", declared=False),
    ),
    "CN", "2026-07", "1",
)  # fmt: skip


def draft() -> plans.Draft:
    return plans.Draft(
        draft_id="drf_1", first=False, document=DOCUMENT, effective_from="2026-12-01T00:00",
        problems=(
            plans.Problem("levels.3", "中国大陆的方案最多两层计佣，第 3 层不能发布。", 9),
            plans.Problem("caps.promoter_dya", "没有这个键。是否想写 promoter_day？", 15),
        ),
    )  # fmt: skip


def checked() -> plans.Draft:
    return plans.Draft(
        draft_id="drf_1", first=False, document=DOCUMENT, effective_from="", checked=True, alone=True, differences=DIFFERENCES,
        against=3, clauses=CLAUSES, looked=LOOKED,
    )  # fmt: skip


def in_review() -> plans.Draft:
    return plans.Draft(
        draft_id="drf_1", first=False, document=DOCUMENT, effective_from="", review="rev_1",
        asked=Moment(NOW - timedelta(hours=2), "下个月的新费率", "何静"),
    )  # fmt: skip


WAITS = plans.WaitingRow(
    "rev_1", "spring", NOW - timedelta(hours=2), "何静", NOW + timedelta(days=9), "下个月的新费率", 1, own=False
)


def review() -> plans.Review:
    return plans.Review(
        row=WAITS, document=DOCUMENT, clauses=CLAUSES, differences=DIFFERENCES, against=3, looked=LOOKED, authors=("何静",),
        may_decide=True, may_take_back=True, alone=False, effective_from="2026-12-01T00:00",
    )  # fmt: skip


def rules() -> plans.Rules:
    return plans.Rules(
        "申诉电话 400-000-0000", "由平台代扣代缴劳务报酬个人所得税。", "随时可以停止推广。", "", "/rules/camellia", may_edit=True,
        updated=Moment(NOW, "", "何静"),
    )  # fmt: skip


def ledger(differs: bool = False) -> console_ledger.Ledger:
    rules = (
        ("balance", "余额等于转账合计", "每个账户的余额等于它的全部转入减去全部转出。", 48_211),
        ("units", "每种单位合计为零", "商户和全部会员的账户加起来正好为零:钱没有凭空出现,也没有消失。", 3),
        ("pending", "待解冻等于未了结的佣金", "每位推广员的待解冻金额等于还没有解冻、没有冲回的佣金之和。", 12_040),
        ("orders", "每笔订单都记了账", "每笔已核算的订单有且只有一条记账凭证。", 50_180),
    )
    return console_ledger.Ledger(
        last=console_ledger.Run(NOW - timedelta(minutes=12), 4_130, "定时任务"),
        running=Progress("正在核对余额", 31_000, 48_211, left=25) if differs else None,
        may_run=True,
        invariants=tuple(
            console_ledger.Invariant(
                code,
                title,
                meaning,
                "differs" if differs and code == "balance" else "holds",
                rows,
                1 if differs and code == "balance" else 0,
            )
            for code, title, meaning, rows in rules
        ),
        differences=(console_ledger.LedgerDifference("余额等于转账合计", "mem_7k2m/102: 120015 / 120016"),)
        if differs
        else (),
        accounts=(
            console_ledger.Account(101, 4_210, yuan(81_204.11)),
            console_ledger.Account(102, 3_871, yuan(402_118.4)),
            console_ledger.Account(103, 18, yuan(6_300)),
            console_ledger.Account(104, 7, yuan(-112.3)),
            console_ledger.Account(151, 16, yuan(-489_510.21)),
        ),
        transfers=order().transfers,
        cursor=Cursor(next="t"),
    )


def search() -> console_search.Search:
    return console_search.Search(
        "林",
        (
            console_search.Group(
                "推广员",
                (
                    console_search.Hit("林秀英", "138****5678 · 团队 312 人", "#"),
                    console_search.Hit("林涛", "139****0188 · 团队 2 人", "#"),
                ),
                more="#",
            ),
            console_search.Group("订单", (console_search.Hit("T20251122-1042", "¥518.00 · 11月21日", "#"),)),
        ),
    )


def console_trouble() -> console_around.Trouble:
    return console_around.Trouble(
        "页面没有找到",
        "没有任何数据被改动。",
        "请检查地址,或者从今日开始。",
        href="/console/",
        link="回到今日",
        trace="01JD6Z9X3K",
    )


# ---------------------------------------------------------------------------------------------------- portal


def earnings_rows(count: int = 8) -> tuple[portal_earnings.Earning, ...]:
    states = ("pending", "released", "part_reversed", "reversed")
    return tuple(
        portal_earnings.Earning(
            order_id=f"ord_{n}", order_ref=f"T20251122-{1042 - n}", kind=("level", "level", "differential", "peer")[n % 4],
            level=1 + n % 2, lines=1 + n % 3, state=states[n % 4], buyer=("赵敏", "欧阳晓雪", "Alice Wong")[n % 3],
            amount=Money(3_890 + 412 * n), reversed=Money((0, 0, 1_290, 3_890 + 412 * n)[n % 4]), earned_at=NOW - timedelta(hours=7 * n),
        )
        for n in range(count)
    )  # fmt: skip


def home(debt: float = 0) -> portal_home.Home:
    return portal_home.Home(
        name="林秀英",
        available=yuan(1_200.16),
        pending=yuan(518.2),
        reserved=yuan(300),
        debt=yuan(debt),
        month=yuan(2_318.9),
        next_release=date(2026, 11, 25),
        next_amount=yuan(86.4),
        recent=earnings_rows(5),
    )


def new_home() -> portal_home.Home:
    return portal_home.Home(
        name="王磊",
        available=yuan(0),
        pending=yuan(0),
        reserved=yuan(0),
        debt=yuan(0),
        month=yuan(0),
        next_release=None,
        next_amount=None,
        recent=(),
    )


def earnings() -> portal_earnings.Earnings:
    return portal_earnings.Earnings(state="", total=yuan(4_019.26), rows=earnings_rows(14), cursor=Cursor(next="m"))


def why() -> portal_earnings.Why:
    words = Words(
        "这笔订单记在你名下。按方案 spring 第 3 版，第 1 层比例 10%，计佣基数 ¥389.00，得 ¥38.90；推广员每日上限还剩 ¥31.00，所以是 ¥31.00。",
        "This order was credited to you. Plan spring, version 3: level 1 earns 10% of ¥389.00, that is ¥38.90; "
        "¥31.00 was left of your daily cap, so it is ¥31.00.",
    )
    return portal_earnings.Why(
        order="ord_00000000000a1", order_ref="T20251122-1042", amount=yuan(43.9), reversed=yuan(12.9),
        reasons=(portal_earnings.Reason("山茶花面霜 50ml", "pending", yuan(31), words), portal_earnings.Reason("氨基酸洁面 120ml", "reversed", yuan(0), words)),
        timeline=(
            Moment(NOW - timedelta(days=1), "买家支付，计提"), Moment(NOW - timedelta(hours=3), "部分退款，冲回 ¥12.90", tone="loss"),
            Moment(NOW + timedelta(days=14), "预计解冻"),
        ),
    )  # fmt: skip


def team() -> portal_team.Team:
    return portal_team.Team(
        size=312,
        sales=yuan(318_200),
        inviter="周国强",
        depth=1,
        cursor=Cursor(next="q"),
        generations=(portal_team.Generation(1, 28), portal_team.Generation(2, 141), portal_team.Generation(3, 143)),
        states=tuple(map(portal_team.InState, ("active", "new", "sleeping", "ended"), (9, 4, 13, 2))),
        as_of=NOW,
        rows=tuple(
            portal_team.TeamMember(
                name,
                NOW - timedelta(days=30 * n + 3),
                Money((812_050, 98_000, 0, 41_000)[n % 4]),
                (12, 3, 0, 1)[n % 4],
                ("active", "new", "ended", "sleeping")[n % 4],
                f"mem_{n}",
                may_write=n % 4 != 2,
                written=n == 2,
            )
            for n, name in enumerate(("陈晓雯", "王磊", "Alice Wong", "欧阳晓雪", "张三", "李小龙", "何静"))
        ),
    )


def no_team() -> portal_team.Team:
    return portal_team.Team(size=0, sales=yuan(0), inviter="", depth=1, generations=(), rows=(), cursor=Cursor())


def me() -> portal_me.Me:
    return portal_me.Me(person=LIN, rank="金", joined_at=NOW - timedelta(days=412))


CONSOLE = {
    "today": (today, "today"), "anchored": (anchored, "today"), "orders": (orders, "orders"), "no_orders": (no_orders, "orders"),
    "order": (order, "orders"), "promoters": (promoters, "promoters"), "promoter": (promoter, "promoters"),
    "promoter_team": (lambda: promoter("team"), "promoters"), "promoter_history": (lambda: promoter("history"), "promoters"),
    "plan": (plan, "plans"), "no_plan": (lambda: plans.NoPlan(drafts=DRAFTS, may_edit=True), "plans"), "draft": (draft, "plans"), "in_review": (in_review, "plans"),
    "plan_waiting": (lambda: plans.Waiting((WAITS,), two=True), "plans"), "plan_review": (review, "plans"), "plan_rules": (rules, "plans"),
    "checked": (checked, "plans"), "ledger": (ledger, "ledger"), "ledger_differs": (lambda: ledger(True), "ledger"),
    "ranks": (samples_ranks.ranks, "ranks"), "no_ladder": (samples_ranks.no_ladder, "ranks"), "ladder": (samples_ranks.ladder, "ranks"),
    "ladder_wrong": (lambda: samples_ranks.ladder(True), "ranks"), "ladder_form": (lambda: samples_ranks.ladder(form=True), "ranks"),
    "promoter_rank": (lambda: samples_ranks.promoter_rank(promoter()), "promoters"),
    "search": (search, ""), "sign_in": (lambda: console_around.SignIn(problem="账号或密码不对。请检查后再试。", account="hejing"), ""),
    "trouble": (console_trouble, ""),
    **samples_rerating.CONSOLE,
    **samples_rewards.console(promoter),
    **samples_money.CONSOLE,
    **samples_payouts.CONSOLE,
    **samples_reconciliation.CONSOLE,
    **samples_runs.CONSOLE,
    **samples_messages.CONSOLE,
    **samples_statements.CONSOLE,
    **samples_joining.CONSOLE,
    **samples_promotion.CONSOLE,
    **samples_materials.CONSOLE,
    **samples_members.CONSOLE,
    **samples_cards.CONSOLE,
    **samples_profiles.CONSOLE,
    **samples_files.CONSOLE,
    **samples_posters.CONSOLE,
    **samples_prices.CONSOLE,
    **samples_segments.CONSOLE,
    **samples_tiers.CONSOLE,
    **samples_points.CONSOLE,
    **samples_mall.CONSOLE,
    **samples_coupons.CONSOLE,

    **samples_promotion.console(promoter),
    **samples_promotion.orders_console(order),
}  # fmt: skip


def notice() -> portal_notices.Notice:
    changes = (
        TermChange("层级", "第 1 层", "10% · 直接推广员", "12% · 直接推广员"),
        TermChange("层级", "第 2 层", "3% · 邀请人", ""),
    )
    begins = NOW + timedelta(days=20)
    return portal_notices.Notice(4, False, NOW, begins, False, changes, "/rules/camellia")  # fmt: skip


def told_home() -> portal_home.Home:
    begins = NOW + timedelta(days=20)
    return replace(home(), notices=(portal_notices.NoticeRow("ntc_1", False, begins, False, 2, True),))


PORTAL = {
    "told_home": (told_home, "home"), "notice": (notice, "home"),
    "home": (home, "home"), "home_debt": (lambda: home(16.77), "home"), "new_home": (new_home, "home"), "earnings": (earnings, "earnings"),
    "home_rank": (lambda: samples_ranks.home_rank(home()), "home"), "home_top": (lambda: samples_ranks.home_top(home()), "home"),
    "why": (why, "earnings"), "team": (team, "team"), "no_team": (no_team, "team"), "me": (me, "me"),
    "sign_in": (lambda: portal_around.SignIn(), ""),
    "trouble": (lambda: portal_around.Trouble("服务正在升级", "你的余额和佣金都没有变化。", "请过几分钟再打开。", "01JD6Z9X3K"), ""),
    **samples_rerating.PORTAL,
    **samples_rewards.portal(notice),
    **samples_money.PORTAL,
    **samples_messages.PORTAL,
    **samples_statements.PORTAL,
    **samples_joining.PORTAL,
    **samples_share.portal(home),
    **samples_team.PORTAL,
    **samples_coupons.PORTAL,
    **samples_card.PORTAL,
    **samples_member.PORTAL,
    **samples_points.PORTAL,
    **samples_mall.PORTAL,
    **samples_profiles.PORTAL,
}  # fmt: skip

ENGLISH = (
    tuple(
        sentence.en
        for link in order().chain
        for sentence in (link.why_not, *(row.why for row in link.rows))
        if sentence is not None
    )
    + tuple(reason.words.en for reason in why().reasons)
    + samples_rerating.ENGLISH
    + (samples_rewards.STEPS.en, samples_rewards.LATE.en)
)
"""What the samples say in English on a Chinese page: the other language, one tap away."""
