"""The trace of one commission, step by step: the rule, the computation, the caps, the refunds, the release."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext_noop as _

from rongshu.domain.commission.explanations.conditions import conditions
from rongshu.domain.commission.explanations.found import Found, FoundLine
from rongshu.domain.commission.explanations.ranks import RANK_KINDS, Standing, rank_steps
from rongshu.domain.commission.explanations.words import Sentence, moment, money, product, say
from rongshu.domain.commission.rating.models import PENDING, Commission
from rongshu.engine.jurisdictions import permits_instant_release
from rongshu.engine.money import MILLION, floor_rate
from rongshu.engine.plan import Boost, Override, Plan
from rongshu.engine.plan.fields import write_percent
from rongshu.engine.rating.frames import PEER

ROUNDED = _("%(base)s × %(rate)s = %(exact)s, rounded to %(amount)s.")
"""The one rounding of a rate; said of amounts that are rounded to nothing too."""


def rule_parts(plan: Plan, rule: str) -> tuple[Override | None, list[Boost]]:
    """The override and the boosts a commission's rule names: `first-order+newcomer`."""
    head, *added = rule.split("+")
    override = next((one for one in plan.overrides if one.id == head), None)
    boosts = {boost.id: boost for boost in plan.boosts}
    return override, [boosts[name] for name in added if name in boosts]


def steps_of(found: Found, row: Commission, order_base: int, stood: Sequence[Standing] = ()) -> tuple[Sentence, ...]:
    """How one commission came to be, from the rule to the release.

    `order_base` is the base of all lines together, `stood` what the places of the chain met by rank.
    """
    plan = found.plan
    assert plan is not None
    line = next(line for line in found.lines if line.line_no == row.line_no)
    return (
        say("line", _("Line %(line)s (%(sku)s)."), line=line.line_no, sku=line.sku),
        *(rank_steps(found, stood, row) if row.kind in RANK_KINDS else rule_steps(plan, row.level, row.rule)),
        *(() if row.kind == PEER else _base(plan, line, row.base)),
        *_computation(plan, line, row),
        *_caps(plan, row, order_base),
        *_afterwards(found, row),
    )


def rule_steps(plan: Plan, level: int, rule: str) -> Iterator[Sentence]:
    """Which rate applied, and by which rules."""
    override, boosts = rule_parts(plan, rule)
    if level not in plan.levels:
        yield say("rule", _("Rule %(rule)s applied."), rule=rule)
        return
    own = write_percent(plan.levels[level].rate)
    currency = plan.currency
    if override is None:
        yield say("level", _("Level %(level)s earns %(rate)s."), level=level, rate=own)
    elif override.fixed is not None:
        yield say(
            "override",
            _("Override %(id)s gives level %(level)s %(each)s a unit in place of %(instead)s: %(conditions)s."),
            id=override.id, level=level, each=money(override.fixed, currency), instead=own,
            conditions=conditions(override.when, currency),
        )  # fmt: skip
    else:
        yield say(
            "override",
            _("Override %(id)s gives level %(level)s %(rate)s in place of %(instead)s: %(conditions)s."),
            id=override.id, level=level, rate=write_percent(override.rate or 0), instead=own,
            conditions=conditions(override.when, currency),
        )  # fmt: skip
    for boost in boosts:
        yield say(
            "boost",
            _("Boost %(id)s adds %(rate)s: %(conditions)s."),
            id=boost.id, rate=write_percent(boost.add), conditions=conditions(boost.when, currency),
        )  # fmt: skip
    if boosts:
        start = plan.levels[level].rate if override is None else override.rate or 0
        rates = [start, *(boost.add for boost in boosts)]
        sum_of = " + ".join(write_percent(rate) for rate in rates)
        yield say("rate", _("The rate is %(sum)s = %(rate)s."), sum=sum_of, rate=write_percent(sum(rates)))


def _base(plan: Plan, line: FoundLine, base: int) -> Iterator[Sentence]:
    if plan.basis == "margin":
        yield say(
            "margin",
            _("The base is the margin: %(paid)s − %(cost)s × %(qty)s = %(base)s."),
            paid=money(line.paid, plan.currency), cost=money(line.cost, plan.currency), qty=line.qty,
            base=money(base, plan.currency),
        )  # fmt: skip


def _computation(plan: Plan, line: FoundLine, row: Commission) -> Iterator[Sentence]:
    base, amount = money(row.base, plan.currency), money(row.before_caps, plan.currency)
    if row.ppm < 0:
        override, _boosts = rule_parts(plan, row.rule)
        each = 0 if override is None else override.fixed or 0
        whole = money(each * line.qty, plan.currency)
        texts: dict[str, str | int] = {"each": money(each, plan.currency), "qty": line.qty}
        if each * line.qty > row.before_caps:
            template = _("%(each)s × %(qty)s = %(whole)s, and never more than the base of %(base)s: %(amount)s.")
            yield say("fixed", template, **texts, whole=whole, base=base, amount=amount)
        else:
            yield say("fixed", _("%(each)s × %(qty)s = %(amount)s."), **texts, amount=amount)
        return
    rate = write_percent(row.ppm)
    if row.ppm > MILLION:
        template = _("%(base)s × %(rate)s is more than the base, and never more than the base is paid: %(amount)s.")
        yield say("amount", template, base=base, rate=rate, amount=amount)
    elif row.base * row.ppm % MILLION:
        exact = product(row.base, row.ppm, plan.currency)
        yield say("amount", ROUNDED, base=base, rate=rate, exact=exact, amount=amount)
    else:
        yield say("amount", _("%(base)s × %(rate)s = %(amount)s."), base=base, rate=rate, amount=amount)


def _caps(plan: Plan, row: Commission, order_base: int) -> Iterator[Sentence]:
    currency = plan.currency
    if row.cut_order and plan.caps.order is not None:
        yield say(
            "cap_order",
            _("An order's commissions are capped at %(cap)s of its base (%(base)s), that is %(limit)s: %(cut)s less."),
            cap=write_percent(plan.caps.order), base=money(order_base, currency),
            limit=money(floor_rate(order_base, plan.caps.order), currency), cut=money(row.cut_order, currency),
        )  # fmt: skip
    if row.cut_day and plan.caps.promoter_day is not None:
        yield say(
            "cap_day",
            _("A promoter's day is capped at %(cap)s: %(cut)s less."),
            cap=money(plan.caps.promoter_day, currency), cut=money(row.cut_day, currency),
        )  # fmt: skip
    if row.cut_month and plan.caps.promoter_month is not None:
        yield say(
            "cap_month",
            _("A promoter's month is capped at %(cap)s: %(cut)s less."),
            cap=money(plan.caps.promoter_month, currency), cut=money(row.cut_month, currency),
        )  # fmt: skip
    if row.before_caps != row.amount:
        yield say("final", _("What remains is %(amount)s."), amount=money(row.amount, currency))


def _afterwards(found: Found, row: Commission) -> Iterator[Sentence]:
    """What refunds took, and where the rest is."""
    currency = found.house.currency
    if row.amount == 0:
        return
    if row.reversed == row.amount:
        yield say("reversed", _("All of it was taken back by refunds."))
        return
    if row.reversed:
        yield say(
            "reversed",
            _("Refunds took back %(taken)s; %(rest)s stays."),
            taken=money(row.reversed, currency), rest=money(row.amount - row.reversed, currency),
        )  # fmt: skip
    yield _state(found, row)


def released_at(found: Found, row: Commission) -> datetime | None:
    """When a commission was released; None while it is pending, or nothing. At once means at the rating."""
    plan, rating = found.plan, found.rating
    if row.state == PENDING or row.amount == 0 or plan is None:
        return None
    below = plan.release.instant_below
    at_once = below is not None and row.amount < below and permits_instant_release(plan.jurisdiction)
    return rating.rated_at if at_once or rating.released_at is None else rating.released_at


def _state(found: Found, row: Commission) -> Sentence:
    rating, zone = found.rating, found.house.zone
    if (released := released_at(found, row)) is not None:
        if released == rating.rated_at:
            return say("released", _("Released at once, on %(at)s."), at=moment(released, zone))
        return say("released", _("Released on %(at)s."), at=moment(released, zone))
    if rating.due_at is not None:
        return say("pending", _("Pending; to be released from %(at)s on."), at=moment(rating.due_at, zone))
    if found.plan is not None and found.plan.release.after == "completed" and found.plan.release.days:
        template = _("Pending; to be released %(days)s days after the order is completed.")
        return say("pending", template, days=found.plan.release.days)
    return say("pending", _("Pending; to be released once the order is completed."))
