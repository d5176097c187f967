"""The commands, by name. Those that need Django boot it themselves, so that `--help` and `simulate` start at once."""

from __future__ import annotations

import typer

from rongshu.interfaces.cli import (
    access,
    demo,
    doctor,
    evidence,
    explain,
    imports,
    lint,
    members,
    plans,
    promoters,
    sandbox,
    simulate,
    transparency,
    up,
    verify,
    withhold,
)
from rongshu.interfaces.cli.bench import commands as bench

application = typer.Typer(
    name="rongshu",
    help="Membership and referral distribution for brands: exact, explained commission.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

application.command("up")(up.up)
application.command("demo")(demo.demo)
application.command("import")(imports.import_file)
application.command("simulate")(simulate.simulate)
application.command("explain")(explain.explain)
application.command("evidence")(evidence.evidence)
application.command("check-evidence")(evidence.check_evidence)
application.command("check-balance")(transparency.check_balance)
application.command("lint")(lint.lint)
application.command("withhold")(withhold.withhold)
application.command("sandbox")(sandbox.sandbox)
application.command("verify")(verify.verify)
application.command("doctor")(doctor.doctor)
application.command("worker")(up.worker)
application.command("migrate")(up.migrate_only)
application.add_typer(bench.commands, name="bench")
application.add_typer(access.tenants, name="tenant")
application.add_typer(plans.plans, name="plan")
application.add_typer(members.members, name="member")
application.add_typer(promoters.promoters, name="promoter")
application.add_typer(access.logins, name="login")
application.add_typer(access.keys, name="key")
