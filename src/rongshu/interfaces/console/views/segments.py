"""Segments in the console: all of them, one with its members and looks, and the builder with its live count."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.marketing.segments import actions
from rongshu.domain.marketing.segments.models import Segment
from rongshu.domain.marketing.segments.queries import (
    Listed,
    counts_of,
    members_of,
    preview,
    segment,
    segments,
    version_of,
)
from rongshu.domain.members.tags.queries import tags
from rongshu.engine.plan.problems import PlanError, Problem
from rongshu.engine.segments.facts import Fact, Kind
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.segments import (
    ConditionFields,
    FactOption,
    GroupFields,
    LookRow,
    Option,
    SegmentForm,
    SegmentLook,
    SegmentPage,
    SegmentRow,
    Segments,
    Trend,
)
from rongshu.interfaces.console.segment_form import (
    Row,
    Typed,
    document_of,
    form_of,
    placed,
    typed,
    with_group,
    with_row,
    without_row,
)
from rongshu.interfaces.console.views.rfm import asked_of
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.faces.people import People
from rongshu.interfaces.faces.segment_words import SegmentWords
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import inside, outside

PAGE = 50
LOOKS = 10
WIDE, HIGH = 120, 32
EXAMPLES = 10


@page("members", Permission.SEE_MEMBERS)
def all_segments(visit: Visit) -> Segments:
    """The latest made first, or those that are archived."""
    archived, token = visit.request.GET.get("archived") == "1", unpack(visit.request.GET.get("cursor", ""), 1)
    found = segments(ended=archived, before=None if token is None else int(token[0]), limit=PAGE + 1)
    words, tag_names = SegmentWords(visit.now), _tag_names()
    return Segments(
        rows=tuple(_row(visit, one, words, tag_names) for one in found[:PAGE]),
        archived=archived,
        cursor=Cursor(pack(found[PAGE - 1].segment.id) if len(found) > PAGE else None),
        may_set=visit.may(Permission.SET_MEMBERSHIP),
    )


def _row(visit: Visit, one: Listed, words: SegmentWords, tag_names: Mapping[str, str]) -> SegmentRow:
    return SegmentRow(
        id=outside("seg", one.segment.id), name=one.segment.name,
        words=words.sentence(one.document, visit.house.currency), size=one.segment.size,
        refreshed_at=one.segment.refreshed_at, trend=_trend(one.sizes), tag=tag_names.get(one.segment.tag, ""),
        ended_at=one.segment.ended_at,
    )  # fmt: skip


def _tag_names() -> dict[str, str]:
    return {outside("tag", one.id): one.name for one in tags(off=True)}


def _trend(sizes: Sequence[int]) -> Trend:
    """From zero to the largest, one step a look."""
    if len(sizes) < 2:
        return Trend()
    top, step = max(*sizes, 1), WIDE / (len(sizes) - 1)
    points = " ".join(f"{at * step:.1f},{HIGH - 1 - (HIGH - 2) * size / top:.1f}" for at, size in enumerate(sizes))
    return Trend(points, sizes[0], sizes[-1])


@page("members", Permission.SEE_MEMBERS)
def one_segment(visit: Visit, id: str) -> SegmentPage:
    """One segment with who is in it and its last looks."""
    found = segment(inside("seg", id) or 0)
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    own = members_of(found.id, after=0 if token is None else int(token[0]), limit=PAGE + 1)
    looks, written = counts_of(found.id), version_of(found)
    listed = Listed(found, written.document, tuple(one.size for one in reversed(looks)))
    people = People(member for member, _since in own[:PAGE])
    return SegmentPage(
        row=_row(visit, listed, SegmentWords(visit.now), _tag_names()),
        version=found.version,
        members=tuple((people.person(member), since) for member, since in own[:PAGE]),
        looks=tuple(LookRow(one.at, one.size, one.joined, one.left, one.version) for one in looks[:LOOKS]),
        due_at=None if found.ended_at else found.due_at,
        cursor=Cursor(pack(own[PAGE - 1][0]) if len(own) > PAGE else None),
        may_set=visit.may(Permission.SET_MEMBERSHIP),
    )


@page("members", Permission.SET_MEMBERSHIP)
def end(visit: Visit, id: str) -> HttpResponse:
    """Archives a segment."""
    actions.end_segment(segment_id=inside("seg", id) or 0, by=visit.login.actor, now=visit.now)
    messages.success(visit.request, _("The segment is archived: nobody is in it any more."))
    return redirect("console:segments")


@page("members", Permission.SET_MEMBERSHIP)
def new(visit: Visit) -> SegmentForm | HttpResponse:
    """A new segment; the address may name the cell of the map it begins with."""
    if visit.request.method == "POST":
        return _worked(visit, None)
    document, words = asked_of(visit.request.GET.dict()), SegmentWords(visit.now)
    return _form(visit, None, words, (document and form_of(document, words.facts)) or Typed())


@page("members", Permission.SET_MEMBERSHIP)
def edit(visit: Visit, id: str) -> SegmentForm | HttpResponse:
    """One segment's name and conditions."""
    found = segment(inside("seg", id) or 0)
    if visit.request.method == "POST":
        return _worked(visit, found)
    document = version_of(found).document
    words = SegmentWords(visit.now)
    form = form_of(document, words.facts)
    text = "" if form else json.dumps(document, ensure_ascii=False, indent=2)
    return _form(visit, found, words, form or Typed(), name=found.name, tag=found.tag, text=text, version=found.version)


def _worked(visit: Visit, found: Segment | None) -> SegmentForm | HttpResponse:
    """One press of a button of the form: a row or a group more or less, or the segment kept."""
    post = visit.request.POST
    words = SegmentWords(visit.now)
    do, form = post.get("do", "look"), typed(post, words.facts)
    given: dict[str, Any] = {"name": post.get("name", "")[:200], "tag": post.get("tag", "")[:40], "text": post.get("text", "")[:200_000], "version": _number(post.get("version", ""))}  # fmt: skip
    way, _dash, rest = do.partition("-")
    at, _dash, row = rest.partition("-")
    if way == "add":
        fact = post.get(f"g{_number(at)}-add", "")
        return _form(visit, found, words, with_row(form, _number(at), fact) if fact in words.facts else form, **given)
    if way == "drop":
        return _form(visit, found, words, without_row(form, _number(at), _number(row)), **given)
    if way == "group":
        return _form(visit, found, words, with_group(form), **given)
    document, _spots = _document(words, form, given["text"])
    if way != "keep":
        return _form(visit, found, words, form, **given)
    if document is None:
        return _form(visit, found, words, form, problem=_("Add a condition first."), **given)
    try:
        if found is None:
            kept = actions.create_segment(
                name=given["name"], document=document, tag=given["tag"], by=visit.login.actor, now=visit.now
            )
        else:
            kept = actions.change_segment(
                segment_id=found.id, name=given["name"], document=document, tag=given["tag"],
                instead_of=given["version"], by=visit.login.actor, now=visit.now,
            )  # fmt: skip
    except PlanError:
        return _form(visit, found, words, form, judged=True, **given)
    except Refusal as refusal:
        return _form(visit, found, words, form, problem=said(refusal), at=refusal.at or "", **given)
    messages.success(visit.request, _("The segment is kept, with the members it has now."))
    return redirect(reverse("console:segment", args=(outside("seg", kept.id),)))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _document(words: SegmentWords, form: Typed, text: str) -> tuple[Any, Mapping[str, tuple[int, int]]]:
    if not text:
        return document_of(form, words.facts)
    try:
        return json.loads(text), {}
    except (ValueError, RecursionError):
        return text, {}


@page("members", Permission.SET_MEMBERSHIP)
def look(visit: Visit) -> SegmentLook:
    """Whom the form means now; nothing is kept."""
    post = visit.request.POST
    words = SegmentWords(visit.now)
    return _looked(visit, words, typed(post, words.facts), post.get("text", "")[:200_000])[0]


def _looked(visit: Visit, words: SegmentWords, form: Typed, text: str) -> tuple[SegmentLook, list[tuple[tuple[int, int] | None, str, Problem]]]:  # fmt: skip
    document, spots = _document(words, form, text)
    if document is None:
        return SegmentLook(), []
    try:
        found = preview(document, now=visit.now)
    except PlanError as error:
        wrong = placed(error.problems, spots)
        told = tuple(dict.fromkeys(_told(words, form, spot, one) for spot, _field, one in wrong))
        return SegmentLook(problems=told), wrong
    except Refusal as refusal:
        return SegmentLook(problems=(said(refusal),)), []
    people = People(member for member, _name in found.examples[:EXAMPLES])
    sentence = words.sentence(document, visit.house.currency)
    examples = tuple(people.person(member) for member, _name in found.examples[:EXAMPLES])
    return SegmentLook(found.count, found.of, sentence, examples), []


def _told(words: SegmentWords, form: Typed, spot: tuple[int, int] | None, one: Problem) -> str:
    """A problem with the name of what it is about."""
    if spot is None:
        return f"{one.path}: {_in_words(one)}" if one.path else _in_words(one)
    title = words.title(words.facts[form.groups[spot[0]].rows[spot[1]].fact])
    return _("%(fact)s: %(problem)s") % {"fact": title, "problem": _in_words(one)}


def _in_words(one: Problem) -> str:
    """A problem as whoever fills in fields says it, not whoever writes documents."""
    last = one.path.rpartition(".")[2]
    if one.code == "one_of_spans" and (last in ("", "not") or last.endswith("]")):
        return _("give at least one of the two bounds")
    if one.code == "missing" and last == "within_days":
        return _("say within how many days")
    if one.code in ("missing", "empty_list") and last == "in":
        return _("choose or name at least one")
    return _(one.template) % one.params


def _form(
    visit: Visit, found: Segment | None, words: SegmentWords, form: Typed, *, name: str = "", tag: str = "", text: str = "", version: int = 0,
    problem: str = "", at: str = "", judged: bool = False,
) -> SegmentForm:  # fmt: skip
    """`judged`: it was meant to be kept, so that what is wrong is said at its row too."""
    looked, wrong = _looked(visit, words, form, text)
    said_at = wrong if judged else []
    return SegmentForm(
        id="" if found is None else outside("seg", found.id),
        name=name,
        version=version,
        how=form.how,
        groups=tuple(
            GroupFields(
                at, at + 1, group.how,
                tuple(_fields(f"g{at}-r{place}", row, words, [one for one in said_at if one[0] == (at, place)]) for place, row in enumerate(group.rows)),
            )
            for at, group in enumerate(form.groups)
        ),
        facts=_facts(words),
        look=looked,
        currency=visit.house.currency,
        text=text,
        tags=tuple(
            Option(outside("tag", one.id), one.name, outside("tag", one.id) == tag)
            for one in tags(off=True)
            if one.active or outside("tag", one.id) == tag
        ),
        problem=problem,
        at=at,
        problems=tuple(_told(words, form, None, one) for spot, _field, one in said_at if spot is None),
    )  # fmt: skip


def _facts(words: SegmentWords) -> tuple[FactOption, ...]:
    groups: dict[str, list[Option]] = {}
    for one in words.facts.values():
        groups.setdefault(one.group, []).append(Option(one.name, words.title(one)))
    return tuple(FactOption(_(group), tuple(facts)) for group, facts in groups.items())


def _fields(key: str, row: Row, words: SegmentWords, wrong: Sequence[tuple[Any, str, Problem]]) -> ConditionFields:
    fact = words.facts[row.fact]
    offered = words.options(row.fact) if fact.kind is Kind.CHOICE else {}
    names = {**offered, **{value: value for value in row.values if value not in offered}} if offered else {}
    return ConditionFields(
        key=key, fact=row.fact, title=words.title(fact), form=_form_of(fact, bool(offered)), negated=row.negated,
        least=row.least, most=row.most, values="" if offered else ", ".join(row.values),
        options=tuple(Option(code, name, code in row.values) for code, name in names.items()), yes=row.yes, days=row.days,
        window=bool(fact.window), ahead=fact.ahead, problems=tuple(dict.fromkeys(_in_words(one) for _spot, _field, one in wrong)),
        wrong=frozenset(field for _spot, field, _one in wrong),
    )  # fmt: skip


def _form_of(fact: Fact, offered: bool) -> str:
    return ("choice" if offered else "text") if fact.kind is Kind.CHOICE else fact.kind.value
