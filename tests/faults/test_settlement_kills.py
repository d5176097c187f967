"""The short form of `python -m tests.faults.settlement`, in a process of its own: it takes Django and the database over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def _run(*options: str) -> tuple[int, dict[str, Any]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RONGSHU_", "DJANGO_"))}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "tests.faults.settlement", *options]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip().endswith("}"), done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout.strip().split("\n")[-1])


def test_a_settlement_that_is_killed_pays_nobody_twice_and_loses_nothing() -> None:
    code, figures = _run("--kills", "10", "--promoters", "150")
    assert (code, figures["differences"]) == (0, 0), figures["examples"]
    assert figures["kills"]["in a transaction"], figures


def test_the_examination_has_teeth() -> None:
    code, figures = _run("--kills", "0", "--promoters", "30", "--forgetful")
    assert code == 1
    assert figures["differences"] >= 25, figures
