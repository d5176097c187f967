"""Short links answered: from memory, every click kept once, whatever happens to the process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rongshu.domain.referral.clicks.actions import Met, bring_clicks, join_visitor, record_touches
from rongshu.domain.referral.clicks.models import Click
from rongshu.domain.referral.clicks.queries import Figures, figures_by_link, touches_of
from rongshu.domain.referral.clicks.spool import FIRST, PREFETCH, RECORD, ROBOT, SIZE, Spool
from rongshu.domain.referral.links.actions import Wanted, allow_host, make_links, switch_link
from rongshu.domain.referral.links.models import Link
from rongshu.engine.attribution import KINDS
from rongshu.interfaces.redirect.door import Redirects
from rongshu.interfaces.redirect.known import MISSES, Crowded, Known
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import inside, new_id
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.referral.test_links import promoters
from tests.factories import TESTER

PERSON = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0.50"


class Asked:
    """One answer of the application."""

    def __init__(
        self, application: Redirects, path: str, *, agent: str = PERSON, query: str = "", **headers: str
    ) -> None:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_USER_AGENT": agent,
        }
        environ |= headers
        self.environ = environ
        b"".join(application(environ, self._start))

    def _start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = int(status.split()[0]), dict(headers)

    @property
    def cookie(self) -> str:
        return self.headers.get("Set-Cookie", "").split(";")[0]


def behind(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("404 Not Found", [])
    return [b""]


@pytest.fixture
def redirects(tmp_path: Path) -> Iterator[Redirects]:
    made = Redirects(behind, folder=tmp_path, start=False)
    yield made
    made.close()


@pytest.fixture
def links(tenant: int) -> list[Link]:
    now = utc_now()
    with tenant_scope(tenant):
        (one,) = promoters(1, now)
        allow_host(host="shop.example.com", by=TESTER, now=now)
        return make_links(
            wanted=[
                Wanted(one, target="https://shop.example.com/a?b=c#d"),
                Wanted(one, target="/portal/", expires_at=now + timedelta(days=1)),
                Wanted(one),
            ],
            by=TESTER,
            now=now,
        )


def clicks(tenant: int) -> list[Click]:
    with tenant_scope(tenant):
        return list(Click.objects.order_by("id"))


def test_a_click_is_sent_on_and_kept(redirects: Redirects, links: list[Link], tenant: int) -> None:
    first = Asked(redirects, f"/s/{links[0].slug}")
    assert first.status == 302
    head, mark, token = first.headers["Location"].partition("&rs=")
    assert (head, mark) == ("https://shop.example.com/a?b=c", "&rs=") and token.endswith("#d")
    identifier = inside("clk", token.removesuffix("#d"))
    assert first.cookie.startswith("rsv=") and "HttpOnly" in first.headers["Set-Cookie"]
    again = Asked(redirects, f"/s/{links[0].slug.upper()}/", HTTP_COOKIE=f"a=b; {first.cookie}")
    assert "Set-Cookie" not in again.headers
    assert clicks(tenant) == []  # answered before it is in the database …
    assert redirects.drain() == 2
    one, other = clicks(tenant)  # … and there after the next look
    assert one.id == identifier and one.flags == FIRST and other.flags == 0
    assert one.visitor == other.visitor != 0 and one.promoter_id == links[0].promoter_id
    assert first.cookie[4:] not in str(one.visitor)
    with tenant_scope(tenant):
        assert figures_by_link([links[0].id]) == {links[0].id: Figures(2, 1, 0)}


def test_own_pages_and_the_welcome_page(redirects: Redirects, links: list[Link]) -> None:
    assert Asked(redirects, f"/s/{links[1].slug}").headers["Location"].startswith("/portal/?rs=clk_")
    welcome = Asked(redirects, f"/s/{links[2].slug}").headers["Location"]
    assert welcome.startswith("/join/") and f"?code={links[2].slug}&rs=clk_" in welcome


def test_robots_and_prefetching_are_marked_and_bring_no_token(
    redirects: Redirects, links: list[Link], tenant: int
) -> None:
    path = f"/s/{links[0].slug}"
    robot = Asked(redirects, path, agent="Mozilla/5.0 (compatible; Baiduspider/2.0)")
    assert "rs=" not in robot.headers["Location"] and "Set-Cookie" not in robot.headers
    Asked(redirects, path, HTTP_SEC_PURPOSE="prefetch")
    Asked(redirects, path, agent="")
    redirects.drain()
    assert [one.flags for one in clicks(tenant)] == [ROBOT, PREFETCH, ROBOT]
    with tenant_scope(tenant):
        assert figures_by_link([links[0].id]) == {links[0].id: Figures(0, 0, 3)}


def test_whoever_asks_not_to_be_known_is_not(redirects: Redirects, links: list[Link], tenant: int) -> None:
    answer = Asked(redirects, f"/s/{links[0].slug}", HTTP_SEC_GPC="1")
    assert "Set-Cookie" not in answer.headers and "rs=clk_" in answer.headers["Location"]
    redirects.drain()
    assert [one.visitor for one in clicks(tenant)] == [0]


@pytest.mark.parametrize("path", ["/s/", "/s/unknwn2", "/s/../console", "/s/" + "x" * 500, "/s/日本語日", "/s/a%00b2c"])
def test_what_is_no_link_goes_on_to_the_page_that_says_so(redirects: Redirects, path: str) -> None:
    answer = Asked(redirects, path)
    assert answer.status == 404 and answer.environ["rongshu.link"] == "unknown"


def test_ended_and_turned_off(
    redirects: Redirects, links: list[Link], tenant: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/s/{links[1].slug}"
    assert Asked(redirects, path).status == 302
    with tenant_scope(tenant):
        switch_link(identifier=links[1].id, on=False, reason="x", by=TESTER, now=utc_now())
    monkeypatch.setattr("rongshu.interfaces.redirect.known.KEPT", -1.0)
    Asked(redirects, path)
    redirects.drain()
    assert Asked(redirects, path).environ["rongshu.link"] == "disabled"
    later = utc_now() + timedelta(days=2)
    redirects._clock = lambda: int(later.timestamp() * 1e9)
    with tenant_scope(tenant):
        switch_link(identifier=links[1].id, on=True, reason="x", by=TESTER, now=utc_now())
    redirects.drain()
    assert Asked(redirects, path).environ["rongshu.link"] == "expired"


def test_a_storm_of_robots_is_folded_and_counted(redirects: Redirects, links: list[Link], tenant: int) -> None:
    for _ in range(1030):
        Asked(redirects, f"/s/{links[0].slug}", agent="curl/8.0.1 something")
    redirects.drain()
    found = clicks(tenant)
    assert len(found) == 30 + 10 and sum(one.count for one in found) == 1030


def test_a_storm_of_guesses_reaches_the_database_as_a_drizzle() -> None:
    asked: list[str] = []

    def ask(slugs: Any) -> list[Any]:
        asked.extend(slugs)
        return []

    known = Known(ask, clock=lambda: 5.0)
    for number in range(MISSES):
        assert known.find(f"guess{number}") is None
    for number in range(MISSES, 5000):
        with pytest.raises(Crowded):
            known.find(f"guess{number}")
    assert len(asked) == MISSES
    assert known.find("guess1") is None and len(asked) == MISSES


def record(tenant: int, link: Link, at: datetime, visitor: int = 0) -> bytes:
    one = np.zeros(1, dtype=RECORD)
    one[0] = (tenant, new_id(), link.id, link.promoter_id, int(at.timestamp() * 1e6), visitor, 0, 1, 1)
    return one.tobytes()


def test_bringing_twice_counts_once(links: list[Link], tenant: int) -> None:
    content = b"".join(record(tenant, links[0], utc_now()) for _ in range(5))
    for _ in range(3):
        bring_clicks(np.frombuffer(content, dtype=RECORD))
    assert len(clicks(tenant)) == 5
    with tenant_scope(tenant):
        assert figures_by_link([links[0].id])[links[0].id].clicks == 5


def test_what_a_killed_process_left_is_found(links: list[Link], tenant: int, tmp_path: Path) -> None:
    """A process that dies by force in the middle of writing leaves whole records, and perhaps the half of one."""
    whole = b"".join(record(tenant, links[0], utc_now()) for _ in range(7))
    script = (
        "import os, sys; from pathlib import Path; from rongshu.domain.referral.clicks.spool import Spool\n"
        f"spool = Spool(Path({str(tmp_path)!r}), lambda records: None); content = bytes.fromhex(sys.stdin.read())\n"
        f"[spool.write(content[at:at + {SIZE}]) for at in range(0, len(content), {SIZE})]\n"
        "os.write(spool._file, b'half'); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", script], input=whole.hex().encode(), timeout=60)
    assert ended.returncode == -9
    mine = Spool(tmp_path, bring_clicks)
    mine.write(record(tenant, links[0], utc_now()))
    assert mine.adopt() == 7 and mine.adopt() == 0  # the living one's own file is not taken from it
    mine.close()
    assert len(clicks(tenant)) == 8 and list(tmp_path.iterdir()) == []


def test_a_database_away_loses_nothing(tmp_path: Path) -> None:
    kept: list[int] = []
    broken = True

    def bring(records: Any) -> None:
        if broken:
            raise RuntimeError("away")
        kept.extend(records["id"].tolist())

    spool = Spool(tmp_path, bring)
    for identifier in range(3):
        one = np.zeros(1, dtype=RECORD)
        one["id"] = identifier
        spool.write(one.tobytes())
    with pytest.raises(RuntimeError):
        spool.drain()
    broken = False
    assert spool.drain() == 3 and spool.drain() == 0 and kept == [0, 1, 2]
    spool.close()


def test_clicks_and_touches_become_a_members_when_they_are_known(links: list[Link], tenant: int) -> None:
    now = utc_now()
    bring_clicks(
        np.frombuffer(record(tenant, links[0], now, visitor=77) + record(tenant, links[1], now, 78), dtype=RECORD)
    )
    with tenant_scope(tenant):
        member = links[0].promoter_id
        record_touches(met=[Met(member, links[0].promoter_id, "entry", now, links[2].id)])
        join_visitor(visitor=77, member_id=member, now=now)
        join_visitor(visitor=77, member_id=member, now=now)
        found = touches_of([member], now - timedelta(days=1), now + timedelta(days=1))
        assert found.link.tolist() == [links[0].id, links[2].id]
        assert [KINDS[kind] for kind in found.touches.kind.tolist()] == ["click", "entry"]
