"""What the reader might do next, in words: the figures are read here, judged by the engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongshu.domain.insight.brought.links import LINK, Brought, brought_by_links
from rongshu.domain.referral.bonds.queries import count_held_upto
from rongshu.domain.referral.links.models import Link
from rongshu.domain.referral.standings.models import NEW, SLEEPING, STATES
from rongshu.domain.referral.standings.queries import team_counts
from rongshu.engine.suggestions import Channel, Facts, Suggestion, suggestions
from rongshu.interfaces.faces.channels import channel_name
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.portal.door import myself
from rongshu.interfaces.portal.pages.channels import NextStep

WEEKS = timedelta(days=30)
SOON = timedelta(days=7)
MOST = 1_000


def brought_in(visit: Visit, days: int) -> list[Brought]:
    """What the reader's links brought in the last `days` days, today among them."""
    since = visit.today - timedelta(days=days - 1)
    return brought_by_links(
        myself(visit), since=since, until=visit.today, starts=visit.starts(since), ends=visit.ends(visit.today),
        zone=str(visit.house.zone),
    )  # fmt: skip


def links_among(brought: Sequence[Brought]) -> dict[int, Link]:
    """The links of what was brought, by id."""
    return {one.id: one for one in Link.objects.filter(id__in={row.link_id for row in brought if row.link_id})}


def next_steps(visit: Visit, *, limit: int, brought: Sequence[Brought] | None = None) -> tuple[NextStep, ...]:
    """The most urgent suggestions, at most `limit`; `brought` of the last 30 days where it was read already."""
    rows = brought_in(visit, WEEKS.days) if brought is None else brought
    links, me = links_among(rows), myself(visit)
    people: dict[str, list[int]] = {}
    for row in rows:
        if row.how == LINK and row.link_id in links and links[row.link_id].channel:
            sums = people.setdefault(links[row.link_id].channel, [0, 0])
            sums[0] += row.visitors
            sums[1] += row.orders
    week = visit.today - timedelta(days=6)
    direct = team_counts(me, deepest=1).get(1, (0,) * len(STATES))
    facts = Facts(
        channels=[Channel(key, visitors, orders) for key, (visitors, orders) in sorted(people.items())],
        ending=count_held_upto(me, visit.now, before=visit.now + SOON, most=MOST),
        new=direct[NEW],
        sleeping=direct[SLEEPING],
        clicks_week=sum(row.clicks for row in rows if row.day >= week),
        clicks_before=sum(row.clicks for row in rows if row.day < week),
    )
    return tuple(_step(one) for one in suggestions(facts)[:limit])


def _step(one: Suggestion) -> NextStep:
    share, n = reverse("portal:share"), one.count
    match one.code:
        case "ending":
            text = ngettext(
                "%(n)d customer's time with you ends within 7 days", "%(n)d customers' time with you ends within 7 days", n
            )  # fmt: skip
            reason = _("An order before then keeps them, where the brand's rules extend it.")
            return NextStep(text % {"n": n}, reason, reverse("portal:customers") + "?show=ending", "hourglass")
        case "new":
            text = ngettext("%(n)d new member has no order yet", "%(n)d new members have no order yet", n)
            reason = _(
                "They joined through you in the last 30 days. The first order comes sooner with somebody's help."
            )
            return NextStep(text % {"n": n}, reason, reverse("portal:team") + "?state=new", "sprout")
        case "sleeping":
            text = ngettext(
                "%(n)d member has sold nothing for 30 days", "%(n)d members have sold nothing for 30 days", n
            )
            reason = _("They joined through you and had no order in this time.")
            return NextStep(text % {"n": n}, reason, reverse("portal:team") + "?state=sleeping", "users")
        case "better_channel":
            names = {"channel": channel_name(one.channel), "other": channel_name(one.other), "times": one.times}
            text = (
                _("%(channel)s brings %(times)d times the orders per visitor of %(other)s: share there") % names
                if one.times
                else _("%(channel)s brings orders, %(other)s none yet: share there") % names
            )
            return NextStep(text, _compared(one), share, "share-2")
        case "silent_channel":
            channel = channel_name(one.channel)
            text = _("Try another product in %(channel)s") % {"channel": channel}
            reason = _("%(visitors)d new visitors came from there in 30 days, and none of them ordered.")
            return NextStep(text, reason % {"visitors": one.visitors}, share, "share-2")
        case "quiet":
            reason = _("Nobody has opened your links for 7 days; in the weeks before it was %(n)d times.") % {"n": n}
            return NextStep(_("Share something again"), reason, share, "share-2")
        case _:
            reason = _("Choose one, copy its link, send it to somebody: clicks show here within seconds.")
            return NextStep(_("Share your first product"), reason, share, "share-2")


def _compared(one: Suggestion) -> str:
    return _(
        "In 30 days %(channel)s brought %(orders)d orders from %(visitors)d visitors, %(other)s %(other_orders)d from %(other_visitors)d."
    ) % {
        "channel": channel_name(one.channel), "other": channel_name(one.other), "orders": one.orders, "visitors": one.visitors,
        "other_orders": one.other_orders, "other_visitors": one.other_visitors,
    }  # fmt: skip
