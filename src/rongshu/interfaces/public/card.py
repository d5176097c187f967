"""The member card, for strangers and members: one address a tenant. A code to the phone lets them in; the doors say how the card is had."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rongshu.domain.members.cards.doors import Doors
from rongshu.domain.members.cards.queries import doors_now
from rongshu.domain.referral.clicks.visitors import COOKIE, visitor_of
from rongshu.flows.carding import CardStanding, apply_for_card, card_standing, inviter_by, open_card
from rongshu.flows.join.actions import ensure_portal_login, welcome
from rongshu.flows.join.codes import can_send, clean_phone, prove, send_code
from rongshu.flows.join.inviting import invitation
from rongshu.interfaces.faces.door import STATUS, said, signed_in
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.waiting import join_waiting
from rongshu.interfaces.public.card_pages import CardDoor, CardStage, Door
from rongshu.interfaces.public.pages import Trouble
from rongshu.kernel.access.models import Login
from rongshu.kernel.actor import Actor
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal, conflict, invalid
from rongshu.kernel.founding import LANGUAGES
from rongshu.kernel.ids import outside
from rongshu.kernel.secrets import masked
from rongshu.kernel.tenancy.queries import House, house_by_slug
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.kernel.throttle import allow

A_MINUTE = 120


@require_http_methods(["GET", "HEAD", "POST"])
def card(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; posting takes the next step."""
    asked = request.GET.get("language", "")
    with translation.override(asked if asked in LANGUAGES else translation.get_language() or LANGUAGES[0]):
        if not allow("card", request.META.get("REMOTE_ADDR", ""), limit=A_MINUTE, seconds=60):
            return _trouble(request, 429, _("Too many requests"), _("Wait a minute, then try again."))
        try:
            home = house_by_slug(slug)
        except Refusal:
            return _trouble(request, 404, _("There is no such page"), _("Check the address."))
        with timezone.override(home.zone):
            return _stepped(request, home) if request.method == "POST" else _shown(request, home)


def _member(request: HttpRequest, home: House) -> int | None:
    user = signed_in(request)
    return user.member_id if user is not None and user.at_portal and user.tenant_id == home.id else None


def _stepped(request: HttpRequest, home: House) -> HttpResponse:
    form, now, address = request.POST, utc_now(), str(request.META.get("REMOTE_ADDR", ""))
    phone, by, member = clean_phone(form.get("phone", "")), form.get("by", "")[:40], _member(request, home)
    try:
        match form.get("do", ""):
            case "code":
                send_code(what=_what(home), phone=phone, address=address, now=now)
                return _shown(request, home, "code")
            case "enter":
                _enter(request, home, phone, address, now)
            case "open":
                who = _known(member)
                _ticked(request, home)
                with tenant_scope(home.id):
                    open_card(member_id=who, invited_by=inviter_by(by, now=now), by=_actor(who), now=now)
            case "ask":
                who = _known(member)
                _ticked(request, home)
                with tenant_scope(home.id):
                    apply_for_card(member_id=who, said=form.get("said", "").strip(), by=_actor(who), now=now)
    except Refusal as refusal:
        asked: CardStage | None = "code" if form.get("do") == "enter" else None
        return _shown(request, home, asked, problem=said(refusal), at=refusal.at or "", status=STATUS[refusal.kind])
    here = reverse("card", args=[home.slug])
    return redirect(f"{here}?{urlencode({'by': by})}" if by else here)


def _what(home: House) -> str:
    return f"card:{home.id}"


def _known(member: int | None) -> int:
    if member is None:
        raise conflict("not_proved", "Prove your phone number first.")
    return member


def _actor(member: int) -> Actor:
    return Actor("member", outside("mem", member))


def _ticked(request: HttpRequest, home: House) -> None:
    with tenant_scope(home.id):
        found = doors_now()
    if found is not None and found[1].terms and request.POST.get("agree") != "yes":
        raise invalid("not_agreed", "Tick that you agree to the terms of the card.", at="agree")


def _enter(request: HttpRequest, home: House, phone: str, address: str, now: datetime) -> None:
    """Who proved their phone is a member from now on, and signed in."""
    prove(what=_what(home), phone=phone, code=request.POST.get("sms", "")[:20], address=address, now=now)
    visitor = visitor_of(request.COOKIES.get(COOKIE, ""))
    with tenant_scope(home.id):
        member = welcome(phone=phone, visitor=visitor, inviting=invitation("", now), by=Actor("stranger"), now=now)
        there: Login | None = ensure_portal_login(member=member, by=_actor(member.id), now=now)
    join_waiting(request, tenant=home.id, member=member.id, by=_actor(member.id), now=now)
    if there is not None:
        with tenant_scope(home.id):
            login(request, there, backend=settings.AUTHENTICATION_BACKENDS[0])


def _shown(
    request: HttpRequest,
    home: House,
    stage: CardStage | None = None,
    *,
    problem: str = "",
    at: str = "",
    status: int = 200,
) -> HttpResponse:
    form = request.POST if request.method == "POST" else request.GET
    by, phone, now = form.get("by", "")[:40], clean_phone(request.POST.get("phone", "")), utc_now()
    member = _member(request, home)
    with tenant_scope(home.id):
        inviter = inviter_by(by, now=now)
        found = doors_now()
        stands = CardStanding(None, found and found[1], invited=inviter is not None)
        if member is not None:
            stands = card_standing(member_id=member, invited_by=inviter, now=now)
    page = CardDoor(
        tenant=home.name, slug=home.slug, stage=stage or _stage(stands, member), by=by, phone=phone, masked_phone=masked(phone) if phone else "",
        said=request.POST.get("said", "")[:500], sms=can_send(), problem=problem, at=at,
    )  # fmt: skip
    if found is not None:
        page = replace(
            page, version=found[0], terms=found[1].terms, doors=_doors(found[1], stands, home, member is not None),
            refused=stands.refused, number="" if stands.card is None else spaced(stands.card.number),
        )  # fmt: skip
    response = HttpResponse(render_to_string(page.template, {"page": page}, request), status=status)
    response["Referrer-Policy"] = "same-origin"
    return response


def _stage(stands: CardStanding, member: int | None) -> CardStage:
    if stands.card is not None:
        return "held"
    if stands.doors is None:
        return "none"
    if member is None:
        return "phone"
    if stands.way:
        return "open"
    if stands.waiting:
        return "waiting"
    return "ask" if stands.doors.approve else "shut"


def _doors(doors: Doors, stands: CardStanding, home: House, known: bool) -> tuple[Door, ...]:
    ways = []
    if doors.claim:
        ways.append(Door(_("For everybody"), _("Prove your phone number, that is all."), True))
    if doors.spend:
        spent, wanted = Money(stands.spent, home.currency), Money(doors.spend, home.currency)
        ways.append(Door(_("By buying"), "", stands.spent >= doors.spend, spent if known else None, wanted))
    if doors.buy:
        ways.append(
            Door(
                _("With a product"),
                _("Buy one of these: %(skus)s.") % {"skus": ", ".join(doors.buy[:5])},
                stands.bought,
            )
        )
    if doors.invite:
        ways.append(Door(_("By invitation"), _("Open the link of somebody who holds the card."), stands.invited))
    if doors.approve:
        ways.append(Door(_("On request"), _("Ask for it; somebody of the brand decides."), False))
    return tuple(ways)


def spaced(number: str) -> str:
    """A card's number in groups of four."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def _trouble(request: HttpRequest, status: int, title: str, todo: str) -> HttpResponse:
    page = Trouble(title, todo)
    return HttpResponse(render_to_string(page.template, {"page": page}, request), status=status)
