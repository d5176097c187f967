"""Money on its way out: batches, and what became of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

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
from rongshu.domain.settlement.withdrawals.queries import withdrawals_of_batch
from rongshu.engine.money import format_units
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Cursor, Limit, Named, NothingIn, instant
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import invalid, missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["payouts"])

Ref = Annotated[str, Field(min_length=5, max_length=30, pattern=r"^wdr_[0-9a-z]+$")]
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
def get_batches(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> HttpResponse:
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
        return answer(_whole(batch(_id(id)), who.house.currency))


@router.post("/payout-batches/{id}/file", response=answers(200, FileOut), summary="Take the bank's file")
def post_file(request: HttpRequest, id: Named, body: FileIn) -> HttpResponse:
    """Names and account numbers in full: every taking is recorded, and no answer is kept. From now on the batch cannot be taken back."""
    who = caller(request, Scope.MONEY_SEND)
    with tenant_scope(who.house.id):
        content = take_file(batch_id=_id(id), form=body.format, by=who.actor, now=utc_now())
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
            batch_id=_id(id), content=body.content.encode(), by=who.actor, now=utc_now()
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
            batch_id=_id(id), paid=_withdrawals(body.arrived), failed=_withdrawals(body.failed),
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
        made = undo_batch(batch_id=_id(id), by=who.actor, now=utc_now())
        return answer(_whole(made, who.house.currency))

    return once(request, who, work)


@router.post(
    "/payout-batches/{id}/ask-again", openapi_extra=IDEMPOTENT, response=answers(200, BatchWhole), summary="Ask the provider now"
)  # fmt: skip
def post_ask_again(request: HttpRequest, id: Named, body: NothingIn) -> HttpResponse:
    """What has not ended is asked for at once; nothing is ever given under a second number."""
    who = caller(request, Scope.MONEY_SEND)

    def work() -> HttpResponse:
        identifier = _id(id)
        ask_again(batch_id=identifier, by=who.actor, now=utc_now())
        return answer(_whole(batch(identifier), who.house.currency))

    return once(request, who, work)


def _id(text: str) -> int:
    found = inside("bat", text)
    if found is None:
        raise missing("unknown_batch", "There is no such batch.")
    return found


def _withdrawals(texts: list[str]) -> list[int]:
    found = [inside("wdr", text) for text in texts]
    known = [one for one in found if one is not None]
    if len(known) < len(texts):
        raise missing("unknown_withdrawal", "There is no such withdrawal.")
    return known


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
        "sends_at": instant(one.sends_at),
        "settled_at": instant(one.settled_at),
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
