from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from rongshu.domain.commerce.orders.models import Order as StoredOrder
from rongshu.domain.commerce.orders.queries import credit_to_post, find_order, orders_by_id, stored_order
from rongshu.domain.commission.evidence.actions import make_evidence
from rongshu.domain.commission.explanations.queries import OrderExplanation, explain_order
from rongshu.domain.commission.explanations.rerated import Correction, corrections_of
from rongshu.domain.commission.explanations.shapes import Position
from rongshu.domain.members.profiles.queries import find_member
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.ledger_words import movement
from rongshu.interfaces.console.pages.orders import ChainLink, CommissionRow, Line, Order, RefundRow, TransferRow
from rongshu.interfaces.faces.bought_at import bought_at
from rongshu.interfaces.faces.credited import credited_so
from rongshu.interfaces.faces.credited_parts import WhyNot
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.explanations import commission_state, sentence
from rongshu.interfaces.faces.parts import Moment, Money
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.interfaces.faces.price_words import tier_title
from rongshu.interfaces.faces.proof import FORMS, proof_response
from rongshu.interfaces.faces.templatetags.faces import money_text, percent
from rongshu.interfaces.faces.why_not import why_not
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, missing
from rongshu.kernel.ids import inside, outside


@page("orders", Permission.SEE_ORDERS)
def order(visit: Visit, id: str) -> Order:
    """One order: who earned what and who not, and why; its lines, refunds, timeline and transfers."""
    identifier = find_order(id)
    told = explain_order(identifier)
    stored = stored_order(identifier)
    listed = orders_by_id([identifier])[identifier]
    corrections = corrections_of(identifier)
    currency = visit.house.currency
    people = People([
        stored.buyer_id, stored.promoter_id,
        *(one.promoter.id for one in told.chain), *(row.beneficiary.id for row in told.commissions),
        *(who.id for moved in told.transfers for who, _book in (moved.debit, moved.credit) if who is not None),
    ])  # fmt: skip
    asked = visit.request.GET.get("other", "").strip()[:100]
    other, other_problem = _why_not(asked, identifier, stored, told) if asked else (None, "")
    facts = [
        (_("Channel"), stored.channel), (_("Store"), stored.store), (_("Region"), stored.region), (_("Buyer's tier"), tier_title(stored.tier or "", told.order.paid_at)),
    ]  # fmt: skip
    return Order(
        id=outside("ord", identifier),
        external_id=told.order.external_id,
        source=told.order.source,
        state=listed.state,
        paid_at=told.order.paid_at,
        completed_at=told.order.completed_at,
        buyer=people.maybe(stored.buyer_id),
        paid=Money(told.order.paid, currency),
        refunded=Money(listed.refunded, currency),
        commission=Money(told.earned - told.reversed, currency),
        plan=""
        if told.version is None
        else f"{told.version.name} · {_('version %(number)s') % {'number': told.version.number}}",
        plan_href="" if told.version is None else f"{reverse('console:plans')}?version={told.version.number}",
        credited_to=people.maybe(stored.promoter_id),
        credited_by=_credited(told.order.credited_by),
        facts=tuple((term, value) for term, value in facts if value),
        lines=tuple(
            Line(one.line_no, one.sku, one.category, one.qty, Money(one.paid, currency), Money(one.refunded, currency))
            for one in told.lines
        ),
        chain=_chain(told, people, currency),
        no_chain=None if told.chain else sentence(told.why_nothing),
        refunds=tuple(
            RefundRow(
                outside("ref", one.id),
                _("Cancellation") if one.cancellation else one.external_id,
                one.refunded_at,
                Money(sum(amount for _line, amount in one.lines), currency),
                Money(sum(part.amount for part in one.taken), currency),
                ", ".join(str(line_no) for line_no, _amount in one.lines),
            )
            for one in told.refunds
        ),
        timeline=_timeline(told, corrections, currency),
        transfers=tuple(
            TransferRow(
                journal=str(one.journal),
                kind=movement(one.debit[1], one.credit[1]),
                at=one.at,
                debit="" if one.debit[0] is None else people.person(one.debit[0].id).name,
                debit_book=one.debit[1],
                credit="" if one.credit[0] is None else people.person(one.credit[0].id).name,
                credit_book=one.credit[1],
                amount=Money(one.amount, currency),
            )
            for one in told.transfers
        ),
        corrections=tuple(sentence(one.sentence) for one in corrections),
        noted=_noted(identifier),
        may_correct=visit.may(Permission.RERATE),
        credit=credited_so(identifier),
        asked=asked,
        other=other,
        other_problem=other_problem,
        bought=bought_at(identifier, currency),
    )


def _why_not(asked: str, identifier: int, stored: StoredOrder, told: OrderExplanation) -> tuple[WhyNot | None, str]:
    """Why the order did not go to whom the reader asks for, or what is wrong with the question."""
    try:
        found = why_not(
            order_id=identifier, promoter_id=find_member(asked).id, buyer_id=stored.buyer_id, credited_to=stored.promoter_id,
            credited_by=told.order.credited_by, paid_at=told.order.paid_at,
        )  # fmt: skip
    except Refusal as refusal:
        return None, said(refusal)
    return found, ""


def _noted(identifier: int) -> str:
    """A correction of the promoter that waits for a re-rating."""
    found = credit_to_post(identifier)
    if found is None:
        return ""
    if found.new_promoter_id is None:
        return _("corrected to nobody, not posted yet")
    name = People([found.new_promoter_id]).person(found.new_promoter_id).name
    return _("corrected to %(name)s, not posted yet") % {"name": name}


@page("orders", Permission.SEE_ORDERS)
def why(visit: Visit, id: str, promoter: str) -> HttpResponse:
    """What one promoter has from an order, in words, for htmx."""
    told = explain_order(find_order(id))
    found = [one for one in told.commissions if one.beneficiary.id == inside("mem", promoter)]
    if not found:
        raise missing("unknown_commission", "There is no such commission.")
    return render(visit.request, "console/parts/why.html", {"reasons": [sentence(one.sentence) for one in found]})


@page("orders", Permission.SEE_ORDERS)
def evidence(visit: Visit, id: str, form: str) -> HttpResponse:
    """The signed bundle of an order, to download as `json` or `pdf`."""
    if form not in FORMS:
        raise missing("unknown_form", gettext_noop("There is evidence as json and as pdf."))
    bundle = make_evidence(order_id=find_order(id), by=visit.login.actor, now=visit.now)
    return proof_response(bundle, form, get_language() or visit.house.language)


def _credited(how: str) -> str:
    words = {
        "named": _("named with the order"),
        "code": _("their code was given with the order"),
        "bond": _("the buyer belongs to this promoter"),
        "touch": _("the buyer came by their sharing"),
        "store": _("they hold the store"),
        "corrected": _("corrected, and posted by a re-rating"),
    }
    return words.get(how, "")


def _chain(told: OrderExplanation, people: People, currency: str) -> tuple[ChainLink, ...]:
    skus = {line.line_no: line.sku for line in told.lines}
    several = len(told.lines) > 1
    links = []
    for place in told.chain:
        rows = tuple(
            CommissionRow(
                id=str(one.row),
                kind=one.kind,
                level=one.level,
                state=commission_state(one.amount, one.reversed, one.released_at is not None),
                rule=" + ".join(one.rules),
                base=Money(one.base, currency),
                ppm=one.ppm,
                amount=Money(one.amount, currency),
                reversed=Money(one.reversed, currency),
                why=sentence(one.sentence),
                line_no=one.line_no,
                line_title=skus[one.line_no] if several else "",
                due_at=one.due_at,
            )
            for one in told.commissions
            if one.beneficiary.id == place.promoter.id
        )
        links.append(
            ChainLink(
                person=people.person(place.promoter.id),
                position=place.position,
                level=place.level,
                rank=_rank(place, people),
                earned=Money(place.earned - place.reversed, currency),
                rows=rows,
                why_not=None if rows else sentence(place.sentence),
            )
        )
    return tuple(links)


def _rank(place: Position, people: People) -> str:
    """The rank held when paid, and what it was met with on the way up: `gold 7%, above silver 4% (王磊)`."""
    met = place.met
    if met is None or not place.rank:
        return place.rank
    if met.who is None:
        return f"{place.rank} {percent(met.rate)}"
    about = {
        "rank": place.rank, "rate": percent(met.rate), "below": met.rank, "met": percent(met.below),
        "name": people.person(met.who.id).name,
    }  # fmt: skip
    if met.rate > met.below:
        return _("%(rank)s %(rate)s, above %(below)s %(met)s (%(name)s)") % about
    return _("%(rank)s %(rate)s, met %(below)s %(met)s (%(name)s)") % about


def _timeline(told: OrderExplanation, corrections: Sequence[Correction], currency: str) -> tuple[Moment, ...]:
    order = told.order
    moments = [Moment(order.paid_at, _("Paid: %(amount)s") % {"amount": money_text(Money(order.paid, currency))})]
    if order.completed_at is not None:
        moments.append(Moment(order.completed_at, _("Completed"), tone="good"))
    for refund in told.refunds:
        what = _("Cancelled") if refund.cancellation else _("Refund %(ref)s") % {"ref": refund.external_id}
        back = sum(part.amount for part in refund.taken)
        if back:
            what = _("%(what)s, %(amount)s of commission taken back") % {
                "what": what,
                "amount": money_text(Money(back, currency)),
            }
        moments.append(Moment(refund.refunded_at, what, tone="loss"))
    if order.cancelled_at is not None and not any(refund.cancellation for refund in told.refunds):
        moments.append(Moment(order.cancelled_at, _("Cancelled"), tone="loss"))
    moments.extend(
        Moment(one.at, _("Re-rated: %(reason)s") % {"reason": one.reason}, actor_name(one.approved_by))
        for one in corrections
    )
    released = {one.released_at for one in told.commissions if one.released_at is not None}
    moments.extend(Moment(at, _("Commission released"), tone="good") for at in released)
    return tuple(sorted(moments, key=lambda moment: moment.at))
