"""Packs of materials for festivals and campaigns; what all materials brought."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.marketing.materials.actions import end_pack, put_pack
from rongshu.domain.marketing.materials.library import find_materials
from rongshu.domain.marketing.materials.models import Pack
from rongshu.domain.marketing.materials.queries import Statistics, most_taken, statistics
from rongshu.domain.marketing.materials.queries import packs as packs_of
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.packs import Brought, BroughtRow, PackRow, Packs
from rongshu.interfaces.console.views.materials import rows_of
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Money
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid, missing
from rongshu.kernel.ids import inside, outside

CHOICES = 100
"""Materials that can be chosen from: the latest made."""
DAYS = (30, 90, 365)


@page("materials", Permission.SEE_MATERIALS)
def packs(visit: Visit) -> Packs | HttpResponse:
    """The packs; a new one."""
    form = visit.request.POST
    chosen = form.getlist("materials")
    values = {name: form.get(name, "").strip()[:100] for name in ("name", "from", "until")}
    problem, at = "", ""
    if visit.request.method == "POST":
        visit.demand(Permission.EDIT_MATERIALS)
        try:
            put_pack(
                name=values["name"],
                starts_at=_day(visit, values["from"], "from"),
                ends_at=_day(visit, values["until"], "until"),
                material_ids=[inside("mat", one) or 0 for one in chosen],
                by=visit.login.actor,
                now=visit.now,
            )
        except Refusal as refusal:
            problem, at = said(refusal), refusal.at or ""
        else:
            messages.success(visit.request, _("The pack is made: its materials are offered while it lasts."))
            return redirect("console:packs")
    return Packs(
        rows=tuple(
            PackRow(
                outside("pck", one.id), one.name, _state(one, visit.now), one.starts_at, one.ends_at,
                tuple((outside("mat", item.id), item.title) for item in items),
            )
            for one, items in packs_of()
        ),
        choices=tuple(
            (key, one.title, key in chosen)
            for one in find_materials(now=visit.now, limit=CHOICES)
            for key in (outside("mat", one.id),)
        ),
        values=values,
        problem=problem,
        at=at,
        may_edit=visit.may(Permission.EDIT_MATERIALS),
    )  # fmt: skip


@page("materials", Permission.EDIT_MATERIALS)
def end(visit: Visit, id: str) -> HttpResponse:
    """Ends a pack now."""
    identifier = inside("pck", id)
    if identifier is None:
        raise missing("unknown_pack", "There is no such pack.")
    ended = end_pack(pack_id=identifier, by=visit.login.actor, now=visit.now)
    messages.success(visit.request, _("The pack %(name)s has ended.") % {"name": ended.name})
    return redirect("console:packs")


@page("materials", Permission.SEE_MATERIALS)
def brought(visit: Visit) -> Brought:
    """What the materials taken most often brought."""
    asked = visit.request.GET.get("days", "")
    days = int(asked) if asked in map(str, DAYS) else DAYS[0]
    found = most_taken(since=visit.now - timedelta(days=days))
    figures, shown = statistics([one.id for one in found]), rows_of(visit, found)
    each = [(row, figures.get(one.id, Statistics())) for one, row in zip(found, shown, strict=True)]
    each.sort(key=lambda pair: (pair[1].orders, pair[1].clicks, pair[1].taken), reverse=True)
    best, currency = max((figure.orders for _row, figure in each), default=0), visit.house.currency
    return Brought(
        days=days,
        choices=DAYS,
        taken=sum(figure.taken for _row, figure in each),
        clicks=sum(figure.clicks for _row, figure in each),
        orders=sum(figure.orders for _row, figure in each),
        commission=Money(sum(figure.commission for _row, figure in each), currency),
        rows=tuple(
            BroughtRow(
                row, figure.promoters, Money(figure.commission, currency), 100 * figure.orders // best if best else 0
            )
            for row, figure in each
        ),
    )


def _state(one: Pack, now: datetime) -> str:
    return "coming" if one.starts_at > now else "running" if one.ends_at > now else "over"


def _day(visit: Visit, text: str, at: str) -> datetime:
    try:
        day = date.fromisoformat(text)
        return visit.starts(day) if at == "from" else visit.ends(day)
    except (ValueError, OverflowError):
        raise invalid("bad_day", "This is no day; write it like 2026-05-01.", at=at) from None
