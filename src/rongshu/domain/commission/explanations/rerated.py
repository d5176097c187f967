"""What re-ratings changed of an order, and both sides of one: the order explained as it was rated and as it is rated anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.translation import gettext_noop as _

from rongshu.domain.commission.explanations.found import Found, find
from rongshu.domain.commission.explanations.queries import explained
from rongshu.domain.commission.explanations.shapes import OrderExplanation, Scale, Who
from rongshu.domain.commission.explanations.words import Sentence, say, together
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import plan_of
from rongshu.domain.commission.rating.models import PENDING, Commission, Rating
from rongshu.domain.commission.rerating.models import ReratedRow, ReratingPost
from rongshu.domain.commission.rerating.queries import Posted, posted_for, rerated_order
from rongshu.domain.members.profiles.queries import shown_names
from rongshu.domain.referral.promoters.queries import upline_of
from rongshu.engine.rating.frames import KINDS
from rongshu.kernel.clock import to_micros
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.queries import house

AFTERWARDS = ("reversed", "released", "pending")
"""Steps of what became of an amount, which a comparison of two ratings leaves out."""


@dataclass(frozen=True, slots=True)
class CorrectedRow:
    """One amount before and after, in minor units and before refunds."""

    who: Who
    line_no: int
    kind: str
    level: int
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Correction:
    """What one re-rating changed of an order."""

    scale: Scale
    rerating_id: int
    at: datetime
    asked_by: str
    approved_by: str
    reason: str
    cause: str
    rows: tuple[CorrectedRow, ...]
    sentences: tuple[Sentence, ...]

    def sentence(self, language: str) -> str:
        """All of it, in a language."""
        return together(self.sentences, language)

    def as_json(self, language: str) -> dict[str, Any]:
        """JSON-able: money as decimal strings, outside ids."""
        return {
            "rerating": outside("rrt", self.rerating_id),
            "at": self.scale.iso(self.at),
            "asked_by": self.asked_by,
            "approved_by": self.approved_by,
            "reason": self.reason,
            "cause": self.cause,
            "rows": [
                {
                    "promoter": row.who.as_json(),
                    "line_no": row.line_no,
                    "kind": row.kind,
                    "level": row.level,
                    "old": self.scale.units(row.old),
                    "new": self.scale.units(row.new),
                }
                for row in self.rows
            ],
            "sentence": self.sentence(language),
        }


def corrections_of(order_id: int, *, reader: int | None = None) -> tuple[Correction, ...]:
    """What re-ratings changed of an order, the first one first. Told to `reader`, a promoter: only what is about them."""
    found = posted_for(order_id)
    if not found:
        return ()
    home = house()
    scale = Scale(home.currency, home.zone)
    people = {row.beneficiary_id for one in found for row in one.rows}
    people |= {who for one in found for who in (one.old_promoter_id, one.new_promoter_id) if who is not None}
    names = shown_names(sorted(people))
    told = (_correction(one, scale, names, reader) for one in found)
    return tuple(one for one in told if reader is None or one.rows)


def _correction(one: Posted, scale: Scale, names: dict[int, str], reader: int | None) -> Correction:
    rows = tuple(
        CorrectedRow(
            Who(row.beneficiary_id, names.get(row.beneficiary_id, "–")), row.line_no, KINDS[row.kind], row.level,
            row.old_amount, row.new_amount,
        )
        for row in one.rows
        if row.old_amount != row.new_amount and reader in (None, row.beneficiary_id)
    )  # fmt: skip
    sentences = tuple(_own(one, rows, scale) if reader is not None else _all(one, rows, scale, names))
    return Correction(
        scale, one.rerating_id, one.at, one.asked_by, one.approved_by, one.reason, one.cause, rows, sentences
    )


def _own(one: Posted, rows: Sequence[CorrectedRow], scale: Scale) -> Iterator[Sentence]:
    yield say("corrected", _("Corrected on %(at)s: %(reason)s."), at=scale.at(one.at), reason=_clause(one.reason))
    old, new = sum(row.old for row in rows), sum(row.new for row in rows)
    yield say(
        "amount", _("The amount was %(old)s and is %(new)s now."), old=scale.money(old), new=scale.money(new)
    )  # fmt: skip


def _all(one: Posted, rows: Sequence[CorrectedRow], scale: Scale, names: dict[int, str]) -> Iterator[Sentence]:
    yield say("corrected", _("Corrected on %(at)s: %(reason)s."), at=scale.at(one.at), reason=_clause(one.reason))
    old, new = one.old_promoter_id, one.new_promoter_id
    if old != new and old is not None and new is not None:
        template = _("It is credited to %(new)s in place of %(old)s.")
        yield say("credited", template, new=names.get(new, "–"), old=names.get(old, "–"))
    elif old != new and new is not None:
        yield say("credited", _("It is credited to %(new)s, and was to nobody."), new=names.get(new, "–"))
    elif old != new and old is not None:
        yield say("credited", _("It is credited to nobody, and was to %(old)s."), old=names.get(old, "–"))
    sums: dict[str, tuple[int, int]] = {}
    for row in rows:
        before, after = sums.get(row.who.name, (0, 0))
        sums[row.who.name] = before + row.old, after + row.new
    for name, (before, after) in sums.items():
        template = _("%(name)s: %(old)s before, %(new)s now.")
        yield say("amount", template, name=name, old=scale.money(before), new=scale.money(after))


def _clause(reason: str) -> str:
    return reason.rstrip(" .。")


@dataclass(frozen=True, slots=True)
class SideRow:
    """One amount of one side, and how it came to be, without what became of it."""

    who: Who
    line_no: int
    kind: str
    level: int
    amount: int
    steps: tuple[Sentence, ...]

    def sentence(self, language: str) -> str:
        """How it came to be."""
        return together(self.steps, language)


@dataclass(frozen=True, slots=True)
class Side:
    """An order as one rating has it."""

    version: str
    """Name and number; empty for an order rated by none."""
    number: int | None
    credited_to: Who | None
    rows: tuple[SideRow, ...]
    nothing: tuple[Sentence, ...]

    def why_nothing(self, language: str) -> str:
        """Why it earns nobody anything; empty when it does."""
        return together(self.nothing, language)


def explain_sides(preview_id: int, order_id: int) -> tuple[Side, Side]:
    """An order of a preview as it was rated, and as it is rated anew. Raises `missing` for one that the preview leaves as it is."""
    preview = rerated_order(preview_id, order_id)
    found = find(order_id)
    before, after = _rows_around(preview_id, order_id, preview.last_row)
    old = _side(found, before, preview.old_version_id, preview.old_promoter_id, preview.old_first, preview.old_chain, preview.old_states)  # fmt: skip
    new = _side(found, after, preview.new_version_id, preview.new_promoter_id, preview.new_first, preview.new_chain, preview.new_states)  # fmt: skip
    return old, new


def _rows_around(preview_id: int, order_id: int, last_row: int) -> tuple[list[Commission], list[Commission]]:
    """The rows that stood before a preview was posted, and those that stand (or would) after it."""
    posted = set(ReratingPost.objects.filter(order_id=order_id).values_list("preview_id", flat=True))
    changes = list(ReratedRow.objects.filter(order_id=order_id, preview_id__in=[*posted, preview_id]).order_by("place"))
    mine = [row for row in changes if row.preview_id == preview_id]
    gone = {row.old_row for row in changes if row.preview_id < preview_id and row.old_row}
    replaced = {row.old_row for row in mine if row.old_row}
    stored = Commission.objects.filter(order_id=order_id, row__lte=last_row).order_by("line_no", "kind", "level")
    before = [row for row in stored if row.row not in gone]
    came = [_as_commission(row) for row in mine if row.new_row]
    after = [*(row for row in before if row.row not in replaced), *came]
    return before, sorted(after, key=lambda row: (row.line_no, row.kind, row.level))


def _as_commission(row: ReratedRow) -> Commission:
    names = (
        "order_id", "line_no", "kind", "level", "beneficiary_id", "rule", "base", "ppm", "before_caps", "cut_order", "cut_day",
        "cut_month", "amount",
    )  # fmt: skip
    return Commission(row=row.new_row, state=PENDING, reversed=0, **{name: getattr(row, name) for name in names})


def _side(
    found: Found, rows: Sequence[Commission], version_id: int | None, promoter: int | None, first: int, chain: list[int],
    states: list[int],
) -> Side:  # fmt: skip
    version = None if version_id is None else PlanVersion.objects.get(id=version_id)
    rating = Rating(order_id=found.order.id, version_id=version_id, first=first, chain=chain, states=states)
    rating.rated_at, rating.due_at, rating.released_at = found.rating.rated_at, None, None
    people = {*chain, *(row.beneficiary_id for row in rows), *([] if promoter is None else [promoter])}
    starts = [*chain, *([found.order.buyer_id] if found.order.buyer_id else [])]
    told = explained(
        replace(
            found,
            order=replace(found.order, promoter_id=promoter, credited_by="" if promoter is None else "named"),
            rating=rating,
            version=version,
            plan=None if version is None else plan_of(version),
            commissions=tuple(rows),
            transfers=(),
            upline=upline_of(np.array(starts, dtype=np.int64), 1, ranks_from=to_micros(found.order.paid_at)),
            names=found.names | shown_names(sorted(people)),
        )
    )
    return _told(told)


def _told(told: OrderExplanation) -> Side:
    return Side(
        version="" if told.version is None else f"{told.version.name} #{told.version.number}",
        number=None if told.version is None else told.version.number,
        credited_to=told.order.credited_to,
        rows=tuple(
            SideRow(
                one.beneficiary, one.line_no, one.kind, one.level, one.amount,
                tuple(step for step in one.steps if step.code not in AFTERWARDS),
            )
            for one in told.commissions
        ),
        nothing=told.nothing,
    )  # fmt: skip
