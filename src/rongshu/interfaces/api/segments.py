"""Segments: named conditions on members, who is in them, and what a document would mean before it is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.marketing.segments.actions import change_segment, create_segment, end_segment
from rongshu.domain.marketing.segments.models import Segment
from rongshu.domain.marketing.segments.queries import (
    is_in,
    members_of,
    preview,
    segment,
    segments,
    segments_of,
    version_of,
)
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.members.tags.queries import tag_by_name, tags
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Text
from rongshu.interfaces.faces.segment_words import SegmentWords
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["segments"])


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class ConditionsIn(_Body):
    """`document`: a condition (`{"fact": "orders", "at_least": 3}`), or `all`, `any` of a list, `not` of one."""

    document: dict[str, Any]


class SegmentIn(ConditionsIn):
    """`tag`: the name of a tag that whoever is in it wears; "" for none. Left out at a change, it stays what it is."""

    name: Text
    tag: Annotated[str, Field(max_length=40)] | None = None


class SegmentChangeIn(SegmentIn):
    """`instead_of`: the version that was edited."""

    instead_of: Annotated[int, Field(ge=1, le=1_000_000_000)]


class SegmentOut(Schema):
    """`size` as of `refreshed_at`; `words`: its conditions in the language asked for."""

    id: str
    name: str
    version: int
    size: int
    tag: str
    refreshed_at: datetime | None
    ended_at: datetime | None
    document: dict[str, Any]
    words: str


class SegmentPage(Schema):
    data: list[SegmentOut]
    next: str | None


class PreviewOut(Schema):
    """How many of all members the document means now; `examples` are ids of some of them."""

    count: int
    of: int
    examples: list[str]
    words: str


class SegmentMemberOut(Schema):
    member: str
    since: datetime


class SegmentMemberPage(Schema):
    data: list[SegmentMemberOut]
    next: str | None


class IsInOut(Schema):
    member: str
    inside: bool


class SegmentNameOut(Schema):
    id: str
    name: str


class SegmentsOfOut(Schema):
    data: list[SegmentNameOut]


def _segment(text: str) -> int:
    found = inside("seg", text)
    if found is None:
        raise missing("unknown_segment", "There is no such segment.")
    return found


def _tag(name: str | None) -> str | None:
    """What the tag of a name is called by segments; None and "" as they are."""
    return outside("tag", tag_by_name(name).id) if name else name


def _tag_name(tag: str) -> str:
    return "" if not tag else next((one.name for one in tags(off=True) if outside("tag", one.id) == tag), "")


def _shown(found: Segment, document: Any, currency: str, words: SegmentWords | None = None) -> dict[str, Any]:
    def at(moment: datetime | None) -> str | None:
        return None if moment is None else moment.astimezone(UTC).isoformat()

    return {
        "id": outside("seg", found.id), "name": found.name, "version": found.version, "size": found.size, "tag": _tag_name(found.tag),
        "refreshed_at": at(found.refreshed_at), "ended_at": at(found.ended_at), "document": document,
        "words": (words or SegmentWords(utc_now())).sentence(document, currency),
    }  # fmt: skip


@router.get("/segments", response=answers(200, SegmentPage), summary="Segments, latest first")
def get_segments(
    request: HttpRequest, before: Text | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> HttpResponse:
    """Those that have not ended. Paged: pass `next` of an answer as `before`."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = segments(before=None if before is None else _segment(before), limit=limit + 1)
        words = SegmentWords(utc_now())
        data = [_shown(one.segment, one.document, who.house.currency, words) for one in found[:limit]]
    return answer({"data": data, "next": data[-1]["id"] if len(found) > limit else None})


@router.post(
    "/segments", openapi_extra=IDEMPOTENT, response=answers(201, SegmentOut), summary="Make a segment"
)  # fmt: skip
def post_segment(request: HttpRequest, body: SegmentIn) -> HttpResponse:
    """Its members are there at once, and kept by the clock from then on. Every wrong key is named with its place."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        made = create_segment(
            name=body.name, document=body.document, tag=_tag(body.tag) or "", by=who.actor, now=utc_now()
        )
        return answer(_shown(made, version_of(made).document, who.house.currency), status=201)

    return once(request, who, work)


@router.post("/segments/preview", response=answers(200, PreviewOut), summary="How many members a document would mean")
def post_preview(request: HttpRequest, body: ConditionsIn) -> HttpResponse:
    """Nothing is kept."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = preview(body.document, now=utc_now())
        words = SegmentWords(utc_now()).sentence(body.document, who.house.currency)
    examples = [outside("mem", member) for member, _ in found.examples]
    return answer({"count": found.count, "of": found.of, "examples": examples, "words": words})


@router.get("/segments/{segment_id}", response=answers(200, SegmentOut), summary="A segment")
def get_segment(request: HttpRequest, segment_id: Text) -> HttpResponse:
    """With the conditions of its version in force; also one that has ended."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = segment(_segment(segment_id))
        return answer(_shown(found, version_of(found).document, who.house.currency))


@router.put(
    "/segments/{segment_id}", openapi_extra=IDEMPOTENT, response=answers(200, SegmentOut), summary="Change a segment"
)
def put_segment(request: HttpRequest, segment_id: Text, body: SegmentChangeIn) -> HttpResponse:
    """Other conditions are a new version; who is in it follows at once."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        made = change_segment(
            segment_id=_segment(segment_id), name=body.name, document=body.document, tag=_tag(body.tag),
            instead_of=body.instead_of, by=who.actor, now=utc_now(),
        )  # fmt: skip
        return answer(_shown(made, version_of(made).document, who.house.currency))

    return once(request, who, work)


@router.delete(
    "/segments/{segment_id}", openapi_extra=IDEMPOTENT, response=answers(200, SegmentOut), summary="End a segment"
)
def delete_segment(request: HttpRequest, segment_id: Text) -> HttpResponse:
    """Nobody is in it any more; its name is free again."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        end_segment(segment_id=_segment(segment_id), by=who.actor, now=utc_now())
        ended = segment(_segment(segment_id))
        return answer(_shown(ended, version_of(ended).document, who.house.currency))

    return once(request, who, work)


@router.get(
    "/segments/{segment_id}/members", response=answers(200, SegmentMemberPage), summary="Who is in a segment"
)  # fmt: skip
def get_members(
    request: HttpRequest,
    segment_id: Text,
    after: Text | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> HttpResponse:
    """Paged: pass `next` of an answer as `after`."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    start = 0 if after is None else inside("mem", after)
    if start is None:
        raise missing("unknown_member", "There is no member %(name)s.", name=after)
    with tenant_scope(who.house.id):
        found = members_of(segment(_segment(segment_id)).id, after=start, limit=limit + 1)
    data = [{"member": outside("mem", member), "since": since.astimezone(UTC).isoformat()} for member, since in found]
    return answer({"data": data[:limit], "next": data[limit - 1]["member"] if len(found) > limit else None})


@router.get(
    "/segments/{segment_id}/members/{member}",
    response=answers(200, IsInOut),
    summary="Whether a member is in a segment",
)
def get_is_in(request: HttpRequest, segment_id: Text, member: Text) -> HttpResponse:
    """As of the last look; a member by our id, their external id, phone or e-mail."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = find_member(member)
        held = is_in(segment(_segment(segment_id)).id, found.id)
    return answer({"member": outside("mem", found.id), "inside": held})


@router.get("/members/{member}/segments", response=answers(200, SegmentsOfOut), summary="The segments a member is in")
def get_segments_of(request: HttpRequest, member: Text) -> HttpResponse:
    """As of the last look at each."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = segments_of(find_member(member).id)
    return answer({"data": [{"id": outside("seg", one.id), "name": one.name} for one in found]})
