"""A WeChat that waits in the session for its owner to prove who they are."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from rongshu.flows.wechat import join_wechat
from rongshu.kernel.actor import Actor
from rongshu.kernel.errors import Refusal

_KEY = "wechat_waiting"
LASTS = 1800
"""Seconds."""


def let_wait(request: HttpRequest, *, tenant: int, person: int, now: datetime) -> None:
    """Keeps who came by WeChat until they proved their phone."""
    request.session[_KEY] = {"tenant": tenant, "person": person, "until": now.timestamp() + LASTS}


def waits_for(request: HttpRequest, now: datetime) -> int | None:
    """At which tenant a WeChat waits."""
    kept = request.session.get(_KEY)
    return int(kept["tenant"]) if kept and kept["until"] > now.timestamp() else None


def join_waiting(request: HttpRequest, *, tenant: int, member: int, by: Actor, now: datetime) -> None:
    """Joins the waiting WeChat to a member of this tenant who has just proved their phone; nothing where none waits."""
    if waits_for(request, now) != tenant:
        return
    kept = request.session.pop(_KEY)
    try:
        join_wechat(tenant=tenant, person=int(kept["person"]), member=member, by=by, now=now)
    except Refusal:  # somebody else's by now: the phone alone signs in
        return
