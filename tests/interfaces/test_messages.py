"""Messages on both faces: read, opened, chosen; and what only those with the permission see of the mail."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from django.test import Client

from rongshu.domain.marketing.messages import channel as way
from rongshu.domain.marketing.messages.models import LOGIN, PROMOTER, Mail, Message
from rongshu.domain.marketing.messages.queries import choices, count_unseen
from rongshu.domain.marketing.messages.sending import send_mail
from rongshu.domain.marketing.messages.telling import tell_of_check, tell_of_step
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.settlement.withdrawals.models import Withdrawal
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.marketing.post_office import office_open
from tests.factories import TESTER

PASSWORD = "a banyan grows"
_numbers = itertools.count(1)


@dataclass
class Shop:
    """A promoter with one message and their portal; an owner and somebody of support with their consoles."""

    tenant: int
    promoter: int
    owner: int
    portal: Client
    console: Client
    support: Client


def _client(face: str, field: str, name: str) -> Client:
    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"203.0.113.{100 + next(_numbers) % 100}")
    client.cookies["django_language"] = "en"
    assert client.post(f"/{face}/sign-in", {field: name, "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def shop(tenant: int) -> Iterator[Shop]:
    now = utc_now()
    phone = str(13_700_000_000 + tenant % 90_000_000)
    with tenant_scope(tenant):
        member = add_member(external_id="p1", email="lin@example.org", by=TESTER, now=now).id
        enrol_promoters(joinings=[Joining(member, None, now)], by=TESTER, now=now)
        add_login(name=phone, password=PASSWORD, role=Role.PROMOTER, member_id=member, by=TESTER, now=now)
        owner = add_login(name=f"o{tenant}", password=PASSWORD, role=Role.OWNER, by=TESTER, now=now)
        add_login(name=f"s{tenant}", password=PASSWORD, role=Role.AUDITOR, by=TESTER, now=now)
        one = Withdrawal.add(promoter_id=member, payee_id=1, amount=100_00, fee=0, approvals_needed=1, asked_at=now)
        tell_of_step(state="asked", withdrawals=[one.id], at=now)
        tell_of_check(day=1, differences=2, at=now)
    yield Shop(
        tenant, member, owner.id, _client("portal", "phone", phone), _client("console", "account", f"o{tenant}"),
        _client("console", "account", f"s{tenant}"),
    )  # fmt: skip


def test_the_promoter_reads_opens_and_chooses(shop: Shop) -> None:
    assert "not read yet" in shop.portal.get("/portal/").content.decode()
    page = shop.portal.get("/portal/messages").content.decode()
    assert "Withdrawal asked for" in page and "¥100.00" in page
    with tenant_scope(shop.tenant):
        mine = Message.objects.get(audience=PROMOTER)
        team = Message.objects.filter(audience=LOGIN).first()
    assert shop.portal.get(f"/portal/messages/{outside('msg', team.id)}").status_code == 404
    assert shop.portal.get("/portal/messages/nonsense").status_code == 404
    answer = shop.portal.get(f"/portal/messages/{outside('msg', mine.id)}")
    assert (answer.status_code, answer["Location"]) == (302, "/portal/withdraw")
    with tenant_scope(shop.tenant):
        assert count_unseen(PROMOTER, shop.promoter) == 0
    page = shop.portal.get("/portal/messages/choices").content.decode()
    assert "always in the app" in page
    kept = [f"{one.kind.code}/app" for one in _choices(shop) if one.app and one.kind.code != "withdrawal.asked"]
    assert shop.portal.post("/portal/messages/choices", {"wanted": kept}).status_code == 302
    after = {one.kind.code: one for one in _choices(shop)}
    assert not after["withdrawal.asked"].app and after["withdrawal.sent"].app
    assert after["withdrawal.failed"].app and not any(one.mail for one in after.values())


def _choices(shop: Shop) -> list:  # type: ignore[type-arg]
    with tenant_scope(shop.tenant):
        return choices(PROMOTER, shop.promoter)


def test_the_team_reads_and_marks_all(shop: Shop) -> None:
    assert "The ledger check found differences" in shop.console.get("/console/messages").content.decode()
    assert shop.console.post("/console/messages").status_code == 302
    with tenant_scope(shop.tenant):
        assert count_unseen(LOGIN, shop.owner) == 0
        assert Message.objects.filter(audience=LOGIN, seen_at=None).exists()  # the others' stay


def test_the_log_of_mail_from_an_address_to_a_retry(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop.support.get("/console/messages/deliveries").status_code == 403
    page = shop.console.get("/console/messages/deliveries").content.decode()
    assert "RONGSHU_SMTP_URL" in page and "Mail is off" in page
    with office_open() as (office, port):
        monkeypatch.setattr(
            way, "environment",
            lambda: SimpleNamespace(
                smtp_url=f"smtp+plain://127.0.0.1:{port}",
                mail_from="no-reply@brand.example", site_url="https://brand.example",
            ),
        )  # fmt: skip
        choices_at = "/console/messages/choices"
        assert "looks like" in shop.console.post(choices_at, {"do": "address", "email": "no"}).content.decode()
        assert shop.console.post(choices_at, {"do": "address", "email": "boss@example.org"}).status_code == 302
        page = shop.console.get(choices_at).content.decode()
        assert "b***@example.org" in page and "boss@example.org" not in page
        office.answers = ["RCPT 550 5.1.1 boss@example.org"]
        assert shop.console.post("/console/messages/test").status_code == 302
        send_mail(shop.tenant, now=utc_now())
        page = shop.console.get("/console/messages/deliveries?state=failed").content.decode()
        assert "There is no such mailbox." in page and "b***@example.org" in page and "boss@" not in page
        with tenant_scope(shop.tenant):
            mail = Mail.objects.get()
        again = f"/console/messages/deliveries/{outside('eml', mail.id)}/again"
        assert shop.support.post(again).status_code == 403
        assert shop.console.post(again).status_code == 302
        send_mail(shop.tenant, now=utc_now())
        assert office.recipients == ["boss@example.org"]


def test_how_the_tenant_sends(shop: Shop) -> None:
    at = "/console/messages/deliveries"
    assert (
        "from 0 to 23" in shop.console.post(at, {"mail": "yes", "quiet_from": "x", "quiet_until": "9"}).content.decode()
    )
    assert shop.console.post(at, {"quiet_from": "22", "quiet_until": "8"}).status_code == 302
    page = shop.console.get(at).content.decode()
    assert 'value="22"' in page and "Mail is off" in page
