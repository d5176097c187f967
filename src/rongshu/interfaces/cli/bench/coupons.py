"""A million codes of coupons made in one transaction, beside the very same rows by COPY."""

from __future__ import annotations

from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from rongshu.interfaces.cli.bench.installation import installation

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def run(*, codes: int) -> dict[str, Any]:
    """Measures the seconds of making so many codes, and the ratio to the bare COPY of their rows."""
    with installation() as found:
        return _measured(found(slug="bench", now=NOW), codes)


def _measured(tenant: int, codes: int) -> dict[str, Any]:
    from rongshu.domain.commerce.coupons.actions import Terms, make_codes, make_kind
    from rongshu.interfaces.cli.bench.limit import copied_again
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.tenancy.scope import tenant_scope

    with tenant_scope(tenant):
        terms = Terms(name="bench", kind="fixed", amount=100, valid_from=NOW)
        kind = make_kind(terms=terms, by=COMMAND_LINE, now=NOW)
        make_codes(kind_id=kind.id, count=1_000, name="warm", ref="warm", by=COMMAND_LINE, now=NOW)
    begin = perf_counter()
    with tenant_scope(tenant):
        made = make_codes(kind_id=kind.id, count=codes, name="bench", ref="bench", by=COMMAND_LINE, now=NOW)
    seconds = perf_counter() - begin
    rows, limit = copied_again({"commerce_couponcode": f"WHERE batch_id = {made.id}"})
    return {"codes": rows, "seconds": seconds, "limit_seconds": limit, "ratio": seconds / limit}
