"""The public rules page: what everybody reads, in both languages, without a login."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from rongshu.domain.commission.notices.actions import keep_rules_page
from rongshu.domain.commission.plans.actions import publish_plan, withdraw_version
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
PLAN = """
name: whole
currency: CNY
jurisdiction: CN
levels: {1: {rate: 10%}, 2: {rate: 3%}}
differential: {ranks: {silver: 4%, gold: 7%}, peer: {rate: 10%}}
steps: [{id: monthly, bands: [{from: "1000.00", rate: 1%}, {from: "5000.00", rate: 2%}]}]
pools: [{id: leaders, share: 1%, eligible: {rank: [gold]}, split: equal}]
caps: {order: 15%}
"""


@pytest.fixture
def house() -> House:
    home = found(now=BEGUN)
    with tenant_scope(home.id):
        publish_plan(text=PLAN, effective_from=BEGUN, by=TESTER, now=BEGUN)
    return home


def get(house: House, language: str = "en", **headers: str) -> tuple[str, Client]:
    client = Client(HTTP_HOST="localhost", headers=headers)
    answer = client.get(f"/rules/{house.slug}?language={language}")
    assert answer.status_code == 200
    return answer.content.decode(), client


def test_the_example_is_what_the_engine_pays(house: House) -> None:
    page, _ = get(house)
    # 10 % and 3 % of 1,000.00, 4 % for silver, 3 % more for gold: 200.00 in all, of which the cap of 15 % leaves 150.00
    total = page.split("<tfoot>")[1].split("</tfoot>")[0]
    assert "150" in total and "200" not in total
    assert "100" not in page.split("<tbody>")[1].split("</tbody>")[0]  # the cap took its part of every row


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_part_of_the_plan_is_named(house: House, language: str) -> None:
    page, _ = get(house, language)
    for told in ("silver", "gold", "monthly", "leaders", "5,000.00", "15%"):
        assert told in page, told


def test_a_coming_version_is_announced_and_a_withdrawn_one_is_not(house: House) -> None:
    now = utc_now()
    with tenant_scope(house.id):
        publish_plan(text=PLAN.replace("3%}}", "2%}}"), effective_from=now + timedelta(days=20), by=TESTER, now=now)
    page, _ = get(house)
    assert 'id="coming"' in page and "2%" in page.split('id="coming"')[1].split("</section>")[0]
    with tenant_scope(house.id):
        withdraw_version(number=2, reason="x", by=TESTER, now=now)
    page, _ = get(house)
    assert 'id="coming"' not in page and "Version 2" not in page


def test_the_tenant_speaks_in_its_own_words_and_they_cannot_break_the_page(house: House) -> None:
    page, _ = get(house)
    assert "has not named a contact" in page
    with tenant_scope(house.id):
        for contact in ("first", "<script>alert(1)</script> 400-000"):
            keep_rules_page(contact=contact, tax="withheld", leaving="any day", more="", by=TESTER, now=utc_now())
        with pytest.raises(Refusal):
            keep_rules_page(contact="x" * 4001, tax="", leaving="", more="", by=TESTER, now=utc_now())
    page, _ = get(house)
    assert "400-000" in page and "<script>alert" not in page and "withheld" in page and "any day" in page


def test_it_may_be_kept_until_something_changes(house: House) -> None:
    client = Client(HTTP_HOST="localhost")
    path = f"/rules/{house.slug}?language=en"
    first = client.get(path)
    assert "max-age=300" in first["Cache-Control"] and "public" in first["Cache-Control"]
    assert not first.cookies
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and not again.content
    with tenant_scope(house.id):
        keep_rules_page(contact="new", tax="", leaving="", more="", by=TESTER, now=utc_now())
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_without_a_plan_it_says_so(now: datetime) -> None:
    page, _ = get(found(now=now))
    assert "No rules are in force yet" in page


def test_unknown_and_too_often() -> None:
    client = Client(HTTP_HOST="localhost", REMOTE_ADDR="203.0.113.9")
    assert client.get("/rules/no-such-tenant").status_code == 404
    answers = [client.get("/rules/no-such-tenant").status_code for _ in range(130)]
    assert answers[0] == 404 and answers[-1] == 429
    assert client.post("/rules/no-such-tenant").status_code == 405


LADDER = """
currency: CNY
window: {months: 3}
ranks:
  - {name: silver, title: {zh: 银, en: Silver}, needs: {own_sales: "3000.00"}}
  - {name: gold, title: {zh: 金, en: Gold}, needs: {own_sales: "9000.00", active_months: 2}}
"""


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_ranks_and_what_each_needs_steps_and_pools_in_figures(house: House, language: str) -> None:
    from rongshu.domain.referral.ranks.actions import save_ladder

    before, client = get(house, language)
    assert 'id="ranks"' not in before
    tag = client.get(f"/rules/{house.slug}?language={language}")["ETag"]
    with tenant_scope(house.id):
        save_ladder(text=LADDER, by=TESTER, now=utc_now())
    answer = client.get(f"/rules/{house.slug}?language={language}", headers={"if-none-match": tag})
    assert answer.status_code == 200, "a new ladder is a new page"
    page = answer.content.decode()
    ranks = page.split('id="ranks"')[1].split("</section>")[0]
    assert ("银" if language == "zh-hans" else "Silver") in ranks
    assert "3,000.00" in ranks and "9,000.00" in ranks
    rewards = page.split('id="rewards"')[1].split("</section>")[0].replace(",", "")
    # own sales of 7500.00: 4000.00 at 1 % and 2500.00 at 2 %; a pool of 1 % of 100000.00 for eight
    for told in ("7500.00", "40.00", "50.00", "90.00", "1000.00", "125.00"):
        assert told in rewards, told
