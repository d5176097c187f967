"""What stands around every page, the way in, and an error as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the left navigation."""

    key: str
    label: str | Promise
    icon: str
    url: str
    """The name of its URL."""


ENTRIES = (
    Entry("today", gettext_lazy("Today"), icon="house", url="console:today"),
    Entry("orders", gettext_lazy("Orders"), icon="receipt-text", url="console:orders"),
    Entry("members", gettext_lazy("Members"), icon="contact", url="console:members"),
    Entry("offers", gettext_lazy("Offers"), icon="ticket", url="console:coupons"),
    Entry("promoters", gettext_lazy("Promoters"), icon="users", url="console:promoters"),
    Entry("promotion", gettext_lazy("Promotion"), icon="share-2", url="console:links"),
    Entry("materials", gettext_lazy("Materials"), icon="megaphone", url="console:materials"),
    Entry("ranks", gettext_lazy("Ranks"), icon="sprout", url="console:ranks"),
    Entry("plans", gettext_lazy("Plans"), icon="scroll-text", url="console:plans"),
    Entry("money", gettext_lazy("Withdrawals"), icon="banknote", url="console:withdrawals"),
    Entry("periods", gettext_lazy("Periods"), icon="calendar-days", url="console:periods"),
    Entry("reratings", gettext_lazy("Re-ratings"), icon="undo-2", url="console:reratings"),
    Entry("ledger", gettext_lazy("Ledger check"), icon="scale", url="console:ledger"),
)
"""The operator's work, in the order of a day. A room without a page has no entry."""


@dataclass(frozen=True, slots=True)
class ConsoleFrame:
    """What stands around every page. `waiting` is how many things need a decision; it is shown beside Today."""

    tenant: str
    who: str
    role: str
    zone: str
    current: str
    waiting: int = 0
    unread: int = 0
    """Messages that were not seen, counted up to 100."""
    q: str = ""
    entries: tuple[Entry, ...] = ENTRIES


@dataclass(frozen=True, slots=True)
class SignIn:
    """Sign in. `problem` says what to do, without telling which of the two was wrong."""

    template: ClassVar[str] = "console/sign_in.html"
    account: str = ""
    next: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error as people read it: what happened, what was not harmed, what to do."""

    template: ClassVar[str] = "console/trouble.html"
    title: str
    harmless: str
    todo: str = ""
    href: str = ""
    link: str = ""
    trace: str = ""
