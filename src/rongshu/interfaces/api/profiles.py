"""Members as they are known: listed, read, changed; their tags and consents; the fields a tenant defines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import Field, Path, Query, Schema
from pydantic import ConfigDict

from rongshu.domain.members.consents.actions import say_consents
from rongshu.domain.members.consents.queries import consents_of, history_of
from rongshu.domain.members.profiles.birthdays import birthday_of
from rongshu.domain.members.profiles.editing import change_member
from rongshu.domain.members.profiles.fields import profile_fields
from rongshu.domain.members.profiles.limits import titled
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import find_member, latest_members
from rongshu.domain.members.profiles.regions import region_name, region_of
from rongshu.domain.members.profiles.values import values_of
from rongshu.domain.members.tags.actions import add_tag, put_tag, take_tag
from rongshu.domain.members.tags.queries import Worn, tag_by_name, tags, tags_of, worn_by
from rongshu.flows.intake.shapes import Key
from rongshu.interfaces.api import members, wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Label, Limit, Named, Text
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal, invalid
from rongshu.kernel.ids import outside
from rongshu.kernel.secrets import masked, unseal
from rongshu.kernel.tenancy.scope import tenant_scope

router = members.router
"""One and the same: addresses like /members are answered here for some methods and there for others."""

TagName = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f,]+$")]


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class MemberChangeIn(_Body):
    """RFC 7396: what is not named stays, null takes away. `fields` by code: only those named change."""

    external_id: Key | None = None
    phone: Text | None = None
    email: Text | None = None
    name: Text | None = None
    birthday: Text | None = None
    region: Label | None = None
    city: Label | None = None
    preference: Literal["discount", "gift", "novelty", ""] | None = None
    fields: dict[str, Any] = Field(default_factory=dict)


class ConsentsIn(_Body):
    """By purpose: true gives, false withdraws. `texts`: the number of the text that was shown, by purpose; else the latest."""

    consents: dict[str, bool] = Field(min_length=1)
    texts: dict[str, Annotated[int, Field(ge=0, le=1_000_000)]] = Field(default_factory=dict)


class TagNameIn(_Body):
    name: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f,]*[^\s\x00-\x1f,][^\x00-\x1f,]*$")]


class TagMembersIn(_Body):
    """`members` by our id, external id, phone or e-mail."""

    put: bool
    members: Annotated[list[Text], Field(min_length=1, max_length=1000)]


class MemberProfileOut(Schema):
    """A member. Phone and e-mail are masked; `fields` has values by code, numbers as text; `consents` true, false or absent."""

    id: str
    external_id: str | None
    name: str | None
    phone: str | None
    email: str | None
    tier: str
    birthday: str | None = Field(description="1990-05-01, or 05-01 where the year is not known")
    region: str = Field(description="a code of ISO 3166-2 for China, else as it was written")
    region_name: str
    city: str
    preference: str
    fields: dict[str, Any]
    tags: list[str]
    consents: dict[str, bool]
    joined_at: str


class MemberProfilePage(Schema):
    data: list[MemberProfileOut]
    next: str | None


class FieldOut(Schema):
    """A field the tenant defined; `limits` by its kind."""

    code: str
    kind: str
    name: str
    required: bool
    by_member: bool
    limits: dict[str, Any]


class FieldsOut(Schema):
    data: list[FieldOut]


class TagOut(Schema):
    name: str
    active: bool
    members: int


class TagsOut(Schema):
    data: list[TagOut]


class WornOut(Schema):
    name: str
    source: Literal["hand", "rule"]
    since: str


class MemberTagsOut(Schema):
    data: list[WornOut]


class CountOut(Schema):
    """How many members it changed."""

    changed: int


class ConsentOut(Schema):
    purpose: str
    given: bool
    text: int
    at: str


class ConsentSaidOut(ConsentOut):
    place: str


class MemberConsentsOut(Schema):
    """`data`: the latest word by purpose; `history`: the last fifty, latest first."""

    data: list[ConsentOut]
    history: list[ConsentSaidOut]


def shown(found: Sequence[Member]) -> list[dict[str, Any]]:
    """Members as the API shows them; four statements however many."""
    ids, language = [one.id for one in found], get_language() or "zh"
    values, worn, said = values_of(ids, profile_fields()), tags_of(ids), consents_of(ids)
    rows = []
    for one in found:
        born = birthday_of(one)
        rows.append(
            {
                "id": outside("mem", one.id), "external_id": one.external_id,
                "name": unseal(one.name) if one.name else None, "phone": masked(unseal(one.phone)) if one.phone else None,
                "email": masked(unseal(one.email)) if one.email else None, "tier": one.tier,
                "birthday": None if born is None else born.text, "region": one.region,
                "region_name": region_name(one.region, language), "city": one.city, "preference": one.preference,
                "fields": values[one.id], "tags": [tag.name for tag in worn[one.id]],
                "consents": {purpose: row.given for purpose, row in said[one.id].items()},
                "joined_at": one.created_at.isoformat(),
            }
        )  # fmt: skip
    return rows


@router.get("/members", response=answers(200, MemberProfilePage), summary="Members, the latest to come first")
def get_members(
    request: HttpRequest,
    tier: Label = "",
    region: Label = "",
    preference: Annotated[str, Query(pattern="^(discount|gift|novelty)?$")] = "",
    tag: Label = "",
    cursor: Text | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Of a tier, a region (its code or name), a preference, with a tag. Paged: pass `next` of an answer as `cursor`."""
    who = caller(request, Scope.MEMBERS_READ)
    after = wire.after("mem", cursor)
    with tenant_scope(who.house.id):
        found = latest_members(
            tier=tier, region=region_of(region), preference=preference, after=after, limit=limit + 1,
            tag=tag_by_name(tag).id if tag.strip() else None,
        )  # fmt: skip
        data = shown(found[:limit])
    return answer({"data": data, "next": data[-1]["id"] if len(found) > limit else None})


@router.get("/members/{member}", response=answers(200, MemberProfileOut), summary="A member")
def get_member(request: HttpRequest, member: Named) -> HttpResponse:
    """By our id, external id, phone or e-mail."""
    who = caller(request, Scope.MEMBERS_READ)
    with tenant_scope(who.house.id):
        return answer(shown([find_member(member)])[0])


@router.patch(
    "/members/{member}", openapi_extra=IDEMPOTENT, response=answers(200, MemberProfileOut), summary="Change a member"
)
def patch_member(request: HttpRequest, member: Named, body: MemberChangeIn) -> HttpResponse:
    """A merge patch (RFC 7396). A key that is not known is refused with its place, and then nothing is changed."""
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        found = find_member(member)
        changes = body.model_dump(exclude_unset=True)
        change_member(member_id=found.id, changes=changes, by=who.actor, now=utc_now())
        return answer(shown([Member.objects.get(id=found.id)])[0])

    return once(request, who, work)


@router.get("/member-fields", response=answers(200, FieldsOut), summary="The fields the tenant defined")
def get_fields(request: HttpRequest) -> HttpResponse:
    """Those that are switched on, in their order; names in the language asked for."""
    who = caller(request, Scope.MEMBERS_READ)
    with tenant_scope(who.house.id):
        found, language = profile_fields(), get_language() or "zh"
    data = [
        {
            "code": one.code, "kind": one.kind, "name": titled(one.names, language), "required": one.required,
            "by_member": one.by_member, "limits": one.limits,
        }
        for one in found
    ]  # fmt: skip
    return answer({"data": data})


def _worn(found: Sequence[Worn]) -> HttpResponse:
    return answer({"data": [{"name": one.name, "source": one.source, "since": one.at.isoformat()} for one in found]})


@router.get("/tags", response=answers(200, TagsOut), summary="The tags of members")
def get_tags(request: HttpRequest) -> HttpResponse:
    """All of them by name, with how many members have each."""
    who = caller(request, Scope.MEMBERS_READ)
    with tenant_scope(who.house.id):
        count = worn_by()
        data = [{"name": one.name, "active": one.active, "members": count.get(one.id, 0)} for one in tags(off=True)]
    return answer({"data": data})


@router.post("/tags", openapi_extra=IDEMPOTENT, response=answers(201, TagOut), summary="Add a tag")
def post_tag(request: HttpRequest, body: TagNameIn) -> HttpResponse:
    """A name is there once, in capitals or not."""
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        made = add_tag(name=body.name, by=who.actor, now=utc_now())
        return answer({"name": made.name, "active": True, "members": 0}, 201)

    return once(request, who, work)


@router.post(
    "/tags/{tag}/members", openapi_extra=IDEMPOTENT, response=answers(200, CountOut), summary="Tag many members"
)
def post_tag_members(request: HttpRequest, tag: TagName, body: TagMembersIn) -> HttpResponse:
    """Puts the tag on up to a thousand members, or takes it off; who has it already, or not, stays as they are."""
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        known = tag_by_name(tag).id
        found = [_at(place, name) for place, name in enumerate(body.members)]
        change = put_tag if body.put else take_tag
        return answer({"changed": change(tag_id=known, members=found, by=who.actor, now=utc_now())})

    return once(request, who, work)


def _at(place: int, name: str) -> int:
    try:
        return find_member(name).id
    except Refusal as unknown:
        raise invalid(unknown.code, "There is no member %(name)s.", at=f"members[{place}]", name=name) from unknown


@router.get("/members/{member}/tags", response=answers(200, MemberTagsOut), summary="A member's tags")
def get_member_tags(request: HttpRequest, member: Named) -> HttpResponse:
    """By name, with whether they were put on by hand or by a rule."""
    who = caller(request, Scope.MEMBERS_READ)
    with tenant_scope(who.house.id):
        found = find_member(member)
        return _worn(tags_of([found.id])[found.id])


@router.post(
    "/members/{member}/tags", openapi_extra=IDEMPOTENT, response=answers(200, MemberTagsOut), summary="Put a tag on a member"
)  # fmt: skip
def post_member_tag(request: HttpRequest, member: Named, body: TagNameIn) -> HttpResponse:
    """A tag of the catalogue. On already, nothing happens."""
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        found = find_member(member)
        put_tag(tag_id=tag_by_name(body.name).id, members=[found.id], by=who.actor, now=utc_now())
        return _worn(tags_of([found.id])[found.id])

    return once(request, who, work)


@router.delete(
    "/members/{member}/tags/{tag}", openapi_extra=IDEMPOTENT, response=answers(200, MemberTagsOut), summary="Take a tag off a member"
)  # fmt: skip
def delete_member_tag(request: HttpRequest, member: Named, tag: TagName) -> HttpResponse:
    """What was put on by hand; not on, nothing happens."""
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        found = find_member(member)
        take_tag(tag_id=tag_by_name(tag).id, members=[found.id], by=who.actor, now=utc_now())
        return _worn(tags_of([found.id])[found.id])

    return once(request, who, work)


def _said(member_id: int) -> HttpResponse:
    def one(row: Any) -> dict[str, Any]:
        return {"purpose": row.purpose, "given": row.given, "text": row.text, "at": row.at.isoformat()}

    now = sorted(consents_of([member_id])[member_id].values(), key=lambda row: str(row.purpose))
    history = [{**one(row), "place": row.place} for row in history_of(member_id)]
    return answer({"data": [one(row) for row in now], "history": history})


@router.get("/members/{member}/consents", response=answers(200, MemberConsentsOut), summary="What a member agreed to")
def get_consents(request: HttpRequest, member: Named) -> HttpResponse:
    """By purpose; a purpose they never spoke of is absent."""
    who = caller(request, Scope.MEMBERS_READ)
    with tenant_scope(who.house.id):
        return _said(find_member(member).id)


@router.post(
    "/members/{member}/consents", openapi_extra=IDEMPOTENT, response=answers(200, MemberConsentsOut), summary="Give or withdraw consents"
)  # fmt: skip
def post_consents(request: HttpRequest, member: Named, body: ConsentsIn) -> HttpResponse:
    """Each is a row that stays. What stands already is not written again."""
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        found = find_member(member)
        say_consents(
            member_id=found.id, given=body.consents, texts=body.texts, place="api", by=who.actor, now=utc_now()
        )
        return _said(found.id)

    return once(request, who, work)
