"""The pages of ranks: the ladder in words, its editor with a preview, a promoter's rank, and what the portal says of it."""

from __future__ import annotations

import html
import itertools
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.interfaces.console.views import ranks as views

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

_addresses = itertools.count(1)
LADDER = """currency: CNY
window: {days: 90}
retention: {months: 3}
ranks:
- name: bronze
  title: {zh: 铜牌, en: Bronze}
  needs: {own_sales: '100.00'}
- name: silver
  title: {zh: 银牌, en: Silver}
  needs: {own_sales: '400.00', team_size: 1}
"""


@pytest.fixture(scope="module")
def shop() -> Shop:
    """A tenant with thirty promoters more, each with an order of 50 more than the one before, paid two months ago."""
    from rongshu.domain.members.profiles.actions import ensure_members
    from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
    from rongshu.flows.intake.accept import accept_orders
    from rongshu.flows.intake.shapes import ORDERS
    from rongshu.flows.intake.work import work_off
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.tenancy.scope import tenant_scope
    from tests.e2e.shop import open_shop
    from tests.factories import TESTER

    opened = open_shop()
    now = utc_now()
    since = now - timedelta(days=70)
    with tenant_scope(opened.house.id):
        ids = ensure_members(external_ids=[f"p{n}" for n in range(30)], now=since)
        enrol_promoters(joinings=[Joining(one, None, since) for one in ids.values()], by=TESTER, now=since)
        entries = [
            {
                "id": f"P-{n}",
                "paid_at": now.replace(day=1) - timedelta(days=40),
                "buyer": "m4",
                "promoter": f"p{n}",
                "lines": [{"sku": "S", "paid": f"{50 * (n + 1)}.00"}],
            }
            for n in range(30)
        ]
        accept_orders(orders=ORDERS.validate_python(entries), tenant=opened.house, by=TESTER, now=now)
    while work_off(opened.house.id, now=now):
        pass
    return opened


def _client(name: str, face: str = "console") -> Client:
    from tests.e2e.shop import PASSWORD

    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"203.0.113.{next(_addresses)}", HTTP_ACCEPT_LANGUAGE="en")
    field = "account" if face == "console" else "phone"
    assert client.post(f"/{face}/sign-in", {field: name, "password": PASSWORD}).status_code == 302
    client.cookies["django_language"] = "en"
    return client


def _text(client: Client, path: str, form: dict[str, str] | None = None) -> str:
    response = client.get(path) if form is None else client.post(path, form)
    assert response.status_code == 200, response.content.decode()[-400:]
    text = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def test_from_no_ladder_to_one_in_force(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from rongshu.domain.referral.ranks.actions import assess_ranks
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.tenancy.scope import tenant_scope

    owner = _client(shop.owner)
    first = _text(owner, "/console/ranks")
    assert "No ladder yet" in first and "Write a ladder" in first and "33 active promoters" in first
    assert "Bronze" in owner.get("/console/ranks/ladder").content.decode()

    wrong = _text(
        owner, "/console/ranks/ladder", {"do": "preview", "instead_of": "0", "document": LADDER.replace("400", "40")}
    )
    assert "asks for 40.00 where" in wrong and "ranks[1].needs.own_sales" in wrong and "Publish" not in wrong

    monkeypatch.setattr(views, "PAGE", 7)
    form = {"do": "preview", "instead_of": "0", "document": LADDER}
    seen = _text(owner, "/console/ranks/ladder", form)
    assert "30 rise, 0 fall" in seen, "29 with an order of 100 and more, and 林秀英"
    assert "STR-11" in seen and "Publish" in seen
    found: list[str] = []
    more = ""
    for _ in range(9):
        page = owner.post("/console/ranks/ladder", {**form, "more": more}).content.decode()
        found += re.findall(r"/promoters/(mem_\w+)\?view=rank", page)
        following = re.search(r'name="more" value="([0-9a-z]+)"', page)
        if following is None:
            break
        more = following[1]
    assert len(found) == len(set(found)) == 30

    proposed = re.search(
        r'<textarea name="proposed" hidden>(.*?)</textarea>',
        owner.post("/console/ranks/ladder", form).content.decode(),
        re.S,
    )
    assert proposed is not None
    applied = owner.post("/console/ranks/ladder", {**form, "do": "propose", "proposed": html.unescape(proposed[1])})
    assert "own_sales: &#x27;800.00&#x27;" in applied.content.decode()

    response = owner.post("/console/ranks/ladder", {**form, "do": "publish"})
    assert response.status_code == 302
    again = _text(owner, "/console/ranks/ladder", {**form, "do": "publish", "document": LADDER.replace("400", "500")})
    assert "Version 1 was published meanwhile" in again
    with tenant_scope(shop.house.id):
        assert assess_ranks(now=utc_now()) == 30
    ladder = _text(owner, "/console/ranks")
    assert (
        "version 1" in ladder
        and "Own sales ≥ ¥400.00" in ladder
        and "the last 90 days" in ladder
        and "3 months" in ladder
    )
    assert re.search(r"Silver silver Own sales ≥ ¥400.00 , Team size ≥ 1 Rule STR-11: [^.]+\. 1 ", ladder), ladder


def test_a_promoters_rank_set_by_hand_and_seen_in_the_portal(shop: Shop) -> None:
    owner = _client(shop.owner)
    (promoter,) = re.findall(
        r"/console/promoters/(mem_\w+)", owner.get(f"/console/promoters?q={shop.promoter}").content.decode()
    )[:1]
    page = _text(owner, f"/console/promoters/{promoter}?view=rank")
    assert "Silver" in page and "Earned" in page and "Own sales ¥" in page and "Set by hand" in page
    path = f"/console/promoters/{promoter}/rank"
    assert owner.post(path, {"rank": "bronze", "reason": ""}).status_code == 302
    assert "Say why" in _text(owner, f"/console/promoters/{promoter}?view=rank")
    assert owner.post(path, {"rank": "bronze", "reason": "a fair", "held_until": "2190-05-01"}).status_code == 302
    page = _text(owner, f"/console/promoters/{promoter}?view=rank")
    assert "it counts for orders paid from now on" in page and "Set by hand · a fair" in page and "1 May 2190" in page

    portal = _client(shop.promoter, "portal")
    home = _text(portal, "/portal/")
    assert "My rank Bronze" in home and "To Silver" in home and "Team size reached" in home


def test_who_may_not(shop: Shop) -> None:
    support = _client(shop.support)
    assert "Change the ladder" not in _text(support, "/console/ranks")
    assert support.get("/console/ranks/ladder").status_code == 403
    assert support.post("/console/promoters/mem_0000000000000/rank", {"rank": ""}).status_code == 403
    assert _client(shop.promoter, "portal").get("/console/ranks").status_code == 302


class _Fields(HTMLParser):
    """What a browser would send of the page's form, the buttons' names and values apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self.buttons: list[str] = []
        self.wrong: list[str] = []
        self.named, self.area = "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        name = given.get("name", "")
        if "aria-invalid" in given:
            self.wrong.append(name)
        if tag == "button" and name == "do":
            self.buttons.append(given["value"])
        elif tag == "input" and name:
            self.sent[name] = given.get("value", "")
        elif tag == "select":
            self.named = name
        elif tag == "option" and "selected" in given and self.named:
            self.sent[self.named] = given["value"]
        elif tag == "textarea":
            self.area = name
            self.sent[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.sent[self.area] += data


class _Editor:
    """The ladder's page, worked without any script: fields typed over, buttons pressed."""

    def __init__(self, name: str) -> None:
        self.client = _client(name)
        self.now = _Fields(self.client.get("/console/ranks/ladder").content.decode())

    def press(self, do: str, **typed: str) -> str:
        assert do in self.now.buttons, (do, self.now.buttons)
        values = {f"f:{name}": value for name, value in typed.items()}
        assert values.keys() <= self.now.sent.keys()
        response = self.client.post("/console/ranks/ladder", self.now.sent | values | {"do": do})
        if response.status_code == 302:
            return response["Location"]
        assert response.status_code == 200
        page = response.content.decode()
        self.now = _Fields(page)
        return page

    @property
    def names(self) -> list[str]:
        return [self.now.sent[name] for name in self.now.sent if re.fullmatch(r"f:ranks\.[0-9]+\.name", name)]


def test_the_ladder_by_form_and_as_yaml(shop: Shop) -> None:
    """One document: ranks come, change places and go by buttons, also while it cannot be read; YAML and back changes nothing."""
    from rongshu.engine.ranks import read_ladder

    editor = _Editor(shop.owner)
    began = editor.now.sent
    editor.press("as_yaml")
    text = editor.now.sent["document"]
    assert "f:currency" not in editor.now.sent and read_ladder(text) == read_ladder(began["document"])
    commented = "# for the autumn\n" + LADDER
    editor.now.sent["document"] = commented
    editor.press("as_form")
    assert editor.names == ["bronze", "silver"]
    fields = editor.now.sent
    assert (fields["f:window.number"], fields["f:window.unit"]) == ("90", "days")
    assert (fields["f:retention.number"], fields["f:retention.unit"], fields["f:grace.number"]) == ("3", "months", "0")
    assert (fields["f:ranks.1.needs.own_sales"], fields["f:ranks.1.needs.team_size"]) == ("400.00", "1")
    editor.press("as_yaml")
    assert editor.now.sent["document"] == commented, "nothing was changed: not a letter, comments too"

    editor.press("as_form")
    editor.press("add", **{"ranks.1.needs.own_sales": "50"})
    assert editor.names == ["bronze", "silver", ""]
    page = editor.press("preview", **{"ranks.2.name": "gold", "ranks.2.title.zh": "金牌"})
    assert 'value="publish"' not in page and editor.now.wrong == ["f:ranks.2.title.en"]
    page = editor.press("preview", **{"ranks.2.title.en": "Gold", "ranks.2.needs.own_sales": "500"})
    assert "asks for 50.00" in page and 'value="publish"' not in page and 'href="#rank-1"' in page
    assert editor.now.wrong == ["f:ranks.1.needs.own_sales"]
    assert editor.now.sent["f:ranks.1.needs.own_sales"] == "50", "what was typed stays"
    editor.press("as_yaml")
    assert "own_sales: '50'" in editor.now.sent["document"] and "金牌" in editor.now.sent["document"]
    page = editor.press("as_form")
    assert "asks for 50" in page and 'name="f:currency"' not in page, "what cannot be read stays in YAML, with why"
    assert editor.now.wrong == ["document"]


def test_a_ladder_written_by_form_is_published(shop: Shop) -> None:
    from rongshu.domain.referral.ranks.queries import ladder
    from rongshu.kernel.tenancy.scope import tenant_scope

    editor = _Editor(shop.owner)
    while editor.names:
        editor.press("drop.0")
    assert "the list is empty" in editor.press("preview")
    for name, sales in (("gold", "900"), ("bronze", "100.5"), ("silver", "300")):
        editor.press("add")
        at = len(editor.names) - 1
        editor.now.sent |= {f"f:ranks.{at}.name": name, f"f:ranks.{at}.needs.own_sales": sales}
    editor.press("higher.0")
    editor.press("lower.2")
    assert editor.names == ["bronze", "silver", "gold"]
    assert "lower.0" not in editor.now.buttons and "higher.2" not in editor.now.buttons
    typed = {"window.number": "2", "window.unit": "months", "grace.number": "", "upgrade": "period_end"}
    assert "What publishing would do" in editor.press("preview", **typed, **{"ranks.2.needs.active_months": "2"})
    assert editor.now.sent["f:ranks.0.needs.own_sales"] == "100.50"
    assert editor.press("publish") == "/console/ranks"
    with tenant_scope(shop.house.id):
        written = ladder()
    assert written is not None and written.names == ("bronze", "silver", "gold")
    assert [one.needs.given for one in written.ranks] == [
        {"own_sales": 10_050}, {"own_sales": 30_000}, {"own_sales": 90_000, "active_months": 2},
    ]  # fmt: skip
    assert (written.window.months, written.grace.days, written.upgrade) == (2, 0, "period_end")


def test_fields_that_nobody_offered_break_nothing(shop: Shop) -> None:
    editor = _Editor(shop.owner)
    for do in ("drop.99", "lower.x", "higher.-1", "drop.", "publish"):
        odd = {"f:window.unit": "years", "f:currency": "XX", "f:upgrade": "never", "f:ranks.0.needs.own_orders": "²"}
        response = editor.client.post("/console/ranks/ladder", editor.now.sent | odd | {"do": do})
        assert response.status_code == 200, do
