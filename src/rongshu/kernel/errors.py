"""Expected failures: each has a kind, a stable code, and words that say what was wrong and how to mend it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What sort of failure it is; surfaces turn it into a status, once."""

    MISSING = "missing"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"


class Refusal(Exception):
    """A request that was understood and refused; nothing was changed.

    `template` is an English message id with %(name)s places; surfaces translate it and fill in `params`.
    """

    def __init__(self, kind: Kind, code: str, template: str, /, *, at: str = "", **params: Any) -> None:
        self.kind = kind
        self.code = code
        self.template = template
        self.params = params
        self.at = at
        super().__init__(str(self))

    def __str__(self) -> str:
        return self.template % self.params if self.params else self.template


def missing(code: str, template: str, **params: Any) -> Refusal:
    """What was named does not exist (for this tenant)."""
    return Refusal(Kind.MISSING, code, template, **params)


def forbidden(code: str, template: str, **params: Any) -> Refusal:
    """Whoever asks may not."""
    return Refusal(Kind.FORBIDDEN, code, template, **params)


def conflict(code: str, template: str, **params: Any) -> Refusal:
    """It contradicts what is already recorded."""
    return Refusal(Kind.CONFLICT, code, template, **params)


def invalid(code: str, template: str, *, at: str = "", **params: Any) -> Refusal:
    """It cannot be accepted as it stands; `at` says where."""
    return Refusal(Kind.INVALID, code, template, at=at, **params)


def unavailable(code: str, template: str, **params: Any) -> Refusal:
    """It cannot be done now; the same request may succeed later."""
    return Refusal(Kind.UNAVAILABLE, code, template, **params)
