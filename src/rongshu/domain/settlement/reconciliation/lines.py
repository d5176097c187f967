"""A line of a provider's bill as the adapters and the reader of statements hand it over."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rongshu.kernel.clock import to_micros
from rongshu.kernel.ids import inside

_SERIAL = re.compile(r"(?<![0-9a-z])wdr_?([0-9a-hjkmnp-tv-z]{13})(?![0-9a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """`amount` above 0 in minor units; `kind` says which way it went: paid, returned, deposit, fee."""

    kind: str
    amount: int
    at: datetime
    serial: str = ""
    provider_ref: str = ""
    memo: str = ""


def withdrawal_in(*texts: str) -> int | None:
    """The withdrawal whose serial stands in one of these texts (`wdr_…`, or without the stroke where a provider takes letters only)."""
    for text in texts:
        found = _SERIAL.search(text)
        if found is not None and (identifier := inside("wdr", f"wdr_{found[1].lower()}")) is not None:
            return identifier
    return None


def keys_of(lines: Sequence[Line]) -> list[bytes]:
    """What makes each line the same in two bills; lines that repeat within one are told apart by their number."""
    seen: dict[str, int] = {}
    keys = []
    for line in lines:
        text = "|".join(
            (line.kind, line.serial, line.provider_ref, str(line.amount), str(to_micros(line.at)), line.memo)
        )
        seen[text] = seen.get(text, 0) + 1
        keys.append(hashlib.sha256(f"{text}|{seen[text]}".encode()).digest()[:16])
    return keys
