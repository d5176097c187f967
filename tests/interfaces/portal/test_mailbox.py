"""A mailbox is confirmed and signs in by links over real SMTP: once, in time, by a button, and telling strangers nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.flows.mailbox import send_asked, use_sign_in
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.marketing.post_office import Office, office_open
from tests.factories import TESTER, found, new_phone
from tests.interfaces.public.joining import browser

PASSWORD = "a banyan grows"


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with office_open() as (running, port):
        monkeypatch.setattr(environment(), "smtp_url", f"smtp+plain://127.0.0.1:{port}")
        monkeypatch.setattr(environment(), "mail_from", "no-reply@example.com")
        monkeypatch.setattr(environment(), "site_url", "http://localhost")
        yield running


@pytest.fixture
def phone() -> str:
    """A promoter with a password."""
    now, number = utc_now(), new_phone()
    house = found(now=now - timedelta(days=9))
    with tenant_scope(house.id):
        me = add_member(phone=number, name="林秀英", by=TESTER, now=now).id
        enrol_promoters(joinings=[Joining(me, None, now - timedelta(days=9))], by=TESTER, now=now)
        add_login(name=number, password=PASSWORD, role=Role.PROMOTER, member_id=me, by=TESTER, now=now)
    return number


def entered(phone: str) -> Client:
    client = browser()
    assert client.post("/portal/sign-in", {"phone": phone, "password": PASSWORD}).status_code == 302
    return client


def token_in(office: Office, path: str) -> str:
    found = re.search(rf"http://localhost{path}\?token=(\S+)", office.arrived[-1].get_content())
    assert found is not None
    return found[1]


def confirmed(office: Office, client: Client, email: str) -> None:
    client.post("/portal/mailbox/change", {"do": "ask", "email": email})
    token = token_in(office, "/portal/mailbox")
    assert token in client.get(f"/portal/mailbox?token={token}").content.decode()
    client.post("/portal/mailbox/change", {"do": "confirm", "token": token})
    assert email[0] + "***" in client.get("/portal/mailbox").content.decode()


def test_confirmed_by_one_link_and_signed_in_by_another(office: Office, phone: str) -> None:
    email = f"{phone}@example.com"
    confirmed(office, entered(phone), email)
    client = browser()
    answer = client.post("/portal/sign-in/mail", {"do": "ask", "email": email.upper()})
    assert answer.status_code == 200 and send_asked(now=utc_now()) == 1 and office.recipients[-1].lower() == email
    token = token_in(office, "/portal/sign-in/mail")
    assert email not in token
    for _ in range(2):  # programs that look at links in mails use none up
        assert client.get(f"/portal/sign-in/mail?token={token}").status_code == 200
    opened = client.post("/portal/sign-in/mail", {"do": "open", "token": token})
    assert opened.status_code == 302
    assert client.get("/portal/").status_code == 200
    again = browser().post("/portal/sign-in/mail", {"do": "open", "token": token})
    assert again.status_code == 422


def shapes(work: CaptureQueriesContext) -> list[str]:
    """Statements without their values: what is done, not with what. The throttle sweeps now and then, whoever asks."""
    plain = [re.sub(r"\d+", "", " ".join(one["sql"].split("'")[::2])) for one in work]
    return [one for one in plain if not one.startswith("DELETE FROM kernel_throttle")]


@pytest.mark.parametrize(("minutes", "sent"), [(2, 1), (16, 0)], ids=["in time", "too old"])
def test_a_link_waits_while_the_server_is_away(
    office: Office, phone: str, minutes: int, sent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    email, now = f"{phone}@example.com", utc_now()
    confirmed(office, entered(phone), email)
    with monkeypatch.context() as away:
        away.setattr(environment(), "smtp_url", "smtp+plain://127.0.0.1:1")
        assert browser().post("/portal/sign-in/mail", {"do": "ask", "email": email}).status_code == 200
        assert send_asked(now=utc_now()) == 0
    assert send_asked(now=utc_now()) == 0, "tried again after a minute"
    assert send_asked(now=now + timedelta(minutes=minutes)) == sent


def test_strangers_are_told_nothing_and_get_no_mail(office: Office, phone: str) -> None:
    email = f"{phone}@example.com"
    confirmed(office, entered(phone), email)
    before = len(office.arrived)
    with CaptureQueriesContext(connection) as known_work:
        known = browser().post("/portal/sign-in/mail", {"do": "ask", "email": email}).content
    with CaptureQueriesContext(connection) as unknown_work:
        unknown = browser().post("/portal/sign-in/mail", {"do": "ask", "email": f"x{email}"}).content
    secret = re.compile(rb"[A-Za-z0-9]{64}")
    assert secret.sub(b"", known) == secret.sub(b"", unknown) and len(office.arrived) == before
    assert shapes(known_work) == shapes(unknown_work) and "kernel_asked_letter" in shapes(known_work)[-1]
    assert send_asked(now=utc_now()) == 1 and len(office.arrived) == before + 1
    assert send_asked(now=utc_now() + timedelta(minutes=2)) == 0, "both are done with"
    assert browser().post("/portal/sign-in/mail", {"do": "ask", "email": "no mail"}).status_code == 422
    assert browser().post("/portal/sign-in/mail", {"do": "ask", "email": email}).status_code == 409, "half a minute"
    assert browser().post("/portal/sign-in/mail", {"do": "open", "token": "made up"}).status_code == 422


def test_old_links_and_those_of_others_open_nothing(office: Office, phone: str) -> None:
    email = f"{phone}@example.com"
    client = entered(phone)
    client.post("/portal/mailbox/change", {"do": "ask", "email": email})
    theirs = token_in(office, "/portal/mailbox")
    with pytest.raises(Refusal):
        use_sign_in(token=theirs, address="10.1.1.1", now=utc_now())
    page = browser().post("/portal/sign-in/mail", {"do": "open", "token": theirs})
    assert page.status_code == 422
    client.post("/portal/mailbox/change", {"do": "confirm", "token": theirs})
    browser().post("/portal/sign-in/mail", {"do": "ask", "email": email})
    assert send_asked(now=utc_now()) == 1
    token = token_in(office, "/portal/sign-in/mail")
    with pytest.raises(Refusal) as late:
        use_sign_in(token=token, address="10.1.1.2", now=utc_now() + timedelta(minutes=16))
    assert late.value.code == "used_link"
