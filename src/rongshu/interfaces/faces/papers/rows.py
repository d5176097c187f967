"""A line of a statement as it is shown: for pages, which know no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rongshu.interfaces.faces.parts import Money


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A line with what explains it. `source` is order, period, release, withdrawal or empty, `ref` its outside id, `name` what people call it."""

    at: datetime
    kind: str
    text: str
    amount: Money
    source: str
    ref: str
    name: str
    adjusts: str
    """The month it sets right, where that is an earlier one."""
