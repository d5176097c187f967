"""Coupons: kinds, codes, giving them to members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.commerce.coupons import actions
from rongshu.domain.commerce.coupons.models import CouponBatch, CouponKind
from rongshu.domain.commerce.coupons.queries import Held, batch, batches, coupon, held_by, kind, kinds
from rongshu.domain.members.profiles.queries import find_member, ids_by_external_id
from rongshu.engine.money import MoneyError, format_units, parse_units
from rongshu.engine.prices.frames import STACKS
from rongshu.flows.intake.shapes import Instant
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Cursor, Label, Limit, Named, Text, instant
from rongshu.interfaces.faces.codes_file import codes_file
from rongshu.interfaces.faces.files import attached
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import invalid
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["coupons"])

Amount = Annotated[str, Field(min_length=1, max_length=20)]
Names = Annotated[list[Text], Field(max_length=1000)]
Stack = Literal["member_price", "sale", "bundle", "reduction", "coupon"]
STATES = ("held", "reserved", "used", "expired", "sent")


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class KindIn(_Body):
    """What a coupon says. `amount` is taken off the goods (fixed) or the shipping fee (shipping; 0: all of it), or is what a gift
    costs the brand; `ppm` is how much percent takes off (20% is 200000). A budget needs to know the most one coupon can cost."""

    name: Text
    kind: Literal["fixed", "percent", "gift", "shipping"]
    amount: Amount = "0"
    ppm: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    max_minus: Amount = "0"
    """The most percent takes off; 0: no limit."""
    min_spend: Amount = "0"
    skus: Names = []
    categories: Names = []
    except_skus: Names = []
    tiers: Names = []
    """Tiers that may have and use it; empty: everybody."""
    stacks: Annotated[list[Stack], Field(max_length=5)] = [*STACKS]  # type: ignore[list-item]
    """What it goes with; without `coupon` it is used alone."""
    gift_sku: Label = ""
    valid_from: Instant | None = None
    """Now, where none is given."""
    valid_until: Instant | None = None
    days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """Days it is good from the moment somebody gets it."""
    budget: Amount | None = None
    number: Annotated[int, Field(ge=1, le=10**9)] | None = None
    per_person: Annotated[int, Field(ge=0, le=1000)] = 1
    """0: no limit."""
    returns: Literal["never", "whole", "always"] = "whole"
    """Whether it is given back: never, when its order is refunded wholly, or by any refund."""
    claimable: bool = False
    shareable: bool = False
    occasion: Literal["", "new_member", "invited_joined", "inviter_joined", "invited_bought", "inviter_bought"] = ""
    """When it is given by itself."""
    remind_days: Annotated[int, Field(ge=0, le=60)] = 3
    note: Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")] = ""


class KindOut(KindIn):
    model_config = ConfigDict(extra="ignore")

    id: str
    open: bool
    given: int
    used: int
    promised: str
    """Worth of what can still be used."""
    spent: str
    """Saved by what was used."""


class KindPage(Schema):
    data: list[KindOut]
    next: str | None


class ForMember(_Body):
    member: Text
    ref: Label = ""
    """Names this claim: the same again gives the same coupon."""


class SendIn(_Body):
    members: Annotated[list[Text], Field(min_length=1, max_length=10_000)]
    ref: Text
    """Names this sending: the same again reaches nobody twice."""


class SentOut(Schema):
    sent: int


class CodesIn(_Body):
    count: Annotated[int, Field(ge=1, le=5_000_000)]
    name: Text
    ref: Text
    until: Instant | None = None


class CodeBatchOut(Schema):
    id: str
    kind: str
    name: str
    ref: str
    count: int
    redeemed: int
    until: str | None
    made_at: str
    closed_at: str | None


class CodeBatchPage(Schema):
    data: list[CodeBatchOut]
    next: str | None


class RedeemIn(_Body):
    code: Text
    member: Text


class CouponOut(Schema):
    id: str
    kind: str
    name: str
    member: str
    state: str
    way: str
    """How it was got: claim, send, code, share, or an occasion."""
    from_at: str
    until_at: str | None


class CouponPage(Schema):
    data: list[CouponOut]
    next: str | None


def units_of(text: str, currency: str, at: str) -> int:
    """An amount in minor units. Raises `invalid` at `at`."""
    try:
        return parse_units(text, currency)
    except MoneyError:
        raise invalid("bad_amount_text", "%(text)s is not an amount in %(currency)s.", at=at, text=text, currency=currency) from None  # fmt: skip


def id_of(prefix: str, text: str) -> int:
    """The id that a name in an address or a cursor means; 0, which nobody has, for what is none."""
    return inside(prefix, text) or 0


def _terms(body: KindIn, currency: str) -> actions.Terms:
    document = body.dict()
    for name in ("amount", "max_minus", "min_spend", "budget"):
        if document[name] is not None:
            document[name] = units_of(document[name], currency, name)
    for name in ("skus", "categories", "except_skus", "tiers", "stacks"):
        document[name] = tuple(dict.fromkeys(document[name]))
    document["valid_from"] = document["valid_from"] or utc_now()
    return actions.Terms(**document)


def _kind(one: CouponKind, currency: str) -> dict[str, Any]:
    return {
        "id": outside("cpk", one.id), "name": one.name, "kind": one.kind, "amount": format_units(one.amount, currency),
        "ppm": one.ppm, "max_minus": format_units(one.max_minus, currency), "min_spend": format_units(one.min_spend, currency),
        "skus": one.skus, "categories": one.categories, "except_skus": one.except_skus, "tiers": one.tiers, "stacks": one.stacks,
        "gift_sku": one.gift_sku, "valid_from": one.valid_from.isoformat(), "valid_until": instant(one.valid_until), "days": one.days,
        "budget": None if one.budget is None else format_units(one.budget, currency), "number": one.number,
        "per_person": one.per_person, "returns": one.returns, "claimable": one.claimable, "shareable": one.shareable,
        "occasion": one.occasion, "remind_days": one.remind_days, "note": one.note, "open": one.open, "given": one.given,
        "used": one.used, "promised": format_units(one.promised, currency), "spent": format_units(one.spent, currency),
    }  # fmt: skip


def _coupon(held: Held) -> dict[str, Any]:
    one = held.coupon
    return {
        "id": outside("cpn", one.id), "kind": outside("cpk", one.kind_id), "name": held.kind.name,
        "member": outside("mem", one.member_id), "state": one.state, "way": one.way, "from_at": one.from_at.isoformat(),
        "until_at": instant(one.until_at),
    }  # fmt: skip


def _batch(one: CouponBatch) -> dict[str, Any]:
    return {
        "id": outside("cpb", one.id), "kind": outside("cpk", one.kind_id), "name": one.name, "ref": one.ref, "count": one.count,
        "redeemed": one.redeemed, "until": instant(one.until_at), "made_at": one.made_at.isoformat(), "closed_at": instant(one.closed_at),
    }  # fmt: skip


def paged(rows: Sequence[Any], shown: list[Any], prefix: str, limit: int) -> HttpResponse:
    """A page of what was read (one row more than asked for) as it is shown."""
    following = outside(prefix, rows[limit - 1].id) if len(rows) > limit else None
    return answer({"data": shown[:limit], "next": following})


@router.get("/coupon-kinds", response=answers(200, KindPage), summary="Kinds of coupons, latest first")
def get_kinds(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> HttpResponse:
    """With how many were given and used, and what they cost."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    after = wire.after("cpk", cursor)
    with tenant_scope(who.house.id):
        found = kinds(after=after, limit=limit + 1)
    return paged(found, [_kind(one, who.house.currency) for one in found], "cpk", limit)


@router.post("/coupon-kinds", openapi_extra=IDEMPOTENT, response=answers(201, KindOut), summary="Make a kind of coupon")
def post_kind(request: HttpRequest, body: KindIn) -> HttpResponse:
    """Nobody has one yet: claim, send, codes or an occasion give them."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        made = actions.make_kind(terms=_terms(body, who.house.currency), by=who.actor, now=utc_now())
        return answer(_kind(made, who.house.currency), 201)

    return once(request, who, work)


@router.get("/coupon-kinds/{name}", response=answers(200, KindOut), summary="One kind of coupon")
def get_kind(request: HttpRequest, name: Named) -> HttpResponse:
    """One kind of coupon."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        return answer(_kind(kind(id_of("cpk", name)), who.house.currency))


@router.put("/coupon-kinds/{name}", response=answers(200, KindOut), summary="Change a kind of coupon")
def put_kind(request: HttpRequest, name: Named, body: KindIn) -> HttpResponse:
    """What it is worth and where it holds stays once somebody has one."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    with tenant_scope(who.house.id):
        known = kind(id_of("cpk", name))
        body.valid_from = body.valid_from or known.valid_from
        terms = _terms(body, who.house.currency)
        changed = actions.change_kind(kind_id=known.id, terms=terms, by=who.actor, now=utc_now())
        return answer(_kind(changed, who.house.currency))


def _switched(request: HttpRequest, name: str, on: bool) -> HttpResponse:
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    with tenant_scope(who.house.id):
        found = actions.open_kind(kind_id=id_of("cpk", name), open=on, by=who.actor, now=utc_now())
        return answer(_kind(found, who.house.currency))


@router.post("/coupon-kinds/{name}/open", response=answers(200, KindOut), summary="Give a kind out again")
def post_open(request: HttpRequest, name: Named) -> HttpResponse:
    """Give a kind out again."""
    return _switched(request, name, True)


@router.post("/coupon-kinds/{name}/close", response=answers(200, KindOut), summary="Give a kind out no longer")
def post_close(request: HttpRequest, name: Named) -> HttpResponse:
    """Held coupons stay good."""
    return _switched(request, name, False)


@router.post(
    "/coupon-kinds/{name}/claim", openapi_extra=IDEMPOTENT, response=answers(201, CouponOut), summary="Claim a coupon"
)
def post_claim(request: HttpRequest, name: Named, body: ForMember) -> HttpResponse:
    """For a member, where the kind may be claimed."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        member = find_member(body.member)
        made = actions.claim_coupon(
            kind_id=id_of("cpk", name),
            member_id=member.id,
            tier=member.tier,
            ref=body.ref,
            by=who.actor,
            now=utc_now(),
        )
        return answer(_coupon(coupon(made.id)), 201)

    return once(request, who, work)


@router.post(
    "/coupon-kinds/{name}/send",
    openapi_extra=IDEMPOTENT,
    response=answers(200, SentOut),
    summary="Send to many members",
)
def post_send(request: HttpRequest, name: Named, body: SendIn) -> HttpResponse:
    """By external id or ours. Whoever had as many as one may gets none; where there are too few left, nobody does."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        known = ids_by_external_id(body.members)
        for place, one in enumerate(body.members):
            if one not in known:
                raise invalid("unknown_member", "There is no member %(name)s.", at=f"members.{place}", name=one)
        sent = actions.send_coupons(
            kind_id=id_of("cpk", name), member_ids=list(known.values()), ref=body.ref, by=who.actor, now=utc_now()
        )
        return answer({"sent": sent})

    return once(request, who, work)


@router.post(
    "/coupon-kinds/{name}/codes", openapi_extra=IDEMPOTENT, response=answers(201, CodeBatchOut), summary="Make codes"
)
def post_codes(request: HttpRequest, name: Named, body: CodesIn) -> HttpResponse:
    """A batch of unique codes, taken from number and budget at once; the same `ref` again answers with the same batch."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        made = actions.make_codes(
            kind_id=id_of("cpk", name), count=body.count, name=body.name, ref=body.ref, until_at=body.until,
            by=who.actor, now=utc_now(),
        )  # fmt: skip
        return answer(_batch(made), 201)

    return once(request, who, work)


@router.get("/coupon-batches", response=answers(200, CodeBatchPage), summary="Batches of codes, latest first")
def get_batches(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> HttpResponse:
    """Batches of codes, latest first."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    after = wire.after("cpb", cursor)
    with tenant_scope(who.house.id):
        found = batches(after=after, limit=limit + 1)
    return paged(found, [_batch(one) for one in found], "cpb", limit)


@router.get(
    "/coupon-batches/{name}/codes.csv",
    response={status: shape for status, shape in answers(200).items() if status != 200},
    openapi_extra={
        "responses": {
            200: {"description": "OK", "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}
        }
    },
    summary="The codes of a batch as CSV",
)
def get_codes(request: HttpRequest, name: Named) -> HttpResponse:
    """Each with when it was redeemed. A code is as good as a coupon: the key needs to be one that writes."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    with tenant_scope(who.house.id):
        return attached(codes_file(batch(id_of("cpb", name)), who.house.zone), "codes.csv")


@router.post("/coupon-batches/{name}/close", response=answers(200, CodeBatchOut), summary="End a batch")
def post_close_batch(request: HttpRequest, name: Named) -> HttpResponse:
    """Codes that nobody redeemed are void; number and budget have them back."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    with tenant_scope(who.house.id):
        return answer(_batch(actions.close_batch(batch_id=id_of("cpb", name), by=who.actor, now=utc_now())))


@router.post("/coupons/redeem", openapi_extra=IDEMPOTENT, response=answers(201, CouponOut), summary="Redeem a code")
def post_redeem(request: HttpRequest, body: RedeemIn) -> HttpResponse:
    """The coupon a code becomes, once."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        member = find_member(body.member)
        made = actions.redeem_code(code=body.code, member_id=member.id, by=who.actor, now=utc_now())
        return answer(_coupon(coupon(made.id)), 201)

    return once(request, who, work)


@router.get("/members/{name}/coupons", response=answers(200, CouponPage), summary="A member's coupons, latest first")
def get_held(
    request: HttpRequest,
    name: Named,
    state: Literal["held", "reserved", "used", "expired", "sent"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> HttpResponse:
    """A member's coupons, latest first."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    after = wire.after("cpn", cursor)
    with tenant_scope(who.house.id):
        states = (state,) if state else STATES
        found = held_by(find_member(name).id, states=states, now=utc_now(), after=after, limit=limit + 1)
    return paged([one.coupon for one in found], [_coupon(one) for one in found], "cpn", limit)
