from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from rongshu.domain.members.cards.doors import Doors, doors_of
from rongshu.domain.members.cards.models import WAITING, Card, CardRequest, CardVersion
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.scope import current_tenant


def doors_now() -> tuple[int, Doors] | None:
    """The number and the doors in force; None while everybody is a member without a card."""
    found = CardVersion.objects.order_by("-number").first()
    return None if found is None else (found.number, doors_of(found.document))


def first_doors_at() -> datetime | None:
    """When a card began to mean something."""
    found: datetime | None = CardVersion.objects.order_by("number").values_list("at", flat=True).first()
    return found


def card_versions(limit: int = 20) -> list[CardVersion]:
    """The latest first."""
    return list(CardVersion.objects.order_by("-number")[:limit])


def card_by_number(number: str) -> Card:
    """The card with a number. Raises `missing`."""
    found = Card.objects.filter(number="".join(number.split())).first()
    if found is None:
        raise missing("unknown_card", "There is no such card.")
    return found  # type: ignore[no-any-return]


def card_of(member_id: int) -> Card | None:
    """The card a member has a row of."""
    return Card.objects.filter(member_id=member_id).first()


def request_of(member_id: int) -> CardRequest | None:
    """The latest request of a member."""
    return CardRequest.objects.filter(member_id=member_id).order_by("-id").first()


def requests(*, state: str = WAITING, before: int | None = None, limit: int = 50) -> list[CardRequest]:
    """Requests of a state, latest first; `before` is the page before's last."""
    rows = CardRequest.objects.filter(state=state)
    return list((rows if before is None else rows.filter(id__lt=before)).order_by("-id")[:limit])


def count_waiting(most: int = 100) -> int:
    """How many wait for a decision, counted up to `most`."""
    return CardRequest.objects.filter(state=WAITING)[:most].count()


def without_card(members: Sequence[int], instants: Sequence[datetime]) -> list[bool]:
    """Of each pair whether the member held no card at the instant; all False while there are no doors, or before there were."""
    began = first_doors_at()
    doors = doors_now()
    if began is None or doors is None:
        return [False] * len(members)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.at >= %s AND NOT EXISTS (SELECT 1 FROM members_card c WHERE c.tenant_id = %s AND c.member_id = u.id "
            " AND c.got_at <= u.at) AND NOT (%s AND EXISTS (SELECT 1 FROM members_member m WHERE m.tenant_id = %s AND m.id = u.id "
            " AND m.created_at < %s)) FROM unnest(%s::bigint[], %s::timestamptz[]) WITH ORDINALITY AS u (id, at, n) ORDER BY u.n",
            [began, current_tenant(), doors[1].present, current_tenant(), began, list(members), list(instants)],
        )
        return [bool(row[0]) for row in cursor.fetchall()]
