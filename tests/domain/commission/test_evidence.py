"""Signed evidence: whole, for one promoter, changed by a byte, by an amount; recomputed from the file alone."""

from __future__ import annotations

import copy
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongshu.domain.commission.evidence.sealing import Bundle, checked, sealed
from rongshu.engine.evidence.orders import differences
from tests.conftest import NOW
from tests.domain.commission.test_explanations import PAID, Shop, plan
from tests.domain.commission.test_rank_explanations import RANKED, Ladder
from tests.factories import TESTER


def made(shop: Shop, order: int, promoter: str | None = None) -> Bundle:
    from rongshu.domain.commission.evidence.actions import make_evidence

    with shop.scope():
        who = None if promoter is None else shop.ids[promoter]
        return make_evidence(order_id=order, promoter_id=who, by=TESTER, now=NOW)


def holds(bundle: Bundle) -> Any:
    """What every bundle must be."""
    found = checked(bundle.content)
    assert found.sound, (found.readable, found.malformed, found.wrong_hashes, found.differences)
    assert json.loads(bundle.content) == bundle.document
    return found


BUSY = """
name: busy
currency: CNY
levels: {1: {rate: 10%}, 2: {rate: 3%}, 3: {rate: 1%}}
overrides:
  - {id: first-order, level: 1, when: {order: first}, rate: 15%}
  - {id: gold, level: 1, when: {rank: gold, sku: A100}, rate: 18%}
  - {id: flat, level: 2, when: {sku: B200}, fixed: "2.00"}
boosts:
  - {id: newcomer, when: {promoter_days: {below: 90}}, add: 2%}
differential:
  ranks: {silver: 4%, gold: 7%}
  peer: {rate: 10%, generations: 2}
caps: {order: 25%, promoter_day: "30.00", promoter_month: "40.00"}
"""
LINES = [
    {"sku": "A100", "paid": "100.01", "qty": 2, "category": "beauty/skin"},
    {"sku": "B200", "paid": "33.33"},
    {"sku": "C300", "paid": "0.00"},
]


def test_a_busy_order_recomputes_from_the_file_alone(tenant: int) -> None:
    shop = Ladder(tenant, BUSY, "gold", "silver", "gold", "gold")
    orders = [
        shop.order(str(n), promoter="p1", paid_at=PAID + timedelta(days=n // 2), lines=LINES) for n in range(1, 7)
    ]
    shop.refund("r1", "2", line1="50.00", line2="33.33")
    for order in orders:
        holds(made(shop, order))
    rows = [row for order in orders for row in made(shop, order).document["parts"]["rows"]]
    assert {row["kind"] for row in rows} == {"level", "differential", "peer"}
    for cut in ("cut_order", "cut_day", "cut_month"):
        assert any(row[cut] != "0.00" for row in rows), cut
    assert any(row["reversed"] != "0.00" for row in rows)


@pytest.mark.parametrize(
    "text, more",
    [
        (plan(), {}),
        (plan(), {"promoter": None}),
        (plan(), {"buyer": "c"}),
        (plan(), {"buyer": "b"}),
        (plan("self_purchase: rebate\n"), {"buyer": "b", "promoter": None}),
        (plan("self_purchase: rebate\ncompress: true\n"), {"buyer": "a"}),
        (plan("basis: margin\n"), {"lines": [{"sku": "A100", "paid": "10.00", "cost": "3.33", "qty": 2}]}),
        (plan("overrides: [{id: vip, level: 2, when: {tier: vip, channel: app}, rate: 9%}]\n"), {"channel": "app"}),
    ],
)  # fmt: skip
def test_every_kind_of_order(tenant: int, text: str, more: dict[str, Any]) -> None:
    shop = Shop(tenant, text)
    order = shop.order(**more)
    found = holds(made(shop, order))
    assert found.rows == len(made(shop, order).document["parts"]["rows"])


def test_without_a_plan_and_cancelled(tenant: int) -> None:
    shop = Shop(tenant, plan(), begins=PAID)
    assert holds(made(shop, shop.order("early", paid_at=PAID - timedelta(days=1)))).rows == 0
    order = shop.order("1")
    shop.refund("r1", "1", line1="28.00")
    shop.status("1", "cancelled", NOW)
    bundle = made(shop, order)
    holds(bundle)
    assert all(row["reversed"] == row["amount"] for row in bundle.document["parts"]["rows"])
    assert bundle.document["parts"]["explanation"]["en"]["refunds"]


def test_any_changed_byte_is_found(tenant: int) -> None:
    shop = Ladder(tenant, RANKED, "silver", "gold")
    content = made(shop, shop.order(promoter="p1")).content

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(at=st.integers(0, len(content) - 1), byte=st.integers(0, 255))
    def changed(at: int, byte: int) -> None:
        other = content[:at] + bytes([byte]) + content[at + 1 :]
        assert checked(other).sound == (other == content)

    changed()
    assert not checked(content[:-1]).sound
    assert not checked(content + b" ").sound
    assert not checked(b"").sound
    assert not checked(b"[1]").sound
    again = json.dumps(json.loads(content), ensure_ascii=False, indent=2).encode()
    rewritten = checked(again)
    assert (rewritten.signature, rewritten.form, rewritten.sound) == (True, False, False)


def test_the_recomputation_finds_what_a_signature_cannot(tenant: int) -> None:
    """The house itself signs something untrue: another amount, a rate, a missing row, a rank, a reversal."""
    shop = Ladder(tenant, RANKED, "silver", "gold", "gold")
    order = shop.order(promoter="p1", lines=[{"sku": "A100", "paid": "100.00"}])
    shop.refund("r1", "1", line1="50.00")
    truth = made(shop, order).document["parts"]

    def signed(change: Any) -> Any:
        parts = copy.deepcopy(truth)
        change(parts)
        found = checked(sealed(parts=parts, promoter=None, made_at=NOW).content)
        assert found.signature and found.form and not found.wrong_hashes
        return [(one.where, one.field) for one in found.differences] or found.malformed

    assert signed(lambda parts: None) == ""
    assert ("line 1, differential 2, place 2", "amount") in signed(lambda p: p["rows"][1].update(amount="2.99"))
    assert ("line 1, differential 1, place 1", "ppm") in signed(lambda p: p["rows"][0].update(ppm=50_000))
    assert signed(lambda p: p["rows"].pop(0))[0] == ("line 1, differential 1, place 1", "amount")
    assert ("line 1, differential 2, place 2", "rule") in signed(lambda p: p["chain"][1].update(rank="diamond"))
    assert signed(lambda p: p["rows"][0].update(reversed="0.00")) == [("row 1", "reversed"), ("row 1", "taken_back")]
    assert signed(lambda p: p["transfers"][0].update(amount="9.99"))[0][1] == "accrued"
    assert signed(lambda p: p["order"].update(paid_at="2026-02-20T04:00:00")) == "2026-02-20T04:00:00 names no zone"
    assert signed(lambda p: p["lines"][0].update(paid="100.001"))
    assert signed(lambda p: p["chain"][0].update(place=7))
    assert signed(lambda p: p["plan"]["document"].update(levels={"x": 1}))


def test_the_key_that_is_asked_for(tenant: int) -> None:
    from rongshu.kernel.signing import public_key

    shop = Shop(tenant, plan())
    content = made(shop, shop.order()).content
    assert checked(content, key=public_key().hex().upper()).sound
    assert not checked(content, key="00" * 32).sound
    foreign = json.loads(content) | {"key": "11" * 32}
    assert not checked(json.dumps(foreign).encode()).signature


def test_a_proof_names_nobody_else(tenant: int) -> None:
    from rongshu.domain.members.profiles.actions import add_member
    from rongshu.kernel.errors import Refusal
    from rongshu.kernel.ids import outside

    shop = Ladder(tenant, RANKED, "silver", "gold", "gold")
    with shop.scope():
        buyer = add_member(external_id="wang-buyer", name="王小二", phone="13812345678", by=TESTER, now=NOW)
    order = shop.order(promoter="p1", buyer="wang-buyer", lines=[{"sku": "A100", "paid": "100.00"}])
    proof = made(shop, order, "p2")
    holds(proof)
    text = proof.content.decode()
    for other in ("p1", "p3"):
        assert f'"{other}"' not in text
        assert f" {other} " not in text
        assert outside("mem", shop.ids[other]) not in text
    for word in ("wang", "王小二", "1381234", outside("mem", buyer.id)):
        assert word not in text
    assert outside("mem", shop.ids["p2"]) in text
    assert {moved["row"] for moved in proof.document["parts"]["transfers"]} == {2}
    assert proof.document["promoter"] == outside("mem", shop.ids["p2"])
    whole = made(shop, order).content.decode()
    assert "wang-buyer" in whole
    assert "王小二" not in whole and "13812345678" not in whole
    with pytest.raises(Refusal) as refused:
        made(shop, order, "a")
    assert refused.value.code == "not_in_chain"


def test_it_is_noted_who_made_it(tenant: int) -> None:
    from rongshu.kernel.audit.models import AuditEntry

    shop = Shop(tenant, plan())
    bundle = made(shop, shop.order(), "c")
    with shop.scope():
        entry = AuditEntry.objects.get(action="evidence.made")
    assert (entry.actor, entry.subject) == (str(TESTER), bundle.document["order"])
    assert entry.details == {"promoter": bundle.document["promoter"], "sha256": bundle.digest}


def test_parts_of_nonsense_are_refused_not_crashed_on() -> None:
    from zoneinfo import ZoneInfo

    from rongshu.engine.evidence.difference import Malformed

    for parts in ({}, {"plan": None, "lines": []}, {"plan": 3, "lines": [1], "house": {}}):
        with pytest.raises(Malformed):
            differences(parts, ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_sheet_says_what_the_bundle_says(tenant: int, language: str) -> None:
    import pypdf

    from rongshu.interfaces.faces.proof import pdf_of

    shop = Ladder(tenant, BUSY, "silver", "gold", "gold")
    order = shop.order(promoter="p1", lines=LINES)
    shop.refund("r1", "1", line1="50.00")
    bundle = made(shop, order, "p2")
    reader = pypdf.PdfReader(io.BytesIO(pdf_of(bundle, language)))
    assert 1 <= len(reader.pages) <= 3
    text = "".join(page.extract_text() for page in reader.pages).replace("\n", "").replace(" ", "")
    for row in bundle.document["parts"]["rows"]:
        assert (row["place"] != 2) or row["amount"] in text
    for word in (bundle.digest, bundle.document["key"][:32], "gold", "A100", "check-evidence"):
        assert word in text, word
    assert "p1" not in text
    assert [bytes(content) for content in reader.attachments[f"proof-{bundle.document['order']}.json"]] == [
        bundle.content
    ]


@pytest.mark.parametrize("seed", range(4))
def test_every_order_of_a_random_life_before_and_after_its_re_rating(seed: int) -> None:
    from rongshu.domain.commerce.orders.models import Order
    from rongshu.domain.commission.evidence.actions import make_evidence
    from rongshu.domain.commission.rating.models import Commission
    from tests.domain.commission.test_rerating import STEPS, approved, asked, corrections, post_all
    from tests.ledger.flow import PLANS, FlowTrial, full_plan
    from tests.reference.generators import RandomDice

    def hold(now: Any) -> int:
        replaced = 0
        for order in Order.objects.all():
            whole = make_evidence(order_id=order.id, by=TESTER, now=now)
            holds(whole)
            replaced += len(whole.document["parts"]["replaced"])
            for who in Commission.objects.filter(order_id=order.id).values_list("beneficiary_id", flat=True).distinct():
                holds(make_evidence(order_id=order.id, promoter_id=who, by=TESTER, now=now))
        return replaced

    dice = RandomDice(seed)
    with FlowTrial(PLANS[seed % len(PLANS)]) as trial:
        for _ in range(20):
            getattr(trial, STEPS[dice.between(0, len(STEPS) - 1)])(dice)
        trial.work_off(1_000_000)
        trial.now += timedelta(hours=1)
        assert hold(trial.now) == 0
        trial.publish_version(full_plan(PLANS[(seed // 2 + 1) % len(PLANS)]), trial.now)
        corrections(trial, dice)
        found = asked(trial, 2)
        if found.changed:
            approved(trial, found)
            post_all(trial)
            assert hold(trial.now) or seed == 2, "the re-rating of seed 2 only adds"
