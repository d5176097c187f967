"""The public pages' views: no login, no cookie, counted by address, and kept by whoever stands between for five minutes."""

from __future__ import annotations

import hashlib
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongshu.domain.commission.notices.queries import rules_page
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.domain.referral.ranks.queries import ladder, ladder_version
from rongshu.engine.ranks import Ladder
from rongshu.interfaces.faces.plan_example import example_of
from rongshu.interfaces.faces.plan_terms import changes_of, sections_of
from rongshu.interfaces.faces.rank_words import needs_in_words, terms_of
from rongshu.interfaces.faces.reward_example import rewards_of
from rongshu.interfaces.public.pages import Edition, RankNeeds, Rules, Trouble, Words
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal
from rongshu.kernel.founding import LANGUAGES
from rongshu.kernel.tenancy.queries import House, house_by_slug
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.kernel.throttle import allow

A_MINUTE = 60
"""Pages one address may ask for in a minute."""
KEPT = 300
"""Seconds for which a page may be kept."""


@require_safe
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """How promoters of a tenant earn."""
    language = language_of(request)
    with translation.override(language):
        if not allow("rules", request.META.get("REMOTE_ADDR", ""), limit=A_MINUTE, seconds=60):
            return trouble(request, 429, _("Too many requests"), _("Wait a minute, then try again."))
        try:
            home = house_by_slug(slug)
        except Refusal:
            return trouble(request, 404, _("There is no such page"), _("Check the address."))
        with tenant_scope(home.id), timezone.override(home.zone):
            return _answered(request, home, language, utc_now())


def _answered(request: HttpRequest, home: House, language: str, now: datetime) -> HttpResponse:
    known = versions().versions
    own = rules_page()
    begun = sum(one.effective_from <= now for one in known)
    changed = "" if own is None else own.updated_at.isoformat()
    steps = ladder_version()
    today = now.astimezone(home.zone).date()  # the examples tell the days of the running period
    told = f"{home.id} {home.name} {language} {begun} {[one.id for one in known]} {changed} {today:%Y-%m} {steps and steps.id}"
    tag = f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return _kept(HttpResponseNotModified(), tag)
    page = _page(home, known, begun, now)
    with timezone.override(ZoneInfo(page.zone)):
        return _kept(HttpResponse(render_to_string(page.template, {"page": page}, request)), tag)


def _kept(response: HttpResponse, tag: str) -> HttpResponse:
    response["Cache-Control"], response["ETag"] = f"public, max-age={KEPT}", tag
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def _page(home: House, known: tuple[PlanVersion, ...], begun: int, now: datetime) -> Rules:
    own = rules_page()
    words = Words() if own is None else Words(own.contact, own.tax, own.leaving, own.more)
    editions = tuple(_editions(known, begun))
    current = known[begun - 1] if begun else None
    plan, steps = None if current is None else plan_of(current), ladder()
    return Rules(
        tenant=home.name,
        zone=str(home.zone),
        number=0 if current is None else current.number,
        since=None if current is None else current.effective_from,
        sections=() if plan is None else sections_of(plan),
        example=None if plan is None else example_of(plan, home.zone, now),
        rewards=() if plan is None else rewards_of(plan, home.zone, now),
        ranks=_ranks(steps),
        ladder_terms=() if steps is None else terms_of(steps),
        days=0 if plan is None else plan.release.days,
        margin=plan is not None and plan.basis == "margin",
        words=words,
        coming=editions[begun:],
        history=tuple(reversed(editions[:begun])),
    )


def _ranks(steps: Ladder | None) -> tuple[RankNeeds, ...]:
    if steps is None:
        return ()
    language = translation.get_language() or LANGUAGES[0]
    return tuple(
        RankNeeds(
            one.titled(language),
            one.name,
            tuple((name, least) for name, least, _risk in needs_in_words(one.needs, steps.currency)),
        )
        for one in steps.ranks
    )


def _editions(known: tuple[PlanVersion, ...], begun: int) -> list[Edition]:
    pairs = list(pairwise((None, *known)))
    found = []
    for place, (before, one) in enumerate(pairs):
        assert one is not None
        following = known[place + 1] if place + 1 < len(known) else None
        found.append(
            Edition(
                one.number,
                one.effective_from,
                None if following is None else following.effective_from,
                "scheduled" if place >= begun else "in_force" if place == begun - 1 else "past",
                () if before is None else changes_of(plan_of(before), plan_of(one)),
            )
        )
    return found


def language_of(request: HttpRequest) -> str:
    """The language asked for in the address, else the reader's."""
    asked = request.GET.get("language", "")
    return asked if asked in LANGUAGES else translation.get_language() or LANGUAGES[0]


def trouble(request: HttpRequest, status: int, title: str, todo: str) -> HttpResponse:
    """The page that says what happened and what to do."""
    page = Trouble(title, todo)
    return HttpResponse(render_to_string(page.template, {"page": page}, request), status=status)
