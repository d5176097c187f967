from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever writes, as the audit names them: `login:ann`, `key:erp`, `worker:`."""

    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


WORKER = Actor("worker")
COMMAND_LINE = Actor("command-line")
