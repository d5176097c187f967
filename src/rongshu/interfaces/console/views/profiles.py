"""One member's profile edited: what is known, tags, consents; and tags for many at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from rongshu.domain.marketing.segments.queries import segments_of
from rongshu.domain.members.consents.actions import say_consents
from rongshu.domain.members.consents.purposes import PURPOSES
from rongshu.domain.members.consents.queries import history_of
from rongshu.domain.members.profiles.editing import change_member
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import masked_email
from rongshu.domain.members.tags.actions import put_tag, take_tag
from rongshu.domain.members.tags.models import RULE
from rongshu.domain.members.tags.queries import changes_of as changes_of_tags
from rongshu.domain.members.tags.queries import tags, tags_of
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.profiles import ConsentSaid, MemberProfile, TagMove, TagPart
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.interfaces.faces.profile_form import changes_of, consent_parts, consents_sent, profile_part
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.secrets import masked, unseal

MOST_AT_ONCE = 200
PLACE_NAMES = {
    "portal": gettext_noop("by themselves"), "console": gettext_noop("told the team"), "api": gettext_noop("in your shop"),
    "card": gettext_noop("with the member card"), "joining": gettext_noop("on joining"), "import": gettext_noop("by a file"),
}  # fmt: skip


@page("members", Permission.SEE_MEMBERS)
def profile(visit: Visit, id: str) -> MemberProfile | HttpResponse:
    """The form, tags and consents; posting keeps what its form is for. A refused profile stands in its form again."""
    identifier = inside("mem", id)
    if identifier is None or not Member.objects.filter(id=identifier).exists():
        raise missing("unknown_member", "There is no member %(name)s.", name=id)
    sent, problem, at = visit.request.POST, "", ""
    if visit.request.method == "POST":
        visit.demand(Permission.EDIT_MEMBERS)
        try:
            messages.success(visit.request, _done(visit, identifier))
            return redirect("console:member_profile", id)
        except Refusal as refusal:
            problem, at = said(refusal), refusal.at
            if sent.get("do") != "profile":
                messages.error(visit.request, problem)
                return redirect("console:member_profile", id)
    member = Member.objects.get(id=identifier)
    return MemberProfile(
        person=People([identifier]).person(identifier),
        part=profile_part(member, sent=sent if problem else None, problem=problem, at=at),
        phone=masked(unseal(member.phone)) if member.phone else "",
        email=masked_email(identifier),
        external_id=member.external_id or "",
        said_by=member.birth_by,
        tags=tag_parts(identifier),
        offered=tuple((outside("tag", one.id), one.name) for one in tags()),
        consents=consent_parts(identifier),
        history=tuple(
            ConsentSaid(
                _(PURPOSES[one.purpose].name),
                one.given,
                one.text,
                _(PLACE_NAMES.get(one.place, one.place)),
                one.at,
                actor_name(one.actor),
            )
            for one in history_of(identifier, limit=20)
        ),
        tag_history=_tag_history(identifier),
        may_edit=visit.may(Permission.EDIT_MEMBERS),
    )


def tag_parts(member_id: int) -> tuple[TagPart, ...]:
    """The tags of a member; of one that a rule put on, the segments it stands for."""
    standing: dict[str, list[str]] = {}
    for segment in segments_of(member_id):
        standing.setdefault(segment.tag, []).append(segment.name)
    found = []
    for one in tags_of([member_id])[member_id]:
        id, by_rule = outside("tag", one.id), one.source == RULE
        by = " · ".join(standing.get(id, ())) if by_rule else actor_name(one.actor)
        found.append(TagPart(id, one.name, by_rule, one.at, by or actor_name(one.actor)))
    return tuple(found)


def _tag_history(member_id: int) -> tuple[TagMove, ...]:
    names = {one.id: one.name for one in tags(off=True)}
    return tuple(
        TagMove(names[one.tag_id], one.on, one.at, actor_name(one.actor))
        for one in changes_of_tags(member_id, limit=20)
    )


def _done(visit: Visit, member_id: int) -> str:
    sent, by, now = visit.request.POST, visit.login.actor, visit.now
    match sent.get("do"):
        case "profile":
            changed = bool(change_member(member_id=member_id, changes=changes_of(sent), by=by, now=now))
        case "consents":
            given, shown = consents_sent(member_id, sent)
            changed = bool(say_consents(member_id=member_id, given=given, texts=shown, place="console", by=by, now=now))
        case "tag":
            changed = bool(put_tag(tag_id=_tag(visit), members=[member_id], by=by, now=now))
        case "untag":
            changed = bool(take_tag(tag_id=_tag(visit), members=[member_id], by=by, now=now))
        case _:
            raise missing("unknown_act", "There is no such thing to do.")
    return _("Kept.") if changed else _("Nothing was changed.")


def _tag(visit: Visit) -> int:
    found = inside("tag", visit.request.POST.get("tag", ""))
    if found is None:
        raise missing("unknown_tag", "There is no such tag.")
    return found


@page("members", Permission.EDIT_MEMBERS)
def tag_many(visit: Visit) -> HttpResponse:
    """Puts a tag on the members that were ticked in the list, or takes it off."""
    sent = visit.request.POST
    ticked = [one for one in (inside("mem", text) for text in sent.getlist("member")[:MOST_AT_ONCE]) if one is not None]
    try:
        if not ticked:
            messages.info(visit.request, _("Tick members first."))
        elif sent.get("do") == "untag":
            count = take_tag(tag_id=_tag(visit), members=ticked, by=visit.login.actor, now=visit.now)
            words = ngettext("Taken off %(count)s member.", "Taken off %(count)s members.", count)
            messages.success(visit.request, words % {"count": count})
        else:
            count = put_tag(tag_id=_tag(visit), members=ticked, by=visit.login.actor, now=visit.now)
            words = ngettext("Put on %(count)s member.", "Put on %(count)s members.", count)
            messages.success(visit.request, words % {"count": count})
    except Refusal as refusal:
        messages.error(visit.request, said(refusal))
    back = sent.get("back", "")
    return redirect(reverse("console:members") + (f"?{back}" if back and "\n" not in back and len(back) < 500 else ""))
