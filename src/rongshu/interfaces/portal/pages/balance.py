"""One's own balance in the published total."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Money


@dataclass(frozen=True, slots=True)
class MyLeaf:
    """What stands in the latest publication for the reader; `amount` None where nothing was owed then. `number` 0: none is published."""

    template: ClassVar[str] = "portal/balance.html"
    number: int = 0
    as_of: datetime | None = None
    amount: Money | None = None
    owed: Money | None = None
    promoters: int = 0
    steps: int = 0
    """Nodes between the leaf and the root."""
    public: str = ""
    """Address of the public page; empty where none is shown."""
