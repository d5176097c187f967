"""What stands around every page, the way in, and an error as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Room:
    """One entry of the bottom dock."""

    key: str
    label: str | Promise
    icon: str
    url: str


ROOMS = (
    Room("home", _("Home"), icon="house", url="portal:home"),
    Room("share", _("Share"), icon="share-2", url="portal:share"),
    Room("earnings", _("Earnings"), icon="coins", url="portal:earnings"),
    Room("team", _("Team"), icon="users", url="portal:team"),
    Room("me", _("Me"), icon="user", url="portal:me"),
)


MEMBER_ROOMS = (
    Room("home", _("Home"), icon="house", url="portal:home"),
    Room("card", _("Card"), icon="id-card", url="portal:card"),
    Room("points", _("Points"), icon="coins", url="portal:points"),
    Room("coupons", _("Coupons"), icon="ticket", url="portal:coupons"),
    Room("me", _("Me"), icon="user", url="portal:me"),
)
"""For members who do not promote."""


@dataclass(frozen=True, slots=True)
class PortalFrame:
    tenant: str
    zone: str
    current: str
    unread: int = 0
    """Messages that were not seen, counted up to 100."""
    rooms: tuple[Room, ...] = ROOMS


@dataclass(frozen=True, slots=True)
class SignIn:
    template: ClassVar[str] = "portal/sign_in.html"
    phone: str = ""
    next: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error as people read it: what happened, what was not harmed, what to do."""

    template: ClassVar[str] = "portal/trouble.html"
    title: str
    harmless: str
    todo: str = ""
    trace: str = ""


@dataclass(frozen=True, slots=True)
class NotPromoting:
    """A page of promoters, asked for by a member: what it takes to have it. `slug` is the brand's, for the way to join."""

    template: ClassVar[str] = "portal/not_promoting.html"
    slug: str
