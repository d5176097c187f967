"""Why not me: orders that the reader had a part in and that went elsewhere."""

from __future__ import annotations

from datetime import datetime

from django.utils import formats
from django.utils.translation import gettext as _

from rongshu.domain.commerce.orders.queries import orders_by_id
from rongshu.domain.referral.attribution.queries import Candidate, Considered, evidence_of, missed_by
from rongshu.engine.attribution import Fate
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.missed import Missed, MissedOrder

PAGE = 20


@page("earnings")
def missed(visit: Visit) -> Missed:
    """Orders whose evidence names the reader and that were not credited to them."""
    token, me = unpack(visit.request.GET.get("cursor", ""), 1), myself(visit)
    found = missed_by(me, after=None if token is None else token[0], limit=PAGE + 1)
    orders = orders_by_id([order for order, _considered in found[:PAGE]])
    return Missed(
        rows=tuple(
            MissedOrder(
                orders[order].paid_at,
                tuple(fact for one in considered.candidates if one.promoter_id == me and (fact := _fact(one, visit))),
                _why(considered, me, visit),
            )
            for order, considered in found[:PAGE]
            if order in orders
        ),
        cursor=Cursor(pack(found[PAGE - 1][0]) if len(found) > PAGE else None),
    )


def credited(order: int, me: int, visit: Visit) -> str:
    """By what an order was found to be the reader's; empty where it is not theirs, or was named with the order."""
    considered = evidence_of(order)
    if considered is None:
        return ""
    won = next((one for one in considered.candidates if one.fate is Fate.WON), None)
    return _fact(won, visit) if won is not None and won.promoter_id == me else ""


def _day(at: datetime, visit: Visit) -> str:
    return str(formats.date_format(at.astimezone(visit.house.zone), "SHORT_DATE_FORMAT"))


def _fact(one: Candidate, visit: Visit) -> str:
    match one.method:
        case "code":
            return _("Your code %(code)s came with the order.") % {"code": one.code}
        case "bond" if one.since is not None and one.until is not None:
            days = {"since": _day(one.since, visit), "until": _day(one.until, visit)}
            return _("The customer belonged to you from %(since)s to %(until)s.") % days
        case "bond" if one.since is not None:
            return _("The customer belonged to you from %(since)s.") % {"since": _day(one.since, visit)}
        case "touch" if one.since is not None:
            when = {"at": formats.date_format(one.since.astimezone(visit.house.zone), "SHORT_DATETIME_FORMAT")}
            match one.kind:
                case "click":
                    return _("The customer clicked your link, %(at)s.") % when
                case "scan":
                    return _("The customer scanned your code, %(at)s.") % when
                case "view":
                    return _("The customer saw your page, %(at)s.") % when
                case "entry":
                    return _("The customer entered your code, %(at)s.") % when
                case _:
                    return _("You met the customer in the store, %(at)s.") % when
        case _:
            return ""


def _why(found: Considered, me: int, visit: Visit) -> str:
    mine = next(one for one in found.candidates if one.promoter_id == me)
    match mine.fate:
        case Fate.SELF:
            return _("You are the buyer, and nobody is credited with their own order here.")
        case Fate.INACTIVE:
            return _("You were not active as a promoter when the order was paid.")
        case Fate.TOO_OLD if mine.method == "bond":
            return _("The bond was not in force any more when the order was paid.")
        case Fate.TOO_OLD:
            return _("That was longer before the payment than counts here.")
    winner = next((one for one in found.candidates if one.fate is Fate.WON), None)
    match winner.method if winner is not None else "":
        case "code":
            return _("The buyer gave another promoter's code at checkout: that is asked first.")
        case "bond" if winner is not None and winner.since is not None and winner.until is not None:
            days = {"since": _day(winner.since, visit), "until": _day(winner.until, visit)}
            return _(
                "The customer has belonged to another promoter since %(since)s. Until %(until)s nobody else is credited with their orders."
            ) % days  # fmt: skip
        case "bond" if winner is not None and winner.since is not None:
            return _(
                "The customer has belonged to another promoter since %(since)s: nobody else is credited with their orders."
            ) % {"since": _day(winner.since, visit)}
        case "touch":
            return _("Another promoter's sharing brought the customer to this order.")
        case "store":
            return _("The order is the store's.")
        case _:
            return _("It was credited to nobody: the rules do not ask this way.")
