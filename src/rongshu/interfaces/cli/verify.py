from __future__ import annotations

from typing import Annotated

import typer

from rongshu.interfaces.cli.output import as_json, fail, out
from rongshu.kernel.boot import boot


def verify(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant (its slug).")] = None,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Recompute every invariant of the books from the rows themselves. Exit 1 when something differs."""
    boot()
    from rongshu.flows.verify import verify_tenant
    from rongshu.kernel.errors import Refusal
    from rongshu.kernel.tenancy.queries import every_house, house_by_slug

    try:
        houses = every_house() if tenant is None else [house_by_slug(tenant)]
    except Refusal as refusal:
        fail(str(refusal))
    verdicts = {house.slug: verify_tenant(house.id) for house in houses}
    accounts = sum(verdict.accounts for verdict in verdicts.values())
    transfers = sum(verdict.transfers for verdict in verdicts.values())
    differences = sum(verdict.differences for verdict in verdicts.values())
    if json:
        as_json(
            {
                "accounts": accounts,
                "transfers": transfers,
                "differences": differences,
                "findings": [
                    {
                        "tenant": slug,
                        "invariant": found.name,
                        "examined": found.examined,
                        "differences": found.differences,
                        "examples": list(found.examples),
                    }
                    for slug, verdict in verdicts.items()
                    for found in verdict.findings
                ],
            }
        )
    else:
        for slug, verdict in verdicts.items():
            for found in verdict.findings:
                if found.differences:
                    out.print(f"{slug}: {found.name}: {found.differences} of {found.examined} differ", markup=False)
                    for example in found.examples:
                        out.print(f"  {example}", markup=False)
        out.print(f"{accounts} accounts, {transfers} transfers, {differences} differences", markup=False)
    raise SystemExit(1 if differences else 0)
