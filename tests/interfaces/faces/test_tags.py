"""The filters: what people read of amounts, rates, days and names."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from rongshu.interfaces.faces.parts import Figure, Money, Words
from rongshu.interfaces.faces.templatetags import faces


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Money(123_456), "¥1,234.56"),
        (Money(-5), "−¥0.05"),
        (Money(0), "¥0.00"),
        (Money(1_500, "JPY"), "¥1,500"),
        (Money(1_234_567, "KWD"), "KWD\N{NARROW NO-BREAK SPACE}1,234.567"),
        (Money(-1_234_567_890_123, "GBP"), "−£12,345,678,901.23"),
    ],
)
def test_money(amount: Money, text: str) -> None:
    assert faces.money_text(amount) == text


def test_money_keeps_its_unit_small_and_its_sign_outside() -> None:
    html = faces.money(Money(-123_456))
    assert html == (
        '<span class="money">−<span class="money-unit">¥</span>1,234<span class="money-part">.56</span></span>'
    )
    assert faces.money(Money(5), "signed").startswith('<span class="money">+')
    assert "money-zero" in faces.money(Money(0))
    assert faces.money(None) == "–"


@pytest.mark.parametrize(
    ("ppm", "digits", "text"),
    [
        (100_000, None, "10%"),
        (5_000, None, "0.5%"),
        (1, None, "0.0001%"),
        (115_800, 1, "11.6%"),
        (-4_000, 1, "−0.4%"),
        (-400, 1, "0.0%"),
        (999_999, 1, "100.0%"),
        (None, 1, "–"),
    ],
)
def test_percent(ppm: int | None, digits: int | None, text: str) -> None:
    assert faces.percent(ppm, digits) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张小明", "张*明"),
        ("王五", "王*"),
        ("Alice Wong", "A***"),
        ("c-13777", "c***77"),
        ("欧阳晓雪", "欧*雪"),
        ("", "*"),
    ],
)
def test_names_are_masked(name: str, shown: str) -> None:
    assert faces.masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("138****1234", "138****1234"),
        ("+8613812341234", "+86138****1234"),
        ("123456", "****56"),
        ("", ""),
    ],
)
def test_phones_are_masked_also_when_they_already_are(phone: str, shown: str) -> None:
    assert faces.masked_phone(phone) == shown


def test_days_and_instants_are_the_tenants() -> None:
    late = datetime(2011, 12, 31, 20, 30, tzinfo=UTC)
    with timezone.override(ZoneInfo("Asia/Shanghai")):
        with translation.override("zh-hans"):
            assert faces.moment(late) == '<time datetime="2012-01-01T04:30:00+08:00">2012年1月1日 04:30</time>'
        with translation.override("en"):
            assert faces.day(late) == '<time datetime="2012-01-01">1 Jan 2012</time>'
            assert (
                faces.day(date(timezone.localdate().year, 2, 3))
                == f'<time datetime="{timezone.localdate().year}-02-03">3 Feb</time>'
            )


def test_a_figure_knows_whether_its_change_is_for_the_better() -> None:
    assert Figure("", count=110, before=100, better="up").verdict == "good"
    assert Figure("", count=110, before=100, better="up").change == 100_000
    assert Figure("", money=Money(110), before=100, better="down").verdict == "bad"
    assert Figure("", ppm=115_000, before=119_000, better="down").change == -4_000
    assert Figure("", count=3, before=0, better="up").change is None
    assert Figure("", count=3, before=2).verdict == ""


def test_words_turn_to_the_other_language() -> None:
    words = Words("中文", "English")
    assert (words.of("zh-hans"), words.other("zh-hans")) == ("中文", "English")
    assert (words.of("en"), words.other("en")) == ("English", "中文")
