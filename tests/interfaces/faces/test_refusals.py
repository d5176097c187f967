"""What a form wrote before it was refused is undone, though the view catches the refusal and answers with a page."""

from __future__ import annotations

import importlib
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from rongshu.domain.commission.plans.models import PlanDraft
from rongshu.domain.settlement.policies.models import PolicyVersion
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.errors import conflict
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.conftest import NOW
from tests.factories import TESTER, found

PASSWORD = "a-long-password-1"


@pytest.fixture
def shop() -> tuple[House, Client]:
    home = found(now=NOW - timedelta(days=30))
    with tenant_scope(home.id):
        add_login(name=f"owner-{home.slug}", password=PASSWORD, role=Role.OWNER, by=TESTER, now=NOW)
    client = Client(HTTP_HOST="localhost", REMOTE_ADDR="198.51.104.7")
    answer = client.post("/console/sign-in", {"account": f"owner-{home.slug}", "password": PASSWORD})
    assert answer.status_code == 302
    return home, client


def test_what_was_written_before_a_refusal_is_undone(
    shop: tuple[House, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, client = shop

    def half(*, rules: Any, by: Any, now: Any) -> None:
        PolicyVersion.add(document=rules.as_document(), at=now, actor=str(by))
        raise conflict("too_late", "It is on its way already and cannot be refused.")

    module = importlib.import_module("rongshu.interfaces.console.views.money.rules")
    monkeypatch.setattr(module, "set_policy", half)
    form = {
        "minimum": "1",
        "agreement": "2",
        "weekday": ["0"],
        "working_weekday": ["0"],
        "tax": "labour",
        "cycle": "request",
    }
    answer = client.post("/console/withdrawals/rules", form)
    assert answer.status_code == 200 and 'class="problem' in answer.content.decode()
    with tenant_scope(home.id):
        assert not PolicyVersion.objects.exists()


def test_a_draft_that_is_refused_stays_as_it_was_typed(shop: tuple[House, Client]) -> None:
    home, client = shop
    answer = client.post("/console/plans/draft", {"document": "name: x\ncurrency: CNY\n", "do": "publish"})
    assert answer.status_code == 200
    with tenant_scope(home.id):
        assert PlanDraft.objects.get().text == "name: x\ncurrency: CNY\n"
