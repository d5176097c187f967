"""The demo's doors: its logins and its API key, with one password an installation, kept where the next run finds it."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rongshu.kernel.access.actions import add_api_key, add_login
from rongshu.kernel.access.queries import LoginBackend
from rongshu.kernel.access.rules import Role, Scope
from rongshu.kernel.actor import Actor
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import Kind, Refusal
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope

FILE = "demo-logins.json"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class LoginOf:
    """A login of the demo. A promoter's opens the portal of that member, the others open the console."""

    name: str
    role: Role
    member_id: int | None = None
    known: bool = True
    """Whether the password kept opens it: not when the file was lost or made on another machine."""


@dataclass(frozen=True, slots=True)
class Doors:
    """How to get in."""

    logins: tuple[LoginOf, ...]
    password: str
    api_key: str
    kept_in: Path


def open_doors(*, tenant: House, logins: Sequence[LoginOf], by: Actor, now: datetime) -> Doors:
    """Makes the logins and the API key that are not there yet; the same ones come back at every run.

    The password is written down (readable by its owner only) before the first login has it. A name that somebody else
    uses gets `demo-` before it.
    """
    path = environment().home / FILE
    kept = _read(path)
    if kept.get("tenant") != str(tenant.id):
        kept = {"tenant": str(tenant.id), "password": kept.get("password") or _password(), "logins": {}, "api_key": ""}
        _write(path, kept)
    password: str = kept["password"]
    made: dict[str, str] = kept["logins"]
    doors = []
    for login in logins:
        if login.name not in made:
            made[login.name] = _add(login, password, tenant, by, now)
            _write(path, kept)
        doors.append(replace(login, name=made[login.name] or login.name, known=bool(made[login.name])))
    if not kept["api_key"]:
        with tenant_scope(tenant.id):
            _, kept["api_key"] = add_api_key(name="demo", scopes=list(Scope), by=by, now=now)
        _write(path, kept)
    return Doors(tuple(doors), password, kept["api_key"], path)


def _add(login: LoginOf, password: str, tenant: House, by: Actor, now: datetime) -> str:
    """The name the login got, "" when it exists with a password that is not known here."""
    for name in (login.name, f"demo-{login.name}"):
        try:
            with tenant_scope(tenant.id):
                add_login(name=name, password=password, role=login.role, member_id=login.member_id, by=by, now=now)
        except Refusal as refusal:
            if refusal.kind is not Kind.CONFLICT:
                raise
            found = LoginBackend().authenticate(None, name=name, password=password)
            if found is not None and found.tenant_id == tenant.id:
                return name
        else:
            return name
    return ""


def _password() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(path: Path, kept: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(json.dumps(kept, indent=2) + "\n")
    beside.replace(path)
