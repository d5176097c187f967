"""Profiles in the portal and the console, filled as a shop would have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.console.pages import profiles as console
from rongshu.interfaces.faces import profile_parts as parts
from rongshu.interfaces.faces.parts import Person
from rongshu.interfaces.portal.pages import profile as portal

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
SKIN = (parts.OptionPart("dry", "干性", False), parts.OptionPart("oily", "油性", True))
LIKES = (
    parts.OptionPart("tea", "茶", True),
    parts.OptionPart("cake", "点心", False),
    parts.OptionPart("wine", "酒", True),
)
FIELDS = (
    parts.FieldPart("skin", "choice", "肤质", "oily", "油性", True, SKIN),
    parts.FieldPart("likes", "choices", "喜好", "", "茶 · 酒", False, LIKES),
    parts.FieldPart("shoe", "number", "鞋码", "41.5", "41.5", hint="30 – 50"),
    parts.FieldPart("wedding", "date", "结婚纪念日", "2018-05-20", "2018年5月20日"),
    parts.FieldPart("allergy", "text", "过敏史", "", "", hint="≤ 200"),
    parts.FieldPart("adviser", "text", "专属顾问", "小陈", "小陈", editable=False),
)
PART = parts.ProfilePart(
    "林秀英", "1992", "2", "29", "1992-02-29", "广东", "深圳", "gift",
    (parts.OptionPart("discount", "折扣", False), parts.OptionPart("gift", "礼品", True), parts.OptionPart("novelty", "新品", False)),
    ("北京", "上海", "广东"), FIELDS,
)  # fmt: skip
CONSENTS = (
    parts.ConsentPart("service", "服务", "我的数据用于维持会员身份。", 0, True, NOW),
    parts.ConsentPart("marketing_sms", "短信优惠", "通过短信告知优惠与新品。", 2, False, NOW),
    parts.ConsentPart("profiling", "个性化推荐", "用我的购买记录挑选推荐。", 0),
)


def profile() -> portal.Profile:
    return portal.Profile(PART, True, CONSENTS)


def fresh() -> portal.Profile:
    bare = replace(
        PART, name="", birth_year="", birth_month="", birth_day="", birthday="", region="", city="", fields=()
    )
    return portal.Profile(bare, False, CONSENTS)


def refused() -> portal.Profile:
    return replace(profile(), part=replace(PART, problem="最多 50。", at="fields.shoe"))


PORTAL: dict[str, tuple[Callable[[], Any], str]] = {
    "profile": (profile, "me"),
    "profile_fresh": (fresh, "me"),
    "profile_refused": (refused, "me"),
}


def edited() -> console.MemberProfile:
    return console.MemberProfile(
        Person("mem_7k2m", "林秀英", "138****5678"), PART, "138****5678", "l***@example.com", "u-1004", "member",
        (console.TagPart("tag_1", "品酒会", False, NOW, "王店长"), console.TagPart("tag_2", "常买面霜", True, NOW, "高价值会员 · 一年内买过面霜")),
        (("tag_1", "品酒会"), ("tag_3", "老朋友")), CONSENTS,
        (console.ConsentSaid("短信优惠", False, 2, "本人填写", NOW, "林秀英"), console.ConsentSaid("服务", True, 0, "告知团队", NOW, "王店长")), True,
        (console.TagMove("常买面霜", True, NOW, "分群 高价值会员"), console.TagMove("老朋友", False, NOW, "王店长")),
    )  # fmt: skip


def asked() -> console.ProfileSettings:
    return console.ProfileSettings(
        (
            console.FieldRow("skin", "肤质", "单选", True, True, False, True),
            console.FieldRow("allergy", "过敏史", "文本", False, True, True, True),
            console.FieldRow("shoe", "鞋码", "数字", False, False, False, False),
        ),
        40, (("text", "文本"), ("number", "数字"), ("choice", "单选")),
        (console.TagRow("tag_1", "品酒会", True, 1204), console.TagRow("tag_2", "老朋友", False, 0)),
        (console.ConsentTextRow("marketing_sms", "短信优惠", 2, "通过短信告知我优惠。", "通过短信告知我优惠。"),), True, True,
    )  # fmt: skip


def choice() -> console.FieldForm:
    return console.FieldForm(
        "skin", "choice", "单选", False, "肤质", "肤质", True, True, options="dry = 干性 | 干性\noily = 油性 | 油性"
    )


CONSOLE: dict[str, tuple[Callable[[], Any], str]] = {
    "member_profile": (edited, "members"),
    "member_profile_refused": (lambda: replace(edited(), part=refused().part, tags=(), history=()), "members"),
    "member_profile_read": (lambda: replace(edited(), may_edit=False), "members"),
    "profile_settings": (asked, "members"),
    "profile_settings_none": (
        lambda: replace(asked(), fields=(), tags=(), may_set=False, may_tag=False),
        "members",
    ),
    "profile_field": (choice, "members"),
    "profile_field_refused": (
        lambda: console.FieldForm(
            "", "number", "数字", True, limits={"least": "5", "most": "3"}, problem="下限大于上限。", at="limits.least"
        ),
        "members",
    ),
}
