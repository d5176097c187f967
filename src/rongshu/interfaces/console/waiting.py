"""What waits for the reader's decision: counted beside Today on every page, listed on Today itself."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from rongshu.domain.commerce.inbox.queries import count_refused
from rongshu.domain.commission.rerating.models import Rerating
from rongshu.domain.commission.rerating.queries import reratings_for
from rongshu.domain.commission.reviews.models import PlanReview
from rongshu.domain.commission.reviews.queries import reviews_for
from rongshu.interfaces.console.pages.today import Decision
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.people import actor_name
from rongshu.interfaces.faces.templatetags.faces import money_text
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.ids import outside

MOST = 100
"""Counted and listed of each kind; nobody decides about more in a day."""


def plans_waiting(visit: Visit) -> list[PlanReview]:
    """Plans that the reader may approve."""
    return reviews_for(str(visit.login.actor), MOST) if visit.may(Permission.APPROVE_PLANS) else []


def reratings_waiting(visit: Visit) -> list[Rerating]:
    """Re-ratings that the reader may let be posted."""
    return reratings_for(str(visit.login.actor), MOST) if visit.may(Permission.APPROVE_RERATING) else []


def count_waiting(visit: Visit) -> int:
    """How many things wait for the reader: refused entries, plans, re-ratings."""
    refused = count_refused() if visit.may(Permission.SETTLE_REFUSED) else 0
    return refused + len(plans_waiting(visit)) + len(reratings_waiting(visit))


def second_person_decisions(visit: Visit) -> list[Decision]:
    """What waits for the reader as the second person, as entries of Today."""
    found = [
        Decision(
            "plan",
            _("A plan waits for its second person"),
            _("%(who)s asks: %(note)s") % {"who": actor_name(one.asked_by), "note": one.note}
            if one.note
            else _("%(who)s asks for it to be published.") % {"who": actor_name(one.asked_by)},
            one.asked_at,
            href=reverse("console:plan_review", args=[outside("rev", one.id)]),
        )
        for one in plans_waiting(visit)
    ]
    currency = visit.house.currency
    for one in reratings_waiting(visit):
        figures = {
            "gains": money_text(Money(one.gains, currency)),
            "losses": money_text(Money(one.losses, currency)),
            "reason": one.reason,
        }
        last = one.until - timedelta(microseconds=1)
        span = {"first": timezone.localtime(one.since).date(), "last": timezone.localtime(last).date()}
        found.append(
            Decision(
                "rerating",
                _("The re-rating of %(first)s to %(last)s waits for its second person") % span,
                _("Promoters gain %(gains)s and lose %(losses)s. Reason: %(reason)s") % figures,
                one.previewed_at or one.asked_at,
                href=reverse("console:rerating", args=[outside("rrt", one.id)]),
            )
        )
    return found
