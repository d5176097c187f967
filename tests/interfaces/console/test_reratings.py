"""Re-ratings in the console: who may what, what is shown, and the promoter who reads of it."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from rongshu.domain.commission.rerating.actions import preview_next
from rongshu.flows.rerating import post_reratings
from rongshu.flows.table import EVENTS, deliver_all
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.outbox.actions import deliver
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

_addresses = itertools.count(1)


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import PASSWORD, open_shop

    shop = open_shop()
    with tenant_scope(shop.house.id):
        add_login(name=f"fin-{shop.house.slug}", password=PASSWORD, role=Role.FINANCE, by=TESTER, now=timezone.now())
    return shop


def client(shop: Shop, name: str = "", face: str = "console") -> Client:
    from tests.e2e.shop import PASSWORD

    made = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"198.51.101.{next(_addresses)}", HTTP_ACCEPT_LANGUAGE="en")
    made.cookies["django_language"] = "en"
    field = "account" if face == "console" else "phone"
    answer = made.post(f"/{face}/sign-in", {field: name or shop.owner, "password": PASSWORD})
    assert answer.status_code == 302
    return made


def worker(shop: Shop) -> None:
    with tenant_scope(shop.house.id, snapshot=True):
        preview_next(now=timezone.now())
    more = 1
    while more:
        with tenant_scope(shop.house.id):
            now = timezone.now()
            more = post_reratings(now=now, deliver=lambda: deliver(EVENTS, now=timezone.now()))
    deliver_all(now=timezone.now())


def asked(shop: Shop, owner: Client, reason: str = "the link was hers") -> str:
    """The address of a re-rating of the last days, previewed."""
    today = timezone.now().astimezone(shop.house.zone).date().isoformat()
    answer = owner.post(
        "/console/reratings/new", {"since": today[:8] + "01", "until": today, "version": "", "reason": reason}
    )
    assert answer.status_code == 302, answer.content.decode()
    worker(shop)
    return answer["Location"]


def preview_of(page: str) -> str:
    found = re.search(r'name="preview" value="(prv_\w+)"', page)
    assert found is not None
    return found[1]


def test_from_a_wrong_promoter_to_a_posted_correction(shop: Shop) -> None:
    owner, finance = client(shop), client(shop, f"fin-{shop.house.slug}")
    path = f"/console/orders/{shop.order}/promoter"
    assert "T-0" in owner.get(path).content.decode()
    wrong = owner.post(path, {"promoter": "nobody-knows", "reason": "x"}).content.decode()
    assert "nobody-knows is not a promoter." in wrong
    assert owner.post(path, {"promoter": "m3", "reason": "the link was hers"}).status_code == 302
    assert "not posted yet" in owner.get(f"/console/orders/{shop.order}").content.decode()
    assert "1 corrected order waits" in owner.get("/console/reratings").content.decode()
    address = asked(shop, owner)
    own = owner.get(address).content.decode()
    assert "Approve and post" not in own and "somebody else has to approve it" in own
    own_try = owner.post(address, {"do": "approve", "preview": preview_of(own)})
    assert own_try.status_code == 200 and "a second person has to" in own_try.content.decode()
    shown = finance.get(address).content.decode()
    assert "Approve and post" in shown and "陈晓雯" in shown
    sides = finance.get(f"{address}/orders/{shop.order}").content.decode()
    assert "As it stands" in sides and "Rated anew" in sides
    lines = finance.get(f"{address}/differences.csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("order_id,line_no,kind") and all(line.startswith("T-0,") for line in lines[1:])
    assert len(lines) == 7
    done = finance.post(address, {"do": "approve", "preview": preview_of(shown), "reason": "seen"}, follow=True)
    assert "it is being posted" in done.content.decode()
    worker(shop)
    assert "Approved by fin-" in owner.get(address).content.decode()
    order = owner.get(f"/console/orders/{shop.order}").content.decode()
    assert "Re-rated" in order and "corrected, and posted by a re-rating" in order
    assert "Before" in owner.get(f"{address}/orders/{shop.order}").content.decode()
    promoter = client(shop, shop.promoter, "portal")
    corrected = promoter.get("/portal/earnings/corrected").content.decode()
    assert "T-0" in corrected and "the link was hers" in corrected
    why = promoter.get(f"/portal/earnings/{shop.order}").content.decode()
    assert "The amount was" in why and "陈晓雯" not in why


def test_a_file_of_corrections_names_its_wrong_line(shop: Shop) -> None:
    owner = client(shop)
    path = "/console/reratings/promoters"
    assert owner.get(path).status_code == 200
    answer = owner.post(path, {"rows": "order,promoter\nT-3,m3\nT-4", "reason": "list"})
    assert "Line 3 is not of the form" in answer.content.decode()
    assert (
        "There is nothing to correct." in owner.post(path, {"rows": "order,promoter", "reason": "x"}).content.decode()
    )
    assert "There is no order T-999." in owner.post(path, {"rows": "T-999,m3", "reason": "x"}).content.decode()
    assert owner.post(path, {"rows": "T-3,m3\nT-4,", "reason": "list"}).status_code == 302
    assert "2 corrected orders wait" in owner.get("/console/reratings").content.decode()


def test_who_may_what(shop: Shop) -> None:
    support, operator = client(shop, shop.support), client(shop, shop.reader)
    assert support.get("/console/reratings").status_code == 403
    assert support.get(f"/console/orders/{shop.order}/promoter").status_code == 403
    assert "Correct the promoter" not in support.get(f"/console/orders/{shop.order}").content.decode()
    assert operator.get("/console/reratings/new").status_code == 200
    address = asked(shop, client(shop), "for nothing")
    shown = operator.get(address).content.decode()
    assert "Approve and post" not in shown
    tried = operator.post(address, {"do": "approve", "preview": preview_of(shown)}).content.decode()
    assert "Your role does not open this page." in tried
    ended = client(shop).post(address, {"do": "reject", "reason": "enough"}, follow=True).content.decode()
    assert "Ended by" in ended
    assert operator.get("/console/reratings/rrt_0000000000000").status_code == 404
    assert "is not a date" in operator.post("/console/reratings/new", {"since": "x"}).content.decode()
