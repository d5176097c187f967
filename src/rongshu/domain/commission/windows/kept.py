"""The windows this process was asked for last, within a bound of memory.

Whoever tries plans changes a rate and looks again: the orders are the same, and reading them would be most of the work.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime

from rongshu.domain.commission.windows.shapes import Window

MOST_BYTES = 400_000_000
MOST_WINDOWS = 8

Key = tuple[int, datetime, datetime]

_lock = threading.Lock()
_windows: OrderedDict[Key, tuple[Window, int]] = OrderedDict()


def look_up(key: Key, stamp: str) -> Window | None:
    """The window kept under a key, unless something has changed since."""
    with _lock:
        found = _windows.get(key)
        if found is None:
            return None
        if found[0].stamp != stamp:
            del _windows[key]
            return None
        _windows.move_to_end(key)
        return found[0]


def keep(key: Key, window: Window) -> None:
    """Keeps a window, and lets go of those asked for longest ago when there are too many. One too large is not kept."""
    size = window.size
    if size > MOST_BYTES:
        return
    with _lock:
        _windows[key] = (window, size)
        _windows.move_to_end(key)
        while len(_windows) > MOST_WINDOWS or sum(each for _, each in _windows.values()) > MOST_BYTES:
            _windows.popitem(last=False)


def forget() -> None:
    """Lets go of all windows."""
    with _lock:
        _windows.clear()
