"""Members, promoters, their balances, their commissions and their teams."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.commission.rating.models import PENDING, RELEASED
from rongshu.domain.commission.rating.queries import earned_by, pending_of
from rongshu.domain.members.profiles.actions import add_member, set_external_id
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.bonds.actions import bond_members
from rongshu.domain.referral.bonds.queries import promoters_of
from rongshu.domain.referral.promoters.actions import Joining, change_inviter, end_promoter, enrol_promoters
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.engine.money import format_units
from rongshu.flows.intake.shapes import Instant, Key
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.described import IDEMPOTENT, CommissionPage, MemberOut, PromoterId, PromoterOut, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Cursor, Label, Limit, Named, Text, Words, commission
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import from_micros, to_micros, utc_now
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.queries import standings_of

router = Router(tags=["members"])


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class MemberIn(_Body):
    external_id: Key | None = None
    phone: Text | None = None
    email: Text | None = None
    name: Text | None = None
    tier: Label = ""
    birthday: Text | None = None
    region: Label | None = None
    city: Label | None = None
    preference: Literal["discount", "gift", "novelty", ""] | None = None
    fields: dict[str, Any] = Field(default_factory=dict)


class ExternalIdIn(_Body):
    external_id: Key


class PromoterIn(_Body):
    member: Text
    inviter: Text | None = None
    joined_at: Instant | None = None
    rank: Label = ""


class BondIn(_Body):
    promoter: Text


class InviterIn(_Body):
    inviter: Text | None
    reason: Words = ""


@router.post("/members", openapi_extra=IDEMPOTENT, response=answers(201, MemberOut), summary="Add a member")
def post_member(request: HttpRequest, body: MemberIn) -> HttpResponse:
    """At least one of external id, phone and e-mail. Phone, e-mail and name are kept encrypted. `fields` by the codes of
    `/member-fields`; `region` by code or name.
    """
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        given = body.model_dump()
        more = {name: given.pop(name) for name in ("birthday", "region", "city", "preference", "fields")}
        member = add_member(**given, more=more, by=who.actor, now=utc_now())
        return answer({"id": outside("mem", member.id), "external_id": member.external_id}, 201)

    return once(request, who, work)


@router.put(
    "/members/{member}/external-id",
    openapi_extra=IDEMPOTENT,
    response=answers(200, MemberOut),
    summary="Say by which id you know a member",
)
def put_external_id(request: HttpRequest, member: Named, body: ExternalIdIn) -> HttpResponse:
    """For who came by themselves, as by joining on a phone: found by our id, phone or e-mail. One that has another is refused."""
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        found = find_member(member)
        set_external_id(member_id=found.id, external_id=body.external_id, by=who.actor, now=utc_now())
        return answer({"id": outside("mem", found.id), "external_id": body.external_id})

    return once(request, who, work)


@router.post(
    "/promoters", openapi_extra=IDEMPOTENT, response=answers(201, PromoterId), summary="A member opts in to promote"
)
def post_promoter(request: HttpRequest, body: PromoterIn) -> HttpResponse:
    """`member` and `inviter` by our id, external id, phone or e-mail; the inviter is a promoter already."""
    who = caller(request, Scope.MEMBERS_WRITE)
    now = utc_now()
    if body.joined_at is not None and body.joined_at > now:
        raise invalid("joined_in_future", "Nobody has joined in the future yet.", at="joined_at")

    def work() -> HttpResponse:
        member = find_member(body.member)
        inviter = None if body.inviter is None else find_member(body.inviter).id
        joining = Joining(member.id, inviter, (body.joined_at or now).astimezone(UTC), body.rank)
        if not enrol_promoters(joinings=[joining], by=who.actor, now=now):
            raise conflict("promoter_exists", "This member is a promoter already.")
        return answer({"id": outside("mem", member.id)}, 201)

    return once(request, who, work)


@router.put(
    "/promoters/{member}/inviter",
    openapi_extra=IDEMPOTENT,
    response=answers(200, PromoterId),
    summary="Move a promoter below another inviter",
)
def put_inviter(request: HttpRequest, member: Named, body: InviterIn) -> HttpResponse:
    """With the whole team. Refused where it would close a circle. What was rated stays."""
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        moved = find_member(member)
        inviter = None if body.inviter is None else find_member(body.inviter).id
        change_inviter(promoter_id=moved.id, inviter_id=inviter, reason=body.reason, by=who.actor, now=utc_now())
        return answer({"id": outside("mem", moved.id)})

    return once(request, who, work)


@router.put(
    "/members/{member}/bond",
    openapi_extra=IDEMPOTENT,
    response=answers(200, PromoterId),
    summary="Tie a customer to a promoter",
)
def put_bond(request: HttpRequest, member: Named, body: BondIn) -> HttpResponse:
    """Their orders that name nobody are credited to this promoter. Who is tied already keeps their promoter."""
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        found = find_member(member)
        tied = promoter(find_member(body.promoter).id)
        bond_members(bonds={found.id: tied.id}, by=who.actor, now=utc_now())
        return answer({"id": outside("mem", promoters_of([found.id])[found.id])})

    return once(request, who, work)


@router.delete(
    "/promoters/{member}", openapi_extra=IDEMPOTENT, response=answers(200, PromoterId), summary="A promoter stops"
)
def delete_promoter(request: HttpRequest, member: Named) -> HttpResponse:
    """Orders paid from now on earn them nothing; what was earned stays theirs."""
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        found = find_member(member)
        end_promoter(promoter_id=found.id, by=who.actor, now=utc_now())
        return answer({"id": outside("mem", found.id)})

    return once(request, who, work)


@router.get("/promoters/{member}", response=answers(200, PromoterOut), summary="A promoter with balances")
def get_promoter(request: HttpRequest, member: Named) -> HttpResponse:
    """Pending is earned and waits for its release; debt is what refunds took beyond what was available."""
    who = caller(request, Scope.MEMBERS_READ)
    with tenant_scope(who.house.id):
        found = promoter(find_member(member).id)
        standing = standings_of([found.id])[found.id]
        pending = pending_of([found.id])[found.id]
    currency = who.house.currency
    return answer(
        {
            "id": outside("mem", found.id),
            "inviter": None if found.inviter_id is None else outside("mem", found.inviter_id),
            "rank": found.rank,
            "joined_at": found.joined_at.isoformat(),
            "active": found.active_to is None,
            "currency": currency,
            "balance": {
                "pending": format_units(pending, currency),
                "available": format_units(standing.available, currency),
                "reserved": format_units(standing.reserved, currency),
                "debt": format_units(standing.debt, currency),
            },
        }
    )


@router.get(
    "/promoters/{member}/commissions",
    response=answers(200, CommissionPage),
    summary="A promoter's commissions, latest payment first",
)
def get_commissions(
    request: HttpRequest,
    member: Named,
    state: Annotated[str | None, Query(pattern="^(pending|released)$")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Paged: pass `next` of an answer as `cursor`."""
    who = caller(request, Scope.MEMBERS_READ)
    with tenant_scope(who.house.id):
        found = promoter(find_member(member).id)
        wanted = {None: None, "pending": PENDING, "released": RELEASED}[state]
        rows = earned_by(found.id, state=wanted, after=_after(cursor), limit=limit + 1)
    page = rows[:limit]
    last = page[-1] if len(rows) > limit else None
    following = None if last is None else f"{to_micros(last.paid_at)}.{last.order_id}.{last.row}"
    return answer({"data": [commission(row, who.house.currency) for row in page], "next": following})


def _after(cursor: str | None) -> tuple[datetime, int, int] | None:
    if cursor is None:
        return None
    try:
        micros, order, row = (int(part) for part in cursor.split("."))
        if max(abs(micros), order, row) >= 1 << 62:
            raise ValueError(cursor)
        return from_micros(micros), order, row
    except (ValueError, OverflowError) as error:
        raise wire.no_cursor() from error
