"""Joining, for strangers: one address a tenant. The phone is proved by a code; what was proved is kept in a signed cookie of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rongshu.domain.members.erasure.queries import erased_at
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import known_as
from rongshu.domain.referral.clicks.visitors import COOKIE, visitor_of
from rongshu.domain.referral.joining.actions import withdraw_application
from rongshu.domain.referral.joining.policy import GROUPS
from rongshu.domain.referral.joining.queries import latest_application
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.flows.join.actions import ensure_portal_login, portal_login_of, welcome
from rongshu.flows.join.actions import join as join_in
from rongshu.flows.join.codes import can_send, clean_phone, prove, send_code
from rongshu.flows.join.inviting import Invitation, invitation
from rongshu.flows.join.terms import Terms, terms_at
from rongshu.interfaces.faces.door import STATUS, said, signed_in
from rongshu.interfaces.faces.joining import TICKS, read_answers
from rongshu.interfaces.faces.parts import Asked
from rongshu.interfaces.faces.plan_terms import sections_of
from rongshu.interfaces.faces.templatetags.faces import masked_name
from rongshu.interfaces.faces.waiting import join_waiting
from rongshu.interfaces.public.join_pages import Join, Stage
from rongshu.interfaces.public.pages import Trouble
from rongshu.kernel.actor import Actor
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal, conflict
from rongshu.kernel.founding import LANGUAGES
from rongshu.kernel.ids import outside
from rongshu.kernel.secrets import masked, unseal
from rongshu.kernel.tenancy.queries import House, house_by_slug
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.kernel.throttle import allow

KNOWN = "rsj"
A_DAY = 86_400
A_YEAR = 365 * A_DAY
VIEWS_A_MINUTE = 120
_SALT = "rongshu.join"


@dataclass(slots=True)
class _Here:
    """One request: for whom, who came, and what they typed."""

    request: HttpRequest
    house: House
    now: datetime
    code: str
    click: str
    phone: str
    member: int | None
    """Proved by a code within a day, or signed in to the portal."""

    @property
    def address(self) -> str:
        return str(self.request.META.get("REMOTE_ADDR", ""))


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; posting takes the next step."""
    asked = request.GET.get("language", "")
    chosen = asked if asked in LANGUAGES else ""
    with translation.override(chosen or translation.get_language() or LANGUAGES[0]):
        if not allow("join", request.META.get("REMOTE_ADDR", ""), limit=VIEWS_A_MINUTE, seconds=60):
            return _trouble(request, 429, _("Too many requests"), _("Wait a minute, then try again."))
        try:
            home = house_by_slug(slug)
        except Refusal:
            return _trouble(request, 404, _("There is no such page"), _("Check the address."))
        here = _here(request, home)
        with timezone.override(home.zone):
            response = _stepped(here) if request.method == "POST" else _shown(here)
    if chosen:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=A_YEAR,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response


def _here(request: HttpRequest, home: House) -> _Here:
    form = request.POST if request.method == "POST" else request.GET
    user = signed_in(request)
    member = user.member_id if user is not None and user.tenant_id == home.id else None
    if member is None:
        try:
            tenant, proved = signing.loads(request.COOKIES.get(KNOWN, ""), salt=_SALT, max_age=A_DAY)
            member = int(proved) if tenant == home.id and not _erased(home, int(proved)) else None
        except (signing.BadSignature, ValueError, TypeError):
            member = None
    return _Here(
        request, home, utc_now(), form.get("code", "")[:40], form.get("rs", "")[:40],
        clean_phone(request.POST.get("phone", "")), member,
    )  # fmt: skip


def _erased(home: House, member: int) -> bool:
    with tenant_scope(home.id):
        return erased_at(member) is not None


def _stepped(here: _Here) -> HttpResponse:
    step = here.request.POST.get("do", "")
    try:
        match step:
            case "code":
                send_code(what=_what(here), phone=here.phone, address=here.address, now=here.now)
                return _shown(here, "code")
            case "forget":
                response = redirect(_here_again(here))
                response.delete_cookie(KNOWN, path=_path(here))
                return response
            case "withdraw":
                with tenant_scope(here.house.id):
                    withdraw_application(member_id=_member(here), by=_actor(_member(here)), now=here.now)
                return redirect(_here_again(here))
            case _:
                return _joined(here)
    except Refusal as refusal:
        stage: Stage | None = None
        if here.member is None and (step == "join" or refusal.code == "wait_for_code"):
            stage = "code"
        return _shown(here, stage, problem=said(refusal), at=refusal.at or "", status=STATUS[refusal.kind])


def _what(here: _Here) -> str:
    return f"join:{here.house.id}"


def _joined(here: _Here) -> HttpResponse:
    """Proves the phone where that is still to be done, then joins; what was proved stays proved when the rest has to be mended."""
    proved = here.member
    if proved is None:
        typed = here.request.POST.get("sms", "")[:20]
        prove(what=_what(here), phone=here.phone, code=typed, address=here.address, now=here.now)
    with tenant_scope(here.house.id):
        inviting = invitation(here.code, here.now)
        visitor = visitor_of(here.request.COOKIES.get(COOKIE, ""))
        if proved is None:
            member = welcome(phone=here.phone, visitor=visitor, inviting=inviting, by=Actor("stranger"), now=here.now)
        else:
            member = Member.objects.get(id=proved)
        here.member = member.id
    if proved is None:
        join_waiting(here.request, tenant=here.house.id, member=member.id, by=_actor(member.id), now=here.now)
    try:
        with tenant_scope(here.house.id):
            if not Promoter.objects.filter(id=member.id).exists():
                came = join_in(
                    member=member, inviting=inviting, answers=read_answers(here.request.POST), terms=terms_at(here.now), address=here.address,
                    now=here.now,
                )  # fmt: skip
                there = portal_login_of(member.id) if came == "joined" else None
            else:
                there = ensure_portal_login(member=member, by=_actor(member.id), now=here.now)
    except Refusal as refusal:
        response = _shown(here, problem=said(refusal), at=refusal.at or "", status=STATUS[refusal.kind])
    else:
        response = redirect(_here_again(here))
        if there is not None and proved is None:
            with tenant_scope(here.house.id):
                login(here.request, there, backend=settings.AUTHENTICATION_BACKENDS[0])
    _remember(here, response)
    return response


def _remember(here: _Here, response: HttpResponse) -> None:
    response.set_cookie(
        KNOWN, signing.dumps([here.house.id, here.member], salt=_SALT), max_age=A_DAY, path=_path(here),
        secure=here.request.is_secure(), httponly=True, samesite="Lax",
    )  # fmt: skip


def _member(here: _Here) -> int:
    if here.member is None:
        raise conflict("not_proved", "Prove your phone number first.")
    return here.member


def _actor(member: int) -> Actor:
    return Actor("member", outside("mem", member))


def _path(here: _Here) -> str:
    return reverse("join", args=[here.house.slug])


def _here_again(here: _Here) -> str:
    given = {name: value for name, value in (("code", here.code), ("rs", here.click)) if value}
    return f"{_path(here)}?{urlencode(given)}" if given else _path(here)


def _shown(
    here: _Here, stage: Stage | None = None, *, problem: str = "", at: str = "", status: int = 200
) -> HttpResponse:
    with tenant_scope(here.house.id):
        page = _page(here, stage, problem, at)
    response = HttpResponse(render_to_string(page.template, {"page": page}, here.request), status=status)
    response["Referrer-Policy"] = "same-origin"
    return response


def _page(here: _Here, stage: Stage | None, problem: str, at: str) -> Join:
    terms, inviting = terms_at(here.now), invitation(here.code, here.now)
    stands, reason = _stands(here, terms, inviting) if stage is None else (stage, "")
    answers, form, plan = read_answers(here.request.POST), here.request.POST, terms.plan
    phone = here.phone
    member = None if here.member is None else Member.objects.filter(id=here.member).first()
    shown = "" if member is None or not member.phone else masked(unseal(member.phone))
    sections = () if plan is None else sections_of(plan)
    rules = terms.policy
    if inviting.promoter is not None and stands == "promoter" and not problem:
        problem = _refused_inviter(here, inviting)
    return Join(
        tenant=here.house.name,
        slug=here.house.slug,
        stage=stands,
        inviter=_inviter(inviting),
        to_join=inviting.to_join,
        ended=inviting.ended,
        offer=rules.offer,
        section=next((one for one in sections if any(term.key.startswith("level") for term in one.terms)), None),
        days=0 if plan is None else plan.release.days,
        shop=_shop(here, terms),
        mode=rules.mode,
        code=here.code,
        click=here.click,
        phone=phone,
        masked_phone=shown or masked(phone),
        age=terms.minimum_age,
        groups=tuple(_(group) for group in GROUPS) if terms.groups else (),
        version=rules.agreement_version,
        agreement=rules.agreement,
        quiz=tuple(Asked(one.text, one.answers, answers.quiz[place]) for place, one in enumerate(rules.quiz)),
        ticked=frozenset(name for name in TICKS if form.get(name) == "yes"),
        words=answers.words,
        wait=rules.mode == "application",
        sms=can_send(),
        reason=reason,
        problem=problem,
        at=at,
    )


def _stands(here: _Here, terms: Terms, inviting: Invitation) -> tuple[Stage, str]:
    """Where whoever is here stands, and the reason of a refusal."""
    if here.member is not None:
        there = Promoter.objects.filter(id=here.member).first()
        if there is not None:
            return ("promoter" if there.active_to is None else "left"), ""
        asked = latest_application(here.member)
        if asked is not None and asked.state == "asked":
            return "waiting", ""
        if (
            asked is not None
            and asked.state == "refused"
            and here.request.GET.get("again") != "1"
            and not here.request.POST
        ):
            return "refused", asked.reason
    if terms.policy.mode == "invitation" and not inviting.to_join:
        return "closed", ""
    return ("phone" if here.member is None else "form"), ""


def _refused_inviter(here: _Here, inviting: Invitation) -> str:
    """What is told a promoter who opens somebody's invitation once more; empty for that of their own inviter."""
    there = Promoter.objects.filter(id=here.member).first()
    if there is None or inviting.promoter == there.inviter_id or not inviting.to_join:
        return ""
    if inviting.promoter == there.id:
        return _("This is your own invitation. Share it; it cannot invite yourself.")
    return _("You are a promoter already. Who invited you stays as it is; nobody has two inviters.")


def _inviter(inviting: Invitation) -> str:
    if inviting.promoter is None:
        return ""
    known = known_as([inviting.promoter]).get(inviting.promoter)
    return "" if known is None else masked_name(known.name)


def _shop(here: _Here, terms: Terms) -> str:
    """The tenant's address, with the code and the click, so that the order placed there can name them."""
    place = terms.policy.shop
    if not place:
        return ""
    given = urlencode([(name, value) for name, value in (("code", here.code), ("rs", here.click)) if value])
    place, mark, rest = place.partition("#")
    return f"{place}{'&' if '?' in place else '?'}{given}{mark}{rest}" if given else f"{place}{mark}{rest}"


def _trouble(request: HttpRequest, status: int, title: str, todo: str) -> HttpResponse:
    page = Trouble(title, todo)
    return HttpResponse(render_to_string(page.template, {"page": page}, request), status=status)
