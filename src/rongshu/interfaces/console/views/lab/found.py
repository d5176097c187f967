"""A comparison as the page shows it."""

from __future__ import annotations

import numpy as np
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rongshu.domain.commission.lab.queries import booked
from rongshu.domain.commission.lab.report import ratio
from rongshu.domain.commission.windows.shapes import Window
from rongshu.engine.calendar import day_of
from rongshu.engine.lab import Comparison, Ground, Trial
from rongshu.engine.lab.comparison import Pair as Numbers
from rongshu.engine.rating.frames import KINDS
from rongshu.interfaces.console.pages import lab as pages
from rongshu.interfaces.console.pages.lab import Beside, Change, Pair
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.people import People
from rongshu.interfaces.faces.templatetags.faces import kind, money_text, percent
from rongshu.kernel.ids import outside

SHOWN = 10
CATEGORIES = 12


def result_of(
    visit: Visit, window: Window, ground: Ground, found: Comparison, against: str, number: int | None
) -> pages.Result:
    """Everything but the text, the days and how long it took, which the caller knows."""
    currency = visit.house.currency
    before, after = found.before, found.after
    moved = [*found.most_gained[:SHOWN], *found.most_lost[:SHOWN]]
    people = People(int(window.promoter_ids[at]) for at, _old, _new in moved)

    def promoter(row: Numbers) -> Change:
        person = people.person(int(window.promoter_ids[row[0]]))
        href = reverse("console:promoter", args=[person.id])
        return _change(person.name, row, currency, href=href, person=person)

    def day(row: Numbers) -> Change:
        at = row[0]
        paid = int(ground.paid_by_day[at])
        when = day_of(int(ground.days[at]))
        return _change(when.isoformat(), row, currency, day=when, paid=Money(paid, currency), ppm=ratio(row[2], paid))

    def order(row: Numbers) -> Change:
        name = outside("ord", int(window.order_ids[row[0]]))
        paid = Money(int(ground.paid_by_order[row[0]]), currency)
        return _change(
            window.external_ids[row[0]], row, currency, href=reverse("console:order", args=[name]), ref=name, paid=paid
        )

    return pages.Result(
        verdict=_verdict(found, currency, against),
        against=against,
        orders=len(window.orders),
        lines=len(window.lines),
        paid=Money(ground.paid, currency),
        took=0,
        pairs=tuple(_pairs(found, ground, currency)),
        notes=tuple(_notes(window, before, after, number is not None, currency)),
        levels=tuple(_levels(before, after, currency)),
        periods=tuple(_periods(before, after, currency)),
        charts=_charts(found, ground, against, currency),
        gainers=found.gainers,
        gained=Money(found.gained, currency),
        losers=found.losers,
        lost=Money(found.lost, currency),
        most_gained=tuple(promoter(row) for row in found.most_gained[:SHOWN]),
        most_lost=tuple(promoter(row) for row in found.most_lost[:SHOWN]),
        orders_changed=found.orders_changed,
        largest=tuple(order(row) for row in found.orders[: 2 * SHOWN]),
        heaviest=tuple(day(row) for row in found.heaviest_days[:SHOWN]),
        worst=tuple(day(row) for row in found.worst_days[:SHOWN]),
        document="",
        since="",
        until="",
        against_value="" if number is None else str(number),
    )


def _change(name: str, row: Numbers, currency: str, **more: object) -> Change:
    _at, old, new = row
    return Change(name, Money(old, currency), Money(new, currency), Money(new - old, currency), **more)  # type: ignore[arg-type]


def _verdict(found: Comparison, currency: str, against: str) -> str:
    spoken = {
        "new": money_text(Money(found.after.cost, currency)),
        "old": money_text(Money(found.before.cost, currency)),
        "moved": money_text(Money(abs(found.difference), currency)),
        "against": against,
    }
    if not found.difference:
        return _("This plan would have cost %(new)s, as much as %(against)s.") % spoken
    if found.difference > 0:
        return _("This plan would have cost %(new)s: %(moved)s more than %(against)s with %(old)s.") % spoken
    return _("This plan would have cost %(new)s: %(moved)s less than %(against)s with %(old)s.") % spoken


def _pairs(found: Comparison, ground: Ground, currency: str) -> list[Pair]:
    before, after = found.before, found.after

    def pair(label: str, unit: object, old: int | None, new: int | None, note: str = "", better: str = "") -> Pair:
        return Pair(label, unit, old, new, currency, note, better)  # type: ignore[arg-type]

    known = bool(ground.costed.any())
    margins = [ground.margin - trial.of_costed if known else None for trial in (before, after)]
    net = ground.paid - ground.paid_back
    pairs = [
        pair(
            _("Cost after refunds"),
            "money",
            before.cost,
            after.cost,
            _("accrued, less taken back, and rewards of periods"),
            "down",
        ),
        pair(
            _("Cost of what was paid and kept"), "rate", ratio(before.cost, net), ratio(after.cost, net), better="down"
        ),
        pair(_("Commission accrued"), "money", before.accrued, after.accrued),
        pair(_("Taken back by refunds"), "money", before.reversed, after.reversed),
    ]
    if before.rewards or after.rewards:
        pairs.append(pair(_("Rewards of periods"), "money", before.rewarded, after.rewarded))
    pairs += [
        pair(_("Margin after commission"), "money", margins[0], margins[1], _margin_note(ground, known), "up"),
        pair(_("Promoters who earn"), "count", before.earners, after.earners),
        pair(_("Held by the top 1 %"), "rate", before.top_share, after.top_share),
        pair(_("Gini coefficient"), "share", before.gini, after.gini, _("0: everybody earns the same; 1: one earns all")),
        pair(_("Orders at the cap of an order"), "count", before.by_cap[0], after.by_cap[0]),
        pair(_("Orders at a promoter's cap of a day"), "count", before.by_cap[1], after.by_cap[1]),
        pair(_("Orders at a promoter's cap of a month"), "count", before.by_cap[2], after.by_cap[2]),
        pair(_("Cut by caps"), "money", before.cut_order + before.cut_promoter, after.cut_order + after.cut_promoter),
    ]  # fmt: skip
    return pairs


def _margin_note(ground: Ground, known: bool) -> str:
    if not known:
        return _("no order line says what it cost")
    share = ratio(int(ground.lines.paid[ground.costed].sum()), ground.paid)
    return _("before refunds, of the lines whose cost is known: %(share)s of sales") % {"share": percent(share, 1)}


def _notes(window: Window, before: Trial, after: Trial, published: bool, currency: str) -> list[str]:
    """What a reader has to know to compare the figures with the books."""
    notes = []
    if published:
        accrued = booked(window.since, window.until)
        spoken = {"booked": money_text(Money(accrued, currency))}
        if accrued == before.accrued:
            notes.append(_("The books say the same of these orders: %(booked)s accrued.") % spoken)
        else:
            notes.append(
                _(
                    "On the books these orders accrued %(booked)s: by the versions in force then, in the sequence they came in."
                )
                % spoken
            )
    if len(np.unique(window.version_ids)) > 1:
        notes.append(_("In this window more than one version was in force; here every order is tried by one."))
    if before.rewards or after.rewards:
        notes.append(_("Steps and pools are those of the orders of this window alone; months cut by it are partial."))
    caps = [trial.plan.caps for trial in (before, after)]
    if (window.usage.day or window.usage.month) and any(each.promoter_day or each.promoter_month for each in caps):
        notes.append(
            _(
                "What promoters had accrued earlier in the first day and month counts for their caps, here and in the exported files."
            )
        )
    if window.promoters.history is not None:
        notes.append(_("Ranks are those held when an order was paid, here and in the exported files."))
    return notes


def _levels(before: Trial, after: Trial, currency: str) -> list[Pair]:
    old, new = ({(each[0], each[1]): each[2] for each in trial.by_level} for trial in (before, after))
    return [
        Pair(_place(*key), "money", old.get(key, 0), new.get(key, 0), currency)
        for key in sorted({*old, *new})
    ]  # fmt: skip


def _place(code: int, level: int) -> str:
    name = str(kind(KINDS[code], level))
    return name if KINDS[code] == "level" else _("%(kind)s, place %(level)s") % {"kind": name, "level": level}


def _periods(before: Trial, after: Trial, currency: str) -> list[tuple[str, Pair]]:
    old, new = ({(each.rule, each.period): each.amount for each in trial.rewards} for trial in (before, after))
    return [
        (period, Pair(rule, "money", old.get((rule, period), 0), new.get((rule, period), 0), currency))
        for rule, period in sorted({*old, *new}, key=lambda key: (key[1], key[0]))
    ]


def _charts(found: Comparison, ground: Ground, against: str, currency: str) -> tuple[Beside, ...]:
    language = get_language() or "zh-hans"
    names = (against, _("this plan"))
    days = tuple(day_of(number) for number in ground.days.tolist())
    before, after = found.before, found.after
    moved = np.abs(after.by_day - before.by_day)
    if moved.any():
        at = int(moved.argmax())
        spoken = {
            "day": days[at].isoformat(), "old": money_text(Money(int(before.by_day[at]), currency)),
            "new": money_text(Money(int(after.by_day[at]), currency)),
        }  # fmt: skip
        answer = _("Most on %(day)s: %(new)s in place of %(old)s.") % spoken
    else:
        answer = _("On no day is there a difference.")
    charts = [
        Beside(
            "lab-days", _("On which days would it cost more or less?"), answer, _("Day"), (), days,
            tuple((name, tuple(trial.by_day.tolist())) for name, trial in zip(names, (before, after), strict=True)),
            currency, language,
        )
    ]  # fmt: skip
    most = np.argsort(-ground.paid_by_category, kind="stable")[:CATEGORIES]
    most = most[ground.paid_by_category[most] > 0]
    labels = tuple((*ground.lines.categories, _("no category"))[at] for at in most.tolist())
    shares = [
        (name, ratio(int(after.by_category[at]), int(ground.paid_by_category[at])) or 0)
        for name, at in zip(labels, most, strict=True)
    ]
    if shares:
        name, ppm = max(shares, key=lambda pair: pair[1])
        answer = _("%(name)s costs most of what is paid for it: %(ppm)s.") % {"name": name, "ppm": percent(ppm, 1)}
        charts.append(
            Beside(
                "lab-categories", _("Which categories carry the commission?"), answer, _("Category"), labels, (),
                tuple((one, tuple(trial.by_category[most].tolist())) for one, trial in zip(names, (before, after), strict=True)),
                currency, language,
            )
        )  # fmt: skip
    return tuple(charts)
