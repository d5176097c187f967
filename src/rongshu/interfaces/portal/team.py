"""The portal's team: parses, asks, shows. Nobody sees anybody who is not below them."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.marketing.nudging.actions import nudge
from rongshu.domain.marketing.nudging.queries import written_to
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.goals.queries import progress_of, team_figures
from rongshu.domain.referral.standings.models import DAYS, ENDED, NEW, SLEEPING, STATES
from rongshu.domain.referral.standings.queries import (
    Placed,
    count_directly_invited,
    directly_invited,
    is_below,
    path_down,
    placed,
    standings_as_of,
    team_at,
    team_counts,
)
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.people import People
from rongshu.interfaces.faces.templatetags.faces import masked_name
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.goals import reached
from rongshu.interfaces.portal.pages.team import Generation, InState, Step, Team, TeamMember, Tree
from rongshu.kernel.errors import Refusal, missing
from rongshu.kernel.ids import inside, outside

PAGE = 20
FRESH = 100
"""Directly invited ones are counted as of now up to here; more of them as of the last computing."""


@page("team")
def team(visit: Visit) -> Team:
    """Who joined through the reader, by generation and state; somebody found by phone, id or e-mail."""
    me, asked = myself(visit), visit.request.GET
    mine = placed([me]).get(me)
    if mine is None:
        raise missing("unknown_promoter", "This member is not a promoter.")
    counts = team_counts(me)
    direct = max(count_directly_invited(me, most=FRESH), sum(counts.get(1, ())))
    counted = {depth: sum(members) for depth, members in counts.items() if depth > 1}
    depth = int(asked["depth"]) if asked.get("depth", "").isdecimal() and int(asked["depth"]) in counted else 1
    state = asked.get("state", "") if asked.get("state", "") in STATES else ""
    q = asked.get("q", "").strip()[:100]
    token = unpack(asked.get("cursor", ""), 1)
    after = None if token is None else token[0]
    fresh = depth == 1 and not state
    if q:
        found = _searched(q, me)
    elif fresh:
        found = directly_invited(me, after=after, limit=PAGE + 1)
    else:
        found = team_at(me, depth, state=STATES.index(state) if state else None, after=after, limit=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Team(
        size=max(mine.team_size, direct),
        sales=Money(mine.team_sales, visit.house.currency),
        inviter="" if mine.inviter_id is None else People([mine.inviter_id]).person(mine.inviter_id).name,
        generations=tuple(Generation(one, members) for one, members in ((1, direct), *sorted(counted.items())))
        if direct
        else (),
        depth=depth,
        rows=_members(visit, found[:PAGE]),
        cursor=Cursor(None if last is None else pack(last.id if fresh else last.enter)),
        states=tuple(map(InState, STATES, counts.get(depth, (0,) * len(STATES)))),
        state=state,
        days=DAYS,
        as_of=standings_as_of(),
        q=q,
        found=not q or bool(found),
        goals=reached(visit, progress_of(me, team_figures(mine, counts))),
    )


def _searched(text: str, me: int) -> list[Placed]:
    """The one whom a text names, where they are below the reader; a stranger is as unknown as nobody."""
    try:
        member = find_member(text)
    except Refusal:
        return []
    return list(placed([member.id]).values()) if is_below(member.id, me) else []


@page("team")
def tree(visit: Visit) -> Tree:
    """Whom the reader invited, or somebody below them; one branch at a time."""
    me, asked = myself(visit), visit.request.GET
    under = me
    if asked.get("under"):
        found = inside("mem", asked["under"])
        if found is None or not is_below(found, me):
            raise missing("unknown_promoter", "This member is not a promoter.")
        under = found
    token = unpack(asked.get("cursor", ""), 1)
    rows = directly_invited(under, after=None if token is None else token[0], limit=PAGE + 1)
    way = [] if under == me else path_down(me, under)
    people = People(way)
    return Tree(
        way=tuple(Step(outside("mem", one), people.person(one).name) for one in way),
        rows=_members(visit, rows[:PAGE]),
        cursor=Cursor(pack(rows[PAGE - 1].id) if len(rows) > PAGE else None),
    )


@page("team")
def write(visit: Visit, id: str) -> HttpResponse:
    """Writes to somebody the reader invited, in one of the fixed texts."""
    me, recipient = myself(visit), inside("mem", id)
    if recipient is None:
        raise missing("not_invited", "You did not invite this member.")
    try:
        nudge(
            leader_id=me, recipient_id=recipient, kind=visit.request.POST.get("kind", ""),
            leader=masked_name(People([me]).person(me).name), by=visit.login.actor, now=visit.now,
        )  # fmt: skip
    except Refusal as refusal:
        messages.error(visit.request, said(refusal))
    else:
        messages.success(visit.request, _("It stands among their messages now."))
    return redirect("portal:training" if visit.request.POST.get("from") == "training" else "portal:team")


def _members(visit: Visit, found: Sequence[Placed]) -> tuple[TeamMember, ...]:
    people, me = People(one.id for one in found), myself(visit)
    written = written_to(me, [one.id for one in found if one.inviter_id == me], visit.now)
    return tuple(
        TeamMember(
            name=people.person(one.id).name,
            joined_at=one.joined_at,
            sales=Money(one.own_sales, visit.house.currency),
            team_size=one.team_size,
            state=STATES[_state(visit, one)],
            id=outside("mem", one.id),
            may_write=one.inviter_id == me and one.id not in written and _state(visit, one) != ENDED,
            written=one.id in written,
        )
        for one in found
    )


def _state(visit: Visit, one: Placed) -> int:
    """The state as of the last computing; of whoever ended since, and of whoever joined since, as of now."""
    if one.active_to is not None and one.active_to <= visit.now:
        return ENDED
    if one.state is not None:
        return one.state
    return NEW if (visit.now - one.joined_at).days < DAYS else SLEEPING
