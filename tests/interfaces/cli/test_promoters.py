"""Promoters looked after from the command line."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from typer.testing import CliRunner, Result

from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.interfaces.cli.application import application
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.queries import house_by_slug
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found


@pytest.fixture
def slug(now: datetime) -> str:
    house = found(now=now)
    with tenant_scope(house.id):
        ids = ensure_members(external_ids=["a", "b", "c"], now=now)
        enrol_promoters(joinings=[Joining(one, None, now) for one in ids.values()], by=TESTER, now=now)
    return house.slug


def run(slug: str, command: str, *words: str) -> Result:
    return CliRunner().invoke(application, ["promoter", command, slug, *words])


def shown(slug: str, member: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(run(slug, "show", member, "--json").stdout)
    return found


def test_a_promoters_life(slug: str) -> None:
    assert run(slug, "freeze", "a", "--reason", "under suspicion").exit_code == 0
    assert shown(slug, "a")["state"] == "frozen"
    assert run(slug, "freeze", "a", "--reason", "again").exit_code == 2
    assert run(slug, "resume", "a", "--reason", "cleared").exit_code == 0
    assert run(slug, "tag", "a", "VIP").exit_code == 0
    assert run(slug, "note", "a", "prefers calls").exit_code == 0
    found = shown(slug, "a")
    assert (found["state"], found["tags"]) == ("active", ["VIP"])
    assert [row["what"] for row in found["changes"]] == ["note", "tagged", "resumed", "frozen"]  # type: ignore[attr-defined]
    assert run(slug, "tag", "a", "VIP", "--off").exit_code == 0 and shown(slug, "a")["tags"] == []
    assert "prefers calls" in run(slug, "show", "a").stdout


def test_transfers_and_merges(slug: str) -> None:
    assert run(slug, "transfer", "b", "--inviter", "a", "--reason", "moved").stdout == "Moved.\n"
    assert run(slug, "transfer", "a", "--inviter", "b", "--reason", "circle").exit_code == 2
    assert run(slug, "transfer", "b", "--on", "2099-01-01", "--reason", "later").stdout == "Planned.\n"
    assert run(slug, "transfer", "b", "--take-back", "--reason", "no").stdout == "Taken back.\n"
    done = run(slug, "merge", "a", "c", "--reason", "one person", "--json")
    assert json.loads(done.stdout)["invited"] == 1, done.output
    assert shown(slug, "a")["state"] == "merged" and run(slug, "merge", "a", "c", "--reason", "again").exit_code == 2
    assert run(slug, "show", "nobody").exit_code == 2


def test_erasing_asks_to_be_sure(slug: str) -> None:
    assert "still promote" in run(slug, "erase", "a").stdout
    refused = run(slug, "erase", "a", "--sure")
    assert refused.exit_code == 2 and "Stop promoting first" in refused.output
    house = house_by_slug(slug)
    with tenant_scope(house.id):
        ensure_members(external_ids=["d"], now=utc_now())
    assert "add --sure" in run(slug, "erase", "d").stdout
    done = json.loads(run(slug, "erase", "d", "--sure", "--json").stdout)
    assert done["erased_at"] and run(slug, "erase", "d").exit_code == 2
    assert done["erased_at"] in run(slug, "erase", done["id"]).stdout
