from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from rongshu.kernel.access.actions import KEY_PREFIX, key_hash, name_hash
from rongshu.kernel.access.models import ApiKey, Login
from rongshu.kernel.access.rules import PERMISSIONS, Permission, Scope
from rongshu.kernel.actor import Actor
from rongshu.kernel.tenancy.models import Tenant
from rongshu.kernel.tenancy.queries import House, _house
from rongshu.kernel.tenancy.scope import current_tenant, system_scope

KEY_MEMORY = 5.0
"""Seconds for which a process remembers that a key is good."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The program behind a request: its tenant, its scopes, its name in the audit."""

    house: House
    key_id: int
    scopes: frozenset[Scope]
    actor: Actor


_remembered: dict[bytes, tuple[float, Caller]] = {}


def caller_of(key: str) -> Caller | None:
    """The caller with this API key, None for an unknown or revoked one."""
    if not key.startswith(KEY_PREFIX):
        return None
    hashed = key_hash(key)
    known = _remembered.get(hashed)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    with system_scope():
        row = ApiKey._base_manager.filter(hash=hashed, revoked_at=None).first()
        if row is None:
            _remembered.pop(hashed, None)
            return None
        tenant = Tenant.objects.get(id=row.tenant_id)
    scopes = frozenset(scope for scope in Scope if scope in row.scopes)
    caller = Caller(_house(tenant), row.id, scopes, Actor("key", row.name))
    if len(_remembered) > 1000:
        _remembered.clear()
    _remembered[hashed] = (time.monotonic() + KEY_MEMORY, caller)
    return caller


def count_logins_with(permission: Permission) -> int:
    """How many active logins of the active tenant have a permission."""
    roles = [role for role, granted in PERMISSIONS.items() if permission in granted]
    return Login.objects.filter(tenant_id=current_tenant(), is_active=True, role__in=roles).count()


class LoginBackend(BaseBackend):
    """Signs in by name and password; Django's sessions do the rest."""

    def authenticate(self, request: HttpRequest | None, name: str = "", password: str = "", **_: Any) -> Login | None:
        with system_scope():
            login = Login.objects.filter(name_hash=name_hash(name)).first()
        if login is None:
            make_password(password)  # an unknown name takes as long as a wrong password
            return None
        if not check_password(password, login.password):
            return None
        return login if login.is_active else None

    def get_user(self, user_id: int) -> Login | None:
        with system_scope():
            return Login.objects.filter(id=user_id, is_active=True).first()
