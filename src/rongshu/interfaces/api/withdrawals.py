"""Withdrawals: asked for on a promoter's behalf, decided by another key, read with every step; papers only masked; statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.domain.settlement.payees.actions import Papers, give_papers
from rongshu.domain.settlement.payees.models import Payee
from rongshu.domain.settlement.payees.queries import payee_of
from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.statements.queries import statement
from rongshu.domain.settlement.withdrawals.actions import (
    approve_withdrawals,
    ask_withdrawal,
    cancel_withdrawal,
    refuse_withdrawal,
    take_back_consent,
)
from rongshu.domain.settlement.withdrawals.models import Withdrawal
from rongshu.domain.settlement.withdrawals.queries import steps_of, withdrawal, withdrawals_in, withdrawals_of
from rongshu.engine.money import MoneyError, format_units, parse_units
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Cursor, Limit, Named, Text
from rongshu.interfaces.faces.papers.statement import statement_file
from rongshu.interfaces.faces.people import People
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["withdrawals"])

AmountText = Annotated[str, Field(pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?$", max_length=20)]
Month = Annotated[str, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
State = Literal["asked", "approved", "sent", "confirmed", "failed", "refused", "cancelled", "returned"]


class WithdrawalIn(Schema):
    model_config = ConfigDict(extra="forbid")

    promoter: Text
    """Our id or yours."""
    amount: AmountText


class ApproveWithdrawalIn(Schema):
    model_config = ConfigDict(extra="forbid")

    amount: AmountText
    """What you approve; refused when it is not what was asked for."""


class CancelIn(Schema):
    model_config = ConfigDict(extra="forbid")


class RefuseIn(Schema):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=2, max_length=500, pattern=r"^[^\x00]*$")]
    """The promoter reads it."""


class WithdrawalStepOut(Schema):
    """What happened, when, by whom, and why."""

    state: str
    at: str
    actor: str
    reason: str


class WithdrawalOut(Schema):
    """A withdrawal. `amount` leaves the balance, fee and tax are kept back, `net` is paid; tax is known once it is sent."""

    id: str
    promoter: str
    amount: str
    fee: str
    tax: str
    net: str
    currency: str
    state: State
    approvals: int
    approvals_needed: int
    asked_at: str
    ended_at: str | None
    steps: list[WithdrawalStepOut]


class WithdrawalPage(Schema):
    """A page; `next` is None on the last one."""

    data: list[WithdrawalOut]
    next: str | None


class PayeeOut(Schema):
    """Papers and account as last given, masked."""

    name: str
    document_kind: str
    document: str
    account_kind: str
    account: str
    bank: str
    resident: bool
    agreement: str
    given_at: str


class PayeeIn(Schema):
    """Papers and account, with the version of the agreement the payee accepted with you."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
    document_kind: Literal["cn_id", "passport", "other"]
    document: Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")]
    account_kind: Literal["bank", "alipay", "wechat"]
    account: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")]
    bank: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")] = ""
    resident: bool = True
    agreement: Annotated[str, Field(min_length=1, max_length=40)]


class TakenBackOut(Schema):
    """How many withdrawals that were not sent were taken back with the consent."""

    withdrawals_taken_back: int


class StatementLineOut(Schema):
    """Something that came, or left (below 0)."""

    at: str
    kind: str
    amount: str


class StatementOut(Schema):
    """A month of what is a promoter's: available and reserved, less what they owe. Opening and lines make closing."""

    month: str
    opening: str
    closing: str
    currency: str
    lines: list[StatementLineOut]


@router.post(
    "/withdrawals", openapi_extra=IDEMPOTENT, response=answers(201, WithdrawalOut), summary="Ask for a withdrawal"
)
def post_withdrawal(request: HttpRequest, body: WithdrawalIn) -> HttpResponse:
    """On a promoter's behalf, by the same policy as in the portal: the amount is reserved at once. Send an `Idempotency-Key`."""
    who = caller(request, Scope.MONEY_WRITE)
    amount = _units(body.amount, who.house.currency)

    def work() -> HttpResponse:
        member = find_member(body.promoter).id
        made = ask_withdrawal(promoter_id=member, amount=amount, by=who.actor, now=utc_now())
        return answer(_shown([made], who.house.currency)[0], 201)

    return once(request, who, work)


@router.get("/withdrawals", response=answers(200, WithdrawalPage), summary="Withdrawals, latest first")
def get_withdrawals(
    request: HttpRequest,
    state: Annotated[State | None, Query()] = None,
    promoter_id: Annotated[
        str | None, Query(alias="promoter", min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Paged: pass `next` of an answer as `cursor`. By state or by promoter, not both."""
    who = caller(request, Scope.MONEY_READ)
    after = wire.after("wdr", cursor)
    if state and promoter_id:
        raise invalid("one_filter", "Ask by state or by promoter, not by both.", at="state")
    with tenant_scope(who.house.id):
        if promoter_id is None:
            rows = withdrawals_in(state or "", after=after, limit=limit + 1, newest=True)
        else:
            rows = withdrawals_of(find_member(promoter_id).id, after=after, limit=limit + 1)
        data = _shown(rows[:limit], who.house.currency)
    return answer({"data": data, "next": data[-1]["id"] if len(rows) > limit else None})


@router.get("/withdrawals/{id}", response=answers(200, WithdrawalOut), summary="A withdrawal and its steps")
def get_withdrawal(request: HttpRequest, id: Named) -> HttpResponse:
    """Every step with its time and reason."""
    who = caller(request, Scope.MONEY_READ)
    with tenant_scope(who.house.id):
        return answer(_shown([withdrawal(_id(id))], who.house.currency)[0])


@router.post(
    "/withdrawals/{id}/cancel", openapi_extra=IDEMPOTENT, response=answers(200, WithdrawalOut), summary="Take it back"
)
def post_cancel(request: HttpRequest, id: Named, body: CancelIn) -> HttpResponse:
    """For the promoter, while it is not sent; the amount is available again."""
    who = caller(request, Scope.MONEY_WRITE)

    def work() -> HttpResponse:
        one = withdrawal(_id(id))
        one = cancel_withdrawal(identifier=one.id, promoter_id=one.promoter_id, by=who.actor, now=utc_now())
        return answer(_shown([one], who.house.currency)[0])

    return once(request, who, work)


@router.post(
    "/withdrawals/{id}/approve", openapi_extra=IDEMPOTENT, response=answers(200, WithdrawalOut), summary="Approve it"
)
def post_approve(request: HttpRequest, id: Named, body: ApproveWithdrawalIn) -> HttpResponse:
    """By another key or person than the one that asked; where two are needed, the second is another again."""
    who = caller(request, Scope.MONEY_APPROVE)
    amount = _units(body.amount, who.house.currency)

    def work() -> HttpResponse:
        one = withdrawal(_id(id))
        if one.amount != amount:
            raise conflict("other_amount", "It was asked for another amount; look again.", at="amount")
        approve_withdrawals(identifiers=[one.id], by=who.actor, login_member=None, now=utc_now())
        return answer(_shown([withdrawal(one.id)], who.house.currency)[0])

    return once(request, who, work)


@router.post(
    "/withdrawals/{id}/refuse", openapi_extra=IDEMPOTENT, response=answers(200, WithdrawalOut), summary="Refuse it"
)
def post_refuse(request: HttpRequest, id: Named, body: RefuseIn) -> HttpResponse:
    """With a reason the promoter reads; the amount is available again."""
    who = caller(request, Scope.MONEY_APPROVE)

    def work() -> HttpResponse:
        one = refuse_withdrawal(identifier=_id(id), reason=body.reason, by=who.actor, now=utc_now())
        return answer(_shown([one], who.house.currency)[0])

    return once(request, who, work)


@router.get("/promoters/{member}/payee", response=answers(200, PayeeOut), summary="Papers and account, masked")
def get_payee(request: HttpRequest, member: Named) -> HttpResponse:
    """As last given. The API never gives them in full."""
    who = caller(request, Scope.MONEY_READ)
    with tenant_scope(who.house.id):
        found = payee_of(promoter(find_member(member).id).id)
    if found is None:
        raise missing("no_papers", "No papers were given yet.")
    return answer(_papers(found))


@router.put(
    "/promoters/{member}/payee", openapi_extra=IDEMPOTENT, response=answers(200, PayeeOut), summary="Give papers and account"
)  # fmt: skip
def put_payee(request: HttpRequest, member: Named, body: PayeeIn) -> HttpResponse:
    """For a payee who accepted the agreement in force with you. Kept sealed; from here on they are what is paid by."""
    who = caller(request, Scope.MONEY_WRITE)

    def work() -> HttpResponse:
        if body.agreement != policy().agreement:
            raise conflict(
                "new_agreement", "The agreement in force is version %(version)s.", version=policy().agreement
            )
        given = body.dict()
        agreement = given.pop("agreement")
        kept = give_papers(
            promoter_id=find_member(member).id, papers=Papers(**given), agreement=agreement, by=who.actor, now=utc_now()
        )
        return answer(_papers(kept))

    return once(request, who, work)


@router.delete(
    "/promoters/{member}/payee", openapi_extra=IDEMPOTENT, response=answers(200, TakenBackOut), summary="Take consent back"
)  # fmt: skip
def delete_payee(request: HttpRequest, member: Named) -> HttpResponse:
    """The payee no longer agrees: papers nothing was paid by are erased, the others stay sealed as tax law asks."""
    who = caller(request, Scope.MONEY_WRITE)

    def work() -> HttpResponse:
        back = take_back_consent(promoter_id=promoter(find_member(member).id).id, by=who.actor, now=utc_now())
        return answer({"withdrawals_taken_back": back})

    return once(request, who, work)


@router.get("/promoters/{member}/statement", response=answers(200, StatementOut), summary="A promoter's month")
def get_statement(
    request: HttpRequest,
    member: Named,
    month: Month,
) -> HttpResponse:
    """The month (`2026-05`) in the tenant's time zone; months join without a gap."""
    who = caller(request, Scope.MONEY_READ)
    with tenant_scope(who.house.id):
        found = statement(promoter(find_member(member).id).id, date.fromisoformat(f"{month}-01"))
    currency = who.house.currency
    lines = [
        {"at": line.at.isoformat(), "kind": line.kind, "amount": format_units(line.amount, currency)}
        for line in found.lines
    ]
    opening, closing = format_units(found.opening, currency), format_units(found.closing, currency)
    return answer({"month": month, "opening": opening, "closing": closing, "currency": currency, "lines": lines})


def _as_file(kind: str) -> dict[str, Any]:
    """What is said of an operation that answers with a file."""
    return {
        "response": {status: shape for status, shape in answers(200).items() if status != 200},
        "openapi_extra": {
            "responses": {
                200: {"description": "OK", "content": {kind: {"schema": {"type": "string", "format": "binary"}}}}
            }
        },
    }


@router.get("/promoters/{member}/statement.csv", summary="A promoter's month as CSV", **_as_file("text/csv"))
def get_statement_csv(request: HttpRequest, member: Named, month: Month) -> HttpResponse:
    """Every line with the id of what explains it."""
    return _statement_file(request, member, month, "csv")


@router.get("/promoters/{member}/statement.pdf", summary="A promoter's month as PDF", **_as_file("application/pdf"))
def get_statement_pdf(request: HttpRequest, member: Named, month: Month) -> HttpResponse:
    """In the language asked for."""
    return _statement_file(request, member, month, "pdf")


def _statement_file(request: HttpRequest, member: str, month: str, form: str) -> HttpResponse:
    who = caller(request, Scope.MONEY_READ)
    with tenant_scope(who.house.id):
        me = promoter(find_member(member).id).id
        found = statement(me, date.fromisoformat(f"{month}-01"))
        name = People([me]).person(me).name
        return statement_file(promoter_id=me, found=found, form=form, house=who.house, who=name, now=utc_now())


def _units(text: str, currency: str) -> int:
    try:
        return parse_units(text, currency)
    except MoneyError as error:
        raise invalid("bad_amount", "%(value)s is not an amount in %(currency)s.", at="amount", value=text, currency=currency) from error  # fmt: skip


def _papers(found: Payee) -> dict[str, Any]:
    return {
        "name": found.name_shown, "document_kind": found.document_kind, "document": found.document_shown,
        "account_kind": found.account_kind, "account": found.account_shown, "bank": found.bank,
        "resident": found.resident, "agreement": found.agreement, "given_at": found.at.isoformat(),
    }  # fmt: skip


def _id(text: str) -> int:
    found = inside("wdr", text)
    if found is None:
        raise missing("unknown_withdrawal", "There is no such withdrawal.")
    return found


def _shown(them: Sequence[Withdrawal], currency: str) -> list[dict[str, Any]]:
    steps = steps_of([one.id for one in them])
    return [
        {
            "id": outside("wdr", one.id),
            "promoter": outside("mem", one.promoter_id),
            **{name: format_units(getattr(one, name), currency) for name in ("amount", "fee", "tax", "net")},
            "currency": currency,
            "state": one.state,
            "approvals": one.approvals,
            "approvals_needed": one.approvals_needed,
            "asked_at": one.asked_at.isoformat(),
            "ended_at": None if one.ended_at is None else one.ended_at.isoformat(),
            "steps": [
                {"state": step.state, "at": step.at.isoformat(), "actor": step.actor, "reason": step.reason}
                for step in steps[one.id]
            ],
        }
        for one in them
    ]
