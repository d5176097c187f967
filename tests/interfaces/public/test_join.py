"""Joining, as strangers do it: over HTTP, with codes that a stand-in of the SMS provider really received."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import phone_hash
from rongshu.domain.referral.clicks.models import Touch, Visitor
from rongshu.domain.referral.clicks.visitors import COOKIE, visitor_of
from rongshu.domain.referral.joining.models import Acceptance, Application
from rongshu.domain.referral.joining.policy import JoiningPolicy, read_quiz
from rongshu.domain.referral.links.actions import Wanted, ensure_codes, make_links, switch_link
from rongshu.domain.referral.promoters.actions import end_promoter
from rongshu.flows.join.actions import decide, portal_login_of
from rongshu.kernel.access.codes import make_code, spend_code
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, new_phone
from tests.interfaces.public.joining import GOOD, Shop, ask_code, browser, join, promoter_with
from tests.texting import Texts


def test_a_stranger_joins_below_the_inviter_and_is_signed_in(shop: Shop, texts: Texts) -> None:
    client, phone = browser(), new_phone()
    client.cookies[COOKIE] = "abcdefghijklmnop"
    page = client.get(f"{shop.path}?code={shop.code}&rs=clk_x").content.decode()
    assert "林*英 invites you" in page and "林秀英" not in page and "10%" in page
    status, _page = join(client, shop, phone, texts)
    assert status == 302
    there = promoter_with(shop, phone)
    assert there is not None and there.inviter_id == shop.inviter
    with tenant_scope(shop.house.id):
        row = Acceptance.objects.get(member_id=there.id)
        assert (row.version, row.plan, row.jurisdiction, row.declared["age"]) == ("1", 1, "CN", 18)
        assert Visitor.objects.filter(member_id=there.id, visitor=visitor_of("abcdefghijklmnop")).exists()
        assert [one.promoter_id for one in Touch.objects.filter(member_id=there.id)] == [shop.inviter]
    assert client.get("/portal/").status_code == 200
    assert "You are a promoter" in client.get(shop.path).content.decode()


def test_a_wrong_code_opens_nothing_and_five_of_them_end_the_right_one(shop: Shop, texts: Texts) -> None:
    client, phone = browser(), new_phone()
    sms = ask_code(client, shop, phone, texts)
    wrong = f"{(int(sms) + 1) % 1_000_000:06d}"
    for _ in range(5):
        answer = client.post(shop.path, GOOD | {"phone": phone, "sms": wrong, "code": shop.code})
        assert answer.status_code == 422 and "not right" in answer.content.decode()
    assert client.post(shop.path, GOOD | {"phone": phone, "sms": sms, "code": shop.code}).status_code == 422
    with tenant_scope(shop.house.id):
        assert not Member.objects.filter(phone_hash=phone_hash(phone)).exists()


def test_a_code_is_one_phone_s_one_tenant_s_five_minutes_and_one_use() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    code = make_code(what="a", who="1", now=now)
    assert not spend_code(what="b", who="1", code=code, now=now)
    assert not spend_code(what="a", who="2", code=code, now=now)
    assert not spend_code(what="a", who="1", code=code, now=now + timedelta(minutes=5))
    assert spend_code(what="a", who="1", code=code, now=now + timedelta(minutes=4, seconds=59))
    assert not spend_code(what="a", who="1", code=code, now=now)
    first = make_code(what="a", who="3", now=now)
    second = make_code(what="a", who="3", now=now)
    assert first == second or not spend_code(what="a", who="3", code=first, now=now)


@pytest.mark.parametrize(
    ("lacking", "said"),
    [("of_age", "at least 18"), ("in_no_group", "none of these groups"), ("agreed", "accept them")],
)
def test_what_is_not_declared_keeps_out_and_the_phone_stays_proved(
    shop: Shop, texts: Texts, lacking: str, said: str
) -> None:
    client, phone = browser(), new_phone()
    status, page = join(client, shop, phone, texts, **{lacking: ""})
    assert status == 422 and said in page and promoter_with(shop, phone) is None
    assert client.post(shop.path, GOOD | {"code": shop.code}).status_code == 302  # no second code is asked for
    assert promoter_with(shop, phone) is not None


def test_a_code_is_asked_for_once_in_half_a_minute(shop: Shop, texts: Texts) -> None:
    client, phone = browser(), new_phone()
    ask_code(client, shop, phone, texts)
    codes = {client.post(shop.path, {"do": "code", "phone": phone}).status_code for _ in range(6)}
    assert 409 in codes and len(texts.codes[phone]) <= 2  # the window may turn once in between


def test_a_provider_that_is_away_is_said_and_harms_nothing(shop: Shop, texts: Texts) -> None:
    texts.refuse = "isv.AMOUNT_NOT_ENOUGH"
    answer = browser().post(shop.path, {"do": "code", "phone": new_phone()})
    assert answer.status_code == 503 and "cannot be sent" in answer.content.decode()
    texts.refuse = "isv.MOBILE_NUMBER_ILLEGAL"
    assert browser().post(shop.path, {"do": "code", "phone": new_phone()}).status_code == 422


def test_nobody_has_two_inviters_nor_invites_themselves(shop: Shop, texts: Texts) -> None:
    client, phone = browser(), new_phone()
    join(client, shop, phone, texts, code="")
    there = promoter_with(shop, phone)
    assert there is not None and there.inviter_id is None
    page = client.get(f"{shop.path}?code={shop.code}").content.decode()
    assert "nobody has two inviters" in page
    client.post(shop.path, GOOD | {"code": shop.code})
    again = promoter_with(shop, phone)
    assert again is not None and again.inviter_id is None
    with tenant_scope(shop.house.id):
        own = ensure_codes(promoter_ids=[there.id], by=TESTER, now=utc_now())[there.id]
    assert "cannot invite yourself" in client.get(f"{shop.path}?code={own}").content.decode()


def test_dead_codes_invite_nobody(shop: Shop, texts: Texts) -> None:
    other = Shop()
    with tenant_scope(shop.house.id):
        off = make_links(wanted=[Wanted(shop.inviter, kind="join")], by=TESTER, now=utc_now())[0]
        switch_link(identifier=off.id, on=False, reason="lost", by=TESTER, now=utc_now())
    for code in (other.code, off.slug, "nothing", "<script>"):
        page = browser().get(shop.path, {"code": code}).content.decode()
        assert "invites you" not in page and "<script>" not in page
    with tenant_scope(shop.house.id):
        end_promoter(promoter_id=shop.inviter, by=TESTER, now=utc_now())
    phone = new_phone()
    assert "does not promote any more" in browser().get(shop.path, {"code": shop.code}).content.decode()
    join(browser(), shop, phone, texts)
    there = promoter_with(shop, phone)
    assert there is not None and there.inviter_id is None


def test_a_customer_s_link_leads_to_the_shop_and_makes_no_inviter(shop: Shop, texts: Texts) -> None:
    shop.set(JoiningPolicy(shop="https://shop.example/?a=1#top"))
    with tenant_scope(shop.house.id):
        link = make_links(wanted=[Wanted(shop.inviter)], by=TESTER, now=utc_now())[0].slug
    page = browser().get(shop.path, {"code": link, "rs": "clk_1"}).content.decode()
    assert f'href="https://shop.example/?a=1&amp;code={link}&amp;rs=clk_1#top"' in page and "recommends" in page
    phone = new_phone()
    join(browser(), shop, phone, texts, code=link)
    there = promoter_with(shop, phone)
    assert there is not None and there.inviter_id is None


def test_by_invitation_only(shop: Shop, texts: Texts) -> None:
    shop.set(JoiningPolicy(mode="invitation"))
    assert "By invitation only" in browser().get(shop.path).content.decode()
    client, phone = browser(), new_phone()
    status, _page = join(client, shop, phone, texts, code="")
    assert status == 403 and promoter_with(shop, phone) is None
    status, _page = join(browser(), shop, new_phone(), texts)
    assert status == 302


def test_an_application_is_decided_by_somebody(shop: Shop, texts: Texts) -> None:
    shop.set(JoiningPolicy(mode="application"))
    client, phone = browser(), new_phone()
    join(client, shop, phone, texts, words="I know everybody in town")
    assert promoter_with(shop, phone) is None
    assert "being looked at" in client.get(shop.path).content.decode()
    assert client.get("/portal/").status_code == 302
    with tenant_scope(shop.house.id):
        asked = Application.objects.get(state="asked")
        assert (asked.words, asked.inviter_id) == ("I know everybody in town", shop.inviter)
        decide(identifiers=[asked.id], approve=False, reason="Too far away", by=TESTER, now=utc_now())
    assert "Too far away" in client.get(shop.path).content.decode()
    assert client.post(shop.path, GOOD | {"code": shop.code}).status_code == 302
    with tenant_scope(shop.house.id):
        again = Application.objects.get(state="asked")
        decide(identifiers=[again.id, asked.id], approve=True, reason="", by=TESTER, now=utc_now())
        assert Application.objects.get(id=asked.id).state == "refused"
        assert portal_login_of(again.member_id) is not None
    there = promoter_with(shop, phone)
    assert there is not None and there.inviter_id == shop.inviter


def test_an_application_can_be_taken_back(shop: Shop, texts: Texts) -> None:
    shop.set(JoiningPolicy(mode="application"))
    client, phone = browser(), new_phone()
    join(client, shop, phone, texts)
    assert client.post(shop.path, GOOD).status_code == 409  # one at a time
    assert client.post(shop.path, {"do": "withdraw"}).status_code == 302
    with tenant_scope(shop.house.id):
        assert [one.state for one in Application.objects.all()] == ["withdrawn"]


def test_the_quiz_keeps_out_until_it_is_right(shop: Shop, texts: Texts) -> None:
    shop.set(
        JoiningPolicy(quiz=read_quiz("Who pays?\n- The newcomer\n* The customer\n\nWhen?\n* After 7 days\n- At once"))
    )
    client, phone = browser(), new_phone()
    status, page = join(client, shop, phone, texts, quiz0="1", quiz1="1")
    assert status == 422 and "question 2" in page and promoter_with(shop, phone) is None
    assert client.post(shop.path, GOOD | {"quiz0": "1", "quiz1": "0"}).status_code == 302
    assert promoter_with(shop, phone) is not None


def test_one_phone_promotes_for_two_brands_of_an_installation(shop: Shop, texts: Texts) -> None:
    other, phone = Shop(), new_phone()
    first, second = browser(), browser()
    join(first, shop, phone, texts)
    status, _page = join(second, other, phone, texts)
    assert status == 302
    assert shop.house.name in first.get("/portal/me").content.decode()
    assert other.house.name in second.get("/portal/me").content.decode()


def test_a_cookie_of_one_brand_proves_nothing_at_another(shop: Shop, texts: Texts) -> None:
    other, client, phone = Shop(), browser(), new_phone()
    join(client, shop, phone, texts)
    proved = client.cookies["rsj"].value
    client.logout()
    client.cookies["rsj"] = proved  # which a browser would not even send there
    assert 'name="phone"' in client.get(other.path).content.decode()
    assert client.post(other.path, GOOD).status_code == 422
    assert promoter_with(other, phone) is None
