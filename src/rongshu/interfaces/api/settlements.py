"""How money goes out: settlement runs, the rules for withdrawals, reconciliation."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.settlement.cycles import actions as runs
from rongshu.domain.settlement.cycles.models import SettlementRun
from rongshu.domain.settlement.cycles.queries import left_out_totals, run, states_of_run
from rongshu.domain.settlement.cycles.queries import runs as runs_made
from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.reconciliation.models import Difference, ReconciledDay
from rongshu.domain.settlement.reconciliation.queries import WAITING, days, differences
from rongshu.engine.money import MoneyError, format_units, parse_units
from rongshu.engine.withdrawals import Policy
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Cursor, Named, NothingIn, instant
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import invalid, missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["payouts"])

AmountText = Annotated[str, Field(pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?$", max_length=20)]


_AMOUNTS = ("minimum", "maximum", "fee_fixed", "at_once_below", "two_from", "threshold")


def _id(text: str) -> int:
    found = inside("run", text)
    if found is None:
        raise missing("unknown_run", "There is no such run.")
    return found


class RunOut(Schema):
    """A settlement run. `left_out` says of each reason how many promoters, and what they have available."""

    id: str
    day: str
    state: str
    by_clock: bool
    promoters: int
    amount: str
    fee: str
    currency: str
    started_by: str | None
    ended_at: str | None
    withdrawals: dict[str, int]
    left_out: dict[str, int]


class RunPage(Schema):
    data: list[RunOut]
    next: str | None


class ApprovedOut(Schema):
    """How many approvals were counted; 0 when none waits for this key."""

    approved: int


class PolicyShape(Schema):
    """The rules for withdrawals; amounts as decimals, 0 for no limit of that kind; `fee_ppm` in parts per million; Monday is 0."""

    model_config = ConfigDict(extra="forbid")

    minimum: AmountText
    maximum: AmountText
    per_day: Annotated[int, Field(ge=0)]
    per_month: Annotated[int, Field(ge=0)]
    fee_ppm: Annotated[int, Field(ge=0)]
    fee_fixed: AmountText
    weekdays: list[Annotated[int, Field(ge=0, le=6)]]
    at_once_below: AmountText
    two_from: AmountText
    two_people: bool
    tax: Literal["labour", "platform", "none"]
    vat: Literal["off", "advise"]
    agreement: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]+$")]
    undo_minutes: int
    cycle: Literal["request", "daily", "weekly", "monthly"]
    cycle_day: int
    cycle_wait_days: int
    threshold: AmountText
    working_weekdays: list[Annotated[int, Field(ge=0, le=6)]]


class DayOut(Schema):
    """A day of a provider that a bill covers. `rest`: what the provider's balance has that its own bills do not explain."""

    provider: str
    day: str
    payments: int
    matched: int
    lines: int
    books: str
    billed: str
    balance: str | None
    rest: str | None


class DifferenceOut(Schema):
    """What does not agree. `kind`: missing, extra, amount, unconfirmed, came_back, not_back."""

    id: str
    provider: str
    day: str
    kind: str
    state: str
    withdrawal: str | None
    ours: str
    theirs: str


class ReconciliationOut(Schema):
    """Up to 31 days, latest first, and the differences that wait for somebody (up to 200); `next` is the day to go on before."""

    currency: str
    days: list[DayOut]
    waiting: list[DifferenceOut]
    next: str | None


@router.get("/settlement-runs", response=answers(200, RunPage), summary="Settlement runs, latest first")
def get_runs(
    request: HttpRequest, cursor: Cursor = None, limit: Annotated[int, Query(ge=1, le=50)] = 20
) -> HttpResponse:
    """Paged: pass `next` of an answer as `cursor`. Withdrawals by state stand in the answer for a single run."""
    who = caller(request, Scope.MONEY_READ)
    after = wire.after("run", cursor)
    with tenant_scope(who.house.id):
        found = runs_made(after=after, limit=limit + 1)
    data = [_run(one, who.house.currency) for one in found[:limit]]
    return answer({"data": data, "next": data[-1]["id"] if len(found) > limit else None})


@router.get("/settlement-runs/{id}", response=answers(200, RunOut), summary="A run, how far it is, who was left out")
def get_run(request: HttpRequest, id: Named) -> HttpResponse:
    """Withdrawals by state; promoters left out by reason."""
    who = caller(request, Scope.MONEY_READ)
    with tenant_scope(who.house.id):
        return answer(_run_whole(_id(id), who.house.currency))


@router.post(
    "/settlement-runs", openapi_extra=IDEMPOTENT, response=answers(201, RunOut), summary="Begin a run of today"
)
def post_run(request: HttpRequest, body: NothingIn) -> HttpResponse:
    """Planned, to be started; one that stands planned by hand is taken again."""
    who = caller(request, Scope.MONEY_SEND)

    def work() -> HttpResponse:
        made = runs.begin_run(by=who.actor, now=utc_now())
        return answer(_run_whole(made.id, who.house.currency), 201)

    return once(request, who, work)


@router.post(
    "/settlement-runs/{id}/start", openapi_extra=IDEMPOTENT, response=answers(200, RunOut), summary="Start a run"
)
def post_run_start(request: HttpRequest, id: Named, body: NothingIn) -> HttpResponse:
    """Or resume one that was stopped. Whoever starts it approves none of it. Under way or done: nothing happens."""
    who = caller(request, Scope.MONEY_SEND)

    def work() -> HttpResponse:
        found = runs.start_run(run_id=_id(id), by=who.actor, now=utc_now())
        return answer(_run_whole(found.id, who.house.currency))

    return once(request, who, work)


@router.post(
    "/settlement-runs/{id}/stop", openapi_extra=IDEMPOTENT, response=answers(200, RunOut), summary="Stop a run"
)
def post_run_stop(request: HttpRequest, id: Named, body: NothingIn) -> HttpResponse:
    """Or drop one that was not started. What it asked for so far stays."""
    who = caller(request, Scope.MONEY_SEND)

    def work() -> HttpResponse:
        found = runs.stop_run(run_id=_id(id), by=who.actor, now=utc_now())
        return answer(_run_whole(found.id, who.house.currency))

    return once(request, who, work)


@router.post(
    "/settlement-runs/{id}/approvals", openapi_extra=IDEMPOTENT, response=answers(200, ApprovedOut), summary="Approve what waits"
)  # fmt: skip
def post_run_approve(request: HttpRequest, id: Named, body: NothingIn) -> HttpResponse:
    """By somebody else than whoever started the run; up to 5,000 at once: ask again until it says 0."""
    who = caller(request, Scope.MONEY_APPROVE)

    def work() -> HttpResponse:
        done = runs.approve_run(run_id=_id(id), by=who.actor, login_member=None, now=utc_now())
        return answer({"approved": done})

    return once(request, who, work)


@router.get("/withdrawal-policy", response=answers(200, PolicyShape), summary="The rules for withdrawals")
def get_policy(request: HttpRequest) -> HttpResponse:
    """As in force."""
    who = caller(request, Scope.MONEY_READ)
    with tenant_scope(who.house.id):
        return answer(_policy(policy(), who.house.currency))


@router.put("/withdrawal-policy", openapi_extra=IDEMPOTENT, response=answers(200, PolicyShape), summary="Set the rules")
def put_policy(request: HttpRequest, body: PolicyShape) -> HttpResponse:
    """For withdrawals asked from now on. The same rules again change nothing."""
    who = caller(request, Scope.MONEY_RULES)

    def work() -> HttpResponse:
        given = body.dict()
        units = {name: _units(given[name], name, who.house.currency) for name in _AMOUNTS}
        listed = {name: tuple(sorted(set(given[name]))) for name in ("weekdays", "working_weekdays")}
        rules = set_policy(rules=Policy(**{**given, **units, **listed}), by=who.actor, now=utc_now())
        return answer(_policy(rules, who.house.currency))

    return once(request, who, work)


@router.get("/reconciliation", response=answers(200, ReconciliationOut), summary="Bills against the books")
def get_reconciliation(
    request: HttpRequest,
    before: Annotated[str | None, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])-[0-3][0-9]$")] = None,
) -> HttpResponse:
    """Every covered day of every provider, and what waits for somebody."""
    who = caller(request, Scope.MONEY_READ)
    try:
        day = None if before is None else date.fromisoformat(before)
    except ValueError as error:
        raise invalid("bad_day", "%(value)s is no day.", at="before", value=before) from error
    with tenant_scope(who.house.id):
        rows, onwards = days(before=day)
        waiting = differences(WAITING, limit=200)
    currency = who.house.currency
    return answer(
        {
            "currency": currency, "days": [_day(one, currency) for one in rows],
            "waiting": [_difference(one, currency) for one in waiting],
            "next": None if onwards is None else onwards.isoformat(),
        }
    )  # fmt: skip


def _units(text: str, name: str, currency: str) -> int:
    try:
        return parse_units(text, currency)
    except MoneyError as error:
        raise invalid("bad_amount", "%(value)s is not an amount in %(currency)s.", at=name, value=text, currency=currency) from error  # fmt: skip


def _run(one: SettlementRun, currency: str) -> dict[str, Any]:
    return {
        "id": outside("run", one.id),
        "day": one.day.isoformat(),
        "state": one.state,
        "by_clock": one.by_clock,
        "promoters": one.promoters,
        "amount": format_units(one.amount, currency),
        "fee": format_units(one.fee, currency),
        "currency": currency,
        "started_by": one.started_by if one.started_at else None,
        "ended_at": instant(one.ended_at),
        "withdrawals": {},
        "left_out": {},
    }


def _run_whole(identifier: int, currency: str) -> dict[str, Any]:
    return {
        **_run(run(identifier), currency),
        "withdrawals": {state: count for state, (count, _) in states_of_run(identifier).items()},
        "left_out": {one.why: one.promoters for one in left_out_totals(identifier)},
    }


def _policy(rules: Policy, currency: str) -> dict[str, Any]:
    return rules.as_document() | {name: format_units(getattr(rules, name), currency) for name in _AMOUNTS}


def _day(one: ReconciledDay, currency: str) -> dict[str, Any]:
    return {
        "provider": one.provider,
        "day": one.day.isoformat(),
        "payments": one.payments,
        "matched": one.matched,
        "lines": one.lines,
        "books": format_units(one.books, currency),
        "billed": format_units(one.billed, currency),
        **{
            name: None if getattr(one, name) is None else format_units(getattr(one, name), currency)
            for name in ("balance", "rest")
        },
    }


def _difference(one: Difference, currency: str) -> dict[str, Any]:
    return {
        "id": outside("dif", one.id),
        "provider": one.provider,
        "day": one.day.isoformat(),
        "kind": one.kind,
        "state": one.state,
        "withdrawal": None if one.withdrawal_id is None else outside("wdr", one.withdrawal_id),
        "ours": format_units(one.ours, currency),
        "theirs": format_units(one.theirs, currency),
    }
