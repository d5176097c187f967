"""Failures as RFC 9457 problem details, in the language asked for. The one place where kinds become statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError
from ninja.errors import ValidationError as NinjaValidationError
from pydantic import ValidationError

from rongshu.engine.plan import PlanError
from rongshu.kernel.errors import Kind, Refusal
from rongshu.kernel.ids import new_id, outside

log = structlog.get_logger(__name__)

STATUS = {Kind.MISSING: 404, Kind.FORBIDDEN: 403, Kind.CONFLICT: 409, Kind.INVALID: 422, Kind.UNAVAILABLE: 503}

TITLES = {
    400: _("The request cannot be read"),
    401: _("A valid API key is needed"),
    403: _("Not permitted"),
    404: _("Not found"),
    409: _("Conflict"),
    413: _("The request is too large"),
    422: _("The request cannot be accepted"),
    429: _("Too many requests"),
    500: _("Something went wrong here; nothing was half-written"),
    503: _("Not possible now; try again"),
}


def words(template: str, params: Mapping[str, Any]) -> str:
    """A message in the active language."""
    text = gettext(template)
    return text % params if params else text


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """A problem document."""
    return {
        "type": f"urn:rongshu:problem:{code}",
        "title": gettext(TITLES[status]),
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }


def problem_of(refusal: Refusal) -> dict[str, Any]:
    """The problem document of a refusal."""
    at = {"at": refusal.at} if refusal.at else {}
    return problem(STATUS[refusal.kind], refusal.code, words(refusal.template, refusal.params), **at)


def respond(document: Mapping[str, Any]) -> HttpResponse:
    """A problem document as a response."""
    response = HttpResponse(orjson.dumps(document), status=document["status"], content_type="application/problem+json")
    if document["status"] == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def path_of(place: Sequence[str | int]) -> str:
    """A place in a document: `lines[0].paid`."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def validation_problem(errors: Sequence[Mapping[str, Any]], skip: int = 0) -> dict[str, Any]:
    """The problem document of pydantic's errors: each with its place and what would be right."""
    listed = [{"at": path_of(error["loc"][skip:]), "detail": error["msg"], "code": error["type"]} for error in errors[:50]]
    return problem(422, "invalid_request", gettext(_("See `errors`: each names a place and what is wrong there.")), errors=listed)


def install(api: NinjaAPI) -> None:
    """Registers the answers to failures."""

    @api.exception_handler(Refusal)
    def refused(request: HttpRequest, error: Refusal) -> HttpResponse:
        return respond(problem_of(error))

    @api.exception_handler(PlanError)
    def plan_refused(request: HttpRequest, error: PlanError) -> HttpResponse:
        listed = [{"at": one.path, "code": one.code, "detail": words(one.template, one.params)} for one in error.problems]
        return respond(problem(422, "plan_refused", gettext(_("The plan cannot be read as it is; see `errors`.")), errors=listed))

    @api.exception_handler(ValidationError)
    def invalid_body(request: HttpRequest, error: ValidationError) -> HttpResponse:
        if any(one["type"] == "json_invalid" for one in error.errors(include_url=False)):
            return respond(problem(400, "not_json", error.errors(include_url=False)[0]["msg"]))
        return respond(validation_problem(error.errors(include_url=False, include_input=False, include_context=False)))

    @api.exception_handler(NinjaValidationError)
    def invalid_parameters(request: HttpRequest, error: NinjaValidationError) -> HttpResponse:
        return respond(validation_problem(error.errors, skip=1))

    @api.exception_handler(AuthenticationError)
    def no_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return respond(problem(401, "no_valid_key", gettext(_("Send a key of this tenant as `Authorization: Bearer rs_…`."))))

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
        return respond(problem(404, "not_found", gettext(_("There is nothing at this address."))))

    @api.exception_handler(RequestDataTooBig)
    def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
        return respond(problem(413, "too_large", gettext(_("Send at most 64 MB at once; split the batch."))))

    @api.exception_handler(Exception)
    def bug(request: HttpRequest, error: Exception) -> HttpResponse:
        trace = outside("trc", new_id())
        log.exception("a request failed", trace=trace, path=request.path)
        detail = gettext(_("Tell the operator this trace id: %(trace)s")) % {"trace": trace}
        return respond(problem(500, "internal_error", detail, trace=trace))
