"""What is told: once a step, to the right people, by the channels they want, in their language; by e-mail over a real server."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from rongshu.domain.marketing.messages import channel as way
from rongshu.domain.marketing.messages import sending
from rongshu.domain.marketing.messages.actions import (
    forget_old_messages,
    keep_address,
    mark_seen,
    prefer,
    send_test,
    tell,
    try_again,
)
from rongshu.domain.marketing.messages.digests import tell_digests
from rongshu.domain.marketing.messages.kinds import KINDS
from rongshu.domain.marketing.messages.models import APP, LOGIN, MAIL, PROMOTER, STATES, Mail, Message
from rongshu.domain.marketing.messages.queries import choices, count_unseen, deliveries, inbox
from rongshu.domain.marketing.messages.quiet import after_quiet
from rongshu.domain.marketing.messages.sending import RETAKEN, WAITS, send_mail, tenants_with_mail
from rongshu.domain.marketing.messages.telling import tell_of_step
from rongshu.domain.marketing.messages.tokens import make_token, read_token
from rongshu.domain.marketing.messages.words import TROUBLES, say, trouble_text
from rongshu.domain.members.consents.actions import say_consents
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.settlement.withdrawals.models import Withdrawal, WithdrawalStep
from rongshu.flows.table import EVENTS, deliver_all
from rongshu.kernel.access.actions import add_login, choose_language
from rongshu.kernel.access.rules import Role
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import new_id
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.marketing.post_office import Office, office_open
from tests.factories import TESTER, found

NOON = datetime(2026, 6, 10, 4, tzinfo=UTC)  # a Wednesday, noon in Shanghai
NIGHT = datetime(2026, 6, 10, 15, tzinfo=UTC)  # 23:00 in Shanghai
ADDRESS = "lin.xiuying@example.org"


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with office_open() as (office, port):
        monkeypatch.setattr(way, "environment", lambda: settings(port))
        yield office


def settings(port: int) -> SimpleNamespace:
    return SimpleNamespace(
        smtp_url=f"smtp+plain://127.0.0.1:{port}", mail_from="no-reply@brand.example", site_url="https://brand.example"
    )


def person(email: str | None = ADDRESS, name: str = "") -> int:
    return int(add_member(external_id=name or f"p{new_id()}", email=email, by=TESTER, now=NOON).id)


def asked(promoter: int, amount: int = 100_00, state: str = "asked", reason: str = "") -> int:
    one = Withdrawal.add(
        promoter_id=promoter, payee_id=1, amount=amount, fee=0, tax=0, state=state, approvals_needed=1, asked_at=NOON
    )
    WithdrawalStep.add(withdrawal_id=one.id, state=state, at=NOON, actor="worker:", reason=reason)
    return int(one.id)


def states() -> list[tuple[str, str]]:
    return list(Mail.objects.order_by("id").values_list("state", "trouble"))


# ---------------------------------------------------------------------------------------------------- what is told


def test_every_step_of_a_withdrawal_has_its_kind_and_its_reaction() -> None:
    steps = {kind for kind in KINDS if kind.startswith("withdrawal.")}
    assert steps == {f"withdrawal.{one}" for one in ("asked", "approved", "sent", "confirmed", "failed", "returned", "refused", "cancelled")}  # fmt: skip
    assert all(EVENTS[kind] for kind in steps)


def test_an_event_with_many_subjects_is_one_statement_and_is_told_once(tenant: int, office: Office) -> None:
    with tenant_scope(tenant):
        people = [person(None, f"m{number}") for number in range(40)]
        withdrawals = [asked(one, state="sent") for one in people]
        before = len(connection.queries_log)
        connection.force_debug_cursor = True
        try:
            assert tell_of_step(state="sent", withdrawals=withdrawals, at=NOON) == 40
        finally:
            connection.force_debug_cursor = False
        assert len(connection.queries_log) - before < 8  # the same for any number
        assert tell_of_step(state="sent", withdrawals=withdrawals[:7], at=NOON) == 0
        assert Message.objects.count() == 40
        assert sorted(Message.objects.values_list("recipient", "about")) == sorted(
            zip(people, withdrawals, strict=True)
        )


def test_the_outbox_tells_of_one_and_of_many_alike(tenant: int) -> None:
    with tenant_scope(tenant):
        one, two = person(None), person(None)
        first, second, third = asked(one), asked(one), asked(two)
        announce("withdrawal.asked", subjects=[first], now=NOON)
        announce("withdrawal.asked", subjects=[second, third, first], now=NOON)
    deliver_all(now=NOON)
    deliver_all(now=NOON)
    with tenant_scope(tenant):
        assert sorted(row.about for row in inbox(PROMOTER, one)) == [first, second]
        assert [row.about for row in inbox(PROMOTER, two)] == [third]
        assert count_unseen(PROMOTER, one) == 2
        assert mark_seen(audience=PROMOTER, recipient=one, now=NOON) == 2
        assert (count_unseen(PROMOTER, one), count_unseen(PROMOTER, two)) == (0, 1)


def test_a_refusal_says_its_reason_and_cannot_be_turned_off(tenant: int) -> None:
    with tenant_scope(tenant):
        one = person(None)
        prefer(audience=PROMOTER, recipient=one, wanted={("withdrawal.refused", APP): False, ("withdrawal.asked", APP): False}, by=TESTER, now=NOON)  # fmt: skip
        tell_of_step(state="refused", withdrawals=[asked(one, state="refused", reason="name differs")], at=NOON)
        tell_of_step(state="asked", withdrawals=[asked(one)], at=NOON)
        (told,) = inbox(PROMOTER, one)
        assert (
            "name differs" in say(told.kind, told.data, "CNY").text
            and "¥100.00" in say(told.kind, told.data, "CNY").text
        )
        wanted = {choice.kind.code: choice.app for choice in choices(PROMOTER, one)}
        assert wanted["withdrawal.refused"] and not wanted["withdrawal.asked"]


def test_every_kind_can_be_said() -> None:
    data = {
        "amount": 123456, "net": 100, "reason": "x", "day": "2026-06-10", "since": "2026-05-01", "until": "2026-05-31",
        "count": 3, "rank": {"zh": "金牌", "en": "Gold"},
    }  # fmt: skip
    for code in KINDS:
        said = say(code, data, "CNY")
        assert said.title and said.text and "%" not in said.title + said.text
        assert reverse(said.link)
    assert say("gone.kind", {}, "CNY").title == "gone.kind"
    assert "–" in say("withdrawal.sent", {"amount": 100}, "CNY").text  # told before its words asked for more
    assert all(trouble_text(f"{code} 550 5.1.1").endswith("(550 5.1.1)") for code in TROUBLES)


def test_the_team_is_told_by_permission_and_digests_once_a_day(tenant: int) -> None:
    with tenant_scope(tenant):
        boss = add_login(name=f"boss{tenant}", password="long enough", role=Role.FINANCE, by=TESTER, now=NOON)
        desk = add_login(name=f"desk{tenant}", password="long enough", role=Role.SUPPORT, by=TESTER, now=NOON)
        asked(person(None)), asked(person(None), 50_00)
        early = NOON.replace(hour=0)  # eight in the morning in Shanghai
        assert tell_digests(now=early) == 0
        assert tell_digests(now=NOON) == 1
        assert tell_digests(now=NOON + timedelta(hours=1)) == 0
        (told,) = inbox(LOGIN, boss.id)
        assert told.data == {"count": 2, "amount": 150_00, "day": "2026-06-10"}
        assert not inbox(LOGIN, desk.id)
        assert {choice.kind.code for choice in choices(LOGIN, desk.id, Role.SUPPORT)} == set()
        assert tell_digests(now=NOON + timedelta(days=1)) == 1


def test_old_messages_and_mails_are_forgotten(tenant: int, office: Office) -> None:
    with tenant_scope(tenant):
        tell_of_step(state="confirmed", withdrawals=[asked(person())], at=NOON)
        assert forget_old_messages(now=NOON + timedelta(days=399)) == 0
        assert forget_old_messages(now=NOON + timedelta(days=401)) == 2
        assert not Message.objects.exists() and not Mail.objects.exists()


def test_tenants_do_not_see_one_another(tenant: int) -> None:
    other = found(now=NOON).id
    with tenant_scope(tenant):
        one = person(None)
        tell_of_step(state="asked", withdrawals=[asked(one)], at=NOON)
    with tenant_scope(other), connection.cursor() as cursor:
        for table in ("message", "mail", "preference", "address", "rules", "digest"):
            cursor.execute(f"SELECT count(*) FROM marketing_{table}")
            assert cursor.fetchone() == (0,)
        assert not inbox(PROMOTER, one)


# ---------------------------------------------------------------------------------------------------- by e-mail


def confirmed(tenant: int, at: datetime = NOON) -> int:
    with tenant_scope(tenant):
        one = person()
        tell_of_step(state="confirmed", withdrawals=[asked(one)], at=at)
    return one


def test_mail_arrives_with_both_parts_and_is_sent_once(tenant: int, office: Office) -> None:
    one = confirmed(tenant)
    assert tenant in tenants_with_mail(NOON)
    assert send_mail(tenant, now=NOON) == 1
    assert send_mail(tenant, now=NOON + timedelta(hours=1)) == 0
    (letter,) = office.arrived
    assert office.recipients == [ADDRESS]
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    html = letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "https://brand.example/portal/withdraw" in html and "¥100.00" in html
    assert "src=" not in html and "@import" not in html
    assert letter["Message-ID"].endswith("@brand.example>")
    assert letter["List-Unsubscribe"] is None
    with tenant_scope(tenant):
        assert states() == [("sent", "")]
        (row,) = deliveries()
        assert row.address == "l***@example.org" and row.message.recipient == one


def test_the_language_is_the_recipients_own_or_the_tenants(tenant: int, office: Office) -> None:
    with tenant_scope(tenant):
        one, two = person("a@example.org"), person("b@example.org")
        login = add_login(
            name=f"en{tenant}", password="long enough", role=Role.PROMOTER, member_id=two, by=TESTER, now=NOON
        )
        choose_language(login=login, language="en", by=TESTER, now=NOON)
        tell_of_step(state="confirmed", withdrawals=[asked(one), asked(two)], at=NOON)
    send_mail(tenant, now=NOON)
    by = dict(zip(office.recipients, office.arrived, strict=True))
    assert 'lang="zh-Hans"' in by["a@example.org"].get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert 'lang="en"' in by["b@example.org"].get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "Your money has arrived" in by["b@example.org"]["Subject"]


def test_without_a_server_nothing_is_queued(tenant: int) -> None:
    confirmed(tenant)
    with tenant_scope(tenant):
        assert Message.objects.count() == 1 and not Mail.objects.exists()
    assert send_mail(tenant, now=NOON) == 0


@pytest.mark.parametrize(
    ("fault", "state", "trouble"),
    [
        ("RCPT 550 5.1.1 <lin.xiuying@example.org> unknown", "failed", "no_mailbox 550 5.1.1"),
        ("RCPT 552 5.2.2 full", "failed", "mailbox_full 552 5.2.2"),
        ("RCPT 450 4.2.1 later", "waiting", "for_now 450 4.2.1"),
        ("DATA 451 4.3.0 later", "waiting", "for_now 451 4.3.0"),
        ("DATA 554 5.7.1 spam", "failed", "policy 554 5.7.1"),
        ("DROP", "waiting", "connection_lost"),
    ],
)
def test_faults_of_the_server(tenant: int, office: Office, fault: str, state: str, trouble: str) -> None:
    confirmed(tenant)
    office.answers = [fault]
    assert send_mail(tenant, now=NOON) == 0
    with tenant_scope(tenant):
        assert states() == [(state, trouble)]
    assert send_mail(tenant, now=NOON + WAITS[0] - timedelta(seconds=1)) == 0
    assert send_mail(tenant, now=NOON + WAITS[0]) == (1 if state == "waiting" else 0)
    ids = [letter["Message-ID"] for letter in office.arrived]
    assert len(ids) == {"waiting": 2 if fault == "DROP" else 1, "failed": 0}[state]
    assert len(set(ids)) <= 1


def test_a_lasting_fault_is_given_up_and_can_be_tried_again_by_hand(tenant: int, office: Office) -> None:
    confirmed(tenant)
    office.answers = ["RCPT 451 4.3.0 no"] * (len(WAITS) + 1)
    now = NOON
    for wait in (*WAITS, timedelta()):
        send_mail(tenant, now=now)
        now += wait
    with tenant_scope(tenant):
        assert states() == [("gave_up", "for_now 451 4.3.0")]
        mail = Mail.objects.get()
        try_again(identifier=mail.id, by=TESTER, now=now)
        with pytest.raises(Refusal, match="on its way"):
            try_again(identifier=mail.id, by=TESTER, now=now)
    assert send_mail(tenant, now=now) == 1


def test_a_server_that_is_away_uses_up_no_tries_of_the_rest(tenant: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with office_open() as (_office, port):
        pass
    monkeypatch.setattr(way, "environment", lambda: settings(port))
    with tenant_scope(tenant):
        tell_of_step(state="confirmed", withdrawals=[asked(person(f"{n}@example.org")) for n in range(3)], at=NOON)
    assert send_mail(tenant, now=NOON) == 0
    with tenant_scope(tenant):
        assert sorted(Mail.objects.values_list("state", "attempts", "trouble")) == [
            ("waiting", 0, ""), ("waiting", 0, ""), ("waiting", 1, "no_server"),
        ]  # fmt: skip


def test_a_kill_between_sending_and_noting_costs_one_duplicate_under_the_same_id(
    tenant: int, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tenant_scope(tenant):
        tell_of_step(state="confirmed", withdrawals=[asked(person(f"{n}@example.org")) for n in range(4)], at=NOON)
    noted = 0
    note = sending._note

    def killed(*given: object) -> None:
        nonlocal noted
        noted += 1
        if noted == 3:
            raise KeyboardInterrupt
        note(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "_note", killed)
    with pytest.raises(KeyboardInterrupt):
        send_mail(tenant, now=NOON)
    monkeypatch.setattr(sending, "_note", note)
    assert len(office.arrived) == 3
    assert send_mail(tenant, now=NOON + RETAKEN - timedelta(seconds=1)) == 0
    assert send_mail(tenant, now=NOON + RETAKEN) == 2
    ids = [letter["Message-ID"] for letter in office.arrived]
    assert (len(ids), len(set(ids))) == (5, 4)
    with tenant_scope(tenant):
        assert [state for state, _trouble in states()] == ["sent"] * 4


def test_marketing_waits_for_consent_and_for_the_morning_and_one_click_ends_it(tenant: int, office: Office) -> None:
    def ranked(one: int) -> None:
        tell(
            kind="rank.changed",
            recipients=[one],
            about=[new_id()],
            data=[{"rank": {"zh": "金", "en": "Gold"}}],
            at=NIGHT,
        )

    with tenant_scope(tenant):
        one = person()
        ranked(one)
        assert not Mail.objects.exists()
        prefer(audience=PROMOTER, recipient=one, wanted={("rank.changed", MAIL): True}, by=TESTER, now=NOON)
        ranked(one)
    assert send_mail(tenant, now=NIGHT) == 0
    morning = NIGHT + timedelta(hours=10)
    assert send_mail(tenant, now=morning) == 1
    (letter,) = office.arrived
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = letter["List-Unsubscribe"].strip(" <>").removeprefix("https://brand.example")
    with tenant_scope(tenant):
        ranked(one)
    client = Client(enforce_csrf_checks=True)
    assert client.get(link).status_code == 200  # looking is not ending
    with tenant_scope(tenant):
        assert Mail.objects.filter(state="waiting").count() == 1
    assert client.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert client.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert send_mail(tenant, now=morning) == 0
    with tenant_scope(tenant):
        assert states()[-1] == ("dropped", "not_wanted")
        ranked(one)
        assert Mail.objects.count() == 2
    assert len(office.arrived) == 1
    assert client.post(link[:-3] + "abc").status_code == 404


def test_who_took_back_the_consent_to_offers_gets_none_and_is_still_served(tenant: int, office: Office) -> None:
    def told(kind: str, one: int, data: dict[str, Any]) -> tuple[int, int]:
        tell(kind=kind, recipients=[one], about=[new_id()], data=[data], at=NOON)
        shown = Message.objects.filter(recipient=one, kind=kind, in_app=True).count()
        return shown, Mail.objects.filter(state="waiting").count()

    def say(one: int, **given: bool) -> None:
        say_consents(member_id=one, given=given, place="portal", by=TESTER, now=NOON)

    rank = {"rank": {"zh": "金", "en": "Gold"}}
    with tenant_scope(tenant):
        one = person()
        assert told("rank.changed", one, rank) == (1, 0)
        say(one, marketing_mail=True)
        assert told("rank.changed", one, rank) == (2, 1)
        say(one, marketing_app=False)
        assert told("rank.changed", one, rank) == (2, 2)
        say(one, marketing_mail=False)
        prefer(audience=PROMOTER, recipient=one, wanted={("rank.changed", MAIL): True}, by=TESTER, now=NOON)
        assert told("rank.changed", one, rank) == (2, 2)
        assert told("withdrawal.confirmed", one, {"amount": 100, "net": 90}) == (1, 3)
    assert send_mail(tenant, now=NOON) == 1
    with tenant_scope(tenant):
        assert states() == [("dropped", "not_wanted"), ("dropped", "not_wanted"), ("sent", "")]


def test_tokens_are_ours_alone() -> None:
    token = make_token(1, 0, 2, "rank.changed")
    ending = read_token(token)
    assert ending is not None and (ending.tenant, ending.recipient, ending.kind) == (1, 2, "rank.changed")
    assert read_token(token + "x") is None and read_token("") is None and read_token("a:b") is None


def test_a_test_mail_to_oneself(tenant: int, office: Office) -> None:
    with tenant_scope(tenant):
        login = add_login(name=f"fin{tenant}", password="long enough", role=Role.FINANCE, by=TESTER, now=NOON)
        with pytest.raises(Refusal, match="Give your e-mail"):
            send_test(login_id=login.id, by=TESTER, now=NOON)
        with pytest.raises(Refusal, match="looks like"):
            keep_address(login_id=login.id, email="nobody", by=TESTER, now=NOON)
        keep_address(login_id=login.id, email="fin@example.org", by=TESTER, now=NOON)
        send_test(login_id=login.id, by=TESTER, now=NOON)
    assert send_mail(tenant, now=NOON) == 1
    assert office.recipients == ["fin@example.org"]


def test_no_personal_data_in_logs(tenant: int, office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    office.answers = ["RCPT 550 5.1.1 <lin.xiuying@example.org> unknown", "", "DROP", "RCPT 421 busy", "DATA 554 no"]
    with tenant_scope(tenant):
        tell_of_step(state="confirmed", withdrawals=[asked(person(f"{n}.{ADDRESS}")) for n in range(6)], at=NOON)
    text = io.StringIO()
    with redirect_stdout(text), redirect_stderr(text):
        send_mail(tenant, now=NOON)
        send_mail(tenant, now=NOON + timedelta(minutes=2))
    captured = capfd.readouterr()
    assert "xiuying" not in text.getvalue() + captured.out + captured.err
    with tenant_scope(tenant):
        assert not any("@" in trouble for _state, trouble in states())
        assert {state for state, _trouble in states()} <= set(STATES)


def test_quiet_hours_end_on_the_right_day() -> None:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Asia/Shanghai")
    at = lambda hour: datetime(2026, 6, 10, hour, 30, tzinfo=zone)  # noqa: E731
    assert after_quiet(at(20), zone, 21, 9) == at(20)
    assert after_quiet(at(21), zone, 21, 9) == datetime(2026, 6, 11, 9, tzinfo=zone)
    assert after_quiet(at(3), zone, 21, 9) == datetime(2026, 6, 10, 9, tzinfo=zone)
    assert after_quiet(at(13), zone, 12, 14) == datetime(2026, 6, 10, 14, tzinfo=zone)
    assert after_quiet(at(13), zone, 7, 7) == at(13)
