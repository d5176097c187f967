"""Failures as RFC 9457 problem details, in the language asked for. The one place where kinds become statuses."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import orjson
import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled
from ninja.errors import ValidationError as NinjaValidationError
from pydantic import ValidationError

from rongshu.engine.plan import PlanError
from rongshu.kernel.errors import Kind, Refusal

log = structlog.get_logger(__name__)

STATUS = {Kind.MISSING: 404, Kind.FORBIDDEN: 403, Kind.CONFLICT: 409, Kind.INVALID: 422, Kind.UNAVAILABLE: 503}

TITLES = {
    400: _("The request cannot be read"),
    401: _("A valid API key is needed"),
    403: _("Not permitted"),
    404: _("Not found"),
    405: _("This address does not do that"),
    409: _("Conflict"),
    413: _("The request is too large"),
    422: _("The request cannot be accepted"),
    429: _("Too many requests"),
    500: _("Something went wrong here; nothing was half-written"),
    503: _("Not possible now; try again"),
}


View = Callable[..., HttpResponseBase]


def listen(request: HttpRequest, otherwise: str | None = None) -> None:
    """Answers this request in the language it asks for; where it asks for none, in `otherwise` or the installation's."""
    if "Accept-Language" in request.headers:
        translation.activate(translation.get_language_from_request(request))
    elif otherwise:
        translation.activate(otherwise)
    else:
        translation.deactivate()


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


_WRONG = {
    "missing": _("It is missing."),
    "extra_forbidden": _("There is no such key."),
    "string_type": _("It has to be a text."),
    "string_too_short": _("It has to have at least %(min_length)s characters."),
    "string_too_long": _("It may have at most %(max_length)s characters."),
    "string_unicode": _("It is not valid Unicode."),
    "int_type": _("It has to be a whole number."),
    "int_parsing": _("It has to be a whole number."),
    "int_parsing_size": _("The number is too large."),
    "int_from_float": _("It has to be a whole number."),
    "bool_type": _("It has to be true or false."),
    "bool_parsing": _("It has to be true or false."),
    "greater_than_equal": _("It has to be %(ge)s or more."),
    "less_than_equal": _("It may be %(le)s at most."),
    "less_than": _("It has to be less than %(lt)s."),
    "literal_error": _("It has to be one of: %(expected)s."),
    "dict_type": _("It has to be an object."),
    "model_type": _("It has to be an object."),
    "model_attributes_type": _("It has to be an object."),
    "list_type": _("It has to be a list."),
    "too_short": _("It has to have at least %(min_length)s entries."),
    "too_long": _("It may have at most %(max_length)s entries."),
    "timezone_aware": _("The time lacks its zone; write it like 2026-05-01T08:00:00+08:00."),
}
_NOT_A_TIME = _("It is not a time; write it like 2026-05-01T08:00:00+08:00.")
_NOT_AN_AMOUNT = _('It is not an amount; write it as a text like "5.00".')
_NOT_TAKEN = _("It has a character, or a form, that is not accepted here.")
_MONEY = {"paid", "cost", "amount"}


def _wrong(error: Mapping[str, Any]) -> str:
    """What is wrong at one place, in the active language."""
    kind, place = error["type"], error["loc"][-1] if error["loc"] else ""
    if kind in ("string_type", "string_pattern_mismatch") and place in _MONEY:
        return gettext(_NOT_AN_AMOUNT)
    if kind.startswith("datetime"):
        return gettext(_NOT_A_TIME)
    context = {name: str(value) for name, value in (error.get("ctx") or {}).items()}
    return words(_WRONG.get(kind, _NOT_TAKEN), context)


def validation_problem(errors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The problem document of pydantic's errors: each with its place and what would be right."""
    listed = [{"at": path_of(error["loc"]), "detail": _wrong(error), "code": error["type"]} for error in errors[:50]]
    return problem(
        422, "invalid_request", gettext(_("See `errors`: each names a place and what is wrong there.")), errors=listed
    )


def not_json(reason: str = "") -> HttpResponse:
    """The answer to a body that is no JSON."""
    more = {"reason": reason} if reason else {}
    return respond(problem(400, "not_json", gettext(_("The body is not JSON (UTF-8).")), **more))


def nowhere(request: HttpRequest, **_named: Any) -> HttpResponse:
    """The answer at addresses where there is nothing."""
    listen(request)
    return respond(problem(404, "not_found", gettext(_("There is nothing at this address."))))


nowhere.csrf_exempt = True  # type: ignore[attr-defined]


def telling_methods(view: View) -> View:
    """A view whose refusal of a method is a problem document too."""

    @wraps(view)
    def told(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        response = view(request, *arguments, **named)
        if response.status_code != 405:
            return response
        listen(request)
        allowed = ", ".join(sorted(response.headers.get("Allow", "").split(", ")))
        refused = respond(
            problem(405, "method_not_allowed", words(_("Methods here: %(allowed)s."), {"allowed": allowed}))
        )
        refused["Allow"] = allowed
        return refused

    return told


def install(api: NinjaAPI) -> None:
    """Registers the answers to failures."""

    @api.exception_handler(Refusal)
    def refused(request: HttpRequest, error: Refusal) -> HttpResponse:
        return respond(problem_of(error))

    @api.exception_handler(PlanError)
    def plan_refused(request: HttpRequest, error: PlanError) -> HttpResponse:
        listed = [
            {"at": one.path, "code": one.code, "detail": words(one.template, one.params)} for one in error.problems
        ]
        return respond(
            problem(422, "plan_refused", gettext(_("The plan cannot be read as it is; see `errors`.")), errors=listed)
        )

    @api.exception_handler(ValidationError)
    def invalid_body(request: HttpRequest, error: ValidationError) -> HttpResponse:
        if any(one["type"] == "json_invalid" for one in error.errors(include_url=False)):
            return not_json(
                error.errors(include_url=False, include_input=False)[0]["msg"].removeprefix("Invalid JSON: ")
            )
        return respond(validation_problem(error.errors(include_url=False, include_input=False)))

    @api.exception_handler(HttpError)
    def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
        if error.status_code == 400:
            return not_json()
        raise error

    @api.exception_handler(NinjaValidationError)
    def invalid_parameters(request: HttpRequest, error: NinjaValidationError) -> HttpResponse:
        # Parts of the body stand at ("body", its parameter, …), others at ("query", name).
        return respond(
            validation_problem(
                [one | {"loc": one["loc"][2 if one["loc"][0] == "body" else 1 :]} for one in error.errors]
            )
        )

    @api.exception_handler(AuthenticationError)
    def no_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return respond(
            problem(401, "no_valid_key", gettext(_("Send a key of this tenant as `Authorization: Bearer rs_…`.")))
        )

    @api.exception_handler(Throttled)
    def too_often(request: HttpRequest, error: Throttled) -> HttpResponse:
        detail = gettext(_("Too many wrong keys from this address; try again in a minute."))
        response = respond(problem(429, "too_many_wrong_keys", detail))
        response["Retry-After"] = str(error.wait)
        return response

    @api.exception_handler(OperationalError)
    @api.exception_handler(InterfaceError)
    def no_database(request: HttpRequest, error: Exception) -> HttpResponse:
        log.exception("the database did not answer", path=request.path)
        response = respond(
            problem(
                503, "database_unavailable", gettext(_("The database is not to be had just now; nothing was changed."))
            )
        )
        response["Retry-After"] = "1"
        return response

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
        return respond(problem(404, "not_found", gettext(_("There is nothing at this address."))))

    @api.exception_handler(RequestDataTooBig)
    def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
        return respond(problem(413, "too_large", gettext(_("Send at most 64 MB at once; split the batch."))))

    @api.exception_handler(Exception)
    def bug(request: HttpRequest, error: Exception) -> HttpResponse:
        trace = f"trc_{secrets.token_hex(8)}"
        log.exception("a request failed", trace=trace, path=request.path)
        detail = gettext(_("Tell the operator this trace id: %(trace)s")) % {"trace": trace}
        return respond(problem(500, "internal_error", detail, trace=trace))
