"""Members from files and as files in the console: mapped, looked at, brought in, wrong rows handed back, taken out."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rongshu.domain.members.consents.queries import consents_of
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.queries import find_member
from rongshu.kernel.audit.models import AuditEntry
from rongshu.kernel.clock import utc_now
from rongshu.kernel.secrets import unseal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.console.test_materials import enter

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

FILES = "/console/members/files"
TEXT = "编码,手机,姓名,接受短信\nF1,+86 139 1111 0001,张三,是\nF2,1.39E+10,李四,是\n=F3,13911110003,王五,否\n"


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    return enter(shop.reader)


def send(client: Client, content: bytes) -> Any:
    return client.post(FILES, {"file": SimpleUploadedFile("会员.csv", content, "text/csv")})


def test_a_file_is_mapped_looked_at_and_brought_in(shop: Shop, operator: Client) -> None:
    assert operator.get(FILES).status_code == 200
    assert "no text in UTF-8" in send(operator, b"\xff\xfe\x00\x00").content.decode()
    sent = send(operator, TEXT.encode("gb18030"))
    assert sent.status_code == 302
    address = sent["Location"]
    shown = operator.get(address).content.decode()
    assert "Say which column" not in shown and "Say where and how these consents were given" in shown
    assert "+86 139 1111 0001" not in shown
    form = {"column-0": "external_id", "column-1": "phone", "column-2": "name", "column-3": "consent:marketing_sms"}
    twice = operator.post(address, form | {"column-2": "phone", "do": "look"}).content.decode()
    assert "filled by two columns" in twice
    stated = form | {"source": "Paper forms", "day": "2026-01-05"}
    looked = operator.post(address, stated | {"do": "look"}).content.decode()
    assert "cut the digits" in looked and "Bring it in" in looked
    rows = list(csv.reader(io.StringIO(operator.get(f"{address}/wrong.csv").content.decode("utf-8-sig"))))
    assert (
        rows[0][2:] == ["编码", "手机", "姓名", "接受短信"]
        and rows[1][0] == "3"
        and "Phone:" in rows[1][1]
        and rows[1][2] == "F2"
    )
    assert operator.post(address, stated | {"do": "bring"}).status_code == 302
    with tenant_scope(shop.house.id):
        one = find_member("F1")
        assert (unseal(one.phone), consents_of([one.id])[one.id]["marketing_sms"].given) == ("13911110001", True)
        assert not consents_of([find_member("=F3").id])[find_member("=F3").id]["marketing_sms"].given
    assert "was brought in already" in operator.post(address, stated | {"do": "bring"}).content.decode()
    assert "brought in" in operator.get(address).content.decode()


def test_members_are_taken_out_masked_and_in_full_only_by_an_owner_with_a_reason(shop: Shop, operator: Client) -> None:
    with tenant_scope(shop.house.id):
        add_member(external_id="=X1", phone="13911110009", name="赵小明", by=TESTER, now=utc_now())
    masked = b"".join(operator.post(f"{FILES}/members.csv").streaming_content).decode("utf-8-sig")
    row = next(one for one in csv.DictReader(io.StringIO(masked)) if one["external_id"] == "'=X1")
    assert (row["phone"], row["name"]) == ("139****0009", "赵**")
    owner = enter(shop.owner)
    denied = operator.post(f"{FILES}/members.csv", {"full": "yes", "reason": "audit"}).content.decode()
    assert "Your role does not open this page." in denied and "赵小明" not in denied
    assert "Say why" in owner.post(f"{FILES}/members.csv", {"full": "yes"}).content.decode()
    full = b"".join(owner.post(f"{FILES}/members.csv", {"full": "yes", "reason": "for the auditor"}).streaming_content)
    assert "赵小明" in full.decode() and "13911110009" in full.decode()
    with tenant_scope(shop.house.id):
        last = AuditEntry.objects.filter(action="members.exported").order_by("-id").first()
        assert (last.details["full"], last.details["reason"]) == (True, "for the auditor")
    sent = send(owner, full)
    shown = owner.get(sent["Location"]).content.decode()
    assert "Say where and how" in shown, "its consents have to be stated"
