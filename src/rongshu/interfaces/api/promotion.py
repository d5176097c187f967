"""Promotion: links and codes, touches, bonds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.bonds.actions import give_bond
from rongshu.domain.referral.bonds.models import Bond
from rongshu.domain.referral.bonds.queries import bond_history, bond_of
from rongshu.domain.referral.clicks.actions import Met, join_visitor, record_touches
from rongshu.domain.referral.clicks.queries import click, figures_by_link
from rongshu.domain.referral.links.actions import Wanted, ensure_codes, make_links, switch_link
from rongshu.domain.referral.links.models import HOUSE, Link
from rongshu.domain.referral.links.queries import link, link_by_slug, links, links_of, promoters_by_code, state_of
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.flows.intake.shapes import Instant
from rongshu.interfaces.api import members, wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Cursor, Label, Limit, Named, Text, Words, instant, member_name
from rongshu.interfaces.faces.people import People
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import invalid, missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["promotion"])


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class LinkIn(_Body):
    promoter: Text | None = None
    """Nothing for one of the house's own: it is counted, and names nobody."""
    kind: Literal["link", "join"] = "link"
    target: Annotated[str, Field(max_length=2000, pattern=r"^[^\x00-\x1f]*$")] = ""
    """An https address at an allowed host, or nothing for the welcome page."""
    channel: Annotated[str, Field(max_length=40, pattern=r"^[^\x00-\x1f]*$")] = ""
    label: Label = ""
    expires_at: Instant | None = None


class SwitchIn(_Body):
    on: bool
    reason: Words = ""


class CodeIn(_Body):
    promoter: Text


class TouchIn(_Body):
    """`code` or `promoter` says whose; `scan` and `entry` need the code."""

    member: Text
    kind: Literal["scan", "entry", "store"]
    code: Text | None = None
    promoter: Text | None = None
    at: Instant | None = None


class ClickIn(_Body):
    click: Text
    """`clk_…`: what the redirect added to the target as `rs`."""


class GivenIn(_Body):
    promoter: Text | None
    until: Instant | None = None
    reason: Annotated[str, Field(min_length=2, max_length=500, pattern=r"^[^\x00]*$")]


class LinkOut(Schema):
    """A link or code; clicks are those of people, robots those of machines."""

    id: str
    slug: str
    kind: Literal["code", "link", "join"]
    promoter: str | None
    target: str
    channel: str
    label: str
    state: Literal["open", "expired", "disabled"]
    made_at: str
    expires_at: str | None
    clicks: int
    first_visits: int
    robots: int


class LinkPage(Schema):
    """Latest first."""

    data: list[LinkOut]
    next: str | None


class CodeOut(Schema):
    """A code somebody typed: whose it is, masked; whether it would credit an order now."""

    code: str
    valid: bool
    state: Literal["open", "expired", "disabled"]
    promoter: str
    until: str | None


class OwnCodeOut(Schema):
    """A promoter's own code."""

    promoter: str
    code: str


class TouchOut(Schema):
    """A touch that was kept."""

    id: str


class JoinedOut(Schema):
    """The member whose clicks the visitor's count as from now on."""

    member: str


class BondChangeOut(Schema):
    """What happened to a bond."""

    what: Literal["made", "moved", "given", "ended"]
    method: str
    order: str | None
    old: str | None
    new: str | None
    at: str
    reason: str


class BondOut(Schema):
    """Whom a customer belongs or belonged to, and how it came about, earliest first."""

    member: str
    promoter: str | None
    in_force: bool
    since: str | None
    until: str | None
    history: list[BondChangeOut]


@router.get("/links", response=answers(200, LinkPage), summary="Links and codes, latest first")
def get_links(
    request: HttpRequest,
    promoter: Annotated[str | None, Query(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Everybody's, or one promoter's. Paged: pass `next` of an answer as `cursor`."""
    who = caller(request, Scope.PROMOTION_READ)
    after = wire.after("lnk", cursor)
    with tenant_scope(who.house.id):
        if promoter is None:
            found = links(after=after, limit=limit + 1)
        else:
            found = links_of(find_member(promoter).id, after=after, limit=limit + 1)
        data = _links(found[:limit])
    return answer({"data": data, "next": data[-1]["id"] if len(found) > limit else None})


@router.post("/links", openapi_extra=IDEMPOTENT, response=answers(201, LinkOut), summary="Make a link for a promoter")
def post_link(request: HttpRequest, body: LinkIn) -> HttpResponse:
    """Targets outside need their host on the list of allowed hosts."""
    who = caller(request, Scope.PROMOTION_WRITE)

    def work() -> HttpResponse:
        holder = HOUSE if body.promoter is None else promoter(find_member(body.promoter).id).id
        wanted = Wanted(holder, body.kind, body.target, body.channel, body.label, body.expires_at)
        return answer(_links(make_links(wanted=[wanted], by=who.actor, now=utc_now()))[0], 201)

    return once(request, who, work)


@router.put(
    "/links/{id}/state", openapi_extra=IDEMPOTENT, response=answers(200, LinkOut), summary="Turn a link on or off"
)
def put_link_state(request: HttpRequest, id: Named, body: SwitchIn) -> HttpResponse:
    """Asked for what it is already, nothing happens."""
    who = caller(request, Scope.PROMOTION_WRITE)

    def work() -> HttpResponse:
        one = link(_link_id(id))
        switched = switch_link(identifier=one.id, on=body.on, reason=body.reason, by=who.actor, now=utc_now())
        return answer(_links([switched])[0])

    return once(request, who, work)


@router.post("/codes", openapi_extra=IDEMPOTENT, response=answers(201, OwnCodeOut), summary="A promoter's own code")
def post_code(request: HttpRequest, body: CodeIn) -> HttpResponse:
    """Made where there is none yet; asked again, the same code is answered."""
    who = caller(request, Scope.PROMOTION_WRITE)

    def work() -> HttpResponse:
        holder = promoter(find_member(body.promoter).id)
        made = ensure_codes(promoter_ids=[holder.id], by=who.actor, now=utc_now())
        return answer({"promoter": outside("mem", holder.id), "code": made[holder.id]}, 201)

    return once(request, who, work)


@router.get("/codes/{code}", response=answers(200, CodeOut), summary="Check a code at checkout")
def get_code(request: HttpRequest, code: Named) -> HttpResponse:
    """As typed: capitals and look-alikes are read right. The name is masked: it may be shown to the buyer."""
    who, now = caller(request, Scope.PROMOTION_READ), utc_now()
    with tenant_scope(who.house.id):
        one = link_by_slug(code)
        if one is None or one.promoter_id == HOUSE:
            raise missing("unknown_code", "There is no such code.")
        holder = promoter(one.promoter_id)
        name = People([holder.id]).person(holder.id).name
    active = holder.active_from <= now and (holder.active_to is None or holder.active_to > now)
    state = state_of(one, now)
    return answer({
        "code": one.slug, "valid": state == "open" and active, "state": state, "promoter": f"{name[:1]}**",
        "until": None if one.expires_at is None else one.expires_at.isoformat(),
    })  # fmt: skip


@router.post("/touches", openapi_extra=IDEMPOTENT, response=answers(201, TouchOut), summary="Report a touch")
def post_touch(request: HttpRequest, body: TouchIn) -> HttpResponse:
    """A member entered a code before checkout, scanned one, or was met in a store. Clicks of our links are known already."""
    who, now = caller(request, Scope.PROMOTION_WRITE), utc_now()
    if (body.code is None) == (body.promoter is None):
        raise invalid("whose_touch", "Give either the code or the promoter.", at="code")
    if body.kind != "store" and body.code is None:
        raise invalid("touch_needs_code", "A scan or an entry names its code.", at="code")
    if body.at is not None and body.at > now:
        raise invalid("touch_in_future", "Nothing has happened in the future yet.", at="at")

    def work() -> HttpResponse:
        buyer, by_link = find_member(body.member), None
        if body.code is None:
            holder = promoter(find_member(body.promoter or "").id).id
        else:
            known = promoters_by_code([body.code], now)
            one = link_by_slug(body.code)
            if one is None or body.code not in known:
                raise invalid("dead_code", "This code is unknown, has expired or was turned off.", at="code")
            holder, by_link = known[body.code], one.id
        made = record_touches(met=[Met(buyer.id, holder, body.kind, body.at or now, by_link)])
        return answer({"id": outside("tch", made[0])}, 201)

    return once(request, who, work)


@router.put(
    "/members/{member}/visitor",
    openapi_extra=IDEMPOTENT,
    response=answers(200, JoinedOut),
    summary="Say whose a click was",
)
def put_visitor(request: HttpRequest, member: Named, body: ClickIn) -> HttpResponse:
    """Call it when a visitor signs in to your shop, with the `rs` they came with: all they clicked counts as this member's."""
    who = caller(request, Scope.PROMOTION_WRITE)

    def work() -> HttpResponse:
        found, identifier = find_member(member), inside("clk", body.click)
        if identifier is None:
            raise missing("unknown_click", "There is no such click.")
        join_visitor(visitor=click(identifier).visitor, member_id=found.id, now=utc_now())
        return answer({"member": outside("mem", found.id)})

    return once(request, who, work)


@members.router.get("/members/{member}/bond", response=answers(200, BondOut), summary="Whom a customer belongs to")
def get_bond(request: HttpRequest, member: Named) -> HttpResponse:
    """With what happened to the bond since it was made; prolongations are not listed."""
    who = caller(request, Scope.PROMOTION_READ)
    with tenant_scope(who.house.id):
        found = find_member(member)
        return answer(_bond(found.id, bond_of(found.id)))


@router.post(
    "/members/{member}/bond/given",
    openapi_extra=IDEMPOTENT,
    response=answers(200, BondOut),
    summary="Give a customer by hand",
)
def post_bond_given(request: HttpRequest, member: Named, body: GivenIn) -> HttpResponse:
    """To a promoter from now on, whoever had them before, or to nobody. Orders credited before stay as they are."""
    who = caller(request, Scope.PROMOTION_WRITE)

    def work() -> HttpResponse:
        found = find_member(member)
        to = None if body.promoter is None else find_member(body.promoter).id
        given = give_bond(
            member_id=found.id, promoter_id=to, until=body.until, reason=body.reason, by=who.actor, now=utc_now()
        )
        return answer(_bond(found.id, given))

    return once(request, who, work)


def _links(found: list[Link]) -> list[dict[str, Any]]:
    brought, now = figures_by_link([one.id for one in found]), utc_now()
    rows = []
    for one in found:
        figures = brought.get(one.id)
        rows.append({
            "id": outside("lnk", one.id), "slug": one.slug, "kind": one.kind, "promoter": member_name(one.promoter_id),
            "target": one.target, "channel": one.channel, "label": one.label, "state": state_of(one, now),
            "made_at": one.made_at.isoformat(), "expires_at": instant(one.expires_at),
            "clicks": figures.clicks if figures else 0, "first_visits": figures.first if figures else 0,
            "robots": figures.robots if figures else 0,
        })  # fmt: skip
    return rows


def _link_id(text: str) -> int:
    identifier = inside("lnk", text)
    if identifier is None:
        raise missing("unknown_link", "There is no such link.")
    return identifier


def _bond(member_id: int, held: Bond | None) -> dict[str, Any]:
    now = utc_now()
    return {
        "member": outside("mem", member_id),
        "promoter": None if held is None else outside("mem", held.promoter_id),
        "in_force": held is not None and (held.until is None or held.until > now),
        "since": None if held is None else held.since.isoformat(),
        "until": None if held is None else instant(held.until),
        "history": [
            {
                "what": one.what, "method": one.method, "order": None if one.order_id is None else outside("ord", one.order_id),
                "old": member_name(one.old_promoter_id), "new": member_name(one.new_promoter_id), "at": one.at.isoformat(),
                "reason": one.reason,
            }
            for one in bond_history(member_id)
        ],
    }  # fmt: skip
