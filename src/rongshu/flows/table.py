"""The switchboard: what happens when something happened, and what happens by the clock.

Reactions run in the transaction that marks their event delivered, so each happens exactly once. Order matters only down a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rongshu.domain.commission.notices.actions import tell_of_versions, tell_of_withdrawals
from rongshu.domain.commission.periods.actions import close_due, touch_periods
from rongshu.domain.commission.release.actions import release_due
from rongshu.domain.commission.rerating.actions import preview_next
from rongshu.domain.insight.figures.actions import count
from rongshu.domain.referral.ranks.actions import assess_ranks
from rongshu.domain.referral.standings.actions import count_refunds, count_sales, move_sales, refresh_standings
from rongshu.engine.calendar import local_day
from rongshu.flows.rerating import post_reratings
from rongshu.flows.verify import check_tenant
from rongshu.kernel.clock import to_micros
from rongshu.kernel.idempotency import forget_old
from rongshu.kernel.outbox.actions import Event, Reaction, deliver, forget_delivered, tenants_with_events
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import tenant_scope


def _paid_figures(event: Event) -> None:
    count(columns=("orders", "paid"), days=event.data["days"])


def _accrued_figures(event: Event) -> None:
    count(columns=("accrued",), days=event.data["days"])


def _reversed_figures(event: Event) -> None:
    count(columns=("reversed",), days=event.data["days"])


def _refunded_figures(event: Event) -> None:
    count(columns=("refunded",), days=event.data["days"])


def _released_figures(event: Event) -> None:
    count(columns=("released",), days={str(local_day(to_micros(event.at), house().zone)): [event.data["amount"]]})


def _promoter_sales(event: Event) -> None:
    count_sales(orders=event.subjects)


def _promoter_refunds(event: Event) -> None:
    count_refunds(orders=event.subjects, amounts=event.data["amounts"])


def _tell_of_version(event: Event) -> None:
    tell_of_versions(published=event.subjects, at=event.at)


def _tell_of_withdrawal(event: Event) -> None:
    tell_of_withdrawals(withdrawn=event.subjects, at=event.at)


def _rewarded_figures(event: Event) -> None:
    """A reward is available the moment it is accrued: it counts as both, on the day of the close."""
    amount = event.data.get("paid", event.data.get("amount", 0))
    back = event.data.get("taken_back", 0)
    day = str(local_day(to_micros(event.at), house().zone))
    count(columns=("accrued", "released", "reversed"), days={day: [amount, amount, back]})


def _late_for_periods(event: Event) -> None:
    touch_periods(orders=event.subjects, at=event.at)


def _rerated_figures(event: Event) -> None:
    """What days brought is as it is rated now; what is taken back or released by it counts, net, on the day of the posting."""
    count(columns=("accrued",), days=event.data["accrued"])
    count(columns=("reversed", "released"), days={event.data["day"]: [event.data["reversed"], event.data["released"]]})


def _move_sales(event: Event) -> None:
    data = event.data
    move_sales(orders=event.subjects, old=data["old"], new=data["new"], amounts=data["amounts"])


EVENTS: Mapping[str, Sequence[Reaction]] = {
    "order.paid": (_paid_figures, _promoter_sales, _late_for_periods),
    "order.refunded": (_refunded_figures, _promoter_refunds, _late_for_periods),
    "commission.accrued": (_accrued_figures,),
    "commission.released": (_released_figures,),
    "commission.reversed": (_reversed_figures,),
    "commission.rerated": (_rerated_figures,),
    "order.reattributed": (_move_sales, _late_for_periods),
    "rerating.approved": (),
    "rerating.posted": (),
    "reward.paid": (_rewarded_figures,),
    "reward.adjusted": (_rewarded_figures,),
    "promoter.enrolled": (),
    "promoter.moved": (),
    "promoter.ranked": (),
    "ladder.published": (),
    "plan.published": (_tell_of_version,),
    "plan.withdrawn": (_tell_of_withdrawal,),
    "plan.review_asked": (),
}


@dataclass(frozen=True, slots=True)
class Job:
    """Something done for each tenant by the clock: `work(now)` in the tenant's transaction.

    With `repeat` it is asked again while it says that it did something; with `snapshot` it sees one state of the database.
    """

    name: str
    every: timedelta
    work: Callable[[datetime], object]
    repeat: bool = False
    snapshot: bool = False


def _release(now: datetime) -> int:
    return release_due(now=now)


def _close(now: datetime) -> int:
    return close_due(now=now)


def _ranks(now: datetime) -> int:
    return assess_ranks(now=now)


def _preview(now: datetime) -> int:
    return preview_next(now=now)


def _post(now: datetime) -> int:
    return post_reratings(now=now, deliver=lambda: deliver(EVENTS, now=now))


def _standings(now: datetime) -> int:
    return refresh_standings(now=now)


def _forget_answers(now: datetime) -> int:
    return forget_old(now=now)


def _forget_events(now: datetime) -> int:
    return forget_delivered(now=now)


CLOCK: Sequence[Job] = (
    Job("release", timedelta(seconds=10), _release, repeat=True),
    Job("close periods", timedelta(minutes=1), _close, repeat=True),
    Job("preview re-ratings", timedelta(seconds=2), _preview, repeat=True, snapshot=True),
    Job("post re-ratings", timedelta(seconds=2), _post, repeat=True),
    Job("standings", timedelta(seconds=30), _standings),
    Job("ranks", timedelta(minutes=10), _ranks),
    Job("verify", timedelta(hours=1), check_tenant, snapshot=True),
    Job("forget answers", timedelta(hours=1), _forget_answers, repeat=True),
    Job("forget events", timedelta(hours=1), _forget_events, repeat=True),
)


def deliver_all(*, now: datetime) -> int:
    """Delivers what is waiting in every tenant's outbox; how many events."""
    total = 0
    for tenant in tenants_with_events():
        while True:
            with tenant_scope(tenant):
                delivered = deliver(EVENTS, now=now)
            total += delivered
            if not delivered:
                break
    return total


__all__ = ["CLOCK", "EVENTS", "Job", "deliver_all"]
