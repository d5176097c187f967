from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from rongshu.domain.commission.evidence.actions import make_reward_evidence
from rongshu.domain.commission.explanations.periods import explain_reward
from rongshu.domain.commission.periods.models import RewardPeriod
from rongshu.domain.commission.periods.queries import (
    OpenRule,
    closed_period,
    closed_periods,
    open_rules,
    period_of_row,
    previews,
    rewarded_in,
    runs_of,
    split_by_sales,
)
from rongshu.domain.commission.plans.queries import versions
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages import periods as pages
from rongshu.interfaces.faces.cursors import instant_first, pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.explanations import sentence
from rongshu.interfaces.faces.parts import Cursor, Moment, Money
from rongshu.interfaces.faces.people import People
from rongshu.interfaces.faces.proof import FORMS, proof_response
from rongshu.interfaces.faces.templatetags.faces import money_text
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside, outside

PAGE = 50


@page("periods", Permission.SEE_PLANS)
def periods(visit: Visit) -> pages.Periods:
    """Closed periods, the latest first, and the running ones without their figures."""
    after = instant_first(visit.request.GET.get("cursor", ""), 2)
    found = closed_periods(after=after, limit=PAGE + 1)  # type: ignore[arg-type]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return pages.Periods(
        rows=_rows(visit, found[:PAGE]),
        running=tuple(_running(one) for one in open_rules(now=visit.now)) if after is None else (),
        cursor=Cursor(None if last is None else pack(last.ends_at, last.id)),
    )


def _rows(visit: Visit, found: list[RewardPeriod]) -> tuple[pages.PeriodRow, ...]:
    numbers, currency = {one.id: one.number for one in versions().versions}, visit.house.currency
    return tuple(
        pages.PeriodRow(
            id=outside("per", one.id),
            name=period_of_row(one).name,
            kind=one.kind,
            rule=one.rule,
            version=numbers[one.version_id],
            base=Money(one.base, currency),
            fund=Money(one.fund, currency) if one.kind == "pool" else None,
            amount=Money(one.amount, currency),
            promoters=one.promoters,
            closed_at=one.closed_at,
            adjusted_at=one.adjusted_at,
            adjust_at=one.adjust_at,
        )
        for one in found
    )


def _running(one: OpenRule) -> pages.RunningRow:
    period = one.period
    last = period.next_first_day - timedelta(days=1)
    return pages.RunningRow(
        period.name, one.kind, one.rule.id, one.version.number, period.first_day, last, one.closes_at
    )


@page("periods", Permission.SEE_PLANS)
def running(visit: Visit) -> pages.Running:
    """Every running period as it would close now."""
    currency = visit.house.currency
    return pages.Running(
        tuple(
            pages.RunningFigures(
                row=_running(one.rule),
                base=Money(one.base, currency),
                fund=Money(one.fund, currency) if one.rule.kind == "pool" else None,
                amount=Money(one.amount, currency),
                promoters=one.promoters,
            )
            for one in previews(now=visit.now)
        )
    )


@page("periods", Permission.SEE_PLANS)
def period(visit: Visit, id: str) -> pages.Period:
    """One closed period, its rewards by page, its close and its adjustments."""
    found, currency = _known(id), visit.house.currency
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    rewards = rewarded_in(found.id, after=None if token is None else token[0], limit=PAGE + 1)
    people = People(one.promoter_id for one in rewards[:PAGE])
    by_sales = split_by_sales(found)
    return pages.Period(
        row=_rows(visit, [found])[0],
        by_sales=by_sales,
        rewards=tuple(
            pages.RewardRow(
                person=people.person(one.promoter_id),
                sales=Money(one.metric, currency) if by_sales else None,
                amount=Money(one.amount, currency),
                adjustments=one.adjustments,
            )
            for one in rewards[:PAGE]
        ),
        timeline=_timeline(found, currency),
        cursor=Cursor(pack(rewards[PAGE - 1].promoter_id) if len(rewards) > PAGE else None),
    )


def _timeline(found: RewardPeriod, currency: str) -> tuple[Moment, ...]:
    moments = []
    for run in runs_of(found.id):
        words = ngettext("%(amount)s for %(number)s promoter", "%(amount)s for %(number)s promoters", run.rows)
        what = words % {"amount": money_text(Money(run.amount, currency)), "number": run.rows}
        first = run.journal == found.id
        text = (_("Closed: %(what)s") if first else _("Adjusted after late orders or refunds: %(what)s")) % {
            "what": what
        }
        moments.append(Moment(run.at, text, tone="good" if run.amount >= 0 else "loss"))
    if found.adjust_at is not None:
        moments.append(
            Moment(found.adjust_at, _("Late orders or refunds are carried into the next close"), tone="decision")
        )
    return tuple(moments)


@page("periods", Permission.SEE_PLANS)
def why(visit: Visit, id: str, promoter: str) -> HttpResponse:
    """Why one promoter has what they have of a period, run by run, for htmx."""
    member = inside("mem", promoter)
    if member is None:
        raise missing("unknown_reward", "This promoter has nothing of this period.")
    told = explain_reward(_known(id).id, member)
    shown = {"reasons": [sentence(one.sentence) for one in told.parts], "period": id, "promoter": promoter}
    return render(visit.request, "console/parts/why_reward.html", shown)


@page("periods", Permission.SEE_PLANS)
def evidence(visit: Visit, id: str, promoter: str, form: str) -> HttpResponse:
    """The signed bundle of what one promoter has of a period, to download as `json` or `pdf`."""
    if form not in FORMS:
        raise missing("unknown_form", gettext_noop("There is evidence as json and as pdf."))
    member = inside("mem", promoter)
    if member is None:
        raise missing("unknown_reward", "This promoter has nothing of this period.")
    bundle = make_reward_evidence(period_id=_known(id).id, promoter_id=member, by=visit.login.actor, now=visit.now)
    return proof_response(bundle, form, get_language() or visit.house.language)


def _known(name: str) -> RewardPeriod:
    identifier = inside("per", name)
    if identifier is None:
        raise missing("unknown_period", "There is no such closed period.")
    return closed_period(identifier)
