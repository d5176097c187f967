from __future__ import annotations

from datetime import datetime

from rongshu.domain.commerce.prices.models import PriceDraft, PriceVersion
from rongshu.engine.prices.model import Rules
from rongshu.engine.prices.rules import read_rules
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.kernel.tenancy.versions import in_force

_KEPT = 256
_READ: dict[tuple[int, int], Rules] = {}
"""Versions as they were read, by tenant and id; they never change."""


def version_in_force(at: datetime) -> PriceVersion | None:
    """The version that holds at an instant; None where none has begun."""
    begun = PriceVersion.objects.filter(effective_from__lte=at)
    return begun.order_by("-effective_from", "-number").first()


def rules_at(at: datetime) -> tuple[int, Rules]:
    """The rules that hold at an instant and the number of their version; 0 and no rules where none was published."""
    found = in_force(PriceVersion, at)
    if found is None:
        return 0, Rules(currency=house().currency)
    identifier, number = found
    return number, _READ.get((current_tenant(), identifier)) or rules_of(version(number))


def rules_of(version: PriceVersion) -> Rules:
    """What a version says."""
    key = (version.tenant_id, version.id)
    found = _READ.get(key)
    if found is None:
        if len(_READ) >= _KEPT:
            _READ.clear()
        found = _READ[key] = read_rules(version.document)
    return found


def newest_number() -> int:
    """Number of the version published last, begun or not; 0 for none."""
    return PriceVersion.objects.order_by("-number").values_list("number", flat=True).first() or 0


def version(number: int) -> PriceVersion:
    """A version by its number. Raises `missing`."""
    found = PriceVersion.objects.filter(number=number).first()
    if found is None:
        raise missing("no_price_version", "There is no version %(number)s of the price rules.", number=number)
    return found  # type: ignore[no-any-return]


def versions(*, below: int | None = None, limit: int = 50) -> list[PriceVersion]:
    """Published versions, latest first; `below` is the number of the page before's last."""
    rows = PriceVersion.objects.all() if below is None else PriceVersion.objects.filter(number__lt=below)
    return list(rows.order_by("-number")[:limit])


def draft() -> PriceDraft | None:
    """The rules being written."""
    return PriceDraft.objects.first()


def draft_rules(found: PriceDraft) -> Rules:
    """What a draft says."""
    return read_rules(found.document)
