"""Withdrawals over HTTP: asked for by one key, approved by another, and never twice."""

from __future__ import annotations

from datetime import UTC, datetime

from rongshu.domain.settlement.payees.actions import give_papers
from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.engine.withdrawals import Policy
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import inside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.settlement.test_withdrawals import papers
from tests.factories import TESTER
from tests.interfaces.api.shop import Shop, is_problem
from tests.races.test_ledger_races import fill


def funded(shop: Shop) -> str:
    ann = shop.enrol("ann")
    member = inside("mem", ann)
    assert member is not None
    with tenant_scope(shop.house.id):
        set_policy(rules=Policy(per_day=0), by=TESTER, now=datetime(2026, 1, 1, tzinfo=UTC))
        give_papers(promoter_id=member, papers=papers(), agreement="1", by=TESTER, now=utc_now())
    fill(shop.house.id, member, 1_000_00)
    return ann


def available(shop: Shop) -> str:
    return str(shop.get("/promoters/ann").json()["balance"]["available"])


def test_one_key_asks_another_approves_and_a_repeat_changes_nothing(shop: Shop) -> None:
    ann = funded(shop)
    once = {"Idempotency-Key": "w-1"}
    first, again = (shop.post("/withdrawals", {"promoter": "ann", "amount": "600.00"}, headers=once) for _ in range(2))
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert available(shop) == "400.00"
    made = first.json()
    assert (made["promoter"], made["state"], made["amount"]) == (ann, "asked", "600.00")
    is_problem(shop.post("/withdrawals", {"promoter": "ann", "amount": "400.01"}), 409, "not_enough")
    path = f"/withdrawals/{made['id']}"
    is_problem(shop.post(f"{path}/approve", {"amount": "600.00"}), 403, "asked_yourself")
    other = {"Authorization": f"Bearer {shop.key_for(Scope.MONEY_APPROVE)}"}
    is_problem(shop.post(f"{path}/approve", {"amount": "599.00"}, headers=other), 409, "other_amount")
    is_problem(shop.get(path, headers=other), 403, "scope_missing")
    for _ in range(2):
        done = shop.post(f"{path}/approve", {"amount": "600.00"}, headers=other).json()
        assert (done["state"], done["approvals"]) == ("approved", 1)
    assert [step["actor"] for step in shop.get(path).json()["steps"]] == ["key:erp", "key:other"]
    assert shop.post(f"{path}/cancel", {}).json()["state"] == "cancelled"
    assert available(shop) == "1000.00"


def test_refused_with_a_reason_listed_by_pages_and_unknown_is_said(shop: Shop) -> None:
    funded(shop)
    made = [shop.post("/withdrawals", {"promoter": "ann", "amount": "10"}).json()["id"] for _ in range(3)]
    refused = shop.post(f"/withdrawals/{made[0]}/refuse", {"reason": "the name is another"}).json()
    assert refused["state"] == "refused" and refused["steps"][-1]["reason"] == "the name is another"
    page = shop.get("/withdrawals", params={"promoter": "ann", "limit": 2}).json()
    rest = shop.get("/withdrawals", params={"promoter": "ann", "cursor": page["next"]}).json()
    assert [one["id"] for one in page["data"] + rest["data"]] == made[::-1] and rest["next"] is None
    assert [one["id"] for one in shop.get("/withdrawals", params={"state": "asked"}).json()["data"]] == made[:0:-1]
    is_problem(shop.get("/withdrawals/wdr_nothing"), 404, "unknown_withdrawal")
    is_problem(shop.get("/withdrawals", params={"cursor": "x"}), 422, "bad_cursor")
    is_problem(shop.post("/withdrawals", {"promoter": "ann", "amount": "1.001"}), 422, "bad_amount")


def test_papers_are_masked_and_a_month_adds_up(shop: Shop) -> None:
    funded(shop)
    told = shop.get("/promoters/ann/payee")
    assert (
        told.json()["document_kind"] == "cn_id" and "11010519491231002X" not in told.text and "张三丰" not in told.text
    )
    shop.enrol("ben")
    is_problem(shop.get("/promoters/ben/payee"), 404, "no_papers")
    month = shop.get("/promoters/ann/statement", params={"month": f"{utc_now():%Y-%m}"}).json()
    moved = sum(round(float(line["amount"]) * 100) for line in month["lines"])
    assert round(float(month["opening"]) * 100) + moved == round(float(month["closing"]) * 100) == 1_000_00
