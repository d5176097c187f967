"""How far those whom the reader invited are with their first steps."""

from __future__ import annotations

from rongshu.domain.marketing.nudging.queries import written_to
from rongshu.domain.referral.joining.queries import joining_policy
from rongshu.domain.referral.joining.training import LATEST, STUCK, training_counts, training_of
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.faces.people import People
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.training import StepCount, Trainee, Training
from rongshu.kernel.ids import outside

PAGE = 20


@page("team")
def training(visit: Visit) -> Training:
    """Counts by step, and the people, all or only those who are stuck; a page at a time."""
    me, steps, stuck = myself(visit), joining_policy().steps, visit.request.GET.get("only") == "stuck"
    counts = training_counts(me, steps, visit.now)
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = training_of(
        me, steps, visit.now, stuck=stuck, after=None if token is None else int(token[0]), limit=PAGE + 1
    ) if steps else []  # fmt: skip
    ids = [one.id for one in found[:PAGE]]
    people, written = People(ids), written_to(me, ids, visit.now)
    return Training(
        steps=tuple(StepCount(step.title, done) for step, done in zip(steps, counts.done, strict=True)),
        people=counts.looked_at,
        finished=counts.finished,
        stuck=counts.stuck,
        latest=0 if counts.all_of_them else LATEST,
        days=STUCK.days,
        only_stuck=stuck,
        rows=tuple(
            Trainee(
                id=outside("mem", one.id),
                name=people.person(one.id).name,
                joined_at=one.joined_at,
                done=one.done,
                next=next((step.title for step, done in zip(steps, one.done, strict=True) if not done), ""),
                stuck=one.stuck,
                written=one.id in written,
            )
            for one in found[:PAGE]
        ),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
    )
