"""How far those are whom a leader invited: counts, the stuck ones, the message that helps, a bound on the cost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.referral.joining import training
from rongshu.domain.referral.joining.actions import leave, mark_step, set_joining_policy
from rongshu.domain.referral.joining.policy import JoiningPolicy, Step
from rongshu.domain.referral.joining.queries import step_key
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found, new_phone
from tests.interfaces.portal.test_renew import PASSWORD, entered

STEPS = (Step("Read the rules", "", ""), Step("Share a link", "", ""))


def test_a_leader_sees_who_is_stuck_and_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    now, phone = utc_now(), new_phone()
    house = found(now=now - timedelta(days=90))
    with tenant_scope(house.id):
        set_joining_policy(rules=JoiningPolicy(steps=STEPS), by=TESTER, now=now)
        names = ("leader", "young one", "done with all", "halfway there", "no more")
        me, young, done, half, gone = (
            int(add_member(phone=phone if name == "leader" else new_phone(), name=name, by=TESTER, now=now).id)
            for name in names
        )
        old = now - timedelta(days=30)
        enrol_promoters(joinings=[Joining(me, None, old)], by=TESTER, now=now)
        enrol_promoters(
            joinings=[Joining(young, me, now), *(Joining(one, me, old) for one in (done, half, gone))],
            by=TESTER,
            now=now,
        )
        for who, step in ((done, 0), (done, 1), (half, 0), (gone, 0)):
            mark_step(promoter_id=who, key=step_key(STEPS[step]), done=True, now=now)
        leave(promoter_id=gone, by=TESTER, now=now)
        add_login(name=phone, password=PASSWORD, role=Role.PROMOTER, member_id=me, by=TESTER, now=now, language="en")
        counts = training.training_counts(me, STEPS, now)
        assert (counts.looked_at, counts.done, counts.finished, counts.stuck, counts.all_of_them) == (
            3,
            (2, 1),
            1,
            1,
            True,
        )
        rows = training.training_of(me, STEPS, now)
        assert [(one.id, one.done, one.stuck) for one in rows] == [
            (half, (True, False), True), (done, (True, True), False), (young, (False, False), False),
        ]  # fmt: skip
        assert [one.id for one in training.training_of(me, STEPS, now, after=half, limit=1)] == [done]
        assert [one.id for one in training.training_of(me, STEPS, now, stuck=True)] == [half]
        assert training.training_counts(half, STEPS, now).looked_at == 0
    mine = entered("portal", phone=phone)
    assert "First steps of your team" in mine.get("/portal/team").content.decode()
    page = mine.get("/portal/team/training").content.decode()
    assert "halfway there" not in page and "next: Share a link" in page and "2 / 3" in page
    only = mine.get("/portal/team/training?only=stuck").content.decode()
    assert outside("mem", half) in only and outside("mem", young) not in only
    sent = mine.post(f"/portal/team/{outside('mem', half)}/write", {"kind": "leader.help", "from": "training"})
    assert sent["Location"] == "/portal/team/training"
    assert "written to this week" in mine.get("/portal/team/training").content.decode()
