"""The reader's passkeys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """One passkey; `used_at` None where it was never used."""

    id: str
    name: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Passkeys:
    """All of them, the latest first."""

    template: ClassVar[str] = "portal/passkeys.html"
    rows: tuple[PasskeyRow, ...]
