"""Every page renders from its dataclass, in both languages, within the strict policy, and without a text left behind."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from django.test import Client, override_settings
from django.urls import clear_url_caches

from tests.interfaces import samples, samples_public

PAGES = [f"/console/page/{name}" for name in samples.CONSOLE] + [f"/portal/page/{name}" for name in samples.PORTAL]
PAGES += [f"/public/page/{name}" for name in samples_public.PUBLIC]
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE)


@pytest.fixture(autouse=True)
def gallery() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.interfaces.gallery"):
        clear_url_caches()
        yield
    clear_url_caches()


def _get(path: str, language: str) -> str:
    client = Client(HTTP_HOST="localhost")
    client.cookies["django_language"] = language
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_page_keeps_to_the_policy(path: str, language: str) -> None:
    page = _get(path, language)
    assert not INLINE.search(page)
    assert not SCRIPT.search(page)
    assert f'lang="{"zh-Hans" if language == "zh-hans" else "en"}"' in page


@pytest.mark.parametrize("path", PAGES)
def test_a_chinese_page_says_nothing_in_english(path: str) -> None:
    page = _get(path, "zh-hans")
    shown = re.sub(r"<(script|svg|textarea|pre|code|title)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    words = set(re.findall(r"[A-Za-z]{4,}", html.unescape(shown)))
    known = {  # of the samples: names, ids, documents, the other language one tap away
        "English", "YAML", "Asia", "Shanghai", "Alice", "Wong", "spring", "level", "beauty", "gold", "hejing", "zhouguoqiang", "first", "order", "promoter", "JSON", "serial", "status", "message", "maybe",
        "jade", "founders", "leaders", "monthly", "quarter", "pain", "APIv", "apiclient", "RONGSHU", "SITE", "working", "example", "name", "reply", "smtp", "oABC",
        "most", "body", "face", "TRAVEL", "zhou", "HANGING", "HEART", "HOLDER", "LIGHT", "WHITE", "camellia", "https", "join", "rongshu", "code", "link", "share", "AppID", "AppSecret", "card", "http", "erased", "export",
    }  # fmt: skip
    english = {word for sample in samples.ENGLISH for word in re.findall(r"[A-Za-z]{4,}", sample)}
    assert words - known - english == set()


def test_money_is_never_a_bare_number() -> None:
    page = _get("/portal/page/home", "zh-hans")
    assert (
        '<span class="money"><span class="money-unit">¥</span>1,200<span class="money-part">.16</span></span>' in page
    )


def test_other_people_are_masked_in_the_portal() -> None:
    for name in ("home", "earnings", "team", "why"):
        page = _get(f"/portal/page/{name}", "zh-hans")
        for person in ("欧阳晓雪", "陈晓雯", "周国强", "13711112222"):
            assert person not in page


def test_a_chart_has_its_numbers_in_a_table_behind_it() -> None:
    page = _get("/console/page/today", "en")
    assert page.count("<tr>") == 31  # head and 30 days
    assert 'type="application/json"' in page and 'data-chart="chart-paid-and-commission"' in page
