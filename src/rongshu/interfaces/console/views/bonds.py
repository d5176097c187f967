"""Whose customers are whose, and who holds the stores: looked up, given, prolonged and ended by hand, with a reason."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.attribution.actions import hold_store
from rongshu.domain.referral.attribution.queries import holders, policy
from rongshu.domain.referral.bonds import queries
from rongshu.domain.referral.bonds.actions import give_bond, prolong_bond
from rongshu.domain.referral.bonds.models import Bond
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.bonds import BondChange, BondRow, Bonds, Customer, StoreRow, Stores
from rongshu.interfaces.faces.cursors import instant_first, pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.interfaces.faces.policy_words import METHODS
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid, missing
from rongshu.kernel.ids import outside

PAGE = 50
SOON = timedelta(days=30)


@page("promotion", Permission.SEE_PROMOTION)
def bonds(visit: Visit) -> Bonds | HttpResponse:
    """Bonds by holder and state; a customer's id, phone or e-mail leads to their page."""
    asked, now = visit.request.GET, visit.now
    problem, holder = "", None
    try:
        if q := asked.get("q", "").strip()[:100]:
            return redirect("console:bond", outside("mem", find_member(q).id))
        if name := asked.get("promoter", "").strip()[:100]:
            holder = find_member(name).id
    except Refusal:
        problem = _("Nobody is known as %(name)s.") % {"name": q or name}
    state = asked.get("state", "") if asked.get("state", "") in Bonds.states else ""
    token = asked.get("cursor", "")
    found: list[Bond] = []
    if not problem and state:
        timed = instant_first(token, 2)
        after = None if timed is None else (timed[0], int(timed[1]))  # type: ignore[misc]
        found = (
            queries.ending_bonds(since=now, until=now + SOON, promoter_id=holder, after=after, limit=PAGE + 1)
            if state == "soon"
            else queries.ended_bonds(now=now, promoter_id=holder, after=after, limit=PAGE + 1)
        )
    elif not problem:
        one = unpack(token, 1)
        last = None if one is None else one[0]
        found = (
            queries.bonds(after=last, limit=PAGE + 1)
            if holder is None
            else queries.bonds_held(holder, after=last, limit=PAGE + 1)
        )
    rows, more = found[:PAGE], len(found) > PAGE
    people = People([who for one in rows for who in (one.member_id, one.promoter_id)] + [holder])
    following = None
    if more:
        end = rows[-1].until
        following = pack(end, rows[-1].member_id) if state and end is not None else pack(rows[-1].member_id)
    return Bonds(
        state, people.maybe(holder), tuple(_row(visit, one, people) for one in rows), Cursor(following), problem
    )


def _row(visit: Visit, one: Bond, people: People) -> BondRow:
    end = one.until
    state = "in_force" if end is None or end > visit.now + SOON else "soon" if end > visit.now else "past"
    return BondRow(people.person(one.member_id), people.person(one.promoter_id), one.since, end, state)


@page("promotion", Permission.SEE_PROMOTION)
def bond(visit: Visit, id: str) -> Customer | HttpResponse:
    """One customer; posting gives them to a promoter, sets when the bond ends, or ends it now."""
    member = find_member(id)
    if visit.request.method != "POST":
        return _customer(visit, member.id)
    visit.demand(Permission.GIVE_BONDS)
    form = visit.request.POST
    try:
        messages.success(visit.request, _done(visit, member.id))
    except Refusal as refusal:
        values = {name: form.get(name, "")[:500] for name in ("do", "promoter", "until", "reason")}
        return _customer(visit, member.id, values, said(refusal), refusal.at or "")
    return redirect("console:bond", outside("mem", member.id))


def _done(visit: Visit, member: int) -> str:
    form, by, now = visit.request.POST, visit.login.actor, visit.now
    reason = form.get("reason", "").strip()
    match form.get("do"):
        case "give":
            holder = promoter(find_member(form.get("promoter", "").strip()[:100]).id).id
            give_bond(member_id=member, promoter_id=holder, until=_until(visit), reason=reason, by=by, now=now)
            return _("Given; it holds for orders paid from now on.")
        case "prolong":
            prolong_bond(member_id=member, until=_until(visit), reason=reason, by=by, now=now)
            return _("The end is set.")
        case "end":
            give_bond(member_id=member, promoter_id=None, until=None, reason=reason, by=by, now=now)
            return _("Ended: the customer belongs to nobody now.")
        case _:
            raise missing("unknown_act", "There is no such thing to do.")


def _until(visit: Visit) -> datetime | None:
    text = visit.request.POST.get("until", "").strip()
    try:
        return visit.ends(date.fromisoformat(text)) if text else None
    except (ValueError, OverflowError):
        raise invalid("bad_day", "This is no day; write it like 2026-05-01.", at="until") from None


def _customer(
    visit: Visit, member: int, values: dict[str, str] | None = None, problem: str = "", at: str = ""
) -> Customer:
    held, history = queries.bond_of(member), queries.bond_history(member)[::-1]
    people = People(
        [member, None if held is None else held.promoter_id]
        + [who for one in history for who in (one.old_promoter_id, one.new_promoter_id)]
    )
    end = None if held is None else held.until
    return Customer(
        customer=people.person(member),
        bond=None if held is None else _row(visit, held, people),
        last_day=None if end is None else (end - timedelta(microseconds=1)).astimezone(visit.house.zone).date(),
        changes=tuple(
            BondChange(
                one.at, _happened(one.what, one.method, same=one.old_promoter_id == one.new_promoter_id),
                people.maybe(one.old_promoter_id), people.maybe(one.new_promoter_id), actor_name(one.actor), one.reason,
                "" if one.order_id is None else outside("ord", one.order_id),
            )
            for one in history[:100]
        ),
        values=values or {},
        may_give=visit.may(Permission.GIVE_BONDS),
        problem=problem,
        at=at,
    )  # fmt: skip


def _happened(what: str, method: str, *, same: bool) -> str:
    match what:
        case "made":
            return _("made by an order (%(method)s)") % {"method": METHODS.get(method, method)}
        case "moved":
            return _("moved by an order (%(method)s)") % {"method": METHODS.get(method, method)}
        case "ended":
            return _("ended by hand")
        case _:
            return _("end set by hand") if same else _("given by hand")


@page("promotion", Permission.SEE_PROMOTION)
def stores(visit: Visit) -> Stores | HttpResponse:
    """Stores and their holders; posting gives a store to a promoter, or to nobody."""
    if visit.request.method != "POST":
        return _stores(visit)
    visit.demand(Permission.GIVE_BONDS)
    form = visit.request.POST
    values = {name: form.get(name, "").strip()[:100] for name in ("store", "promoter")}
    try:
        if not values["store"]:
            raise invalid("no_store", "Name the store as your orders do.", at="store")
        to = None if form.get("do") == "nobody" else find_member(values["promoter"]).id
        hold_store(store=values["store"], promoter_id=to, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return _stores(visit, values, said(refusal), refusal.at or "")
    messages.success(visit.request, _("Saved; it holds for orders accepted from now on."))
    return redirect("console:stores")


def _stores(visit: Visit, values: dict[str, str] | None = None, problem: str = "", at: str = "") -> Stores:
    found = holders(after=visit.request.GET.get("after", "")[:100], limit=PAGE + 1)
    rows = found[:PAGE]
    people = People(one.promoter_id for one in rows)
    return Stores(
        rows=tuple(StoreRow(one.store, people.person(one.promoter_id), one.at, actor_name(one.actor)) for one in rows),
        next=rows[-1].store if len(found) > PAGE else "",
        values=values or {},
        asked="store" in policy(visit.now)[1].methods,
        may_give=visit.may(Permission.GIVE_BONDS),
        problem=problem,
        at=at,
    )
