"""Pages of joining filled as a shop would have them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from rongshu.interfaces.console.pages import joining as console_joining
from rongshu.interfaces.console.pages import wechat as apps
from rongshu.interfaces.faces.parts import Asked, Cursor, Erasing, Money, Person
from rongshu.interfaces.portal.pages import joining as portal_joining
from rongshu.interfaces.portal.pages import mailbox as mailing
from rongshu.interfaces.portal.pages import passkeys as keys
from rongshu.interfaces.portal.pages import wechat as my_wechat

NOW = datetime(2026, 11, 22, 11, 32, tzinfo=UTC)
_GROUPS = ("全日制学生", "在职教师、医务人员、公务员或现役军人", "无民事行为能力或限制民事行为能力的人", "本品牌的员工")


def applications() -> console_joining.Applications:
    row = console_joining.ApplicationRow(
        "app_1", Person("mem_8x6y", "赵敏", "13711112222"), Person("mem_7k2m", "林秀英", "13812345678"), NOW,
        "开美容店八年，微信里有两百位老顾客", None, "", "",
    )  # fmt: skip
    return console_joining.Applications(
        "asked", (("asked", 2), ("approved", 41), ("refused", 3), ("withdrawn", 1)),
        (row, console_joining.ApplicationRow("app_2", Person("mem_4b1e", "王磊", "18600001111"), None, NOW, "", None, "", "")),
        Cursor(None), may_decide=True, address="https://rongshu.example/join/camellia",
    )  # fmt: skip


def joining_rules() -> console_joining.JoiningRules:
    return console_joining.JoiningRules(
        values={
            "minimum_age": "18", "renew_months": "12", "agreement_version": "2026-1", "agreement": "推广协议正文", "offer": "自然护肤，十年口碑。",
            "shop": "https://shop.example/", "quiz": "佣金从哪里来？\n* 顾客购买商品\n- 新人交的钱",
            "steps": "分享第一条链接 | 发给一位老顾客 | https://shop.example/guide",
        },
        mode="application", ask_groups=True, jurisdiction="CN", market_age=18, market_groups=True, groups=_GROUPS, may_set=True,
        history=((NOW, "何静"),),
    )  # fmt: skip


def start() -> portal_joining.Start:
    return portal_joining.Start(
        (
            portal_joining.FirstStep(
                "a", "看懂佣金规则", "三分钟看完怎么算、什么时候到账。", "https://shop.example/guide", done=True
            ),
            portal_joining.FirstStep("b", "分享第一条链接", "发给一位老顾客。", "", done=False),
        )
    )


def leave(*, left: bool = False) -> portal_joining.Leave:
    problems = ("1286.50 CNY 尚可提现，请先提现；不足最低额时由品牌打款。", "432.10 CNY 待结算，结算后提现。")
    return portal_joining.Leave(
        Money(128_650, "CNY"), Money(43_210, "CNY"), Money(10_000, "CNY"), 12, left,
        erasing=Erasing("mem_1", problems=problems) if left else None,
    )  # fmt: skip


def gone() -> portal_joining.Leave:
    return portal_joining.Leave(Money(0), Money(0), Money(0), 3, True, erasing=Erasing("mem_1"))


def wechat_apps() -> apps.WechatApps:
    forms = (
        apps.AppForm("official", "公众号（服务号）", "在微信内登录。", "wx1234567890abcdef", kept=True),
        apps.AppForm("web", "开放平台网站应用", "在电脑上扫码登录。", "", kept=False),
    )
    return apps.WechatApps(forms, "example.com", may_set=True, problem="AppID 为 wx 加 16 位字母或数字。", at="web")


def renewals() -> console_joining.Renewals:
    row = console_joining.RenewalRow("mem_7k2m", Person("mem_7k2m", "林秀英", "13812345678"), NOW, NOW, "paused")
    rows = (row, replace(row, state="overdue"), replace(row, state="told"))
    return console_joining.Renewals(12, 30, rows, Cursor("z"))


def renew(paused: bool = False) -> portal_joining.Renew:
    return portal_joining.Renew(
        NOW, NOW, paused, "#", 18, _GROUPS, "2026-2", "推广协议正文", True,
        (Asked("佣金从哪里来？", ("顾客购买商品", "新人交的钱"), -1),), frozenset({"of_age"}),
        problem="还不对：第 1 题。请看看规则再试。" if paused else "", at="quiz" if paused else "",
    )  # fmt: skip


CONSOLE = {
    "renewals": (renewals, "promoters"),
    "renewals_none": (lambda: replace(renewals(), rows=(), cursor=Cursor()), "promoters"),
    "renewals_never": (lambda: replace(renewals(), months=0, rows=(), cursor=Cursor()), "promoters"),
    "applications": (applications, "promoters"), "joining_rules": (joining_rules, "promoters"), "wechat": (wechat_apps, "promoters"),
}  # fmt: skip
PORTAL = {
    "renew": (renew, "me"),
    "renew_paused": (lambda: renew(paused=True), "me"),
    "renew_nothing": (lambda: replace(renew(), due_at=None), "me"),
    "start": (start, "me"),
    "leave": (leave, "me"),
    "left": (lambda: leave(left=True), "me"),
    "left_paid": (gone, "me"),
    "passkeys": (
        lambda: keys.Passkeys(
            (keys.PasskeyRow("pky_1", "我的手机", NOW, NOW), keys.PasskeyRow("pky_2", "", NOW, None))
        ),
        "me",
    ),
    "passkeys_none": (lambda: keys.Passkeys(()), "me"),
    "by_mail": (mailing.ByMail, ""),
    "by_mail_open": (lambda: mailing.ByMail(token="gAAAA"), ""),
    "by_mail_sent": (lambda: mailing.ByMail(sent=True), ""),
    "wechat": (my_wechat.MyWechat, "me"),
    "wechat_joined": (lambda: my_wechat.MyWechat(joined=True, can=False), "me"),
    "sign_in_wechat": (
        lambda: portal_joining.Enter(way="code", codes=True, wechat=(("banyan", "榕树商城"),), waiting="banyan"),
        "",
    ),
    "mailbox": (lambda: mailing.Mailbox("l***@example.com", confirmed=True), "me"),
    "mailbox_none": (mailing.Mailbox, "me"),
    "mailbox_link": (lambda: mailing.Mailbox(token="gAAAA"), "me"),
    "sign_in_code": (lambda: portal_joining.Enter(way="code", codes=True), ""),
    "sign_in_sent": (
        lambda: portal_joining.Enter(way="sent", codes=True, phone="13812345678", problem="验证码不对，或已过期。"),
        "",
    ),
}
