from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from rongshu.domain.members.cards.doors import Doors, checked, document_of
from rongshu.domain.members.cards.models import APPROVED, REFUSED, WAITING, Card, CardRequest, CardVersion
from rongshu.domain.members.cards.queries import card_of, doors_now, first_doors_at, request_of
from rongshu.domain.members.profiles.models import Member
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.ids import outside
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.scope import current_tenant

MOST_DECIDED = 200


def publish_doors(*, doors: Doors, by: Actor, now: datetime) -> CardVersion:
    """These doors lead to a card from now on; cards that were given stay. Raises `invalid`, `conflict` when somebody else just did."""
    found = doors_now()
    number = 1 if found is None else found[0] + 1
    try:
        with transaction.atomic():
            made = CardVersion.add(number=number, document=document_of(checked(doors)), at=now, actor=str(by))
    except IntegrityError:
        raise conflict("changed_meanwhile", "Somebody else changed this meanwhile. Look at it again.") from None
    record("card.doors", subject=str(number), by=by, now=now)
    return made


def give_card(*, member_id: int, way: str, invited_by: int | None = None, by: Actor, now: datetime) -> Card:
    """The member's card; whoever has one keeps it. Raises `missing`."""
    found = card_of(member_id)
    if found is not None:
        return found
    if not Member.objects.filter(id=member_id).exists():
        raise missing("unknown_member", "There is no such member.")
    doors = doors_now()
    made, new = Card.objects.get_or_create(
        tenant_id=current_tenant(), member_id=member_id,
        defaults={
            "number": _number(), "way": way, "invited_by": invited_by, "version": 0 if doors is None else doors[0], "got_at": now,
        },
    )  # fmt: skip
    if new:
        CardRequest.objects.filter(member_id=member_id, state=WAITING).update(
            state=APPROVED, decided_by=str(by), decided_at=now
        )
        record("card.given", subject=outside("mem", member_id), by=by, now=now, way=way)
        announce("card.given", subjects=[member_id], now=now)
    return made  # type: ignore[no-any-return]


def give_cards(
    *, members: Sequence[int], ways: Sequence[str], instants: Sequence[datetime], by: Actor, now: datetime
) -> int:
    """A card each as of an instant, by a way each, to those who have none; how many are new."""
    doors = doors_now()
    cards = [
        Card(
            tenant_id=current_tenant(), member_id=member, number=_number(), way=way, version=0 if doors is None else doors[0], got_at=at,
        )
        for member, way, at in zip(members, ways, instants, strict=True)
    ]  # fmt: skip
    Card.objects.bulk_create(cards, ignore_conflicts=True)
    mine = [one.number for one in cards]
    new = sorted(Card.objects.filter(number__in=mine).values_list("member_id", flat=True))
    if new:
        CardRequest.objects.filter(member_id__in=new, state=WAITING).update(
            state=APPROVED, decided_by=str(by), decided_at=now
        )
        record("cards.given", subject=", ".join(outside("mem", one) for one in new[:5]), by=by, now=now, count=len(new))
        announce("card.given", subjects=new, now=now)
    return len(new)


def held_card(*, member_id: int, now: datetime) -> Card | None:
    """The member's card; of somebody who was a member before the first doors it is made now. None for somebody without."""
    found = card_of(member_id)
    began, doors = first_doors_at(), doors_now()
    if found is not None or began is None or doors is None or not doors[1].present:
        return found
    joined = Member.objects.filter(id=member_id).values_list("created_at", flat=True).first()
    if joined is None or joined >= began:
        return None
    made, _new = Card.objects.get_or_create(
        tenant_id=current_tenant(), member_id=member_id,
        defaults={"number": _number(), "way": "before", "version": 0, "got_at": joined},
    )  # fmt: skip
    return made  # type: ignore[no-any-return]


def ask_card(*, member_id: int, said: str, by: Actor, now: datetime) -> CardRequest:
    """Waits for the operators; again while it waits is the same request. Raises `invalid` for long words, `conflict` with a card."""
    if len(said) > 500:
        raise invalid("too_long", "At most %(most)s letters.", at="said", most=500)
    if card_of(member_id) is not None:
        raise conflict("has_card", "You have the card already.")
    waiting = request_of(member_id)
    if waiting is not None and waiting.state == WAITING:
        return waiting
    made, new = CardRequest.objects.get_or_create(
        tenant_id=current_tenant(), member_id=member_id, state=WAITING, defaults={"said": said, "asked_at": now}
    )
    if new:
        record("card.asked", subject=outside("mem", member_id), by=by, now=now)
    return made  # type: ignore[no-any-return]


def decide(*, requests: Sequence[int], approve: bool, reason: str, by: Actor, now: datetime) -> int:
    """Says yes or no to those that still wait; how many. A no needs its reason, which the member reads. Raises `invalid`."""
    if not 1 <= len(requests) <= MOST_DECIDED:
        raise invalid("request_count", "Choose 1 to %(most)s requests.", at="requests", most=MOST_DECIDED)
    if not approve and not 1 <= len(reason.strip()) <= 500:
        raise invalid("no_reason", "Say why; the member reads it.", at="reason")
    waiting = list(CardRequest.objects.select_for_update().filter(id__in=list(requests), state=WAITING).order_by("id"))
    for one in waiting:
        if approve:
            give_card(member_id=one.member_id, way="approve", by=by, now=now)
        else:
            one.state, one.reason, one.decided_by, one.decided_at = REFUSED, reason.strip(), str(by), now
            one.save()
            record("card.refused", subject=outside("mem", one.member_id), by=by, now=now, reason=one.reason)
    if waiting and not approve:
        announce("card.refused", subjects=[one.id for one in waiting], now=now)
    return len(waiting)


def _number() -> str:
    """Fifteen digits by chance and their check digit."""
    digits = f"{secrets.randbelow(9 * 10**14) + 10**14}"
    total = sum(sum(divmod(int(one) * (2 - at % 2), 10)) for at, one in enumerate(digits))
    return f"{digits}{-total % 10}"
