"""What sharing brought today and this month: four short reads, each by an index over the promoter's own rows."""

from __future__ import annotations

from datetime import date

from rongshu.domain.commerce.orders.queries import count_promoted
from rongshu.domain.commission.periods.queries import rewarded_in_all
from rongshu.domain.commission.rating.queries import earned_between
from rongshu.domain.referral.clicks.queries import figures_of_promoter
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.home import Span, Today

_EPOCH = date(1970, 1, 1).toordinal()


@page("home")
def today(visit: Visit) -> Today:
    """The figures alone, for the page that shows them already."""
    return today_of(visit)


def today_of(visit: Visit) -> Today:
    """Today's and this month's figures of the reader."""
    me, month = myself(visit), visit.today.replace(day=1)
    since, until = visit.starts(visit.today), visit.ends(visit.today)
    orders = count_promoted(me, since, visit.starts(month), until)
    return Today(*(
        Span(
            clicks=figures_of_promoter(me, day.toordinal() - _EPOCH, visit.today.toordinal() - _EPOCH).clicks,
            orders=brought,
            earned=Money(
                earned_between(me, visit.starts(day), until) + rewarded_in_all(me, since=visit.starts(day), until=until),
                visit.house.currency,
            ),
        )
        for day, brought in zip((visit.today, month), orders, strict=True)
    ))  # fmt: skip
