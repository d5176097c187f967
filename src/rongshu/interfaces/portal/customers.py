"""The portal's customers: parses, asks, shows. Everything is of the promoter who is here."""

from __future__ import annotations

from datetime import datetime, timedelta

from rongshu.domain.insight.brought.customers import Bought, bought_by
from rongshu.domain.members.consents.purposes import SHARING
from rongshu.domain.members.consents.queries import withdrawn_by
from rongshu.domain.referral.bonds.models import Bond
from rongshu.domain.referral.bonds.queries import bonds_ending_first, count_held_upto
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Cursor, Money, Person
from rongshu.interfaces.faces.people import People
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.customers import Customer, Customers
from rongshu.kernel.clock import from_micros

PAGE = 20
MOST = 1_000
"""Customers are counted up to here: a count of all of them would grow with them."""
SOON = timedelta(days=30)


@page("team")
def customers(visit: Visit) -> Customers:
    """Who belongs to the reader, the bond that ends first first."""
    me, asked = myself(visit), visit.request.GET
    only = asked.get("show") == "ending"
    before = visit.now + SOON
    found = bonds_ending_first(
        me, visit.now, before=before if only else None, after=_after(asked.get("cursor", "")), limit=PAGE + 1
    )
    rows = found[:PAGE]
    people, bought = People(one.member_id for one in rows), bought_by(me, [one.member_id for one in rows])
    hidden = withdrawn_by([one.member_id for one in rows], SHARING)
    last = rows[-1] if len(found) > PAGE else None
    return Customers(
        held=_counted(count_held_upto(me, visit.now, most=MOST)),
        ending=_counted(count_held_upto(me, visit.now, before=before, most=MOST)),
        only_ending=only,
        within=SOON.days,
        rows=tuple(
            _row(visit, one, None if one.member_id in hidden else people, bought.get(one.member_id)) for one in rows
        ),
        cursor=Cursor(None if last is None else pack(last.until or 0, last.member_id)),
    )


def _counted(number: int) -> str:
    return f"{MOST - 1:,}+" if number >= MOST else f"{number:,}"


def _after(token: str) -> tuple[datetime | None, int] | None:
    numbers = unpack(token, 2)
    if numbers is None:
        return None
    try:
        return (from_micros(numbers[0]) if numbers[0] else None, numbers[1])
    except OverflowError:
        return None


def _row(visit: Visit, bond: Bond, people: People | None, bought: Bought | None) -> Customer:
    person = Person("", "") if people is None else people.person(bond.member_id)
    days = None if bond.until is None else (bond.until.astimezone(visit.house.zone).date() - visit.today).days
    return Customer(
        name=person.name,
        phone=person.phone,
        since=bond.since,
        until=bond.until,
        days=days,
        orders=0 if bought is None else bought.orders,
        last_at=None if bought is None else bought.last_at,
        commission=Money(0 if bought is None else bought.commission, visit.house.currency),
    )
