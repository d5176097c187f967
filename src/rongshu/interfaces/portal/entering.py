"""Signing in to the portal: by password, or by a code to the phone."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import phone_hash
from rongshu.domain.referral.clicks.actions import join_visitor
from rongshu.domain.referral.clicks.visitors import COOKIE, visitor_of
from rongshu.flows.join.actions import ensure_portal_login
from rongshu.flows.join.codes import can_send, clean_phone, prove, send_code
from rongshu.flows.mailbox import can_mail
from rongshu.interfaces.faces import access
from rongshu.interfaces.faces.door import STATUS, said, signed_in
from rongshu.interfaces.faces.waiting import join_waiting, waits_for
from rongshu.interfaces.portal.by_wechat import brands_for
from rongshu.interfaces.portal.pages.joining import Enter, Way
from rongshu.kernel.access.actions import name_hash
from rongshu.kernel.access.models import Login
from rongshu.kernel.access.rules import PORTAL
from rongshu.kernel.actor import Actor
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.queries import every_house
from rongshu.kernel.tenancy.scope import system_scope, tenant_scope

PURPOSE = "portal"


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in to the portal."""
    form, problem, status, now = request.POST, "", 200, utc_now()
    step, name = form.get("do", ""), form.get("phone", "")
    way: Way = "code" if request.GET.get("by") == "code" and can_send() else "password"
    if step == "code":
        way = "code"
        problem, status = _asked_for_code(request, clean_phone(name), now)
        way = "sent" if status in (200, 409) else "code"
    elif step == "enter":
        way = "sent"
        problem, status = _entered(request, clean_phone(name), now)
    elif request.method == "POST":
        problem = access.try_to_sign_in(request, name, form.get("password", ""))
        status = 422 if problem else 200
    user = signed_in(request)
    if user is not None and not problem and (user.at_portal or user.role not in PORTAL):
        if request.method != "POST":
            return redirect(access.home_of(user))
        join_visitor_of(request, user, now)
        return access.onwards(request, user)
    wanted = form.get("next", request.GET.get("next", ""))
    shown = Enter(
        phone=name[:40],
        next=wanted,
        problem=problem,
        way=way,
        codes=can_send(),
        mails=can_mail(),
        wechat=brands_for(request),
        waiting=_slug_of(waits_for(request, now)),
    )
    return render(request, shown.template, {"page": shown}, status=status)


def _asked_for_code(request: HttpRequest, phone: str, now: datetime) -> tuple[str, int]:
    try:
        send_code(what=PURPOSE, phone=phone, address=request.META.get("REMOTE_ADDR", ""), now=now)
    except Refusal as refusal:
        return said(refusal), STATUS[refusal.kind]
    return "", 200


def _entered(request: HttpRequest, phone: str, now: datetime) -> tuple[str, int]:
    try:
        prove(
            what=PURPOSE, phone=phone, code=request.POST.get("sms", "")[:20], address=request.META.get("REMOTE_ADDR", ""),
            now=now,
        )  # fmt: skip
    except Refusal as refusal:
        return said(refusal), STATUS[refusal.kind]
    waiting = waits_for(request, now)
    found = _login_of(phone, waiting) or _member_of(phone, waiting, now)
    if found is None:
        return _("Nobody here has this phone. Open the invitation of the brand, or its page for the member card."), 422
    if found.member_id is not None:
        join_waiting(request, tenant=found.tenant_id, member=found.member_id, by=found.actor, now=now)
    with tenant_scope(found.tenant_id):
        login(request, found, backend=settings.AUTHENTICATION_BACKENDS[0])
    return "", 200


def _slug_of(tenant: int | None) -> str:
    return "" if tenant is None else next((one.slug for one in every_house() if one.id == tenant), "")


def _login_of(phone: str, tenant: int | None = None) -> Login | None:
    """The promoter's login of a proved phone; of several brands' the one that had it first, the others by their own invitation page.

    With `tenant` that brand's alone: a WeChat that waits for its phone belongs to one brand.
    """
    names = [phone, f"+86{phone}", *(f"{phone}@{house.slug}" for house in every_house())]
    with system_scope():
        found = Login.objects.filter(
            name_hash__in=[name_hash(name) for name in names],
            role__in=PORTAL,
            is_active=True,
            member_id__isnull=False,
        )
        found = found if tenant is None else found.filter(tenant_id=tenant)
        return found.order_by("id").first()


def _member_of(phone: str, tenant: int | None, now: datetime) -> Login | None:
    """The first login of a member whose phone was proved just now; None for nobody, or with several brands where none is named."""
    houses = every_house()
    brand = tenant if tenant is not None else houses[0].id if len(houses) == 1 else None
    if brand is None:
        return None
    with tenant_scope(brand):
        member = Member.objects.filter(phone_hash=phone_hash(phone)).first()
        if member is None:
            return None
        try:
            return ensure_portal_login(member=member, by=Actor("member", outside("mem", member.id)), now=now)
        except Refusal:
            return None  # erased meanwhile


def join_visitor_of(request: HttpRequest, user: Login, now: datetime) -> None:
    """What a browser did before signing in is the member's from now on."""
    visitor = visitor_of(request.COOKIES.get(COOKIE, ""))
    if visitor and user.at_portal and user.member_id is not None:
        with tenant_scope(user.tenant_id):
            join_visitor(visitor=visitor, member_id=user.member_id, now=now)
