"""Texts against advertising law: what is found, what is left alone, however it is spelt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongshu.engine.copycheck import PACKS, check_copy, rules
from rongshu.engine.copycheck.normal import dense, light

check_copy("", tuple(PACKS))  # patterns are compiled once; no property is timed with that


def found(text: str, *packs: str, label: bool = False) -> list[tuple[str, str, str]]:
    return [(one.rule, one.grade, one.words) for one in check_copy(text, packs, leads_to_buying=label)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("国家级工艺", "国家级"), ("躺赚不是梦", "躺赚"), ("月入过万的秘密", "月入过万"), ("拉人头就有钱", "拉人头"), ("全网第一的面霜", "全网第一"),
        ("國家級工藝", "國家級"), ("国 家 级工艺", "国 家 级"), ("国*家*级", "国*家*级"), ("国\u200b家级", "国\u200b家级"), ("躺\ufe0f赚", "躺\ufe0f赚"),
        ("zui佳选择", "zui佳"), ("Ｔｏｐ１品牌", "Ｔｏｐ１"), ("日赚500元", "日赚500元"), ("Guaranteed income for all", "Guaranteed income"),
        ("轻松月入3万元", "轻松月入"),
    ],
)  # fmt: skip
def test_what_is_blocked_however_it_is_spelt(text: str, words: str) -> None:
    hits = found(text)
    assert (hits[0][1], hits[0][2]) == ("block", words), hits


@pytest.mark.parametrize(
    "text",
    ["新品上线啦", "活动下线时间：周五", "最近很忙，最后再说", "第一，先洗脸；第二，涂抹", "第一时间回复您", "冠军赛直播", "治愈系的小物", "可领券，可包邮", "日结算一次", "保本地新鲜"],
)  # fmt: skip
def test_what_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_trades_are_looked_at_where_they_are_sold() -> None:
    assert found("祛疤修护") == [] and found("祛疤修护", "cosmetics")[0][0] == "cosmetics-0"
    assert found("增强免疫力", "food")[0][1] == "block"


def test_a_text_that_leads_to_buying_says_so() -> None:
    assert [one[0] for one in found("山茶花精华，限时优惠", label=True)] == ["label"]
    for labelled in ("【广告】山茶花精华", "#广告 山茶花精华", "山茶花精华（广告）", "Ad: camellia serum"):
        assert found(labelled, label=True) == []


def test_the_gravest_of_what_overlaps_is_told_once() -> None:
    assert found("全网最低价，全网最低") == [("absolute-0", "block", "全网最低")] * 2
    assert found("最大国家级") == [("absolute-3", "warn", "最大"), ("absolute-0", "block", "国家级")]


@given(st.text(max_size=80))
def test_every_place_is_a_place_of_the_text(text: str) -> None:
    for one in check_copy(text, tuple(PACKS), leads_to_buying=False):
        assert 0 <= one.start < one.end <= len(text) and text[one.start : one.end] == one.words
    plain = light(text)
    assert len(plain.text) == len(plain.starts) == len(plain.ends) and list(plain.starts) == sorted(plain.starts)
    tight = dense(plain)
    assert len(tight.text) == len(tight.starts) == len(tight.ends) and list(tight.starts) == sorted(tight.starts)


@given(
    st.sampled_from([term for rule in rules() for term in rule.terms]), st.sampled_from([" ", "\u200b", "*", "·", "-"])
)
def test_every_term_of_the_lexicon_is_found_and_nothing_slips_between_its_letters(term: str, between: str) -> None:
    assert check_copy(term, tuple(PACKS), leads_to_buying=False)
    assert check_copy(between.join(term), tuple(PACKS), leads_to_buying=False)


def test_every_rule_has_its_reason_and_remedy() -> None:
    assert len({rule.id for rule in rules()}) == len(rules()) and all(
        rule.reason and rule.remedy and rule.basis for rule in rules()
    )
    assert {rule.pack for rule in rules()} == set(PACKS)
