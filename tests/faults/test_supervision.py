"""What `rongshu up` does about a process that was ended by force."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from rongshu.interfaces.cli.up import Child


def _wait_for(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _runs(number: int) -> bool:
    return psutil.pid_exists(number) and psutil.Process(number).status() != psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("then", ["watch", "stop"])
def test_what_a_killed_process_leaves_behind_is_ended(tmp_path: Path, then: str) -> None:
    """The web server's first process killed alone: its worker would go on answering on the same port."""
    note = tmp_path / "number"
    below = "import time; time.sleep(60)"
    above = (
        "import subprocess, sys, time, pathlib; "
        f"left = subprocess.Popen([sys.executable, '-c', {below!r}]); "
        f"pathlib.Path({str(note)!r}).write_text(str(left.pid) + ' '); time.sleep(60)"
    )
    child = Child("web", [sys.executable, "-c", above])
    child.start()
    try:
        _wait_for(lambda: note.exists() and note.read_text().endswith(" "))
        first, left = child.process, int(note.read_text())
        assert isinstance(first, subprocess.Popen)
        first.kill()
        first.wait()
        assert _runs(left)
        getattr(child, then)()
        _wait_for(lambda: not _runs(left))
        if then == "watch":
            assert child.process is not first
            assert child.process is not None
            assert child.process.poll() is None
    finally:
        if child.process is not None:
            child.process.kill()
            child.process.wait()
        child.stop()
