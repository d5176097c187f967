"""The brand's apps at WeChat: entered here, sealed, and used at the portal's door."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.members.wechat.actions import KINDS, set_app
from rongshu.domain.members.wechat.queries import apps_kept
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.wechat import AppForm, WechatApps
from rongshu.interfaces.faces.door import Visit, said
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import Refusal


@page("promoters", Permission.MANAGE_JOINING)
def wechat(visit: Visit) -> WechatApps | HttpResponse:
    """The form; posting keeps one app, or takes it away where its id is empty."""
    form = visit.request.POST
    if visit.request.method != "POST":
        return _shown(visit)
    kind = form.get("kind", "")
    try:
        set_app(
            kind=kind, appid=form.get("appid", ""), secret=form.get("secret", ""), by=visit.login.actor, now=visit.now
        )
    except Refusal as refusal:
        return _shown(visit, problem=said(refusal), at=kind if kind in KINDS else "", typed=form.get("appid", "")[:40])
    messages.success(visit.request, _("Kept."))
    return redirect("console:wechat")


def _shown(visit: Visit, *, problem: str = "", at: str = "", typed: str = "") -> WechatApps:
    kept = apps_kept()
    words = {
        "official": (
            _("Official account"),
            _("Signs in inside WeChat. A verified service account; its web authorization domain is the one above."),
        ),
        "web": (
            _("Website app at the open platform"),
            _("Signs in by QR code on a computer. Bound to the same open platform account, both know the same person."),
        ),
    }
    return WechatApps(
        forms=tuple(
            AppForm(
                kind,
                *words[kind],
                appid=typed if kind == at else kept[kind].appid if kind in kept else "",
                kept=kind in kept,
            )
            for kind in ("official", "web")
        ),
        host=urlsplit(environment().site_url).hostname or visit.request.get_host().partition(":")[0],
        may_set=visit.may(Permission.MANAGE_JOINING),
        problem=problem,
        at=at,
    )
