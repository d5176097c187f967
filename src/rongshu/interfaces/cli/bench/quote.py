"""A cart of 20 lines quoted for a member with a tier, ten coupons and twenty segments, by 34 rules, beside the bare reads of the same rows."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from rongshu.interfaces.cli.bench.installation import installation

LINES, COUPONS, SEGMENTS = 20, 10, 20
WHENS: tuple[dict[str, Any], ...] = ({"hours": "08:00-24:00"}, {"segments": ["Segment 3"]})
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def run(*, quotes: int) -> dict[str, Any]:
    """Measures, in milliseconds: the engine alone, a whole quote (median and the slowest of a hundred), the reads alone.

    `best` lets the engine choose among the coupons; the ratio is that quote's median to the reads'.
    """
    with installation() as found:
        tenant = found(slug="bench", now=NOW)
        return _measured(tenant, quotes)


def _measured(tenant: int, quotes: int) -> dict[str, Any]:
    from rongshu.domain.members.profiles.models import Member
    from rongshu.engine.prices.price import price
    from rongshu.flows.quoting import Wanted, WantedLine, quote
    from rongshu.kernel.tenancy.queries import house
    from rongshu.kernel.tenancy.scope import tenant_scope

    _fill(tenant)
    lines = [WantedLine(number, f"S{number}", 1 + number % 3) for number in range(1, LINES + 1)]
    plain = Wanted(lines=lines, shipping=1_000)
    best = Wanted(lines=lines, shipping=1_000, coupons="best", points=10_000)
    with tenant_scope(tenant):
        member = Member.objects.get(external_id="lin")
        quoted = quote(wanted=best, member=member, now=NOW)
        known, tenant_house = quoted.known, house()

        def alone() -> object:
            return price(
                quoted.cart, quoted.rules, zone=tenant_house.zone, perks=known.perks, coupons=known.coupons, choose="best",
                offset=known.offset,
            )  # fmt: skip

        engine = _times(alone, quotes)
        whole = _times(lambda: quote(wanted=best, member=member, now=NOW, at=tenant_house), quotes)
        without = _times(lambda: quote(wanted=plain, member=member, now=NOW, at=tenant_house), quotes)
        reads = _times(lambda: _reads(tenant, member.id, [line.sku for line in lines]), quotes)
    return {
        "lines": LINES,
        "rules": 34,
        "coupons": len(known.coupons),
        "segments": SEGMENTS,
        "engine_best_ms": _middle(engine),
        "quote_ms": _middle(without),
        "quote_best_ms": _middle(whole),
        "quote_best_p99_ms": whole[int(len(whole) * 0.99)],
        "reads_ms": _middle(reads),
        "ratio": _middle(whole) / _middle(reads),
    }


def _times(measured: Callable[[], object], rounds: int) -> list[float]:
    """Milliseconds of each round, the shortest first; the first few warm up and do not count."""
    times = []
    for _ in range(rounds + 5):
        begin = perf_counter()
        measured()
        times.append((perf_counter() - begin) * 1000)
    return sorted(times[5:])


def _middle(times: list[float]) -> float:
    return times[len(times) // 2]


def _reads(tenant: int, member: int, skus: list[str]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for query, given in (
            ("SELECT * FROM commerce_product WHERE tenant_id = %s AND sku = ANY (%s)", skus),
            ("SELECT * FROM commerce_coupon c JOIN commerce_couponkind k ON k.tenant_id = c.tenant_id AND k.id = c.kind_id "
             "WHERE c.tenant_id = %s AND c.member_id = %s AND c.state = 'held'", member),
            ("SELECT * FROM commerce_price_version WHERE tenant_id = %s AND effective_from <= %s "
             "ORDER BY effective_from DESC, number DESC LIMIT 1", NOW),
            ("SELECT s.* FROM marketing_segment_member m JOIN marketing_segment s ON s.tenant_id = m.tenant_id "
             "AND s.id = m.segment_id WHERE m.tenant_id = %s AND m.member_id = %s", member),
        ):  # fmt: skip
            cursor.execute(query, [tenant, given])
            cursor.fetchall()


def _fill(tenant: int) -> None:
    """Products, rules of every kind, a member, coupons."""
    from rongshu.domain.commerce.coupons.actions import Terms, make_kind, send_coupons
    from rongshu.domain.commerce.prices.actions import publish_rules
    from rongshu.domain.commerce.products.actions import Described, put_products
    from rongshu.domain.marketing.segments.actions import create_segment
    from rongshu.domain.members.profiles.models import Member
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.tenancy.scope import tenant_scope

    draw = random.Random(7)
    kinds = ["tea", "tea/green", "cup", "pot"]
    with tenant_scope(tenant):
        described = [
            Described(f"S{number}", f"Product {number}", draw.choice(kinds), draw.randint(900, 30_000))
            for number in range(1, LINES + 1)
        ]
        put_products(products=described, by=COMMAND_LINE, now=NOW)
        publish_rules(source=_rules(draw, kinds), reason="", by=COMMAND_LINE, now=NOW - timedelta(1))
        member = Member.add(external_id="lin", tier="gold", created_at=NOW)
        for number in range(SEGMENTS):
            asked = {"fact": "tier", "in": ["gold"]}
            create_segment(name=f"Segment {number}", document=asked, by=COMMAND_LINE, now=NOW)
        for number in range(COUPONS):
            terms = Terms(
                name=f"C{number}", kind="percent" if number % 3 else "fixed", valid_from=NOW - timedelta(1), days=30,
                amount=0 if number % 3 else 1_000 + 300 * number, ppm=30_000 + 10_000 * number if number % 3 else 0,
                categories=(draw.choice(kinds),) if number % 2 else (),
            )  # fmt: skip
            kind = make_kind(terms=terms, by=COMMAND_LINE, now=NOW)
            send_coupons(kind_id=kind.id, member_ids=[member.id], ref="bench", by=COMMAND_LINE, now=NOW)


def _rules(draw: random.Random, kinds: list[str]) -> dict[str, Any]:
    """Ten member prices, ten sales, five bundles, eight full reductions, one for shipping."""

    def of() -> dict[str, Any]:
        return {"categories": [draw.choice(kinds)]} if draw.random() < 0.5 else {"skus": [f"S{draw.randint(1, LINES)}"]}

    def named(group: str, number: int, **rule: Any) -> dict[str, Any]:
        return {"id": f"{group}-{number}", "name": f"{group} {number}", **rule}

    return {
        "currency": "CNY",
        "member_prices": [
            named("member", n, of=of(), discount=f"{n + 1}%", when={"tiers": ["gold"]}) for n in range(10)
        ],
        "sales": [named("sale", n, of=of(), minus="1.50", when=WHENS[n % 2]) for n in range(10)],
        "bundles": [named("bundle", n, parts=[{"pieces": 2, "of": of()}], cheapest="30%") for n in range(5)],
        "reductions": [
            named("full", n, of=of(), steps=[{"spend": str(100 + 50 * n), "minus": str(5 + 3 * n)}]) for n in range(8)
        ],
        "shipping": [named("free", 0, spend="199")],
    }
