from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from rongshu.domain.commerce.orders.queries import orders_by_id
from rongshu.domain.commission.periods.queries import rewarded_in_all, rewards_to
from rongshu.domain.commission.rating.models import RELEASED
from rongshu.domain.commission.rating.queries import due_dates, orders_earned_by, pending_of
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.care.queries import ended, how_ended, tagged, tags_in_use
from rongshu.domain.referral.promoters.queries import inviter_history
from rongshu.domain.referral.standings.queries import (
    Placed,
    count_directly_invited,
    directly_invited,
    largest_teams,
    newest_promoters,
    placed,
    team_at,
    team_counts,
)
from rongshu.engine.rating.frames import KINDS
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.promoters import (
    Depth,
    EarnedRow,
    InviterChange,
    Promoter,
    PromoterRow,
    Promoters,
    RewardRow,
    TeamRow,
)
from rongshu.interfaces.console.views.care import care_of
from rongshu.interfaces.console.views.ranks import rank_of_promoter
from rongshu.interfaces.faces.cursors import instant_first, pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.explanations import commission_state
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, missing
from rongshu.kernel.ids import outside
from rongshu.ledger.queries import standings_of

PAGE = 50
FRESH = 100
"""Directly invited ones are counted as of now up to here; more of them as of the last computing of standings."""


@page("promoters", Permission.SEE_PROMOTERS)
def promoters(visit: Visit) -> Promoters:
    """Promoters with balances and teams; found by id, phone or e-mail, or sorted."""
    asked = visit.request.GET
    q = asked.get("q", "").strip()[:200]
    sort = asked.get("sort", "") if asked.get("sort", "") in Promoters.sorts else Promoters.sorts[0]
    tag, state = asked.get("tag", "").strip()[:30], asked.get("state", "")
    state = state if state in Promoters.states else ""
    if q:
        found, more = _named(q), None
    elif tag or state:
        found, more = _chosen(tag, state, asked.get("cursor", ""))
    else:
        found, more = _sorted(sort, asked.get("cursor", ""))
    return Promoters(q, sort, _rows(visit, found), Cursor(more), tag=tag, state=state, tags=tuple(tags_in_use()))


def _chosen(tag: str, state: str, token: str) -> tuple[list[Placed], str | None]:
    """Those with a tag, or who stopped in one way; the tag counts where both are asked for."""
    one = unpack(token, 1)
    after = None if one is None else one[0]
    found = tagged(tag, after=after, limit=PAGE + 1) if tag else ended(state, after=after, limit=PAGE + 1)
    known = placed(found[:PAGE])
    return [known[who] for who in found[:PAGE]], pack(found[PAGE - 1]) if len(found) > PAGE else None


def _named(q: str) -> list[Placed]:
    try:
        member = find_member(q)
    except Refusal:
        return []
    return list(placed([member.id]).values())


def _sorted(sort: str, token: str) -> tuple[list[Placed], str | None]:
    if sort == "-joined":
        one = unpack(token, 1)
        found = newest_promoters(after=None if one is None else one[0], limit=PAGE + 1)
        return found[:PAGE], pack(found[PAGE - 1].id) if len(found) > PAGE else None
    by = sort.removeprefix("-")
    two = unpack(token, 2)
    found = largest_teams(by, after=None if two is None else (two[0], two[1]), limit=PAGE + 1)
    if not found and two is None:  # standings are computed every half minute: the very first promoters have none yet
        found = newest_promoters(limit=PAGE)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], None if last is None else pack(getattr(last, by), last.id)


def _rows(visit: Visit, found: Sequence[Placed]) -> tuple[PromoterRow, ...]:
    identifiers = [one.id for one in found]
    people = People([*identifiers, *(one.inviter_id for one in found)])
    standings, pending, currency = standings_of(identifiers), pending_of(identifiers), visit.house.currency
    stopped = how_ended(identifiers)
    return tuple(
        PromoterRow(
            person=people.person(one.id),
            state=_state(visit, one, stopped.get(one.id, "")),
            rank=one.rank,
            inviter=people.maybe(one.inviter_id),
            joined_at=one.joined_at,
            team_size=one.team_size,
            team_sales=Money(one.team_sales, currency),
            pending=Money(pending[one.id], currency),
            available=Money(standings[one.id].available, currency),
            reserved=Money(standings[one.id].reserved, currency),
            debt=Money(-standings[one.id].debt, currency),
        )
        for one in found
    )


def _state(visit: Visit, one: Placed, how: str = "") -> str:
    return "active" if one.active_to is None or one.active_to > visit.now else how or "inactive"


@page("promoters", Permission.SEE_PROMOTERS)
def promoter(visit: Visit, id: str) -> Promoter:
    """One promoter: balances, commissions, rewards, team by depth, rank, changes of inviter."""
    member = find_member(id)
    one = placed([member.id]).get(member.id)
    if one is None:
        raise missing("unknown_promoter", "This member is not a promoter.")
    view = visit.request.GET.get("view", "")
    row = _rows(visit, [one])[0]
    shown = Promoter(
        view="commissions",
        person=row.person,
        state=row.state,
        rank=row.rank,
        joined_at=row.joined_at,
        pending=row.pending,
        available=row.available,
        reserved=row.reserved,
        debt=row.debt,
        own_sales=Money(one.own_sales, visit.house.currency),
        team_sales=row.team_sales,
        team_size=row.team_size,
        inviter=row.inviter,
        depths=(),
        cursor=Cursor(),
        see_rewards=visit.may(Permission.SEE_PLANS),
    )
    if view == "rewards" and shown.see_rewards:
        return _with_rewards(visit, shown, one)
    if view == "team":
        return _with_team(visit, shown, one)
    if view == "rank":
        ranked, cursor = rank_of_promoter(visit, one.id)
        return replace(shown, view="rank", ranked=ranked, cursor=cursor)
    if view == "care":
        care, cursor = care_of(visit, one.id)
        return replace(shown, view="care", care=care, cursor=cursor)
    if view == "history":
        return _with_history(shown, one)
    return _with_commissions(visit, shown, one)


def _with_commissions(visit: Visit, shown: Promoter, one: Placed) -> Promoter:
    after = instant_first(visit.request.GET.get("cursor", ""), 3)
    found = orders_earned_by(one.id, after=after, limit=PAGE + 1)  # type: ignore[arg-type]
    rows = found[:PAGE]
    orders = [row.order_id for row in rows]
    listed, due, currency = orders_by_id(orders), due_dates(orders), visit.house.currency
    people = People(order.buyer_id for order in listed.values())
    last = rows[-1] if len(found) > PAGE else None
    return replace(
        shown,
        commissions=tuple(
            EarnedRow(
                order_id=outside("ord", row.order_id),
                order_ref=listed[row.order_id].external_id,
                buyer=people.maybe(listed[row.order_id].buyer_id),
                kind=KINDS[row.kind],
                level=row.level,
                lines=row.rows,
                state=commission_state(row.amount, row.reversed, row.state == RELEASED),
                amount=Money(row.amount, currency),
                reversed=Money(row.reversed, currency),
                earned_at=row.paid_at,
                due_at=due.get(row.order_id),
            )
            for row in rows
        ),
        cursor=Cursor(None if last is None else pack(last.paid_at, last.order_id, last.state)),
    )


def _with_rewards(visit: Visit, shown: Promoter, one: Placed) -> Promoter:
    token = instant_first(visit.request.GET.get("cursor", ""), 2)
    found = rewards_to(one.id, after=token, limit=PAGE + 1)  # type: ignore[arg-type]
    last, currency = found[PAGE - 1] if len(found) > PAGE else None, visit.house.currency
    return replace(
        shown,
        view="rewards",
        rewarded=Money(rewarded_in_all(one.id), currency),
        rewards=tuple(
            RewardRow(
                outside("per", row.period_id),
                row.period.name,
                row.kind,
                row.rule,
                row.adjusts,
                Money(row.amount, currency),
                row.at,
            )
            for row in found[:PAGE]
        ),
        cursor=Cursor(None if last is None else pack(last.at, last.journal)),
    )


def _with_team(visit: Visit, shown: Promoter, one: Placed) -> Promoter:
    asked = visit.request.GET
    counted = {depth: sum(members) for depth, members in team_counts(one.id).items()}
    direct = max(count_directly_invited(one.id, most=FRESH), counted.get(1, 0))
    depths = tuple(
        Depth(depth, direct if depth == 1 else members)
        for depth, members in sorted({**counted, 1: direct}.items())
        if members or direct
    )
    depth = int(asked["depth"]) if asked.get("depth", "").isdecimal() and int(asked["depth"]) in counted else 1
    token = unpack(asked.get("cursor", ""), 1)
    after = None if token is None else token[0]
    found = (
        directly_invited(one.id, after=after, limit=PAGE + 1)
        if depth == 1
        else team_at(one.id, depth, after=after, limit=PAGE + 1)
    )
    rows = found[:PAGE]
    people = People(row.id for row in rows)
    last = rows[-1] if len(found) > PAGE else None
    return replace(
        shown,
        view="team",
        depths=depths,
        depth=depth,
        team=tuple(
            TeamRow(
                people.person(row.id),
                _state(visit, row),
                row.rank,
                row.joined_at,
                Money(row.own_sales, visit.house.currency),
                row.team_size,
            )
            for row in rows
        ),
        cursor=Cursor(None if last is None else pack(last.id if depth == 1 else last.enter)),
    )


def _with_history(shown: Promoter, one: Placed) -> Promoter:
    changes = inviter_history(one.id)
    people = People(who for change in changes for who in (change.old_inviter_id, change.new_inviter_id))
    return replace(
        shown,
        view="history",
        history=tuple(
            InviterChange(
                change.at,
                people.maybe(change.old_inviter_id),
                people.maybe(change.new_inviter_id),
                actor_name(change.actor),
                change.reason or (_("joined") if change.old_inviter_id is None and change is changes[-1] else ""),
            )
            for change in changes
        ),
    )
