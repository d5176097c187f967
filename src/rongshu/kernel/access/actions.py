from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from rongshu.kernel.access.models import ApiKey, Login, Passkey
from rongshu.kernel.access.rules import Role, Scope
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.founding import LANGUAGES
from rongshu.kernel.ids import new_id, outside
from rongshu.kernel.secrets import fingerprint, masked
from rongshu.kernel.tenancy.scope import current_tenant

KEY_PREFIX = "rs_"


def name_hash(name: str) -> bytes:
    """By what a login name is found: phone numbers and addresses are personal data and are not kept in the clear."""
    return fingerprint("login", name.strip().casefold())


def key_hash(key: str) -> bytes:
    """By what an API key is found. Keys are 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(key.encode()).digest()


def add_login(
    *, name: str, password: str, role: Role, by: Actor, now: datetime, member_id: int | None = None, language: str = ""
) -> Login:
    """A login of the active tenant. Raises `invalid` for a short password, `conflict` for a name in use anywhere."""
    if len(password) < 8:
        raise invalid("short_password", "A password needs at least 8 characters.", at="password")
    shown = masked(name) if "@" in name or name.lstrip("+").isdigit() else name
    try:
        with transaction.atomic():
            login = Login.objects.create(
                id=new_id(),
                tenant_id=current_tenant(),
                name_hash=name_hash(name),
                shown=shown,
                password=make_password(password),
                role=role,
                member_id=member_id,
                language=language,
            )
    except IntegrityError as error:
        raise conflict("login_exists", "There is already a login of that name.") from error
    record("login.added", subject=shown, by=by, now=now, role=role)
    return login


def choose_language(*, login: Login, language: str, by: Actor, now: datetime) -> None:
    """The language a login reads the pages in. Raises `invalid` for one the interface does not speak."""
    if language not in LANGUAGES:
        raise invalid(
            "unknown_language",
            "%(language)s is not a language of the interface (zh-hans, en).",
            at="language",
            language=language,
        )
    Login.objects.filter(id=login.id).update(language=language)
    record("login.language_chosen", subject=login.shown, by=by, now=now, language=language)


def set_password(*, name: str, password: str, by: Actor, now: datetime) -> Login:
    """A new password for a login of the active tenant; its open sessions end. Raises `missing`, `invalid` for a short one."""
    if len(password) < 8:
        raise invalid("short_password", "A password needs at least 8 characters.", at="password")
    login = Login.objects.filter(name_hash=name_hash(name), tenant_id=current_tenant()).first()
    if login is None:
        raise missing("unknown_login", "There is no login of that name.")
    login.password = make_password(password)
    login.save(update_fields=["password"])
    record("login.password_set", subject=login.shown, by=by, now=now)
    return login


def promote_logins(*, members: Collection[int], by: Actor, now: datetime) -> int:
    """The logins of members who promote from now on open what promoters see; how many were not theirs before."""
    found = Login.objects.filter(tenant_id=current_tenant(), member_id__in=members, role=Role.MEMBER, is_active=True)
    shown = list(found.values_list("shown", flat=True))
    if shown:
        found.update(role=Role.PROMOTER)
        record("login.promoted", subject=", ".join(shown[:5]), by=by, now=now, count=len(shown))
    return len(shown)


def end_login(*, login: Login, by: Actor, now: datetime) -> None:
    """A login opens nothing from now on, its open sessions neither; its name stays taken."""
    if Login.objects.filter(id=login.id, is_active=True).update(is_active=False, email_hash=None):
        record("login.ended", subject=login.shown, by=by, now=now)


def forget_login(*, login: Login, by: Actor, now: datetime) -> None:
    """A login ends, and nobody can tell any more whose it was: the name is free for a new one, its passkeys are gone.

    The audit keeps what it says of before.
    """
    Passkey.objects.filter(login_id=login.id).delete()
    Login.objects.filter(id=login.id).update(
        is_active=False, name_hash=secrets.token_bytes(16), shown=outside("lgn", login.id), email_hash=None,
        password=make_password(None), language="",
    )  # fmt: skip
    record("login.forgotten", subject=str(login.id), by=by, now=now)


def add_api_key(*, name: str, scopes: Collection[Scope], by: Actor, now: datetime) -> tuple[ApiKey, str]:
    """A new key and its secret, which is never to be seen again. Raises `invalid` without a scope."""
    if not scopes:
        raise invalid("no_scope", "A key needs at least one scope: %(known)s.", at="scopes", known=", ".join(Scope))
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.add(name=name, hash=key_hash(secret), scopes=sorted(scopes), created_at=now)
    record("api_key.added", subject=name, by=by, now=now, scopes=sorted(scopes))
    return key, secret


def revoke_api_key(*, key_id: int, by: Actor, now: datetime) -> None:
    """Ends a key, for good; it may open for up to KEY_MEMORY seconds more. Raises `missing`."""
    key = ApiKey.objects.filter(id=key_id).first()
    if key is None:
        raise missing("unknown_key", "There is no such key.")
    ApiKey.objects.filter(id=key_id, revoked_at=None).update(revoked_at=now)
    record("api_key.revoked", subject=key.name, by=by, now=now)
