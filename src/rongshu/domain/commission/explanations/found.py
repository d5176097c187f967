"""What the books hold about one order, read once: the order, its rating, its refunds and the people in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection
from django.utils.translation import gettext_noop as _

from rongshu.domain.commission.explanations.shapes import Who
from rongshu.domain.commission.explanations.words import Sentence, say
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import plan_of
from rongshu.domain.commission.rating.models import REPLACED, Commission, Rating
from rongshu.domain.commission.rerating.queries import journals_of
from rongshu.domain.members.profiles.queries import shown_names
from rongshu.domain.referral.promoters.queries import Upline, upline_of
from rongshu.engine.plan import Plan
from rongshu.engine.rating import Promoters
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.queries import House, house
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.queries import Moved, transfers_of


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order as it is stored; money in minor units."""

    id: int
    source: str
    external_id: str
    buyer_id: int | None
    promoter_id: int | None
    credited_by: str
    paid: int
    paid_at: datetime
    completed_at: datetime | None
    cancelled_at: datetime | None
    channel: str | None
    store: str | None
    region: str | None
    tier: str | None


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A line as it is stored; `cost` is of one unit, `refunded` as asked for."""

    line_no: int
    sku: str
    category: str
    qty: int
    paid: int
    cost: int
    refunded: int


@dataclass(frozen=True, slots=True)
class FoundRefund:
    """What a refund takes from one line."""

    id: int
    external_id: str
    line_no: int
    amount: int
    refunded_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """Everything about one order."""

    house: House
    order: FoundOrder
    lines: tuple[FoundLine, ...]
    rating: Rating
    version: PlanVersion | None
    plan: Plan | None
    commissions: tuple[Commission, ...]
    refunds: tuple[FoundRefund, ...]
    transfers: tuple[Moved, ...]
    upline: Upline
    """The promoters of the chain, and the buyer where the buyer is one."""
    names: dict[int, str]
    reader: int | None = None
    """The promoter it is told to, to whom everybody else is a place in the chain; None: whoever may see them all."""

    def name(self, member_id: int) -> str:
        """How a member is shown."""
        if self.reader is None or member_id == self.reader:
            return self.names.get(member_id, "–")
        chain = self.rating.chain
        return f"#{chain.index(member_id) + 1}" if member_id in chain else "*"

    def who(self, member_id: int) -> Who:
        """A member as the reader may know them."""
        return Who(member_id, self.name(member_id), hidden=self.reader not in (None, member_id))

    def called(self, member_id: int) -> str | Sentence:
        """How a sentence names a member."""
        chain = self.rating.chain
        if self.reader is None or member_id == self.reader or member_id not in chain:
            return self.name(member_id)
        return say("place", _("the promoter at place %(place)s"), place=chain.index(member_id) + 1)

    def rank_of(self, promoter: int) -> str:
        """The rank a promoter held when the order was paid; empty for none."""
        upline = self.upline
        row = upline.rows_of(np.array([promoter], dtype=np.int64))
        if row[0] < 0:
            return ""
        at = np.array([to_micros(self.order.paid_at)], dtype=np.int64)
        code = int(self.promoters().rank_at(row, at)[0])
        return "" if code < 0 else upline.ranks[code]

    def joinings(self) -> dict[int, int]:
        """When each promoter joined, in microseconds since 1970."""
        return dict(zip(self.upline.ids.tolist(), self.upline.joined_at.tolist(), strict=True))

    def promoters(self) -> Promoters:
        """The people as the engine sees them."""
        upline = self.upline
        return Promoters(
            upline.inviter, upline.rank, upline.joined_at, upline.active_from, upline.active_to, upline.ranks,
            upline.history,
        )  # fmt: skip


def find(order_id: int, *, reader: int | None = None) -> Found:
    """Reads what there is about an order, for `reader` (a promoter) or for whoever may see everybody. Raises `missing` for one that is not stored (or still waits in the inbox)."""
    order, lines, refunds = _order(order_id)
    rating = Rating.objects.filter(order_id=order_id).first()
    if rating is None:
        raise missing("order_not_rated", _("The order %(name)s is not rated yet."), name=order.external_id)
    version = None if rating.version_id is None else PlanVersion.objects.get(id=rating.version_id)
    commissions = tuple(Commission.objects.filter(order_id=order_id, state__lt=REPLACED).order_by("row"))
    transfers = tuple(transfers_of([order_id, *sorted({refund.id for refund in refunds}), *journals_of(order_id)]))
    owners = {owner for moved in transfers for owner, _ in (moved.debit, moved.credit) if owner > 0}
    people = {*rating.chain, *owners, *(row.beneficiary_id for row in commissions), order.buyer_id, order.promoter_id}
    starts = [*rating.chain, *([order.buyer_id] if order.buyer_id else [])]
    return Found(
        house=house(),
        order=order,
        lines=lines,
        rating=rating,
        version=version,
        plan=None if version is None else plan_of(version),
        commissions=commissions,
        refunds=refunds,
        transfers=transfers,
        upline=upline_of(np.array(starts, dtype=np.int64), 1, ranks_from=to_micros(order.paid_at)),
        names=shown_names([who for who in people if who is not None]),
        reader=reader,
    )


def _order(order_id: int) -> tuple[FoundOrder, tuple[FoundLine, ...], tuple[FoundRefund, ...]]:
    keys = [current_tenant(), order_id]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, source, external_id, buyer_id, promoter_id, credited_by, paid, paid_at, completed_at, "
            "cancelled_at, channel, store, region, tier FROM commerce_order WHERE tenant_id = %s AND id = %s",
            keys,
        )
        row = cursor.fetchone()
        if row is None:
            raise missing("order_not_stored", _("There is no such order, or it still waits to be worked off."))
        cursor.execute(
            "SELECT line_no, sku, category, qty, paid, cost, refunded FROM commerce_line "
            "WHERE tenant_id = %s AND order_id = %s ORDER BY line_no",
            keys,
        )
        lines = tuple(FoundLine(*line) for line in cursor.fetchall())
        cursor.execute(
            "SELECT id, external_id, line_no, amount, refunded_at FROM commerce_refund "
            "WHERE tenant_id = %s AND order_id = %s ORDER BY refunded_at, id, line_no",
            keys,
        )
        return FoundOrder(*row), lines, tuple(FoundRefund(*refund) for refund in cursor.fetchall())
