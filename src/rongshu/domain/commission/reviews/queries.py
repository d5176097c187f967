from __future__ import annotations

from collections.abc import Collection

from rongshu.domain.commission.reviews.models import WAITING, PlanReview
from rongshu.kernel.access.queries import count_logins_with
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import missing


def two_persons() -> bool:
    """Whether a plan needs a second person: as soon as two logins of the tenant may decide about one."""
    return count_logins_with(Permission.APPROVE_PLANS) > 1


def review(identifier: int) -> PlanReview:
    """A request for review, decided or not. Raises `missing`."""
    found = PlanReview.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_review", "There is no such request for review.")
    return found  # type: ignore[no-any-return]


def waiting_reviews() -> list[PlanReview]:
    """What waits for a second person, the longest waiting first."""
    return list(PlanReview.objects.filter(state=WAITING).order_by("id")[:100])


def count_waiting() -> int:
    """How many wait for a second person."""
    return PlanReview.objects.filter(state=WAITING).count()


def reviews_for(who: str, limit: int | None = None) -> list[PlanReview]:
    """What waits and `who` (an actor who may decide) may decide about, the longest waiting first: not their own while there is
    somebody else."""
    found = PlanReview.objects.filter(state=WAITING).order_by("id")
    if two_persons():
        found = found.exclude(authors__contains=[who])
    return list(found.defer("text", "looked")[:limit])


def last_review_of(draft_id: int) -> PlanReview | None:
    """The latest request for review of a draft; None when it was never asked."""
    return PlanReview.objects.filter(draft_id=draft_id).order_by("-id").first()


def last_reviews_of(drafts: Collection[int]) -> dict[int, PlanReview]:
    """The latest request for review of each draft that was ever laid before somebody."""
    rows = PlanReview.objects.filter(draft_id__in=list(drafts)).order_by("draft_id", "-id").distinct("draft_id")
    return {row.draft_id: row for row in rows}


def reviews_of_versions(versions: Collection[int]) -> dict[int, PlanReview]:
    """How versions came to be published, by their ids; those published at the founding or by the demo have none."""
    return {one.version_id: one for one in PlanReview.objects.filter(version_id__in=list(versions))}
