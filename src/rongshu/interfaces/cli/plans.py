"""`rongshu plan`: the versions of a tenant, for whoever runs the installation."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from rongshu.interfaces.cli.output import as_json, fail, out
from rongshu.kernel.boot import boot

plans = typer.Typer(help="Plan versions of a tenant.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(help="The tenant's slug.")]
TIME = "%Y-%m-%dT%H:%M"


@plans.command("show")
def show(slug: Slug, json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """The published versions, withdrawn ones too."""
    boot()
    from rongshu.domain.commission.plans.queries import versions, withdrawals
    from rongshu.kernel.errors import Refusal
    from rongshu.kernel.tenancy.queries import house_by_slug
    from rongshu.kernel.tenancy.scope import tenant_scope

    try:
        house = house_by_slug(slug)
    except Refusal as refusal:
        fail(str(refusal))
    with tenant_scope(house.id):
        gone = {one.number: how.reason for one, how in withdrawals()}
        found = sorted((*versions().versions, *(one for one, _how in withdrawals())), key=lambda one: one.number)
    rows = [
        {
            "number": one.number,
            "name": one.name,
            "effective_from": one.effective_from.astimezone(house.zone).isoformat(timespec="minutes"),
            "withdrawn": gone.get(one.number),
        }
        for one in found
    ]
    if json:
        as_json(rows)
        return
    for row in rows:
        end = "" if row["withdrawn"] is None else f"\twithdrawn: {row['withdrawn']}"
        out.print(f"{row['number']}\t{row['name']}\t{row['effective_from']}{end}", markup=False)


@plans.command("publish")
def publish(
    slug: Slug,
    plan: Annotated[Path, typer.Argument(help="The plan, YAML or JSON.")],
    reason: Annotated[str, typer.Option(help="Why warnings of the check are accepted; it is kept.")],
    begins: Annotated[
        datetime | None,
        typer.Option("--from", formats=[TIME], help="In the tenant's time zone; at once when left out."),
    ] = None,
) -> None:
    """Publish a version alone. What the check blocks is refused here too."""
    boot()
    from rongshu.domain.commission.plans.actions import PlanError
    from rongshu.domain.commission.reviews.actions import publish_alone
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.errors import Refusal
    from rongshu.kernel.tenancy.queries import house_by_slug
    from rongshu.kernel.tenancy.scope import tenant_scope

    now = utc_now()
    try:
        text = plan.read_text("utf-8")
        house = house_by_slug(slug)
        start = now if begins is None else begins.replace(tzinfo=house.zone)
        with tenant_scope(house.id):
            version = publish_alone(text=text, effective_from=start, reason=reason, by=COMMAND_LINE, now=now)
    except (OSError, UnicodeDecodeError, PlanError, Refusal) as error:
        fail(f"{plan}: {error}")
    out.print(f"Version {version.number} of {slug} is published, in force from {start.isoformat(timespec='minutes')}.")


@plans.command("withdraw")
def withdraw(
    slug: Slug,
    number: Annotated[int, typer.Argument(help="The version.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept.")],
) -> None:
    """Withdraw a scheduled version before it takes effect."""
    boot()
    from rongshu.domain.commission.plans.actions import withdraw_version
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.errors import Refusal
    from rongshu.kernel.tenancy.queries import house_by_slug
    from rongshu.kernel.tenancy.scope import tenant_scope

    try:
        with tenant_scope(house_by_slug(slug).id):
            withdraw_version(number=number, reason=reason, by=COMMAND_LINE, now=utc_now())
    except Refusal as refusal:
        fail(str(refusal))
    out.print(f"Version {number} of {slug} is withdrawn; it rates nothing.")
