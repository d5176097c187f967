"""Acceptance: entries of the shapes in `shapes` are checked against what is known, claimed, and made durable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import numpy as np
import orjson

from rongshu.domain.commerce.checkouts.models import Checkout
from rongshu.domain.commerce.inbox import actions as inbox
from rongshu.domain.commerce.orders.batch import CREDITED, NO_INSTANT, pack
from rongshu.domain.commerce.orders.queries import known_lines
from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.referral.attribution.crediting import Unnamed, credit_orders
from rongshu.domain.referral.promoters.queries import Person, people_by_external_id
from rongshu.engine.money import MAX_UNITS, MoneyError, exponent, parse_units
from rongshu.flows.checkout.ordering import Named, hold_for, use_for_orders
from rongshu.flows.intake.results import Accepted, Outcome, Result
from rongshu.flows.intake.shapes import OrderIn, RefundIn, StatusIn
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import Kind, Refusal, conflict, invalid
from rongshu.kernel.ids import inside, new_ids
from rongshu.kernel.tenancy.queries import House
from rongshu.ledger.actions import claim
from rongshu.ledger.queries import journal_ids

NO_COST = -1

PER_ITEM = 5000
"""Entries an inbox item holds at most."""


@dataclass(slots=True)
class _Entry:
    """An entry that has passed its checks."""

    index: int
    ref: str
    content: bytes
    value: Any


def _money(tenant: House, at: str) -> Callable[[str], int]:
    digits = exponent(tenant.currency)

    def parse(text: str) -> int:
        whole, point, part = text.partition(".")
        if point and len(part) == digits and len(text) <= 13 and text[0] != "-":
            return int(whole + part)  # the usual form, at a third of the cost
        try:
            units = parse_units(text, tenant.currency)
        except MoneyError as error:
            if error.code == "too_many_decimals":
                raise invalid(
                    "too_many_decimals",
                    "%(value)s has more decimals than %(currency)s (%(digits)s).",
                    at=at, value=text, currency=tenant.currency, digits=digits,
                ) from error  # fmt: skip
            raise _too_large(text, at) from error
        if units < 0:
            raise invalid("negative_amount", "%(value)s is below 0; a refund is its own call.", at=at, value=text)
        return units

    return parse


def _too_large(text: str, at: str) -> Refusal:
    return invalid(
        "too_large",
        "%(value)s is larger than any amount accepted (%(most)s minor units).",
        at=at,
        value=text,
        most=MAX_UNITS,
    )


def _check_currency(entry: Any, tenant: House) -> None:
    currency = entry.get("currency")
    if currency is not None and currency != tenant.currency:
        raise invalid(
            "wrong_currency",
            "The order is in %(found)s and the tenant works in %(wanted)s.",
            at="currency",
            found=currency,
            wanted=tenant.currency,
        )


def _hash(content: Any) -> bytes:
    return blake2b(orjson.dumps(content), digest_size=16).digest()


def accept_orders(
    *, orders: Sequence[OrderIn], tenant: House, by: Actor, now: datetime, hold: bool = False
) -> Accepted:
    """Accepts paid orders: each is checked, its key claimed, its promoter found (named, else by the attribution policy).

    An unknown buyer becomes a member; an unknown promoter, a wrong currency or a negative amount is refused. The same id with
    the same content is a duplicate, with other content a conflict; neither changes anything. An order without a tier has its
    buyer's. Runs in the tenant's scope. With `hold` the payloads come back to the caller, who rates them in this transaction
    or puts them into the inbox.
    """
    money = _money(tenant, "lines")
    results: dict[int, Result] = {}
    entries: list[_Entry] = []
    for index, order in enumerate(orders):
        source = order.get("source", "api")
        ref = f"{source}:{order['id']}"
        try:
            _check_currency(order, tenant)
            lines = _lines(order, money)
        except Refusal as problem:
            results[index] = Result(index, ref, Outcome.REFUSED, problem=problem)
            continue
        completed = order.get("completed_at")
        row: tuple[Any, ...] = (
            source,
            order["id"],
            order.get("buyer"),
            order.get("promoter"),
            to_micros(order["paid_at"]),
            NO_INSTANT if completed is None else to_micros(completed),
            order.get("channel"),
            order.get("store"),
            order.get("region"),
            order.get("tier"),
            lines,
        )
        if order.get("checkout"):
            row = (*row, order.get("code") or "", order.get("click") or "", order["checkout"])
        elif order.get("code") or order.get("click"):
            row = (*row, order.get("code") or "", order.get("click") or "")
        entries.append(_Entry(index, ref, _hash(row), row))
    people = people_by_external_id([name for entry in entries for name in entry.value[2:4] if name])
    entries = _with_cost(_credited(_bought(entries, people, results), people, results), results)
    unknown = [entry.value[2] for entry in entries if entry.value[2] and entry.value[2] not in people]
    for name, identifier in ensure_members(external_ids=unknown, now=now).items():
        people[name] = Person(identifier, "", False)
    entries, reserved = _reserved(entries, people, results, tenant)
    chosen = _claim("order", entries, results)
    if reserved:
        own = {identifier: reserved[entry.index] for identifier, entry in chosen if entry.index in reserved}
        use_for_orders(own, now=now)
    found = credit_orders(orders=_unnamed(chosen, people), by=by, now=now)
    parts = [chosen[start : start + PER_ITEM] for start in range(0, len(chosen), PER_ITEM)]
    payloads = [pack(_columns(part, people, found)) for part in parts]
    items = []
    if not hold:
        for part, payload in zip(parts, payloads, strict=True):
            items.append(inbox.put(kind=inbox.ORDERS, payload=payload, entries=len(part), now=now))
        payloads = []
    accepted = _done("orders.accepted", results, len(orders), items, len(chosen), by, now)
    return replace(accepted, held=payloads)


def _lines(order: OrderIn, money: Callable[[str], int]) -> list[tuple[int, str, str, int, int, int]]:
    lines = []
    for position, line in enumerate(order["lines"], 1):
        cost = line.get("cost")
        lines.append(
            (
                line.get("line_no", position),
                line["sku"],
                line.get("category", ""),
                line.get("qty", 1),
                money(line["paid"]),
                NO_COST if cost is None else money(cost),
            )
        )
    if len(lines) > 1:
        lines.sort()
        for one, other in pairwise(lines):
            if one[0] == other[0]:
                raise invalid("line_twice", "Line %(line)s is named twice.", at="lines", line=one[0])
    return lines


def _bought(entries: list[_Entry], people: dict[str, Person], results: dict[int, Result]) -> list[_Entry]:
    """Refuses orders of a buyer by an id of ours that is nobody's: no member is made of a mistyped one."""
    kept = []
    for entry in entries:
        name = entry.value[2]
        if name and name not in people and inside("mem", name) is not None:
            problem = invalid("unknown_member", "There is no member %(name)s.", at="buyer", name=name)
            results[entry.index] = Result(entry.index, entry.ref, Outcome.REFUSED, problem=problem)
        else:
            kept.append(entry)
    return kept


def _credited(entries: list[_Entry], people: dict[str, Person], results: dict[int, Result]) -> list[_Entry]:
    """Refuses orders that name a promoter nobody knows: their money would go nowhere, silently."""
    kept = []
    for entry in entries:
        name = entry.value[3]
        if name and (name not in people or not people[name].promotes):
            problem = invalid(
                "unknown_promoter", "There is no promoter %(name)s; enrol them first.", at="promoter", name=name
            )
            results[entry.index] = Result(entry.index, entry.ref, Outcome.REFUSED, problem=problem)
        else:
            kept.append(entry)
    return kept


def _reserved(
    entries: list[_Entry], people: dict[str, Person], results: dict[int, Result], tenant: House
) -> tuple[list[_Entry], dict[int, Checkout]]:
    """Refuses orders that name a checkout they may not use; the checkouts of the others, by the entry's index."""
    naming = [entry for entry in entries if len(entry.value) > 13]
    if not naming:
        return entries, {}
    named = [
        Named(
            entry.ref,
            entry.value[13],
            people[entry.value[2]].id if entry.value[2] in people else 0,
            [(line_no, sku, qty, paid) for line_no, sku, _, qty, paid, _ in entry.value[10]],
        )
        for entry in naming
    ]
    held: dict[int, Checkout] = {}
    refused = set()
    for entry, answer in zip(naming, hold_for(named, currency=tenant.currency), strict=True):
        if isinstance(answer, Refusal):
            outcome = Outcome.CONFLICT if answer.kind == Kind.CONFLICT else Outcome.REFUSED
            results[entry.index] = Result(entry.index, entry.ref, outcome, problem=answer)
            refused.add(entry.index)
        elif answer is not None:
            held[entry.index] = answer
    return [entry for entry in entries if entry.index not in refused], held


def _with_cost(entries: list[_Entry], results: dict[int, Result]) -> list[_Entry]:
    """Refuses lines without a cost where the version in force pays on the margin: it would pay on the whole price."""
    published = versions()
    if not any(plan_of(version).basis == "margin" for version in published.versions):
        return entries
    kept = []
    for entry, position in zip(
        entries,
        published.in_force(np.array([entry.value[4] for entry in entries], dtype=np.int64)).tolist(),
        strict=True,
    ):
        by_margin = position >= 0 and plan_of(published.versions[position]).basis == "margin"
        if by_margin and any(line[5] == NO_COST for line in entry.value[10]):
            problem = invalid(
                "no_cost", "The plan pays on the margin; give the `cost` of one unit with each line.", at="lines"
            )
            results[entry.index] = Result(entry.index, entry.ref, Outcome.REFUSED, problem=problem)
        else:
            kept.append(entry)
    return kept


def _again(entry: _Entry, identifier: int, *, same: bool) -> Result:
    if same:
        return Result(entry.index, entry.ref, Outcome.DUPLICATE, identifier)
    problem = conflict(
        "content_differs", "%(ref)s was accepted before with other content; nothing was changed.", ref=entry.ref
    )
    return Result(entry.index, entry.ref, Outcome.CONFLICT, identifier, problem)


def _claim(kind: str, entries: list[_Entry], results: dict[int, Result]) -> list[tuple[int, _Entry]]:
    """Claims the keys; (our id, entry) of those that are new. A key that one call holds twice is claimed by its first entry."""
    if not entries:
        return []
    first: dict[str, _Entry] = {}
    for entry in entries:
        first.setdefault(entry.ref, entry)
    ones = list(first.values())
    claims = claim(kind, [entry.ref for entry in ones], [entry.content for entry in ones], new_ids(len(ones)))
    chosen = []
    for identifier, fresh, same, entry in zip(
        claims.ids.tolist(), claims.fresh.tolist(), claims.same.tolist(), ones, strict=True
    ):
        if fresh:
            results[entry.index] = Result(entry.index, entry.ref, Outcome.ACCEPTED, identifier)
            chosen.append((identifier, entry))
        else:
            results[entry.index] = _again(entry, identifier, same=same)
    if len(ones) < len(entries):
        held = {entry.ref: content for entry, content in zip(ones, claims.hashes, strict=True)}
        for entry in entries:
            known = first[entry.ref]
            if entry is not known:
                results[entry.index] = _again(entry, results[known.index].id, same=entry.content == held[entry.ref])
    return chosen


def _unnamed(chosen: list[tuple[int, _Entry]], people: dict[str, Person]) -> list[Unnamed]:
    """The orders that leave it to the policy whom they are credited to."""
    return [
        Unnamed(
            order_id=identifier,
            buyer=people[value[2]].id if value[2] else 0,
            paid_at=value[4],
            code=value[11] if len(value) > 11 else "",
            click=value[12] if len(value) > 11 else "",
            store=value[7] or "",
        )
        for identifier, value in ((identifier, entry.value) for identifier, entry in chosen)
        if not value[3]
    ]


def _columns(
    part: list[tuple[int, _Entry]], people: dict[str, Person], found: dict[int, tuple[int, str]]
) -> dict[str, list[Any]]:
    rows = [entry.value[:11] for _, entry in part]
    source, external, buyer_ref, promoter_ref, paid_at, completed_at, channel, store, region, tier, lines = (
        list(column) for column in zip(*rows, strict=True)
    )
    buyer = [people[ref].id if ref else 0 for ref in buyer_ref]
    tier = [given or (people[ref].tier if ref else None) or None for given, ref in zip(tier, buyer_ref, strict=True)]
    promoter, credited = [], []
    for ref, (identifier, _) in zip(promoter_ref, part, strict=True):
        who, how = (people[ref].credits, "named") if ref else found.get(identifier, (0, ""))
        promoter.append(who)
        credited.append(CREDITED.index(how))
    line_no, sku, category, qty, paid, cost = (
        list(column) for column in zip(*[line for some in lines for line in some], strict=True)
    )
    return {
        "id": [identifier for identifier, _ in part],
        "source": source,
        "external_id": external,
        "buyer": buyer,
        "promoter": promoter,
        "credited": credited,
        "paid_at": paid_at,
        "completed_at": completed_at,
        "channel": channel,
        "store": store,
        "region": region,
        "tier": tier,
        "line_count": [len(some) for some in lines],
        "line_no": line_no,
        "sku": sku,
        "category": category,
        "qty": qty,
        "paid": paid,
        "cost": [0 if one == NO_COST else one for one in cost],
    }


def _done(
    action: str, results: dict[int, Result], count: int, items: list[int], fresh: int, by: Actor, now: datetime
) -> Accepted:
    if fresh:
        record(action, subject=f"{fresh} of {count}", by=by, now=now, items=[str(item) for item in items])
    return Accepted([results[index] for index in range(count)], items)


def accept_statuses(*, statuses: Sequence[StatusIn], tenant: House, by: Actor, now: datetime) -> Accepted:
    """Accepts what became of orders. A status that comes before its order waits for it; the same one twice is one."""
    results: dict[int, Result] = {}
    entries = []
    for index, status in enumerate(statuses):
        order_ref = f"{status.get('source', 'api')}:{status['order']}"
        value = (order_ref, status["status"], to_micros(status["at"]))
        entries.append(_Entry(index, f"{order_ref}:{status['status']}", _hash(value), value))
    chosen = _claim("status", entries, results)
    items = _put(inbox.STATUSES, [(identifier, *entry.value) for identifier, entry in chosen], now)
    return _done("statuses.accepted", results, len(statuses), items, len(chosen), by, now)


def accept_refunds(*, refunds: Sequence[RefundIn], tenant: House, by: Actor, now: datetime) -> Accepted:
    """Accepts refunds. One that comes before its order waits for it; a line the order does not have is refused."""
    money = _money(tenant, "lines")
    results: dict[int, Result] = {}
    entries: list[_Entry] = []
    for index, refund in enumerate(refunds):
        source = refund.get("source", "api")
        ref = f"{source}:{refund['id']}"
        try:
            _check_currency(refund, tenant)
            lines = sorted((line["line_no"], money(line["amount"])) for line in refund["lines"])
            if any(amount < 1 for _, amount in lines):
                raise invalid("nothing_refunded", "A refund takes more than 0 from each line it names.", at="lines")
            if len({line_no for line_no, _ in lines}) < len(lines):
                raise invalid("line_twice", "A line is named twice.", at="lines")
        except Refusal as problem:
            results[index] = Result(index, ref, Outcome.REFUSED, problem=problem)
            continue
        value = (f"{source}:{refund['order']}", refund["id"], to_micros(refund["refunded_at"]), lines)
        entries.append(_Entry(index, ref, _hash(value), value))
    entries = _with_their_lines(entries, results)
    chosen = _claim("refund", entries, results)
    items = _put(inbox.REFUNDS, [(identifier, *entry.value) for identifier, entry in chosen], now)
    return _done("refunds.accepted", results, len(refunds), items, len(chosen), by, now)


def _with_their_lines(entries: list[_Entry], results: dict[int, Result]) -> list[_Entry]:
    """Refuses refunds of lines that a stored order does not have; orders not stored yet are asked when they are."""
    orders = journal_ids("order", list({entry.value[0] for entry in entries}))
    stored = known_lines(list(orders.values()))
    kept = []
    for entry in entries:
        lines = stored.get(orders.get(entry.value[0], 0))
        lacking = [] if lines is None else [line_no for line_no, _ in entry.value[3] if line_no not in lines]
        if lacking:
            problem = invalid("unknown_line", "The order has no line %(line)s.", at="lines", line=lacking[0])
            results[entry.index] = Result(entry.index, entry.ref, Outcome.REFUSED, problem=problem)
        else:
            kept.append(entry)
    return kept


def _put(kind: str, values: list[tuple[Any, ...]], now: datetime) -> list[int]:
    return [
        inbox.put(kind=kind, payload=orjson.dumps(part), entries=len(part), now=now)
        for part in (values[start : start + PER_ITEM] for start in range(0, len(values), PER_ITEM))
    ]
