"""What the API's description (OpenAPI) says of bodies and answers that are read and written without the framework's models."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, TypeAdapter

from rongshu.flows.intake.shapes import MAX_ENTRIES


class Wrong(Schema):
    """What is wrong at one place of the request."""

    at: str
    code: str
    detail: str


class Problem(Schema):
    """RFC 9457 problem details. `code` is stable, `title` and `detail` are in the language asked for (`Accept-Language`)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    at: str | None = Field(default=None, description="where in the request")
    errors: list[Wrong] | None = None
    trace: str | None = Field(default=None, description="what to tell the operator of the installation")


class Document(Schema):
    """A JSON document."""

    model_config = ConfigDict(extra="allow")


class CommissionOut(Schema):
    """What one promoter has from one order line."""

    id: str
    order: str
    line_no: int
    kind: Literal["level", "differential", "peer"]
    level: int
    promoter: str
    rule: str
    base: str
    rate: str | None = Field(description="None for a fixed amount")
    amount: str
    reversed: str
    currency: str
    state: Literal["pending", "released"]
    paid_at: str


class Taken(Schema):
    """An entry that is durable and will be worked off (or was before)."""

    id: str
    outcome: Literal["accepted", "duplicate"]


class OrderTaken(Taken):
    """With `wait`: whether the order is rated, and what it earns."""

    rated: bool | None = None
    commissions: list[CommissionOut] | None = None


class EntryResult(Schema):
    """What became of the entry at `index`."""

    index: int
    outcome: Literal["accepted", "duplicate", "conflict", "refused"]
    id: str | None = None
    problem: Problem | None = None


class BatchResults(Schema):
    """One result an entry, in the order sent, and how many there are of each outcome."""

    counts: dict[str, int]
    results: list[EntryResult]


class MemberOut(Schema):
    """A member."""

    id: str
    external_id: str | None


class PromoterId(Schema):
    """Which promoter."""

    id: str


class BalanceOut(Schema):
    """Pending waits for its release; debt (0 or below) is what refunds took beyond what was available."""

    pending: str
    available: str
    reserved: str
    debt: str


class PromoterOut(Schema):
    """A promoter."""

    id: str
    inviter: str | None
    rank: str
    joined_at: str
    active: bool
    currency: str
    balance: BalanceOut


class CommissionPage(Schema):
    """A page; `next` is None on the last one."""

    data: list[CommissionOut]
    next: str | None


class VersionOut(Schema):
    """A published plan version."""

    number: int
    name: str
    effective_from: str
    published_at: str
    document: dict[str, Any]


class FindingOut(Schema):
    """One finding of the check, in the language asked for."""

    rule: str
    severity: Literal["block", "warn", "info"]
    at: str
    detail: str
    remedy: str
    basis: str


class Looked(Schema):
    """What the check found, by which profile and rules. It names risks and certifies nothing."""

    profile: str
    profile_version: str
    rules_version: str
    findings: list[FindingOut]


class ReviewOut(Schema):
    """A draft before a second person."""

    id: str
    state: Literal["waiting", "approved", "rejected", "taken_back"]
    effective_from: str | None
    note: str
    asked_at: str
    asked_by: str
    authors: list[str]
    decided_at: str | None
    decided_by: str
    reason: str
    accepted: list[str]


class DraftOut(Schema):
    """A draft as it was last left; `review` is its latest request for review."""

    id: str
    text: str
    updated_at: str
    updated_by: str
    in_review: bool
    review: ReviewOut | None


class DraftList(Schema):
    """Drafts, the latest change first."""

    data: list[DraftOut]


class Gone(Schema):
    """What is not there any more."""

    id: str


class WithdrawnOut(Schema):
    """A version withdrawn before it took effect: its number stays and it rates nothing."""

    number: int
    withdrawn_at: str
    reason: str


class VersionList(Schema):
    """Published versions."""

    data: list[VersionOut]


class Change(Schema):
    """A difference between two plans."""

    at: str
    detail: str


class ChangeList(Schema):
    """Differences, in words."""

    data: list[Change]


class PlanChecked(Schema):
    """A plan in its canonical form, and how it differs from the version published last."""

    document: dict[str, Any]
    differences: list[Change]
    looked: Looked
    worst_case: dict[str, Any] = Field(
        description="the most the plan can pay, in parts per million of the base, and of what"
    )


class Caller(Schema):
    """Who calls."""

    tenant: str
    key: str
    scopes: list[str]


def answers(status: int, shape: type[Schema] = Document) -> dict[int, Any]:
    """The responses of an operation: success, and the problems every operation may answer with."""
    listed: dict[int, Any] = {status: shape}
    if status == 201:
        listed[200] = shape
    return listed | dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429, 500, 503), Problem)


IDEMPOTENT: dict[str, Any] = {
    "parameters": [
        {
            "in": "header",
            "name": "Idempotency-Key",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            "description": "The same key with the same request gives the first answer again, for three days.",
        }
    ]
}
"""What is said of operations that take an `Idempotency-Key`."""


def accepts(shape: TypeAdapter[Any], *, one: bool = False) -> dict[str, Any]:
    """The request body of an operation, from the shape it is checked with."""
    schema = shape.json_schema(ref_template="#/components/schemas/{model}")
    definitions = schema.pop("$defs", {})
    schema = _inline(schema, definitions)
    if not one:
        schema["maxItems"] = MAX_ENTRIES
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}, **IDEMPOTENT}


def as_problems(description: dict[str, Any]) -> None:
    """Names, in a description made by the framework, the media type that problems really have."""
    for operations in description["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                if int(status) >= 400 and "application/json" in content:
                    content["application/problem+json"] = content.pop("application/json")


def _inline(schema: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inline(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
        return {key: _inline(value, definitions) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_inline(value, definitions) for value in schema]
    return schema
