"""The short forms of `python -m tests.faults`, each in a process of its own: it takes Django and the database over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _run(log: Path, *options: str) -> tuple[int, dict[str, Any]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RONGSHU_", "DJANGO_"))}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "tests.faults", *options, "--log", str(log)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip().endswith("}"), done.stdout + done.stderr + log.read_text()[-5_000:]
    return done.returncode, json.loads(done.stdout.strip().split("\n")[-1])


def test_nothing_is_lost_or_twice_or_differs(tmp_path: Path) -> None:
    code, figures = _run(tmp_path / "log", "--kills", "8", "--orders", "1500", "--seed", "1")
    assert (code, figures["lost"], figures["twice"], figures["differences"]) == (0, 0, 0, 0), figures["examples"]
    assert sum(figures["kills"].values()) == 8
    assert figures["retries"]  # the kills were felt
    assert figures["entries"] > figures["orders"] + figures["statuses"] + figures["refunds"]


def test_the_harness_has_teeth(tmp_path: Path) -> None:
    """A worker that takes, commits, and only then works loses what it held when it was killed; the harness has to say so."""
    options = ("--forgetful", "--workers", "1", "--kinds", "worker,backend", "--kills", "8", "--orders", "1000")
    for seed in ("3", "4", "5"):  # kills fall where they fall: on a busy machine all eight may miss
        code, figures = _run(tmp_path / f"log{seed}", *options, "--seed", seed)
        if code:
            break
    assert code == 1
    assert figures["lost"] > 0, figures


@pytest.mark.slow
def test_sums_and_invariants_hold_under_a_cap_too(tmp_path: Path) -> None:
    """With a promoter's cap the sequence of rating decides who is cut; whoever was cut has all of the cap, and nobody more."""
    code, figures = _run(tmp_path / "log", "--kills", "16", "--orders", "3000", "--seed", "2", "--cap", "300.00")
    assert code == 0, figures
    assert figures["cut_by_cap"] > 0
