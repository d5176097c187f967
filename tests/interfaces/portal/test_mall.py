"""The points mall in the portal and the console: written by form, had by a member, sent by the team."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from rongshu.domain.commerce.coupons.actions import Terms as CouponTerms
from rongshu.domain.commerce.coupons.actions import make_kind
from rongshu.domain.commerce.mall.models import MallExchange, MallItem
from rongshu.domain.members.points.actions import adjust_points, publish_rules
from rongshu.domain.members.points.queries import standing
from rongshu.domain.members.profiles.actions import add_member
from rongshu.flows.table import deliver_all
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found, new_phone
from tests.interfaces.portal.test_renew import PASSWORD, entered
from tests.interfaces.public.joining import browser

HOME = {"name": "林小美", "phone": "138 0013 8000", "place": "上海市徐汇区某路 1 号 101 室"}
DESK = "/console/offers/mall"


@pytest.fixture
def brand() -> House:
    house = found(now=utc_now())
    with tenant_scope(house.id):
        publish_rules(source="currency: CNY\nvalidity: {days: 60}\n", reason="", by=TESTER, now=utc_now())
        for role in (Role.OPERATOR, Role.AUDITOR):
            add_login(
                name=f"{role}-{house.slug}", password=PASSWORD, role=role, by=TESTER, now=utc_now(), language="en"
            )
    return house


def desk_of(house: House, role: Role = Role.OPERATOR) -> Client:
    client = browser()
    client.post("/console/sign-in", {"account": f"{role}-{house.slug}", "password": PASSWORD})
    return client


def member_with(house: House, points: int) -> tuple[Client, int]:
    phone, now = new_phone(), utc_now()
    with tenant_scope(house.id):
        me = add_member(phone=phone, by=TESTER, now=now).id
        adjust_points(member_id=me, points=points, reason="start", ref=f"start:{me}", by=TESTER, now=now)
        add_login(name=phone, password=PASSWORD, role=Role.MEMBER, member_id=me, by=TESTER, now=now, language="en")
    return entered("portal", phone=phone), me


def text(page: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.decode()))


def key_of(page: str) -> str:
    return page.split('name="key" value="')[1].split('"')[0]


def test_goods_from_the_form_to_the_parcel(brand: House) -> None:
    desk, (mine, me) = desk_of(brand), member_with(brand, 150)
    assert "Nothing in the mall yet" in desk.get(DESK).content.decode()
    drawn = io.BytesIO()
    Image.new("RGB", (40, 40), "green").save(drawn, "PNG")
    form = {"name": "Mug", "kind": "goods", "points": "many", "stock": "1", "open": "yes"}
    refused = desk.post(f"{DESK}/new", form).content.decode()
    assert "Give a number" in refused and 'value="many"' in refused
    picture = SimpleUploadedFile("mug.png", drawn.getvalue(), "image/png")
    assert desk.post(f"{DESK}/new", {**form, "points": "100", "picture": picture}).status_code == 302
    with tenant_scope(brand.id):
        item = outside("itm", MallItem.objects.get().id)
    shown = mine.get("/portal/mall").content.decode()
    assert "Mug" in shown and "1 still there" in text(shown.encode()) and f"/pictures/{brand.slug}/" in shown
    page = mine.get(f"/portal/mall/{item}").content.decode()
    short = mine.post(f"/portal/mall/{item}", {**HOME, "place": "x", "key": key_of(page), "points": "100"})
    assert "Write the whole address" in short.content.decode() and 'value="林小美"' in short.content.decode()
    for _ in range(2):  # the button pressed twice
        answer = mine.post(f"/portal/mall/{item}", {**HOME, "key": key_of(page), "points": "100"})
        assert answer.status_code == 302 and answer.headers["Location"] == "/portal/mall/exchanges"
    with tenant_scope(brand.id):
        (one,) = MallExchange.objects.all()
        assert standing(me, now=utc_now()).reserved == 100
    late, _other = member_with(brand, 500)
    gone = late.get(f"/portal/mall/{item}").content.decode()
    assert "none left" in gone and 'name="key"' not in gone
    late_answer = late.post(f"/portal/mall/{item}", {**HOME, "key": "k", "points": "100"}).content.decode()
    assert "none left" in late_answer
    queue = desk.get(f"{DESK}/exchanges").content.decode()
    assert "13800138000" in queue and "林小美" in queue
    auditor = desk_of(brand, Role.AUDITOR)
    assert "13800138000" not in auditor.get(f"{DESK}/exchanges").content.decode()
    name = outside("exc", one.id)
    assert auditor.post(f"{DESK}/exchanges", {"exchange": name, "do": "finish"}).status_code == 403
    bare = desk.post(f"{DESK}/exchanges", {"exchange": name, "do": "send", "carrier": "SF", "tracking": " "})
    assert "Give the tracking number" in bare.content.decode() and 'value="SF"' in bare.content.decode()
    sent = {"exchange": name, "do": "send", "carrier": "SF", "tracking": "31080"}
    assert desk.post(f"{DESK}/exchanges", sent).status_code == 302
    deliver_all(now=utc_now())
    assert "SF 31080" in text(mine.get("/portal/mall/exchanges").content)
    assert "on its way" in text(mine.get("/portal/messages").content)
    assert mine.post("/portal/mall/exchanges", {"exchange": name, "do": "finish"}).status_code == 302
    assert "Done" in text(mine.get("/portal/mall/exchanges").content)


def test_a_privilege_by_its_code_and_one_cancelled_with_its_reason(brand: House) -> None:
    desk, (mine, me) = desk_of(brand), member_with(brand, 100)
    desk.post(f"{DESK}/new", {"name": "Tea time", "kind": "privilege", "points": "40", "open": "yes"})
    with tenant_scope(brand.id):
        item = outside("itm", MallItem.objects.get().id)
    for key in ("a", "b"):
        assert mine.post(f"/portal/mall/{item}", {"key": key, "points": "40"}).status_code == 302
    short = mine.get(f"/portal/mall/{item}").content.decode()
    assert "20 points are missing" in text(short.encode()) and 'name="key"' not in short
    with tenant_scope(brand.id):
        first, second = (outside("exc", one.id) for one in MallExchange.objects.order_by("id"))
    assert first.upper() in mine.get("/portal/mall/exchanges").content.decode()
    assert "Tea time" in desk.get(f"{DESK}/exchanges?q={first.upper()}").content.decode()
    desk.post(f"{DESK}/exchanges", {"exchange": first, "do": "finish"})
    refused = desk.post(f"{DESK}/exchanges", {"exchange": second, "do": "cancel", "reason": " "}).content.decode()
    assert "Say why" in refused
    desk.post(f"{DESK}/exchanges", {"exchange": second, "do": "cancel", "reason": "The room is closed"})
    deliver_all(now=utc_now())
    assert "The room is closed" in text(mine.get("/portal/mall/exchanges").content)
    assert "The room is closed" in text(mine.get("/portal/messages").content)
    with tenant_scope(brand.id):
        assert standing(me, now=utc_now()).usable == 60


def test_a_coupon_is_in_the_wallet_at_once_and_foreign_exchanges_are_nobodys(brand: House) -> None:
    desk, (mine, _me), (stranger, _) = desk_of(brand), member_with(brand, 100), member_with(brand, 100)
    with tenant_scope(brand.id):
        ten = make_kind(
            terms=CouponTerms(name="Ten off", kind="fixed", amount=1000, valid_from=utc_now()), by=TESTER, now=utc_now()
        )
    form = {"name": "Ten off", "kind": "coupon", "points": "10", "open": "yes"}
    assert "Say which coupon" in desk.post(f"{DESK}/new", form).content.decode()
    assert desk.post(f"{DESK}/new", {**form, "coupon": outside("cpk", ten.id)}).status_code == 302
    with tenant_scope(brand.id):
        item = outside("itm", MallItem.objects.get().id)
    done = mine.post(f"/portal/mall/{item}", {"key": "a", "points": "10"})
    assert done.headers["Location"] == "/portal/coupons"
    assert "For points" in text(mine.get("/portal/coupons").content)
    with tenant_scope(brand.id):
        name = outside("exc", MallExchange.objects.get().id)
    assert (
        "no such exchange"
        in stranger.post("/portal/mall/exchanges", {"exchange": name, "do": "cancel"}).content.decode()
    )
    assert (
        desk.post(f"{DESK}/{item}", {"name": "Ten", "points": "20", "coupon": outside("cpk", ten.id)}).status_code
        == 302
    )
    with tenant_scope(brand.id):
        kept = MallItem.objects.get()
        assert (kept.name, kept.points, kept.open, kept.kind) == ("Ten", 20, False, "coupon")
    assert "not to be had any more" in mine.get(f"/portal/mall/{item}").content.decode()
