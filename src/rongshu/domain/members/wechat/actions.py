from __future__ import annotations

import re
from datetime import datetime

from django.db import IntegrityError, transaction

from rongshu.domain.members.erasure.holding import hold_known
from rongshu.domain.members.wechat.models import WechatApp, WechatPerson
from rongshu.domain.members.wechat.protocol import Known
from rongshu.domain.members.wechat.queries import openid_hash, unionid_hash
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.secrets import seal
from rongshu.kernel.tenancy.scope import current_tenant

KINDS = ("web", "official")
_APPID = re.compile(r"wx[0-9a-zA-Z]{16}")


def set_app(*, kind: str, appid: str, secret: str, by: Actor, now: datetime) -> None:
    """Keeps an app of the tenant; an empty secret leaves that of the same app as it was, an empty appid takes the app away.

    Raises `invalid` naming the field.
    """
    if kind not in KINDS:
        raise invalid("unknown_app", "There is no such kind of app.", at="kind")
    appid, secret = appid.strip(), secret.strip()
    before = WechatApp.objects.filter(kind=kind).first()
    if not appid:
        WechatApp.objects.filter(kind=kind).delete()
        record("wechat_app.removed", subject=kind, by=by, now=now)
        return
    if not _APPID.fullmatch(appid):
        raise invalid("bad_appid", "An app id is wx and 16 letters or digits.", at="appid")
    if not secret and (before is None or before.appid != appid):
        raise invalid("no_secret", "Give the secret of this app.", at="secret")
    if secret and not (len(secret) <= 64 and secret.isascii() and secret.isalnum()):
        raise invalid("bad_secret", "A secret has letters and digits only.", at="secret")
    WechatApp.objects.update_or_create(
        tenant_id=current_tenant(),
        kind=kind,
        defaults={
            "appid": appid, "at": now, "actor": str(by),
            "secret": seal(secret) if secret or before is None else before.secret,
        },
    )  # fmt: skip
    record("wechat_app.set", subject=kind, by=by, now=now, appid=appid, secret_changed=bool(secret))


def meet_person(*, appid: str, known: Known, now: datetime) -> WechatPerson:
    """Who came by an app, kept by openid; joined to the member whom the unionid names where the openid names none yet."""
    union = unionid_hash(known.unionid) if known.unionid else None
    found, _ = WechatPerson.objects.get_or_create(
        tenant_id=current_tenant(),
        appid=appid,
        openid_hash=openid_hash(appid, known.openid),
        defaults={"openid": seal(known.openid), "unionid_hash": union, "at": now},
    )
    if union is not None and (found.unionid_hash is None or bytes(found.unionid_hash) != union):
        found.unionid_hash = union
        WechatPerson.objects.filter(id=found.id).update(unionid_hash=union)
    if found.member_id is None and union is not None:
        other = WechatPerson.objects.filter(unionid_hash=union, member_id__isnull=False).order_by("id").first()
        if other is not None:
            join_person(person=found.id, member_id=other.member_id, by=Actor("wechat"), now=now)
            found.member_id = other.member_id
    return found  # type: ignore[no-any-return]


def join_person(*, person: int, member_id: int, by: Actor, now: datetime) -> None:
    """This WeChat is a member's from now on, instead of the one they had by the same app.

    Raises `missing` for an unknown one, `conflict` when it is another member's, and for a member who was erased.
    """
    found = WechatPerson.objects.filter(id=person).first()
    if found is None:
        raise missing("unknown_wechat", "Open it in WeChat once more.")
    if found.member_id == member_id:
        return
    hold_known(member_id)
    taken = conflict("wechat_taken", "This WeChat signs somebody else in here already.")
    if found.member_id is not None:
        raise taken
    try:
        with transaction.atomic():
            WechatPerson.objects.filter(appid=found.appid, member_id=member_id).update(member_id=None)
            if not WechatPerson.objects.filter(id=person, member_id=None).update(member_id=member_id):
                raise taken
    except IntegrityError:
        raise taken from None
    record("member.wechat_joined", subject=str(member_id), by=by, now=now, appid=found.appid)


def forget_wechat(*, member_id: int, by: Actor, now: datetime) -> None:
    """A member's WeChat signs them in no more; its openids are erased. What was paid to them keeps its own sealed copy."""
    gone, _ = WechatPerson.objects.filter(member_id=member_id).delete()
    if gone:
        record("member.wechat_forgotten", subject=str(member_id), by=by, now=now)


def pass_on_wechat(*, member_id: int, heir_id: int, by: Actor, now: datetime) -> int:
    """The WeChats of a member merged into another sign the heir in from now on; how many.

    Where the heir has a WeChat of their own at the same app, that one stays theirs, and the other signs nobody in any more.
    """
    own = WechatPerson.objects.filter(member_id=heir_id).values_list("appid", flat=True)
    mine = WechatPerson.objects.filter(member_id=member_id)
    lost = mine.filter(appid__in=list(own)).delete()[0]
    moved = int(mine.update(member_id=heir_id))
    if moved or lost:
        record(
            "member.wechat_passed_on", subject=str(member_id), by=by, now=now, heir=str(heir_id), moved=moved, lost=lost
        )
    return moved
