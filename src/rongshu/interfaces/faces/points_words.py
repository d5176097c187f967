"""The rules of points in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongshu.domain.members.points.models import PointsLot
from rongshu.engine.points.arithmetic import offset_of
from rongshu.engine.points.rules import Rules, write_factor
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.points_kinds import source_name
from rongshu.interfaces.faces.points_parts import PointsLotRow
from rongshu.interfaces.faces.templatetags.faces import plain_money

SOON = timedelta(days=30)


def ways_of(rules: Rules) -> tuple[str, ...]:
    """How points are earned."""
    found = []
    if rules.spending is not None:
        per = plain_money(Money(rules.spending.per, rules.currency))
        words = ngettext("%(number)s point for every %(per)s paid.", "%(number)s points for every %(per)s paid.", rules.spending.points)  # fmt: skip
        found.append(words % {"number": rules.spending.points, "per": per})
        for one in rules.products:
            words = _("%(name)s: %(factor)s times the points.") if one.factor else _("%(name)s: no points.")
            found.append(words % {"name": one.name, "factor": write_factor(one.factor)})
    if rules.first_order:
        found.append(_("%(number)s points for the first order.") % {"number": rules.first_order})
    if rules.sign_in:
        row = ", ".join(map(str, rules.sign_in))
        found.append(_("Signing in day after day: %(row)s points; the last for every day after.") % {"row": row})
    found += [_("%(name)s: %(number)s points.") % {"name": one.name, "number": one.points} for one in rules.tasks]
    if rules.birthday:
        found.append(_("%(number)s points for the birthday.") % {"number": rules.birthday})
    if rules.usable_after:
        words = ngettext("Points of an order may be used %(number)s day after payment.", "Points of an order may be used %(number)s days after payment.", rules.usable_after)  # fmt: skip
        found.append(words % {"number": rules.usable_after})
    if rules.caps.day:
        found.append(_("At most %(number)s points a day.") % {"number": rules.caps.day})
    if rules.caps.month:
        found.append(_("At most %(number)s points a month.") % {"number": rules.caps.month})
    return (*found, lasting(rules))


def lasting(rules: Rules) -> str:
    """How long points last."""
    one = rules.validity
    if one.days:
        return ngettext("Points last %(number)s day.", "Points last %(number)s days.", one.days) % {"number": one.days}
    if one.months:
        return ngettext("Points last %(number)s month.", "Points last %(number)s months.", one.months) % {"number": one.months}  # fmt: skip
    if one.years == 0:
        return _("Points last until the end of the year.")
    if one.years == 1:
        return _("Points last until the end of the next year.")
    if one.years is not None:
        return _("Points last until the end of the year %(number)s years on.") % {"number": one.years}
    return _("Points last for ever.")


def worth_of(usable: int, rules: Rules) -> Money | None:
    """What so many points take off at most, in whole steps, rounded down."""
    worth = offset_of(usable, rules.offset)
    return Money(worth, rules.currency) if worth else None


def lot_row(one: PointsLot, tasks: Mapping[str, str], *, now: datetime, zone: tzinfo) -> PointsLotRow:
    """A lot as it is shown."""
    return PointsLotRow(
        left=one.left,
        amount=one.amount,
        source=source_name(one.source, tasks),
        until=None if one.expires_at is None else (one.expires_at - timedelta(seconds=1)).astimezone(zone).date(),
        from_day=None if one.is_open else one.usable_at.astimezone(zone).date(),
        soon=one.expires_at is not None and one.expires_at - now < SOON,
    )
