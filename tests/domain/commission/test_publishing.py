"""From a draft to a version: who may decide, what stays as it is, what two at the same moment do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from rongshu.domain.commission.notices.actions import mark_seen
from rongshu.domain.commission.notices.queries import news, seen_by, unseen
from rongshu.domain.commission.plans.actions import publish_plan, save_draft, withdraw_version
from rongshu.domain.commission.plans.queries import drafts, versions, withdrawals
from rongshu.domain.commission.reviews.actions import (
    approve_review,
    ask_review,
    may_publish_alone,
    publish_alone,
    reject_review,
    take_back,
)
from rongshu.domain.commission.reviews.models import REJECTED, TAKEN_BACK
from rongshu.domain.commission.reviews.queries import last_review_of, reviews_of_versions, two_persons, waiting_reviews
from rongshu.domain.commission.reviews.queries import review as review_of
from rongshu.engine.plan import PlanError
from rongshu.flows.intake.accept import accept_orders
from rongshu.flows.intake.shapes import ORDERS
from rongshu.flows.intake.work import work_off
from rongshu.flows.table import deliver_all
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.models import Login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.actor import COMMAND_LINE, Actor
from rongshu.kernel.errors import Kind, Refusal
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import lock_background_writing, tenant_scope
from tests.factories import TESTER, found
from tests.races.threads import together, untroubled

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=10)
OLD = "{name: spring, currency: CNY, jurisdiction: CN, levels: {1: {rate: 10%}}, release: {after: completed, days: 15}}"
NEW = OLD.replace("10%", "12%")
ANN, BEN, CAM = Actor("login", "ann"), Actor("login", "ben"), Actor("login", "cam")


@pytest.fixture
def house() -> House:
    """With a version in force since January, and three people who may decide."""
    home = found(now=NOW)
    with tenant_scope(home.id):
        publish_plan(text=OLD, effective_from=datetime(2026, 1, 1, tzinfo=UTC), by=TESTER, now=NOW)
        for name, role in (("ann", Role.OWNER), ("ben", Role.FINANCE), ("cam", Role.OPERATOR)):
            add_login(name=f"{name}-{home.slug}", password="long enough", role=role, by=TESTER, now=NOW)
    return home


def asked(house: House, *, begins: datetime | None = LATER, text: str = NEW) -> int:
    with tenant_scope(house.id):
        draft = save_draft(text=text, by=ANN, now=NOW)
        return int(ask_review(draft_id=draft.id, effective_from=begins, by=ANN, now=NOW).id)


def refused(work: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as told:
        work()
    return told.value.code


def approve(house: House, review: int, by: Actor = BEN, **more: Any) -> Any:
    """Accepts what was found when it was asked, where a test does not say what it accepts."""
    with tenant_scope(house.id):
        if "accepted" not in more:
            more |= {"accepted": warned(review), "reason": "looked at"}
        return approve_review(review_id=review, by=by, now=NOW, **more)


def warned(review: int) -> list[str]:
    return [one["rule"] for one in review_of(review).looked["findings"] if one["severity"] == "warn"]


def scheduled(house: House, begins: datetime = LATER) -> int:
    return int(approve(house, asked(house, begins=begins)).number)


def test_a_second_person_makes_a_draft_a_scheduled_version(house: House) -> None:
    review = asked(house)
    version = approve(house, review)
    with tenant_scope(house.id):
        assert (version.number, version.effective_from) == (2, LATER)
        kept = reviews_of_versions([version.id])[version.id]
        assert (kept.asked_by, kept.decided_by, kept.alone, kept.text) == (str(ANN), str(BEN), False, NEW)
        assert waiting_reviews() == [] and drafts() == []


def test_nobody_who_wrote_or_asked_approves(house: House) -> None:
    with tenant_scope(house.id):
        draft = save_draft(text=OLD, by=CAM, now=NOW)
        save_draft(text=NEW, draft_id=draft.id, by=ANN, now=NOW)
        review = ask_review(draft_id=draft.id, effective_from=LATER, by=TESTER, now=NOW).id
    for author in (ANN, CAM, TESTER):
        assert refused(lambda who=author: approve(house, review, who)) == "own_plan"
    with tenant_scope(house.id):
        assert len(versions().versions) == 1 and len(waiting_reviews()) == 1
    assert approve(house, review).number == 2


def test_opening_a_draft_and_keeping_it_as_it_is_makes_nobody_an_author(house: House) -> None:
    with tenant_scope(house.id):
        draft = save_draft(text=NEW, by=ANN, now=NOW)
        save_draft(text=NEW, draft_id=draft.id, by=BEN, now=NOW)
        review = ask_review(draft_id=draft.id, effective_from=LATER, by=ANN, now=NOW).id
    assert approve(house, review).number == 2


def test_the_text_stays_as_it_was_asked_for_until_it_is_decided(house: House) -> None:
    review = asked(house)
    with tenant_scope(house.id):
        (draft,) = drafts()
        assert refused(lambda: save_draft(text=OLD, draft_id=draft.id, by=ANN, now=NOW)) == "draft_in_review"
        assert refused(lambda: ask_review(draft_id=draft.id, by=ANN, now=NOW)) == "draft_in_review"
        reject_review(review_id=review, reason="too dear", by=BEN, now=NOW)
        last = last_review_of(draft.id)
        assert last is not None and (last.state, last.reason) == (REJECTED, "too dear")
        save_draft(text=OLD, draft_id=draft.id, by=ANN, now=NOW)
        again = ask_review(draft_id=draft.id, effective_from=LATER, by=ANN, now=NOW)
        assert take_back(review_id=again.id, by=ANN, now=NOW).state == TAKEN_BACK
        assert refused(lambda: approve_review(review_id=again.id, by=BEN, now=NOW)) == "review_decided"
        assert refused(lambda: reject_review(review_id=review, reason="x", by=BEN, now=NOW)) == "review_decided"


def test_a_rejection_needs_a_reason(house: House) -> None:
    review = asked(house)
    with tenant_scope(house.id):
        assert refused(lambda: reject_review(review_id=review, reason="  ", by=BEN, now=NOW)) == "no_reason"


@pytest.mark.parametrize(
    ("begins", "code"),
    [(NOW - timedelta(days=1), "version_in_the_past"), (datetime(2025, 1, 1, tzinfo=UTC), "version_in_the_past")],
)
def test_a_beginning_that_cannot_be_is_refused_when_asking(house: House, begins: datetime, code: str) -> None:
    assert refused(lambda: asked(house, begins=begins)) == code
    with tenant_scope(house.id):
        assert all(not one.in_review for one in drafts())


def test_what_cannot_be_read_is_never_laid_before_anybody(house: House) -> None:
    with pytest.raises(PlanError):
        asked(house, text="levels: []")
    with tenant_scope(house.id):
        assert waiting_reviews() == []


def test_a_change_that_promoters_hear_of_too_late_has_to_be_accepted_with_a_reason(house: House) -> None:
    review = asked(house, begins=NOW + timedelta(days=3))
    with tenant_scope(house.id):
        rules = warned(review)
    assert "PRT-04" in rules
    others = [rule for rule in rules if rule != "PRT-04"]
    assert refused(lambda: approve(house, review, accepted=others, reason="x")) == "warnings_not_accepted"
    assert refused(lambda: approve(house, review, accepted=rules)) == "no_reason"
    version = approve(house, review, accepted=rules, reason="the law of the market changes")
    with tenant_scope(house.id):
        kept = reviews_of_versions([version.id])[version.id]
        assert "PRT-04" in kept.accepted and kept.reason == "the law of the market changes"


def test_a_time_that_passed_while_it_waited_means_at_once(house: House) -> None:
    review = asked(house, begins=NOW + timedelta(days=8))
    late = NOW + timedelta(days=9)
    with tenant_scope(house.id):
        then = warned(review)
        assert "PRT-04" not in then  # the check is made anew: now it comes without notice
        again = {"review_id": review, "by": BEN, "now": late, "reason": "still wanted"}
        assert refused(lambda: approve_review(**again, accepted=then)) == "warnings_not_accepted"
        assert approve_review(**again, accepted=[*then, "PRT-04"]).effective_from == late


def test_what_the_check_blocks_is_neither_asked_for_nor_published(house: House) -> None:
    deep = OLD.replace("{1: {rate: 10%}}", "{1: {rate: 10%}, 2: {rate: 2%}, 3: {rate: 1%}}")
    assert refused(lambda: asked(house, text=deep)) == "plan_blocked"
    with tenant_scope(house.id):
        assert (
            refused(lambda: publish_alone(text=deep, effective_from=LATER, by=COMMAND_LINE, now=NOW)) == "plan_blocked"
        )
        assert len(versions().versions) == 1


def test_where_only_one_may_decide_the_author_does_and_it_is_kept(house: House) -> None:
    with tenant_scope(house.id):
        Login.objects.filter(tenant_id=house.id).exclude(role=Role.OWNER).update(is_active=False)
        assert not two_persons()
    version = approve(house, asked(house), ANN)
    with tenant_scope(house.id):
        assert reviews_of_versions([version.id])[version.id].alone
        rules, begins = reviews_of_versions([version.id])[version.id].accepted, LATER + timedelta(days=1)
        third = publish_alone(text=OLD, effective_from=begins, by=ANN, now=NOW, accepted=rules, reason="alone here")
        assert third.number == 3 and reviews_of_versions([third.id])[third.id].alone


def test_alone_only_where_one_may(house: House) -> None:
    key = Actor("key", "erp")
    with tenant_scope(house.id):
        for who in (ANN, key):
            assert (
                refused(lambda by=who: publish_alone(text=NEW, effective_from=LATER, by=by, now=NOW))
                == "second_person_needed"
            )
        assert may_publish_alone(key, founding=True) and not may_publish_alone(ANN, founding=True)
        assert publish_alone(text=NEW, effective_from=LATER, by=COMMAND_LINE, now=NOW).number == 2


def test_one_person_alone_accepts_what_was_found_too(house: House) -> None:
    with tenant_scope(house.id):
        Login.objects.filter(tenant_id=house.id).exclude(role=Role.OWNER).update(is_active=False)
        now_at_once = lambda **more: publish_alone(text=NEW, effective_from=NOW, by=ANN, now=NOW, **more)  # noqa: E731
        assert refused(lambda: now_at_once(accepted=())) == "warnings_not_accepted"
        with pytest.raises(Refusal) as told:
            now_at_once(accepted=["PRT-04"])
        assert told.value.kind in (Kind.INVALID, Kind.CONFLICT)


# ------------------------------------------------------------------------------------------------ withdrawing


def test_a_withdrawn_version_keeps_its_number_and_rates_nothing(house: House) -> None:
    number = scheduled(house)
    with tenant_scope(house.id):
        withdraw_version(number=number, reason="a wrong rate", by=ANN, now=NOW)
        assert [one.number for one in versions().versions] == [1]
        ((gone, how),) = withdrawals()
        assert (gone.number, how.reason) == (2, "a wrong rate")
        assert refused(lambda: withdraw_version(number=number, reason="x", by=ANN, now=NOW)) == "version_withdrawn"
    assert scheduled(house) == 3  # at the same instant as the one withdrawn
    _order(house, paid_at=LATER + timedelta(days=1))
    assert _rated_by(house) == [3]


def test_a_version_in_force_is_never_withdrawn(house: House) -> None:
    number = scheduled(house)
    with tenant_scope(house.id):
        for when in (LATER, LATER + timedelta(days=1)):
            assert (
                refused(lambda at=when: withdraw_version(number=number, reason="x", by=ANN, now=at))
                == "version_in_force"
            )
        assert refused(lambda: withdraw_version(number=1, reason="x", by=ANN, now=NOW)) == "version_in_force"
        assert refused(lambda: withdraw_version(number=9, reason="x", by=ANN, now=NOW)) == "unknown_version"
        assert refused(lambda: withdraw_version(number=number, reason=" ", by=ANN, now=NOW)) == "no_reason"


def test_a_version_that_rated_an_order_dated_ahead_is_not_withdrawn(house: House) -> None:
    number = scheduled(house)
    _order(house, paid_at=LATER + timedelta(hours=1))
    assert _rated_by(house) == [number]
    with tenant_scope(house.id):
        assert refused(lambda: withdraw_version(number=number, reason="x", by=ANN, now=NOW)) == "version_in_use"


def test_within_one_turn_a_withdrawal_is_seen(house: House) -> None:
    number = scheduled(house)
    with tenant_scope(house.id):
        lock_background_writing()
        assert len(versions().versions) == 2
        withdraw_version(number=number, reason="x", by=ANN, now=NOW)
        assert len(versions().versions) == 1


def test_a_withdrawal_cannot_be_taken_out_of_the_books(house: House) -> None:
    number = scheduled(house)
    with tenant_scope(house.id):
        withdraw_version(number=number, reason="x", by=ANN, now=NOW)
    for statement in ("DELETE FROM commission_plan_withdrawal", "UPDATE commission_plan_withdrawal SET reason = ''"):
        with pytest.raises(Exception, match=r"append-only|permission denied"), tenant_scope(house.id):
            connection.cursor().execute(statement)


# ------------------------------------------------------------------------------------------------ at the same moment


def test_of_two_who_approve_at_once_one_publishes(house: House) -> None:
    review = asked(house)
    results = together(lambda: approve(house, review, BEN), lambda: approve(house, review, CAM))
    lost = [one for one in results if isinstance(one, Refusal)]
    assert [one.code for one in lost] == ["review_decided"]
    with tenant_scope(house.id):
        assert [one.number for one in versions().versions] == [1, 2]


def test_approving_and_rejecting_at_once_is_one_decision(house: House) -> None:
    review = asked(house)

    def reject() -> Any:
        with tenant_scope(house.id):
            return reject_review(review_id=review, reason="no", by=CAM, now=NOW)

    results = together(lambda: approve(house, review, BEN), reject)
    assert [one.code for one in results if isinstance(one, Refusal)] == ["review_decided"]
    with tenant_scope(house.id):
        published, (left) = len(versions().versions), [one for one in drafts() if one.in_review]
        assert published + len(drafts()) == 2 and left == []


def test_withdrawing_while_it_rates_either_comes_first_or_is_refused(house: House) -> None:
    for attempt in range(3):
        begins = LATER + timedelta(days=attempt)
        number = scheduled(house, begins)
        _accept(house, begins + timedelta(hours=1), f"race-{attempt}")

        def withdraw(number: int = number) -> Any:
            with tenant_scope(house.id):
                return withdraw_version(number=number, reason="a race", by=ANN, now=NOW)

        withdrawn, _rated = together(withdraw, lambda: work_off(house.id, now=NOW))
        untroubled([_rated])
        while work_off(house.id, now=NOW):
            pass
        with tenant_scope(house.id):
            gone = {one.number for one, _how in withdrawals()}
        if isinstance(withdrawn, Refusal):
            assert withdrawn.code == "version_in_use" and number not in gone
        else:
            assert number in gone
        assert not gone & set(_rated_by(house))


# ------------------------------------------------------------------------------------------------ promoters are told


def test_promoters_are_told_of_a_change_and_that_it_will_not_come(house: House) -> None:
    joined = NOW - timedelta(days=100)
    number = scheduled(house)
    deliver_all(now=NOW)
    with tenant_scope(house.id):
        (told,) = news(now=NOW, joined_at=joined)
        assert (told.version.number, told.cancelled) == (2, False) and told.before is not None
        assert news(now=NOW, joined_at=LATER) == []  # whoever joins after it began knows nothing else
        assert unseen(promoter_id=7, notices=[told.id]) == {told.id}
        for _again in range(2):
            mark_seen(notice_id=told.id, promoter_id=7, now=NOW)
        assert unseen(promoter_id=7, notices=[told.id]) == set() and unseen(promoter_id=8, notices=[told.id])
        assert seen_by([told.version.id]) == {told.version.id: 1}
        withdraw_version(number=number, reason="x", by=ANN, now=NOW)
    deliver_all(now=NOW)
    with tenant_scope(house.id):
        (off,) = news(now=NOW, joined_at=joined)
        assert off.cancelled and unseen(promoter_id=7, notices=[off.id])
        assert news(now=NOW + timedelta(days=31), joined_at=joined) == []


def test_the_founding_version_is_no_news(house: House) -> None:
    deliver_all(now=NOW)
    with tenant_scope(house.id):
        assert news(now=NOW, joined_at=datetime(2025, 1, 1, tzinfo=UTC)) == []


def _accept(house: House, paid_at: datetime, name: str) -> None:
    body = [{"id": name, "paid_at": paid_at.isoformat(), "lines": [{"sku": "A", "paid": "100.00"}]}]
    with tenant_scope(house.id):
        accept_orders(orders=ORDERS.validate_python(body), tenant=house, by=TESTER, now=NOW)


def _order(house: House, *, paid_at: datetime) -> None:
    _accept(house, paid_at, "one")
    while work_off(house.id, now=NOW):
        pass


def _rated_by(house: House) -> list[int]:
    with tenant_scope(house.id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT v.number FROM commission_rating r JOIN commission_planversion v "
            "ON v.tenant_id = r.tenant_id AND v.id = r.version_id WHERE r.tenant_id = %s ORDER BY 1",
            [house.id],
        )
        return [number for (number,) in cursor.fetchall()]
