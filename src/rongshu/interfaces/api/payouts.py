"""Money on its way out: batches and what became of them, settlement runs, the rules for withdrawals, reconciliation."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.settlement.cycles import actions as runs
from rongshu.domain.settlement.cycles.models import SettlementRun
from rongshu.domain.settlement.cycles.queries import left_out_totals, run, states_of_run
from rongshu.domain.settlement.cycles.queries import runs as runs_made
from rongshu.domain.settlement.payouts.actions import (
    Outcome,
    ask_again,
    bring_results,
    make_batch,
    settle_by_hand,
    take_file,
    undo_batch,
)
from rongshu.domain.settlement.payouts.models import Batch
from rongshu.domain.settlement.payouts.queries import batch, batches, payments_of
from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.reconciliation.models import Difference, ReconciledDay
from rongshu.domain.settlement.reconciliation.queries import WAITING, days, differences
from rongshu.domain.settlement.withdrawals.queries import withdrawals_of_batch
from rongshu.engine.money import MoneyError, format_units, parse_units
from rongshu.engine.withdrawals import Policy
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Named
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import invalid, missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["payouts"])

AmountText = Annotated[str, Field(pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?$", max_length=20)]
Ref = Annotated[str, Field(min_length=5, max_length=30, pattern=r"^wdr_[0-9a-z]+$")]
Cursored = Annotated[str | None, Query(max_length=100)]
Reason = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]


class BatchIn(Schema):
    model_config = ConfigDict(extra="forbid")

    withdrawals: Annotated[list[Ref], Field(min_length=1, max_length=5000)]
    """Approved ones."""
    provider: Literal["bank", "wechat", "alipay", "manual"]


class SettledIn(Schema):
    """What a person says of payments by hand: each arrived, or did not for one reason."""

    model_config = ConfigDict(extra="forbid")

    arrived: Annotated[list[Ref], Field(max_length=5000)] = []
    failed: Annotated[list[Ref], Field(max_length=5000)] = []
    reason: Reason = ""
    """Of those that did not arrive; the promoters read it."""


class ResultsIn(Schema):
    """The bank's answer as text: CSV with the columns of our file, or pain.002."""

    model_config = ConfigDict(extra="forbid")

    content: Annotated[str, Field(min_length=1, max_length=5_000_000)]


class FileIn(Schema):
    model_config = ConfigDict(extra="forbid")

    format: Literal["csv", "iso20022"] = "csv"


class FileOut(Schema):
    """The file as text, to be saved in UTF-8: CSV, or pain.001."""

    format: str
    content: str


class NothingIn(Schema):
    model_config = ConfigDict(extra="forbid")


class PaymentOut(Schema):
    """A withdrawal of a batch; `provider_state` and `code` only where a provider is called."""

    withdrawal: str
    state: str
    net: str
    provider_state: str | None
    code: str | None


class PayoutBatchOut(Schema):
    """Withdrawals sent together. `state`: made (can still be taken back), sending, settled, undone."""

    id: str
    provider: str
    state: str
    withdrawals: int
    amount: str
    fee: str
    tax: str
    net: str
    currency: str
    made_at: str
    made_by: str
    sends_at: str | None
    settled_at: str | None


class BatchWhole(PayoutBatchOut):
    payments: list[PaymentOut]


class PayoutBatchPage(Schema):
    data: list[PayoutBatchOut]
    next: str | None


class OutcomeOut(Schema):
    """What an answer changed: how many arrived, how many did not, how many are still open."""

    arrived: int
    failed: int
    open: int


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


@router.post(
    "/payout-batches", openapi_extra=IDEMPOTENT, response=answers(201, BatchWhole), summary="Send approved withdrawals"
)
def post_batch(request: HttpRequest, body: BatchIn) -> HttpResponse:
    """All of them or none. Their tax is settled now. What only this key approved it may not send."""
    who = caller(request, Scope.MONEY_SEND)

    def work() -> HttpResponse:
        made = make_batch(
            identifiers=_withdrawals(body.withdrawals), provider=body.provider, by=who.actor, now=utc_now()
        )
        return answer(_whole(made, who.house.currency), 201)

    return once(request, who, work)


@router.get("/payout-batches", response=answers(200, PayoutBatchPage), summary="Batches, latest first")
def get_batches(
    request: HttpRequest, cursor: Cursored = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> HttpResponse:
    """Paged: pass `next` of an answer as `cursor`."""
    who = caller(request, Scope.MONEY_READ)
    after = wire.after("bat", cursor)
    with tenant_scope(who.house.id):
        found = batches(after=after, limit=limit + 1)
    data = [_batch(one, who.house.currency) for one in found[:limit]]
    return answer({"data": data, "next": data[-1]["id"] if len(found) > limit else None})


@router.get("/payout-batches/{id}", response=answers(200, BatchWhole), summary="A batch and its payments")
def get_batch(request: HttpRequest, id: Named) -> HttpResponse:
    """With what a provider said of each payment."""
    who = caller(request, Scope.MONEY_READ)
    with tenant_scope(who.house.id):
        return answer(_whole(batch(_id("bat", id)), who.house.currency))


@router.post("/payout-batches/{id}/file", response=answers(200, FileOut), summary="Take the bank's file")
def post_file(request: HttpRequest, id: Named, body: FileIn) -> HttpResponse:
    """Names and account numbers in full: every taking is recorded, and no answer is kept. From now on the batch cannot be taken back."""
    who = caller(request, Scope.MONEY_SEND)
    with tenant_scope(who.house.id):
        content = take_file(batch_id=_id("bat", id), form=body.format, by=who.actor, now=utc_now())
    response = answer({"format": body.format, "content": content.decode("utf-8-sig")})
    response["Cache-Control"] = "no-store"
    return response


@router.post(
    "/payout-batches/{id}/results", openapi_extra=IDEMPOTENT, response=answers(200, OutcomeOut), summary="Bring results"
)
def post_results(request: HttpRequest, id: Named, body: ResultsIn) -> HttpResponse:
    """The bank's file of results. One line that cannot be read, or of another batch, and nothing is changed. Twice is once."""
    who = caller(request, Scope.MONEY_SEND)

    def work() -> HttpResponse:
        found = bring_results(
            batch_id=_id("bat", id), content=body.content.encode(), by=who.actor, now=utc_now()
        )  # fmt: skip
        for wrong in found.unreadable:
            raise invalid(
                wrong.code, "Row %(row)s cannot be read at %(column)s: %(value)s. Nothing was changed.", at="content",
                row=wrong.row, column=wrong.column or "-", value=wrong.value,
            )  # fmt: skip
        return answer(_outcome(found))

    return once(request, who, work)


@router.post(
    "/payout-batches/{id}/settle",
    openapi_extra=IDEMPOTENT,
    response=answers(200, OutcomeOut),
    summary="Say what arrived",
)
def post_settle(request: HttpRequest, id: Named, body: SettledIn) -> HttpResponse:
    """For batches by bank or by hand. What arrived stays so; what did not is available to its promoter again."""
    who = caller(request, Scope.MONEY_SEND)

    def work() -> HttpResponse:
        found = settle_by_hand(
            batch_id=_id("bat", id), paid=_withdrawals(body.arrived), failed=_withdrawals(body.failed),
            reason=body.reason, by=who.actor, now=utc_now(),
        )  # fmt: skip
        return answer(_outcome(found))

    return once(request, who, work)


@router.post(
    "/payout-batches/{id}/undo",
    openapi_extra=IDEMPOTENT,
    response=answers(200, BatchWhole),
    summary="Take a batch back",
)
def post_undo(request: HttpRequest, id: Named, body: NothingIn) -> HttpResponse:
    """While its time for that is not over and nothing of it has left: its withdrawals are approved again."""
    who = caller(request, Scope.MONEY_SEND)

    def work() -> HttpResponse:
        made = undo_batch(batch_id=_id("bat", id), by=who.actor, now=utc_now())
        return answer(_whole(made, who.house.currency))

    return once(request, who, work)


@router.post(
    "/payout-batches/{id}/ask-again", openapi_extra=IDEMPOTENT, response=answers(200, BatchWhole), summary="Ask the provider now"
)  # fmt: skip
def post_ask_again(request: HttpRequest, id: Named, body: NothingIn) -> HttpResponse:
    """What has not ended is asked for at once; nothing is ever given under a second number."""
    who = caller(request, Scope.MONEY_SEND)

    def work() -> HttpResponse:
        identifier = _id("bat", id)
        ask_again(batch_id=identifier, by=who.actor, now=utc_now())
        return answer(_whole(batch(identifier), who.house.currency))

    return once(request, who, work)


@router.get("/settlement-runs", response=answers(200, RunPage), summary="Settlement runs, latest first")
def get_runs(
    request: HttpRequest, cursor: Cursored = None, limit: Annotated[int, Query(ge=1, le=50)] = 20
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
        return answer(_run_whole(_id("run", id), who.house.currency))


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
        found = runs.start_run(run_id=_id("run", id), by=who.actor, now=utc_now())
        return answer(_run_whole(found.id, who.house.currency))

    return once(request, who, work)


@router.post(
    "/settlement-runs/{id}/stop", openapi_extra=IDEMPOTENT, response=answers(200, RunOut), summary="Stop a run"
)
def post_run_stop(request: HttpRequest, id: Named, body: NothingIn) -> HttpResponse:
    """Or drop one that was not started. What it asked for so far stays."""
    who = caller(request, Scope.MONEY_SEND)

    def work() -> HttpResponse:
        found = runs.stop_run(run_id=_id("run", id), by=who.actor, now=utc_now())
        return answer(_run_whole(found.id, who.house.currency))

    return once(request, who, work)


@router.post(
    "/settlement-runs/{id}/approvals", openapi_extra=IDEMPOTENT, response=answers(200, ApprovedOut), summary="Approve what waits"
)  # fmt: skip
def post_run_approve(request: HttpRequest, id: Named, body: NothingIn) -> HttpResponse:
    """By somebody else than whoever started the run; up to 5,000 at once: ask again until it says 0."""
    who = caller(request, Scope.MONEY_APPROVE)

    def work() -> HttpResponse:
        done = runs.approve_run(run_id=_id("run", id), by=who.actor, login_member=None, now=utc_now())
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


_AMOUNTS = ("minimum", "maximum", "fee_fixed", "at_once_below", "two_from", "threshold")


def _units(text: str, name: str, currency: str) -> int:
    try:
        return parse_units(text, currency)
    except MoneyError as error:
        raise invalid("bad_amount", "%(value)s is not an amount in %(currency)s.", at=name, value=text, currency=currency) from error  # fmt: skip


_UNKNOWN = {"bat": ("unknown_batch", "There is no such batch."), "run": ("unknown_run", "There is no such run.")}


def _id(kind: str, text: str) -> int:
    found = inside(kind, text)
    if found is None:
        raise missing(*_UNKNOWN[kind])
    return found


def _withdrawals(texts: list[str]) -> list[int]:
    found = [inside("wdr", text) for text in texts]
    known = [one for one in found if one is not None]
    if len(known) < len(texts):
        raise missing("unknown_withdrawal", "There is no such withdrawal.")
    return known


def _when(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _batch(one: Batch, currency: str) -> dict[str, Any]:
    return {
        "id": outside("bat", one.id),
        "provider": one.provider,
        "state": one.state(utc_now()),
        "withdrawals": one.withdrawals,
        **{name: format_units(getattr(one, name), currency) for name in ("amount", "fee", "tax")},
        "net": format_units(one.amount - one.fee - one.tax, currency),
        "currency": currency,
        "made_at": one.made_at.isoformat(),
        "made_by": one.actor,
        "sends_at": _when(one.sends_at),
        "settled_at": _when(one.settled_at),
    }


def _whole(one: Batch, currency: str) -> dict[str, Any]:
    rows = withdrawals_of_batch(one.id)
    known = payments_of([row.id for row in rows])
    payments = [
        {
            "withdrawal": outside("wdr", row.id), "state": row.state, "net": format_units(row.net, currency),
            "provider_state": known[row.id].state if row.id in known else None,
            "code": known[row.id].code if row.id in known else None,
        }
        for row in rows
    ]  # fmt: skip
    return {**_batch(one, currency), "payments": payments}


def _outcome(found: Outcome) -> dict[str, int]:
    return {"arrived": found.paid, "failed": found.failed, "open": found.open}


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
        "ended_at": _when(one.ended_at),
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
