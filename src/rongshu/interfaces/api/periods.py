"""Closed periods of steps and pools, their rewards, and why each is what it is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import Query, Router, Schema

from rongshu.domain.commission.evidence.actions import make_reward_evidence
from rongshu.domain.commission.evidence.sealing import Bundle
from rongshu.domain.commission.explanations.periods import explain_reward
from rongshu.domain.commission.explanations.shapes import Scale
from rongshu.domain.commission.periods.models import RewardPeriod
from rongshu.domain.commission.periods.queries import (
    Preview,
    closed_period,
    closed_periods,
    previews,
    rewarded_in,
    split_by_sales,
)
from rongshu.domain.commission.plans.queries import versions
from rongshu.domain.members.profiles.queries import find_member
from rongshu.engine.money import format_units
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.described import answers
from rongshu.interfaces.api.door import answer, caller
from rongshu.interfaces.api.wire import Named
from rongshu.interfaces.faces.proof import proof_response
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import from_micros, to_micros, utc_now
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["periods"])

Cursor = Annotated[str | None, Query(max_length=100)]
Limit = Annotated[int, Query(ge=1, le=200)]


class PeriodOut(Schema):
    """A rule's closed period. `base` is the sum of own sales (steps) or the house's net base (pools)."""

    id: str
    kind: Literal["steps", "pool"]
    rule: str
    start: str
    end: str
    version: int
    base: str
    fund: str | None
    amount: str
    promoters: int
    currency: str
    closed_at: str
    adjusted_at: str | None


class PeriodPage(Schema):
    """A page; `next` is None on the last one."""

    data: list[PeriodOut]
    next: str | None


class RewardOut(Schema):
    """What one promoter has of the period, adjustments included. `own_sales` is None where a pool is split equally."""

    promoter: str
    own_sales: str | None
    amount: str
    adjustments: int


class PeriodDetail(PeriodOut):
    """A closed period with a page of its rewards, by promoter."""

    rewards: list[RewardOut]
    next: str | None


class RunningOut(Schema):
    """A running period as it would close now; what the version in force at its end says counts."""

    kind: Literal["steps", "pool"]
    rule: str
    start: str
    end: str
    version: int
    base: str
    fund: str | None
    amount: str
    promoters: int
    currency: str
    closes_at: str


class RunningList(Schema):
    data: list[RunningOut]


class RunWhy(Schema):
    """What one run gave or took, the whole sentence and its steps, in the language asked for."""

    at: str
    adjustment: bool
    amount: str
    sentence: str
    steps: list[dict[str, Any]]


class RewardWhy(Schema):
    """Why a promoter has what they have of a period."""

    period: str
    promoter: str
    amount: str
    currency: str
    runs: list[RunWhy]


def _period(found: RewardPeriod, numbers: dict[int, int], house: House) -> dict[str, Any]:
    def money(units: int) -> str:
        return format_units(units, house.currency)

    return {
        "id": outside("per", found.id),
        "kind": found.kind,
        "rule": found.rule,
        "start": found.start.isoformat(),
        "end": found.end.isoformat(),
        "version": numbers[found.version_id],
        "base": money(found.base),
        "fund": money(found.fund) if found.kind == "pool" else None,
        "amount": money(found.amount),
        "promoters": found.promoters,
        "currency": house.currency,
        "closed_at": found.closed_at.isoformat(),
        "adjusted_at": None if found.adjusted_at is None else found.adjusted_at.isoformat(),
    }


def _numbers() -> dict[int, int]:
    return {one.id: one.number for one in versions().versions}


def _known(name: str) -> RewardPeriod:
    identifier = inside("per", name)
    if identifier is None:
        raise missing("unknown_period", "There is no such closed period.")
    return closed_period(identifier)


def _numbers_of(cursor: str | None, count: int) -> tuple[int, ...] | None:
    if cursor is None:
        return None
    parts = cursor.split(".")
    if len(parts) != count or not all(part.isascii() and part.isdecimal() and int(part) < 1 << 62 for part in parts):
        raise wire.no_cursor()  # fmt: skip
    return tuple(map(int, parts))


@router.get("/periods", response=answers(200, PeriodPage), summary="Closed periods, the latest first")
def get_periods(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> HttpResponse:
    """Each rule of steps and each pool, closed once a period. Paged: pass `next` of an answer as `cursor`."""
    who = caller(request, Scope.PLANS_READ)
    token = _numbers_of(cursor, 2)
    try:
        after = None if token is None else (from_micros(token[0]), token[1])
    except OverflowError as error:
        raise wire.no_cursor() from error
    with tenant_scope(who.house.id):
        found = closed_periods(after=after, limit=limit + 1)
        numbers = _numbers()
    last = found[limit - 1] if len(found) > limit else None
    following = None if last is None else f"{to_micros(last.ends_at)}.{last.id}"
    return answer({"data": [_period(one, numbers, who.house) for one in found[:limit]], "next": following})


@router.get("/periods/running", response=answers(200, RunningList), summary="Running periods as they stand now")
def get_running(request: HttpRequest) -> HttpResponse:
    """What each rule would pay if its period ended now. Reads the orders of the periods: ask for it now and then, not often."""
    who = caller(request, Scope.PLANS_READ)
    with tenant_scope(who.house.id):
        return answer({"data": [_running(one, who.house) for one in previews(now=utc_now())]})


def _running(found: Preview, house: House) -> dict[str, Any]:
    def money(units: int) -> str:
        return format_units(units, house.currency)

    rule = found.rule
    return {
        "kind": rule.kind,
        "rule": rule.rule.id,
        "start": rule.period.first_day.isoformat(),
        "end": rule.period.next_first_day.isoformat(),
        "version": rule.version.number,
        "base": money(found.base),
        "fund": money(found.fund) if rule.kind == "pool" else None,
        "amount": money(found.amount),
        "promoters": found.promoters,
        "currency": house.currency,
        "closes_at": rule.closes_at.isoformat(),
    }


@router.get("/periods/{period}", response=answers(200, PeriodDetail), summary="A closed period with its rewards")
def get_period(request: HttpRequest, period: Named, cursor: Cursor = None, limit: Limit = 50) -> HttpResponse:
    """Rewards by promoter. Paged: pass `next` of an answer as `cursor`."""
    who = caller(request, Scope.PLANS_READ)
    token = _numbers_of(cursor, 1)
    with tenant_scope(who.house.id):
        found = _known(period)
        rows = rewarded_in(found.id, after=None if token is None else token[0], limit=limit + 1)
        shown = _period(found, _numbers(), who.house)
        by_sales = split_by_sales(found)
    rewards = [
        {
            "promoter": outside("mem", row.promoter_id),
            "own_sales": format_units(row.metric, who.house.currency) if by_sales else None,
            "amount": format_units(row.amount, who.house.currency),
            "adjustments": row.adjustments,
        }
        for row in rows[:limit]
    ]
    return answer(
        {**shown, "rewards": rewards, "next": str(rows[limit - 1].promoter_id) if len(rows) > limit else None}
    )


@router.get(
    "/periods/{period}/promoters/{member}", response=answers(200, RewardWhy), summary="Why a promoter has this reward"
)
def get_why(request: HttpRequest, period: Named, member: Named) -> HttpResponse:
    """In words, run by run: the close, then what late refunds and orders changed."""
    who = caller(request, Scope.PLANS_READ)
    language = get_language() or "en"
    with tenant_scope(who.house.id):
        promoter = find_member(member)
        told = explain_reward(_known(period).id, promoter.id)
    scale = Scale(who.house.currency, who.house.zone)
    return answer(
        {
            "period": outside("per", told.period.id),
            "promoter": outside("mem", promoter.id),
            "amount": scale.units(told.amount),
            "currency": who.house.currency,
            "runs": [part.as_json(language, scale) for part in told.parts],
        }
    )


@router.get(
    "/periods/{period}/promoters/{member}/evidence",
    response=answers(200),
    summary="The signed evidence of a promoter's reward",
)
def get_evidence(request: HttpRequest, period: Named, member: Named) -> HttpResponse:
    """All that is needed to recompute the reward, signed, in canonical JSON: keep the bytes as they are. Checked by
    `rongshu check-evidence`. Nobody else is named in it; of a pool it tells sums and a commitment to everybody's shares.
    """
    return proof_response(_evidence(request, period, member), "json", "")


@router.get(
    "/periods/{period}/promoters/{member}/evidence.pdf",
    response={status: shape for status, shape in answers(200).items() if status != 200},
    openapi_extra={
        "responses": {
            200: {
                "description": "OK",
                "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
    summary="The signed evidence of a promoter's reward, as a PDF",
)
def get_evidence_pdf(request: HttpRequest, period: Named, member: Named) -> HttpResponse:
    """The same in the language asked for, with the signed file attached inside."""
    language = "zh-hans" if (get_language() or "en").startswith("zh") else "en"
    return proof_response(_evidence(request, period, member), "pdf", language)


def _evidence(request: HttpRequest, period: str, member: str) -> Bundle:
    who = caller(request, Scope.PLANS_READ)
    with tenant_scope(who.house.id):
        return make_reward_evidence(
            period_id=_known(period).id, promoter_id=find_member(member).id, by=who.actor, now=utc_now()
        )
