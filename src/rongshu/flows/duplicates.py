"""Two members that are one person become one, and two again where that was wrong.

The one merged keeps their row, their ids, phone and e-mail: all of them lead to the heir. What moved is kept with the merge, so that an
undoing moves back exactly that; what was spent meanwhile stays spent, and is said.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from rongshu.domain.commerce.coupons.models import HELD as HELD_COUPON
from rongshu.domain.commerce.coupons.models import RESERVED, Coupon, CouponUse
from rongshu.domain.commerce.orders.models import Order
from rongshu.domain.commerce.purchases.actions import refresh_purchases
from rongshu.domain.members.cards.actions import held_card
from rongshu.domain.members.cards.models import Card
from rongshu.domain.members.consents.models import ConsentNow
from rongshu.domain.members.duplicates.models import MemberMerge
from rongshu.domain.members.erasure.models import Erasure
from rongshu.domain.members.growth.actions import pass_on_growth
from rongshu.domain.members.growth.actions import take_turn as take_growth_turn
from rongshu.domain.members.growth.models import GrowthEntry, GrowthMonth
from rongshu.domain.members.points.actions import Passed, bring_back_points, pass_on_points
from rongshu.domain.members.points.models import PointsLot
from rongshu.domain.members.profiles.models import Member, ProfileValue
from rongshu.domain.members.tags.models import Tagging
from rongshu.domain.members.wechat.models import WechatPerson
from rongshu.domain.referral.bonds.models import GIVEN, Bond, BondChange
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.kernel.access.models import Login
from rongshu.kernel.access.rules import PORTAL
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import Refusal, conflict, invalid, missing
from rongshu.kernel.ids import new_id, outside
from rongshu.kernel.tenancy.scope import current_tenant

FILLED = ("name", "birth_day", "birth_year", "birth_by", "region", "city", "preference")
"""What the heir takes over where they have nothing."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What came back, and how many of the points that had been passed on were used or lapsed meanwhile."""

    orders: int
    points: int
    points_gone: int


@dataclass(frozen=True, slots=True)
class Would:
    """What a merge would move to whoever stays: numbers, and the names of columns that are empty there. `problem` says why it cannot be."""

    orders: int
    points: int
    growth: int
    coupons: int
    filled: tuple[str, ...]
    problem: Refusal | None


def would_move(*, source: Member, heir: Member) -> Would:
    """What merging would do; nothing is written."""
    problem = None
    try:
        _refuse(source, heir)
    except Refusal as refusal:
        problem = refusal
    points = PointsLot.objects.filter(member_id=source.id, left__gt=0).aggregate(Sum("left"))["left__sum"]
    growth = GrowthMonth.objects.filter(member_id=source.id, amount__gt=0).aggregate(Sum("amount"))["amount__sum"]
    return Would(
        Order.objects.filter(buyer_id=source.id).count(), points or 0, growth or 0,
        Coupon.objects.filter(member_id=source.id, state=HELD_COUPON).count(),
        tuple(name for name in FILLED if not getattr(heir, name) and getattr(source, name)), problem,
    )  # fmt: skip


def merge_members(*, member_id: int, heir_id: int, reason: str, by: Actor, now: datetime) -> MemberMerge:
    """Merges a member into the heir; the same again changes nothing. Orders, coupons, points, growth value and what is known move.

    Raises `missing`; `invalid` for the same member or no reason; `conflict` for whoever was erased, was merged before, promotes
    (the promoter stays; two promoters are merged on their own page), or has something set aside for an order.
    """
    if len(reason.strip()) < 2:
        raise invalid("no_reason", "Say why.", at="reason")
    if member_id == heir_id:
        raise invalid("same_member", "Name another member than the one to be merged.", at="heir")
    with transaction.atomic():
        both = {
            one.id: one for one in Member.objects.select_for_update().filter(id__in=[member_id, heir_id]).order_by("id")
        }
        if len(both) < 2:
            raise missing("unknown_member", "There is no such member.")
        source, heir = both[member_id], both[heir_id]
        if source.heir_id == heir_id:
            return MemberMerge.objects.get(source_id=member_id, undone_at=None)  # type: ignore[no-any-return]
        _refuse(source, heir)
        moved = _move(source.id, heir.id, now=now)
        moved |= _know(source, heir, reason.strip()[:500], by, now)
        moved["heirs"] = list(Member.objects.filter(heir_id=source.id).values_list("id", flat=True))
        Member.objects.filter(id__in=[source.id, *moved["heirs"]]).update(heir_id=heir.id)
        merge: MemberMerge = MemberMerge.objects.create(
            tenant_id=current_tenant(), id=new_id(), source_id=source.id, heir_id=heir.id, reason=reason.strip()[:500],
            moved=moved, at=now, actor=str(by),
        )  # fmt: skip
        record(
            "member.merged", subject=outside("mem", source.id), by=by, now=now, heir=outside("mem", heir.id),
            reason=merge.reason, orders=len(moved["orders"]), points=sum(row[2] for row in moved["points"]),
        )  # fmt: skip
    return merge


def _refuse(source: Member, heir: Member) -> None:
    if source.heir_id is not None or heir.heir_id is not None:
        raise conflict("merged_before", "One of the two was merged into another before.")
    if Erasure.objects.filter(member_id__in=[source.id, heir.id]).exists():
        raise conflict("member_erased", "One of the two was erased; an erased member cannot be merged.")
    promote = set(Promoter.objects.filter(id__in=[source.id, heir.id]).values_list("id", flat=True))
    if len(promote) == 2:
        raise conflict("both_promote", "Both are promoters; merge them on the promoter's page.")
    if source.id in promote:
        raise conflict(
            "promoter_stays", "The one to be merged promotes; merge the other way round, the promoter stays."
        )
    if CouponUse.objects.filter(member_id__in=[source.id, heir.id], state=RESERVED).exists():
        raise conflict(
            "coupon_reserved",
            "A coupon of one of the two is set aside for an order; wait until it is paid or given up.",
        )


def _move(source: int, heir: int, *, now: datetime) -> dict[str, Any]:
    """Orders, coupons, points and growth value of the source are the heir's; which."""
    orders = list(Order.objects.filter(buyer_id=source).values_list("id", flat=True))
    Order.objects.filter(id__in=orders).update(buyer_id=heir)
    refs = Coupon.objects.filter(member_id=heir).values_list("kind_id", "ref")
    known = set(refs)
    coupons = [
        one.id
        for one in Coupon.objects.filter(member_id=source, state=HELD_COUPON)
        if (one.kind_id, one.ref) not in known
    ]
    Coupon.objects.filter(id__in=coupons).update(member_id=heir)
    points = asdict(pass_on_points(source=source, heir=heir, now=now))
    take_growth_turn()
    months = dict(GrowthMonth.objects.filter(member_id=source, amount__gt=0).values_list("month", "amount"))
    pass_on_growth(source=source, heir=heir, ref=str(new_id()), months=months, now=now)
    if orders:
        refresh_purchases(members=[source, heir], now=now)
    return {"orders": orders, "coupons": coupons, "points": points["lots"], "debt": points["debt"],
            "growth": list(months.items())}  # fmt: skip


def _know(source: Member, heir: Member, reason: str, by: Actor, now: datetime) -> dict[str, Any]:
    """What is known of the source and not of the heir is known of the heir; what."""
    filled = [name for name in FILLED if not getattr(heir, name) and getattr(source, name)]
    Member.objects.filter(id=heir.id).update(**{name: getattr(source, name) for name in filled})
    own = set(ProfileValue.objects.filter(member_id=heir.id).values_list("field_id", flat=True))
    fields = ProfileValue.objects.filter(member_id=source.id).exclude(field_id__in=own)
    values = sorted(set(fields.values_list("field_id", flat=True)))
    fields.update(member_id=heir.id)
    worn = Tagging.objects.filter(member_id=heir.id, source="hand").values_list("tag_id", flat=True)
    hanging = Tagging.objects.filter(member_id=source.id, source="hand").exclude(tag_id__in=list(worn))
    tags = list(hanging.values_list("tag_id", flat=True))
    hanging.update(member_id=heir.id)
    said = ConsentNow.objects.filter(member_id=heir.id).values_list("purpose", flat=True)
    speaking = ConsentNow.objects.filter(member_id=source.id).exclude(purpose__in=list(said))
    consents = list(speaking.values_list("purpose", flat=True))
    speaking.update(member_id=heir.id)
    apps = WechatPerson.objects.filter(member_id=heir.id).values_list("appid", flat=True)
    persons = WechatPerson.objects.filter(member_id=source.id).exclude(appid__in=list(apps))
    wechats = list(persons.values_list("id", flat=True))
    WechatPerson.objects.filter(id__in=wechats).update(member_id=heir.id)
    bond = Bond.objects.filter(member_id=source.id).exclude(promoter_id=heir.id).first()
    if bond is not None and Bond.objects.filter(member_id=heir.id).exists():
        bond = None
    if bond is not None:
        Bond.objects.filter(member_id=source.id).update(member_id=heir.id)
        BondChange.add(member_id=heir.id, what=GIVEN, new_promoter_id=bond.promoter_id, at=now, actor=str(by), reason=reason)  # fmt: skip
    heirs_card, card = held_card(member_id=heir.id, now=now), held_card(member_id=source.id, now=now)
    carried = heirs_card is None and card is not None
    if carried:
        Card.objects.filter(member_id=source.id).update(member_id=heir.id)
    logins = Login.objects.filter(tenant_id=current_tenant(), member_id=source.id, role__in=PORTAL, is_active=True)
    ended = list(logins.values_list("id", flat=True))
    logins.update(is_active=False)
    return {"filled": filled, "values": values, "tags": tags, "consents": consents, "wechats": wechats,
            "bond": None if bond is None else bond.promoter_id, "card": carried, "logins": ended}  # fmt: skip


def unmerge_members(*, merge_id: int, by: Actor, now: datetime) -> Undone:
    """Undoes a merge: what moved and is still there goes back; undone before, nothing happens.

    Refunds of moved orders have come off what goes back. Raises `missing`; `conflict` where the heir was merged on (undo that
    first) or points of the two are set aside.
    """
    with transaction.atomic():
        merge = MemberMerge.objects.select_for_update().filter(id=merge_id).first()
        if merge is None:
            raise missing("unknown_merge", "There is no such merge.")
        if merge.undone_at is not None:
            return Undone(0, 0, 0)
        both = Member.objects.select_for_update().filter(id__in=[merge.source_id, merge.heir_id]).order_by("id")
        heir = next(one for one in both if one.id == merge.heir_id)
        if heir.heir_id is not None:
            raise conflict("heir_merged", "The one who stayed was merged on since; undo that merge first.")
        if Erasure.objects.filter(member_id=heir.id).exists():
            raise conflict("member_erased", "The one who stayed was erased since; there is nothing to go back.")
        undone = _bring_back(merge, now)
        _forget(merge, heir)
        merge.undone_at, merge.undone_by = now, str(by)
        merge.save(update_fields=["undone_at", "undone_by"])
        record(
            "member.unmerged", subject=outside("mem", merge.source_id), by=by, now=now,
            heir=outside("mem", merge.heir_id), **asdict(undone),
        )  # fmt: skip
    return undone


def _bring_back(merge: MemberMerge, now: datetime) -> Undone:
    source, heir, moved = merge.source_id, merge.heir_id, merge.moved
    orders = Order.objects.filter(id__in=moved["orders"], buyer_id=heir).update(buyer_id=source)
    Coupon.objects.filter(id__in=moved["coupons"], member_id=heir, state=HELD_COUPON).update(member_id=source)
    lots = [(int(lot), int(new), int(points)) for lot, new, points in moved["points"]]
    points = bring_back_points(source=source, heir=heir, passed=Passed(lots, moved["debt"]), now=now)
    take_growth_turn()
    taken = dict(
        GrowthEntry.objects.filter(member_id=heir, about__in=moved["orders"], source="refund", id__gt=merge.id)
        .values_list("month")
        .annotate(Sum("amount"))
    )
    has = dict(GrowthMonth.objects.filter(member_id=heir).values_list("month", "amount"))
    passed: dict[int, int] = {}
    for month, amount in moved["growth"]:
        passed[month] = passed.get(month, 0) + amount
    back = {month: min(amount + taken.get(month, 0), has.get(month, 0)) for month, amount in passed.items()}
    pass_on_growth(source=heir, heir=source, ref=f"{merge.id}:back", months=back, now=now)
    if orders:
        refresh_purchases(members=[source, heir], now=now)
    return Undone(orders, points, sum(row[2] for row in lots) - points)


def _forget(merge: MemberMerge, heir: Member) -> None:
    """What is known of the heir only by the merge goes back."""
    source, moved = Member.objects.get(id=merge.source_id), merge.moved
    same = [name for name in moved["filled"] if getattr(heir, name) == getattr(source, name)]
    fields = {field.name: field for field in Member._meta.concrete_fields}
    empty = {name: None if fields[name].null else "" for name in same}
    Member.objects.filter(id=heir.id).update(**empty)
    for rows, which in (
        (ProfileValue.objects.filter(field_id__in=moved["values"]), {"member_id": heir.id}),
        (Tagging.objects.filter(tag_id__in=moved["tags"], source="hand"), {"member_id": heir.id}),
        (ConsentNow.objects.filter(purpose__in=moved["consents"]), {"member_id": heir.id}),
        (WechatPerson.objects.filter(id__in=moved["wechats"]), {"member_id": heir.id}),
        (Bond.objects.filter(promoter_id=moved["bond"] or 0), {"member_id": heir.id}),
    ):
        rows.filter(**which).update(member_id=source.id)
    if moved.get("card") and not Card.objects.filter(member_id=source.id).exists():
        Card.objects.filter(member_id=heir.id).update(member_id=source.id)
    Login.objects.filter(id__in=moved["logins"], member_id=source.id).update(is_active=True)
    Member.objects.filter(id__in=[source.id]).update(heir_id=None)
    Member.objects.filter(id__in=moved["heirs"], heir_id=heir.id).update(heir_id=source.id)


def pass_on_late(*, now: datetime) -> int:
    """What still came to members after they were merged goes on to their heirs, of 50 merges at a time; how many. An order on its way, points given back.

    Where an heir was merged on, the next look brings it further.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT g.id FROM members_merge g WHERE g.tenant_id = %s AND g.undone_at IS NULL AND (EXISTS (SELECT 1 FROM "
            "commerce_order o WHERE o.tenant_id = g.tenant_id AND o.buyer_id = g.source_id) OR EXISTS (SELECT 1 FROM "
            'members_points_lot l WHERE l.tenant_id = g.tenant_id AND l.member_id = g.source_id AND l."left" > 0) OR EXISTS '
            "(SELECT 1 FROM members_growth_month m WHERE m.tenant_id = g.tenant_id AND m.member_id = g.source_id AND m.amount > 0)) "
            "ORDER BY g.id LIMIT 50",
            [current_tenant()],
        )
        late = [row[0] for row in cursor.fetchall()]
    for merge in MemberMerge.objects.select_for_update().filter(id__in=late, undone_at=None).order_by("id"):
        more = _move(merge.source_id, merge.heir_id, now=now)
        for name in ("orders", "coupons", "points", "growth"):
            merge.moved[name] = [*merge.moved[name], *more[name]]
        merge.moved["debt"] += more["debt"]
        merge.save(update_fields=["moved"])
    return len(late)
