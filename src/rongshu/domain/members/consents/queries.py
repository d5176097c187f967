from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Max

from rongshu.domain.members.consents.models import Consent, ConsentNow, ConsentText


def text_numbers() -> dict[str, int]:
    """The number of the latest text by purpose; a purpose with none of the tenant's has the product's own, 0."""
    return dict(ConsentText.objects.values("purpose").annotate(latest=Max("number")).values_list("purpose", "latest"))


def texts_in_force() -> dict[str, ConsentText]:
    """The tenant's latest text by purpose; purposes with the product's own are left out."""
    return {one.purpose: one for one in ConsentText.objects.order_by("number")}


def consents_of(member_ids: Sequence[int]) -> dict[int, dict[str, ConsentNow]]:
    """The latest word by member and purpose; a purpose nobody spoke of is left out."""
    found: dict[int, dict[str, ConsentNow]] = {one: {} for one in member_ids}
    for row in ConsentNow.objects.filter(member_id__in=list(member_ids)):
        found[row.member_id][row.purpose] = row
    return found


def history_of(member_id: int, *, limit: int = 50) -> list[Consent]:
    """Every giving and withdrawing of a member, the latest first."""
    return list(Consent.objects.filter(member_id=member_id).order_by("-id")[:limit])


def withdrawn_by(member_ids: Sequence[int], purpose: str) -> set[int]:
    """Who of these members took a purpose back, or said no to it."""
    rows = ConsentNow.objects.filter(member_id__in=list(member_ids), purpose=purpose, given=False)
    return set(rows.values_list("member_id", flat=True))
