"""What a promoter is told of the plan: what changes for them, in words, and when."""

from __future__ import annotations

from rongshu.domain.commission.notices.actions import mark_seen
from rongshu.domain.commission.notices.queries import Told, news, notice, unseen
from rongshu.domain.referral.standings.queries import Placed, placed
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.plan_terms import changes_of
from rongshu.interfaces.faces.reward_example import rewards_of
from rongshu.interfaces.faces.terms import RewardExample, TermChange
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.notices import Notice, NoticeRow
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside, outside


@page("home")
def what_changes(visit: Visit, id: str) -> Notice:
    """A notice in words; opening it is kept, so that the tenant knows who has read it."""
    told = notice(inside("ntc", id) or 0)
    me = _placed(visit)
    if told.version.effective_from <= me.joined_at:
        raise missing("unknown_notice", "There is no such notice.")
    mark_seen(notice_id=told.id, promoter_id=me.id, now=visit.now)
    return Notice(
        number=told.version.number,
        cancelled=told.cancelled,
        told_at=told.at,
        begins=told.version.effective_from,
        begun=told.version.effective_from <= visit.now,
        changes=_changes(told, me),
        rules_url=f"/rules/{visit.house.slug}",
        rewards=_rewards(visit, told, me),
    )


def _rewards(visit: Visit, told: Told, me: Placed) -> tuple[RewardExample, ...]:
    before, after = told.before, told.plan
    if told.cancelled or (before is not None and (before.steps, before.pools) == (after.steps, after.pools)):
        return ()
    return rewards_of(after, visit.house.zone, told.version.effective_from, rank=me.rank)


def notices_for(visit: Visit) -> tuple[NoticeRow, ...]:
    """What the reader may still have to know, the latest first. A change that touches nothing of theirs is not told."""
    me = placed([myself(visit)]).get(myself(visit))
    told = [] if me is None else news(now=visit.now, joined_at=me.joined_at)
    if me is None or not told:
        return ()
    fresh = unseen(promoter_id=me.id, notices=[one.id for one in told])
    rows = (
        NoticeRow(
            id=outside("ntc", one.id),
            cancelled=one.cancelled,
            begins=one.version.effective_from,
            begun=one.version.effective_from <= visit.now,
            changes=len(_changes(one, me)),
            unseen=one.id in fresh,
        )
        for one in told
    )
    return tuple(row for row in rows if row.changes)


def _placed(visit: Visit) -> Placed:
    me = placed([myself(visit)]).get(myself(visit))
    if me is None:
        raise missing("unknown_promoter", "This member is not a promoter.")
    return me


def _changes(told: Told, me: Placed) -> tuple[TermChange, ...]:
    return () if told.before is None else changes_of(told.before, told.plan, rank=me.rank)
