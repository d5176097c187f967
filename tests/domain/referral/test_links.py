"""Codes and links: short, unique, polite; leading only where they may."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.referral.links.actions import (
    Wanted,
    allow_host,
    ensure_codes,
    forbid_host,
    make_links,
    switch_link,
    take_over_link,
)
from rongshu.domain.referral.links.queries import code_of_promoter, link_by_slug, links_of, promoters_by_code, routes
from rongshu.domain.referral.links.targets import checked_host, checked_target
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.kernel import short
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import system_scope, tenant_scope
from tests.factories import TESTER


def promoters(count: int, now: datetime) -> list[int]:
    ids = list(ensure_members(external_ids=[f"p{number}" for number in range(count)], now=now).values())
    enrol_promoters(joinings=[Joining(one, None, now) for one in ids], by=TESTER, now=now)
    return ids


@given(st.sets(st.integers(0, short.SPACE - 1), max_size=50))
def test_codes_are_as_different_as_their_numbers(numbers: set[int]) -> None:
    codes = {short.code_of(number) for number in numbers}
    assert len(codes) == len(numbers)
    assert all(len(code) == short.LENGTH and set(code) <= set(short.ALPHABET) for code in codes)


def test_neighbouring_numbers_give_nothing_away() -> None:
    codes = [short.code_of(number) for number in range(500)]
    alike = [sum(a == b for a, b in zip(one, other, strict=True)) for one, other in pairwise(codes)]
    assert sum(alike) / len(alike) < 1  # seven letters of 28: a quarter of one would be chance


def test_everybody_has_one_code_however_often_asked(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        ids = promoters(3, now)
        first = ensure_codes(promoter_ids=ids, by=TESTER, now=now)
        assert ensure_codes(promoter_ids=ids, by=TESTER, now=now) == first and len(set(first.values())) == 3
        typed = f" {first[ids[0]][:3].upper()}-{first[ids[0]][3:]} "
        assert promoters_by_code([typed, "nobody"], now) == {typed: ids[0]}
        with pytest.raises(Refusal) as refused:
            ensure_codes(promoter_ids=[1], by=TESTER, now=now)
        assert refused.value.code == "no_promoter"


def test_a_link_that_ended_or_was_turned_off_names_nobody(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        (one,) = promoters(1, now)
        short_lived, lasting = make_links(
            wanted=[Wanted(one, expires_at=now + timedelta(hours=1)), Wanted(one, channel="moments")],
            by=TESTER,
            now=now,
        )
        slugs = [short_lived.slug, lasting.slug]
        assert set(promoters_by_code(slugs, now)) == set(slugs)
        assert set(promoters_by_code(slugs, now + timedelta(hours=1))) == {lasting.slug}
        switch_link(identifier=lasting.id, on=False, reason="printed wrongly", by=TESTER, now=now)
        assert set(promoters_by_code(slugs, now)) == {short_lived.slug}
        switch_link(identifier=lasting.id, on=True, reason="", by=TESTER, now=now)
        assert set(promoters_by_code(slugs, now)) == set(slugs)
        with pytest.raises(Refusal):
            make_links(wanted=[Wanted(one, expires_at=now)], by=TESTER, now=now)


def test_a_lost_code_is_taken_over_and_the_heir_keeps_their_own(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one, other = promoters(2, now)
        codes = ensure_codes(promoter_ids=[one, other], by=TESTER, now=now)
        lost = link_by_slug(codes[one])
        assert lost is not None
        take_over_link(identifier=lost.id, promoter_id=other, reason="left the country", by=TESTER, now=now)
        assert promoters_by_code([codes[one]], now) == {codes[one]: other}
        assert code_of_promoter(other) == codes[other] and code_of_promoter(one) is None
        assert {link.slug for link in links_of(other)} == set(codes.values())
        again = ensure_codes(promoter_ids=[one], by=TESTER, now=now)
        assert again[one] not in codes.values()


@pytest.mark.parametrize(
    "target",
    [
        "http://shop.example.com/", "https://evil.example.org/", "https://shop.example.com@evil.example.org/",
        "//evil.example.org/", "/\\evil.example.org", "https:/evil.example.org", "javascript:alert(1)", "/portal/../console/",
        "/console/", "/api/v1/orders", "https://shop.example.com.evil.example.org/", "/portal//evil.example.org",
        "https://shop.example.com/\r\nSet-Cookie: a=b", "/portal/ x", "https://xn--shop-.example.com/", "data:text/html,x",
        "https://evil.example.org\\@shop.example.com/", "https://shop.example.com:port/", "ftp://shop.example.com/",
    ],
)  # fmt: skip
def test_no_link_leads_astray(target: str) -> None:
    with pytest.raises(Refusal):
        checked_target(target, frozenset({"shop.example.com"}))


@given(st.text(max_size=60))
def test_whatever_is_taken_leads_where_it_may(text: str) -> None:
    try:
        kept = checked_target(text, frozenset({"shop.example.com"}))
    except Refusal:
        return
    assert kept.isascii()
    assert kept == "" or kept.startswith(
        ("/portal/", "/rules/", "/join/", "/transparency/", "/shop/", "https://shop.example.com/")
    )


def test_targets_are_kept_in_one_form() -> None:
    hosts = frozenset({checked_host("Shop.Example.com."), checked_host("商店.example.com")})
    assert checked_target("https://SHOP.example.com:443/a?b=c#d", hosts) == "https://shop.example.com/a?b=c#d"
    assert checked_target("https://shop.example.com?b=c", hosts) == "https://shop.example.com/?b=c"
    assert checked_target("https://商店.example.com/素", hosts) == "https://xn--czrs0t.example.com/%E7%B4%A0"


def test_a_host_no_longer_allowed_closes_its_links(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        (one,) = promoters(1, now)
        allow_host(host="shop.example.com", by=TESTER, now=now)
        (made,) = make_links(wanted=[Wanted(one, target="https://shop.example.com/a")], by=TESTER, now=now)
    with system_scope():
        assert [route.state for route in routes([made.slug])] == ["open"]
    with tenant_scope(tenant):
        assert forbid_host(host="shop.example.com", by=TESTER, now=now) == 1
    with system_scope():
        assert [route.state for route in routes([made.slug, "unknown"])] == ["disabled"]
