"""Why a period's reward is what it is: from what its runs kept and the version that counts, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop as _

from rongshu.domain.commission.explanations.shapes import Scale
from rongshu.domain.commission.explanations.words import Sentence, say, together
from rongshu.domain.commission.periods.models import RewardPeriod
from rongshu.domain.commission.periods.queries import closed_period, rewards_in, runs_of
from rongshu.domain.commission.periods.reckoning import rule_of
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.engine.periods import parts_due
from rongshu.engine.plan.fields import write_percent
from rongshu.engine.plan.model import Pool, Steps
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.queries import house


@dataclass(frozen=True, slots=True)
class RunPart:
    """What one run gave a promoter, or took, and why. Minor units."""

    at: datetime
    adjusts: bool
    amount: int
    why: tuple[Sentence, ...]

    def sentence(self, language: str) -> str:
        """The whole of it in a language."""
        return together(self.why, language)

    def as_json(self, language: str, scale: Scale) -> dict[str, Any]:
        """For programs: the sentence, and the steps it is made of."""
        return {
            "at": scale.iso(self.at),
            "adjustment": self.adjusts,
            "amount": scale.units(self.amount),
            "sentence": self.sentence(language),
            "steps": [one.as_json(language) for one in self.why],
        }


@dataclass(frozen=True, slots=True)
class RewardExplanation:
    """One promoter's reward of one period, run by run."""

    period: RewardPeriod
    version: PlanVersion
    amount: int
    parts: tuple[RunPart, ...]


def explain_reward(period_id: int, promoter_id: int) -> RewardExplanation:
    """Why a promoter has what they have of a closed period. Raises `missing` where they have nothing of it."""
    period, rows = closed_period(period_id), rewards_in(period_id, promoter_id)
    if not rows:
        raise missing("unknown_reward", "This promoter has nothing of this period.")
    version = next(one for one in versions().versions if one.id == period.version_id)
    rule = rule_of(plan_of(version), period.kind, period.rule)
    scale = Scale(house().currency, house().zone)
    runs = {run.journal: run for run in runs_of(period_id)}
    parts, paid = [], 0
    for row in rows:
        if isinstance(rule, Steps):
            why = list(why_steps(rule, row.metric, scale, _days(period)))
        else:
            run = runs[row.journal]
            shared = Shared(run.base, run.fund, run.weights, row.metric, paid + row.amount)
            why = list(why_pool(rule, shared, scale, _days(period)))
        if row.adjustment_of is not None:
            why.append(_adjusted(paid, row.amount, scale))
        paid += row.amount
        parts.append(RunPart(row.at, row.adjustment_of is not None, row.amount, tuple(why)))
    return RewardExplanation(period, version, paid, tuple(parts))


def _days(period: RewardPeriod) -> tuple[str, str]:
    return period.start.isoformat(), (period.end - timedelta(days=1)).isoformat()


def why_steps(rule: Steps, metric: int, scale: Scale, days: tuple[str, str]) -> Iterator[Sentence]:
    """What own sales bring by bands; `days` are the first and the last day counted."""
    yield say(
        "own_sales",
        _("Own sales from %(first)s to %(last)s, less refunds: %(sales)s."),
        first=days[0],
        last=days[1],
        sales=scale.money(metric),
    )
    parts = parts_due(rule.bands, rule.apply, metric)
    if not parts:
        start = scale.money(rule.bands[0].start)
        yield say("no_band", _("The first band begins at %(start)s, so nothing is due."), start=start)
        return
    if rule.apply == "whole":
        yield say(
            "band_whole",
            _("That reaches the band from %(start)s, whose rate applies to all of it: %(rate)s is %(amount)s."),
            start=scale.money(parts[-1].start),
            rate=write_percent(parts[-1].rate),
            amount=scale.money(parts[-1].amount),
        )
        return
    for part in parts:
        figures = {
            "start": scale.money(part.start),
            "part": scale.money(part.metric),
            "rate": write_percent(part.rate),
            "amount": scale.money(part.amount),
        }
        if part.end is None:
            yield say("band", _("Above %(start)s: %(part)s at %(rate)s is %(amount)s."), **figures)
        else:
            words = _("Between %(start)s and %(end)s: %(part)s at %(rate)s is %(amount)s.")
            yield say("band", words, end=scale.money(part.end), **figures)
    if len(parts) > 1:
        total = scale.money(sum(part.amount for part in parts))
        yield say("bands_together", _("Together %(amount)s."), amount=total)


@dataclass(frozen=True, slots=True)
class Shared:
    """What a pool came to for one promoter: the house's net base, the fund, what all who share weigh together and what the promoter
    does (own sales, or 1 each), and the share. Minor units."""

    base: int
    fund: int
    weights: int
    metric: int
    due: int


def why_pool(rule: Pool, shared: Shared, scale: Scale, days: tuple[str, str]) -> Iterator[Sentence]:
    """How a pool is filled and shared; `days` are the first and the last day counted."""
    yield say(
        "fund",
        _("The pool holds %(share)s of the house's net base of %(base)s from %(first)s to %(last)s: %(fund)s."),
        share=write_percent(rule.share),
        base=scale.money(shared.base),
        first=days[0],
        last=days[1],
        fund=scale.money(shared.fund),
    )
    if rule.split == "equal":
        if shared.metric:
            words = _("%(count)s promoters share it equally, to the last unit: %(amount)s.")
            yield say("shared_equally", words, count=shared.weights, amount=scale.money(shared.due))
        else:
            yield say("no_share", _("The promoter does not share it any more."))
        return
    yield say(
        "shared_by_sales",
        _("It is shared by own sales: %(sales)s of %(all)s of all who share make %(amount)s, to the last unit."),
        sales=scale.money(shared.metric),
        all=scale.money(shared.weights),
        amount=scale.money(shared.due),
    )


def _adjusted(paid: int, change: int, scale: Scale) -> Sentence:
    """What came late to a closed period: it stays closed, the difference is carried along."""
    figures = {"paid": scale.money(paid), "change": scale.money(abs(change))}
    if change > 0:
        words = _("Orders or refunds came after the close, which had paid %(paid)s: %(change)s was added.")
    else:
        words = _("Orders or refunds came after the close, which had paid %(paid)s: %(change)s was taken back.")
    return say("adjusted", words, **figures)
