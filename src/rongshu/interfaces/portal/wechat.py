"""WeChat at the door: sent there, come back, and one's own WeChat joined or forgotten."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongshu.domain.members.wechat.actions import forget_wechat
from rongshu.domain.members.wechat.queries import apps_kept, has_wechat
from rongshu.flows.wechat import Came, Kind, come_back, join_wechat, way_to
from rongshu.interfaces.faces import access
from rongshu.interfaces.faces.door import Visit, said, signed_in
from rongshu.interfaces.faces.waiting import let_wait
from rongshu.interfaces.portal.by_wechat import kind_for
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.entering import join_visitor_of
from rongshu.interfaces.portal.pages.wechat import MyWechat
from rongshu.kernel.access.models import Login
from rongshu.kernel.clock import utc_now
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.queries import every_house, house_by_slug
from rongshu.kernel.tenancy.scope import tenant_scope

_KEY = "wechat_asked"
LASTS = 600
"""Seconds between going to WeChat and coming back."""


@require_safe
def go_to_wechat(request: HttpRequest, slug: str) -> HttpResponse:
    """Sends the browser to WeChat. What it comes back with is taken in this session only, once, within ten minutes."""
    now = utc_now()
    try:
        tenant, kind = house_by_slug(slug).id, kind_for(request) or "web"
        return _sent(request, tenant, kind, "snsapi_base" if kind == "official" else "snsapi_login", now)
    except Refusal as refusal:
        return _told(request, said(refusal))


def _sent(request: HttpRequest, tenant: int, kind: Kind, scope: Any, now: datetime) -> HttpResponse:
    state = secrets.token_urlsafe(24)
    site = environment().site_url.rstrip("/") or request.build_absolute_uri("/").rstrip("/")
    url = way_to(tenant=tenant, kind=kind, scope=scope, back=f"{site}{reverse('portal:from_wechat')}", state=state)
    request.session[_KEY] = {
        "state": state, "tenant": tenant, "kind": kind, "scope": scope, "until": now.timestamp() + LASTS,
        "user": getattr(signed_in(request), "id", None),
    }  # fmt: skip
    return redirect(url)


@require_safe
def from_wechat(request: HttpRequest) -> HttpResponse:
    """Comes back from WeChat: signed in, joined to who is here, or asked to prove the phone."""
    now, asked, user = utc_now(), request.session.pop(_KEY, None), signed_in(request)
    given, code = request.GET.get("state", ""), request.GET.get("code", "")[:200]
    if (
        not asked
        or asked["until"] < now.timestamp()
        or not secrets.compare_digest(given.encode(), asked["state"].encode())
        or asked["user"] != getattr(user, "id", None)
    ):
        return _told(
            request, _("This answer of WeChat was not asked for here, or is too old. Sign in by WeChat once more.")
        )
    if not code:
        return _told(request, _("You did not allow it in WeChat. Allow it, or take another way to sign in."))
    try:
        came = come_back(
            tenant=asked["tenant"], kind=asked["kind"], scope=asked["scope"], code=code,
            address=request.META.get("REMOTE_ADDR", ""), now=now,
        )  # fmt: skip
        if user is not None and user.at_portal and user.tenant_id == asked["tenant"]:
            return _joined(request, user, came, now)
        if came.ask_more:
            return _sent(request, asked["tenant"], asked["kind"], "snsapi_userinfo", now)
    except Refusal as refusal:
        return _told(request, said(refusal))
    return _entered(request, asked["tenant"], came, now)


def _joined(request: HttpRequest, user: Login, came: Came, now: datetime) -> HttpResponse:
    assert user.member_id is not None
    join_wechat(tenant=user.tenant_id, person=came.person, member=user.member_id, by=user.actor, now=now)
    messages.success(request, _("Joined. From now on WeChat alone signs you in."))
    return redirect("portal:my_wechat")


def _entered(request: HttpRequest, tenant: int, came: Came, now: datetime) -> HttpResponse:
    if came.login is not None:
        with tenant_scope(tenant):
            login(request, came.login, backend=settings.AUTHENTICATION_BACKENDS[0])
        join_visitor_of(request, came.login, now)
        return access.onwards(request, came.login)
    if came.member is not None:  # known, and without a login here
        return redirect("join", next(house.slug for house in every_house() if house.id == tenant))
    let_wait(request, tenant=tenant, person=came.person, now=now)
    return redirect(f"{reverse('portal:sign_in')}?by=code")


def _told(request: HttpRequest, text: str) -> HttpResponse:
    messages.error(request, text)
    user = signed_in(request)
    mine = user is not None and user.at_portal
    return redirect("portal:my_wechat" if mine else "portal:sign_in")


@page("me", member="me")
def my_wechat(visit: Visit) -> MyWechat | HttpResponse:
    """Whether a WeChat signs the reader in; posting forgets it."""
    me, request = myself(visit), visit.request
    if request.method == "POST":
        forget_wechat(member_id=me, by=visit.login.actor, now=visit.now)
        messages.success(request, _("Forgotten. WeChat signs you in no more."))
        return redirect("portal:my_wechat")
    kind = kind_for(request)
    return MyWechat(
        joined=has_wechat(me), can=kind in apps_kept(), slug=visit.house.slug, inside=kind == "official",
    )  # fmt: skip
