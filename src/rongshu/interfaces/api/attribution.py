"""The attribution policy, its trial, and why an order was credited so."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.commerce.orders.queries import find_order
from rongshu.domain.referral.attribution.actions import publish_policy
from rongshu.domain.referral.attribution.models import AttributionPolicy
from rongshu.domain.referral.attribution.queries import policy_history, policy_in_force
from rongshu.domain.referral.attribution.whatif import try_policy
from rongshu.engine.attribution import Policy
from rongshu.engine.money import format_units
from rongshu.flows.intake.shapes import Instant
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Named, Words, instant, member_name
from rongshu.interfaces.faces.credited import credited_so
from rongshu.kernel.access.queries import Caller
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import invalid
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["promotion"])

Method = Literal["code", "bond", "touch", "store"]
Kind = Literal["view", "click", "scan", "entry", "store"]
Days = Annotated[int, Field(ge=0, le=3650)]


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class PolicyDocument(_Body):
    """The rules; what is left out is as by default."""

    methods: Annotated[list[Method], Field(min_length=1, max_length=4)] = ["code", "bond", "touch", "store"]
    touch: Literal["last", "first"] = "last"
    windows: dict[Kind, Days] = {"click": 30, "scan": 30, "entry": 30}
    bond_by: Annotated[list[Method], Field(max_length=4)] = ["code", "touch"]
    bond_at_touch: bool = False
    bond_days: Days = 0
    bond_extends: bool = True
    code_moves_bond: bool = False
    self_credit: bool = True

    def rules(self) -> Policy:
        """As the engine reads them."""
        return Policy(
            methods=tuple(self.methods), touch=self.touch, windows={str(kind): days for kind, days in self.windows.items()}, bond_by=tuple(self.bond_by),
            bond_at_touch=self.bond_at_touch, bond_days=self.bond_days, bond_extends=self.bond_extends,
            code_moves_bond=self.code_moves_bond, self_credit=self.self_credit,
        )  # fmt: skip


class PolicyIn(_Body):
    rules: PolicyDocument
    reason: Words = ""
    effective_from: Instant | None = None
    """From when they hold; nothing for at once."""


class TrialIn(_Body):
    rules: PolicyDocument
    since: Instant
    until: Instant


class PolicyOut(Schema):
    """The policy in force; `id` is nothing for the one a tenant begins with."""

    id: str | None
    rules: dict[str, Any]
    reason: str
    at: str | None
    effective_from: str | None
    """From when it holds: as published, or later."""


class PolicyPage(Schema):
    """Every published policy, latest first; fifty at most."""

    data: list[PolicyOut]


class MovedOut(Schema):
    """What one promoter would gain or lose."""

    promoter: str
    orders: int
    orders_before: int
    paid: str
    paid_before: str


class ExampleOut(Schema):
    """An order that would have been credited differently."""

    order: str
    before: str | None
    then: str | None
    method: str


class TrialOut(Schema):
    """What a policy would have done; methods are named, `` for orders credited to nobody."""

    orders: int
    changed: int
    paid_changed: str
    by_method: dict[str, int]
    by_method_before: dict[str, int]
    promoters: list[MovedOut]
    examples: list[ExampleOut]


class ConsideredOut(Schema):
    """One method the policy asked: whom it named and what became of them."""

    method: Method
    fate: Literal["absent", "won", "later", "self", "inactive", "too_old", "not_asked"]
    promoter: str | None
    code: str
    kind: str
    link: str
    since: str | None
    until: str | None
    text: str


class CreditOut(Schema):
    """Why an order was credited so; nothing in `considered` where the order named its promoter or nothing was found."""

    policy: str | None
    considered: list[ConsideredOut]


@router.get("/attribution", response=answers(200, PolicyOut), summary="The attribution policy in force")
def get_policy(request: HttpRequest) -> HttpResponse:
    """The rules by which orders that name no promoter find theirs."""
    who = caller(request, Scope.PROMOTION_READ)
    with tenant_scope(who.house.id):
        return answer(_in_force())


@router.get("/attribution/versions", response=answers(200, PolicyPage), summary="Attribution policies so far")
def get_policies(request: HttpRequest) -> HttpResponse:
    """Each held from `at` until the next."""
    who = caller(request, Scope.PROMOTION_READ)
    with tenant_scope(who.house.id):
        return answer({"data": [_policy(one) for one in policy_history()]})


@router.put(
    "/attribution", openapi_extra=IDEMPOTENT, response=answers(200, PolicyOut), summary="Publish an attribution policy"
)
def put_policy(request: HttpRequest, body: PolicyIn) -> HttpResponse:
    """It holds for orders accepted from now on, or from `effective_from`. The same rules again are no new version."""
    who = caller(request, Scope.PROMOTION_WRITE)

    def work() -> HttpResponse:
        publish_policy(
            rules=body.rules.rules(),
            reason=body.reason,
            by=who.actor,
            now=utc_now(),
            effective_from=body.effective_from,
        )
        return answer(_in_force() if body.effective_from is None else _policy(policy_history(limit=1)[0]))

    return once(request, who, work)


@router.post("/attribution/what-if", response=answers(200, TrialOut), summary="Try a policy on past orders")
def post_trial(request: HttpRequest, body: TrialIn) -> HttpResponse:
    """On the orders paid in a window of a year at most; nothing is changed. Orders that named their promoter are left out."""
    who = caller(request, Scope.PROMOTION_READ)
    if not timedelta() < body.until - body.since <= timedelta(days=366):
        raise invalid("bad_window", "A window ends after it begins, and within a year.", at="until")
    with tenant_scope(who.house.id):
        found = try_policy(rules=body.rules.rules(), since=body.since, until=body.until)
    return answer(_trial(found, who))


def _trial(found: Any, who: Caller) -> dict[str, Any]:
    currency = who.house.currency
    return {
        "orders": found.orders, "changed": found.changed, "paid_changed": format_units(found.paid_changed, currency),
        "by_method": found.by_method, "by_method_before": found.by_method_before,
        "promoters": [
            {
                "promoter": outside("mem", one.promoter_id), "orders": one.orders, "orders_before": one.orders_before,
                "paid": format_units(one.paid, currency), "paid_before": format_units(one.paid_before, currency),
            }
            for one in found.promoters
        ],
        "examples": [
            {"order": outside("ord", order), "before": member_name(before), "then": member_name(then), "method": method}
            for order, before, then, method in found.examples
        ],
    }  # fmt: skip


@router.get("/orders/{order}/attribution", response=answers(200, CreditOut), summary="Why an order was credited so")
def get_attribution(request: HttpRequest, order: Named) -> HttpResponse:
    """Every method the policy asked, in its sequence; `text` in the language asked for."""
    who = caller(request, Scope.ORDERS_READ)
    with tenant_scope(who.house.id), translation.override(translation.get_language() or who.house.language):
        found = credited_so(find_order(order))
    if found is None:
        return answer({"policy": None, "considered": []})
    return answer({
        "policy": None if found.policy_id is None else outside("pol", found.policy_id),
        "considered": [
            {
                "method": one.method, "fate": one.fate, "promoter": member_name(one.promoter_id), "code": one.code, "kind": one.kind,
                "link": one.slug, "since": instant(one.since), "until": instant(one.until),
                "text": " ".join(part for part in (one.fact, one.became) if part),
            }
            for one in found.rows
        ],
    })  # fmt: skip


def _in_force() -> dict[str, Any]:
    found = policy_in_force(utc_now())
    if found is None:
        return {"id": None, "rules": Policy().as_document(), "reason": "", "at": None, "effective_from": None}
    return _policy(found)


def _policy(one: AttributionPolicy) -> dict[str, Any]:
    return {
        "id": outside("pol", one.id),
        "rules": one.document,
        "reason": one.reason,
        "at": one.at.isoformat(),
        "effective_from": one.begins.isoformat(),
    }
