"""Why an order was not credited to somebody: all that was there of theirs, and what became of each."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from rongshu.domain.referral.attribution.queries import Considered, evidence_of, policy, policy_by_id
from rongshu.domain.referral.bonds.queries import bond_history
from rongshu.domain.referral.clicks.queries import touches_of
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.engine.attribution import KINDS, Policy
from rongshu.interfaces.faces.credited import KINDS as KIND_WORDS
from rongshu.interfaces.faces.credited import METHODS, became
from rongshu.interfaces.faces.credited_parts import WhyNot
from rongshu.interfaces.faces.people import People
from rongshu.kernel.clock import from_micros

BACK = timedelta(days=400)
"""How far before the payment touches are looked for."""
MOST = 20


def why_not(
    *, order_id: int, promoter_id: int, buyer_id: int | None, credited_to: int | None, credited_by: str, paid_at: datetime
) -> WhyNot:  # fmt: skip
    """What one promoter had to do with an order and why it went elsewhere. Raises `missing` for whoever is no promoter."""
    one, found = promoter(promoter_id), evidence_of(order_id)
    person = People([promoter_id]).person(promoter_id)
    if credited_to == promoter_id:
        return WhyNot(person, _("The order is credited to them."), ())
    if credited_by == "named":
        return WhyNot(person, _("The order named another promoter itself: no policy was asked."), ())
    verdict = ""
    if credited_by == "corrected":
        verdict = _("The order was corrected by hand since; this is what was there when it came in.")
    elif not (one.active_from <= paid_at and (one.active_to is None or paid_at < one.active_to)):
        verdict = _("They were not active as a promoter when the order was paid: nothing of theirs could count.")
    rules = policy_by_id(found.policy_id) if found is not None else policy(paid_at)[1]
    rows = [
        _code(found, promoter_id),
        *_bond(found, promoter_id, buyer_id, paid_at),
        *_touches(found, promoter_id, buyer_id, paid_at, rules),
        *_store(found, promoter_id),
    ]
    return WhyNot(person, verdict, tuple(rows))


def _mine(found: Considered | None, method: str, promoter_id: int) -> str | None:
    """What became of them where a method named them."""
    for one in found.candidates if found is not None else ():
        if one.method == method and one.promoter_id == promoter_id:
            return became(one)
    return None


def _code(found: Considered | None, promoter_id: int) -> tuple[str, str, str]:
    mine = _mine(found, "code", promoter_id)
    fact = _("No code of theirs came with the order.") if mine is None else _("Their code came with the order.")
    return str(METHODS["code"]), fact, mine or ""


def _bond(
    found: Considered | None, promoter_id: int, buyer_id: int | None, paid_at: datetime
) -> list[tuple[str, str, str]]:
    title = str(METHODS["bond"])
    if buyer_id is None:
        return [(title, _("The order has no buyer we know: nobody could belong to anybody."), "")]
    mine = _mine(found, "bond", promoter_id)
    if mine is not None:
        return [(title, _("The buyer belonged to them."), mine)]
    told = []
    for change in bond_history(buyer_id):
        when = {"at": _when(change.at)}
        if change.at > paid_at:
            continue
        if change.new_promoter_id == promoter_id != change.old_promoter_id:
            told.append(_("The buyer came to belong to them, %(at)s.") % when)
        elif change.old_promoter_id == promoter_id != change.new_promoter_id:
            told.append(_("The buyer ceased to belong to them, %(at)s.") % when)
    return [(title, " ".join(told[-4:]) or _("The buyer never belonged to them before."), "")]


def _touches(
    found: Considered | None, promoter_id: int, buyer_id: int | None, paid_at: datetime, rules: Policy
) -> list[tuple[str, str, str]]:
    title = str(METHODS["touch"])
    mine = _mine(found, "touch", promoter_id)
    met = None if buyer_id is None else touches_of([buyer_id], paid_at - BACK, paid_at)
    rows = []
    if met is not None:
        theirs = [n for n, who in enumerate(met.touches.promoter.tolist()) if who == promoter_id]
        for n in sorted(theirs, key=lambda n: met.touches.at[n], reverse=True)[:MOST]:
            at, kind = from_micros(int(met.touches.at[n])), KINDS[int(met.touches.kind[n])]
            fact = _("The buyer %(touch)s of theirs, %(at)s.") % {"touch": KIND_WORDS[kind], "at": _when(at)}
            rows.append((title, fact, _of_touch(kind, at, paid_at, rules, mine)))
    if not rows and mine is not None:  # a click that the order named itself, of a buyer we do not know
        return [(title, _("The order came by a click of theirs."), mine)]
    return rows or [(title, _("Nothing of theirs is known to have met the buyer."), "")]


def _of_touch(kind: str, at: datetime, paid_at: datetime, rules: Policy, mine: str | None) -> str:
    if "touch" not in rules.methods:
        return _("The policy does not ask this way.")
    days = rules.windows.get(kind)
    if days is None:
        return _("The policy does not count this kind of touch.")
    if at < paid_at - timedelta(days=days):
        return _("That was longer before the payment than the policy's window.")
    if mine is not None:
        return mine
    if rules.touch == "last":
        return _("The last touch counts, and another promoter's was later.")
    return _("The first touch counts, and another promoter's was earlier.")


def _store(found: Considered | None, promoter_id: int) -> list[tuple[str, str, str]]:
    mine = _mine(found, "store", promoter_id)
    return [] if mine is None else [(str(METHODS["store"]), _("They held the store."), mine)]


def _when(at: datetime) -> str:
    return str(formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT"))
