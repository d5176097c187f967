"""Orders, what becomes of them, and their refunds: one by one or up to 10,000 a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import Query, Router
from pydantic import TypeAdapter, ValidationError

from rongshu.domain.commerce.orders.queries import find_order
from rongshu.domain.commission.evidence.actions import make_evidence
from rongshu.domain.commission.evidence.sealing import Bundle
from rongshu.domain.commission.explanations.queries import explain_order
from rongshu.domain.commission.explanations.rerated import corrections_of
from rongshu.domain.commission.rating.queries import commissions_of, is_rated
from rongshu.domain.members.profiles.queries import find_member
from rongshu.flows.intake import shapes
from rongshu.flows.intake.accept import accept_orders, accept_refunds, accept_statuses
from rongshu.flows.intake.results import Accepted, Outcome, Result
from rongshu.flows.intake.work import rate_here
from rongshu.interfaces.api.described import BatchResults, OrderTaken, Taken, accepts, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.errors import problem_of, respond, validation_problem
from rongshu.interfaces.api.wire import Named, commission
from rongshu.interfaces.faces.proof import proof_response
from rongshu.kernel import copying
from rongshu.kernel.access.queries import Caller
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal, invalid
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import lock_background_writing, tenant_scope

log = structlog.get_logger(__name__)

router = Router(tags=["orders"])

_STATUS = {Outcome.ACCEPTED: 201, Outcome.DUPLICATE: 200, Outcome.CONFLICT: 409, Outcome.REFUSED: 422}

Accept = Callable[..., Accepted]


def _result(result: Result, prefix: str, place: int) -> dict[str, Any]:
    document: dict[str, Any] = {"index": place, "outcome": result.outcome.value}
    if result.id:
        document["id"] = outside(prefix, result.id)
    if result.problem is not None:
        document["problem"] = problem_of(result.problem)
    return document


Wanted = Annotated[str | None, Query(min_length=1, max_length=200, description="`mem_…` or your id of the promoter")]

More = Callable[[Caller, Accepted], dict[str, Any]]


def _one(
    request: HttpRequest, kind: str, prefix: str, shape: TypeAdapter[Any], accept: Accept, more: More | None = None
) -> HttpResponse:
    who = caller(request, Scope.ORDERS_WRITE)
    entry = shape.validate_json(request.body)

    def work() -> HttpResponse:
        with copying.together(1):
            accepted = accept(**{kind: [entry]}, tenant=who.house, by=who.actor, now=utc_now())
            (result,) = accepted.results
            if result.problem is not None:
                raise result.problem
            document = {"id": outside(prefix, result.id), "outcome": str(result.outcome)}
            return answer(document | (more(who, accepted) if more else {}), _STATUS[result.outcome])

    return once(request, who, work)


def _many(
    request: HttpRequest, kind: str, prefix: str, shape: TypeAdapter[Any], whole: TypeAdapter[Any], accept: Accept
) -> HttpResponse:
    who = caller(request, Scope.ORDERS_WRITE)
    entries, places, broken = _read(request.body, shape, whole)

    def work() -> HttpResponse:
        accepted = accept(**{kind: entries}, tenant=who.house, by=who.actor, now=utc_now())
        results = [_result(result, prefix, place) for result, place in zip(accepted.results, places, strict=True)]
        if broken:
            results = sorted([*results, *broken], key=lambda result: result["index"])
        counts = {str(outcome): sum(result["outcome"] == outcome for result in results) for outcome in Outcome}
        return answer({"counts": counts, "results": results})

    return once(request, who, work)


def _read(
    body: bytes, shape: TypeAdapter[Any], whole: TypeAdapter[Any]
) -> tuple[Sequence[Any], Sequence[int], list[dict[str, Any]]]:
    """The entries that have their shape, where they stood, and the results of those that have not."""
    try:
        entries = whole.validate_json(body)
    except ValidationError as error:
        if any(not one["loc"] or not isinstance(one["loc"][0], int) for one in error.errors(include_url=False)):
            raise
        entries = None
    if entries is not None:
        _check_size(len(entries))
        return entries, range(len(entries)), []
    good, places, broken = [], [], []
    raw = _RAW.validate_json(body)
    _check_size(len(raw))
    for index, one in enumerate(raw):
        try:
            good.append(shape.validate_python(one))
            places.append(index)
        except ValidationError as error:
            errors = error.errors(include_url=False, include_input=False)
            broken.append({"index": index, "outcome": str(Outcome.REFUSED), "problem": validation_problem(errors)})
    return good, places, broken


_RAW: TypeAdapter[list[Any]] = TypeAdapter(list[Any])


def _check_size(entries: int) -> None:
    if entries > shapes.MAX_ENTRIES:
        raise invalid(
            "batch_too_large",
            "A batch has at most %(most)s entries; this one has %(found)s.",
            most=shapes.MAX_ENTRIES,
            found=entries,
        )


@router.post(
    "/orders",
    openapi_extra=accepts(shapes.ORDER, one=True),
    response=answers(201, OrderTaken),
    summary="Bring in a paid order",
)
def post_order(
    request: HttpRequest,
    wait: Annotated[bool, Query(description="answer when the order is rated, with its commissions")] = False,
) -> HttpResponse:
    """Idempotent by `source` and `id`, and by `Idempotency-Key`. The same id with another body is a conflict."""
    if not wait:
        return _one(request, "orders", "ord", shapes.ORDER, accept_orders)
    try:
        return _one(request, "orders", "ord", shapes.ORDER, _hold_orders, _rated_now)
    except (Refusal, ValidationError, DatabaseError):
        raise
    except Exception:
        log.exception("an order is left to the worker")
        return _one(request, "orders", "ord", shapes.ORDER, accept_orders, _rated_later)


def _hold_orders(**about: Any) -> Accepted:
    lock_background_writing()
    return accept_orders(**about, hold=True)


def _rated_now(who: Caller, accepted: Accepted) -> dict[str, Any]:
    """Rates the order in the same transaction. `rated` is false for a duplicate that the worker has yet to rate."""
    identifier = accepted.results[0].id
    if accepted.held:
        rated, rows = True, rate_here(payloads=accepted.held, tenant=who.house, now=utc_now())
    else:
        rated, rows = is_rated(identifier), commissions_of([identifier])
    return {"rated": rated, "commissions": [commission(row, who.house.currency) for row in rows]}


def _rated_later(who: Caller, accepted: Accepted) -> dict[str, Any]:
    return {"rated": False, "commissions": []}


@router.post(
    "/orders/batch",
    openapi_extra=accepts(shapes.ORDERS),
    response=answers(200, BatchResults),
    summary="Bring in up to 10,000 paid orders",
)
def post_orders(request: HttpRequest) -> HttpResponse:
    """Every order has its own result, in the order sent; the refused change nothing and harm no other."""
    return _many(request, "orders", "ord", shapes.ORDER, shapes.ORDERS, accept_orders)


@router.post(
    "/statuses",
    openapi_extra=accepts(shapes.STATUS, one=True),
    response=answers(201, Taken),
    summary="Say that an order was completed or cancelled",
)
def post_status(request: HttpRequest) -> HttpResponse:
    """Completed: the return window begins. Cancelled: everything is taken back. Before its order it waits for it."""
    return _one(request, "statuses", "sta", shapes.STATUS, accept_statuses)


@router.post(
    "/statuses/batch",
    openapi_extra=accepts(shapes.STATUSES),
    response=answers(200, BatchResults),
    summary="Up to 10,000 statuses",
)
def post_statuses(request: HttpRequest) -> HttpResponse:
    """Every status has its own result."""
    return _many(request, "statuses", "sta", shapes.STATUS, shapes.STATUSES, accept_statuses)


@router.post(
    "/refunds",
    openapi_extra=accepts(shapes.REFUND, one=True),
    response=answers(201, Taken),
    summary="Bring in a refund",
)
def post_refund(request: HttpRequest) -> HttpResponse:
    """Flows back through every level, also after the release. Before its order it waits for it."""
    return _one(request, "refunds", "ref", shapes.REFUND, accept_refunds)


@router.post(
    "/refunds/batch",
    openapi_extra=accepts(shapes.REFUNDS),
    response=answers(200, BatchResults),
    summary="Up to 10,000 refunds",
)
def post_refunds(request: HttpRequest) -> HttpResponse:
    """Every refund has its own result."""
    return _many(request, "refunds", "ref", shapes.REFUND, shapes.REFUNDS, accept_refunds)


@router.get("/orders/{order}", response=answers(200), summary="An order with its chain, its commissions and why")
def get_order(request: HttpRequest, order: Named) -> HttpResponse:
    """`order` is our id (`ord_…`) or yours, with the source before it where it is not `api` (`shop:1001`)."""
    who = caller(request, Scope.ORDERS_READ)
    with tenant_scope(who.house.id):
        identifier, language = find_order(order), get_language() or "en"
        corrected = [one.as_json(language) for one in corrections_of(identifier)]
        return answer({**explain_order(identifier).as_json(language), "corrections": corrected})


@router.get("/orders/{order}/evidence", response=answers(200), summary="The signed evidence of an order")
def get_evidence(request: HttpRequest, order: Named, promoter: Wanted = None) -> HttpResponse:
    """All that is needed to recompute the order, signed, in canonical JSON: keep the bytes as they are. Checked by
    `rongshu check-evidence`. With `promoter` a proof for one promoter, in which everybody else is a place in the chain.
    """
    return proof_response(_evidence(request, order, promoter), "json", "")


@router.get(
    "/orders/{order}/evidence.pdf",
    response={status: shape for status, shape in answers(200).items() if status != 200},
    openapi_extra={
        "responses": {
            200: {
                "description": "OK",
                "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
    summary="The signed evidence of an order, as a PDF",
)
def get_evidence_pdf(request: HttpRequest, order: Named, promoter: Wanted = None) -> HttpResponse:
    """The same in the language asked for, with the signed file attached inside."""
    return proof_response(_evidence(request, order, promoter), "pdf", _spoken())


def _spoken() -> str:
    return "zh-hans" if (get_language() or "en").startswith("zh") else "en"


def _evidence(request: HttpRequest, order: str, promoter: str | None) -> Bundle:
    who = caller(request, Scope.ORDERS_READ)
    with tenant_scope(who.house.id):
        reader = None if promoter is None else find_member(promoter).id
        return make_evidence(order_id=find_order(order), promoter_id=reader, by=who.actor, now=utc_now())


__all__ = ["respond", "router"]
