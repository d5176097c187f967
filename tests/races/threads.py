"""Real threads with real connections."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections


def together(*tasks: Callable[[], Any]) -> list[Any]:
    """Runs all tasks at the same moment, each in a thread of its own; what each returned, or the exception it raised."""
    gate = threading.Barrier(len(tasks))
    results: list[Any] = [None] * len(tasks)

    def run(place: int, task: Callable[[], Any]) -> None:
        try:
            gate.wait()
            results[place] = task()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a task hangs"
    return results


def untroubled(results: Sequence[Any]) -> list[Any]:
    """The results; raises the first exception among them."""
    for result in results:
        if isinstance(result, Exception):
            raise result
    return list(results)


def give_connection_back() -> None:
    """Between two transactions of a thread, so that more threads than the pool has connections take turns."""
    connections["default"].close()
