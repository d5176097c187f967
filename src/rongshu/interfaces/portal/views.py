"""The portal's views: each parses, makes its calls, and fills a page. Everything is about the promoter who is here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

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
    earned_between,
    earned_in_all,
    next_release,
    orders_earned_by,
    pending_of,
)
from rongshu.domain.commission.rerating.queries import changes_of
from rongshu.domain.referral.ranks.queries import ladder, standing_of
from rongshu.domain.referral.standings.queries import (
    Placed,
    count_directly_invited,
    directly_invited,
    generations,
    placed,
    team_at,
)
from rongshu.engine.rating.frames import KINDS
from rongshu.interfaces.faces import access
from rongshu.interfaces.faces.cursors import instant_first, pack, unpack
from rongshu.interfaces.faces.door import Visit, signed_in
from rongshu.interfaces.faces.explanations import commission_state, sentence
from rongshu.interfaces.faces.parts import Cursor, Moment, Money
from rongshu.interfaces.faces.people import People
from rongshu.interfaces.faces.proof import FORMS, proof_response
from rongshu.interfaces.faces.rank_words import brings, steps_of, title_of
from rongshu.interfaces.faces.templatetags.faces import money_text
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.notices import notices_for
from rongshu.interfaces.portal.pages import (
    Earning,
    Earnings,
    Generation,
    Home,
    Me,
    MyRank,
    Reason,
    SignIn,
    Team,
    TeamMember,
    Why,
)
from rongshu.interfaces.portal.pages_rerating import Corrected, CorrectedRow
from rongshu.interfaces.portal.rewards import REWARD, reward_earnings, steps_cards
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import missing, unavailable
from rongshu.kernel.ids import outside
from rongshu.kernel.throttle import allow
from rongshu.ledger.queries import standings_of

PAGE = 20
PROOFS_PER_HOUR = 30
"""How many proofs one promoter may have made within an hour."""
RECENT = 5
_STATES = {"pending": PENDING, "released": RELEASED}


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in to the portal."""
    name, problem = request.POST.get("phone", ""), ""
    if request.method == "POST":
        problem = access.try_to_sign_in(request, name, request.POST.get("password", ""))
    user = signed_in(request)
    if user is not None and not problem and (user.role != Role.PROMOTER or user.member_id is not None):
        return access.onwards(request, user) if request.method == "POST" else redirect(access.home_of(user))
    wanted = request.POST.get("next", request.GET.get("next", ""))
    shown = SignIn(phone=name, next=wanted, problem=problem)
    return render(request, shown.template, {"page": shown}, status=422 if problem else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    return access.sign_out(request, "portal:sign_in")


@page("home")
def home(visit: Visit) -> Home:
    """What is available, what comes next, and the latest earnings."""
    me, currency = myself(visit), visit.house.currency
    standing = standings_of([me])[me]
    due = next_release(me)
    due_day = None if due is None else max(due.astimezone(visit.house.zone).date(), visit.today)
    month = visit.today.replace(day=1)
    return Home(
        name=People([me]).person(me).name,
        available=Money(standing.available, currency),
        pending=Money(pending_of([me])[me], currency),
        reserved=Money(standing.reserved, currency),
        debt=Money(-standing.debt, currency),
        month=Money(
            earned_between(me, visit.starts(month), visit.ends(visit.today))
            + rewarded_in_all(me, since=visit.starts(month), until=visit.ends(visit.today)),
            currency,
        ),
        next_release=due_day,
        next_amount=None if due_day is None else Money(due_until(me, visit.ends(due_day)), currency),
        recent=_merged(visit, orders_earned_by(me, limit=RECENT), rewards_to(me, limit=RECENT))[0][:RECENT],
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
    people = People(order.buyer_id for order in listed.values())
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
    return "" if identifier is None else people.person(identifier).name


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
    if form not in FORMS:
        raise missing("unknown_form", gettext_noop("There is evidence as json and as pdf."))
    me = myself(visit)
    if not allow("proof", str(me), limit=PROOFS_PER_HOUR, seconds=3600):
        raise unavailable(
            "too_many_proofs",
            gettext_noop("That were many proofs within an hour. The next one can be made in the next hour."),
        )
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


@page("team")
def team(visit: Visit) -> Team:
    """Who joined through the reader, by generation."""
    me, asked, currency = myself(visit), visit.request.GET, visit.house.currency
    mine = placed([me]).get(me)
    if mine is None:
        raise missing("unknown_promoter", "This member is not a promoter.")
    direct = count_directly_invited(me)
    counted = {depth: members for depth, members in generations(me) if depth > 1}
    depth = int(asked["depth"]) if asked.get("depth", "").isdecimal() and int(asked["depth"]) in counted else 1
    token = unpack(asked.get("cursor", ""), 1)
    after = None if token is None else token[0]
    found = (
        directly_invited(me, after=after, limit=PAGE + 1)
        if depth == 1
        else team_at(me, depth, after=after, limit=PAGE + 1)
    )
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Team(
        size=max(mine.team_size, direct),
        sales=Money(mine.team_sales, currency),
        inviter="" if mine.inviter_id is None else People([mine.inviter_id]).person(mine.inviter_id).name,
        generations=tuple(Generation(one, members) for one, members in ((1, direct), *sorted(counted.items())))
        if direct
        else (),
        depth=depth,
        rows=_members(visit, found[:PAGE]),
        cursor=Cursor(None if last is None else pack(last.id if depth == 1 else last.enter)),
    )


def _members(visit: Visit, found: Sequence[Placed]) -> tuple[TeamMember, ...]:
    people = People(one.id for one in found)
    return tuple(
        TeamMember(
            name=people.person(one.id).name,
            joined_at=one.joined_at,
            sales=Money(one.own_sales, visit.house.currency),
            team_size=one.team_size,
            state="active" if one.active_to is None or one.active_to > visit.now else "inactive",
        )
        for one in found
    )


@page("me")
def me(visit: Visit) -> Me:
    """Who the reader is here, with language, appearance and the way out."""
    identifier = myself(visit)
    mine = placed([identifier]).get(identifier)
    if mine is None:
        raise missing("unknown_promoter", "This member is not a promoter.")
    return Me(person=People([identifier]).person(identifier), rank=mine.rank, joined_at=mine.joined_at)
