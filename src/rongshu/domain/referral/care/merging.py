"""Two promoters that are one person become one: what is to come goes to the heir, what was rated stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection, transaction
from django.db.models.functions import Coalesce

from rongshu.domain.referral.attribution.models import StoreHolder
from rongshu.domain.referral.bonds.models import GIVEN, Bond
from rongshu.domain.referral.care.models import WAITING, WITHDRAWN, PlannedMove, PromoterChange
from rongshu.domain.referral.links.models import CODE, Link
from rongshu.domain.referral.promoters.actions import move_forest
from rongshu.domain.referral.promoters.models import MERGED, Promoter
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import new_id, new_ids
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.actions import hand_over, hold
from rongshu.ledger.books import Book


@dataclass(frozen=True, slots=True)
class Merged:
    """How much a merge moved."""

    links: int
    customers: int
    invited: int
    stores: int


def merge_promoters(*, promoter_id: int, heir_id: int, reason: str, by: Actor, now: datetime) -> Merged:
    """Merges a promoter into another who is the same person: links, codes, customers, stores, whom they invited, orders to come, and what is available or owed.

    What was rated stays rated for whoever it was; what is still pending follows when it is released (`carry_over`). Posted transfers are
    never touched. Raises `missing`, `invalid`, `conflict`: for an heir who does not promote or stands below, for whoever was merged before,
    and while a withdrawal is under way.
    """
    if len(reason.strip()) < 2:
        raise invalid("no_reason", "Say why.", at="reason")
    if promoter_id == heir_id:
        raise invalid("same_promoter", "Name another promoter than the one to be merged.", at="heir")
    with transaction.atomic():
        move_forest()
        source, heir = promoter(promoter_id), promoter(heir_id)
        if source.heir_id is not None or heir.heir_id is not None:
            raise conflict("merged_before", "One of the two was merged into another before.")
        if heir.active_to is not None:
            raise conflict("heir_not_active", "The one who stays has to be active.")
        if _stands_below(heir_id, promoter_id):
            raise conflict(
                "heir_below",
                "The one who stays stands below the other; transfer them first, or merge the other way round.",
            )
        (reserved,) = hold(np.array([promoter_id], dtype=np.int64), (Book.RESERVED,))
        if int(reserved[0]):
            raise conflict(
                "withdrawal_under_way", "A withdrawal of the one to be merged is under way; let it end first."
            )
        words = reason.strip()[:500]
        merged = Merged(
            _move_links(promoter_id, heir_id, words, by, now),
            _move_bonds(promoter_id, heir_id, words, by, now),
            _move_invited(promoter_id, heir_id, words, by, now),
            StoreHolder.objects.filter(promoter_id=promoter_id).update(promoter_id=heir_id),
        )
        PlannedMove.objects.filter(promoter_id=promoter_id, state=WAITING).update(state=WITHDRAWN)
        Promoter.objects.filter(heir_id=promoter_id).update(heir_id=heir_id)
        Promoter.objects.filter(id=promoter_id).update(
            active_to=Coalesce("active_to", now), ended_as=MERGED, heir_id=heir_id
        )
        pair = (np.array([promoter_id], dtype=np.int64), np.array([heir_id], dtype=np.int64))
        hand_over(ref=str(new_id()), sources=pair[0], heirs=pair[1], now=now)
        for who, other, what in ((promoter_id, heir_id, "merged"), (heir_id, promoter_id, "absorbed")):
            PromoterChange.add(promoter_id=who, what=what, other_id=other, text=words, at=now, actor=str(by))
        record(
            "promoter.merged", subject=str(promoter_id), by=by, now=now, heir=str(heir_id), reason=words,
            links=merged.links, customers=merged.customers, invited=merged.invited, stores=merged.stores,
        )  # fmt: skip
        announce("promoter.merged", subjects=[promoter_id, heir_id], now=now)
    return merged


def _stands_below(below: int, above: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE up AS (SELECT %s::bigint AS id UNION SELECT p.inviter_id FROM up "
            "JOIN referral_promoter p ON p.tenant_id = %s AND p.id = up.id WHERE p.inviter_id IS NOT NULL) "
            "SELECT EXISTS (SELECT 1 FROM up WHERE id = %s)",
            [below, current_tenant(), above],
        )
        return bool(cursor.fetchone()[0])


def _move_links(source: int, heir: int, reason: str, by: Actor, now: datetime) -> int:
    mine = Link.objects.filter(promoter_id=source)
    if Link.objects.filter(promoter_id=heir, kind=CODE, disabled_at=None).exists():
        mine.filter(kind=CODE, disabled_at=None).update(kind="link")  # printed already: it goes on leading somewhere
    moved = list(mine.values_list("id", flat=True))
    mine.update(promoter_id=heir)
    if moved:
        with bulk.cursor() as cursor:
            bulk.insert(
                cursor,
                "referral_link_change",
                {"link_id": bulk.int8s(moved), "id": bulk.int8s(new_ids(len(moved)))},
                constants={
                    "tenant_id": current_tenant(), "what": "taken_over", "old_promoter_id": source, "new_promoter_id": heir, "at": now,
                    "actor": str(by), "reason": reason,
                },
            )  # fmt: skip
        announce("link.changed", subjects=moved, now=now)
    return len(moved)


def _move_bonds(source: int, heir: int, reason: str, by: Actor, now: datetime) -> int:
    mine = Bond.objects.filter(promoter_id=source)
    moved = list(mine.values_list("member_id", flat=True))
    mine.update(promoter_id=heir)
    if moved:
        with bulk.cursor() as cursor:
            bulk.insert(
                cursor,
                "referral_bond_change",
                {"member_id": bulk.int8s(moved), "id": bulk.int8s(new_ids(len(moved)))},
                constants={
                    "tenant_id": current_tenant(), "what": GIVEN, "method": "", "old_promoter_id": source, "new_promoter_id": heir,
                    "at": now, "actor": str(by), "reason": reason,
                },
            )  # fmt: skip
    return len(moved)


def _move_invited(source: int, heir: int, reason: str, by: Actor, now: datetime) -> int:
    """Nobody moved stands above the heir, since the heir does not stand below the source: no circle can arise."""
    mine = Promoter.objects.filter(inviter_id=source)
    moved = list(mine.values_list("id", flat=True))
    mine.update(inviter_id=heir)
    if moved:
        with bulk.cursor() as cursor:
            bulk.insert(
                cursor,
                "referral_inviterchange",
                {"promoter_id": bulk.int8s(moved), "id": bulk.int8s(new_ids(len(moved)))},
                constants={
                    "tenant_id": current_tenant(), "old_inviter_id": source, "new_inviter_id": heir, "at": now, "actor": str(by),
                    "reason": reason,
                },
            )  # fmt: skip
    return len(moved)


def carry_over(*, now: datetime) -> int:
    """What was released to merged promoters since, or is owed by them, goes on to their heirs. How many transfers that took."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.heir_id FROM referral_promoter p JOIN ledger_balance b ON b.tenant_id = p.tenant_id AND b.owner = p.id "
            "AND b.book IN (%s, %s) AND b.amount <> 0 WHERE p.tenant_id = %s AND p.heir_id IS NOT NULL "
            "GROUP BY p.id, p.heir_id ORDER BY p.id LIMIT 1000",
            [int(Book.AVAILABLE), int(Book.DEBT), current_tenant()],
        )
        pairs = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    if not len(pairs):
        return 0
    return hand_over(ref=str(new_id()), sources=pairs[:, 0], heirs=pairs[:, 1], now=now)
