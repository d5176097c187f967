from __future__ import annotations

from dataclasses import dataclass

from rongshu.domain.members.wechat.models import WechatApp, WechatPerson
from rongshu.kernel.secrets import fingerprint, unseal
from rongshu.kernel.tenancy.scope import system_scope


@dataclass(frozen=True, slots=True)
class App:
    """A brand's app, ready for use."""

    kind: str
    appid: str
    secret: str


def openid_hash(appid: str, openid: str) -> bytes:
    """By what somebody is found again."""
    return fingerprint(f"wechat:{appid}", openid)


def unionid_hash(unionid: str) -> bytes:
    """By what the same person is found by another app."""
    return fingerprint("wechat-union", unionid)


def app_of(kind: str) -> App | None:
    """The tenant's app of a kind, opened."""
    kept = WechatApp.objects.filter(kind=kind).first()
    return None if kept is None else App(kind, kept.appid, unseal(kept.secret))


def apps_kept() -> dict[str, WechatApp]:
    """What is kept, by kind; secrets stay sealed."""
    return {kept.kind: kept for kept in WechatApp.objects.all()}


def tenants_with(kind: str) -> list[int]:
    """The tenants of the installation whose people can sign in by an app of this kind."""
    with system_scope():
        # the manager of every tenant's rows: sign-in knows no tenant yet
        found = WechatApp._base_manager.filter(kind=kind).order_by("tenant_id")
        return list(found.values_list("tenant_id", flat=True)[:20])


def has_wechat(member_id: int) -> bool:
    """Whether a member can sign in by WeChat."""
    return bool(WechatPerson.objects.filter(member_id=member_id).exists())


def openid_of(member_id: int, appid: str) -> str:
    """A member's openid in an app, for paying them; empty where they never came by it."""
    kept = WechatPerson.objects.filter(member_id=member_id, appid=appid).first() if appid else None
    return "" if kept is None else unseal(kept.openid)
