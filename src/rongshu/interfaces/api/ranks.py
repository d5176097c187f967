"""Ranks: the ladder, and which rank a promoter holds, held, and what is missing for the next one."""

from __future__ import annotations

from datetime import UTC, date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.ranks.actions import save_ladder, set_rank
from rongshu.domain.referral.ranks.models import LadderVersion
from rongshu.domain.referral.ranks.queries import ladder_version, rank_changes, standing_of
from rongshu.engine.money import format_units
from rongshu.engine.ranks import MONEY_NEEDS, Missing
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.plans import PlanIn
from rongshu.interfaces.api.wire import Cursor, Label, Named
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["ranks"])

SHOWN_CHANGES = 50


class LadderIn(PlanIn):
    instead_of: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    """The number of the version that was edited, 0 for none: refused when another was published since."""


class RankIn(Schema):
    model_config = ConfigDict(extra="forbid")

    rank: Label
    """A rank of the ladder, or nothing for none."""
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
    held_until: date | None = None
    """Before this day nothing assesses it."""


class LadderOut(Schema):
    """A version of the ladder."""

    number: int
    effective_from: str
    document: dict[str, Any]


class NeedOut(Schema):
    """One need of the next rank: an amount for sales, else a count."""

    need: str
    wanted: str | int
    have: str | int
    missing: str | int
    percent: int


class RankChangeOut(Schema):
    """One change; the new rank counts for orders paid at `at` or later."""

    id: str
    at: str
    old: str
    new: str
    cause: str
    reason: str
    actor: str
    figures: dict[str, Any]


class RankOut(Schema):
    """The rank held (empty for none), what is missing for the next one as of `as_of`, and the changes, latest first."""

    rank: str
    since: str
    held_until: str | None
    in_grace: bool
    next_rank: str
    progress: list[NeedOut]
    as_of: str | None
    currency: str
    history: list[RankChangeOut]
    next: str | None


def _shown(version: LadderVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "effective_from": version.effective_from.astimezone(UTC).isoformat(),
        "document": version.document,
    }


@router.get("/ladder", response=answers(200, LadderOut), summary="The ladder of ranks in force")
def get_ladder(request: HttpRequest) -> HttpResponse:
    """Not found for a tenant that has none."""
    who = caller(request, Scope.PLANS_READ)
    with tenant_scope(who.house.id):
        version = ladder_version()
    if version is None:
        raise missing("no_ladder", "There is no ladder yet.")
    return answer(_shown(version))


@router.put(
    "/ladder", openapi_extra=IDEMPOTENT, response=answers(200, LadderOut), summary="Publish a ladder, in force at once"
)
def put_ladder(request: HttpRequest, body: LadderIn) -> HttpResponse:
    """The next look, within ten minutes, raises and lowers by it. The same ladder again is no new version."""
    who = caller(request, Scope.PLANS_WRITE)

    def work() -> HttpResponse:
        return answer(_shown(save_ladder(text=body.text, instead_of=body.instead_of, by=who.actor, now=utc_now())))

    return once(request, who, work)


@router.get("/promoters/{member}/rank", response=answers(200, RankOut), summary="A promoter's rank and its history")
def get_rank(request: HttpRequest, member: Named, cursor: Cursor = None) -> HttpResponse:
    """The history is paged: pass `next` of an answer as `cursor`."""
    who = caller(request, Scope.MEMBERS_READ)
    after = wire.after("rch", cursor)
    with tenant_scope(who.house.id):
        return answer(_rank(find_member(member).id, after, who.house.currency))


@router.post(
    "/promoters/{member}/rank",
    openapi_extra=IDEMPOTENT,
    response=answers(200, RankOut),
    summary="Set a promoter's rank by hand",
)
def post_rank(request: HttpRequest, member: Named, body: RankIn) -> HttpResponse:
    """It counts for orders paid from now on."""
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        found = find_member(member)
        set_rank(
            promoter_id=found.id,
            rank=body.rank,
            reason=body.reason,
            held_until=body.held_until,
            by=who.actor,
            now=utc_now(),
        )
        return answer(_rank(found.id, None, who.house.currency))

    return once(request, who, work)


def _rank(promoter_id: int, after: int | None, currency: str) -> dict[str, Any]:
    standing = standing_of(promoter_id, now=utc_now())
    found = rank_changes(promoter_id, after=after, limit=SHOWN_CHANGES + 1)
    changes = found[:SHOWN_CHANGES]
    return {
        "rank": standing.rank,
        "since": standing.since.isoformat(),
        "held_until": None if standing.held_until is None else standing.held_until.isoformat(),
        "in_grace": standing.in_grace,
        "next_rank": standing.next_rank,
        "progress": [_need(one, currency) for one in standing.progress],
        "as_of": None if standing.as_of is None else standing.as_of.isoformat(),
        "currency": currency,
        "history": [
            {
                "id": outside("rch", one.id),
                "at": one.at.isoformat(),
                "old": one.old_rank,
                "new": one.new_rank,
                "cause": one.cause,
                "reason": one.reason,
                "actor": one.actor,
                "figures": {
                    need: format_units(value, currency) if need in MONEY_NEEDS else value
                    for need, value in one.figures.items()
                },
            }
            for one in changes
        ],
        "next": outside("rch", changes[-1].id) if len(found) > SHOWN_CHANGES else None,
    }


def _need(one: Missing, currency: str) -> dict[str, Any]:
    def shown(value: int) -> str | int:
        return format_units(value, currency) if one.need in MONEY_NEEDS else value

    return {
        "need": one.need,
        "wanted": shown(one.wanted),
        "have": shown(one.have),
        "missing": shown(one.missing),
        "percent": one.percent,
    }
