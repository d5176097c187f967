"""Writes of the mall: items, exchanges and their steps."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from rongshu.domain.commerce.coupons.actions.giving import give
from rongshu.domain.commerce.coupons.actions.giving import had_enough as coupon_had_enough
from rongshu.domain.commerce.coupons.queries import kind as coupon_kind
from rongshu.domain.commerce.mall.addresses import Address, checked, sealed
from rongshu.domain.commerce.mall.models import (
    ASKED,
    CANCELLED,
    COUPON,
    DONE,
    GOODS,
    KINDS,
    SENT,
    MallExchange,
    MallItem,
    MallTaker,
)
from rongshu.domain.commerce.mall.queries import had_enough, item, refusal_of, sold_out, taken_of
from rongshu.domain.commerce.products.models import Picture
from rongshu.domain.members.points.actions import (
    give_back_spent,
    release_reserved,
    reserve_points,
    spend_points,
    use_reserved,
)
from rongshu.domain.members.profiles.cleaning import one_line
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.tiers.queries import ladder_at
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.ids import new_id, outside
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.scope import current_tenant

MOST_POINTS = 10**9
MOST_STOCK = 10**9
ARRIVED_AFTER = timedelta(days=30)
"""After which nobody asks any more whether a parcel came."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an item says; the fields of `MallItem`."""

    name: str
    kind: str
    points: int
    sale_from: datetime
    sale_until: datetime | None = None
    note: str = ""
    picture: str = ""
    coupon_kind_id: int | None = None
    stock: int | None = None
    per_member: int = 0
    tier: str = ""
    open: bool = True


def make_item(*, terms: Terms, by: Actor, now: datetime) -> MallItem:
    """A new item. Raises `invalid` naming the field that cannot be kept, `missing` for a coupon that is not there."""
    _check(terms, now)
    made = MallItem.add(id=new_id(), made_at=now, changed_at=now, **asdict(terms))
    record("mall_item.made", subject=outside("itm", made.id), by=by, now=now, name=terms.name, points=terms.points)
    return made


def change_item(*, item_id: int, terms: Terms, by: Actor, now: datetime) -> MallItem:
    """Changes an item; exchanges keep what they were. Raises `missing`, `invalid` (a stock below what is gone, another kind too)."""
    found: MallItem | None = MallItem.objects.select_for_update().filter(id=item_id).first()
    if found is None:
        raise missing("unknown_item", "There is no such item.")
    _check(terms, now, before=found)
    if found.kind != terms.kind:
        raise invalid("kind_stays", "What kind of item it is stays. Make another one.", at="kind")
    if terms.stock is not None and terms.stock < found.taken:
        raise invalid("stock_taken", "%(taken)s are gone already; the stock counts them too.", at="stock", taken=found.taken)  # fmt: skip
    columns = asdict(terms)
    for name, value in columns.items():
        setattr(found, name, value)
    found.changed_at = now
    found.save(force_update=True, update_fields=[*columns, "changed_at"])
    record("mall_item.changed", subject=outside("itm", item_id), by=by, now=now, name=terms.name, points=terms.points)
    return found


def _check(terms: Terms, now: datetime, *, before: MallItem | None = None) -> None:
    if not terms.name.strip() or len(terms.name) > 60:
        raise invalid("bad_name", "A name has 1 to 60 letters.", at="name")
    if len(terms.note) > 500:
        raise invalid("bad_note", "A note has at most %(most)s letters.", at="note", most=500)
    if terms.kind not in KINDS:
        raise invalid("bad_kind", "There is no such kind of item.", at="kind")
    if not 1 <= terms.points <= MOST_POINTS:
        raise invalid("bad_points_price", "Say how many points it takes, at least 1.", at="points")
    if terms.stock is not None and not 0 <= terms.stock <= MOST_STOCK:
        raise invalid("bad_stock", "Give a number, or none for no limit.", at="stock")
    if not 0 <= terms.per_member <= 1000:
        raise invalid("bad_per_person", "Give 0 (no limit) to 1000.", at="per_member")
    if terms.sale_until is not None and terms.sale_until <= terms.sale_from:
        raise invalid("bad_validity", "It ends before it begins.", at="sale_until")
    if (terms.kind == COUPON) != (terms.coupon_kind_id is not None):
        raise invalid("which_coupon", "Say which coupon it gives.", at="coupon")
    if terms.coupon_kind_id is not None:
        coupon_kind(terms.coupon_kind_id)
    if terms.picture and not Picture.objects.filter(hash=terms.picture).exists():
        raise missing("unknown_picture", "There is no such picture; upload it first.", at="picture")
    if terms.tier and (before is None or before.tier != terms.tier):
        ladder = ladder_at(now)
        if ladder is None or ladder.tier(terms.tier) is None:
            raise invalid("unknown_tier", "There is no tier %(tier)s on the ladder.", at="tier", tier=terms.tier)


def exchange(
    *, item_id: int, member: Member, key: str, address: Address | None = None, points: int | None = None, by: Actor,
    now: datetime,
) -> MallExchange:  # fmt: skip
    """A member has an item for points, once by `key`: the same again answers with the same exchange.

    `points` is what they were shown. Points of goods and privileges are set aside until those are sent or given. In one
    transaction; raises `missing`, `forbidden`, `invalid` for an address that is none, `conflict` when it is not on sale,
    none is left, points are short, they had enough, or it takes other points by now. Nothing is changed then.
    """
    if not key or len(key) > 100:
        raise invalid("bad_key", "Give a key of 1 to 100 letters.", at="key")
    before = MallExchange.objects.filter(member_id=member.id, key=key).first()
    if before is not None:
        return _same(before, item_id)
    one = item(item_id)
    problem = refusal_of(one, tier=member.tier, taken=taken_of(member.id, [item_id]).get(item_id, 0), now=now)
    if problem is not None:
        raise problem
    if points is not None and points != one.points:
        raise conflict("price_changed_points", "It takes %(points)s points by now; look again and decide.", at="points", points=one.points)  # fmt: skip
    goes_to = checked(address) if one.kind == GOODS else None
    with transaction.atomic():
        pay = spend_points if one.kind == COUPON else reserve_points
        ref = points_ref(member.id, key)
        if not pay(ref=ref, member_id=member.id, points=one.points, what=f"mall:{one.name}", now=now):
            return _same(MallExchange.objects.get(member_id=member.id, key=key), item_id)
        _take(one, member.id)
        made = MallExchange.add(
            id=new_id(), member_id=member.id, item_id=item_id, key=key, kind=one.kind, name=one.name, points=one.points,
            state=DONE if one.kind == COUPON else ASKED, address=None if goes_to is None else sealed(goes_to),
            coupon_id=_coupon(one, member.id, key, now), asked_at=now, ended_at=now if one.kind == COUPON else None,
        )  # fmt: skip
        record("mall.exchanged", subject=outside("exc", made.id), by=by, now=now, points=one.points)
    return made


def points_ref(member_id: int, key: str) -> str:
    """Under what an exchange's points are set aside."""
    return f"mall:{member_id}:{key}"


def _same(before: MallExchange, item_id: int) -> MallExchange:
    if before.item_id != item_id:
        raise conflict(
            "key_reused", "%(ref)s was already used for something else; nothing was changed.", ref=before.key
        )
    return before


def _take(one: MallItem, member_id: int) -> None:
    """Takes one from the stock for a member: the one place that could exceed what there is, and does not."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "INSERT INTO commerce_malltaker AS t (tenant_id, item_id, member_id, taken) VALUES (%s, %s, %s, 1) "
            "ON CONFLICT (tenant_id, item_id, member_id) DO UPDATE SET taken = t.taken + 1 WHERE %s = 0 OR t.taken < %s",
            [current_tenant(), one.id, member_id, one.per_member, one.per_member],
        )
        if not cursor.rowcount:
            raise had_enough(one)
        cursor.execute(
            "UPDATE commerce_mallitem SET taken = taken + 1 WHERE tenant_id = %s AND id = %s AND open "
            "AND points = %s AND (stock IS NULL OR taken < stock)",
            [current_tenant(), one.id, one.points],
        )
        if not cursor.rowcount:
            one.refresh_from_db()
            if one.open and (one.stock is None or one.taken < one.stock):
                raise conflict("price_changed_points", "It takes %(points)s points by now; look again and decide.", at="points", points=one.points)  # fmt: skip
            raise sold_out()


def _coupon(one: MallItem, member_id: int, key: str, now: datetime) -> int | None:
    if one.coupon_kind_id is None:
        return None
    made = give(kind_id=one.coupon_kind_id, members=[member_id], refs=[f"mall:{key}"], way="mall", now=now)
    if not made:
        raise coupon_had_enough(coupon_kind(one.coupon_kind_id))
    return made[member_id]


def _held(exchange_id: int, *, member_id: int | None = None) -> MallExchange:
    rows = MallExchange.objects.select_for_update().filter(id=exchange_id)
    found: MallExchange | None = (rows if member_id is None else rows.filter(member_id=member_id)).first()
    if found is None:
        raise missing("unknown_exchange", "There is no such exchange.")
    return found


def _ended(one: MallExchange) -> Exception:
    said = {DONE: "This exchange is done.", CANCELLED: "This exchange was cancelled.", SENT: "This was sent before."}
    return conflict("exchange_over", said.get(one.state, "This has not been sent yet."))


def send_exchange(*, exchange_id: int, carrier: str, tracking: str, by: Actor, now: datetime) -> MallExchange:
    """Goods went off; the points are spent. Sent again: carrier and number are mended. Raises `missing`, `invalid`, `conflict`."""
    carrier, tracking = one_line(carrier, 40, "carrier"), one_line(tracking, 60, "tracking")
    if not tracking:
        raise invalid("no_tracking", "Give the tracking number, so that they can follow the parcel.", at="tracking")
    one = _held(exchange_id)
    if one.kind != GOODS:
        raise conflict("not_goods", "Only goods are sent; mark this as given instead.")
    if one.state not in (ASKED, SENT):
        raise _ended(one)
    if one.state == ASKED:
        use_reserved(ref=points_ref(one.member_id, one.key), now=now)
        one.state, one.sent_at = SENT, now
        announce("mall.sent", subjects=[one.id], now=now)
    one.carrier, one.tracking = carrier, tracking
    one.save(force_update=True, update_fields=["state", "sent_at", "carrier", "tracking"])
    record("mall.sent", subject=outside("exc", one.id), by=by, now=now, carrier=carrier, tracking=tracking)
    return one


def finish_exchange(*, exchange_id: int, member_id: int | None = None, by: Actor, now: datetime) -> MallExchange:
    """Goods arrived, or a privilege was given (its points are spent then). Done before: nothing happens. Raises `missing`, `conflict`."""
    one = _held(exchange_id, member_id=member_id)
    if one.state == DONE:
        return one
    if one.state != (SENT if one.kind == GOODS else ASKED):
        raise _ended(one)
    if one.state == ASKED:
        use_reserved(ref=points_ref(one.member_id, one.key), now=now)
    one.state, one.ended_at = DONE, now
    one.save(force_update=True, update_fields=["state", "ended_at"])
    record("mall.done", subject=outside("exc", one.id), by=by, now=now)
    return one


def cancel_exchange(
    *, exchange_id: int, member_id: int | None = None, reason: str = "", by: Actor, now: datetime
) -> MallExchange:
    """Points return to their lots, the item to the stock. Cancelled before: nothing happens.

    With `member_id` it is the member who does, who can until it is sent; the team can after that too, when a parcel came back:
    then points return as the rules of points say of refunds. Raises `missing`, `conflict` when it is done.
    """
    one = _held(exchange_id, member_id=member_id)
    if one.state == CANCELLED:
        return one
    if one.state == DONE or (member_id is not None and one.state == SENT):
        raise _ended(one)
    ref = points_ref(one.member_id, one.key)
    if one.state == ASKED:
        release_reserved(ref=ref, now=now)
        one.back = one.points
    else:
        one.back = give_back_spent(ref=f"{ref}:back", of=ref, points=one.points, now=now)
    MallItem.objects.filter(id=one.item_id).update(taken=F("taken") - 1)
    MallTaker.objects.filter(item_id=one.item_id, member_id=one.member_id).update(taken=F("taken") - 1)
    one.state, one.ended_at, one.reason = CANCELLED, now, one_line(reason, 200, "reason")
    one.save(force_update=True, update_fields=["state", "ended_at", "back", "reason"])
    record("mall.cancelled", subject=outside("exc", one.id), by=by, now=now, back=one.back)
    if member_id is None:
        announce("mall.cancelled", subjects=[one.id], now=now)
    return one


def finish_old(*, now: datetime) -> int:
    """Goods that were sent a month ago are taken as arrived; how many."""
    old = MallExchange.objects.filter(state=SENT, sent_at__lte=now - ARRIVED_AFTER)
    ids = list(old.order_by("id").values_list("id", flat=True)[:1000])
    rows = MallExchange.objects.filter(id__in=ids, state=SENT)
    return int(rows.update(state=DONE, ended_at=now))


def forget_addresses(*, member_id: int) -> int:
    """Erases where a member's goods went; how many addresses."""
    rows = MallExchange.objects.filter(Q(member_id=member_id), address__isnull=False)
    return int(rows.update(address=None, carrier="", tracking=""))
