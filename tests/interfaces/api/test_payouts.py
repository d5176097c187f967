"""Batches, runs, rules and reconciliation over HTTP: a program does what an operator does, and no more."""

from __future__ import annotations

from rongshu.domain.settlement.cycles.actions import work_on_runs
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.settlement.test_withdrawals import papers
from tests.interfaces.api.shop import Shop, is_problem
from tests.interfaces.api.test_withdrawals import available, funded


def by(shop: Shop, *scopes: Scope, name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {shop.key_for(*scopes, name=name)}"}


def approved(shop: Shop, amount: str, checker: dict[str, str]) -> str:
    made = shop.post("/withdrawals", {"promoter": "ann", "amount": amount}).json()["id"]
    assert shop.post(f"/withdrawals/{made}/approve", {"amount": amount}, headers=checker).status_code == 200
    return str(made)


def test_a_batch_goes_out_and_its_results_come_back_once(shop: Shop) -> None:
    funded(shop)
    checker = by(shop, Scope.MONEY_APPROVE, name="checker")
    one, two = (approved(shop, amount, checker) for amount in ("100.00", "200.00"))
    is_problem(
        shop.post("/payout-batches", {"withdrawals": [one], "provider": "bank"}, headers=checker), 403, "scope_missing"
    )
    is_problem(shop.post("/payout-batches", {"withdrawals": [one], "provider": "wechat"}), 422, "other_account")
    once = {"Idempotency-Key": "b-1"}
    first, again = (
        shop.post("/payout-batches", {"withdrawals": [one, two], "provider": "bank"}, headers=once) for _ in range(2)
    )
    assert first.status_code == 201 and first.json() == again.json()
    made = first.json()
    assert (made["state"], made["net"], len(made["payments"])) == ("sending", "300.00", 2)
    assert [row["id"] for row in shop.get("/payout-batches").json()["data"]] == [made["id"]]
    path = f"/payout-batches/{made['id']}"
    taken = shop.post(f"{path}/file", {})
    assert one in taken.text and "张三丰" in taken.json()["content"] and taken.headers["cache-control"] == "no-store"
    is_problem(shop.post(f"{path}/undo", {}), 409, "too_late")
    is_problem(shop.post(f"{path}/results", {"content": "nothing,of\nuse,here\n"}), 422, "no_column")
    results = {"content": f"serial,status,message\n{one},paid,\n{two},failed,no such account\n"}
    for expected in ({"arrived": 1, "failed": 1, "open": 0}, {"arrived": 0, "failed": 0, "open": 0}):
        assert shop.post(f"{path}/results", results).json() == expected
    assert shop.get(path).json()["state"] == "settled" and available(shop) == "900.00"
    states = {row["withdrawal"]: row["state"] for row in shop.get(path).json()["payments"]}
    assert states == {one: "confirmed", two: "failed"}


def test_by_hand_and_taken_back_in_time(shop: Shop) -> None:
    funded(shop)
    rules = shop.get("/withdrawal-policy").json()
    assert rules["minimum"] == "1.00"
    is_problem(shop.put("/withdrawal-policy", rules | {"maximum": "0.50"}), 422, "below_minimum")
    assert shop.put("/withdrawal-policy", rules | {"undo_minutes": 30}).json()["undo_minutes"] == 30
    one = approved(shop, "100.00", by(shop, Scope.MONEY_APPROVE, name="checker"))
    made = shop.post("/payout-batches", {"withdrawals": [one], "provider": "manual"}).json()
    is_problem(shop.post(f"/payout-batches/{made['id']}/settle", {"arrived": [one]}), 409, "can_undo")
    assert shop.post(f"/payout-batches/{made['id']}/undo", {}).json()["state"] == "undone"
    shop.put("/withdrawal-policy", rules)
    made = shop.post("/payout-batches", {"withdrawals": [one], "provider": "manual"}).json()
    is_problem(shop.post(f"/payout-batches/{made['id']}/settle", {"failed": [one]}), 422, "no_reason")
    done = shop.post(f"/payout-batches/{made['id']}/settle", {"arrived": [one]}).json()
    assert done == {"arrived": 1, "failed": 0, "open": 0}
    is_problem(shop.get("/payout-batches/bat_nothing"), 404, "unknown_batch")


def test_a_run_is_begun_by_one_key_and_approved_by_another(shop: Shop) -> None:
    funded(shop)
    made = shop.post("/settlement-runs", {}).json()
    assert shop.post("/settlement-runs", {}).json()["id"] == made["id"]
    assert shop.post(f"/settlement-runs/{made['id']}/start", {}).json()["started_by"] == "key:erp"
    with tenant_scope(shop.house.id):
        while work_on_runs(now=utc_now()):
            pass
    found = shop.get(f"/settlement-runs/{made['id']}").json()
    assert (found["state"], found["amount"], found["withdrawals"]) == ("done", "1000.00", {"asked": 1})
    is_problem(shop.post(f"/settlement-runs/{made['id']}/approvals", {}), 403, "asked_yourself")
    checker = by(shop, Scope.MONEY_APPROVE, name="checker")
    assert shop.post(f"/settlement-runs/{made['id']}/approvals", {}, headers=checker).json() == {"approved": 1}
    assert [one["state"] for one in shop.get("/settlement-runs").json()["data"]] == ["done"]
    assert shop.get("/reconciliation").json() == {"currency": "CNY", "days": [], "waiting": [], "next": None}


def test_papers_are_given_and_taken_back(shop: Shop) -> None:
    shop.enrol("ann")
    given = papers()
    body = {
        name: getattr(given, name) for name in ("name", "document_kind", "document", "account_kind", "account", "bank")
    }
    is_problem(shop.put("/promoters/ann/payee", body | {"agreement": "0"}), 409, "new_agreement")
    is_problem(
        shop.put("/promoters/ann/payee", body | {"agreement": "1", "document": "110105194912310021"}),
        422,
        "bad_document",
    )
    kept = shop.put("/promoters/ann/payee", body | {"agreement": "1"})
    assert kept.status_code == 200 and given.document not in kept.text and given.account not in kept.text
    assert shop.delete("/promoters/ann/payee").json() == {"withdrawals_taken_back": 0}
    is_problem(shop.get("/promoters/ann/payee"), 404, "no_papers")
    is_problem(shop.delete("/promoters/ann/payee"), 404, "no_papers")


def test_a_statement_as_a_file(shop: Shop) -> None:
    funded(shop)
    month = f"{utc_now():%Y-%m}"
    for form, begins in (("csv", b"\xef\xbb\xbf"), ("pdf", b"%PDF-")):
        told = shop.get(f"/promoters/ann/statement.{form}", params={"month": month})
        assert told.status_code == 200 and told.content.startswith(begins)
