"""Brings files in: their entries in parts, each part one transaction, so that an end at any moment leaves whole parts.

Running the same file again is how an interrupted import goes on: what was accepted is a duplicate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction

from rongshu.domain.commerce.inbox.queries import waiting_items
from rongshu.domain.members.profiles.actions import add_member, ensure_members
from rongshu.domain.members.profiles.queries import email_hash, find_member, ids_by_external_id, phone_hash
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.referral.promoters.queries import upline_of, which_promote
from rongshu.flows.intake.accept import accept_orders, accept_refunds, accept_statuses
from rongshu.flows.intake.files import Entry, Form, Kind, Survey, Wrong, read_entries
from rongshu.flows.intake.results import Accepted, Outcome
from rongshu.flows.intake.work import work_off
from rongshu.kernel.actor import Actor
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import Refusal
from rongshu.kernel.secrets import unseal
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope

PART = 2_000
"""Entries a part holds at most."""
PART_ROWS = 40_000
"""And rows, about."""


@dataclass(slots=True)
class Tally:
    """What became of a file so far."""

    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    """Entries, and rows that belong to none."""


@dataclass(frozen=True, slots=True)
class Bringing:
    """One import: from where, to whom."""

    path: Path
    kind: Kind
    form: Form
    source: str
    tenant: House
    by: Actor
    now: datetime
    dry_run: bool = False
    """Everything is asked as in earnest, and every part is taken back."""


def bring_in(what: Bringing, found: Survey, refuse: Callable[[Wrong], None]) -> Iterator[Tally]:
    """Brings a surveyed file in, yielding the tally after each part; every place refused goes to `refuse`."""
    tally = Tally()
    if what.kind is Kind.PROMOTERS:
        yield from _bring_promoters(what, found, tally, refuse)
        return
    part: list[Entry] = []
    rows = 0
    for taken, one in read_entries(what.path, what.kind, what.form, what.source, found):
        rows += taken
        if isinstance(one, Entry):
            part.append(one)
        else:
            _refuse(one, tally, refuse)
        if len(part) >= PART or rows >= PART_ROWS:
            _take(what, part, tally, refuse)
            tally.rows += rows
            part, rows = [], 0
            yield tally
    _take(what, part, tally, refuse)
    tally.rows += rows
    yield tally


def work_through(tenant: House, clock: Callable[[], datetime]) -> Iterator[tuple[int, int]]:
    """Works a tenant's inbox off: how many entries are done, and how many there were."""
    with tenant_scope(tenant.id):
        total = sum(entries for _, _, entries in waiting_items(limit=1_000_000))
    done = 0
    while entries := work_off(tenant.id, now=clock()):
        done += entries
        yield done, max(done, total)


def _refuse(wrong: Sequence[Wrong], tally: Tally, refuse: Callable[[Wrong], None]) -> None:
    tally.refused += 1
    for one in wrong:
        refuse(one)


def _take(what: Bringing, part: list[Entry], tally: Tally, refuse: Callable[[Wrong], None]) -> None:
    """Accepts one part in one transaction; nothing is told of it before it stands."""
    if not part:
        return
    with tenant_scope(what.tenant.id):
        answers = _members(part, what) if what.kind is Kind.MEMBERS else _through_intake(part, what)
        if what.dry_run:
            transaction.set_rollback(True)
    _count(answers, tally, refuse)


Answer = Wrong | Outcome


def _count(answers: Sequence[Answer], tally: Tally, refuse: Callable[[Wrong], None]) -> None:
    for answer in answers:
        if isinstance(answer, Wrong):
            _refuse([answer], tally, refuse)
        elif answer is Outcome.ACCEPTED:
            tally.accepted += 1
        else:
            tally.duplicates += 1


def _through_intake(part: list[Entry], what: Bringing) -> list[Answer]:
    values: list[Any] = [entry.value for entry in part]
    accepted: Accepted
    match what.kind:
        case Kind.ORDERS:
            accepted = accept_orders(orders=values, tenant=what.tenant, by=what.by, now=what.now)
        case Kind.REFUNDS:
            accepted = accept_refunds(refunds=values, tenant=what.tenant, by=what.by, now=what.now)
        case _:
            accepted = accept_statuses(statuses=values, tenant=what.tenant, by=what.by, now=what.now)
    return [
        result.outcome if result.problem is None else _wrong(entry, result.problem)
        for entry, result in zip(part, accepted.results, strict=True)
    ]


def _wrong(entry: Entry, problem: Refusal) -> Wrong:
    line, column = _place(entry, problem)
    return Wrong(line, column, str(problem), entry.ref)


def _place(entry: Entry, problem: Refusal) -> tuple[int, str]:
    """Where the field stands that a refusal is about."""
    if problem.at != "lines":
        return entry.line, problem.at
    parts = list(enumerate(entry.value["lines"]))
    if "line" in problem.params:
        for number, part in reversed(parts):
            if part.get("line_no", number + 1) == problem.params["line"]:
                return entry.place(number, "line_no")
    if problem.code == "nothing_refunded":
        for number, part in parts:
            if float(part["amount"]) == 0:
                return entry.place(number, "amount")
    for number, part in parts:
        for column in ("paid", "cost", "amount"):
            if part.get(column) == problem.params.get("value", ""):
                return entry.place(number, column)
    return entry.line, ""


def _members(part: list[Entry], what: Bringing) -> list[Answer]:
    """New members; somebody known by their external id is a duplicate when everything given is as it is kept."""
    known = ids_by_external_id([entry.value["external_id"] for entry in part if entry.value.get("external_id")])
    answers: list[Answer] = []
    for entry in part:
        fields = {name: entry.value.get(name) or None for name in ("external_id", "phone", "email", "name")}
        tier = entry.value.get("tier", "")
        if fields["external_id"] in known:
            answers.append(_known_member(entry, fields, tier))
            continue
        try:
            member = add_member(
                external_id=fields["external_id"], phone=fields["phone"], email=fields["email"], name=fields["name"], tier=tier,
                by=what.by, now=what.now,
            )  # fmt: skip
        except Refusal as problem:
            answers.append(_wrong(entry, problem))
        else:
            if fields["external_id"]:
                known[fields["external_id"]] = member.id
            answers.append(Outcome.ACCEPTED)
    return answers


def _known_member(entry: Entry, fields: dict[str, str | None], tier: str) -> Answer:
    member = find_member(str(fields["external_id"]))
    phone, email, name = fields["phone"], fields["email"], fields["name"]
    differs = [
        column
        for column, same in (
            ("phone", phone is None or _bytes(member.phone_hash) == phone_hash(phone)),
            ("email", email is None or _bytes(member.email_hash) == email_hash(email)),
            ("name", name is None or (member.name is not None and unseal(member.name) == name)),
            ("tier", not tier or member.tier == tier),
        )
        if not same
    ]
    if differs:
        reason = f"the member {entry.ref} is known with another {', '.join(differs)}; nothing was changed"
        return Wrong(entry.line, differs[0], reason, entry.ref)
    return Outcome.DUPLICATE


def _bytes(value: bytes | memoryview | None) -> bytes:
    return b"" if value is None else bytes(value)


def _bring_promoters(what: Bringing, found: Survey, tally: Tally, refuse: Callable[[Wrong], None]) -> Iterator[Tally]:
    """Promoters, inviters before those they recruited, wherever they stand in the file."""
    entries: dict[str, Entry] = {}
    for _, one in read_entries(what.path, what.kind, what.form, what.source, found):
        tally.rows += 1
        if not isinstance(one, Entry):
            _refuse(one, tally, refuse)
        elif one.ref in entries:
            _refuse(
                [Wrong(one.line, "", f"{one.ref} stands in line {entries[one.ref].line} already", one.ref)],
                tally,
                refuse,
            )
        else:
            entries[one.ref] = one
    for answer in _in_future(entries, what.now):
        _refuse([answer], tally, refuse)
    with tenant_scope(what.tenant.id):
        ready, rest = _by_generation(list(entries.values()))
    for wrong in rest:
        _refuse([wrong], tally, refuse)
    yield tally
    whole = tenant_scope(what.tenant.id) if what.dry_run else nullcontext()
    with whole:  # a dry run keeps earlier parts to the end, for later ones may stand below them
        for start in range(0, len(ready), PART_ROWS):
            with tenant_scope(what.tenant.id):
                answers = _enrol(ready[start : start + PART_ROWS], what)
            _count(answers, tally, refuse)
        if what.dry_run:
            transaction.set_rollback(True)
    yield tally


def _in_future(entries: dict[str, Entry], now: datetime) -> list[Wrong]:
    """Takes out whoever joins after `now`."""
    early = [entry for entry in entries.values() if (entry.value.get("joined_at") or now) > now]
    for entry in early:
        del entries[entry.ref]
    return [Wrong(entry.line, "joined_at", "nobody has joined in the future yet", entry.ref) for entry in early]


def _by_generation(entries: list[Entry]) -> tuple[list[Entry], list[Wrong]]:
    """The entries with every inviter before those below, and what is wrong with those that have no such place."""
    inviters = {entry.value.get("inviter") for entry in entries} - {None}
    known = ids_by_external_id(sorted(inviters))
    promote = which_promote(list(known.values()))
    standing = {name for name, identifier in known.items() if identifier in promote}
    below: dict[str, list[Entry]] = {}
    ready: list[Entry] = []
    for entry in entries:
        inviter = entry.value.get("inviter")
        if inviter is None or inviter in standing:
            ready.append(entry)
        else:
            below.setdefault(inviter, []).append(entry)
    for entry in ready:  # grows as it is walked
        ready.extend(below.pop(entry.ref, ()))
    named = {entry.ref for entry in entries}
    wrong = [
        Wrong(
            entry.line,
            "inviter",
            f"the inviters of {entry.ref} go in a circle, or up to somebody who was refused"
            if inviter in named
            else f"{inviter} is no promoter, and none in this file that was accepted",
            entry.ref,
        )
        for inviter, those in below.items()
        for entry in those
    ]
    return ready, sorted(wrong, key=lambda one: one.line)


def _enrol(part: list[Entry], what: Bringing) -> list[Answer]:
    """Enrols promoters whose inviters are there or among them; who is one already has to be as the file says."""
    members = ensure_members(external_ids=[entry.ref for entry in part], now=what.now)
    members |= ids_by_external_id([entry.value["inviter"] for entry in part if entry.value.get("inviter")])
    there = upline_of(np.array([members[entry.ref] for entry in part], dtype=np.int64), 2)
    rows = there.rows_of(np.array([members[entry.ref] for entry in part], dtype=np.int64)).tolist()
    answers: list[Answer] = []
    joinings = []
    for entry, row in zip(part, rows, strict=True):
        inviter = entry.value.get("inviter")
        joined_at: datetime | None = entry.value.get("joined_at")
        rank = entry.value.get("rank", "")
        if row < 0:
            joinings.append(
                Joining(members[entry.ref], members[inviter] if inviter else None, joined_at or what.now, rank)
            )
            answers.append(Outcome.ACCEPTED)
            continue
        above = int(there.ids[there.inviter[row]]) if there.inviter[row] >= 0 else None
        kept_rank = there.ranks[there.rank[row]] if there.rank[row] >= 0 else ""
        differs = [
            column
            for column, same in (
                ("inviter", above == (members[inviter] if inviter else None)),
                ("joined_at", joined_at is None or int(there.joined_at[row]) == to_micros(joined_at)),
                ("rank", not rank or rank == kept_rank),
            )
            if not same
        ]
        if differs:
            reason = f"{entry.ref} is a promoter already, with another {', '.join(differs)}; nothing was changed"
            answers.append(Wrong(entry.line, differs[0], reason, entry.ref))
        else:
            answers.append(Outcome.DUPLICATE)
    if joinings:
        enrol_promoters(joinings=joinings, by=what.by, now=what.now)
    return answers
