"""What promoters share: the library with its versions, written, looked at by a second key, withdrawn; a promoter's own copy of it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.marketing.materials import actions
from rongshu.domain.marketing.materials.library import count_takers, find_materials, states_of
from rongshu.domain.marketing.materials.models import Material, Version
from rongshu.domain.marketing.materials.queries import (
    Statistics,
    copies_for,
    look_at,
    statistics,
    versions_of,
    withdrawn_of,
)
from rongshu.domain.marketing.materials.queries import material as material_of
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.links.models import Link
from rongshu.domain.referral.links.queries import link as link_of
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.engine.money import format_units
from rongshu.flows.intake.shapes import Instant
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Cursor, Label, Limit, Named, Text, instant
from rongshu.interfaces.faces.pictures import picture_address
from rongshu.kernel.access.queries import Caller
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import invalid, missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["materials"])

Kind = Literal["copy", "picture", "video"]
State = Literal["waiting", "offered", "coming", "over", "withdrawn"]
Language = Literal["zh", "en"]
FILTERS = {"kind", "state", "occasion", "q", "cursor", "limit"}
MOST_VERSIONS = 30
Filter = Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")]


Number = Annotated[int, Field(ge=1, le=2**31 - 1)]


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class WrittenIn(_Body):
    """A text as it is to be shared: `{code}`, `{link}`, `{name}`, `{product}` and `{price}` are filled in for whoever takes it.

    The label 广告 is put before it where it lacks.
    """

    text: Annotated[str, Field(min_length=1, max_length=actions.LONGEST, pattern=r"^[^\x00]*$")]
    picture: Annotated[str, Field(max_length=12 * 2**20, pattern=r"^[A-Za-z0-9+/=\r\n]*$")] = ""
    """JPEG, PNG or WebP in base64, at most 8 MB; for `picture`."""
    video: Annotated[str, Field(max_length=2000, pattern=r"^[^\x00-\x1f]*$")] = ""
    """An https address; for `video`."""


class MaterialIn(WrittenIn):
    """A new material with its first version. What is left empty means: for all of them, always."""

    kind: Kind = "copy"
    title: Text
    language: Language = "zh"
    occasion: Label = ""
    channel: Label = ""
    sku: Label = ""
    category: Label = ""
    trades: Annotated[list[Text], Field(max_length=20)] = []
    """Trades whose rules are looked at too, beside those that always hold."""
    valid_from: Instant | None = None
    valid_until: Instant | None = None


class AcceptedIn(_Body):
    """A place that the rules mind and that may stand, as `minded` names it."""

    rule: Text
    words: Label
    reason: Annotated[str, Field(min_length=4, max_length=500, pattern=r"^[^\x00]*$")]


class WithdrawnIn(_Body):
    reason: Annotated[str, Field(min_length=2, max_length=500, pattern=r"^[^\x00]*$")]


class TakingIn(_Body):
    material: Text
    number: Number
    """Which version was taken: the one that is offered."""
    how: Literal["copied", "downloaded"] = "copied"
    link: Text | None = None
    """`lnk_…`: the promoter's link it is shared with; by it the material's clicks and orders are known."""


class MindedOut(Schema):
    """A place the rules mind today, and who let it stand, if anybody did."""

    rule: str
    words: str
    start: int
    end: int
    reason: str
    remedy: str
    basis: str
    accepted_by: str | None
    accepted_because: str | None


class VersionOfMaterialOut(Schema):
    """A version; `people` took it. `minded` is looked up by today's rules."""

    number: int
    text: str
    picture: str
    video: str
    at: str
    by: str
    offered: bool
    withdrawn: str | None
    """Why it was withdrawn; nothing where it was not."""
    people: int
    minded: list[MindedOut]


class BroughtOut(Schema):
    """Takings and who took it; people's clicks on the links it was shared with, orders credited by these, their commission on all levels."""

    taken: int
    promoters: int
    clicks: int
    orders: int
    commission: str


class MaterialOut(Schema):
    """A material and what it brought; `offered` is the number of the version that promoters are offered."""

    id: str
    kind: Kind
    title: str
    language: Language
    occasion: str
    channel: str
    sku: str
    category: str
    trades: list[str]
    state: State
    valid_from: str | None
    valid_until: str | None
    offered: int | None
    brought: BroughtOut


class MaterialDetail(MaterialOut):
    """With its latest 30 versions, the newest first."""

    versions: list[VersionOfMaterialOut]


class MaterialList(Schema):
    """The latest made first."""

    data: list[MaterialOut]
    next: str | None


class CopyOut(Schema):
    """A material as one promoter may share it now: nothing in its text is left open."""

    material: str
    number: int
    kind: Kind
    title: str
    text: str
    language: Language
    occasion: str
    channel: str
    picture: str
    video: str


class CopyPage(Schema):
    """The most fitting first."""

    data: list[CopyOut]


class TakingOut(Schema):
    """That it was taken is kept."""

    id: str


@router.get("/materials", response=answers(200, MaterialList), summary="The library of materials")
def get_materials(
    request: HttpRequest,
    kind: Annotated[Kind | None, Query()] = None,
    state: Annotated[State | None, Query()] = None,
    occasion: Filter = "",
    q: Filter = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Paged: pass `next` of an answer as `cursor`. `q` is a part of the title, or a sku."""
    who = caller(request, Scope.MATERIALS_READ)
    for name in sorted(set(request.GET) - FILTERS):  # a filter with a slip in its name must not list everything
        raise invalid("unknown_parameter", "There is no parameter %(name)s.", at="query", name=name[:40])
    after = wire.after("mat", cursor)
    now = utc_now()
    with tenant_scope(who.house.id):
        found = find_materials(
            now=now, kind=kind or "", occasion=occasion, state=state or "", search=q, after=after, limit=limit + 1
        )
        data = _listed(found[:limit], who, now)
    return answer({"data": data, "next": data[-1]["id"] if len(found) > limit else None})


@router.post(
    "/materials",
    openapi_extra=IDEMPOTENT,
    response=answers(201, MaterialDetail),
    summary="A new material with its first version",
)
def post_material(request: HttpRequest, body: MaterialIn) -> HttpResponse:
    """Promoters are offered it when another key, or somebody in the console, has looked at it."""
    who = caller(request, Scope.MATERIALS_WRITE)

    def work() -> HttpResponse:
        now = utc_now()
        described = actions.Described(
            kind=body.kind, title=body.title, language=body.language, occasion=body.occasion, channel=body.channel,
            sku=body.sku, category=body.category, trades=tuple(body.trades), valid_from=body.valid_from, valid_until=body.valid_until,
        )  # fmt: skip
        made = actions.add_material(described=described, by=who.actor, now=now)
        _write(made, body, who, now)
        return answer(_detail(made.id, who, now), 201)

    return once(request, who, work)


@router.get("/materials/{material}", response=answers(200, MaterialDetail), summary="A material with its versions")
def get_material(request: HttpRequest, material: Named) -> HttpResponse:
    """With what the rules mind in each version, who took it, and what the material brought."""
    who = caller(request, Scope.MATERIALS_READ)
    with tenant_scope(who.house.id):
        return answer(_detail(_material(material).id, who, utc_now()))


@router.post(
    "/materials/{material}/versions",
    openapi_extra=IDEMPOTENT,
    response=answers(201, MaterialDetail),
    summary="Write a new version",
)
def post_version(request: HttpRequest, material: Named, body: WrittenIn) -> HttpResponse:
    """The one that is offered goes on being offered until this one is."""
    who = caller(request, Scope.MATERIALS_WRITE)

    def work() -> HttpResponse:
        one, now = _material(material), utc_now()
        _write(one, body, who, now)
        return answer(_detail(one.id, who, now), 201)

    return once(request, who, work)


@router.post(
    "/materials/{material}/versions/{number}/accept",
    openapi_extra=IDEMPOTENT,
    response=answers(200, MaterialDetail),
    summary="Let words stand that a rule minds",
)
def post_accept(request: HttpRequest, material: Named, number: Number, body: AcceptedIn) -> HttpResponse:
    """In this version only; refused to whoever wrote it."""
    who = caller(request, Scope.MATERIALS_APPROVE)

    def work() -> HttpResponse:
        one, now = _version(_material(material), number), utc_now()
        actions.accept_hit(
            version_id=one.id, rule=body.rule, words=body.words, reason=body.reason, by=who.actor, now=now
        )
        return answer(_detail(one.material_id, who, now))

    return once(request, who, work)


@router.post(
    "/materials/{material}/versions/{number}/offer",
    response=answers(200, MaterialDetail),
    summary="Offer a version to promoters",
)
def post_offer(request: HttpRequest, material: Named, number: Number) -> HttpResponse:
    """In place of the one before. Refused to whoever wrote it, and while the rules mind something that nobody accepted."""
    who = caller(request, Scope.MATERIALS_APPROVE)

    def work() -> HttpResponse:
        one, now = _version(_material(material), number), utc_now()
        actions.offer(version_id=one.id, by=who.actor, now=now)
        return answer(_detail(one.material_id, who, now))

    return once(request, who, work)


@router.post(
    "/materials/{material}/versions/{number}/withdraw",
    openapi_extra=IDEMPOTENT,
    response=answers(200, MaterialDetail),
    summary="Withdraw a version for good",
)
def post_withdraw(request: HttpRequest, material: Named, number: Number, body: WithdrawnIn) -> HttpResponse:
    """It is offered no more, and every promoter who took it is told why. A second time nothing happens."""
    who = caller(request, Scope.MATERIALS_APPROVE)

    def work() -> HttpResponse:
        one, now = _version(_material(material), number), utc_now()
        actions.withdraw(version_id=one.id, reason=body.reason, by=who.actor, now=now)
        return answer(_detail(one.material_id, who, now))

    return once(request, who, work)


@router.get(
    "/promoters/{member}/materials", response=answers(200, CopyPage), summary="What a promoter may share, filled in"
)
def get_copies(
    request: HttpRequest,
    member: Named,
    sku: Filter = "",
    occasion: Filter = "",
    channel: Filter = "",
    language: Annotated[Language | None, Query()] = None,
    link: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> HttpResponse:
    """Their code and link stand in the text: `link` is one of theirs (`lnk_…`), else the address of their code is taken.

    With `sku`, what is for that product comes first, then what is for its category, then what is for everything.
    """
    who, now = caller(request, Scope.MATERIALS_READ), utc_now()
    with tenant_scope(who.house.id):
        one = promoter(find_member(member).id)
        shared = None if link is None else _link(link, one.id)
        found = copies_for(
            promoter_id=one.id, sku=sku or None, occasion=occasion or None, now=now, channel=channel or (shared.channel if shared else ""),
            link="" if shared is None else f"{environment().site_url.rstrip('/')}/s/{shared.slug}", language=language or "", limit=limit,
        )  # fmt: skip
        numbers = dict(Version.objects.filter(id__in=[row.version_id for row in found]).values_list("id", "number"))
    return answer(
        {
            "data": [
                {
                    "material": outside("mat", row.material_id), "number": numbers[row.version_id], "kind": row.kind,
                    "title": row.title, "text": row.text, "language": row.language, "occasion": row.occasion,
                    "channel": row.channel, "picture": picture_address(who.house.slug, row.picture), "video": row.video,
                }
                for row in found
            ]
        }
    )  # fmt: skip


@router.post(
    "/promoters/{member}/takings",
    openapi_extra=IDEMPOTENT,
    response=answers(201, TakingOut),
    summary="Note that a promoter took a material",
)
def post_taking(request: HttpRequest, member: Named, body: TakingIn) -> HttpResponse:
    """For programs that show materials by themselves: whoever took a version is told when it is withdrawn."""
    who = caller(request, Scope.MATERIALS_WRITE)

    def work() -> HttpResponse:
        person = promoter(find_member(member).id)
        one = _version(_material(body.material), body.number)
        shared = None if body.link is None else _link(body.link, person.id)
        taken = actions.take(
            version_id=one.id, promoter_id=person.id, how=body.how, now=utc_now(),
            link_id=None if shared is None else shared.id,
        )  # fmt: skip
        return answer({"id": outside("tak", taken.id)}, 201)

    return once(request, who, work)


def _write(one: Material, body: WrittenIn, who: Caller, now: datetime) -> Version:
    for given, kind in ((body.picture, "picture"), (body.video, "video")):
        if given and one.kind != kind:
            raise invalid(
                "not_of_this_kind", "This material takes no %(kind)s; make one of that kind.", at=kind, kind=kind
            )
    try:
        picture = base64.b64decode("".join(body.picture.split()), validate=True)
    except binascii.Error:
        raise invalid("no_base64", "Give the picture in base64.", at="picture") from None
    return actions.add_version(
        material_id=one.id, text=body.text, picture=picture, video=body.video, by=who.actor, now=now
    )


def _material(text: str) -> Material:
    identifier = inside("mat", text)
    if identifier is None:
        raise missing("unknown_material", "There is no such material.")
    return material_of(identifier)


def _version(one: Material, number: int) -> Version:
    found: Version | None = Version.objects.filter(material_id=one.id, number=number).first()
    if found is None:
        raise missing("unknown_version", "There is no such version.")
    return found


def _link(text: str, promoter_id: int) -> Link:
    identifier = inside("lnk", text)
    one = None if identifier is None else link_of(identifier)
    if one is None or one.promoter_id != promoter_id:
        raise missing("unknown_link", "There is no such link.")
    return one


def _listed(found: Sequence[Material], who: Caller, now: datetime) -> list[dict[str, Any]]:
    ids = [one.id for one in found]
    states, brought = states_of(found, now), statistics(ids)
    numbers = dict(
        Version.objects.filter(id__in=[one.offered_id for one in found if one.offered_id]).values_list("id", "number")
    )
    return [_one(one, states[one.id], numbers, brought.get(one.id, Statistics()), who) for one in found]


def _one(one: Material, state: str, numbers: dict[int, int], brought: Statistics, who: Caller) -> dict[str, Any]:
    return {
        "id": outside("mat", one.id), "kind": one.kind, "title": one.title, "language": one.language,
        "occasion": one.occasion, "channel": one.channel, "sku": one.sku, "category": one.category, "trades": one.trades,
        "state": state, "valid_from": instant(one.valid_from), "valid_until": instant(one.valid_until),
        "offered": numbers.get(one.offered_id) if one.offered_id else None,
        "brought": {
            "taken": brought.taken, "promoters": brought.promoters, "clicks": brought.clicks, "orders": brought.orders,
            "commission": format_units(brought.commission, who.house.currency),
        },
    }  # fmt: skip


def _detail(material_id: int, who: Caller, now: datetime) -> dict[str, Any]:
    one = material_of(material_id)
    found = versions_of(one.id)[:MOST_VERSIONS]
    gone, people = withdrawn_of([row.id for row in found]), count_takers([row.id for row in found])
    versions = [
        {
            "number": row.number, "text": row.text, "picture": picture_address(who.house.slug, row.picture), "video": row.video,
            "at": row.at.isoformat(), "by": row.actor, "offered": row.id == one.offered_id,
            "withdrawn": gone[row.id].reason if row.id in gone else None, "people": people.get(row.id, 0),
            "minded": [
                {
                    "rule": seen.hit.rule, "words": seen.hit.words, "start": seen.hit.start, "end": seen.hit.end,
                    "reason": gettext(seen.hit.reason), "remedy": gettext(seen.hit.remedy), "basis": seen.hit.basis,
                    "accepted_by": None if seen.exemption is None else seen.exemption.actor,
                    "accepted_because": None if seen.exemption is None else seen.exemption.reason,
                }
                for seen in look_at(row, one.trades)
            ],
        }
        for row in found
    ]  # fmt: skip
    return {**_listed([one], who, now)[0], "versions": versions}
