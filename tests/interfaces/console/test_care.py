"""Promoters looked after: frozen and going on, notes, tags, another inviter now or later."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.domain.commission.windows.queries import stamp_of
from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.care.actions import do_due_transfers, transfer
from rongshu.domain.referral.care.models import PlannedMove
from rongshu.domain.referral.promoters.actions import Joining, change_inviter, enrol_promoters
from rongshu.domain.referral.promoters.queries import inviter_history, promoter
from rongshu.domain.referral.standings.actions import refresh_standings
from rongshu.domain.referral.standings.queries import count_directly_invited
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.queries import standings_of
from tests.factories import TESTER
from tests.interfaces.console.test_links import enter

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

ROW = r'<td data-at="lead"><a class="row-link" href="[^"]*/(mem_\w+)">'


@pytest.fixture
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture
def operator(shop: Shop) -> Client:
    return enter(shop.reader)


def act(client: Client, who: str, **form: str) -> str:
    """What the page says afterwards."""
    response = client.post(f"/console/promoters/{who}/care", form)
    assert response.status_code == 302
    return client.get(response["Location"]).content.decode()


def test_whoever_is_frozen_earns_nothing_from_then_on_and_loses_nothing(operator: Client, shop: Shop) -> None:
    from rongshu.flows.intake.accept import accept_orders
    from rongshu.flows.intake.work import work_off

    now = utc_now()
    with tenant_scope(shop.house.id):
        me = find_member("m2").id
        before = standings_of([me])[me]
        window = (now - timedelta(days=2), now + timedelta(days=1))
        stamp = stamp_of(*window)
    assert "Say why." in act(operator, "m2", do="freeze", reason="")
    assert "Orders paid from now on earn" not in act(operator, "m2", do="freeze", reason="under suspicion")
    assert "do not promote at present" in act(operator, "m2", do="freeze", reason="again")
    with tenant_scope(shop.house.id):
        assert stamp_of(*window) != stamp, "the lab reads anew"
        frozen, stamp = promoter(me), stamp_of(*window)
        assert frozen.active_to is not None and frozen.ended_as == "frozen"
        later = utc_now()
        entry = {
            "id": "F-1",
            "paid_at": later,
            "buyer": "m4",
            "promoter": "m2",
            "lines": [{"sku": "x", "category": "home", "paid": "100.00"}],
        }
        accepted = accept_orders(orders=[entry], tenant=shop.house, by=TESTER, now=later)
        assert accepted.results[0].problem is None
    while work_off(shop.house.id, now=later):
        pass
    with tenant_scope(shop.house.id):
        from rongshu.domain.commission.rating.queries import commissions_of

        assert [row for row in commissions_of([accepted.results[0].id]) if row.beneficiary_id == me] == []
        assert standings_of([me])[me] == before
    assert re.findall(ROW, operator.get("/console/promoters?state=frozen").content.decode())
    assert "under suspicion" in act(operator, "m2", do="resume", reason="cleared")
    with tenant_scope(shop.house.id):
        assert promoter(me).active_to is None and promoter(me).ended_as == "" and stamp_of(*window) != stamp
    assert "They are not frozen." in act(operator, "m2", do="resume", reason="again")


def test_notes_and_tags(operator: Client, shop: Shop) -> None:
    assert "prefers &lt;b&gt;calls" in act(operator, "m2", do="note", note="prefers <b>calls")
    assert "VIP" in act(operator, "m2", do="tag", tag="  VIP ")
    assert len(re.findall(ROW, operator.get("/console/promoters?tag=VIP").content.decode())) == 1
    assert "A tag has 1 to 30 letters." in act(operator, "m2", do="tag", tag="x" * 31)
    act(operator, "m2", do="untag", tag="VIP")
    assert re.findall(ROW, operator.get("/console/promoters?tag=VIP").content.decode()) == []
    support = enter(shop.support)
    assert "noted by support" in act(support, "m2", do="note", note="noted by support")
    assert support.post("/console/promoters/m2/care", {"do": "freeze", "reason": "no"}).status_code == 403


def test_a_transfer_now_and_one_for_later(operator: Client, shop: Shop) -> None:
    assert "no circles" in act(operator, "m1", do="transfer", inviter="m3", reason="wants to")
    assert "their own inviter" in act(operator, "m2", do="transfer", inviter="m2", reason="wants to")
    assert "inviter already" in act(operator, "m2", do="transfer", inviter="m1", reason="wants to")
    act(operator, "m3", do="transfer", inviter="m1", reason="moved to town")
    now = utc_now()
    with tenant_scope(shop.house.id):
        m0, m1, m2, m3 = (find_member(f"m{n}").id for n in range(4))
        assert promoter(m3).inviter_id == m1
        last = inviter_history(m3)[0]
        assert (last.old_inviter_id, last.new_inviter_id, last.reason) == (m2, m1, "moved to town")
    tomorrow = now.astimezone(shop.house.zone).date() + timedelta(days=1)
    assert "waits" in act(operator, "m3", do="transfer", inviter="m0", day=str(tomorrow), reason="from tomorrow")
    with tenant_scope(shop.house.id):
        with pytest.raises(Refusal) as refused:
            transfer(promoter_id=m3, inviter_id=m2, reason="twice", by=TESTER, now=now, at=now + timedelta(days=3))
        assert refused.value.code == "move_waits"
        assert do_due_transfers(now=now) == 0 and promoter(m3).inviter_id == m1
        assert do_due_transfers(now=now + timedelta(days=2)) == 1 and promoter(m3).inviter_id == m0
        assert do_due_transfers(now=now + timedelta(days=2)) == 0


def test_a_transfer_that_would_close_a_circle_by_its_time_is_refused_then(shop: Shop) -> None:
    now = utc_now()
    with tenant_scope(shop.house.id):
        m0, m2, m3 = (find_member(name).id for name in ("m0", "m2", "m3"))
        change_inviter(promoter_id=m3, inviter_id=m0, reason="first", by=TESTER, now=now)
        transfer(promoter_id=m3, inviter_id=m2, reason="later", by=TESTER, now=now, at=now + timedelta(days=1))
        change_inviter(promoter_id=m2, inviter_id=m3, reason="meanwhile", by=TESTER, now=now)
        assert do_due_transfers(now=now + timedelta(days=1)) == 1
        kept = PlannedMove.objects.get(promoter_id=m3)
        assert (kept.state, kept.problem) == ("refused", "invitation_circle") and promoter(m3).inviter_id == m0


def test_a_transfer_is_taken_back(operator: Client, shop: Shop) -> None:
    later = (utc_now() + timedelta(days=9)).date()
    act(operator, "m3", do="transfer", inviter="", day=str(later), reason="to the top")
    assert "taken back" in act(operator, "m3", do="take_back")
    assert "No transfer waits." in act(operator, "m3", do="take_back")


def test_every_time_somebody_was_frozen_stands_with_who_and_why(operator: Client, shop: Shop) -> None:
    act(operator, "m3", do="freeze", reason="first complaint")
    act(operator, "m3", do="note", note="called them")
    act(operator, "m3", do="resume", reason="it was cleared")
    page = act(operator, "m3", do="freeze", reason="second complaint")
    spans = page.split('id="freezes"')[1].split("</section>")[0]
    now, before = spans.split("</li>")[:2]
    assert "second complaint" in now and "it was cleared" not in now and "since" in now
    assert "first complaint" in before and "it was cleared" in before and "called them" not in spans
    assert 'id="freezes"' not in act(operator, "m2", do="note", note="never frozen")


def test_a_wide_team_is_counted_up_to_a_hundred_and_then_as_of_the_last_computing(operator: Client, shop: Shop) -> None:
    now = utc_now()
    with tenant_scope(shop.house.id):
        me = find_member("m3").id
        refresh_standings(now=now)
        had = count_directly_invited(me, most=10)
        more = ensure_members(external_ids=[f"wide{n}" for n in range(130)], now=now).values()
        enrol_promoters(joinings=[Joining(one, me, now) for one in more], by=TESTER, now=now)

    def direct() -> int:
        page = operator.get("/console/promoters/m3?view=team").content.decode()
        (found,) = re.findall(r'depth=1"[^>]*>.*?<span[^>]*>([\d,]+)</span>', page)
        return int(found)

    assert had < 10 and direct() == 100
    with tenant_scope(shop.house.id):
        while refresh_standings(now=now + timedelta(days=1)):
            pass
    assert direct() == 130 + had
