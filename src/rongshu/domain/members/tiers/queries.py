from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from rongshu.domain.members.growth.queries import total_of, window_sums_of
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.tiers.models import TierChange, TierStanding, TierVersion
from rongshu.domain.members.tiers.windows import present_window
from rongshu.engine.tiers.frames import Benefits, Ladder, Tier, read_ladder
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.kernel.tenancy.versions import in_force

_KEPT = 256
_READ: dict[tuple[int, int], Ladder] = {}
"""Versions as they were read, by tenant and id; they never change."""
NOTHING = Benefits()


def version_at(now: datetime) -> TierVersion | None:
    """The version that holds at an instant; None where none has begun."""
    return TierVersion.objects.filter(effective_from__lte=now).order_by("-effective_from", "-number").first()


def versions() -> list[TierVersion]:
    """Published versions, newest first; at most a hundred."""
    return list(TierVersion.objects.order_by("-number")[:100])


def ladder_of(version: TierVersion) -> Ladder:
    """What a version says."""
    key = (current_tenant(), version.id)
    found = _READ.get(key)
    if found is None:
        if len(_READ) >= _KEPT:
            _READ.clear()
        found = _READ[key] = read_ladder(version.document)
    return found


def ladder_at(now: datetime) -> Ladder | None:
    """The ladder that holds at an instant; None where the tenant has none."""
    found = in_force(TierVersion, now)
    if found is None:
        return None
    return _READ.get((current_tenant(), found[0])) or ladder_of(TierVersion.objects.get(id=found[0]))


def benefits_of(code: str, *, now: datetime) -> Benefits:
    """What a tier gives at an instant; nothing special for `` or a code the ladder does not know."""
    if not code:
        return NOTHING
    ladder = ladder_at(now)
    found = None if ladder is None else ladder.tier(code)
    return NOTHING if found is None else found.benefits


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands. `window` is the growth value that counts now; `next` the tier above, None at the top."""

    member_id: int
    code: str
    tier: Tier | None
    next: Tier | None
    window: int
    total: int
    since: datetime | None
    kept_until: datetime | None
    grace_until: datetime | None

    @property
    def missing(self) -> int:
        """Growth value to the next tier."""
        return 0 if self.next is None else max(self.next.growth - self.window, 0)


def standing_of(member_id: int, *, now: datetime) -> Standing:
    """Where a member stands now. Raises `missing` for no such member."""
    member = Member.objects.filter(id=member_id).only("id", "tier").first()
    if member is None:
        raise missing("member_unknown", "There is no such member.")
    ladder = ladder_at(now)
    row = TierStanding.objects.filter(member_id=member_id).first()
    tier = None if ladder is None else ladder.tier(member.tier)
    above, window = None, 0
    if ladder is not None:
        at = ladder.index(member.tier) + 1
        above = ladder.tiers[at] if at < len(ladder.tiers) else None
        window = window_sums_of(member_id, *present_window(ladder, now))
    return Standing(
        member_id, member.tier, tier, above, window, total_of(member_id),
        None if row is None else row.since, None if row is None else row.kept_until,
        None if row is None else row.grace_until,
    )  # fmt: skip


def history_of(member_id: int, *, limit: int = 50) -> list[TierChange]:
    """How a member's tier came to be, newest first."""
    return list(TierChange.objects.filter(member_id=member_id).order_by("-id")[:limit])


def holders() -> dict[str, int]:
    """How many members hold each tier. One pass over an index of those who hold any."""
    found = Member.objects.exclude(tier="").values_list("tier").annotate(count=Count("id")).order_by()
    return dict(found)
