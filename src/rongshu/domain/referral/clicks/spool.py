"""The spool: clicks on their way to the database, in a file of their own for every process that takes some.

A record is appended by one system call, so it outlives the process; the machine's losing power costs what the system had
not written yet. The file's lock says whether its process lives: whose does not, is brought in by whoever finds the file.
"""

from __future__ import annotations

import fcntl
import os
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FIRST, ROBOT, PREFETCH = 1, 2, 4
"""Flags of a click: a visitor not seen before; made by a program; by a browser that fetches ahead. Only below 2 it counts."""

RECORD = np.dtype(
    [
        ("tenant", "<i8"), ("id", "<i8"), ("link", "<i8"), ("promoter", "<i8"), ("at", "<i8"), ("visitor", "<i8"),
        ("flags", "<u2"), ("kind", "<u2"), ("count", "<u4"),
    ]
)  # fmt: skip
SIZE = RECORD.itemsize
Records = NDArray[np.void]
FULL = 8 * 2**20
"""Bytes after which a file that was brought in wholly is cut to nothing."""


class Spool:
    """One process's spool. `bring` takes records and keeps them durably; it may be given the same ones again."""

    def __init__(self, folder: Path, bring: Callable[[Records], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._bring = folder, bring
        self.path = folder / f"{os.getpid()}-{uuid.uuid4().hex[:12]}.clicks"
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._lock = threading.Lock()
        self._brought = 0
        self.lost = 0
        """Clicks that could not be written, the disk being full; they were answered all the same."""

    def write(self, record: bytes) -> None:
        """Keeps one record (SIZE bytes)."""
        with self._lock:
            try:
                written = os.write(self._file, record)
            except OSError:
                self.lost += 1
                return
            if written != SIZE:  # half of a record: cut it off again, or every later one would be misread
                os.ftruncate(self._file, os.fstat(self._file).st_size // SIZE * SIZE)
                self.lost += 1

    def drain(self) -> int:
        """Brings what is new of this process's file; how many records. What `bring` raises passes through; nothing is lost."""
        size = os.fstat(self._file).st_size // SIZE * SIZE
        if size > self._brought:
            content = os.pread(self._file, size - self._brought, self._brought)
            self._bring(np.frombuffer(content, dtype=RECORD))
            count, self._brought = len(content) // SIZE, self._brought + len(content)
        else:
            count = 0
        if self._brought >= FULL:
            with self._lock:
                if os.fstat(self._file).st_size == self._brought:
                    os.ftruncate(self._file, 0)
                    self._brought = 0
        return count

    def adopt(self) -> int:
        """Brings the files of processes that are gone, and removes them; how many records."""
        return sum(_adopted(path, self._bring) for path in sorted(self._folder.glob("*.clicks")) if path != self.path)

    def close(self) -> None:
        """Brings the rest and removes the file; what cannot be brought now stays for whoever finds it."""
        try:
            self.drain()
            self.path.unlink(missing_ok=True)
        finally:
            os.close(self._file)


def _adopted(path: Path, bring: Callable[[Records], None]) -> int:
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0  # its process lives
        content = os.pread(file, os.fstat(file).st_size, 0)
        records = np.frombuffer(content[: len(content) // SIZE * SIZE], dtype=RECORD)
        if len(records):
            bring(records)
        path.unlink(missing_ok=True)
        return len(records)
    finally:
        os.close(file)
