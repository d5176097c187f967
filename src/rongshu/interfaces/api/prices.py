"""Prices: what a cart costs a member, and the rules it is priced by."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.commerce.prices.actions import publish_rules
from rongshu.domain.commerce.prices.models import PriceVersion
from rongshu.domain.commerce.prices.queries import version, version_in_force, versions
from rongshu.domain.members.profiles.queries import find_member
from rongshu.engine.money import MoneyError, parse_units
from rongshu.engine.prices.frames import MOST_POINTS
from rongshu.flows.intake.shapes import Instant
from rongshu.flows.quoting import MAX_LINES, MAX_PIECES, Wanted, WantedLine, quote
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.plans import PlanIn
from rongshu.interfaces.api.priced import PricedOut, priced_out
from rongshu.interfaces.api.wire import Label, Text, Words
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import invalid, missing
from rongshu.kernel.ids import inside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["prices"])

Amount = Annotated[str, Field(min_length=1, max_length=20)]


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class CartLineIn(_Body):
    """`price` is the list price of one unit, a decimal string; the product's where none is given, as is the category."""

    sku: Text
    qty: Annotated[int, Field(ge=1, le=MAX_PIECES)]
    line_no: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Its place, 1 and up, where none is given."""
    price: Amount | None = None
    category: Label | None = None


class CartIn(_Body):
    """What somebody wants to buy."""

    member: Text | None = None
    """Nothing for a guest."""
    lines: Annotated[list[CartLineIn], Field(min_length=1, max_length=MAX_LINES)]
    shipping: Amount = "0"
    """The fee before anything is taken off."""
    channel: Label = ""
    store: Label = ""
    coupons: Literal["best"] | Annotated[list[Text], Field(max_length=20)] = []
    """Held coupons (`cpn_…`) in the sequence in which they are tried, or `best`: those that save most are chosen."""
    points: Literal["most"] | Annotated[int, Field(ge=0, le=10**12)] = 0

    def wanted(self, currency: str) -> Wanted:
        """As pricing reads it. Raises `invalid`."""
        lines = [
            WantedLine(
                one.line_no or place,
                one.sku,
                one.qty,
                None if one.price is None else units_of(one.price, currency, f"lines.{place - 1}.price"),
                one.category,
            )
            for place, one in enumerate(self.lines, start=1)
        ]
        coupons: Literal["best"] | list[int] = "best"
        if self.coupons != "best":
            coupons = [_coupon(text, f"coupons.{place}") for place, text in enumerate(self.coupons)]
        return Wanted(
            lines=lines, shipping=units_of(self.shipping, currency, "shipping"), channel=self.channel, store=self.store,
            coupons=coupons, points=MOST_POINTS if self.points == "most" else self.points,
        )  # fmt: skip


class QuoteIn(CartIn):
    expected: Amount | None = None
    """What the member was shown: the answer says in `changed` whether it is another sum by now."""


class QuoteOut(PricedOut):
    changed: bool
    """Whether `payable` is not what was `expected`."""


class PriceRulesIn(PlanIn):
    reason: Words = ""
    effective_from: Instant | None = None
    """Now, where none is given."""
    instead_of: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    """The number of the version that was edited, 0 for none: refused when another was published since."""


class PriceVersionOut(Schema):
    number: int
    effective_from: str
    reason: str
    actor: str
    at: str
    document: dict[str, Any]


class VersionPage(Schema):
    data: list[PriceVersionOut]
    next: int | None


def units_of(text: str, currency: str, at: str) -> int:
    """An amount in minor units. Raises `invalid` for what is none."""
    try:
        units = parse_units(text, currency)
    except MoneyError as error:
        raise invalid("bad_amount", "%(value)s is not an amount of %(currency)s.", at=at, value=text, currency=currency) from error  # fmt: skip
    if units < 0:
        raise invalid("bad_amount", "%(value)s is not an amount of %(currency)s.", at=at, value=text, currency=currency)
    return units


def _coupon(text: str, at: str) -> int:
    found = inside("cpn", text)
    if found is None:
        raise invalid("unknown_coupon", "%(name)s is no coupon of ours.", at=at, name=text)
    return found


@router.post("/prices/quote", response=answers(200, QuoteOut), summary="What a cart costs, and why")
def post_quote(request: HttpRequest, body: QuoteIn) -> HttpResponse:
    """Nothing is reserved. Coupons and points that cannot be used are in `refused` and `not_applied`, with what to do."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        wanted = body.wanted(who.house.currency)
        member = None if body.member is None else find_member(body.member)
        quoted = quote(wanted=wanted, member=member, now=utc_now(), at=who.house)
        found = priced_out(quoted, who.house)
    expected = None if body.expected is None else units_of(body.expected, who.house.currency, "expected")
    changed = expected is not None and expected != quoted.priced.payable
    return answer({**found, "changed": changed})


def _shown(found: PriceVersion) -> dict[str, Any]:
    return {
        "number": found.number,
        "effective_from": found.effective_from.astimezone(UTC).isoformat(),
        "reason": found.reason,
        "actor": found.actor,
        "at": found.at.astimezone(UTC).isoformat(),
        "document": found.document,
    }


@router.get("/prices/rules", response=answers(200, PriceVersionOut), summary="The price rules in force")
def get_rules(request: HttpRequest) -> HttpResponse:
    """Not found for a tenant that has none."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = version_in_force(utc_now())
    if found is None:
        raise missing("no_price_rules", "There are no price rules yet.")
    return answer(_shown(found))


@router.get(
    "/prices/rules/versions", response=answers(200, VersionPage), summary="Versions of the price rules, latest first"
)
def get_versions(
    request: HttpRequest,
    below: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> HttpResponse:
    """Paged: pass `next` of an answer as `below`."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = versions(below=below, limit=limit + 1)
    data = [_shown(one) for one in found[:limit]]
    return answer({"data": data, "next": data[-1]["number"] if len(found) > limit else None})


@router.get(
    "/prices/rules/versions/{number}", response=answers(200, PriceVersionOut), summary="A version of the price rules"
)
def get_version(request: HttpRequest, number: Annotated[int, Path(ge=1, le=1_000_000_000)]) -> HttpResponse:
    """A version of the price rules."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        return answer(_shown(version(number)))


@router.put(
    "/prices/rules", openapi_extra=IDEMPOTENT, response=answers(200, PriceVersionOut), summary="Publish price rules"
)
def put_rules(request: HttpRequest, body: PriceRulesIn) -> HttpResponse:
    """The whole document, as YAML or JSON. Refused as a whole, every wrong key named with its place."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        made = publish_rules(
            source=body.text, reason=body.reason, by=who.actor, now=utc_now(),
            effective_from=body.effective_from, instead_of=body.instead_of,
        )  # fmt: skip
        return answer(_shown(made))

    return once(request, who, work)
