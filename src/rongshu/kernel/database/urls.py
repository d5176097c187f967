"""Addresses of the database, as the owner and as the application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from psycopg.conninfo import conninfo_to_dict

APPLICATION_ROLE = "rongshu_app"
WRITER_ROLE = "rongshu_writer"
"""Passes policies, may only insert, and only into the tables that are written by COPY; see `kernel.copying`."""


_PLANS = "-c plan_cache_mode=force_generic_plan"
"""A statement prepared once is planned once. Ours take arrays of keys and look them up by index, however many there are;
planning them again for every lone order took longer than doing them."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The owner's address (migrations only) and the application's (everything else)."""

    owner: str
    application: str


def addresses_of(url: str, application_url: str = "") -> Addresses:
    """Both addresses from DATABASE_URL and, where given, the application's own one.

    Without an own address the application signs in as the owner and takes on its lesser role for the whole session.
    """
    if application_url:
        return Addresses(url, application_url)
    joint = "&" if urlsplit(url).query else "?"
    return Addresses(url, f"{url}{joint}options={quote(f'-c role={APPLICATION_ROLE}')}")


def on_database(url: str, name: str) -> str:
    """The same server, another database."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, parts.fragment)).replace(":/?", ":///?")


def as_django(url: str, *, pool: bool, max_size: int = 12) -> dict[str, Any]:
    """A Django DATABASES entry for an address."""
    info: dict[str, Any] = {k: v for k, v in conninfo_to_dict(url).items() if v is not None}
    entry: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": info.pop("dbname", "postgres"),
        "USER": info.pop("user", ""),
        "PASSWORD": info.pop("password", ""),
        "HOST": info.pop("host", ""),
        "PORT": str(info.pop("port", "")),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
    options: dict[str, Any] = {"prepare_threshold": 5, **info}
    options["options"] = f"{options.get('options', '')} {_PLANS}".strip()
    if pool:
        options["pool"] = {"min_size": 1, "max_size": max_size, "timeout": 20}
    entry["OPTIONS"] = options
    return entry
