"""Promoters looked after: frozen and going on, notes, tags, transfers now and later, merges."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.care import actions
from rongshu.domain.referral.care.queries import changes_of, ended, tagged, tags_of, transfers_of
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.flows.intake.shapes import Instant
from rongshu.flows.merging import merge_people
from rongshu.interfaces.api import members, wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Cursor, Limit, Named, Text
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import invalid
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["promoters"])

Reason = Annotated[str, Field(min_length=2, max_length=500, pattern=r"^[^\x00]*$")]
Tag = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class CareReasonIn(_Body):
    reason: Reason


class NoteIn(_Body):
    text: Annotated[str, Field(min_length=1, max_length=actions.LONGEST_NOTE, pattern=r"^[^\x00]*$")]


class TagIn(_Body):
    tag: Text


class TransferIn(_Body):
    inviter: Text | None
    """Nothing: to the top of the forest."""
    reason: Reason
    at: Instant | None = None
    """When; nothing or the past for at once."""


class MergeIn(_Body):
    heir: Text
    """The one who stays."""
    reason: Reason


class TransferOut(Schema):
    """A transfer planned for a time to come, and what became of it."""

    inviter: str | None
    at: str
    state: Literal["waiting", "done", "refused", "withdrawn"]
    problem: str
    """The code of the refusal, where it could not be done when its time came."""
    reason: str


class CareOut(Schema):
    """How a promoter stands; `heir` is whom they were merged into."""

    id: str
    state: Literal["active", "frozen", "left", "merged"]
    since: str | None
    """Since when they earn nothing from new orders."""
    inviter: str | None
    heir: str | None
    tags: list[str]
    transfers: list[TransferOut]


class ChangeOut(Schema):
    """What was done or written; `other` is the other promoter of a merge."""

    id: str
    what: Literal["note", "frozen", "resumed", "tagged", "untagged", "merged", "absorbed"]
    text: str
    other: str | None
    by: str
    at: str


class ChangePage(Schema):
    """Latest first."""

    data: list[ChangeOut]
    next: str | None


class FoundPage(Schema):
    """Ids of promoters, those known last first."""

    data: list[str]
    next: str | None


class MergedOut(Schema):
    """How much a merge moved."""

    id: str
    heir: str
    links: int
    customers: int
    invited: int
    stores: int
    wechats: int
    passkeys: int
    login_ended: bool


@members.router.get(
    "/promoters", response=answers(200, FoundPage), summary="Promoters with a tag, or who stopped in one way"
)
def get_promoters(
    request: HttpRequest,
    tag: Annotated[str | None, Query(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")] = None,
    state: Annotated[Literal["frozen", "left", "merged"] | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Give either `tag` or `state`. Paged: pass `next` of an answer as `cursor`."""
    who, after = caller(request, Scope.PROMOTERS_READ), wire.after("mem", cursor)
    if (tag is None) == (state is None):
        raise invalid("tag_or_state", "Give either a tag or a state.", at="tag")
    with tenant_scope(who.house.id):
        if state is not None:
            found = ended(state, after=after, limit=limit + 1)
        else:
            found = tagged(tag or "", after=after, limit=limit + 1)
    data = [outside("mem", one) for one in found[:limit]]
    return answer({"data": data, "next": data[-1] if len(found) > limit else None})


@router.get("/promoters/{member}/care", response=answers(200, CareOut), summary="How a promoter stands")
def get_care(request: HttpRequest, member: Named) -> HttpResponse:
    """State, tags, and transfers planned."""
    who = caller(request, Scope.PROMOTERS_READ)
    with tenant_scope(who.house.id):
        return answer(_care(find_member(member).id))


@router.get(
    "/promoters/{member}/care/changes",
    response=answers(200, ChangePage),
    summary="What the team did with a promoter and wrote about them",
)
def get_changes(request: HttpRequest, member: Named, cursor: Cursor = None, limit: Limit = 50) -> HttpResponse:
    """Latest first. Paged: pass `next` of an answer as `cursor`."""
    who, after = caller(request, Scope.PROMOTERS_READ), wire.after("chg", cursor)
    with tenant_scope(who.house.id):
        found = changes_of(promoter(find_member(member).id).id, after=after, limit=limit + 1)
    data = [
        {
            "id": outside("chg", one.id), "what": one.what, "text": one.text, "other": _member(one.other_id),
            "by": one.actor, "at": one.at.isoformat(),
        }
        for one in found[:limit]
    ]  # fmt: skip
    return answer({"data": data, "next": data[-1]["id"] if len(found) > limit else None})


@router.post("/promoters/{member}/freeze", openapi_extra=IDEMPOTENT, response=answers(200, CareOut), summary="Freeze")
def post_freeze(request: HttpRequest, member: Named, body: CareReasonIn) -> HttpResponse:
    """Orders paid from now on earn them nothing; what was earned before stays theirs, pending too."""
    return _done(request, member, lambda one, how: actions.freeze(promoter_id=one, reason=body.reason, **how))


@router.post(
    "/promoters/{member}/resume", openapi_extra=IDEMPOTENT, response=answers(200, CareOut), summary="Let go on"
)
def post_resume(request: HttpRequest, member: Named, body: CareReasonIn) -> HttpResponse:
    """A frozen promoter goes on; what was rated meanwhile stays as it is."""
    return _done(request, member, lambda one, how: actions.resume(promoter_id=one, reason=body.reason, **how))


@router.post(
    "/promoters/{member}/notes", openapi_extra=IDEMPOTENT, response=answers(200, CareOut), summary="Write a note"
)
def post_note(request: HttpRequest, member: Named, body: NoteIn) -> HttpResponse:
    """The promoter never reads it. Notes are kept as they were written."""
    return _done(request, member, lambda one, how: actions.add_note(promoter_id=one, text=body.text, **how))


@router.post(
    "/promoters/{member}/tags", openapi_extra=IDEMPOTENT, response=answers(200, CareOut), summary="Put a tag on"
)
def post_tag(request: HttpRequest, member: Named, body: TagIn) -> HttpResponse:
    """On already, nothing happens."""
    return _done(request, member, lambda one, how: actions.tag(promoter_id=one, name=body.tag, **how))


@router.delete(
    "/promoters/{member}/tags/{tag}", openapi_extra=IDEMPOTENT, response=answers(200, CareOut), summary="Take a tag off"
)
def delete_tag(request: HttpRequest, member: Named, tag: Tag) -> HttpResponse:
    """Not on, nothing happens."""
    return _done(request, member, lambda one, how: actions.untag(promoter_id=one, name=tag, **how))


@router.post(
    "/promoters/{member}/transfer",
    openapi_extra=IDEMPOTENT,
    response=answers(200, CareOut),
    summary="Move to another inviter, now or later",
)
def post_transfer(request: HttpRequest, member: Named, body: TransferIn) -> HttpResponse:
    """With the whole team. One for a time to come is looked at again when it comes; one waits at most."""

    def move(one: int, how: dict[str, Any]) -> None:
        inviter = None if body.inviter is None else find_member(body.inviter).id
        actions.transfer(promoter_id=one, inviter_id=inviter, reason=body.reason, at=body.at, **how)

    return _done(request, member, move)


@router.delete(
    "/promoters/{member}/transfer",
    openapi_extra=IDEMPOTENT,
    response=answers(200, CareOut),
    summary="Take a planned transfer back",
)
def delete_transfer(request: HttpRequest, member: Named) -> HttpResponse:
    """Refused where none waits."""
    return _done(request, member, lambda one, how: actions.take_back_transfer(promoter_id=one, **how))


@router.post(
    "/promoters/{member}/merge",
    openapi_extra=IDEMPOTENT,
    response=answers(200, MergedOut),
    summary="Merge into another promoter who is the same person",
)
def post_merge(request: HttpRequest, member: Named, body: MergeIn) -> HttpResponse:
    """For good. Links, codes, customers, stores, whom they invited, what is available or owed, WeChat and passkeys go to `heir`; the
    one merged signs in no more. What was rated stays; what is pending follows when it is released.
    """
    who = caller(request, Scope.PROMOTERS_MERGE)

    def work() -> HttpResponse:
        one, heir = find_member(member).id, find_member(body.heir).id
        done = merge_people(promoter_id=one, heir_id=heir, reason=body.reason, by=who.actor, now=utc_now())
        moved = done.promoter
        return answer({
            "id": outside("mem", one), "heir": outside("mem", heir), "links": moved.links, "customers": moved.customers,
            "invited": moved.invited, "stores": moved.stores, "wechats": done.wechats, "passkeys": done.passkeys,
            "login_ended": done.login_ended,
        })  # fmt: skip

    return once(request, who, work)


def _done(request: HttpRequest, member: str, act: Any) -> HttpResponse:
    who = caller(request, Scope.PROMOTERS_WRITE)

    def work() -> HttpResponse:
        one = find_member(member).id
        act(one, {"by": who.actor, "now": utc_now()})
        return answer(_care(one))

    return once(request, who, work)


def _care(identifier: int) -> dict[str, Any]:
    one = promoter(identifier)
    return {
        "id": outside("mem", one.id),
        "state": "active" if one.active_to is None else one.ended_as or "left",
        "since": None if one.active_to is None else one.active_to.isoformat(),
        "inviter": _member(one.inviter_id),
        "heir": _member(one.heir_id),
        "tags": tags_of(one.id),
        "transfers": [
            {
                "inviter": _member(move.inviter_id), "at": move.moves_at.isoformat(), "state": move.state,
                "problem": move.problem, "reason": move.reason,
            }
            for move in transfers_of(one.id)
        ],
    }  # fmt: skip


def _member(identifier: int | None) -> str | None:
    return None if identifier is None else outside("mem", identifier)
