"""WeChat Pay and Alipay over real HTTP against the stand-in: every fault is answered by a word that pays nothing twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from rongshu.domain.settlement.payouts.adapters import Pay, ProviderError, alipay, serial_of, wechat, withdrawal_of
from rongshu.interfaces.sandbox.book import CHINA
from rongshu.interfaces.sandbox.keys import Keys, alipay_settings, make_keys, private, wechat_settings
from rongshu.interfaces.sandbox.server import GATEWAY, Sandbox
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from tests import providers

OPENID = "oABCDEFGHIJKLMNOPQRSTUVWX012"
LOGIN = "13800138000"


@pytest.fixture(scope="module")
def keys() -> Keys:
    return providers.keys()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    running = providers.running()
    yield running
    running.stop()


def one(number: int, amount: int = 960_00, account: str = OPENID) -> Pay:
    return Pay(serial_of(number), amount, "张三丰", account)


BOTH = pytest.mark.parametrize(("name", "account"), [("wechat", OPENID), ("alipay", LOGIN)], ids=("wechat", "alipay"))


def provider(sandbox: Sandbox, name: str) -> wechat.WechatPay | alipay.Alipay:
    return providers.wechat_at(sandbox) if name == "wechat" else providers.alipay_at(sandbox)


def test_a_serial_is_letters_and_digits_and_leads_back() -> None:
    serial = serial_of(123456789012345678)
    assert serial.isalnum() and serial.isascii() and len(serial) <= 32
    assert withdrawal_of(serial) == 123456789012345678 == withdrawal_of(outside("wdr", 123456789012345678))
    assert withdrawal_of("ord0000000000000") is None


def test_wechat_waits_for_the_payee_and_is_paid_when_they_confirm(sandbox: Sandbox) -> None:
    pays = providers.wechat_at(sandbox)
    (sent,) = pays.send([one(1)])
    assert (sent.became, bool(sent.package), bool(sent.ref)) == ("to_confirm", True, True)
    assert sandbox.book.transfers["wechat", sent.serial].name == "张三丰"  # encrypted on the way, opened by their key
    sandbox.confirm(sent.serial)
    (asked,) = pays.ask([sent.serial])
    assert (asked.became, asked.amount) == ("paid", 960_00)


def test_alipay_pays_at_once(sandbox: Sandbox) -> None:
    (sent,) = providers.alipay_at(sandbox).send([one(1, account=LOGIN)])
    assert sent.became == "paid" and sandbox.book.paid_to(LOGIN) == 960_00


@BOTH
def test_the_same_serial_again_pays_nothing_twice(sandbox: Sandbox, name: str, account: str) -> None:
    sandbox.book.confirm_at_once = True
    pays = provider(sandbox, name)
    for _ in range(3):
        (sent,) = pays.send([one(7, account=account)])
        assert sent.became == "paid"
    assert sandbox.book.paid_to(account) == 960_00


@BOTH
@pytest.mark.parametrize("fault", ["accepted_then_silent", "wrong_signature"])
def test_taken_in_without_an_answer_is_unknown_and_found_by_asking(
    sandbox: Sandbox, name: str, account: str, fault: str
) -> None:
    sandbox.book.confirm_at_once = True
    sandbox.book.put_fault(name, fault)
    pays = provider(sandbox, name)
    (sent,) = pays.send([one(2, account=account)])
    assert sent.became == "unknown"
    (asked,) = pays.ask([sent.serial])
    assert asked.became == "paid"


@BOTH
@pytest.mark.parametrize("fault", ["silent", "server_error", "unknown_code"])
def test_not_taken_in_is_unknown_and_then_absent(sandbox: Sandbox, name: str, account: str, fault: str) -> None:
    sandbox.book.put_fault(name, fault)
    pays = provider(sandbox, name)
    (sent,) = pays.send([one(3, account=account)])
    assert sent.became == "unknown"
    (asked,) = pays.ask([sent.serial])
    assert asked.became == "absent"


@BOTH
@pytest.mark.parametrize(
    ("fault", "became"), [("balance_low", "later"), ("name_mismatch", "failed"), ("account_closed", "failed")]
)
def test_refusals(sandbox: Sandbox, name: str, account: str, fault: str, became: str) -> None:
    sandbox.book.put_fault(name, fault)
    (sent,) = provider(sandbox, name).send([one(4, account=account)])
    assert sent.became == became and sent.code


@BOTH
def test_part_of_a_batch_fails(sandbox: Sandbox, name: str, account: str) -> None:
    sandbox.book.confirm_at_once = True
    sandbox.book.put_fault(name, "", "name_mismatch", "", "accepted_then_silent")
    answers = provider(sandbox, name).send([one(n, account=account) for n in range(10, 14)])
    assert [answer.became for answer in answers] == ["paid", "failed", "paid", "unknown"]


def test_wechat_closes_what_is_not_confirmed_in_a_day(sandbox: Sandbox) -> None:
    pays = providers.wechat_at(sandbox)
    (sent,) = pays.send([one(5)])
    before = pays.balance()
    sandbox.move_clock(24)
    (asked,) = pays.ask([sent.serial])
    assert (asked.became, asked.code) == ("failed", "OVERDUE_CLOSE")
    assert pays.balance() == (before or 0) + 960_00
    assert not sandbox.confirm(sent.serial)


def test_wechat_cancels_what_is_not_confirmed(sandbox: Sandbox) -> None:
    pays = providers.wechat_at(sandbox)
    (sent,) = pays.send([one(5)])
    pays.cancel(sent.serial)
    assert pays.ask([sent.serial])[0].became == "failed"


def test_names_are_given_by_the_amounts_of_wechat(sandbox: Sandbox) -> None:
    pays = providers.wechat_at(sandbox)
    answers = pays.send([one(20, 29), one(21, 30), one(22, 2_000_00), one(23, 9)])
    assert [answer.became for answer in answers] == ["to_confirm", "to_confirm", "to_confirm", "unknown"]
    assert [sandbox.book.transfers["wechat", serial_of(n)].name for n in (20, 21, 22)] == ["", "张三丰", "张三丰"]


@BOTH
def test_a_stranger_with_other_keys_gets_nothing_and_is_believed_nothing(
    sandbox: Sandbox, name: str, account: str
) -> None:
    other = make_keys()
    pays: wechat.WechatPay | alipay.Alipay
    if name == "wechat":
        settings = wechat_settings(providers.keys()) | {"private_key": other.merchant}
        pays = wechat.WechatPay(wechat.Credentials(**settings), address=sandbox.address)
    else:
        settings = alipay_settings(providers.keys()) | {"private_key": other.app}
        pays = alipay.Alipay(alipay.Credentials(**settings), address=sandbox.address + GATEWAY)
    (sent,) = pays.send([one(6, account=account)])
    assert sent.became == "unknown" and not sandbox.book.transfers
    with pytest.raises(ProviderError):
        pays.balance()


@BOTH
def test_the_bill_of_a_day_and_the_balance(sandbox: Sandbox, name: str, account: str) -> None:
    sandbox.book.confirm_at_once = True
    pays = provider(sandbox, name)
    sent = pays.send([one(30, account=account), one(31, 50, account=account)])
    sandbox.book.send_back(sandbox.book.transfers[name, serial_of(31)])
    today = sandbox.book.now().astimezone(CHINA).date()
    lines = [(line.kind, line.serial, line.amount) for line in pays.bill(today)]
    assert lines == [
        ("deposit", "", 100_000_00), ("paid", serial_of(30), 960_00), ("paid", serial_of(31), 50),
        ("returned", serial_of(31), 50),
    ]  # fmt: skip
    assert pays.bill(today)[1].provider_ref == sent[0].ref
    assert pays.balance() == 100_000_00 - 960_00
    assert pays.bill(today - timedelta(days=1)) == []


def test_a_bill_that_is_not_the_announced_one_is_refused(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    pays = providers.wechat_at(sandbox)
    monkeypatch.setattr(pays, "_download", lambda url: b"something else")
    with pytest.raises(ProviderError, match="hash"):
        pays.bill(sandbox.book.now().astimezone(CHINA).date())


def heard_from_wechat(sandbox: Sandbox, headers: dict[str, str], body: bytes, now: datetime) -> object:
    django = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return providers.wechat_at(sandbox).heard(django, body, now=now)


def test_notifications_of_wechat_are_believed_only_when_signed_and_fresh(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sent,) = providers.wechat_at(sandbox).send([one(40)])
    known = sandbox.book.transfers["wechat", sent.serial]
    sandbox.book.pay(known)
    body, headers = sandbox.wechat.notification(known)
    told = heard_from_wechat(sandbox, headers, body, utc_now())
    assert getattr(told, "became", None) == "paid" and getattr(told, "serial", None) == sent.serial
    assert heard_from_wechat(sandbox, headers, body, utc_now() + timedelta(minutes=6)) is None
    assert heard_from_wechat(sandbox, headers, body.replace(b"MCH", b"mch"), utc_now()) is None
    assert heard_from_wechat(sandbox, headers | {"Wechatpay-Signature-Type": "none"}, body, utc_now()) is None
    known.wrongly_signed = True
    body, headers = sandbox.wechat.notification(known)
    assert heard_from_wechat(sandbox, headers, body, utc_now()) is None
    assert heard_from_wechat(sandbox, {}, b"not even json", utc_now()) is None
    asked = []
    with monkeypatch.context() as patched:  # a foreign serial makes nobody fetch certificates
        patched.setattr("requests.get", lambda *given, **more: asked.append(given))
        assert heard_from_wechat(sandbox, headers | {"Wechatpay-Serial": "ABCDEF"}, body, utc_now()) is None
    assert asked == []


def test_notifications_of_alipay_are_believed_only_when_signed(sandbox: Sandbox) -> None:
    from urllib.parse import parse_qsl

    pays = providers.alipay_at(sandbox)
    (sent,) = pays.send([one(41, account=LOGIN)])
    known = sandbox.book.transfers["alipay", sent.serial]
    form = dict(parse_qsl(sandbox.alipay.notification(known)[0].decode()))
    told = pays.heard(form)
    assert told is not None and (told.became, told.serial, told.amount) == ("paid", sent.serial, 960_00)
    assert pays.heard(form | {"biz_content": form["biz_content"].replace("SUCCESS", "FAIL")}) is None
    assert pays.heard({name: value for name, value in form.items() if name != "sign"}) is None
    known = dataclasses.replace(known, wrongly_signed=True)
    assert pays.heard(dict(parse_qsl(sandbox.alipay.notification(known)[0].decode()))) is None


def certificate(key: str, name: str, signer: str) -> str:
    """A certificate over the public half of a key, in PEM."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "test"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "test"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    made = x509.CertificateBuilder(subject, subject, private(key).public_key(), 77, *_YEAR)
    return made.sign(private(signer), SHA256()).public_bytes(Encoding.PEM).decode()


_YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def test_alipay_by_certificates(sandbox: Sandbox) -> None:
    keys = providers.keys()
    own = alipay.Credentials(
        app_id=keys.app_id,
        private_key=keys.app,
        app_cert=certificate(keys.app, "app", keys.alipay),
        alipay_cert=certificate(keys.alipay, "alipay", keys.alipay),
        root_cert=certificate(keys.alipay, "root", keys.alipay),
    )
    pays = alipay.Alipay(own, address=sandbox.address + GATEWAY)
    assert pays.send([one(50, account=LOGIN)])[0].became == "paid"
    sandbox.book.put_fault("alipay", "wrong_signature")
    assert pays.send([one(51, account=LOGIN)])[0].became == "unknown"
