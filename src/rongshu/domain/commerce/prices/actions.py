from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rongshu.domain.commerce.prices.models import PriceDraft, PriceVersion
from rongshu.domain.commerce.prices.queries import draft, newest_number
from rongshu.engine.prices.model import Rules
from rongshu.engine.prices.rules import read_rules
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant, lock_background_writing
from rongshu.kernel.tenancy.versions import next_version

Source = str | bytes | Mapping[Any, Any]


def read_for_house(source: Source) -> Rules:
    """Rules in the tenant's currency. Raises PlanError naming each wrong key, `invalid` for another currency."""
    rules = read_rules(source)
    wanted = house().currency
    if rules.currency != wanted:
        raise invalid(
            "price_currency",
            "The price rules are in %(found)s and the tenant works in %(wanted)s.",
            at="currency", found=rules.currency, wanted=wanted,
        )  # fmt: skip
    return rules


def save_draft(*, source: Source, revision: int, by: Actor, now: datetime) -> PriceDraft:
    """Keeps rules that are being written. `revision` is that of the draft that was edited, 0 where there was none.

    Raises PlanError, `invalid`, and `conflict` when somebody else has changed the draft meanwhile.
    """
    rules = read_for_house(source)
    found = PriceDraft.objects.select_for_update().first()
    if (0 if found is None else found.revision) != revision:
        raise conflict("draft_moved", "Somebody else has changed the draft meanwhile; look at it again.")
    based_on = newest_number() if found is None else found.based_on
    saved, _ = PriceDraft.objects.update_or_create(
        tenant_id=current_tenant(),
        defaults={
            "document": rules.canonical(), "based_on": based_on, "revision": revision + 1, "updated_at": now,
            "actor": str(by),
        },
    )  # fmt: skip
    record("price_rules.draft_saved", subject=f"#{based_on}", by=by, now=now, revision=revision + 1)
    return saved  # type: ignore[no-any-return]


def discard_draft(*, by: Actor, now: datetime) -> None:
    """Throws the draft away; nothing happens where there is none."""
    found = PriceDraft.objects.select_for_update().first()
    if found is not None:
        PriceDraft.objects.all().delete()
        record("price_rules.draft_discarded", subject=f"#{found.based_on}", by=by, now=now)


def publish_draft(
    *, revision: int, reason: str, by: Actor, now: datetime, effective_from: datetime | None = None
) -> PriceVersion:
    """Publishes the draft as it was looked at. Raises `conflict` when it has changed since, or another version was published."""
    found = draft()
    if found is None or found.revision != revision:
        raise conflict("draft_moved", "Somebody else has changed the draft meanwhile; look at it again.")
    version = publish_rules(
        source=found.document, reason=reason, by=by, now=now, effective_from=effective_from, instead_of=found.based_on
    )
    PriceDraft.objects.all().delete()
    return version


def publish_rules(
    *,
    source: Source,
    reason: str,
    by: Actor,
    now: datetime,
    effective_from: datetime | None = None,
    instead_of: int | None = None,
) -> PriceVersion:
    """Sets the rules from now on, or from an instant to come. The same rules again, at once, change nothing.

    `instead_of` is the number of the version that was edited (0 for none): `conflict` when another was published since.
    Raises PlanError, `invalid` for another currency or a beginning in the past.
    """
    rules = read_for_house(source)
    lock_background_writing()
    version: PriceVersion
    version, new = next_version(
        PriceVersion, document=rules.canonical(), effective_from=effective_from, instead_of=instead_of,
        moved="prices_moved", by=by, now=now, reason=reason[:500],
    )  # fmt: skip
    if not new:
        return version
    record(
        "price_rules.published", subject=f"#{version.number}", by=by, now=now, reason=reason,
        begins=version.effective_from.isoformat(),
    )  # fmt: skip
    announce("price_rules.published", subjects=[version.id], now=now)
    return version
