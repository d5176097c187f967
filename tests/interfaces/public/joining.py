"""What the tests of joining share: a shop with a promoter, people with a browser and a phone."""

from __future__ import annotations

import itertools

from django.test import Client

from rongshu.domain.commission.plans.actions import publish_plan
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import phone_hash
from rongshu.domain.referral.joining.actions import set_joining_policy
from rongshu.domain.referral.joining.policy import JoiningPolicy
from rongshu.domain.referral.links.actions import ensure_codes
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found, new_phone
from tests.interfaces.public.test_rules import BEGUN, PLAN
from tests.texting import Texts


class Shop:
    """A tenant with one promoter, whose code is `code`."""

    def __init__(self) -> None:
        self.house = found(now=BEGUN)
        with tenant_scope(self.house.id):
            publish_plan(text=PLAN, effective_from=BEGUN, by=TESTER, now=BEGUN)
            self.inviter = add_member(phone=new_phone(), name="林秀英", by=TESTER, now=BEGUN).id
            enrol_promoters(joinings=[Joining(self.inviter, None, BEGUN)], by=TESTER, now=BEGUN)
            self.code = ensure_codes(promoter_ids=[self.inviter], by=TESTER, now=BEGUN)[self.inviter]
        self.path = f"/join/{self.house.slug}"

    def set(self, rules: JoiningPolicy) -> None:
        with tenant_scope(self.house.id):
            set_joining_policy(rules=rules, by=TESTER, now=utc_now())


_addresses = itertools.count(1)


def browser() -> Client:
    """Somebody at an address of their own."""
    number = next(_addresses)
    return Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en", REMOTE_ADDR=f"10.9.{number // 250}.{number % 250}")


GOOD = {"do": "join", "of_age": "yes", "in_no_group": "yes", "agreed": "yes"}


def ask_code(client: Client, shop: Shop, phone: str, texts: Texts, code: str | None = None) -> str:
    answer = client.post(shop.path, {"do": "code", "phone": phone, "code": shop.code if code is None else code})
    assert answer.status_code == 200 and 'name="sms"' in answer.content.decode()
    return texts.codes[phone][-1]


def join(client: Client, shop: Shop, phone: str, texts: Texts, code: str | None = None, **more: str) -> tuple[int, str]:
    sms = ask_code(client, shop, phone, texts, code)
    given = GOOD | {"phone": phone, "sms": sms, "code": shop.code if code is None else code} | more
    answer = client.post(shop.path, given)
    return answer.status_code, answer.content.decode()


def promoter_with(shop: Shop, phone: str) -> Promoter | None:
    with tenant_scope(shop.house.id):
        member = Member.objects.filter(phone_hash=phone_hash(phone)).first()
        return None if member is None else Promoter.objects.filter(id=member.id).first()
