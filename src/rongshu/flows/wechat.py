"""Signing in by WeChat: where a browser is sent, and whom it comes back as."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog

from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.wechat.actions import join_person, meet_person
from rongshu.domain.members.wechat.protocol import SPENT, WRONG_APP, Scope, WechatTrouble, page_of, who_is
from rongshu.domain.members.wechat.queries import App, app_of
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.flows.join.actions import ensure_portal_login, portal_login_of
from rongshu.kernel.access.models import Login
from rongshu.kernel.actor import Actor
from rongshu.kernel.errors import Refusal, conflict, invalid, unavailable
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.kernel.throttle import allow

log = structlog.get_logger(__name__)

TRIES = 60
"""Comings back from one address in ten minutes."""
Kind = Literal["web", "official"]


@dataclass(frozen=True, slots=True)
class Came:
    """Who came by WeChat: `login` is theirs where they have one or promote, `member` where they are known; `ask_more` where only the
    fuller authorization can tell."""

    person: int
    member: int | None = None
    login: Login | None = None
    ask_more: bool = False


def way_to(*, tenant: int, kind: Kind, scope: Scope, back: str, state: str) -> str:
    """WeChat's page for a tenant's app. Raises `unavailable` where the tenant has none of this kind."""
    return page_of(appid=_app(tenant, kind).appid, scope=scope, back=back, state=state)


def come_back(*, tenant: int, kind: Kind, scope: Scope, code: str, address: str, now: datetime) -> Came:
    """Spends the code WeChat gave. Raises `invalid` for an old or used one, `conflict`, `unavailable`. Call it outside any transaction."""
    if not allow("wechat-try", address, limit=TRIES, seconds=600):
        raise conflict("too_many_tries", "Too many attempts. Wait ten minutes, then try again.")
    app = _app(tenant, kind)
    try:
        known = who_is(appid=app.appid, secret=app.secret, code=code)
    except WechatTrouble as trouble:
        raise _refusal(trouble) from None
    with tenant_scope(tenant):
        person = meet_person(appid=app.appid, known=known, now=now)
        if person.member_id is None:
            more = scope == "snsapi_base" and not known.unionid and app_of("web") is not None
            return Came(person.id, ask_more=more)
        return Came(person.id, person.member_id, _login(person.member_id, now))


def join_wechat(*, tenant: int, person: int, member: int, by: Actor, now: datetime) -> None:
    """A WeChat is a member's, who has proved who they are. Raises `conflict` when it is somebody else's, `missing`."""
    with tenant_scope(tenant):
        join_person(person=person, member_id=member, by=by, now=now)


def _login(member_id: int, now: datetime) -> Login | None:
    if not Promoter.objects.filter(id=member_id).exists():
        return portal_login_of(member_id)
    return ensure_portal_login(member=Member.objects.get(id=member_id), by=Actor("wechat"), now=now)


def _app(tenant: int, kind: Kind) -> App:
    with tenant_scope(tenant):
        app = app_of(kind)
    if app is None:
        raise unavailable("no_wechat", "This brand has not set up WeChat yet. Take another way to sign in.")
    return app


def _refusal(trouble: WechatTrouble) -> Refusal:
    if trouble.code in SPENT:
        return invalid(
            "old_wechat_code", "WeChat's answer was used already, or is too old. Sign in by WeChat once more."
        )
    if trouble.code == 1:
        return invalid(
            "wechat_snapshot", "You see a snapshot of this page. Tap “use the full service” in WeChat, then try again."
        )
    log.error("WeChat does not let people in", code=trouble.code, said=trouble.said)
    if trouble.code in WRONG_APP:
        return unavailable(
            "wechat_settings", "The brand's settings at WeChat are not right. Take another way to sign in."
        )
    return unavailable(
        "wechat_away", "WeChat does not answer at the moment. Try again, or take another way to sign in."
    )
