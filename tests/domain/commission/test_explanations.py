"""Why this amount, and why nothing: real orders through the real intake, explained in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.conftest import NOW
from tests.factories import TESTER

ZH, EN = "zh-hans", "en"
PAID = datetime(2026, 2, 20, 4, tzinfo=UTC)
"""When orders are paid here: noon in Shanghai."""
CATALOGUES = Path(__file__).parents[3] / "src" / "rongshu" / "locale"


@pytest.fixture(scope="module", autouse=True)
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The catalogue of the repository, compiled for these tests alone."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("locale")
    target = folder / "zh_Hans" / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True)
    with (CATALOGUES / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as source, target.open("wb") as compiled:
        write_mo(compiled, read_po(source, locale="zh_Hans", domain="django"))
    with override_settings(LOCALE_PATHS=[str(folder)]):
        _forget_catalogues()
        yield
    _forget_catalogues()


def _forget_catalogues() -> None:
    from django.utils.translation import trans_real

    trans_real._translations = {}
    trans_real._default = None


class Shop:
    """A tenant with a chain a <- b <- c (c was invited by b, b by a), all promoters since 2026-01-01."""

    def __init__(
        self, tenant: int, plan: str, *, begins: datetime = PAID - timedelta(days=100), bare: bool = False
    ) -> None:
        from rongshu.domain.commission.plans.actions import publish_plan
        from rongshu.domain.members.profiles.actions import ensure_members
        from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
        from rongshu.kernel.tenancy.queries import house
        from rongshu.kernel.tenancy.scope import tenant_scope

        self.tenant, self.joined = tenant, datetime(2026, 1, 1, tzinfo=UTC)
        self.scope = lambda: tenant_scope(tenant)
        with self.scope():
            self.house = house()
            self.ids = ensure_members(external_ids=["a", "b", "c", "d", "x"], now=NOW)
            inviters = {"a": None, "b": "a", "c": "b"}
            enrol_promoters(
                joinings=[
                    Joining(
                        self.ids[name],
                        self.ids[above] if above else None,
                        self.joined,
                        rank="gold" if name == "c" else "",
                    )
                    for name, above in inviters.items()
                ],
                by=TESTER,
                now=NOW,
            )
            publish_plan(text=plan, effective_from=begins, by=TESTER, now=NOW)

    def order(self, name: str = "1", *, lines: list[dict[str, Any]] | None = None, **more: Any) -> int:
        """Accepts and rates an order of buyer x, credited to c; our id."""
        from rongshu.flows.intake.accept import accept_orders
        from rongshu.flows.intake.shapes import ORDERS

        entry: dict[str, Any] = {"id": name, "paid_at": PAID, "buyer": "x", "promoter": "c", **more}
        entry["lines"] = lines or [{"sku": "A100", "paid": "128.00"}]
        entry = {key: value for key, value in entry.items() if value is not None}
        with self.scope():
            done = accept_orders(orders=ORDERS.validate_python([entry]), tenant=self.house, by=TESTER, now=NOW)
        assert done.results[0].problem is None
        self.work()
        return done.results[0].id

    def work(self, now: datetime = NOW) -> None:
        from rongshu.flows.intake.work import work_off

        while work_off(self.tenant, now=now):
            pass

    def refund(self, name: str, order: str, **amounts: str) -> None:
        """A refund of line1="64.00", …"""
        from rongshu.flows.intake.accept import accept_refunds
        from rongshu.flows.intake.shapes import REFUNDS

        lines = [{"line_no": int(line.removeprefix("line")), "amount": amount} for line, amount in amounts.items()]
        entry = {"id": name, "order": order, "refunded_at": NOW, "lines": lines}
        with self.scope():
            accept_refunds(refunds=REFUNDS.validate_python([entry]), tenant=self.house, by=TESTER, now=NOW)
        self.work()

    def status(self, order: str, status: str, at: datetime) -> None:
        from rongshu.flows.intake.accept import accept_statuses
        from rongshu.flows.intake.shapes import STATUSES

        entry = {"order": order, "status": status, "at": at}
        with self.scope():
            accept_statuses(statuses=STATUSES.validate_python([entry]), tenant=self.house, by=TESTER, now=NOW)
        self.work()

    def release(self, now: datetime) -> None:
        from rongshu.domain.commission.release.actions import release_due

        with self.scope():
            release_due(now=now)

    def explain(self, order: int) -> Any:
        """The explanation, held to what must hold for every one."""
        from rongshu.domain.commission.explanations.queries import explain_order

        with self.scope():
            found = explain_order(order)
        _check(found)
        return found


WORDS_OF_TENANTS = (
    "first-order", "newcomer", "may", "flat-sku", "special", "free", "spring", "beauty", "skin", "gold", "diamond",
    "wechat", "A100", "B200", "vip", "R1", "R2", "cancelled", "silver", "shop", "east", "evening",
)  # fmt: skip


def _check(found: Any) -> None:
    """JSON in both languages, the same facts in both; Chinese without a word of English; sums that agree."""
    documents = {language: found.as_json(language) for language in (ZH, EN)}
    for language, document in documents.items():
        text = json.dumps(document, ensure_ascii=False)
        assert "%(" not in text
        for sentence in _sentences(document):
            if language == ZH:
                rest = re.sub("|".join(WORDS_OF_TENANTS), "", sentence)
                assert not re.search(r"[A-Za-z]{2,}", rest), sentence
                assert not re.search(r"[A-Za-z]{2,}:|\.$", sentence), sentence
            else:
                assert not re.search(r"[\u3000-\u9fff]", sentence), sentence
    assert sum(one.earned for one in found.chain) == found.earned == sum(row.amount for row in found.commissions)
    for one in found.chain:
        assert one.sentence(ZH) and one.sentence(EN)
    for row in found.commissions:
        assert row.before_caps - row.cut_order - row.cut_day - row.cut_month == row.amount
        assert sum(t.amount for r in found.refunds for t in r.taken if t.row == row.row) == row.reversed
    if found.lines and not found.earned:
        assert found.why_nothing(ZH) and found.why_nothing(EN)
    else:
        assert not found.why_nothing(ZH)


def _sentences(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("sentence", "summary", "nothing") and isinstance(inner, str):
                yield inner
            else:
                yield from _sentences(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _sentences(inner)


PLAIN = """
name: spring
currency: CNY
levels: {1: {rate: 10%}, 2: {rate: 3%}}
"""


def plan(more: str = "", base: str = PLAIN) -> str:
    return base + more


# ------------------------------------------------------------------------------------------------ why this amount


def test_a_plain_order(tenant: int) -> None:
    shop = Shop(tenant, plan())
    found = shop.explain(shop.order())
    assert [(row.beneficiary.name, row.amount) for row in found.commissions] == [("c", 1280), ("b", 384)]
    assert found.commissions[0].sentence(EN) == (
        "Line 1 (A100). Level 1 earns 10%. ¥128.00 × 10% = ¥12.80. "
        "Pending; to be released 15 days after the order is completed."
    )
    assert found.commissions[0].sentence(ZH) == (
        "订单行 1（A100）。第 1 层按 10% 计佣。¥128.00 × 10% = ¥12.80。待解冻，订单完成 15 天后解冻。"
    )
    assert found.summary(EN) == (
        "Order 1: ¥128.00 paid on 2026-02-20 12:00. Credited to c, named with the order. "
        "Rated by version 1 of the plan (spring). Commission ¥16.64, promoters: 2. Not completed yet."
    )
    assert found.summary(ZH) == (
        "订单 1，2026-02-20 12:00 支付 ¥128.00。归属推广员 c（订单指定）。按分佣方案 spring 第 1 版核算。"
        "佣金 ¥16.64，推广员 2 人。尚未完成。"
    )
    assert [one.sentence(ZH) for one in found.chain] == ["第 1 层，得 ¥12.80。", "第 2 层，得 ¥3.84。"]
    assert [transfer.sentence(EN) for transfer in found.transfers] == [
        "¥12.80: commission expense → pending commission of c",
        "¥3.84: commission expense → pending commission of b",
    ]
    assert [step.code for step in found.commissions[0].steps] == ["line", "level", "amount", "pending"]
    assert found.version.number == 1
    assert found.order.outside_id.startswith("ord_")


def test_rounding_is_named(tenant: int) -> None:
    shop = Shop(tenant, plan())
    found = shop.explain(shop.order(lines=[{"sku": "A100", "paid": "0.45"}]))
    assert "¥0.45 × 10% = ¥0.045, rounded to ¥0.05." in found.commissions[0].sentence(EN)
    assert "¥0.45 × 10% = ¥0.045，四舍五入为 ¥0.05。" in found.commissions[0].sentence(ZH)


RICH = """
overrides:
  - {id: first-order, level: 1, when: {order: first}, rate: 15%}
  - {id: special, level: 1, when: {category: [beauty, shop], rank: [gold, silver, diamond], channel: wechat}, rate: 18%}
  - {id: flat-sku, level: 2, when: {sku: B200}, fixed: "5.00"}
boosts:
  - {id: newcomer, when: {promoter_days: {below: 60}}, add: 2%}
  - {id: evening, when: {paid: {from: 2026-02-01, to: 2026-03-01}, min_order: "100.00"}, add: 0.5%}
"""


def test_overrides_boosts_and_fixed_amounts(tenant: int) -> None:
    shop = Shop(tenant, plan(RICH))
    lines = [
        {"sku": "A100", "paid": "128.00"},
        {"sku": "B200", "paid": "60.00", "qty": 2, "category": "beauty/skin"},
        {"sku": "B200", "paid": "3.00"},
    ]
    found = shop.explain(shop.order(lines=lines, channel="wechat"))
    said = {(row.line_no, row.level): (row.sentence(EN), row.sentence(ZH)) for row in found.commissions}
    english, chinese = said[1, 1]
    assert "Override first-order gives level 1 15% in place of 10%: it was the buyer's first order." in english
    assert "Boost newcomer adds 2%: the promoter had joined less than 60 days before." in english
    assert "it was paid between 2026-02-01 and 2026-02-28 and the order comes to ¥100.00 or more." in english
    assert "The rate is 15% + 2% + 0.5% = 17.5%. ¥128.00 × 17.5% = ¥22.40." in english
    assert "例外 first-order 适用（买家首单），第 1 层由 10% 改为 15%。" in chinese
    assert "加成 newcomer 适用（推广员加入不满 60 天），增加 2%。" in chinese
    assert "2026-02-01 至 2026-02-28 支付，且订单满 ¥100.00" in chinese
    assert "合计比例 15% + 2% + 0.5% = 17.5%。" in chinese
    english, chinese = said[2, 1]
    assert (
        "Override special gives level 1 18% in place of 10%: the category is in beauty or shop, "
        "the promoter's rank is gold, silver or diamond and the channel is wechat."
    ) in english
    assert "类目属于 beauty 或 shop、推广等级为 gold、silver 或 diamond，且渠道为 wechat" in chinese
    english, chinese = said[2, 2]
    assert (
        "Override flat-sku gives level 2 ¥5.00 a unit in place of 3%: the SKU is B200. ¥5.00 × 2 = ¥10.00." in english
    )
    assert "第 2 层由 3% 改为每件 ¥5.00。¥5.00 × 2 = ¥10.00。" in chinese
    english, chinese = said[3, 2]
    assert "¥5.00 × 1 = ¥5.00, and never more than the base of ¥3.00: ¥3.00." in english
    assert "最多等于计佣基数 ¥3.00：¥3.00。" in chinese
    assert found.commissions[0].rules == ("first-order", "newcomer", "evening")


CONDITIONS = """
overrides:
  - id: special
    level: 1
    when: {order: repeat, tier: vip, store: east, region: east, promoter_days: {from: 10}}
    rate: 1%
  - id: may
    level: 2
    when: {order: [first, repeat], promoter_days: {from: 10, below: 90}, paid: {to: 2026-03-01}}
    rate: 1%
  - {id: free, level: 3, when: {}, rate: 1%}
boosts:
  - {id: evening, when: {paid: {from: 2026-02-01}}, add: 100%}
"""


def test_every_other_condition_and_a_rate_above_the_whole(tenant: int) -> None:
    shop = Shop(tenant, plan(CONDITIONS).replace("3%}}", "3%}, 3: {rate: 2%}}"))
    shop.order("0")
    found = shop.explain(shop.order("1", tier="vip", store="east", region="east", paid_at=PAID + timedelta(hours=1)))
    first, second, third = (row.sentence(EN) for row in found.commissions)
    assert "it was not the buyer's first order" in first
    assert "the buyer's tier is vip, the store is east, the region is east and" in first
    assert "the promoter had joined 10 days before or earlier" in first
    assert "the buyer is known, the promoter had joined between 10 and 89 whole days before" in second
    assert "it was paid on 2026-02-28 or earlier" in second
    assert "it holds for every order" in third
    assert "it was paid on 2026-02-01 or later" in third
    assert "¥128.00 × 101% is more than the base, and never more than the base is paid: ¥128.00." in third


def test_margin_is_spelled_out(tenant: int) -> None:
    shop = Shop(tenant, plan("basis: margin\n"))
    lines = [
        {"sku": "A100", "paid": "128.00", "qty": 2, "cost": "40.00"},
        {"sku": "B200", "paid": "5.00", "cost": "9.00"},
    ]
    found = shop.explain(shop.order(lines=lines))
    assert "The base is the margin: ¥128.00 − ¥40.00 × 2 = ¥48.00. ¥48.00 × 10% = ¥4.80." in found.commissions[
        0
    ].sentence(EN)
    assert "计佣基数为毛利：¥128.00 − ¥40.00 × 2 = ¥48.00。" in found.commissions[0].sentence(ZH)
    assert (
        found.chain[0].sentence(EN) == "¥4.80 at level 1. Line 2 (B200): The commission base is 0: there is no margin."
    )
    assert [line.base for line in found.lines] == [4800, 0]


def test_caps(tenant: int) -> None:
    shop = Shop(tenant, plan('caps: {order: 12%, promoter_day: "20.00", promoter_month: "21.00"}\n'))
    first = shop.explain(shop.order("1"))
    assert "An order's commissions are capped at 12% of its base (¥128.00), that is ¥15.36: ¥0.98 less." in (
        first.commissions[0].sentence(EN)
    )
    assert "整单佣金上限为计佣基数 ¥128.00 的 12%，即 ¥15.36，减少 ¥0.98。实际佣金 ¥11.82。" in first.commissions[
        0
    ].sentence(ZH)
    second = shop.explain(shop.order("2", paid_at=PAID + timedelta(hours=1)))
    assert "A promoter's day is capped at ¥20.00: ¥3.64 less. What remains is ¥8.18." in second.commissions[0].sentence(
        EN
    )
    assert "推广员单日上限 ¥20.00，减少 ¥3.64。" in second.commissions[0].sentence(ZH)
    third = shop.explain(shop.order("3", paid_at=PAID + timedelta(hours=2)))
    assert third.chain[0].sentence(ZH) == "单日上限 ¥20.00 已用完，¥12.80 未能计入。"
    assert third.chain[0].sentence(EN) == "The day's cap of ¥20.00 was already reached; ¥12.80 fell away."
    assert third.commissions[0].state == "capped"
    fourth = shop.explain(shop.order("4", paid_at=PAID + timedelta(days=1)))
    assert "A promoter's month is capped at ¥21.00: ¥10.82 less." in fourth.commissions[0].sentence(EN)
    assert "推广员单月上限 ¥21.00，减少 ¥10.82。" in fourth.commissions[0].sentence(ZH)
    fifth = shop.explain(shop.order("5", paid_at=PAID + timedelta(days=2)))
    assert fifth.chain[0].sentence(ZH) == "单月上限 ¥21.00 已用完，¥12.80 未能计入。"


# ------------------------------------------------------------------------------------------------ why nothing


def test_nobody_is_credited(tenant: int) -> None:
    shop = Shop(tenant, plan())
    found = shop.explain(shop.order(promoter=None))
    assert found.why_nothing(EN) == "The order is credited to no promoter."
    assert found.why_nothing(ZH) == "本单没有归属推广员。"
    assert found.order.credited_to is None
    guest = shop.explain(shop.order("2", buyer=None))
    assert guest.order.buyer is None
    assert guest.earned == 1664
    assert not found.chain


def test_no_plan_was_in_force(tenant: int) -> None:
    shop = Shop(tenant, plan(), begins=PAID + timedelta(days=1))
    found = shop.explain(shop.order())
    assert found.why_nothing(EN) == "No plan was in force when this order was paid."
    assert found.why_nothing(ZH) == "本单支付时没有生效的分佣方案。"
    assert found.version is None
    assert found.lines[0].base is None


def test_self_purchase(tenant: int) -> None:
    shop = Shop(tenant, plan())
    found = shop.explain(shop.order(buyer="c"))
    assert found.why_nothing(ZH) == "本单归属买家本人，按方案自购不计佣。"
    higher = shop.explain(shop.order("2", buyer="b"))
    assert higher.chain[1].sentence(ZH) == "推广员是本单买家，按方案自购不计佣。"
    assert higher.chain[1].sentence(EN).startswith("The promoter is the buyer of this order;")
    assert higher.chain[1].level is None


def test_rebate_puts_the_buyer_first(tenant: int) -> None:
    shop = Shop(tenant, plan("self_purchase: rebate\n"))
    found = shop.explain(shop.order(buyer="b", promoter=None))
    assert [one.promoter.name for one in found.chain] == ["b", "a"]
    assert "Under this plan own purchases count" in found.summary(EN)
    assert "按方案自购计佣" in found.summary(ZH)


def test_not_active_when_paid(tenant: int) -> None:
    from rongshu.domain.referral.promoters.actions import end_promoter

    shop = Shop(tenant, plan())
    with shop.scope():
        end_promoter(promoter_id=shop.ids["c"], by=TESTER, now=PAID - timedelta(days=1))
    found = shop.explain(shop.order())
    assert (
        found.chain[0].sentence(EN) == "The promoter stopped promoting on 2026-02-19 12:00, before this order was paid."
    )
    assert found.chain[0].sentence(ZH) == "推广员已于 2026-02-19 12:00 停止推广，早于本单支付时间。"
    assert found.chain[1].earned == 384
    early = shop.explain(shop.order("2", paid_at=shop.joined - timedelta(days=1)))
    assert early.chain[0].sentence(ZH) == "推广员于 2026-01-01 08:00 加入，晚于本单支付时间。"
    assert early.why_nothing(ZH).startswith("c：推广员于")
    assert early.why_nothing(EN).startswith("c: The promoter joined on 2026-01-01 08:00, after")


def test_no_level_left(tenant: int) -> None:
    shop = Shop(tenant, "name: spring\ncurrency: CNY\nlevels: {1: {rate: 10%}, 3: {rate: 3%}}\n")
    found = shop.explain(shop.order())
    assert [one.level for one in found.chain] == [1, None, 3]
    assert found.chain[1].sentence(EN) == "The plan has no level 2; this place earns nothing."
    assert found.chain[1].sentence(ZH) == "方案未设第 2 层，这一层不计佣。"


def test_compress_moves_levels(tenant: int) -> None:
    from rongshu.domain.referral.promoters.actions import end_promoter

    shop = Shop(tenant, plan("compress: true\n"))
    with shop.scope():
        end_promoter(promoter_id=shop.ids["b"], by=TESTER, now=PAID - timedelta(days=1))
    found = shop.explain(shop.order())
    assert [(one.promoter.name, one.level, one.earned) for one in found.chain] == [
        ("c", 1, 1280),
        ("b", None, 0),
        ("a", 2, 384),
    ]


def test_base_rate_and_rounding_to_nothing(tenant: int) -> None:
    zero = "overrides: [{id: free, level: 1, when: {sku: B200}, rate: 0%}]\n"
    shop = Shop(tenant, plan(zero, PLAIN.replace("2: {rate: 3%}", "2: {rate: 0%}")))
    free = shop.explain(shop.order("1", lines=[{"sku": "A100", "paid": "0.00"}]))
    assert free.chain[0].sentence(EN) == "The commission base is 0: nothing was paid."
    assert free.why_nothing(ZH) == "c：计佣基数为 0：实付金额为 0。b：计佣基数为 0：实付金额为 0。"
    tiny = shop.explain(shop.order("2", lines=[{"sku": "A100", "paid": "0.04"}]))
    assert tiny.chain[0].sentence(EN) == "¥0.04 × 10% = ¥0.004, rounded to ¥0.00."
    assert tiny.chain[0].sentence(ZH) == "¥0.04 × 10% = ¥0.004，四舍五入为 ¥0.00。"
    assert tiny.chain[1].sentence(EN) == "The plan pays 0% at level 2."
    lines = [{"sku": "B200", "paid": "10.00"}, {"sku": "A100", "paid": "0.01"}]
    mixed = shop.explain(shop.order("3", lines=lines))
    assert mixed.chain[0].sentence(EN) == (
        "Line 1 (B200): Override free pays 0% at level 1: the SKU is B200. "
        "Line 2 (A100): ¥0.01 × 10% = ¥0.001, rounded to ¥0.00."
    )
    assert mixed.chain[1].sentence(ZH) == "方案第 2 层按 0% 计佣。"


def test_an_order_cap_of_nothing(tenant: int) -> None:
    shop = Shop(tenant, plan("caps: {order: 0%}\n"))
    found = shop.explain(shop.order())
    assert found.chain[0].sentence(ZH) == "整单上限为计佣基数的 0%，¥12.80 未能计入。"
    assert found.chain[0].sentence(EN) == "The order's cap of 0% left nothing of ¥12.80."


# ------------------------------------------------------------------------------------------------ refunds, release


def test_a_refund_before_the_release(tenant: int) -> None:
    shop = Shop(tenant, plan())
    order = shop.order("1", lines=[{"sku": "A100", "paid": "128.00"}, {"sku": "B200", "paid": "10.00"}])
    shop.refund("R1", "1", line1="64.00", line2="10.00")
    found = shop.explain(order)
    (refund,) = found.refunds
    assert refund.sentence(EN) == (
        "Refund R1 on 2026-03-01 20:00. Line 1: ¥64.00. Line 2: ¥10.00. "
        "¥7.40 taken back from c, out of what was pending. ¥2.22 taken back from b, out of what was pending."
    )
    assert refund.sentence(ZH) == (
        "2026-03-01 20:00 退款 R1。订单行 1：¥64.00。订单行 2：¥10.00。"
        "从 c 的待解冻佣金冲回 ¥7.40。从 b 的待解冻佣金冲回 ¥2.22。"
    )
    assert "Refunds took back ¥6.40; ¥6.40 stays." in found.commissions[0].sentence(EN)
    assert found.commissions[2].state == "reversed"
    assert found.commissions[2].sentence(ZH).endswith("退款后已全部冲回。")
    assert found.chain[0].sentence(ZH) == "第 1 层，得 ¥13.80。退款已冲回 ¥7.40。"


def test_release_then_refunds_into_available_and_debt(tenant: int) -> None:
    from rongshu.ledger.actions import reserve

    shop = Shop(tenant, plan())
    order = shop.order()
    shop.status("1", "completed", PAID + timedelta(days=1))
    due = shop.explain(order)
    assert due.commissions[0].sentence(EN).endswith("Pending; to be released from 2026-03-08 12:00 on.")
    assert due.commissions[0].sentence(ZH).endswith("待解冻，2026-03-08 12:00 起解冻。")
    shop.release(PAID + timedelta(days=17))
    released = shop.explain(order)
    assert released.commissions[0].sentence(EN).endswith("Released on 2026-03-09 12:00.")
    assert released.commissions[0].sentence(ZH).endswith("2026-03-09 12:00 已解冻。")
    with shop.scope():
        reserve(ref="w1", owner=shop.ids["c"], amount=1000, now=NOW)
    shop.refund("R1", "1", line1="128.00")
    found = shop.explain(order)
    assert found.refunds[0].sentence(EN) == (
        "Refund R1 on 2026-03-01 20:00. Line 1: ¥128.00. ¥2.80 taken back from c, out of the available balance. "
        "¥10.00 noted as debt of c, to be settled from what is released next. "
        "¥3.84 taken back from b, out of the available balance."
    )
    assert "c 记欠款 ¥10.00，从之后解冻的佣金抵扣。" in found.refunds[0].sentence(ZH)
    assert [(one.book.name, one.amount) for one in found.refunds[0].taken] == [
        ("AVAILABLE", 280), ("DEBT", 1000), ("AVAILABLE", 384),
    ]  # fmt: skip


def test_a_cancellation(tenant: int) -> None:
    shop = Shop(tenant, plan())
    order = shop.order()
    shop.status("1", "cancelled", PAID + timedelta(days=1))
    found = shop.explain(order)
    assert found.refunds[0].cancellation
    assert found.refunds[0].sentence(ZH).startswith("订单于 2026-02-21 12:00 取消。")
    assert found.summary(EN).endswith("Cancelled on 2026-02-21 12:00.")
    assert {row.state for row in found.commissions} == {"reversed"}


def test_a_refund_that_takes_nothing(tenant: int) -> None:
    shop = Shop(tenant, plan())
    order = shop.order(promoter=None)
    shop.refund("R1", "1", line1="1.00")
    assert shop.explain(order).refunds[0].sentence(ZH).endswith("没有冲回佣金。")


def test_released_at_once(tenant: int) -> None:
    shop = Shop(tenant, plan('jurisdiction: US\nrelease: {after: completed, days: 0, instant_below: "5.00"}\n'))
    found = shop.explain(shop.order())
    assert found.commissions[0].sentence(ZH).endswith("待解冻，订单完成后解冻。")
    assert found.commissions[1].sentence(EN).endswith("Released at once, on 2026-03-01 20:00.")
    assert found.commissions[1].sentence(ZH).endswith("2026-03-01 20:00 即时解冻。")


def test_a_bond_credits(tenant: int) -> None:
    from rongshu.domain.referral.bonds.actions import bond_members

    shop = Shop(tenant, plan())
    with shop.scope():
        bond_members(bonds={shop.ids["x"]: shop.ids["c"]}, by=TESTER, now=NOW, since=NOW - timedelta(days=400))
    found = shop.explain(shop.order(promoter=None))
    assert "Credited to c, to whom the buyer belongs." in found.summary(EN)
    assert "归属推广员 c（客户归属）。" in found.summary(ZH)


# ------------------------------------------------------------------------------------------------ finding and printing


def test_orders_are_found_by_any_of_their_names(tenant: int) -> None:
    from rongshu.domain.commerce.orders.queries import find_order
    from rongshu.domain.commission.explanations.queries import explain_order
    from rongshu.kernel.errors import Kind, Refusal
    from rongshu.kernel.ids import outside

    shop = Shop(tenant, plan())
    api, other = shop.order("1"), shop.order("2", source="shop")
    twice = [shop.order("3", source="shop"), shop.order("3", source="east")]
    with shop.scope():
        assert find_order("1") == find_order("api:1") == find_order(outside("ord", api)) == api
        assert find_order("2") == find_order("shop:2") == other
        assert find_order("east:3") == twice[1]
        with pytest.raises(Refusal) as clash:
            find_order("3")
        assert clash.value.kind is Kind.CONFLICT
        for unknown in ("nothing", "ord_0000000000000", ""):
            with pytest.raises(Refusal) as lost:
                find_order(unknown)
            assert lost.value.kind is Kind.MISSING
        with pytest.raises(Refusal) as gone:
            explain_order(42)
        assert gone.value.kind is Kind.MISSING


def test_another_tenants_order_is_not_there(tenant: int) -> None:
    from rongshu.kernel.errors import Refusal
    from tests.factories import found as founded

    order = Shop(tenant, plan()).order()
    stranger = Shop(founded(now=NOW).id, plan())
    with pytest.raises(Refusal):
        stranger.explain(order)


def test_the_command(tenant: int) -> None:
    import typer

    from rongshu.interfaces.cli.explain import explain

    shop = Shop(tenant, plan())
    shop.order()
    app = typer.Typer()
    app.command()(explain)
    run = CliRunner()
    told = run.invoke(app, ["1", "--tenant", shop.house.slug], env={"COLUMNS": "200"})
    assert told.exit_code == 0, told.output
    assert "¥128.00 × 10% = ¥12.80。" in told.output
    assert "上级链" in told.output
    english = run.invoke(app, ["1", "--tenant", shop.house.slug, "--language", "en", "--json"])
    assert json.loads(english.output)["commissions"][0]["steps"][1]["step"] == "level"
    lost = run.invoke(app, ["none", "--tenant", shop.house.slug, "--language", "en"])
    assert lost.exit_code == 2
    assert "There is no order none." in lost.output
    assert run.invoke(app, ["1", "--tenant", "no-such"]).exit_code == 2
