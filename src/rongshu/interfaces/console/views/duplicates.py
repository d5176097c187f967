"""Members that may be one person: suspected, told apart, merged and unmerged."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from rongshu.domain.members.duplicates.finding import likenesses, pairs, tell_apart
from rongshu.domain.members.duplicates.queries import merges, told_apart
from rongshu.domain.members.growth.queries import total_of
from rongshu.domain.members.profiles.birthdays import birthday_of
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import find_member, masked_email
from rongshu.domain.members.profiles.regions import region_name
from rongshu.domain.referral.promoters.queries import which_promote
from rongshu.flows.duplicates import merge_members, unmerge_members, would_move
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.duplicates import Duplicates, Side, Suspected, Together
from rongshu.interfaces.console.pages.members import MemberRow
from rongshu.interfaces.console.views.members import member_rows, merged_rows
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, missing
from rongshu.kernel.ids import inside, outside

PAGE = 25
FILLED = {
    "name": "name",
    "birth_day": "birthday",
    "region": "region",
    "city": "city",
    "preference": "preference",
}


@page("members", Permission.SEE_MEMBERS)
def duplicates(visit: Visit) -> Duplicates:
    """Suspected pairs, or what was merged."""
    may_edit = visit.may(Permission.EDIT_MEMBERS)
    if visit.request.GET.get("view") == "merged":
        token = unpack(visit.request.GET.get("cursor", ""), 1)
        rows = merges(before=None if token is None else int(token[0]), limit=PAGE + 1)
        more = Cursor(pack(rows[PAGE - 1].id) if len(rows) > PAGE else None)
        return Duplicates("merged", merged=merged_rows(rows[:PAGE]), cursor=more, may_edit=may_edit)
    token = unpack(visit.request.GET.get("cursor", ""), 2)
    found = pairs(after=(0, 0) if token is None else (int(token[0]), int(token[1])), limit=PAGE + 1)
    shown = found[:PAGE]
    known = _rows(visit, [one for pair in shown for one in (pair.low, pair.high)])
    return Duplicates(
        "suspected",
        pairs=tuple(Suspected(known[pair.low], known[pair.high], pair.kinds) for pair in shown),
        cursor=Cursor(pack(shown[-1].low, shown[-1].high) if len(found) > PAGE else None),
        may_edit=may_edit,
    )


@page("members", Permission.EDIT_MEMBERS)
def together(visit: Visit) -> Together | HttpResponse:
    """Two members side by side (`stays` and `goes`, as they are found); posting merges them, or says that they are two."""
    form = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    try:
        stays, goes = (_one(form.get(name, "")) for name in ("stays", "goes"))
    except Refusal as refusal:
        if visit.request.method == "POST" or not form.get("from"):
            raise
        messages.error(visit.request, said(refusal))
        return redirect("console:member", form["from"])
    if visit.request.method != "POST":
        return _shown(visit, stays, goes)
    if form.get("do") == "apart":
        tell_apart(members=[stays.id, goes.id], by=visit.login.actor, now=visit.now)
        messages.success(visit.request, _("They are two people; they are not suspected again."))
        return redirect("console:duplicates")
    reason = form.get("reason", "")
    try:
        done = merge_members(member_id=goes.id, heir_id=stays.id, reason=reason, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return _shown(visit, stays, goes, wrong=said(refusal), reason=reason)
    orders = len(done.moved["orders"])
    words = ngettext("They are one now; %(number)s order moved.", "They are one now; %(number)s orders moved.", orders)
    messages.success(visit.request, words % {"number": orders})
    return redirect("console:member", outside("mem", stays.id))


@page("members", Permission.EDIT_MEMBERS)
def unmerge(visit: Visit, id: str) -> HttpResponse:
    """Undoes a merge."""
    identifier = inside("mrg", id)
    if identifier is None:
        raise missing("unknown_merge", "There is no such merge.")
    try:
        undone = unmerge_members(merge_id=identifier, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        messages.error(visit.request, said(refusal))
    else:
        words = _("Undone: orders %(orders)s, points %(points)s went back.")
        if undone.points_gone:
            words += " " + _("%(gone)s points were used or had lapsed meanwhile.") % {"gone": undone.points_gone}
        messages.success(visit.request, words % {"orders": undone.orders, "points": undone.points})
    return redirect(f"{reverse('console:duplicates')}?{urlencode({'view': 'merged'})}")


def _one(text: str) -> Member:
    """Raises `missing`."""
    identifier = inside("mem", text.strip())
    found = None if identifier is None else Member.objects.filter(id=identifier).first()
    return found or find_member(text.strip()[:200])


def _rows(visit: Visit, ids: Sequence[int]) -> dict[int, MemberRow]:
    found = list(Member.objects.filter(id__in=list(ids)))
    return {one.id: row for one, row in zip(found, member_rows(visit, found), strict=True)}


def _shown(visit: Visit, stays: Member, goes: Member, *, wrong: str = "", reason: str = "") -> Together:
    rows, growth = _rows(visit, [stays.id, goes.id]), {one: total_of(one) for one in (stays.id, goes.id)}
    promote, language = which_promote([stays.id, goes.id]), get_language() or "zh-hans"

    def side(one: Member) -> Side:
        born = birthday_of(one)
        region = " ".join(part for part in (region_name(one.region, language) if one.region else "", one.city) if part)
        return Side(
            rows[one.id], one.external_id or "", masked_email(one.id), "" if born is None else born.text, region,
            growth[one.id], one.id in promote,
        )  # fmt: skip

    would = would_move(source=goes, heir=stays)
    theirs = set(likenesses(goes))
    words = {
        "name": _("name"), "birthday": _("birthday"), "region": _("region"), "city": _("city"),
        "preference": _("what pleases them most"),
    }  # fmt: skip
    return Together(
        side(stays), side(goes), tuple(kind for kind, key in likenesses(stays) if (kind, key) in theirs),
        would.orders, would.points, would.growth, would.coupons,
        tuple(words[FILLED[name]] for name in would.filled if name in FILLED),
        problem="" if would.problem is None else said(would.problem), wrong=wrong, reason=reason,
        apart=told_apart(stays.id, goes.id),
    )  # fmt: skip
