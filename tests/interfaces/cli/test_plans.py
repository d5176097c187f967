"""`rongshu plan`: published alone by whoever runs the installation, withdrawn, shown."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rongshu.interfaces.cli import plans
from rongshu.interfaces.cli.application import application
from rongshu.kernel.clock import utc_now
from tests.factories import found

PLAN = (
    "{name: spring, currency: CNY, jurisdiction: CN, levels: {1: {rate: 10%}}, release: {after: completed, days: 15}}"
)


@pytest.fixture(autouse=True)
def booted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests have booted already."""
    monkeypatch.setattr(plans, "boot", lambda: None)


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(application, ["plan", *words])
    return result.exit_code, result.output


def test_published_shown_and_withdrawn(now: datetime, tmp_path: Path) -> None:
    slug, file = found(now=now).slug, tmp_path / "plan.yaml"
    file.write_text(PLAN, "utf-8")
    code, said = run("publish", slug, str(file), "--reason", "the first")
    assert code == 0 and "Version 1" in said
    later = (utc_now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    file.write_text(PLAN.replace("10%", "12%"), "utf-8")
    assert run("publish", slug, str(file), "--reason", "more", "--from", later)[0] == 0
    assert run("withdraw", slug, "2", "--reason", "too dear")[0] == 0
    code, said = run("show", slug, "--json")
    first, second = json.loads(said)
    assert (first["number"], first["withdrawn"]) == (1, None)
    assert (second["number"], second["withdrawn"]) == (2, "too dear") and second["effective_from"].startswith(later)
    assert "withdrawn: too dear" in run("show", slug)[1]


@pytest.mark.parametrize(
    ("text", "why"),
    [("levels: []", "levels"), (PLAN.replace("{1: {rate: 10%}}", "{1: {rate: 9%}, 2: {rate: 3%}}"), "STR-02")],
)
def test_what_is_refused(now: datetime, tmp_path: Path, text: str, why: str) -> None:
    slug, file = found(now=now).slug, tmp_path / "plan.yaml"
    file.write_text(text, "utf-8")
    code, said = run("publish", slug, str(file), "--reason", "x")
    assert code != 0 and why in said
    assert run("show", slug, "--json")[1].strip() == "[]"


def test_who_and_what_is_not_there(now: datetime, tmp_path: Path) -> None:
    assert run("show", "no-such-tenant")[0] != 0
    assert run("publish", found(now=now).slug, str(tmp_path / "none.yaml"), "--reason", "x")[0] != 0
    assert run("withdraw", found(now=now).slug, "1", "--reason", "x")[0] != 0
