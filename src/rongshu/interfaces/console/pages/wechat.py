"""The brand's apps at WeChat, by which its people sign in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class AppForm:
    """One kind of app: `kept` says whether there is one; its secret is never shown."""

    kind: str
    title: str
    help: str
    appid: str
    kept: bool


@dataclass(frozen=True, slots=True)
class WechatApps:
    """Both kinds, and the host that WeChat has to be told."""

    template: ClassVar[str] = "console/wechat.html"
    forms: tuple[AppForm, ...]
    host: str
    may_set: bool
    problem: str = ""
    at: str = ""
