"""Steps and pools in the portal: rewards among the earnings, why each, and the running steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rongshu.domain.commission.evidence.actions import make_reward_evidence
from rongshu.domain.commission.explanations.periods import explain_reward
from rongshu.domain.commission.periods.queries import Received, SoFar, period_of_row, rewards_in, so_far
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.explanations import sentence
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.proof import proof_response
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.earnings import Earning
from rongshu.interfaces.portal.pages.rewards import RunReason, StepsCard, WhyReward
from rongshu.interfaces.portal.proofs import may_prove
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside, outside

REWARD = 2
"""Beside the states of commissions, in cursors: this entry is a reward."""


def reward_earnings(visit: Visit, found: Sequence[Received]) -> list[Earning]:
    """Rewards as entries of the earnings list, one a posting."""
    currency = visit.house.currency
    return [
        Earning(
            order_id=outside("per", one.period_id),
            order_ref="",
            kind="reward",
            level=0,
            lines=1,
            state="reversed" if one.amount < 0 else "released",
            buyer="",
            amount=Money(one.amount, currency),
            reversed=Money(0, currency),
            earned_at=one.at,
            title=_named(one),
        )
        for one in found
    ]


def _named(one: Received) -> str:
    words = _("Reward for %(period)s, adjusted") if one.adjusts else _("Reward for %(period)s")
    return words % {"period": one.period.name}


@page("earnings")
def why_reward(visit: Visit, period: str) -> WhyReward:
    """Why one's own reward is what it is, run by run."""
    identifier, me, currency = inside("per", period), myself(visit), visit.house.currency
    if identifier is None or not rewards_in(identifier, me):
        raise missing("unknown_reward", "There is no such reward.")
    told = explain_reward(identifier, me)
    return WhyReward(
        period=period,
        name=period_of_row(told.period).name,
        rule=told.period.rule,
        amount=Money(told.amount, currency),
        reasons=tuple(
            RunReason(part.at, part.adjusts, Money(part.amount, currency), sentence(part.sentence))
            for part in told.parts
        ),
    )


@page("earnings")
def reward_proof(visit: Visit, period: str, form: str) -> HttpResponse:
    """The signed proof of one's own reward, to download as `json` or `pdf`; nobody else is named in it."""
    identifier, me = inside("per", period), myself(visit)
    may_prove(me, form)
    if identifier is None:
        raise missing("unknown_reward", "There is no such reward.")
    bundle = make_reward_evidence(period_id=identifier, promoter_id=me, by=visit.login.actor, now=visit.now)
    return proof_response(bundle, form, get_language() or visit.house.language)


def steps_cards(visit: Visit) -> tuple[StepsCard, ...]:
    """How the reader stands in the steps that are running."""
    return tuple(_card(one, visit.house.currency) for one in so_far(myself(visit), now=visit.now))


def _card(one: SoFar, currency: str) -> StepsCard:
    ahead = one.next_start
    return StepsCard(
        rule=one.rule.rule.id,
        name=one.rule.period.name,
        last=one.rule.period.next_first_day - timedelta(days=1),
        closes_at=one.rule.closes_at,
        sales=Money(one.sales, currency),
        amount=Money(one.amount, currency),
        rate=one.parts[-1].rate if one.parts else 0,
        next_start=None if ahead is None else Money(ahead, currency),
        next_rate=one.next_rate,
        missing=Money(0 if ahead is None else ahead - one.sales, currency),
        next_amount=Money(one.next_amount, currency),
        done=100 if not ahead else min(one.sales * 100 // ahead, 100),
    )
