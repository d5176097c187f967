"""Middleware: what pages need, kept off the API; and the policy that lets no page run anything but our own files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


class _PagesOnly:
    """Steps aside for the API, which knows no sessions, cookies or messages and should not pay for them."""

    get_response: Callable[[HttpRequest], Any]

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request) if _is_api(request) else super().__call__(request)  # type: ignore[misc]

    def process_view(self, request: HttpRequest, view: Any, arguments: Any, named: Any) -> Any:
        deeper = getattr(super(), "process_view", None)
        return None if deeper is None or _is_api(request) else deeper(request, view, arguments, named)


class Sessions(_PagesOnly, SessionMiddleware):
    """Django's sessions, for pages."""


class Languages(_PagesOnly, LocaleMiddleware):
    """The language of whoever has not signed in: a cookie, else what the browser asks for."""


class Csrf(_PagesOnly, CsrfViewMiddleware):
    """Django's protection of forms, for pages."""


class Authentication(_PagesOnly, AuthenticationMiddleware):
    """`request.user`, for pages."""


class Messages(_PagesOnly, MessageMiddleware):
    """Notes carried over a redirect, for pages."""


def policy(answer: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Names the policy in every answer that is a page, and keeps pages with somebody's data out of every cache."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        request.get_host()  # a name that RONGSHU_HOSTS does not hold is refused here, for every address
        response = answer(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Security-Policy", POLICY)
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    return answered
