"""Buyers on a map of scores and by place in life; who stands behind a cell, and the way from there to a segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from rongshu.domain.commerce.purchases.queries import head, heat, lives, rhythm_of
from rongshu.domain.marketing.segments.queries import meant, preview
from rongshu.domain.members.profiles.models import Member
from rongshu.engine.segments.life import LIVES, Rhythm
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.rfm import Behind, HeatCell, HeatRow, LifeRow, Rfm
from rongshu.interfaces.console.segment_form import Document
from rongshu.interfaces.console.views.members import member_rows
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.segment_words import SegmentWords
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import missing

SCORES = (1, 2, 3, 4, 5)
PAGE = 50


@page("members", Permission.SEE_MEMBERS)
def rfm(visit: Visit) -> Rfm:
    """The map and the places in life, as of the last scoring."""
    found, counts = head(), lives()
    whole, edges = sum(counts.values()), {} if found is None else found.edges
    cells = {(one.recency, one.frequency): one for one in heat()}
    fullest = max((one.members for one in cells.values()), default=0)

    def cell(recency: int, frequency: int) -> HeatCell:
        one = cells.get((recency, frequency))
        members = 0 if one is None else one.members
        return HeatCell(
            members, -(-5 * members // fullest) if members else 0, Money(0 if one is None else one.net, visit.house.currency),
            urlencode({"recency": recency, "frequency": frequency}),
            _("recency %(recency)s, frequency %(frequency)s") % {"recency": recency, "frequency": frequency},
        )  # fmt: skip

    spans = _spans(edges.get("recency", ()))
    return Rfm(
        lives=tuple(
            LifeRow(life, count, count * 1_000_000 // whole if whole else 0, urlencode({"life": life}))
            for life, count in counts.items()
        ),
        rows=tuple(
            HeatRow(score, *spans[score - 1], tuple(cell(score, one) for one in SCORES)) for score in SCORES[::-1]
        )
        if cells
        else (),
        columns=tuple(zip(SCORES, _orders(edges.get("frequency", ())), strict=True)),
        buyers=whole,
        scored_at=None if found is None else found.scored_at,
        rhythm=_in_words(rhythm_of(found)),
    )


def _spans(edges: Sequence[int]) -> list[tuple[datetime | None, datetime | None]]:
    """The instants between which the last order of each score lies."""
    at = [datetime.fromtimestamp(0, UTC) + timedelta(microseconds=edge) for edge in edges]
    if len(at) != len(SCORES) - 1:
        return [(None, None)] * len(SCORES)
    return [(at[one - 1] if one else None, at[one] if one < len(at) else None) for one in range(len(SCORES))]


def _orders(edges: Sequence[int]) -> list[str]:
    """The numbers of orders of each score; "–" of one that nobody can have."""
    if len(edges) != len(SCORES) - 1:
        return [""] * len(SCORES)
    told = []
    for one in range(len(SCORES)):
        least = edges[one - 1] + 1 if one else 1
        if one == len(edges):
            told.append(_("%(least)s and more") % {"least": least})
        else:
            most = edges[one]
            told.append("–" if most < least else str(most) if most == least else f"{least}–{most}")
    return told


def _in_words(rhythm: Rhythm) -> tuple[str, ...]:
    times = {name: f"{ppm / 1_000_000:g}" for name, ppm in (("cooling", rhythm.cooling_ppm), ("sleeping", rhythm.sleeping_ppm), ("lost", rhythm.lost_ppm))}  # fmt: skip
    return (
        _("New: bought for the first time, and once, in the last %(days)s days.") % {"days": rhythm.new_days},
        _(
            "A buyer's rhythm is the mean gap between their orders, %(least)s to %(most)s days; %(usual)s days for whoever bought once."
        )
        % {"least": rhythm.least_days, "most": rhythm.most_days, "usual": rhythm.usual_days},
        _(
            "Cooling after %(cooling)s times their rhythm without an order, sleeping after %(sleeping)s times, lost after %(lost)s times."
        )
        % times,
    )


def asked_of(query: Mapping[str, str]) -> Document | None:
    """The document behind a cell's address; None of an address that names no cell."""
    if query.get("life") in LIVES:
        return {"fact": "life", "in": [query["life"]]}
    scores = {name: query.get(name, "") for name in ("recency", "frequency", "monetary")}
    parts: list[Any] = [
        {"fact": name, "at_least": int(text), "at_most": int(text)} for name, text in scores.items() if text in "12345" and len(text) == 1
    ]  # fmt: skip
    return None if not parts else parts[0] if len(parts) == 1 else {"all": parts}


@page("members", Permission.SEE_MEMBERS)
def behind(visit: Visit) -> Behind:
    """The members of a cell, or of a place in life, the latest to join first."""
    query = visit.request.GET.dict()
    document = asked_of(query)
    if document is None:
        raise missing("no_cell", "There is no such cell.")
    token = unpack(query.get("cursor", ""), 1)
    ids = meant(document, before=None if token is None else int(token[0]), limit=PAGE + 1, now=visit.now)
    found = {one.id: one for one in Member.objects.filter(id__in=ids[:PAGE])}
    return Behind(
        words=SegmentWords(visit.now).sentence(document, visit.house.currency),
        count=preview(document, now=visit.now, examples=0).count,
        asked=urlencode({name: text for name, text in query.items() if name != "cursor"}),
        rows=member_rows(visit, [found[one] for one in ids[:PAGE]]),
        cursor=Cursor(pack(ids[PAGE - 1]) if len(ids) > PAGE else None),
        may_set=visit.may(Permission.SET_MEMBERSHIP),
    )
