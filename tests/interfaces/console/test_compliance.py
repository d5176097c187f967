"""The compliance page: declaring, what cannot be read, what the version in force is minded for; templates become drafts."""

from __future__ import annotations

import itertools
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import translation

from rongshu.domain.commission.compliance.queries import declared, kept_checks
from rongshu.engine import templates
from rongshu.engine.jurisdictions.profiles import DEFAULT
from rongshu.engine.lint import Facts
from rongshu.interfaces.console.compliance_words import GROUPS, KEYS, as_typed
from rongshu.kernel.tenancy.scope import tenant_scope

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

_addresses = itertools.count(1)
URL = "/console/plans/compliance"


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture
def operator(shop: Shop) -> Client:
    from tests.e2e.shop import PASSWORD

    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"198.51.101.{next(_addresses)}")
    assert client.post("/console/sign-in", {"account": shop.owner, "password": PASSWORD}).status_code == 302
    return client


def text_of(client: Client, path: str = URL) -> str:
    response = client.get(path, headers={"accept-language": "en"})
    assert response.status_code == 200
    return response.content.decode()


def test_declaring_is_kept_and_shown_again(shop: Shop, operator: Client) -> None:
    typed = {
        "do": "declare", "join_fee": "no", "minimum_age": "18", "gross_margin": "62.5", "payer_role": "merchant",
        "filing_ref": " 备案 7 ", "quiz": "",
    }  # fmt: skip
    assert operator.post(URL, typed).status_code == 302
    with tenant_scope(shop.house.id):
        found = declared()
    assert found is not None
    kept = {
        "join_fee": False,
        "minimum_age": 18,
        "gross_margin": 625_000,
        "payer_role": "merchant",
        "filing_ref": "备案 7",
    }
    assert found.facts == kept
    page = text_of(operator)
    assert 'value="62.5"' in page and "备案 7" in page
    assert as_typed(kept) == {key: typed[key].strip() for key in kept}


@pytest.mark.parametrize(
    ("name", "value"), [("join_fee", "maybe"), ("minimum_age", "old"), ("minimum_age", "-3"), ("gross_margin", "140"), ("payer_role", "bank")]
)  # fmt: skip
def test_what_cannot_be_read_is_said_at_its_field_and_nothing_changes(
    shop: Shop, operator: Client, name: str, value: str
) -> None:
    with tenant_scope(shop.house.id):
        before = declared()
    response = operator.post(URL, {"do": "declare", name: value})
    assert response.status_code == 200
    assert 'aria-invalid="true"' in response.content.decode()
    with tenant_scope(shop.house.id):
        after = declared()
    assert (before and before.number) == (after and after.number)


def test_the_version_in_force_is_checked_and_the_check_kept(shop: Shop, operator: Client) -> None:
    page = text_of(operator)
    assert 'id="worst-case"' in page and 'id="findings"' in page
    assert operator.post(URL, {"do": "keep"}).status_code == 302
    with tenant_scope(shop.house.id):
        (kept,) = kept_checks()
    assert kept.name in text_of(operator)


def test_a_template_becomes_a_draft(shop: Shop, operator: Client) -> None:
    page = text_of(operator, "/console/plans/templates")
    assert all(f'value="{one.key}"' in page for one in templates.all())
    response = operator.post("/console/plans/templates", {"template": "liquor"})
    assert response.status_code == 302
    assert "gift-box" in text_of(operator, response.headers["location"])
    assert operator.post("/console/plans/templates", {"template": "banks"}).status_code == 404


def test_every_fact_and_every_value_has_words() -> None:
    asked = {name for _title, some in GROUPS for name, _label in some}
    assert asked == {one.name for one in fields(Facts)} - {"rules_page", "reverses_refunds", "retail_share"}
    assert set(KEYS) == set(DEFAULT)
    with translation.override("en"):
        assert all(str(label) for label in KEYS.values())
