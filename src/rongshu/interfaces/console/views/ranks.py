from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.ranks.actions import save_ladder, set_rank
from rongshu.domain.referral.ranks.models import LadderVersion
from rongshu.domain.referral.ranks.queries import (
    Preview,
    assessed_at,
    ladder,
    ladder_of,
    ladder_versions,
    preview_ladder,
    promoters_by_rank,
    rank_changes,
    standing_of,
)
from rongshu.engine.money import is_currency
from rongshu.engine.plan import PlanError
from rongshu.engine.ranks import Ladder, read_ladder, write_ladder
from rongshu.engine.ranks.distribution import Finding
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.ladder_form import MOST_RANKS, Document, form_of, rearranged, typed_document, written
from rongshu.interfaces.console.pages.ranks import (
    LadderDraft,
    LadderPreview,
    LadderProblem,
    LadderVersionRow,
    MoveRow,
    PromoterRank,
    RankChangeRow,
    RankRow,
    Ranks,
)
from rongshu.interfaces.console.plan_words import problems_in_words
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.interfaces.faces.rank_words import (
    NEED_NAMES,
    NEED_RISKS,
    amount_of,
    figures_in_words,
    needs_in_words,
    steps_of,
    terms_of,
    title_of,
)
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal

PAGE = 50
MOST_LETTERS = 200_000
MOST_OF_FIELD = 200
PREFIX = "f:"
"""Before the names of the ladder's fields."""
START = """currency: {currency}
window: {{days: 90}}
upgrade: at_once
retention: {{months: 3}}
grace: {{months: 1}}
downgrade: by_one
ranks:
- name: bronze
  title: {{zh: 铜牌, en: Bronze}}
  needs: {{own_sales: '1000', own_orders: 3}}
- name: silver
  title: {{zh: 银牌, en: Silver}}
  needs: {{own_sales: '5000', own_orders: 10}}
- name: gold
  title: {{zh: 金牌, en: Gold}}
  needs: {{own_sales: '20000', own_orders: 30, active_months: 3}}
"""


@page("ranks", Permission.SEE_PROMOTERS)
def ranks(visit: Visit) -> Ranks:
    """The ladder in force in words, and how many hold each rank."""
    versions = ladder_versions()
    present = ladder_of(versions[0]) if versions else None
    held = promoters_by_rank(visit.now)
    return Ranks(
        version=_version(versions[0]) if versions else None,
        rows=_rows(present, held),
        promoters=sum(held.values()),
        terms=() if present is None else terms_of(present),
        versions=tuple(_version(one) for one in versions),
        document="" if present is None else write_ladder(present),
        minded=() if present is None else _minded(present),
        assessed_at=assessed_at(),
        may_edit=visit.may(Permission.EDIT_RANKS),
    )


def _version(one: LadderVersion) -> LadderVersionRow:
    return LadderVersionRow(one.number, one.effective_from, actor_name(one.actor))


def _rows(shown: Ladder | None, held: Mapping[str, int], after: Mapping[str, int] | None = None) -> tuple[RankRow, ...]:
    """From the highest rank down; ranks the ladder does not know after it, and no rank last."""
    known = shown.ranks if shown is not None else ()
    everybody = sum(held.values())
    names = [rank.name for rank in reversed(known)]
    names += sorted({*held, *(after or ())} - set(names) - {""})
    needs = {rank.name: needs_in_words(rank.needs, shown.currency) for rank in known} if shown is not None else {}
    return tuple(
        RankRow(
            name=name,
            title=title_of(shown, name),
            needs=needs.get(name, ()),
            holders=held.get(name, 0),
            percent=(200 * held.get(name, 0) + everybody) // (2 * everybody) if everybody else 0,
            after=None if after is None else after.get(name, 0),
        )
        for name in [*names, ""]
    )


@page("ranks", Permission.EDIT_RANKS)
def draft(visit: Visit) -> LadderDraft | HttpResponse:
    """Writing the ladder by form or as YAML: checked, looked at for what it would do to everybody, and published."""
    if visit.request.method != "POST":
        versions = ladder_versions(1)
        present = ladder_of(versions[0]) if versions else read_ladder(START.format(currency=visit.house.currency))
        number = versions[0].number if versions else 0
        document = present.canonical()
        fields = form_of(document) if len(document["ranks"]) <= MOST_RANKS else None
        return LadderDraft(number, write_ladder(present), form=fields)
    form = visit.request.POST
    instead = form.get("instead_of", "")
    instead_of = int(instead) if instead.isdecimal() and len(instead) < 9 else 0
    asked, by_form = form.get("do", ""), form.get("tab") == "form"
    text = form.get("proposed" if asked == "propose" else "document", "").replace("\r\n", "\n")[:MOST_LETTERS]
    typed: Document | None = None
    if by_form and asked != "propose":
        typed = typed_document(_typed(form, visit.house.currency))
        if rearranged(typed, asked):
            return LadderDraft(instead_of, written(typed), form=form_of(typed))
        text = _same_or_written(text, typed)
        if asked == "as_yaml":
            return LadderDraft(instead_of, text)

    def shown(
        *problems: LadderProblem, read: Ladder | None = None, preview: LadderPreview | None = None
    ) -> LadderDraft:
        fields = None
        if by_form or asked == "as_form":
            document = typed if read is None else read.canonical()
            if document is not None and len(document["ranks"]) <= MOST_RANKS:
                fields = form_of(document, frozenset(one.path for one in problems))
        return LadderDraft(instead_of, text, problems, preview, fields)

    try:
        candidate = read_ladder(text)
        if asked == "as_form":
            return shown(read=candidate)
        if asked == "publish":
            published = save_ladder(text=text, instead_of=instead_of, by=visit.login.actor, now=visit.now)
            words = _("Version %(number)s of the ladder is published. Ranks follow within ten minutes.")
            messages.success(visit.request, words % {"number": published.number})
            return redirect("console:ranks")
    except PlanError as error:
        return shown(*(LadderProblem(one.path, one.text) for one in problems_in_words(error)))
    except Refusal as refusal:
        return shown(LadderProblem(refusal.at, said(refusal)), read=candidate)
    if candidate.currency != visit.house.currency:
        words = _("The ladder is in %(found)s and the tenant works in %(wanted)s.")
        found = words % {"found": candidate.currency, "wanted": visit.house.currency}
        return shown(LadderProblem("currency", found), read=candidate)
    return shown(read=candidate, preview=_preview(visit, candidate, form.get("more", "")))


def _typed(form: QueryDict, currency: str) -> dict[str, str]:
    """What stands in the fields; the currency, which nobody types, is the tenant's where it is meddled with."""
    typed = {name[len(PREFIX) :]: form.get(name, "")[:MOST_OF_FIELD] for name in form if name.startswith(PREFIX)}
    known = is_currency(typed.get("currency", ""))
    return typed if known else typed | {"currency": currency}


def _same_or_written(text: str, typed: Document) -> str:
    """The text the fields were made of while they still say the same, with its comments; else what they say."""
    try:
        return text if read_ladder(text) == read_ladder(typed) else written(typed)
    except PlanError:
        return written(typed)


def _preview(visit: Visit, candidate: Ladder, more: str) -> LadderPreview:
    told = preview_ladder(candidate, now=visit.now)
    token = unpack(more, 1)
    found = told.moves(after=None if token is None else token[0], limit=PAGE + 1)
    people = People(one.promoter_id for one in found[:PAGE])
    present = ladder()

    def title(name: str) -> str:
        return title_of(candidate if name in candidate.names else present, name)

    proposed = told.check.proposed
    return LadderPreview(
        rise=told.rise,
        fall=told.fall,
        rows=_rows(candidate, promoters_by_rank(visit.now), told.held_by_rank),
        moves=tuple(
            MoveRow(people.person(one.promoter_id), title(one.old), title(one.new), one.rises) for one in found[:PAGE]
        ),
        more=pack(found[PAGE - 1].promoter_id) if len(found) > PAGE else "",
        continued=token is not None,
        findings=_findings(candidate, told),
        proposed="" if proposed is None else write_ladder(proposed),
        thresholds=() if proposed is None else _thresholds(candidate, proposed),
        minded=_minded(candidate),
    )


def _minded(shown: Ladder) -> tuple[tuple[str, str], ...]:
    return tuple((str(NEED_NAMES[need]), str(NEED_RISKS[need])) for need in shown.needed if need in NEED_RISKS)


def _findings(candidate: Ladder, told: Preview) -> tuple[str, ...]:
    def words(found: Finding) -> str:
        titles = {key: title_of(candidate, value) for key, value in found.params.items() if isinstance(value, str)}
        return _(found.template) % {**found.params, **titles}

    return tuple(words(found) for found in told.check.findings)


def _thresholds(candidate: Ladder, proposed: Ladder) -> tuple[tuple[str, str, str, str], ...]:
    language, currency = get_language() or "zh-hans", candidate.currency
    return tuple(
        (
            old.titled(language),
            str(NEED_NAMES[need]),
            amount_of(need, value, currency),
            amount_of(need, wanted, currency),
        )
        for old, new in zip(candidate.ranks, proposed.ranks, strict=True)
        for (need, value), wanted in zip(old.needs.given.items(), new.needs.given.values(), strict=True)
        if wanted != value
    )


def rank_of_promoter(visit: Visit, promoter_id: int) -> tuple[PromoterRank, Cursor]:
    """What the page of a promoter shows about the rank."""
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    standing = standing_of(promoter_id, now=visit.now)
    found = rank_changes(promoter_id, after=None if token is None else token[0], limit=PAGE + 1)
    present, currency = ladder(), visit.house.currency
    choices = tuple((name, title_of(present, name)) for name in (*(present.names if present else ()), ""))
    shown = PromoterRank(
        title=title_of(present, standing.rank),
        since=standing.since,
        held_until=standing.held_until,
        in_grace=standing.in_grace,
        next_title=title_of(present, standing.next_rank) if standing.next_rank else "",
        steps=steps_of(standing.progress, currency),
        as_of=standing.as_of,
        changes=tuple(
            RankChangeRow(
                one.at,
                title_of(present, one.old_rank),
                title_of(present, one.new_rank),
                _cause(one.cause),
                one.reason or figures_in_words(one.figures, currency),
                actor_name(one.actor),
            )
            for one in found[:PAGE]
        ),
        choices=choices if present is not None and visit.may(Permission.EDIT_RANKS) else (),
        rank=standing.rank,
    )
    return shown, Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None)


def _cause(code: str) -> str:
    causes = {"earned": _("Earned"), "below": _("No longer earned"), "hand": _("Set by hand")}
    return causes.get(code, code)


@page("promoters", Permission.EDIT_RANKS)
def set_by_hand(visit: Visit, id: str) -> HttpResponse:
    """Sets a promoter's rank by hand, with a reason."""
    form = visit.request.POST
    try:
        until = date.fromisoformat(form["held_until"]) if form.get("held_until") else None
        set_rank(
            promoter_id=find_member(id).id,
            rank=form.get("rank", ""),
            reason=form.get("reason", ""),
            held_until=until,
            by=visit.login.actor,
            now=visit.now,
        )
        messages.success(visit.request, _("The rank is set; it counts for orders paid from now on."))
    except ValueError:
        messages.error(visit.request, _("This is no day; write it like 2026-05-01."))
    except Refusal as refusal:
        messages.error(visit.request, said(refusal))
    return redirect(f"{reverse('console:promoter', args=[id])}?view=rank")
