"""What the team does with a promoter: freezes them and lets them go on, notes, tags, moves them to another inviter."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.care import actions
from rongshu.domain.referral.care.models import FROZEN, NOTE, RESUMED, TAGGED, UNTAGGED
from rongshu.domain.referral.care.queries import changes_of, freezes_of, tags_in_use, tags_of, transfers_of
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.flows.merging import merge_people
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.care import Care, CareEntry, FrozenSpan, PlannedTransfer
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.erasing import erasing_of
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid, missing
from rongshu.kernel.ids import outside

PAGE = 50
_NEEDS = {
    "freeze": Permission.MANAGE_PROMOTERS,
    "resume": Permission.MANAGE_PROMOTERS,
    "transfer": Permission.MANAGE_PROMOTERS,
    "merge": Permission.MERGE_PROMOTERS,
    "take_back": Permission.MANAGE_PROMOTERS,
    "note": Permission.NOTE_PROMOTERS,
    "tag": Permission.NOTE_PROMOTERS,
    "untag": Permission.NOTE_PROMOTERS,
}


def care_of(visit: Visit, promoter_id: int) -> tuple[Care, Cursor]:
    """The part of a promoter's page; its cursor goes through what was done and written."""
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = changes_of(promoter_id, after=None if token is None else token[0], limit=PAGE + 1)
    planned, one = transfers_of(promoter_id), promoter(promoter_id)
    people = People([move.inviter_id for move in planned] + [row.other_id for row in found] + [one.heir_id])
    words = {
        FROZEN: _("Frozen"), RESUMED: _("Goes on"), TAGGED: _("Tagged"), UNTAGGED: _("Tag taken off"), NOTE: _("Note"),
        "merged": _("Merged into"), "absorbed": _("Took over, as the same person:"),
    }  # fmt: skip
    care = Care(
        active=one.active_to is None or one.active_to > visit.now,
        ended=one.ended_as,
        since=one.active_to,
        tags=tuple(tags_of(promoter_id)),
        known=tuple(tags_in_use()),
        entries=tuple(
            CareEntry(
                row.at,
                actor_name(row.actor),
                words.get(row.what, row.what),
                row.text,
                note=row.what == NOTE,
                other=people.maybe(row.other_id),
            )
            for row in found[:PAGE]
        ),
        transfers=tuple(
            PlannedTransfer(
                move.moves_at, people.maybe(move.inviter_id), move.state, actor_name(move.actor), move.reason
            )
            for move in planned
        ),
        may_note=visit.may(Permission.NOTE_PROMOTERS),
        may_manage=visit.may(Permission.MANAGE_PROMOTERS),
        may_merge=visit.may(Permission.MERGE_PROMOTERS),
        heir=people.maybe(one.heir_id),
        erasing=erasing_of(promoter_id, outside("mem", promoter_id))
        if one.active_to is not None and visit.may(Permission.EDIT_MEMBERS)
        else None,
        freezes=tuple(
            FrozenSpan(
                span.since,
                actor_name(span.by),
                span.why,
                span.until,
                actor_name(span.thawed_by) if span.thawed_by else "",
                span.thawed_why,
            )
            for span in freezes_of(promoter_id)
        ),
    )
    return care, Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None)


@page("promoters", Permission.SEE_PROMOTERS)
def care(visit: Visit, id: str) -> HttpResponse:
    """Does what the form of a promoter's page asks for."""
    who = promoter(find_member(id).id).id
    what = visit.request.POST.get("do", "")
    if what not in _NEEDS:
        raise missing("unknown_act", "There is no such thing to do.")
    visit.demand(_NEEDS[what])
    try:
        messages.success(visit.request, _done(visit, who, what))
    except Refusal as refusal:
        messages.error(visit.request, said(refusal))
    return redirect(f"{reverse('console:promoter', args=[outside('mem', who)])}?view=care")


def _done(visit: Visit, who: int, what: str) -> str:
    form, by, now = visit.request.POST, visit.login.actor, visit.now
    reason = form.get("reason", "")
    match what:
        case "freeze":
            actions.freeze(promoter_id=who, reason=reason, by=by, now=now)
            return _("Frozen: orders paid from now on earn them nothing. What was earned before stays theirs.")
        case "resume":
            actions.resume(promoter_id=who, reason=reason, by=by, now=now)
            return _("They go on.")
        case "note":
            actions.add_note(promoter_id=who, text=form.get("note", ""), by=by, now=now)
            return _("The note is kept.")
        case "tag":
            actions.tag(promoter_id=who, name=form.get("tag", ""), by=by, now=now)
            return _("The tag is on.")
        case "untag":
            actions.untag(promoter_id=who, name=form.get("tag", ""), by=by, now=now)
            return _("The tag is off.")
        case "take_back":
            actions.take_back_transfer(promoter_id=who, by=by, now=now)
            return _("Taken back: they stay where they are.")
        case "merge":
            heir = find_member(form.get("heir", "").strip()[:100]).id
            done = merge_people(promoter_id=who, heir_id=heir, reason=reason, by=by, now=now).promoter
            return _("Merged: %(links)s links, %(customers)s customers and %(invited)s invited promoters moved.") % {
                "links": done.links, "customers": done.customers, "invited": done.invited,
            }  # fmt: skip
        case _:
            name = form.get("inviter", "").strip()[:100]
            inviter = find_member(name).id if name else None
            moved = actions.transfer(promoter_id=who, inviter_id=inviter, reason=reason, by=by, now=now, at=_at(visit))
            if moved:
                return _("Moved, with their team; it holds for orders rated from now on.")
            return _("Planned: it is done at the beginning of that day.")


def _at(visit: Visit) -> datetime | None:
    text = visit.request.POST.get("day", "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        at = visit.starts(day)
    except (ValueError, OverflowError):
        raise invalid("bad_day", "This is no day; write it like 2026-05-01.", at="day") from None
    if day < visit.today:
        raise invalid("day_past", "This day is past.", at="day")
    return at
