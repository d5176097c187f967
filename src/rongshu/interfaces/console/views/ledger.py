from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongshu.domain.commission.periods.queries import which_are_periods
from rongshu.flows.verify import Checked, check_books, last_check
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.ledger_words import RULES, movement, rule_meaning, rule_title
from rongshu.interfaces.console.pages.ledger import Account, Invariant, Ledger, LedgerDifference, Run
from rongshu.interfaces.console.pages.orders import TransferRow
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.ids import outside
from rongshu.ledger.queries import latest_transfers

PAGE = 30


@page("ledger", Permission.SEE_LEDGER)
def ledger(visit: Visit) -> Ledger:
    """The last verification with what each rule means, what the books held, and the latest transfers."""
    check = last_check(now=visit.now)
    transfers, cursor = _transfers(visit)
    currency = visit.house.currency
    return Ledger(
        last=None if check is None else Run(check.at, check.milliseconds, actor_name(check.actor)),
        running=None,
        may_run=visit.may(Permission.CHECK_LEDGER),
        invariants=_invariants(check),
        differences=tuple(
            LedgerDifference(rule_title(found.name), example)
            for found in (() if check is None else check.findings)
            for example in found.examples
            if found.differences
        ),
        accounts=tuple(
            Account(int(one.book), one.accounts, Money(one.amount, currency))
            for one in (() if check is None else check.books)
        ),
        transfers=transfers,
        cursor=cursor,
    )


@page("ledger", Permission.CHECK_LEDGER, snapshot=True)
def run(visit: Visit) -> HttpResponse:
    """Verifies the books now and keeps what was found."""
    verdict = check_books(by=visit.login.actor, now=visit.now)
    if verdict.differences:
        words = ngettext("%(number)s difference was found.", "%(number)s differences were found.", verdict.differences)
        messages.error(visit.request, words % {"number": verdict.differences})
    else:
        messages.success(visit.request, _("Everything was recomputed; the books agree."))
    return redirect("console:ledger")


def _invariants(check: Checked | None) -> tuple[Invariant, ...]:
    if check is None:
        return tuple(Invariant(name, rule_title(name), rule_meaning(name), "unknown") for name in RULES)
    return tuple(
        Invariant(
            found.name, rule_title(found.name), rule_meaning(found.name), "differs" if found.differences else "holds",
            found.examined, found.differences,
        )
        for found in check.findings
    )  # fmt: skip


def _transfers(visit: Visit) -> tuple[tuple[TransferRow, ...], Cursor]:
    token = unpack(visit.request.GET.get("cursor", ""), 2)
    found = latest_transfers(after=None if token is None else (token[0], token[1]), limit=PAGE + 1)
    rows = found[:PAGE]
    people = People(owner for moved, _about in rows for owner in (moved.debit[0], moved.credit[0]))
    rewarded = which_are_periods(about for _moved, about in rows if about)
    currency = visit.house.currency
    last = rows[-1][0] if len(found) > PAGE else None
    return tuple(
        TransferRow(
            journal=str(moved.journal),
            kind=movement(moved.debit[1], moved.credit[1]),
            at=moved.at,
            debit=people.person(moved.debit[0]).name if moved.debit[0] > 0 else "",
            debit_book=moved.debit[1],
            credit=people.person(moved.credit[0]).name if moved.credit[0] > 0 else "",
            credit_book=moved.credit[1],
            amount=Money(moved.amount, currency),
            ref=_reference(about, rewarded),
            href=_address(about, rewarded),
        )
        for moved, about in rows
    ), Cursor(None if last is None else pack(last.journal, last.line))


def _reference(about: int, rewarded: set[int]) -> str:
    """What a transfer is about, in a word; nothing where it is about several things."""
    return "" if not about else _("Period") if about in rewarded else _("Order")


def _address(about: int, rewarded: set[int]) -> str:
    if not about:
        return ""
    name, prefix = ("console:period", "per") if about in rewarded else ("console:order", "ord")
    return reverse(name, args=[outside(prefix, about)])
