"""The e-mail channel of the installation: where to, from whom, and under which address links lead back."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from rongshu.engine.wording import gettext_noop as _
from rongshu.kernel.environment import environment

TIMEOUT = 20
"""Seconds a server may take to answer."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A server that takes mail. `security`: `tls` from the first byte, `starttls`, or `plain` (a relay on the own machine)."""

    host: str
    port: int
    user: str
    password: str
    security: str
    sender: str
    site: str


LACKS = {
    "RONGSHU_SMTP_URL": _("No mail server is named."),
    "RONGSHU_MAIL_FROM": _("No sender is named."),
    "RONGSHU_SITE_URL": _("The address under which people reach this installation is not named, so that mails could not link to it."),
}  # fmt: skip


def lacking() -> list[str]:
    """The settings without which no mail is sent; empty when all are there."""
    found = environment()
    given = {
        "RONGSHU_SMTP_URL": found.smtp_url,
        "RONGSHU_MAIL_FROM": found.mail_from,
        "RONGSHU_SITE_URL": found.site_url,
    }
    return [name for name, value in given.items() if not value]


def channel() -> Channel | None:
    """The channel, None while mail is off."""
    if lacking():
        return None
    found = environment()
    url = urlsplit(found.smtp_url)
    security = {"smtps": "tls", "smtp": "starttls"}.get(url.scheme, "plain")
    return Channel(
        host=url.hostname or "",
        port=url.port or {"tls": 465, "starttls": 587, "plain": 25}[security],
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        security=security,
        sender=found.mail_from,
        site=found.site_url.rstrip("/"),
    )
