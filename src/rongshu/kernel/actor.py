from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever writes, as the audit names them: `login:ann`, `key:erp`, `worker:`."""

    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


def actor_of(text: str) -> Actor:
    """The actor an audit line names."""
    kind, _, name = text.partition(":")
    return Actor(kind, name)


WORKER = Actor("worker")
COMMAND_LINE = Actor("command-line")
