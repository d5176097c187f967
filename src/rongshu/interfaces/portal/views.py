"""The portal's views: each parses, makes its calls, and fills a page. Everything is about the promoter who is here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongshu.domain.commerce.orders.queries import find_order, orders_by_id
from rongshu.domain.commission.evidence.actions import make_evidence
from rongshu.domain.commission.explanations.queries import CommissionPart, OrderExplanation, explain_order
from rongshu.domain.commission.explanations.rerated import corrections_of
from rongshu.domain.commission.periods.queries import Received, rewarded_in_all, rewards_to
from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.domain.commission.rating.models import PENDING, RELEASED
from rongshu.domain.commission.rating.queries import (
    EarnedOrder,
    commissions_of,
    due_until,
    earned_in_all,
    next_release,
    orders_earned_by,
    pending_of,
)
from rongshu.domain.commission.rerating.queries import changes_of
from rongshu.domain.members.consents.purposes import SHARING
from rongshu.domain.members.consents.queries import withdrawn_by
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.referral.ranks.queries import ladder, standing_of
from rongshu.domain.referral.standings.queries import placed
from rongshu.engine.rating.frames import KINDS
from rongshu.interfaces.faces import access
from rongshu.interfaces.faces.cursors import instant_first, pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.explanations import commission_state, sentence
from rongshu.interfaces.faces.parts import Cursor, Moment, Money
from rongshu.interfaces.faces.people import People
from rongshu.interfaces.faces.proof import proof_response
from rongshu.interfaces.faces.rank_words import brings, steps_of, title_of
from rongshu.interfaces.faces.templatetags.faces import money_text
from rongshu.interfaces.portal.door import myself, page, promotes
from rongshu.interfaces.portal.member import member_home
from rongshu.interfaces.portal.missed import credited
from rongshu.interfaces.portal.notices import notices_for
from rongshu.interfaces.portal.pages.earnings import Earning, Earnings, Reason, Why
from rongshu.interfaces.portal.pages.home import Home, MyRank
from rongshu.interfaces.portal.pages.me import Me
from rongshu.interfaces.portal.pages.member import MemberHome
from rongshu.interfaces.portal.pages.rerating import Corrected, CorrectedRow
from rongshu.interfaces.portal.proofs import may_prove
from rongshu.interfaces.portal.rewards import REWARD, reward_earnings, steps_cards
from rongshu.interfaces.portal.suggesting import next_steps
from rongshu.interfaces.portal.today import today_of
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import outside
from rongshu.ledger.queries import standings_of

PAGE = 20
RECENT = 5
_STATES = {"pending": PENDING, "released": RELEASED}


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    return access.sign_out(request, "portal:sign_in")


@page("home", member="home")
def home(visit: Visit) -> Home | MemberHome:
    """What is available, what comes next, and the latest earnings; of a member who does not promote, what they have here."""
    if not promotes(visit):
        return member_home(visit)
    me, currency = myself(visit), visit.house.currency
    standing = standings_of([me])[me]
    due = next_release(me)
    due_day = None if due is None else max(due.astimezone(visit.house.zone).date(), visit.today)
    sharing = today_of(visit)
    return Home(
        name=People([me]).person(me).name,
        available=Money(standing.available, currency),
        pending=Money(pending_of([me])[me], currency),
        reserved=Money(standing.reserved, currency),
        debt=Money(-standing.debt, currency),
        month=sharing.month.earned,
        next_release=due_day,
        next_amount=None if due_day is None else Money(due_until(me, visit.ends(due_day)), currency),
        recent=_merged(visit, orders_earned_by(me, limit=RECENT), rewards_to(me, limit=RECENT))[0][:RECENT],
        sharing=sharing,
        first_step=not (sharing.month.clicks or sharing.month.orders),
        next_steps=next_steps(visit, limit=1),
        steps=steps_cards(visit),
        notices=notices_for(visit),
        rank=_rank(visit, me),
    )


def _rank(visit: Visit, me: int) -> MyRank | None:
    present = ladder()
    if present is None:
        return None
    standing = standing_of(me, now=visit.now)
    published = versions()
    at = int(published.in_force(np.array([to_micros(visit.now)], dtype=np.int64))[0])
    plan = plan_of(published.versions[at]) if at >= 0 else None
    return MyRank(
        title=title_of(present, standing.rank),
        in_grace=standing.in_grace,
        next_title=title_of(present, standing.next_rank) if standing.next_rank else "",
        steps=steps_of(standing.progress, visit.house.currency),
        brings=brings(plan, standing.rank, standing.next_rank) if plan is not None and standing.next_rank else (),
        as_of=standing.as_of,
    )


@page("earnings")
def earnings(visit: Visit) -> Earnings:
    """Every commission by its payment and every reward by its close, the latest first; htmx asks for more while the reader scrolls."""
    asked = visit.request.GET
    state = asked.get("state", "") if asked.get("state", "") in _STATES else ""
    only = _STATES.get(state)
    me = myself(visit)
    after = instant_first(asked.get("cursor", ""), 3)
    found = orders_earned_by(me, state=only, after=after, limit=PAGE + 1)  # type: ignore[arg-type]
    place = None if after is None else (after[0], after[1])  # type: ignore[misc]
    rewards = [] if state == "pending" else rewards_to(me, after=place, limit=PAGE + 1)
    rows, keys = _merged(visit, found, rewards)
    total = earned_in_all(me, state=only) + (0 if state == "pending" else rewarded_in_all(me)) if after is None else 0
    return Earnings(
        state=state,
        total=Money(total, visit.house.currency),
        rows=rows[:PAGE],
        cursor=Cursor(pack(*keys[PAGE - 1]) if len(keys) > PAGE else None),
    )


def _merged(
    visit: Visit, orders: Sequence[EarnedOrder], rewards: Sequence[Received]
) -> tuple[tuple[Earning, ...], list[tuple[datetime, int, int]]]:
    """Commissions and rewards as one list, the latest first, and where each entry stands in it."""
    entries = [
        *zip(((one.paid_at, one.order_id, one.state) for one in orders), _earnings(visit, orders), strict=True),
        *zip(((one.at, one.journal, REWARD) for one in rewards), reward_earnings(visit, rewards), strict=True),
    ]
    entries.sort(key=lambda entry: entry[0], reverse=True)
    return tuple(entry[1] for entry in entries), [entry[0] for entry in entries]


def _earnings(visit: Visit, rows: Sequence[EarnedOrder]) -> tuple[Earning, ...]:
    listed = orders_by_id([row.order_id for row in rows])
    buyers = {order.buyer_id for order in listed.values() if order.buyer_id is not None}
    people = People(buyers - withdrawn_by(sorted(buyers), SHARING))
    currency = visit.house.currency
    return tuple(
        Earning(
            order_id=outside("ord", row.order_id),
            order_ref=listed[row.order_id].external_id,
            kind=KINDS[row.kind],
            level=row.level,
            lines=row.rows,
            state=commission_state(row.amount, row.reversed, row.state == RELEASED),
            buyer=_buyer(people, listed[row.order_id].buyer_id),
            amount=Money(row.amount, currency),
            reversed=Money(row.reversed, currency),
            earned_at=row.paid_at,
        )
        for row in rows
    )


def _buyer(people: People, identifier: int | None) -> str:
    """The name, to be masked; none for who took back the consent to show it."""
    return people.person(identifier).name if identifier is not None and identifier in people else ""


@page("earnings")
def why(visit: Visit, order: str) -> Why:
    """Why one's own amount is what it is, line by line."""
    identifier = find_order(order)
    told = explain_order(identifier, reader=myself(visit))
    parts = [one for one in told.commissions if one.beneficiary.id == myself(visit)]
    corrected = corrections_of(identifier, reader=myself(visit))
    if not parts and not corrected:
        raise missing("unknown_commission", "There is no such commission.")
    currency = visit.house.currency
    skus = {line.line_no: line.sku for line in told.lines}
    return Why(
        order=outside("ord", identifier),
        order_ref=told.order.external_id,
        amount=Money(sum(part.amount for part in parts), currency),
        reversed=Money(sum(part.reversed for part in parts), currency),
        reasons=tuple(
            Reason(
                title=skus[part.line_no],
                state=commission_state(part.amount, part.reversed, part.released_at is not None),
                left=Money(part.amount - part.reversed, currency),
                words=sentence(part.sentence),
            )
            for part in parts
        ),
        timeline=_timeline(told, parts, currency),
        corrections=tuple(sentence(one.sentence) for one in corrected),
        credited=credited(identifier, myself(visit), visit),
    )


@page("earnings")
def corrected(visit: Visit) -> Corrected:
    """What re-ratings changed for the reader, order by order, the latest first."""
    after = unpack(visit.request.GET.get("cursor", ""), 2)
    found = changes_of(myself(visit), after=None if after is None else (after[0], after[1]), limit=PAGE + 1)
    currency = visit.house.currency
    return Corrected(
        rows=tuple(
            CorrectedRow(
                outside("ord", one.order_id), one.external_id, one.at, one.reason, Money(one.old_amount, currency),
                Money(one.new_amount, currency),
            )
            for one in found[:PAGE]
        ),
        cursor=Cursor(pack(found[PAGE - 1].preview_id, found[PAGE - 1].order_id) if len(found) > PAGE else None),
    )  # fmt: skip


@page("earnings")
def proof(visit: Visit, order: str, form: str) -> HttpResponse:
    """The signed proof of one's own amounts, to download as `json` or `pdf`; everybody else is a place in the chain."""
    me = myself(visit)
    may_prove(me, form)
    identifier = find_order(order)
    if not any(one.beneficiary_id == me for one in commissions_of([identifier])):
        raise missing("unknown_commission", "There is no such commission.")
    bundle = make_evidence(order_id=identifier, promoter_id=me, by=visit.login.actor, now=visit.now)
    return proof_response(bundle, form, get_language() or visit.house.language)


def _timeline(told: OrderExplanation, parts: Sequence[CommissionPart], currency: str) -> tuple[Moment, ...]:
    mine = {part.row for part in parts}
    moments = [Moment(told.order.paid_at, _("The order was paid"))]
    for refund in told.refunds:
        back = sum(taken.amount for taken in refund.taken if taken.row in mine)
        if back:
            words = _("Refund, %(amount)s taken back") % {"amount": money_text(Money(back, currency))}
            moments.append(Moment(refund.refunded_at, words, tone="loss"))
    released = {part.released_at for part in parts if part.released_at is not None}
    moments.extend(Moment(at, _("Became available"), tone="good") for at in released)
    due = {
        part.due_at
        for part in parts
        if part.released_at is None and part.due_at is not None and part.reversed < part.amount
    }
    moments.extend(Moment(at, _("Becomes available")) for at in due)
    return tuple(sorted(moments, key=lambda moment: moment.at))


@page("me", member="me")
def me(visit: Visit) -> Me:
    """Who the reader is here, with language, appearance and the way out."""
    identifier = myself(visit)
    if not promotes(visit):
        since = Member.objects.values_list("created_at", flat=True).get(id=identifier)
        return Me(
            person=People([identifier]).person(identifier),
            rank="",
            joined_at=since,
            promotes=False,
            slug=visit.house.slug,
        )
    mine = placed([identifier]).get(identifier)
    if mine is None:
        raise missing("unknown_promoter", "This member is not a promoter.")
    return Me(person=People([identifier]).person(identifier), rank=mine.rank, joined_at=mine.joined_at)
