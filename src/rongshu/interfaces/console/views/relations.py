"""The tree of who invited whom: opened branch by branch, so that its size does not matter."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.care.queries import how_ended
from rongshu.domain.referral.promoters.models import ForestHead
from rongshu.domain.referral.standings.queries import (
    Placed,
    at_the_top,
    directly_invited,
    newest_promoters,
    path_up,
    placed,
    which_invited,
)
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.relations import Branch, Node, Relations
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.people import People
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, missing
from rongshu.kernel.ids import outside

PAGE = 50
HIGH = 100
"""Promoters of the way up that are shown."""


@page("promoters", Permission.SEE_PROMOTERS)
def relations(visit: Visit) -> Relations:
    """The tree from the top, or from whoever is looked for."""
    q = visit.request.GET.get("q", "").strip()[:100]
    head = ForestHead.objects.first()
    as_of = None if head is None else head.standing_at
    if not q:
        return Relations("", (), cut=False, top=None, branch=_top(visit), as_of=as_of)
    try:
        one = placed([find_member(q).id]).get(find_member(q).id)
    except Refusal:
        one = None
    if one is None:
        return Relations(
            q,
            (),
            cut=False,
            top=None,
            branch=Branch(()),
            as_of=as_of,
            problem=_("No promoter is known as %(name)s.") % {"name": q},
        )
    above = path_up(one.id, limit=HIGH + 1)
    people = People(above)
    return Relations(
        q,
        tuple(people.person(who) for who in reversed(above[:HIGH])),
        cut=len(above) > HIGH,
        top=_nodes(visit, [one])[0],
        branch=_below(visit, one.id),
        as_of=as_of,
    )


@page("promoters", Permission.SEE_PROMOTERS)
def branch(visit: Visit, id: str) -> HttpResponse:
    """Whom one promoter invited, for htmx; `top` for those whom nobody invited."""
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    after = None if token is None else token[0]
    if id == "top":
        shown = _top(visit, after)
    else:
        member = find_member(id).id
        if member not in placed([member]):
            raise missing("unknown_promoter", "This member is not a promoter.")
        shown = _below(visit, member, after)
    return render(visit.request, "console/parts/branch.html", {"branch": shown})


def _top(visit: Visit, after: int | None = None) -> Branch:
    found = at_the_top(after=after, limit=PAGE + 1)
    if not found and after is None:  # standings are computed every half minute: the very first promoters have none yet
        found = [one for one in newest_promoters(limit=PAGE) if one.inviter_id is None]
    more = (
        f"{reverse('console:branch', args=['top'])}?cursor={pack(found[PAGE - 1].enter)}" if len(found) > PAGE else ""
    )
    return Branch(_nodes(visit, found[:PAGE]), more)


def _below(visit: Visit, promoter_id: int, after: int | None = None) -> Branch:
    found = directly_invited(promoter_id, after=after, limit=PAGE + 1)
    address = reverse("console:branch", args=[outside("mem", promoter_id)])
    more = f"{address}?cursor={pack(found[PAGE - 1].id)}" if len(found) > PAGE else ""
    return Branch(_nodes(visit, found[:PAGE]), more)


def _nodes(visit: Visit, found: Sequence[Placed]) -> tuple[Node, ...]:
    identifiers = [one.id for one in found]
    people, opens, stopped = People(identifiers), which_invited(identifiers), how_ended(identifiers)
    return tuple(
        Node(
            people.person(one.id),
            "active" if one.active_to is None or one.active_to > visit.now else stopped.get(one.id) or "inactive",
            one.rank,
            one.team_size,
            Money(one.own_sales, visit.house.currency),
            one.id in opens,
        )
        for one in found
    )
