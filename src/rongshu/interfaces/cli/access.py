"""Tenants, logins and keys, for whoever installs."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from rongshu.interfaces.cli.output import as_json, fail, out
from rongshu.kernel.access.rules import PORTAL, Role, Scope
from rongshu.kernel.boot import boot, migrate

tenants = typer.Typer(help="Tenants of this installation.", no_args_is_help=True)
logins = typer.Typer(help="Logins of a tenant.", no_args_is_help=True)
keys = typer.Typer(help="API keys of a tenant.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(help="The tenant's slug.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@contextmanager
def _working() -> Iterator[None]:
    from rongshu.kernel.errors import Refusal

    try:
        yield
    except Refusal as refusal:
        fail(str(refusal))


@tenants.command("create")
def create_tenant(
    slug: Slug,
    name: Annotated[str, typer.Option(help="How the tenant is called.")],
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")] = "CNY",
    time_zone: Annotated[str, typer.Option(help="IANA name.")] = "Asia/Shanghai",
    language: Annotated[str, typer.Option(help="zh-hans or en.")] = "zh-hans",
) -> None:
    """Found a tenant."""
    boot()
    migrate()
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.founding import found_tenant
    from rongshu.kernel.tenancy.models import Tenant
    from rongshu.kernel.tenancy.scope import system_scope

    with _working():
        with system_scope():
            if Tenant.objects.filter(slug=slug).exists():
                fail(f"There is a tenant {slug} already.")
        found_tenant(
            slug=slug,
            name=name,
            currency=currency,
            time_zone=time_zone,
            language=language,
            by=COMMAND_LINE,
            now=utc_now(),
        )
    out.print(
        f"Tenant {slug} is founded. Next: rongshu login add {slug} --name you@example.com --role owner", markup=False
    )


@tenants.command("list")
def list_tenants(json: Json = False) -> None:
    """The tenants."""
    boot()
    from rongshu.kernel.tenancy.queries import every_house

    houses = every_house()
    if json:
        as_json(
            [
                {"slug": house.slug, "name": house.name, "currency": house.currency, "time_zone": str(house.zone)}
                for house in houses
            ]
        )
        return
    for house in houses:
        out.print(f"{house.slug}\t{house.name}\t{house.currency}\t{house.zone}", markup=False)


@logins.command("add")
def add_login(
    slug: Slug,
    name: Annotated[str, typer.Option(help="What they sign in with: an e-mail address, a phone number or a word.")],
    role: Annotated[Role, typer.Option(help="What they may do.")],
    member: Annotated[str | None, typer.Option(help="For a promoter: the member (external id, phone, e-mail).")] = None,
    password: Annotated[
        str | None, typer.Option(help="Made up and shown once when left out.", envvar="RONGSHU_PASSWORD")
    ] = None,
) -> None:
    """Add a login."""
    boot()
    from rongshu.domain.members.profiles.queries import find_member
    from rongshu.kernel.access import actions
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.tenancy.queries import house_by_slug
    from rongshu.kernel.tenancy.scope import tenant_scope

    if (role in PORTAL) != (member is not None):
        fail("A promoter's or member's login needs --member, and no other role has one.")
    chosen = password or secrets.token_urlsafe(12)
    with _working(), tenant_scope(house_by_slug(slug).id):
        member_id = None if member is None else find_member(member).id
        actions.add_login(name=name, password=chosen, role=role, member_id=member_id, by=COMMAND_LINE, now=utc_now())
    out.print(
        f"Login {name} ({role}) is added." + ("" if password else f" Password, shown once: {chosen}"), markup=False
    )


@logins.command("password")
def set_password(
    slug: Slug,
    name: Annotated[str, typer.Option(help="The login's name.")],
    password: Annotated[
        str | None, typer.Option(help="Made up and shown once when left out.", envvar="RONGSHU_PASSWORD")
    ] = None,
) -> None:
    """Give a login a new password. Its open sessions end."""
    boot()
    from rongshu.kernel.access import actions
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.tenancy.queries import house_by_slug
    from rongshu.kernel.tenancy.scope import tenant_scope

    chosen = password or secrets.token_urlsafe(12)
    with _working(), tenant_scope(house_by_slug(slug).id):
        actions.set_password(name=name, password=chosen, by=COMMAND_LINE, now=utc_now())
    out.print("The password is set." + ("" if password else f" Shown once: {chosen}"), markup=False)


@keys.command("add")
def add_key(
    slug: Slug,
    name: Annotated[str, typer.Option(help="What the key is for.")],
    scope: Annotated[list[Scope] | None, typer.Option(help="What it opens; repeat. All when left out.")] = None,
    json: Json = False,
) -> None:
    """Make an API key. It is shown once."""
    boot()
    from rongshu.kernel.access.actions import add_api_key
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.ids import outside
    from rongshu.kernel.tenancy.queries import house_by_slug
    from rongshu.kernel.tenancy.scope import tenant_scope

    with _working(), tenant_scope(house_by_slug(slug).id):
        key, secret = add_api_key(name=name, scopes=scope or list(Scope), by=COMMAND_LINE, now=utc_now())
    if json:
        as_json({"id": outside("key", key.id), "key": secret, "scopes": key.scopes})
    else:
        out.print(f"{outside('key', key.id)}\n{secret}", markup=False)


@keys.command("revoke")
def revoke_key(slug: Slug, key: Annotated[str, typer.Argument(help="The key's id (key_…).")]) -> None:
    """End an API key, for good."""
    boot()
    from rongshu.kernel.access.actions import revoke_api_key
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.ids import inside
    from rongshu.kernel.tenancy.queries import house_by_slug
    from rongshu.kernel.tenancy.scope import tenant_scope

    with _working(), tenant_scope(house_by_slug(slug).id):
        revoke_api_key(key_id=inside("key", key) or 0, by=COMMAND_LINE, now=utc_now())
    out.print("The key is revoked.", markup=False)
