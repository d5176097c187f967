"""The mail channel: read from the environment, refused in words when it is wrong, off while something is missing."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from rongshu.domain.marketing.messages import channel as way
from rongshu.flows.worker import Worker
from rongshu.kernel.environment import Environment
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.marketing.post_office import office_open
from tests.domain.marketing.test_messages import NOON, Mail, asked, person, settings, tell_of_step


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp://mail.example", ("mail.example", 587, "", "", "starttls")),
        ("smtps://u%40x:p%3As@mail.example", ("mail.example", 465, "u@x", "p:s", "tls")),
        ("smtp+plain://127.0.0.1:2525", ("127.0.0.1", 2525, "", "", "plain")),
    ],
)
def test_what_an_address_says(url: str, found: tuple[object, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    given = Environment.model_validate({"smtp_url": url, "mail_from": "a@b.example", "site_url": "https://b.example/"})
    monkeypatch.setattr(way, "environment", lambda: given)
    one = way.channel()
    assert one is not None and (one.host, one.port, one.user, one.password, one.security) == found
    assert one.site == "https://b.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtp_url", "http://mail.example"), ("smtp_url", "smtp://"), ("smtp_url", "smtp://h:port"), ("mail_from", "Brand <a@b>"),
        ("site_url", "brand.example"), ("site_url", "https://brand.example/portal"),
    ],
)  # fmt: skip
def test_a_wrong_one_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValidationError):
        Environment.model_validate({name: value})


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    given = SimpleNamespace(smtp_url="smtp://h", mail_from="", site_url="")
    monkeypatch.setattr(way, "environment", lambda: given)
    assert way.channel() is None and way.lacking() == ["RONGSHU_MAIL_FROM", "RONGSHU_SITE_URL"]
    assert set(way.lacking()) <= set(way.LACKS)


def test_the_worker_sends_what_is_due(tenant: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with office_open() as (office, port):
        monkeypatch.setattr(way, "environment", lambda: settings(port))
        with tenant_scope(tenant):
            tell_of_step(state="confirmed", withdrawals=[asked(person("w@example.org"))], at=NOON)
        Worker(threading.Event()).send_mail()
        assert "w@example.org" in office.recipients
        with tenant_scope(tenant):
            assert Mail.objects.get().state == "sent"
