"""Where links may lead: pages of this house that are for everybody, and hosts the tenant has named. Nothing else, ever."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from rongshu.kernel.errors import invalid

LONGEST = 1000
_OPEN = ("/portal/", "/rules/", "/join/", "/transparency/", "/shop/")
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_PLAIN = "/%?#&=:+,;@!$'()*~-._[]"
_WRONG = re.compile(r"[\x00-\x20\x7f\\\"<>^`{|}]")


def checked_host(text: str) -> str:
    """A host name as it is kept: small letters, international ones in their ASCII form. Raises `invalid`."""
    try:
        host = text.strip().rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        raise invalid("bad_host", "%(host)s is not a host name; write it like shop.example.com.", at="host", host=text)
    return host


def checked_target(text: str, hosts: frozenset[str]) -> str:
    """A target as it is kept: a path of this house, or an https address on one of `hosts`. Raises `invalid`."""
    target = text.strip()
    if not target:
        return ""
    if len(target) > LONGEST or _WRONG.search(target):
        raise invalid("bad_target", "This is not an address a link can lead to.", at="target")
    if target.startswith("/"):
        path = target.split("?", 1)[0].split("#", 1)[0]
        if ".." in path or "//" in path or not path.startswith(_OPEN):
            raise invalid("bad_target", "This is not an address a link can lead to.", at="target")
        return quote(target, safe=_PLAIN)
    try:
        parts = urlsplit(target)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode().lower()
        port = parts.port
    except ValueError:
        raise invalid("bad_target", "This is not an address a link can lead to.", at="target") from None
    if parts.scheme != "https" or "@" in parts.netloc or not host:
        raise invalid("bad_target", "Outside addresses begin with https:// and name nobody.", at="target")
    if host not in hosts:
        raise invalid("foreign_target", "%(host)s is not among the hosts links may lead to.", at="target", host=host)
    place = host if port in (None, 443) else f"{host}:{port}"
    rest = target.split("://", 1)[1]
    cut = min((rest.index(mark) for mark in "/?#" if mark in rest), default=len(rest))
    tail = rest[cut:]
    return f"https://{place}{'' if tail.startswith('/') else '/'}{quote(tail, safe=_PLAIN)}"


def host_of(target: str) -> str:
    """The host of a kept target, "" for a path of this house."""
    return "" if not target.startswith("https://") else target[8:].split("/", 1)[0].split(":", 1)[0]
