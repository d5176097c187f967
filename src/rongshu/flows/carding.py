"""The doors to the member card, where they need what members bought or who invited them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rongshu.domain.commerce.purchases.models import Purchases
from rongshu.domain.members.cards.actions import ask_card, give_card, give_cards, held_card
from rongshu.domain.members.cards.doors import Doors
from rongshu.domain.members.cards.models import REFUSED, WAITING, Card, CardRequest
from rongshu.domain.members.cards.queries import card_by_number, doors_now, request_of, without_card
from rongshu.kernel import bulk, copying
from rongshu.kernel.actor import Actor
from rongshu.kernel.errors import Refusal, conflict
from rongshu.kernel.outbox.actions import Event
from rongshu.kernel.tenancy.scope import current_tenant


@dataclass(frozen=True, slots=True)
class CardStanding:
    """How far a member is with the card. Money in minor units."""

    card: Card | None
    doors: Doors | None
    """None: the brand has no card."""
    spent: int = 0
    """Paid in all, refunds off."""
    bought: bool = False
    invited: bool = False
    waiting: bool = False
    refused: str = ""
    """Why the last request was refused."""

    @property
    def way(self) -> str:
        """The door that is open to them; empty for none."""
        doors = self.doors
        if doors is None:
            return ""
        for way, opens in (
            ("claim", doors.claim),
            ("invite", doors.invite and self.invited),
            ("buy", self.bought),
            ("spend", 0 < doors.spend <= self.spent),
        ):
            if opens:
                return way
        return ""


def card_standing(*, member_id: int, invited_by: int | None = None, now: datetime) -> CardStanding:
    """What a member has and what is missing."""
    found, held = doors_now(), held_card(member_id=member_id, now=now)
    if found is None:
        return CardStanding(held, None)
    doors, last = found[1], request_of(member_id)
    return CardStanding(
        held,
        doors,
        spent=_spent(member_id),
        bought=bool(doors.buy) and bool(_buyers([member_id], doors.buy)),
        invited=invited_by is not None and invited_by != member_id,
        waiting=last is not None and last.state == WAITING,
        refused=last.reason if last is not None and last.state == REFUSED else "",
    )


def inviter_by(number: str, *, now: datetime) -> int | None:
    """Whose card has this number; None for nobody's."""
    try:
        return card_by_number(number).member_id if number else None
    except Refusal:
        return None


def open_card(*, member_id: int, invited_by: int | None = None, by: Actor, now: datetime) -> Card:
    """The card by the first door that is open to the member; whoever has one gets the same again. Raises `conflict` where none is."""
    stands = card_standing(member_id=member_id, invited_by=invited_by, now=now)
    if stands.card is not None:
        return stands.card
    if stands.doors is None:
        raise conflict("no_card", "This brand has no member card.")
    if not stands.way:
        raise conflict("doors_shut", "No way to the card is open to you yet.")
    inviter = invited_by if stands.way == "invite" else None
    return give_card(member_id=member_id, way=stands.way, invited_by=inviter, by=by, now=now)


def apply_for_card(*, member_id: int, said: str, by: Actor, now: datetime) -> CardRequest:
    """Asks the operators. Raises `conflict` where they decide nothing, or where the member holds a card."""
    found = doors_now()
    if found is None or not found[1].approve:
        raise conflict("no_requests", "The brand takes no requests for its card.")
    if held_card(member_id=member_id, now=now) is not None:
        raise conflict("has_card", "You have the card already.")
    return ask_card(member_id=member_id, said=said, by=by, now=now)


def give_for_orders(event: Event) -> None:
    """Whoever spent enough or bought what leads to the card holds it as of the order that did it."""
    found = doors_now()
    if found is None or not (found[1].spend or found[1].buy):
        return
    doors = found[1]
    copying.flush()
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT o.buyer_id, min(o.paid_at) FROM commerce_order o WHERE o.tenant_id = %s AND o.id = ANY (%s::bigint[]) "
            "AND o.buyer_id > 0 AND NOT EXISTS (SELECT 1 FROM members_card c WHERE c.tenant_id = o.tenant_id "
            " AND c.member_id = o.buyer_id) GROUP BY 1 ORDER BY 1",
            [current_tenant(), bulk.int8s(list(event.subjects))],
        )
        paid = dict(cursor.fetchall())
    members = [one for one, no in zip(paid, without_card(list(paid), list(paid.values())), strict=True) if no]
    if not members:
        return
    bought = _buyers(members, doors.buy) if doors.buy else set()
    rich: set[int] = set()
    if doors.spend:
        rows = Purchases.objects.filter(member_id__in=members).values_list("member_id", "paid", "refunded")
        rich = {member for member, got, back in rows if got - back >= doors.spend}
    new = [member for member in members if member in bought or member in rich]
    give_cards(
        members=new, ways=["buy" if member in bought else "spend" for member in new],
        instants=[paid[member] for member in new], by=Actor("doors"), now=event.at,
    )  # fmt: skip


def _spent(member_id: int) -> int:
    rows = Purchases.objects.filter(member_id=member_id).values_list("paid", "refunded")
    return sum(paid - refunded for paid, refunded in rows)


def _buyers(members: Sequence[int], skus: Sequence[str]) -> set[int]:
    """Who of them bought one of these and kept some of it."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT o.buyer_id FROM commerce_order o JOIN commerce_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id "
            "WHERE o.tenant_id = %s AND o.buyer_id = ANY (%s::bigint[]) AND l.sku = ANY (%s::text[]) AND l.refunded < l.paid",
            [current_tenant(), bulk.int8s(list(members)), bulk.texts(list(skus))],
        )
        return {member for (member,) in cursor.fetchall()}
