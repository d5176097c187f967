"""The reader's WeChat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class MyWechat:
    """Whether one is joined, and whether this browser can join one (`inside`: within WeChat itself, else by QR code)."""

    template: ClassVar[str] = "portal/wechat.html"
    joined: bool = False
    can: bool = True
    slug: str = "banyan"
    inside: bool = False
