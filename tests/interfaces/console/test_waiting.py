"""Today tells who may decide what waits for them, and beside it how much, on every page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.console.test_reratings import asked, client

if TYPE_CHECKING:
    from tests.e2e.shop import Shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import PASSWORD, open_shop

    shop = open_shop()
    with tenant_scope(shop.house.id):
        for role in (Role.FINANCE, Role.RISK):
            add_login(
                name=f"{role.value}-{shop.house.slug}", password=PASSWORD, role=role, by=TESTER, now=timezone.now()
            )
    return shop


def told(one: Client) -> tuple[int, set[str]]:
    """The number beside Today on another page, and where the decisions of Today lead."""
    beside = re.search(r'<span class="waiting">(\d+)<', one.get("/console/promoters").content.decode())
    page = one.get("/console/").content.decode()
    return int(beside[1]) if beside else 0, set(re.findall(r'href="(/console/(?:plans/waiting|reratings)/\w+)"', page))


def test_a_plan_and_a_re_rating_wait_for_their_second_person_only(shop: Shop) -> None:
    from rongshu.domain.commission.plans.actions import save_draft
    from rongshu.domain.commission.reviews.actions import ask_review, reject_review
    from rongshu.domain.commission.reviews.models import PlanReview
    from rongshu.kernel.access.models import Login
    from tests.e2e.shop import PLAN

    owner, finance, risk = (
        client(shop),
        client(shop, f"finance-{shop.house.slug}"),
        client(shop, f"risk-{shop.house.slug}"),
    )
    begun = told(owner)[0]
    now = timezone.now()
    with tenant_scope(shop.house.id):
        author = Login.objects.get(shown=shop.owner).actor
        draft = save_draft(
            text=PLAN.replace("levels: {1: {rate: 10%}, 2: {rate: 3%}}", "levels: {1: {rate: 9%}}"), by=author, now=now
        )
        review = ask_review(
            draft_id=draft.id, by=author, now=now, effective_from=now + timedelta(days=40), note="less for everybody"
        )
    client(shop).post(f"/console/orders/{shop.order}/promoter", {"promoter": "m3", "reason": "x"})
    rerating = asked(shop, owner)
    shown = finance.get("/console/").content.decode()
    assert "less for everybody" in shown
    assert told(finance) == (begun + 2, {f"/console/plans/waiting/{_outside(review.id)}", rerating})
    assert told(owner) == (begun, set()), "whoever asked is not the second person"
    assert told(risk) == (0, set()), "who may not decide is not asked"
    with tenant_scope(shop.house.id):
        reject_review(review_id=PlanReview.objects.get(id=review.id).id, reason="no", by=TESTER, now=now)
    assert told(finance) == (begun + 1, {rerating})


def _outside(identifier: int) -> str:
    from rongshu.kernel.ids import outside

    return outside("rev", identifier)
