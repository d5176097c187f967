"""The switchboard: what happens when something happened, and what happens by the clock.

Reactions run in the transaction that marks their event delivered, so each happens exactly once. Order matters only down a list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from rongshu.domain.commerce.coupons.actions import close_batches, expire_coupons
from rongshu.domain.commerce.mall.actions import finish_old
from rongshu.domain.commerce.products.actions import count_sold
from rongshu.domain.commerce.purchases.actions import count_purchases, keep_purchases
from rongshu.domain.commission.notices.actions import tell_of_versions, tell_of_withdrawals
from rongshu.domain.commission.periods.actions import close_due, touch_periods
from rongshu.domain.commission.release.actions import release_due
from rongshu.domain.commission.rerating.actions import preview_next
from rongshu.domain.insight.figures.actions import count
from rongshu.domain.insight.suggesting.actions import learn_suggestions
from rongshu.domain.marketing.messages.actions import forget_old_messages
from rongshu.domain.marketing.messages.cards import tell_of_cards, tell_of_refused_cards
from rongshu.domain.marketing.messages.coupons import tell_of_coupons, tell_of_ends
from rongshu.domain.marketing.messages.digests import tell_digests
from rongshu.domain.marketing.messages.gifts import tell_of_gifts
from rongshu.domain.marketing.messages.mall import tell_of_exchanges
from rongshu.domain.marketing.messages.points import tell_of_ending_points
from rongshu.domain.marketing.messages.telling import (
    tell_applicants,
    tell_of_applications,
    tell_of_check,
    tell_of_differences,
    tell_of_plan,
    tell_of_ranks,
    tell_of_renewals,
    tell_of_rewards,
    tell_of_step,
    tell_of_undone,
)
from rongshu.domain.marketing.messages.tiers import tell_of_tiers
from rongshu.domain.marketing.segments.actions import refresh_due as refresh_segments
from rongshu.domain.marketing.sending.actions import go_on as send_coupons_on
from rongshu.domain.members.duplicates.finding import look_for_likeness
from rongshu.domain.members.files.actions import forget_files
from rongshu.domain.members.points.actions import expire_due, open_due
from rongshu.domain.members.points.report import count_report
from rongshu.domain.members.tiers.actions import assess_due as assess_tiers
from rongshu.domain.referral.care.actions import do_due_transfers
from rongshu.domain.referral.care.merging import carry_over
from rongshu.domain.referral.joining.renewal import look_at_renewals
from rongshu.domain.referral.ranks.actions import assess_ranks
from rongshu.domain.referral.standings.actions import count_refunds, count_sales, move_sales, refresh_standings
from rongshu.domain.settlement.cycles.actions import plan_run, work_on_runs
from rongshu.domain.settlement.transparency.actions import publish_monthly
from rongshu.engine.calendar import local_day
from rongshu.flows.carding import give_for_orders
from rongshu.flows.checkout.reserving import release_due as end_checkouts
from rongshu.flows.checkout.returning import return_for_refunds
from rongshu.flows.coupons import first_bought, invited_joined, welcome
from rongshu.flows.duplicates import pass_on_late
from rongshu.flows.gifts import give_gifts
from rongshu.flows.rerating import post_reratings
from rongshu.flows.rewarding import earn_growth, earn_points, rise, take_growth_back, take_points_back
from rongshu.flows.verify import check_tenant
from rongshu.kernel.access.actions import promote_logins
from rongshu.kernel.actor import Actor
from rongshu.kernel.clock import to_micros
from rongshu.kernel.idempotency import forget_old
from rongshu.kernel.outbox.actions import Event, Reaction, announce, deliver, forget_delivered, tenants_with_events
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


def _buyers(event: Event) -> None:
    count_purchases(orders=event.subjects, now=event.at)


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


def _return_checkouts(event: Event) -> None:
    return_for_refunds(orders=event.subjects, cancelled=event.kind == "order.cancelled", now=event.at)


def _late_for_periods(event: Event) -> None:
    touch_periods(orders=event.subjects, at=event.at)


def _rerated_figures(event: Event) -> None:
    """What days brought is as it is rated now; what is taken back or released by it counts, net, on the day of the posting."""
    count(columns=("accrued",), days=event.data["accrued"])
    count(columns=("reversed", "released"), days={event.data["day"]: [event.data["reversed"], event.data["released"]]})


def _move_sales(event: Event) -> None:
    data = event.data
    move_sales(orders=event.subjects, old=data["old"], new=data["new"], amounts=data["amounts"])


def _tell_step(event: Event) -> None:
    tell_of_step(state=event.kind.removeprefix("withdrawal."), withdrawals=event.subjects, at=event.at)


def _tell_ranks(event: Event) -> None:
    tell_of_ranks(promoters=event.subjects, at=event.at)


def _tell_rewards(event: Event) -> None:
    for period in event.subjects:  # one a close
        tell_of_rewards(period=period, at=event.at)


def _mail_version(event: Event) -> None:
    tell_of_plan(published=event.subjects, at=event.at)


def _tell_undone(event: Event) -> None:
    tell_of_undone(batches=event.subjects, at=event.at)


def _tell_differences(event: Event) -> None:
    tell_of_differences(tasks=event.subjects, at=event.at)


def _tell_check(event: Event) -> None:
    tell_of_check(day=event.subjects[0], differences=event.data["differences"], at=event.at)


def _tell_asked(event: Event) -> None:
    tell_of_applications(applications=event.subjects, at=event.at)


def _tell_decided(event: Event) -> None:
    tell_applicants(state=event.kind.removeprefix("application."), applications=event.subjects, at=event.at)


def _tell_renewal(event: Event) -> None:
    tell_of_renewals(state=event.kind.removeprefix("renewal."), promoters=event.subjects, at=event.at)


def _tell_coupons(event: Event) -> None:
    tell_of_coupons(coupons=event.subjects, at=event.at)


def _tell_tiers(event: Event) -> None:
    tell_of_tiers(cause=event.kind.removeprefix("tier."), members=event.subjects, at=event.at)


def _tell_gifts(event: Event) -> None:
    data = event.data
    tell_of_gifts(
        occasion=data["occasion"], year=data["year"], members=event.subjects, points=data["points"], at=event.at
    )


def _tell_cards(event: Event) -> None:
    tell_of_cards(members=event.subjects, at=event.at)


def _tell_refused_cards(event: Event) -> None:
    tell_of_refused_cards(requests=event.subjects, at=event.at)


def _tell_exchanges(event: Event) -> None:
    tell_of_exchanges(kind=event.kind, exchanges=event.subjects, at=event.at)


def _promote_logins(event: Event) -> None:
    promote_logins(members=event.subjects, by=Actor("enrolment"), now=event.at)


EVENTS: Mapping[str, Sequence[Reaction]] = {
    "order.paid": (
        _paid_figures,
        _promoter_sales,
        _late_for_periods,
        _buyers,
        give_for_orders,
        first_bought,
        earn_points,
        earn_growth,
    ),
    "order.refunded": (
        _refunded_figures,
        _promoter_refunds,
        _late_for_periods,
        take_points_back,
        take_growth_back,
        _return_checkouts,
        _buyers,
    ),
    "order.cancelled": (_return_checkouts,),
    "commission.accrued": (_accrued_figures,),
    "commission.released": (_released_figures,),
    "commission.reversed": (_reversed_figures,),
    "commission.rerated": (_rerated_figures,),
    "order.reattributed": (_move_sales, _late_for_periods),
    "rerating.approved": (),
    "rerating.posted": (),
    "reward.paid": (_rewarded_figures, _tell_rewards),
    "reward.adjusted": (_rewarded_figures,),
    "member.added": (welcome,),
    "card.given": (_tell_cards,),
    "card.refused": (_tell_refused_cards,),
    "mall.sent": (_tell_exchanges,),
    "mall.cancelled": (_tell_exchanges,),
    "coupon.given": (_tell_coupons,),
    "gift.given": (_tell_gifts,),
    "coupon.used": (),
    "coupon.returned": (),
    "promoter.enrolled": (invited_joined, _promote_logins),
    "promoter.moved": (),
    "promoter.left": (),
    "promoter.merged": (),
    "promoter.frozen": (),
    "promoter.resumed": (),
    "renewal.due": (_tell_renewal,),
    "renewal.today": (_tell_renewal,),
    "renewal.overdue": (_tell_renewal,),
    "application.asked": (_tell_asked,),
    "application.approved": (_tell_decided,),
    "application.refused": (_tell_decided,),
    "promoter.ranked": (_tell_ranks,),
    "ladder.published": (),
    "segment.moved": (),
    "run.done": (),
    "plan.published": (_tell_of_version, _mail_version),
    "plan.withdrawn": (_tell_of_withdrawal,),
    "plan.review_asked": (),
    "points_rules.published": (),
    "growth.changed": (rise,),
    "tiers.published": (),
    "tier.risen": (_tell_tiers,),
    "tier.fallen": (_tell_tiers,),
    "tier.grace": (_tell_tiers,),
    "withdrawal.asked": (_tell_step,),
    "withdrawal.approved": (_tell_step,),
    "withdrawal.sent": (_tell_step,),
    "withdrawal.confirmed": (_tell_step,),
    "withdrawal.failed": (_tell_step,),
    "withdrawal.returned": (_tell_step,),
    "withdrawal.refused": (_tell_step,),
    "withdrawal.cancelled": (_tell_step,),
    "batch.undone": (_tell_undone,),
    "reconciliation.differs": (_tell_differences,),
    "ledger.differs": (_tell_check,),
}


class Work(Protocol):
    """What a job does; what it gives says whether it did something."""

    def __call__(self, *, now: datetime) -> object: ...


@dataclass(frozen=True, slots=True)
class Job:
    """Something done for each tenant by the clock: `work(now=…)` in the tenant's transaction.

    With `repeat` it is asked again while it says that it did something; with `snapshot` it sees one state of the database.
    """

    name: str
    every: timedelta
    work: Work
    repeat: bool = False
    snapshot: bool = False


def _post(*, now: datetime) -> int:
    return post_reratings(now=now, deliver=lambda: deliver(EVENTS, now=now))


def _expire_coupons(*, now: datetime) -> int:
    return expire_coupons(now=now) + close_batches(now=now)


def _verify(*, now: datetime) -> int:
    """The hourly check; what it finds is announced, so that the team hears of it once a day."""
    differences = check_tenant(now)
    if differences:
        day = now.astimezone(house().zone).date().toordinal()
        announce("ledger.differs", subjects=[day], now=now, differences=differences)
    return differences


def _likeness(*, now: datetime) -> int:
    return look_for_likeness(changed=False)


def _likeness_again(*, now: datetime) -> int:
    return look_for_likeness()


CLOCK: Sequence[Job] = (
    Job("release", timedelta(seconds=10), release_due, repeat=True),
    Job("carry over", timedelta(minutes=1), carry_over, repeat=True),
    Job("close periods", timedelta(minutes=1), close_due, repeat=True),
    Job("preview re-ratings", timedelta(seconds=2), preview_next, repeat=True, snapshot=True),
    Job("post re-ratings", timedelta(seconds=2), _post, repeat=True),
    Job("plan settlement", timedelta(minutes=1), plan_run),
    Job("settlement runs", timedelta(seconds=2), work_on_runs, repeat=True),
    Job("renewals", timedelta(hours=1), look_at_renewals, repeat=True),
    Job("transfers", timedelta(minutes=1), do_due_transfers, repeat=True),
    Job("standings", timedelta(seconds=30), refresh_standings),
    Job("ranks", timedelta(minutes=10), assess_ranks),
    Job("checkouts", timedelta(seconds=30), end_checkouts, repeat=True),
    Job("purchases", timedelta(minutes=1), keep_purchases, repeat=True),
    Job("tiers", timedelta(minutes=1), assess_tiers, repeat=True),
    Job("open points", timedelta(minutes=1), open_due, repeat=True),
    Job("expire points", timedelta(minutes=1), expire_due, repeat=True),
    Job("points ending", timedelta(minutes=10), tell_of_ending_points, repeat=True),
    Job("points report", timedelta(hours=1), count_report),
    Job("gifts", timedelta(minutes=10), give_gifts, repeat=True),
    Job("parcels", timedelta(hours=1), finish_old, repeat=True),
    Job("coupons to segments", timedelta(seconds=5), send_coupons_on, repeat=True),
    Job("segments", timedelta(minutes=1), refresh_segments, repeat=True),
    Job("best sellers", timedelta(hours=6), count_sold),
    Job("transparency", timedelta(hours=1), publish_monthly),
    Job("likeness", timedelta(minutes=1), _likeness, repeat=True),
    Job("likeness again", timedelta(hours=1), _likeness_again, repeat=True),
    Job("late for merged", timedelta(minutes=1), pass_on_late),
    Job("coupons over", timedelta(minutes=1), _expire_coupons, repeat=True),
    Job("coupons ending", timedelta(minutes=10), tell_of_ends, repeat=True),
    Job("suggestions", timedelta(hours=1), learn_suggestions),
    Job("verify", timedelta(hours=1), _verify, snapshot=True),
    Job("digests", timedelta(minutes=10), tell_digests),
    Job("forget files", timedelta(minutes=10), forget_files),
    Job("forget messages", timedelta(hours=1), forget_old_messages, repeat=True),
    Job("forget answers", timedelta(hours=1), forget_old, repeat=True),
    Job("forget events", timedelta(hours=1), forget_delivered, repeat=True),
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
