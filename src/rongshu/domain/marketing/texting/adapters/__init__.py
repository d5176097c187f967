"""Providers of short messages. Each is a module with an account that has `send_code(phone, code, now)`, raising `TextTrouble`."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class TextTrouble(Exception):
    """It was not sent. `code` is `bad_phone`, `too_many` or `away`; `said` is the provider's own word, for the log."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(f"{code}: {said}")
        self.code = code
        self.said = said


class Account(Protocol):
    """What can send a code."""

    def send_code(self, phone: str, code: str, *, now: datetime) -> None: ...
