"""The rules by which texts are looked at: a public lexicon of Chinese advertising law, and what distribution needs beside it.

The lexicon is that of the plugin "Ad Compliance Check" by 包参谋 (github.com/baocanmou/obsidian-ad-compliance-check, MIT), as data. Beside it stand
rules of our own for what promoters are not to say: 广告法 art. 9, 14, 25, 28, 禁止传销条例 art. 7 and 2013 Opinion, 反不正当竞争法, 互联网广告管理办法.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from rongshu.engine.wording import gettext_noop as _

Grade = Literal["block", "warn"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `reason` and `remedy` are English message ids; `said` is the lexicon's own Chinese, where there is one."""

    id: str
    pack: str
    grade: Grade
    terms: tuple[str, ...]
    reason: str
    remedy: str
    basis: str
    pattern: re.Pattern[str] | None = None
    exceptions: tuple[str, ...] = ()
    except_pattern: re.Pattern[str] | None = None


PACKS: dict[str, str] = {
    "income": _("Promises of income"),
    "recruiting": _("Words of recruiting"),
    "absolute": _("Absolute claims"),
    "guarantee": _("Guarantees of effect and safety"),
    "invest": _("Promises of return"),
    "authority": _("Authorities, honours, patents"),
    "medical": _("Illness and medicine"),
    "food": _("Food and health food"),
    "cosmetics": _("Cosmetics"),
    "education": _("Education"),
    "realestate": _("Real estate"),
    "superstition": _("Superstition"),
    "english": _("English phrases"),
}
"""Groups of rules. What a tenant sells decides which of the trades' are looked at."""

ALWAYS = ("income", "recruiting", "absolute", "guarantee", "invest", "authority", "english")

_GUIDE = _("Rewrite it as a fact that can be checked: a year, a number, an area, a source.")
_REASONS: dict[str, tuple[str, str]] = {
    "absolute-0": (_("The highest degree, which advertising may not claim."), _GUIDE),
    "absolute-1": (_("A first place; it needs its field, time and source, or has to go."), _("Name the field, the time and the source of the ranking.")),
    "absolute-2": (_("The highest degree, which advertising may not claim."), _GUIDE),
    "absolute-3": (_("Easily read as the highest degree."), _GUIDE),
    "guarantee-0": (_("An assurance of effect or safety."), _("Leave the assurance out; tell of contents, making or use.")),
    "guarantee-1": (_("A promise to the buyer that has to be kept as it is written."), _("Say under which conditions, how long, and how to claim it.")),
    "invest-0": (_("A promise of income or return, or of no risk."), _("Leave the promise out; tell what happened, where and when, with its source, and name the risk.")),
    "invest-1": (_("It speaks of return; only what has happened may be told, with its source."), _("Name place, time and source, and the risk.")),
    "authority-0": (_("A well-known mark may not be advertised as such."), _("Leave it out, or name the registered mark and its number.")),
    "authority-1": (_("It borrows from the state, its organs or people."), _("Leave it out.")),
    "authority-2": (_("An honour, certificate or figure without its source."), _("Name who said it, when, and the document; without a source leave it out.")),
    "authority-3": (_("A patent without its number and kind."), _("Give the patent's number and kind.")),
    "medical-0": (_("Medical words for what is no medicine."), _("Tell of contents, making, taste or use.")),
    "medical-1": (_("It names an illness or a bodily effect."), _("Tell of contents, making, taste or use.")),
    "food-0": (_("A health claim for food."), _("Tell of ingredients, origin, making or taste.")),
    "food-1": (_("Hard to prove, easily misleading about food."), _("Name the certificate and its number, or describe what is in it.")),
    "cosmetics-0": (_("A medical effect claimed for cosmetics."), _("Use the effect that was registered or filed.")),
    "cosmetics-1": (_("An effect that needs scientific grounds."), _("Use the effect that was registered or filed, and name its grounds.")),
    "education-0": (_("An assurance of passing or of results."), _("Tell of contents, teachers and schedule.")),
    "education-1": (_("Easily read as an assurance of results, or as a testimonial."), _("Say how refunds work; leave testimonials out.")),
    "realestate-0": (_("A promise of rising value, or a place told by minutes."), _("Give the distance in metres or kilometres; leave the promise out.")),
    "realestate-1": (_("What is planned told as if it were there."), _("Say what is there now, and the source.")),
    "superstition-0": (_("Superstition, which advertising may not contain."), _("Put it as a wish.")),
}  # fmt: skip

_OWN: tuple[Rule, ...] = (
    Rule(
        "income-0", "income", "block",
        ("躺赚", "躺着赚钱", "稳赚", "保本", "零风险", "被动收入", "财务自由", "财富自由", "轻松赚钱", "睡后收入", "在家就能赚", "零投入高回报",
         "日结", "管道收入", "包赚", "无本万利", "分享就有钱", "动动手指就赚钱"),
        _("A promise of income to whoever joins."),
        _("Leave the promise out; what typical promoters earn may be told with its figures and source."),
        "广告法 art. 25, 28; 禁止传销条例",
        pattern=re.compile(r"(?:月入|日赚|日入|年入|月赚|年赚|一天赚|一个月赚|时薪)(?:过|超|上)?[\d一二三四五六七八九十百千两几数]{1,7}(?:\.\d+)?(?:万|千|百|元|块|w|k)?"),
        exceptions=("日结算", "保本地", "环保本"),
    ),
    Rule(
        "recruiting-0", "recruiting", "block",
        ("拉人头", "发展下线", "下线", "发展团队", "招代理", "招募代理", "裂变团队", "团队长", "静态收益", "动态收益", "层级奖", "无限级", "无限代",
         "扫码入会返利", "原始股", "消费返本", "入门费", "入会费", "人头费", "团队计酬", "交钱就能做", "上线", "一级代理", "总代"),
        _("Words of recruiting by levels, as pyramid schemes use them."),
        _("Speak of sharing goods and of what is sold; leave people, levels and fees out."),
        "禁止传销条例 art. 7; 关于办理组织领导传销活动刑事案件适用法律若干问题的意见 (2013)",
        exceptions=("商品下线", "活动下线", "产品下线", "下线时间", "上线时间", "新品上线", "正式上线", "全新上线", "上线啦", "上线了", "重磅上线", "同步上线",
                    "即将上线", "已上线", "上线新品", "下线通知"),
    ),
    Rule(
        "absolute-own", "absolute", "warn",
        ("全网最低", "史上最", "秒杀全网", "碾压", "吊打同行", "完爆"),
        _("A claim about all others that nobody can prove, or that runs them down."),
        _GUIDE, "广告法 art. 9, 13; 反不正当竞争法",
    ),
    Rule(
        "price-own", "guarantee", "warn",
        ("最后一天", "仅剩最后", "今日不买", "再不买就没了", "马上涨价", "原价虚", "史低价"),
        _("A price or a shortage that has to be true and shown."),
        _("Give the period, the number left and the price that was really charged."),
        "广告法 art. 8; 明码标价和禁止价格欺诈规定",
    ),
    Rule(
        "english-0", "english", "block",
        (), _("A promise of income to whoever joins."),
        _("Leave the promise out; what typical promoters earn may be told with its figures and source."),
        "16 CFR 437, 255; FTC guidance on multi-level marketing (2024)",
        pattern=re.compile(
            r"\b(?:guaranteed (?:income|earnings|returns?)|risk[- ]free|get rich|financial freedom|quit your (?:day )?job|"
            r"unlimited (?:earnings|income)|passive income|be your own boss|make \$?\d[\d,]* (?:a|per) (?:day|week|month))\b"
        ),
    ),
    Rule(
        "english-1", "english", "block",
        (), _("A medical effect claimed for what is no medicine."),
        _("Tell of contents, making, taste or use."), "广告法 art. 17; 21 U.S.C. 343",
        pattern=re.compile(r"\b(?:cures?|heals?|treats? (?:cancer|diabetes|disease)|miracle cure|clinically proven)\b"),
    ),
    Rule(
        "english-2", "english", "warn",
        (), _("Easily read as the highest degree."), _GUIDE, "广告法 art. 9; 16 CFR 255",
        pattern=re.compile(r"\b(?:the best|number one|no\. ?1|#1|world's (?:best|first|finest)|100% (?:safe|effective))\b"),
    ),
)  # fmt: skip

_GRADES: dict[str, Grade] = {"ban": "block", "caution": "warn", "evidence": "warn"}


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule: our own first, then the lexicon's."""
    found = list(_OWN)
    packs = json.loads(files(__package__).joinpath("lexicon.json").read_text(encoding="utf-8"))
    for pack in packs:
        for number, one in enumerate(pack["rules"]):
            name = f"{pack['id']}-{number}"
            reason, remedy = _REASONS[name]
            found.append(
                Rule(
                    name, pack["id"], _GRADES[one["level"]], tuple(one["terms"]), reason, remedy, one["basis"],
                    _compiled(one.get("pattern")), tuple(one.get("except", ())), _compiled(one.get("exceptPattern")),
                )
            )  # fmt: skip
    return tuple(found)


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    return None if pattern is None else re.compile(pattern, re.IGNORECASE | re.MULTILINE)


def rules_of(packs: Sequence[str]) -> tuple[Rule, ...]:
    """The rules that are always looked at, and those of some trades."""
    wanted = {*ALWAYS, *packs}
    return tuple(rule for rule in rules() if rule.pack in wanted)
