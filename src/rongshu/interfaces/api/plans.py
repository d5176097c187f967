"""Plans: what is published, and publishing."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.commission.plans.actions import withdraw_version
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import plan_of, version, versions
from rongshu.domain.commission.reviews.actions import publish_alone
from rongshu.domain.commission.reviews.looking import look_at
from rongshu.engine.lint import Report
from rongshu.engine.plan import differences, read_plan
from rongshu.flows.intake.shapes import Instant
from rongshu.interfaces.api.described import (
    IDEMPOTENT,
    ChangeList,
    PlanChecked,
    VersionList,
    VersionOut,
    WithdrawnOut,
    answers,
)
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.errors import words
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["plans"])


class PlanIn(Schema):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[
        str,
        Field(
            min_length=1, max_length=200_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]*$"
        ),
    ]
    """The plan document, YAML or JSON."""


class PublishIn(PlanIn):
    effective_from: Instant | None = None
    reason: Annotated[str, Field(max_length=2000)] = ""
    """Why warnings of the check are accepted; kept with the version."""


class ReasonIn(Schema):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    """Kept with the decision."""


def looked_out(report: Report) -> dict[str, Any]:
    """What the check found, in the language asked for."""
    return {
        "profile": report.profile,
        "profile_version": report.profile_version,
        "rules_version": report.rules_version,
        "findings": [
            {
                "rule": one.rule,
                "severity": one.severity,
                "at": one.path,
                "detail": words(one.template, one.params),
                "remedy": words(one.remedy, one.remedy_params) if one.remedy else "",
                "basis": words(one.basis, {}) if one.basis else "",
            }
            for one in report.findings
        ],
    }


def version_out(found: PlanVersion) -> dict[str, Any]:
    return {
        "number": found.number,
        "name": found.name,
        "effective_from": found.effective_from.astimezone(UTC).isoformat(),
        "published_at": found.published_at.isoformat(),
        "document": found.document,
    }


@router.get("/plans/versions", response=answers(200, VersionList), summary="The published versions")
def get_versions(request: HttpRequest) -> HttpResponse:
    """By the instant from which each is in force."""
    who = caller(request, Scope.PLANS_READ)
    with tenant_scope(who.house.id):
        return answer({"data": [version_out(found) for found in versions().versions]})


@router.post("/plans/check", response=answers(200, PlanChecked), summary="Read a plan without publishing it")
def post_check(request: HttpRequest, body: PlanIn) -> HttpResponse:
    """Answers with the plan in its canonical form, how it differs from the version published last, and what the check
    finds in it if it began now.
    """
    who = caller(request, Scope.PLANS_READ)
    now = utc_now()
    plan = read_plan(body.text)
    with tenant_scope(who.house.id):
        last = versions().versions[-1:]
        report = look_at(plan, begins=now, now=now)
    changes = (
        []
        if not last
        else [
            {"at": change.path, "detail": words(change.template, change.params)}
            for change in differences(plan_of(last[0]), plan)
        ]
    )
    return answer(
        {
            "document": plan.canonical(),
            "differences": changes,
            "looked": looked_out(report),
            "worst_case": report.worst_case.as_document(),
        }
    )


@router.post(
    "/plans/versions",
    openapi_extra=IDEMPOTENT,
    response=answers(201, VersionOut),
    summary="Publish a version, for good",
)
def post_version(request: HttpRequest, body: PublishIn) -> HttpResponse:
    """In force from `effective_from` (now, when left out), for orders paid from then on.

    A key is one person: it publishes the founding version, and later ones while no second person could decide. Where two
    logins may decide about plans it is refused (`second_person_needed`); keep a draft and ask for review.
    """
    who = caller(request, Scope.PLANS_WRITE)
    now = utc_now()

    def work() -> HttpResponse:
        published = publish_alone(
            text=body.text, effective_from=body.effective_from or now, reason=body.reason, by=who.actor, now=now
        )
        return answer(version_out(published), 201)

    return once(request, who, work)


@router.get(
    "/plans/versions/{number}/differences/{other}",
    response=answers(200, ChangeList),
    summary="Two versions compared, in words",
)
def get_differences(request: HttpRequest, number: int, other: int) -> HttpResponse:
    """What changes from version `number` to version `other`."""
    who = caller(request, Scope.PLANS_READ)
    with tenant_scope(who.house.id):
        old, new = plan_of(version(number)), plan_of(version(other))
    return answer(
        {"data": [{"at": one.path, "detail": words(one.template, one.params)} for one in differences(old, new)]}
    )


@router.post(
    "/plans/versions/{number}/withdraw",
    openapi_extra=IDEMPOTENT,
    response=answers(200, WithdrawnOut),
    summary="Withdraw a scheduled version before it takes effect",
)
def post_withdrawal(request: HttpRequest, number: int, body: ReasonIn) -> HttpResponse:
    """Its number stays and it never rates anything; promoters are told. A version in force cannot be withdrawn."""
    who = caller(request, Scope.PLANS_WRITE)
    now = utc_now()

    def work() -> HttpResponse:
        gone = withdraw_version(number=number, reason=body.reason, by=who.actor, now=now)
        return answer({"number": number, "withdrawn_at": gone.at.isoformat(), "reason": gone.reason})

    return once(request, who, work)
