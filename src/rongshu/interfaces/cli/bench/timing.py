"""How long something takes, as the best of a few rounds, and the most memory the process has held."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from time import perf_counter


def best_seconds(measured: Callable[[], object], rounds: int) -> float:
    """The shortest of `rounds` runs, seconds: the one least disturbed by others on the machine."""
    times = []
    for _ in range(rounds):
        begin = perf_counter()
        measured()
        times.append(perf_counter() - begin)
    return min(times)


def peak_bytes() -> int:
    """The most memory this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
