"""Tiers and growth value: where a member stands, what activities bring, the ladder tried and published."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.members.growth.actions import earn_activity, give_growth, publish_growth_rules
from rongshu.domain.members.growth.models import GrowthVersion
from rongshu.domain.members.growth.queries import entries_of, growth_version_at
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.members.tiers.actions import publish_ladder
from rongshu.domain.members.tiers.models import TierVersion
from rongshu.domain.members.tiers.queries import standing_of, version_at
from rongshu.engine.money import format_units
from rongshu.engine.tiers.frames import Tier, read_ladder
from rongshu.flows.intake.shapes import Instant
from rongshu.flows.laddering import Cost, preview_ladder
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.plans import PlanIn
from rongshu.interfaces.api.wire import Limit, Text, Words, instant
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import invalid, missing
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["tiers"])


class TierNow(Schema):
    """A tier in both languages, with what it gives as its document says."""

    code: str
    zh: str
    en: str
    growth: int
    benefits: dict[str, Any]


class TierStandingOut(Schema):
    """`growth` is what counts now, `total` all there ever was; `missing` to the next tier, 0 at the top."""

    member: str
    tier: TierNow | None
    next: TierNow | None
    growth: int
    total: int
    missing: int
    since: str | None
    kept_until: str | None
    grace_until: str | None


class GrowthEntryOut(Schema):
    id: str
    amount: int
    source: str
    """`order`, `refund`, `activity:<id>` or `hand`."""
    ref: str
    why: str
    at: str


class GrowthPage(Schema):
    """A page; `next` is None on the last one."""

    data: list[GrowthEntryOut]
    next: str | None


class GrowthEarnIn(Schema):
    """`activity` of the rules; or `growth`, which the shop decided about (it says `why`)."""

    model_config = ConfigDict(extra="forbid")

    member: Text
    ref: Annotated[str, Field(min_length=1, max_length=200)]
    activity: Text | None = None
    growth: Annotated[int, Field(ge=1, le=10**9)] | None = None
    why: Words = ""


class GrowthEarnedOut(Schema):
    """`granted` 0: the ref came before, or a limit of the activity is reached."""

    granted: int
    growth: int


class TiersVersionOut(Schema):
    number: int
    effective_from: str
    document: dict[str, Any]


class TiersIn(PlanIn):
    """A document; `instead_of` is the number of the newest version the caller knows, 0 for none."""

    effective_from: Instant | None = None
    instead_of: int | None = None


class TierCostOut(Schema):
    discount: str
    points: int
    points_worth: str


class TierPreviewOut(Schema):
    """`paid`: what its members paid in the last 365 days; `at_risk`: who would not keep it if assessed today."""

    code: str
    members: int
    before: int
    paid: str
    at_risk: int
    cost: TierCostOut


class TierMoveOut(Schema):
    """Members from the tier they have to the one they would have; "" is none."""

    tier: str
    then: str
    members: int


class TierWarningOut(Schema):
    code: Literal["dense", "sparse", "empty", "top_heavy"]
    tier: str


class LadderPreviewOut(Schema):
    members: int
    without: int
    rising: int
    falling: int
    tiers: list[TierPreviewOut]
    moves: list[TierMoveOut]
    cost: TierCostOut
    cost_now: TierCostOut
    warnings: list[TierWarningOut]


def _tier(one: Tier | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "code": one.code, "zh": one.title.zh, "en": one.title.en, "growth": one.growth, "benefits": one.benefits.canonical(),
    }  # fmt: skip


@router.get("/members/{member}/tier", response=answers(200, TierStandingOut), summary="Where a member stands")
def get_tier(request: HttpRequest, member: str) -> HttpResponse:
    """The tier, what counts, what is missing to the next one, and until when it is kept."""
    who, now = caller(request, Scope.MEMBERSHIP_READ), utc_now()
    with tenant_scope(who.house.id):
        one = find_member(member)
        found = standing_of(one.id, now=now)
    return answer(
        {
            "member": outside("mem", one.id), "tier": _tier(found.tier), "next": _tier(found.next), "growth": found.window,
            "total": found.total, "missing": found.missing, "since": instant(found.since),
            "kept_until": instant(found.kept_until), "grace_until": instant(found.grace_until),
        }
    )  # fmt: skip


@router.get("/members/{member}/growth", response=answers(200, GrowthPage), summary="A member's growth value, latest first")  # fmt: skip
def get_growth(
    request: HttpRequest,
    member: str,
    below: Annotated[str, Query(max_length=20, pattern=r"^\d*$")] = "",
    limit: Limit = 50,
) -> HttpResponse:
    """Every change with its reason. Paged: pass `next` of an answer as `below`."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = entries_of(find_member(member).id, before=int(below) if below else None, limit=limit + 1)
    rows = found[:limit]
    return answer(
        {
            "data": [
                {
                    "id": outside("grw", one.id), "amount": one.amount, "source": one.source, "ref": one.ref, "why": one.why,
                    "at": instant(one.at),
                }
                for one in rows
            ],
            "next": str(rows[-1].id) if len(found) > limit else None,
        }
    )  # fmt: skip


@router.post("/growth/earn", openapi_extra=IDEMPOTENT, response=answers(200, GrowthEarnedOut), summary="Growth value for what a member did")  # fmt: skip
def post_growth(request: HttpRequest, body: GrowthEarnIn) -> HttpResponse:
    """Once by `ref`; whoever reaches a higher tier by it rises within seconds."""
    who, now = caller(request, Scope.MEMBERSHIP_WRITE), utc_now()

    def work() -> HttpResponse:
        member: Member = find_member(body.member)
        if (body.activity is None) == (body.growth is None):
            raise invalid("activity_or_growth", "Name an activity of the rules, or say how much growth value.", at="activity")  # fmt: skip
        if body.activity is not None:
            granted = earn_activity(member_id=member.id, activity=body.activity, ref=body.ref, now=now)
        else:
            given = give_growth(
                member_id=member.id, growth=body.growth or 0, reason=body.why, ref=body.ref, by=who.actor, now=now
            )
            granted = (body.growth or 0) if given else 0
        return answer({"granted": granted, "growth": standing_of(member.id, now=now).window})

    return once(request, who, work)


@router.get("/tiers", response=answers(200, TiersVersionOut), summary="The ladder of tiers in force")
def get_tiers(request: HttpRequest) -> HttpResponse:
    """Not found for a tenant that has none."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = version_at(utc_now())
    if found is None:
        raise missing("no_tiers", "There is no ladder of tiers yet.")
    return answer(_version(found))


@router.put("/tiers", openapi_extra=IDEMPOTENT, response=answers(200, TiersVersionOut), summary="Publish a ladder of tiers")  # fmt: skip
def put_tiers(request: HttpRequest, body: TiersIn) -> HttpResponse:
    """The whole document, as YAML or JSON. Refused as a whole, every wrong key named with its place."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        made = publish_ladder(
            source=body.text,
            by=who.actor,
            now=utc_now(),
            effective_from=body.effective_from,
            instead_of=body.instead_of,
        )
        return answer(_version(made))

    return once(request, who, work)


@router.post("/tiers/preview", response=answers(200, LadderPreviewOut), summary="What a ladder would do to the present members")  # fmt: skip
def preview_tiers(request: HttpRequest, body: PlanIn) -> HttpResponse:
    """Writes nothing. One pass over the members: ask for it when somebody looks, not with every cart."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = preview_ladder(read_ladder(body.text), now=utc_now())
    return answer(
        {
            "members": found.members, "without": found.without, "rising": found.rising, "falling": found.falling,
            "tiers": [
                {
                    "code": one.code, "members": one.members, "before": one.before,
                    "paid": format_units(one.paid, who.house.currency), "at_risk": one.at_risk, "cost": _cost(one.cost, who.house),
                }
                for one in found.tiers
            ],
            "moves": [{"tier": tier, "then": then, "members": count} for (tier, then), count in found.moves.items()],
            "cost": _cost(found.cost, who.house), "cost_now": _cost(found.cost_now, who.house),
            "warnings": [{"code": one.code, "tier": one.tier} for one in found.warnings],
        }
    )  # fmt: skip


@router.get("/growth/rules", response=answers(200, TiersVersionOut), summary="The rules of growth value in force")
def get_growth_rules(request: HttpRequest) -> HttpResponse:
    """Not found for a tenant that has none."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = growth_version_at(utc_now())
    if found is None:
        raise missing("no_growth_rules", "There are no rules of growth value yet.")
    return answer(_version(found))


@router.put("/growth/rules", openapi_extra=IDEMPOTENT, response=answers(200, TiersVersionOut), summary="Publish rules of growth value")  # fmt: skip
def put_growth_rules(request: HttpRequest, body: TiersIn) -> HttpResponse:
    """The whole document, as YAML or JSON. Refused as a whole, every wrong key named with its place."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        made = publish_growth_rules(
            source=body.text,
            by=who.actor,
            now=utc_now(),
            effective_from=body.effective_from,
            instead_of=body.instead_of,
        )
        return answer(_version(made))

    return once(request, who, work)


def _version(found: TierVersion | GrowthVersion) -> dict[str, Any]:
    return {"number": found.number, "effective_from": instant(found.effective_from), "document": found.document}


def _cost(one: Cost, house: House) -> dict[str, Any]:
    return {
        "discount": format_units(one.discount, house.currency), "points": one.points,
        "points_worth": format_units(one.points_worth, house.currency),
    }  # fmt: skip
