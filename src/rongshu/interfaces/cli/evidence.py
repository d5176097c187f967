"""`rongshu evidence`: the signed bundle of an order or of a reward. `rongshu check-evidence`: whether one is true, from the file alone."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rongshu.interfaces.cli.output import as_json as print_json
from rongshu.interfaces.cli.output import fail, out
from rongshu.kernel.ids import inside

if TYPE_CHECKING:
    from rongshu.domain.commission.evidence.sealing import Checked

DIFFERS = 1
"""Exit code of a file that does not hold."""


def evidence(
    order: Annotated[
        str,
        typer.Argument(
            help="ord_…, source:external id, or the external id alone; or per_… of a closed period, with --promoter."
        ),
    ],
    to: Annotated[Path, typer.Option("--out", help="Where to: a name ending in .json or .pdf.")],
    promoter: Annotated[
        str | None,
        typer.Option(help="mem_… or external id: a proof for this promoter, in which everybody else is a place."),
    ] = None,
    tenant: Annotated[str | None, typer.Option(help="The tenant's slug; needed where there are several.")] = None,
    language: Annotated[
        str | None, typer.Option(help="Of the PDF: zh-hans or en; the tenant's own by default.")
    ] = None,
) -> None:
    """Write all that is needed to recompute an order's commissions, or a promoter's reward of a period, signed.

    Exit code 0, or 2 when there is no such order, promoter or tenant, or the file cannot be written.
    """
    if to.suffix not in (".json", ".pdf"):
        fail(f"{to}: the name must end in .json or .pdf")
    period = inside("per", order)
    if period is not None and promoter is None:
        fail(f"{order}: a reward is somebody's; name the promoter with --promoter")
    from rongshu.kernel.boot import boot

    boot()
    from rongshu.domain.commerce.orders.queries import find_order
    from rongshu.domain.commission.evidence.actions import make_evidence, make_reward_evidence
    from rongshu.domain.members.profiles.queries import find_member
    from rongshu.interfaces.cli.explain import house_named, refused
    from rongshu.interfaces.faces.proof import pdf_of
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.errors import Refusal
    from rongshu.kernel.founding import LANGUAGES
    from rongshu.kernel.tenancy.scope import tenant_scope

    if language is not None and language not in LANGUAGES:
        fail(f"{language}: the languages are {', '.join(LANGUAGES)}")
    speak = language or "en"
    try:
        house = house_named(tenant)
        speak = language or house.language
        with tenant_scope(house.id):
            who = None if promoter is None else find_member(promoter).id
            if period is not None and who is not None:
                bundle = make_reward_evidence(period_id=period, promoter_id=who, by=COMMAND_LINE, now=utc_now())
            else:
                bundle = make_evidence(order_id=find_order(order), promoter_id=who, by=COMMAND_LINE, now=utc_now())
            content = bundle.content if to.suffix == ".json" else pdf_of(bundle, speak)
            to.write_bytes(content)
    except Refusal as refusal:
        fail(refused(refusal, speak))
    except OSError as error:
        fail(f"{to}: {error.strerror}")
    out.print(f"{to}  SHA-256 {bundle.digest}", markup=False, soft_wrap=True)


def check_evidence(
    file: Annotated[Path, typer.Argument(help="The .json file of a bundle.")],
    key: Annotated[
        str | None, typer.Option(help="The public key it must be signed by, as its installation publishes it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Verify the signature of a bundle, of an order or of a reward, and recompute it, without a server and without a database.

    Exit code 0 when everything holds, 1 when something does not, 2 when the file cannot be read.
    """
    from rongshu.domain.commission.evidence.sealing import checked

    try:
        found = checked(file.read_bytes(), key=key)
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    if as_json:
        told = {name: value for name, value in asdict(found).items() if name != "document"}
        print_json({"sound": found.sound, "key_name": found.key_name, **told})
    else:
        for good, text in _findings(found, key):
            sign, style = _SIGNS[good]
            out.print(f"{sign} {text}", markup=False, soft_wrap=True, style=style)
    if not found.sound:
        raise SystemExit(DIFFERS)


_SIGNS = {True: ("✓", "green"), False: ("✗", "red"), None: ("·", "default")}
"""Holds, does not hold, is only told."""


_RECOMPUTED = {
    "order": "recomputed: all %s rows come out as written, with their reversals and accruals",
    "period": "recomputed: all %s order lines and runs come out as written, with their transfers",
}


def _findings(found: Checked, key: str | None) -> list[tuple[bool | None, str]]:
    if found.readable:
        return [(False, found.readable)]
    from rongshu.domain.commission.evidence.sealing import SUBJECTS

    document = found.document or {}
    about = SUBJECTS[document["format"]]
    whose = f" of {document['promoter']}" if about == "period" else ""
    lines: list[tuple[bool | None, str]] = [(None, f"{about} {document[about]}{whose}, made at {document['made_at']}")]
    signed = "the signature holds" if found.signature else "the signature does not hold: something was changed"
    lines.append((found.signature, f"{signed} (key {found.key_name})"))
    if key is None:
        lines.append((None, f"compare the public key with the published one: {found.key}"))
    else:
        by_whom = "it is the key you named" if found.expected_key else "another key than the one you named"
        lines.append((bool(found.expected_key), by_whom))
    if not found.form:
        lines.append((False, "the bytes are not as they were signed: another program wrote the file anew"))
    if found.wrong_hashes:
        lines.append((False, f"hashes that do not fit their parts: {', '.join(found.wrong_hashes)}"))
    if found.malformed:
        lines.append((False, f"cannot be recomputed: {found.malformed}"))
    elif not found.differences:
        lines.append((True, _RECOMPUTED[about] % found.rows))
        if about == "period" and (units := document["parts"]["figures"]["open"]).strip("-0."):
            lines.append((None, f"{units} more is due since and carried into the next close"))
    lines.extend(
        (
            False,
            f"{one.where}, {one.field}: the file says {_said(one.said)}, its own parts compute {_said(one.computed)}",
        )
        for one in found.differences
    )
    return lines


def _said(value: Any) -> str:
    return "nothing" if value is None else str(value)
