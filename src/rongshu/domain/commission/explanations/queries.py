from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_noop as _

from rongshu.domain.commission.explanations.conditions import conditions
from rongshu.domain.commission.explanations.found import Found, FoundRefund, find
from rongshu.domain.commission.explanations.ranks import Standing
from rongshu.domain.commission.explanations.shapes import (
    CommissionPart,
    LinePart,
    Met,
    OrderExplanation,
    OrderPart,
    Position,
    RefundPart,
    Scale,
    Steps,
    Taken,
    TransferPart,
    VersionPart,
    Who,
    account,
)
from rongshu.domain.commission.explanations.silences import (
    Places,
    Rated,
    line_silences,
    places_of,
    silence,
    whole_silence,
)
from rongshu.domain.commission.explanations.trace import released_at, steps_of
from rongshu.domain.commission.explanations.words import Sentence, say
from rongshu.domain.commission.rating.models import PENDING, Commission
from rongshu.engine.rating.frames import DIFFERENTIAL, ELIGIBLE, KINDS, LEVEL, PEER
from rongshu.ledger.books import Book
from rongshu.ledger.queries import Moved


def explain_order(order_id: int, *, reader: int | None = None) -> OrderExplanation:
    """Why each amount of an order of the active tenant, and why nothing. Raises `missing` for an order not stored.

    Told to `reader`, a promoter, everybody else is a place in the chain; the buyer is nobody.
    """
    return explained(find(order_id, reader=reader))


def explained(found: Found) -> OrderExplanation:
    """The explanation of what was found about an order."""
    scale = Scale(found.house.currency, found.house.zone)
    version = found.version
    rated = None if found.plan is None else Rated(found)
    places = places_of(found)
    chain = tuple(_positions(found, scale, places, rated))
    commissions = (
        tuple(_commission(found, row, sum(rated.bases), places.stood) for row in found.commissions) if rated else ()
    )
    nothing = whole_silence(found, places, sum(row.amount for row in found.commissions))
    return OrderExplanation(
        scale=scale,
        order=_order(found),
        lines=tuple(_lines(found, rated)),
        version=None if version is None else VersionPart(version.number, version.name, version.effective_from),
        chain=chain,
        commissions=commissions,
        refunds=tuple(_refunds(found, scale)),
        transfers=tuple(_transfer(found, scale, moved) for moved in found.transfers),
        about=tuple(_about(found, scale)),
        nothing=() if nothing is None else nothing or _each_place(found, chain),
    )


def _who(found: Found, member_id: int | None) -> Who | None:
    if member_id is None or (found.reader not in (None, member_id) and member_id not in found.rating.chain):
        return None
    return found.who(member_id)


def _order(found: Found) -> OrderPart:
    order = found.order
    return OrderPart(
        id=order.id,
        source=order.source,
        external_id=order.external_id,
        buyer=_who(found, order.buyer_id),
        credited_to=_who(found, order.promoter_id),
        credited_by=order.credited_by,
        paid=order.paid,
        paid_at=order.paid_at,
        completed_at=order.completed_at,
        cancelled_at=order.cancelled_at,
    )


def _lines(found: Found, rated: Rated | None) -> Iterator[LinePart]:
    bases: list[int] | list[None] = [None] * len(found.lines) if rated is None else rated.bases
    for line, base in zip(found.lines, bases, strict=True):
        refunded = min(line.refunded, line.paid)
        yield LinePart(line.line_no, line.sku, line.category, line.qty, line.paid, refunded, base)


_CREDITED = {
    "named": _("Credited to %(name)s, named with the order."),
    "code": _("Credited to %(name)s, whose code was given with the order."),
    "bond": _("Credited to %(name)s, to whom the buyer belongs."),
    "touch": _("Credited to %(name)s, by whose sharing the buyer had come."),
    "store": _("Credited to %(name)s, who holds the store."),
    "corrected": _("Credited to %(name)s by a correction, which a re-rating posted."),
}


def _about(found: Found, scale: Scale) -> Iterator[Sentence]:
    order = found.order
    yield say(
        "paid", _("Order %(order)s: %(paid)s paid on %(at)s."),
        order=order.external_id, paid=scale.money(order.paid), at=scale.at(order.paid_at),
    )  # fmt: skip
    if order.promoter_id is not None:
        yield say(
            "credited", _CREDITED.get(order.credited_by, _CREDITED["named"]), name=found.called(order.promoter_id)
        )
    if found.version is not None:
        yield say(
            "version", _("Rated by version %(number)s of the plan (%(name)s)."),
            number=found.version.number, name=found.version.name,
        )  # fmt: skip
    if _is_rebate(found):
        yield say("rebate", _("Under this plan own purchases count: the buyer stands at level 1 of their own order."))
    earned = sum(row.amount for row in found.commissions)
    taken = sum(row.reversed for row in found.commissions)
    if earned:
        people = len({row.beneficiary_id for row in found.commissions if row.amount})
        template = _("Commission %(earned)s, promoters: %(people)s.")
        yield say("earned", template, earned=scale.money(earned), people=people)
    if taken:
        yield say("taken", _("Refunds took back %(taken)s of it."), taken=scale.money(taken))
    if order.cancelled_at is not None:
        yield say("cancelled", _("Cancelled on %(at)s."), at=scale.at(order.cancelled_at))
    elif order.completed_at is not None:
        yield say("completed", _("Completed on %(at)s."), at=scale.at(order.completed_at))
    else:
        yield say("open", _("Not completed yet."))


def _is_rebate(found: Found) -> bool:
    chain, plan = found.rating.chain, found.plan
    return plan is not None and plan.self_purchase == "rebate" and bool(chain) and chain[0] == found.order.buyer_id


def _positions(found: Found, scale: Scale, places: Places, rated: Rated | None) -> Iterator[Position]:
    assert rated is not None or not places.promoters
    for place, (promoter, state, level) in enumerate(zip(places.promoters, places.states, places.levels, strict=True)):
        rows = [row for row in found.commissions if row.beneficiary_id == promoter]
        earned, taken = sum(row.amount for row in rows), sum(row.reversed for row in rows)
        assert rated is not None
        yield Position(
            position=place + 1,
            level=level if state == ELIGIBLE else None,
            promoter=found.who(promoter),
            state=state,
            earned=earned,
            reversed=taken,
            why=(*_earned(scale, rows, taken), *line_silences(found, rated, places, place))
            if earned
            else silence(found, rated, places, place),
            rank=places.stood[place].rank if places.stood else "",
            met=_met(found, places, place),
        )


def _met(found: Found, places: Places, place: int) -> Met | None:
    """Whom a place that may earn by rank was met with."""
    if not places.stood or not places.stood[place].fit:
        return None
    one = places.stood[place]
    below = one.met_place
    if below is None:
        return Met(one.rate, one.met, None, "")
    who = places.promoters[below]
    return Met(one.rate, one.met, found.who(who), places.stood[below].rank)


_EARNED = {
    DIFFERENTIAL: _("%(amount)s by the difference of ranks."),
    PEER: _("%(amount)s as a peer award."),
}


def _earned(scale: Scale, rows: list[Commission], taken: int) -> Iterator[Sentence]:
    for kind in range(len(KINDS)):
        mine = [row for row in rows if row.kind == kind]
        amount = sum(row.amount for row in mine)
        if amount and kind == LEVEL:
            template = _("%(amount)s at level %(level)s.")
            yield say("earned", template, amount=scale.money(amount), level=mine[0].level)
        elif amount:
            yield say("earned", _EARNED[kind], amount=scale.money(amount))
    if taken:
        yield say("taken", _("Refunds took back %(taken)s of it."), taken=scale.money(taken))


def _each_place(found: Found, chain: tuple[Position, ...]) -> Steps:
    """Every place with its own reason."""
    return tuple(
        say("place", _("%(name)s: %(why)s"), name=found.called(position.promoter.id), why=why)
        for position in chain
        for why in position.why
    )


def _commission(found: Found, row: Commission, order_base: int, stood: Sequence[Standing]) -> CommissionPart:
    rating = found.rating
    state = "pending" if row.state == PENDING else "released"
    if row.amount == 0:
        state = "capped"
    elif row.reversed == row.amount:
        state = "reversed"
    return CommissionPart(
        row=row.row,
        beneficiary=found.who(row.beneficiary_id),
        line_no=row.line_no,
        kind=KINDS[row.kind],
        level=row.level,
        rules=tuple(row.rule.split("+")),
        base=row.base,
        ppm=None if row.ppm < 0 else row.ppm,
        before_caps=row.before_caps,
        cut_order=row.cut_order,
        cut_day=row.cut_day,
        cut_month=row.cut_month,
        amount=row.amount,
        reversed=row.reversed,
        state=state,
        due_at=rating.due_at,
        released_at=released_at(found, row),
        steps=steps_of(found, row, order_base, stood),
    )


def _refunds(found: Found, scale: Scale) -> Iterator[RefundPart]:
    by_id: dict[int, list[FoundRefund]] = {}
    for entry in found.refunds:
        by_id.setdefault(entry.id, []).append(entry)
    for identifier, entries in by_id.items():
        first = entries[0]
        # The cancellation holds a journal entry of its own; its entries are named so, and made at that instant.
        cancellation = first.external_id == "cancelled" and first.refunded_at == found.order.cancelled_at
        taken = tuple(_taken(found, identifier))
        yield RefundPart(
            id=identifier,
            external_id=first.external_id,
            cancellation=cancellation,
            refunded_at=first.refunded_at,
            lines=tuple((entry.line_no, entry.amount) for entry in entries),
            taken=taken,
            steps=tuple(_refund_steps(found, scale, entries, taken, cancellation)),
        )


def _taken(found: Found, refund_id: int) -> Iterator[Taken]:
    for moved in found.transfers:
        owner, book = moved.debit
        if moved.journal == refund_id and owner > 0:
            yield Taken(found.who(owner), moved.about_row, book, moved.amount)


_TAKEN = {
    Book.PENDING: _("%(amount)s taken back from %(name)s, out of what was pending."),
    Book.AVAILABLE: _("%(amount)s taken back from %(name)s, out of the available balance."),
    Book.DEBT: _("%(amount)s noted as debt of %(name)s, to be settled from what is released next."),
}


def _refund_steps(
    found: Found, scale: Scale, entries: list[FoundRefund], taken: tuple[Taken, ...], cancellation: bool
) -> Iterator[Sentence]:
    at = scale.at(entries[0].refunded_at)
    if cancellation:
        yield say("cancelled", _("The order was cancelled on %(at)s."), at=at)
    else:
        yield say("refund", _("Refund %(refund)s on %(at)s."), refund=entries[0].external_id, at=at)
    for entry in entries:
        yield say("on_line", _("Line %(line)s: %(amount)s."), line=entry.line_no, amount=scale.money(entry.amount))
    for one in _by_place(taken):
        name = found.called(one.promoter.id)
        yield say("taken", _TAKEN[one.book], amount=scale.money(one.amount), name=name)
    if not taken:
        yield say("nothing_taken", _("It took back no commission."))


def _by_place(taken: tuple[Taken, ...]) -> Iterator[Taken]:
    """One entry a promoter and book, in the order met."""
    sums: dict[tuple[Who, Book], int] = {}
    for one in taken:
        sums[one.promoter, one.book] = sums.get((one.promoter, one.book), 0) + one.amount
    for (promoter, book), amount in sums.items():
        yield Taken(promoter, 0, book, amount)


def _transfer(found: Found, scale: Scale, moved: Moved) -> TransferPart:
    debit, credit = ((found.who(owner) if owner > 0 else None, book) for owner, book in (moved.debit, moved.credit))
    return TransferPart(
        journal=moved.journal,
        line=moved.line,
        debit=debit,
        credit=credit,
        amount=moved.amount,
        row=moved.about_row,
        at=moved.at,
        step=say(
            "transfer", _("%(amount)s: %(debit)s → %(credit)s"),
            amount=scale.money(moved.amount), debit=_said(found, *debit), credit=_said(found, *credit),
        ),
    )  # fmt: skip


def _said(found: Found, who: Who | None, book: Book) -> Sentence:
    return account("" if who is None else found.called(who.id), book)


__all__ = ["CommissionPart", "OrderExplanation", "conditions", "explain_order"]
