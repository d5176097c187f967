"""Prices over HTTP: rules published, carts quoted with reasons."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rongshu.domain.commerce.coupons.actions import Terms, claim_coupon, make_kind
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import find_member
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.api.shop import Opened, Shop, is_problem

RULES = """
currency: CNY
member_prices:
- {id: gold, name: Gold tea, of: {categories: [tea]}, discount: 10%, when: {tiers: [gold]}}
reductions:
- {id: full, name: 100 less 10, steps: [{spend: "100", minus: "10"}]}
shipping:
- {id: free, name: Free, spend: "99"}
"""


@pytest.fixture(scope="module")
def club(open_shop: Opened) -> Shop:
    club = open_shop()
    assert club.post("/members", {"external_id": "lin"}).status_code == 201
    assert club.put("/prices/rules", {"text": RULES, "reason": "spring"}).status_code == 200
    with tenant_scope(club.house.id):
        Member.objects.filter(external_id="lin").update(tier="gold")
    tea = {"sku": "T1", "title": "Tea", "price": "100.00", "category": "tea/green"}
    assert club.put("/products", {"products": [tea, {"sku": "T2", "title": "Pot"}]}).status_code == 200
    return club


def coupon(club: Shop, **terms: object) -> str:
    """A coupon of lin's."""
    now = utc_now()
    with tenant_scope(club.house.id):
        kind = make_kind(
            terms=Terms(name="C", valid_from=now - timedelta(1), days=9, claimable=True, **terms), by=TESTER, now=now
        )  # type: ignore[arg-type]
        lin = find_member("lin")
        return outside("cpn", claim_coupon(kind_id=kind.id, member_id=lin.id, tier="gold", by=TESTER, now=now).id)


def test_a_cart_is_quoted_with_every_step(club: Shop) -> None:
    mine = coupon(club, kind="fixed", amount=500)
    body = {
        "member": "lin",
        "lines": [{"sku": "T1", "qty": 2}],
        "shipping": "8",
        "coupons": [mine],
        "expected": "170.00",
    }
    got = club.post("/prices/quote", body)
    assert got.status_code == 200, got.text
    answer = got.json()
    (line,) = answer["lines"]
    assert [(step["rule"], step["minus"]) for step in line["steps"]] == [
        ("gold", "20.00"),
        ("full", "10.00"),
        (mine, "5.00"),
    ]
    assert (line["unit"], line["paid"], answer["shipping"], answer["payable"]) == ("90.00", "165.00", "0.00", "165.00")
    assert answer["changed"] and answer["version"] == 1 and answer["tier"] == "gold"
    best = club.post("/prices/quote", {**body, "coupons": "best", "expected": "165.00"}).json()
    assert [one["id"] for one in best["coupons"]] == [mine] and not best["changed"]


def test_what_cannot_be_used_is_said_with_what_to_do(club: Shop) -> None:
    dear = coupon(club, kind="fixed", amount=500, min_spend=100_000)
    body = {"member": "lin", "lines": [{"sku": "T1", "qty": 1, "price": "50.00"}], "shipping": "8", "coupons": [dear, outside("cpn", 5)]}  # fmt: skip
    answer = club.post("/prices/quote", body, headers={"Accept-Language": "en"}).json()
    assert [(one["id"], one["code"]) for one in answer["refused"]] == [
        (dear, "spend_short"),
        (outside("cpn", 5), "not_held"),
    ]
    assert answer["refused"][0]["detail"] == "955.00 more has to be spent."
    assert answer["refused"][0]["advice"] == "Add something for that much."
    assert [(one["rule"], one["code"]) for one in answer["not_applied"]] == [("free", "spend_short")]
    assert answer["shipping"] == "8.00" and answer["payable"] == "53.00"


def test_a_guest_pays_no_member_price(club: Shop) -> None:
    answer = club.post(
        "/prices/quote", {"lines": [{"sku": "T1", "qty": 1}, {"sku": "X", "qty": 1, "price": "1"}]}
    ).json()
    assert answer["payable"] == "91.00" and answer["member"] is None
    assert answer["lines"][0]["not_applied"][0]["code"] == "other_tier"


@pytest.mark.parametrize(
    ("change", "code", "at"),
    [
        ({"lines": [{"sku": "T2", "qty": 1}]}, "no_price", "lines.0.price"),
        ({"lines": [{"sku": "T1", "qty": 1, "price": "1.234"}]}, "bad_amount", "lines.0.price"),
        ({"lines": [{"sku": "T1", "qty": 1, "line_no": 2}, {"sku": "T1", "qty": 1}]}, "line_twice", "lines.1.line_no"),
        ({"shipping": "-1"}, "bad_amount", "shipping"),
        ({"coupons": ["mine"]}, "unknown_coupon", "coupons.0"),
    ],
)
def test_what_no_cart_is(club: Shop, change: dict, code: str, at: str) -> None:
    body = {"member": "lin", "lines": [{"sku": "T1", "qty": 1}], **change}
    assert is_problem(club.post("/prices/quote", body), 422, code)["at"] == at


def test_a_member_nobody_knows(club: Shop) -> None:
    body = {"member": "nobody", "lines": [{"sku": "T1", "qty": 1}]}
    is_problem(club.post("/prices/quote", body), 404, "unknown_member")


def test_rules_are_read_and_published_by_version(club: Shop) -> None:
    assert club.get("/prices/rules").json()["document"]["shipping"][0]["spend"] == "99.00"
    assert club.put("/prices/rules", {"text": RULES}).json()["number"] == 1
    refused = club.put("/prices/rules", {"text": RULES.replace("10%", "ten")})
    assert refused.status_code == 422 and "member_prices[0].discount" in refused.text
    assert is_problem(club.put("/prices/rules", {"text": RULES, "instead_of": 0}), 409, "prices_moved")
    assert [one["number"] for one in club.get("/prices/rules/versions").json()["data"]] == [1]
    assert club.get("/prices/rules/versions/1").json()["reason"] == "spring"
    is_problem(club.get("/prices/rules/versions/9"), 404, "no_price_version")


def test_scopes(club: Shop) -> None:
    cart = {"lines": [{"sku": "T1", "qty": 1}]}
    for scope, reads, writes in ((Scope.MEMBERSHIP_READ, 200, 403), (Scope.ORDERS_READ, 403, 403)):
        headers = {"Authorization": f"Bearer {club.key_for(scope, name=scope.value)}"}
        assert club.post("/prices/quote", cart, headers=headers).status_code == reads
        assert club.get("/prices/rules", headers=headers).status_code == reads
        assert club.put("/prices/rules", {"text": RULES}, headers=headers).status_code == writes
