from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_noop as _

from rongshu.domain.commission.evidence.bundle import parts_of, replaced_rows
from rongshu.domain.commission.evidence.rewards import find_reward, reward_parts
from rongshu.domain.commission.evidence.sealing import REWARD_FORMAT, Bundle, sealed
from rongshu.domain.commission.explanations.found import Found, find
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import outside


def make_evidence(*, order_id: int, by: Actor, now: datetime, promoter_id: int | None = None) -> Bundle:
    """The signed bundle of an order; for a promoter of its chain a proof in which everybody else is a place.

    Raises `missing` for an order that is not stored or not rated, and for a promoter who has no part in it.
    """
    found = find(order_id, reader=promoter_id)
    if promoter_id is not None and promoter_id not in _concerned(found):
        raise missing("not_in_chain", _("This promoter has no part in the order."))
    promoter = None if promoter_id is None else outside("mem", promoter_id)
    bundle = sealed(parts=parts_of(found), promoter=promoter, made_at=now)
    record(
        "evidence.made", subject=outside("ord", order_id), by=by, now=now, promoter=promoter, sha256=bundle.digest
    )  # fmt: skip
    return bundle


def make_reward_evidence(*, period_id: int, promoter_id: int, by: Actor, now: datetime) -> Bundle:
    """The signed bundle of what one promoter has of a closed period; nobody else is named in it.

    Raises `missing` where the promoter has nothing of the period, `invalid` for more order lines than a file may hold.
    """
    found = find_reward(period_id, promoter_id)
    promoter = outside("mem", promoter_id)
    bundle = sealed(parts=reward_parts(found), promoter=promoter, made_at=now, form=REWARD_FORMAT)
    record(
        "evidence.made", subject=outside("per", period_id), by=by, now=now, promoter=promoter, sha256=bundle.digest
    )  # fmt: skip
    return bundle


def _concerned(found: Found) -> set[int]:
    """Who stands in the chain or has rows, and who had some before a re-rating."""
    rows = [*found.commissions, *replaced_rows(found.order.id)]
    return {*found.rating.chain, *(row.beneficiary_id for row in rows)}
