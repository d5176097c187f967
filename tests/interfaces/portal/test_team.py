"""Customers and team of a promoter: who stands there, how they are counted, and that nobody sees a stranger's."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from re import sub

import numpy as np
import pytest
from django.test import Client

from rongshu.domain.insight.brought.customers import bought_by
from rongshu.domain.marketing.nudging.actions import A_WEEK, nudge
from rongshu.domain.marketing.nudging.models import Nudge
from rongshu.domain.marketing.nudging.queries import week_of
from rongshu.domain.members.consents.actions import say_consents
from rongshu.domain.members.consents.purposes import SHARING
from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.referral.attribution.models import Evidence
from rongshu.domain.referral.bonds.models import Bond
from rongshu.domain.referral.bonds.queries import bonds_ending_first, count_held_upto
from rongshu.domain.referral.clicks.models import ClickFigures
from rongshu.domain.referral.links.actions import Wanted, ensure_link
from rongshu.domain.referral.standings.actions import _places, refresh_standings
from rongshu.domain.referral.standings.models import ACTIVE, NEW, SLEEPING, Standing
from rongshu.domain.referral.standings.queries import is_below, path_down, team_at, team_counts
from rongshu.flows.intake.accept import accept_orders
from rongshu.flows.intake.work import work_off
from rongshu.flows.table import EVENTS
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import outside
from rongshu.kernel.outbox.actions import deliver
from tests.domain.referral.shop import Ranked
from tests.factories import TESTER

_addresses = count(1)


def entered(shop: Ranked, name: str, now: datetime) -> Client:
    """A browser that `name` signed in with."""
    phone = str(13_600_000_000 + shop.ids[name] % 90_000_000)
    with shop.scope():
        add_login(
            name=phone, password="long enough", role=Role.PROMOTER, member_id=shop.ids[name], by=TESTER, now=now, language="en"
        )  # fmt: skip
    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"198.51.102.{next(_addresses)}")  # signing in is rate limited
    assert client.post("/portal/sign-in", {"phone": phone, "password": "long enough"}).status_code == 302
    return client


def words(client: Client, address: str) -> str:
    """What a page says, without its marks."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return sub(r"\s+", " ", sub(r"<[^>]+>", "", answer.content.decode()))


def settled(shop: Ranked, now: datetime) -> None:
    """What was announced is heard, and the standings are computed."""
    with shop.scope():
        deliver(EVENTS, now=now)
        refresh_standings(now=now)


def test_bonds_that_end_first_come_first_and_pages_leave_none_out(tenant: int, now: datetime) -> None:
    shop = Ranked(tenant, joined=now - timedelta(days=90), ladder="")
    ends = [now - timedelta(days=1), *(now + timedelta(days=days) for days in (40, 5, 5, 20)), None, None]
    with shop.scope():
        members = list(ensure_members(external_ids=[f"m{n}" for n in range(7)], now=now).values())
        number = {one: n + 1 for n, one in enumerate(members)}
        Bond.objects.bulk_create(
            Bond(
                tenant_id=tenant,
                member_id=members[n],
                promoter_id=shop.ids["a"],
                since=now - timedelta(days=60),
                until=end,
            )
            for n, end in enumerate(ends)
        )
        pages, after = [], None
        while found := bonds_ending_first(shop.ids["a"], now, after=after, limit=2):
            pages += found
            after = (found[-1].until, found[-1].member_id)
        assert [number[one.member_id] for one in pages] == [3, 4, 5, 2, 6, 7]
        soon = now + timedelta(days=30)
        assert [number[one.member_id] for one in bonds_ending_first(shop.ids["a"], now, before=soon)] == [3, 4, 5]
        assert count_held_upto(shop.ids["a"], now, most=4) == 4
        assert count_held_upto(shop.ids["a"], now, most=100) == 6
        assert count_held_upto(shop.ids["a"], now, before=soon, most=100) == 3


def test_customers_show_what_they_brought_the_reader_alone(tenant: int, now: datetime) -> None:
    shop = Ranked(tenant, joined=now - timedelta(days=90), ladder="")
    shop.order("1", "b", "100.00", now - timedelta(days=9))
    shop.order("2", "b", "50.00", now - timedelta(days=8))
    shop.order("3", "a", "70.00", now - timedelta(days=7))
    with shop.scope():
        x = shop.ids["x"]
        bought = bought_by(shop.ids["b"], [x, 5])
        assert set(bought) == {x}
        assert (bought[x].orders, bought[x].last_at, bought[x].commission) == (2, now - timedelta(days=8), 15_00)
        Bond.objects.create(tenant_id=tenant, member_id=x, promoter_id=shop.ids["b"], since=now, until=None)
    browser = entered(shop, "b", now)
    shown = words(browser, "/portal/customers")
    assert "¥15.00" in shown and "shows no name" not in shown
    with shop.scope():
        say_consents(member_id=x, given={SHARING: False}, place="portal", by=TESTER, now=now)
    shown = words(browser, "/portal/customers")
    assert "¥15.00" in shown and "shows no name" in shown
    assert "without an end" not in words(entered(shop, "a", now), "/portal/customers")


def test_places_count_within_groups() -> None:
    random = np.random.default_rng(3)
    group, enter = random.integers(0, 7, 200), random.permutation(200)
    places = _places(group.astype(np.int64), enter.astype(np.int64))
    for one in range(200):
        assert places[one] == ((group == group[one]) & (enter < enter[one])).sum()


def test_a_team_is_counted_by_depth_and_state(tenant: int, now: datetime) -> None:
    shop = Ranked(tenant, joined=now - timedelta(days=90), ladder="")
    shop.order("1", "b", "100.00", now - timedelta(days=9))
    shop.order("2", "c", "100.00", now - timedelta(days=40))
    settled(shop, now)
    with shop.scope():
        assert team_counts(shop.ids["a"]) == {1: (1, 0, 1, 0), 2: (0, 0, 1, 0)}
        assert team_counts(shop.ids["c"]) == {}
        assert [one.id for one in team_at(shop.ids["a"], 1, state=ACTIVE)] == [shop.ids["b"]]
        assert [one.id for one in team_at(shop.ids["a"], 1, state=SLEEPING)] == [shop.ids["d"]]
        assert team_at(shop.ids["a"], 1, state=NEW) == []
        assert refresh_standings(now=now + timedelta(hours=23)) == 0
        refresh_standings(now=now + timedelta(days=30))
        assert team_counts(shop.ids["a"])[1] == (0, 0, 2, 0)
        assert set(Standing.objects.values_list("state", flat=True)) == {SLEEPING}


def test_a_team_ends_where_it_ends(tenant: int, now: datetime) -> None:
    shop = Ranked(tenant, joined=now - timedelta(days=90), ladder="")
    ids = shop.ids
    with shop.scope():
        assert [name for name in "abcd" if is_below(ids[name], ids["a"])] == ["b", "c", "d"]
        assert [name for name in "abcd" if is_below(ids[name], ids["b"])] == ["c"]
        assert path_down(ids["a"], ids["c"]) == [ids["b"], ids["c"]]


def test_nobody_opens_or_finds_a_stranger(tenant: int, now: datetime) -> None:
    shop = Ranked(tenant, joined=now - timedelta(days=90), ladder="")
    settled(shop, now)
    leader, other = entered(shop, "a", now), entered(shop, "b", now)
    outside_id = {name: outside("mem", one) for name, one in shop.ids.items()}
    assert leader.get(f"/portal/team/tree?under={outside_id['b']}").status_code == 200
    for stranger in ("a", "d", "b", "x"):
        assert other.get(f"/portal/team/tree?under={outside_id[stranger]}").status_code == 404
        assert "Nobody in your team" in words(other, f"/portal/team?q={stranger}")
    assert "Nobody in your team" not in words(other, "/portal/team?q=c")
    assert other.get("/portal/team/tree?under=nonsense").status_code == 404


def test_the_team_is_listed_by_generation_and_state(tenant: int, now: datetime) -> None:
    shop = Ranked(tenant, joined=now - timedelta(days=90), ladder="")
    settled(shop, now)
    client = entered(shop, "a", now)
    page = words(client, "/portal/team")
    assert "Direct 2" in page and "Depth 2 1" in page and "Sleeping 2" in page
    assert client.get("/portal/team?depth=2&state=sleeping").content.decode().count('class="member"') == 1
    assert "Nobody here" in words(client, "/portal/team?state=active")


def test_links_brought_what_they_brought_and_nobody_elses(tenant: int, now: datetime) -> None:
    shop = Ranked(tenant, joined=now - timedelta(days=90), ladder="")
    today = utc_now()
    with shop.scope():
        group = ensure_link(wanted=Wanted(shop.ids["b"], channel="group", label="S"), by=TESTER, now=today)
        other = ensure_link(wanted=Wanted(shop.ids["a"], channel="video", label="S"), by=TESTER, now=today)
        day = (today.astimezone(shop.house.zone).date() - date(1970, 1, 1)).days
        for link, clicks in ((group, 7), (other, 1000)):
            ClickFigures.objects.create(
                tenant_id=tenant,
                link_id=link.id,
                day=day,
                promoter_id=link.promoter_id,
                clicks=clicks,
                first=clicks - 2,
            )
        order = [
            {"id": "c1", "paid_at": today, "buyer": "x", "code": group.slug, "lines": [{"sku": "S", "paid": "100.00"}]}
        ]
        assert accept_orders(orders=order, tenant=shop.house, by=TESTER, now=today).results[0].problem is None  # type: ignore[arg-type]
    shop.order("c2", "b", "40.00", today - timedelta(seconds=1))
    while work_off(tenant, now=today):
        pass
    client = entered(shop, "b", today)
    rows = client.get("/portal/channels.csv?by=channel").content.decode("utf-8-sig").splitlines()
    assert rows == ["Channel,Clicks,New visitors,Orders,Commission", "Group,7,5,1,10.00", "Through no link,0,0,1,4.00"]
    with shop.scope():
        credited = outside("ord", Evidence.objects.get().order_id)
    assert f"Your code {group.slug} came with the order." in words(client, f"/portal/earnings/{credited}")
    page = words(client, "/portal/channels")
    assert "Group" in page and "¥14.00" in page and "1,000" not in page
    assert client.get("/portal/channels?by=day&days=7").status_code == 200
    assert (
        client.get("/portal/channels?by=product").status_code
        == client.get("/portal/channels?by=material").status_code
        == 200
    )
    assert "1 new member has no order yet" not in words(client, "/portal/")


def test_a_leader_writes_to_those_they_invited_once_a_week(tenant: int, now: datetime) -> None:
    shop = Ranked(tenant, joined=now - timedelta(days=90), ladder="")
    settled(shop, now)
    today = utc_now()
    leader, invited = entered(shop, "a", today), entered(shop, "b", today)
    to = {name: f"/portal/team/{outside('mem', one)}/write" for name, one in shop.ids.items()}
    assert "among their messages now" in sub(
        r"<[^>]+>", "", leader.post(to["b"], {"kind": "leader.nudge"}, follow=True).content.decode()
    )
    assert "Time to share again?" in words(invited, "/portal/messages")
    again = leader.post(to["b"], {"kind": "leader.help"}, follow=True).content.decode()
    assert "this week" in again
    for stranger in ("c", "a", "x"):  # c is below, and was invited by somebody else
        assert "did not invite" in leader.post(to[stranger], {"kind": "leader.nudge"}, follow=True).content.decode()
    with shop.scope():
        assert Nudge.objects.count() == 1
        kept = {
            "leader_id": shop.ids["a"],
            "recipient_id": shop.ids["d"],
            "kind": "leader.help",
            "leader": "A",
            "by": TESTER,
        }
        Nudge.objects.bulk_create(
            Nudge(
                tenant_id=tenant,
                leader_id=shop.ids["a"],
                week=week_of(today),
                recipient_id=n,
                kind="leader.help",
                at=today,
            )
            for n in range(1, A_WEEK)
        )
        with pytest.raises(Refusal, match="limit"):
            nudge(**kept, now=today)  # type: ignore[arg-type]
        nudge(**kept, now=today + timedelta(days=7))  # type: ignore[arg-type]


def test_goals_count_from_the_moment_they_are_set(tenant: int, now: datetime) -> None:
    shop = Ranked(tenant, joined=now - timedelta(days=90), ladder="")
    today = utc_now()
    shop.order("1", "b", "100.00", today - timedelta(days=2))
    shop.order("2", "a", "900.00", today - timedelta(days=2))
    settled(shop, today)
    leader, other = entered(shop, "a", today), entered(shop, "b", today)
    until = str(today.date() + timedelta(days=20))
    for form in (
        {"what": "sales", "wanted": "200", "until": until},
        {"what": "active", "wanted": "2", "until": until},
        {"what": "members", "wanted": "3", "until": until},
    ):
        assert leader.post("/portal/team/goals", form).status_code == 302
    assert "¥0.00 of ¥200.00" in words(leader, "/portal/team/goals")
    shop.order("3", "b", "50.00", today)
    shop.order("4", "a", "70.00", today)  # the leader's own do not count
    settled(shop, today)
    page = words(leader, "/portal/team")
    assert "¥50.00 of ¥200.00" in page and "1 of 2" in page and "0 of 3" in page
    assert "of ¥200.00" not in words(other, "/portal/team/goals") + words(other, "/portal/team")
    for name, wrong in (("wanted", "-1"), ("wanted", "0"), ("wanted", "²"), ("until", "2020-01-01"), ("what", "fame")):
        form = {"what": "members", "wanted": "9", "until": until} | {name: wrong}
        assert 'aria-invalid="true"' in leader.post("/portal/team/goals", form).content.decode()
    assert "0 of 3" in words(leader, "/portal/team/goals")
    assert leader.post("/portal/team/goals", {"do": "drop", "what": "members"}).status_code == 302
    left = words(leader, "/portal/team/goals")
    assert "of 3" not in left and "1 of 2" in left
