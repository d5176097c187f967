"""What the environment says: read once, checked at the start, each wrong value answered with how to mend it. Knows no Django."""

from __future__ import annotations

import os
import re
import secrets
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_NAMES = ("RONGSHU_SECRET_KEY", "RONGSHU_DATA_KEYS", "RONGSHU_LOOKUP_KEY")
_MAKE_ONE = "make one with: python -c 'import secrets; print(secrets.token_hex(32))'"


class WrongEnvironment(Exception):
    """A setting is missing or wrong; the message says which and how to mend it."""


class Environment(BaseSettings):
    """The settings. Everything has a default that works on one machine with the embedded database."""

    model_config = SettingsConfigDict(env_prefix="RONGSHU_", extra="ignore")

    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    """The owner's address of a PostgreSQL server, 16 or newer; empty for the embedded one."""
    app_database_url: str = ""
    """The application's own address on that server; empty: the owner's, taking on the lesser role."""
    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("rongshu", appauthor=False)))
    """Folder of the embedded database, the secrets and the files."""
    secret_key: str = ""
    data_keys: str = ""
    """Comma-separated; the first encrypts, all decrypt."""
    lookup_key: str = ""
    hosts: str = "localhost,127.0.0.1,[::1]"
    """Comma-separated host names the web server answers to."""
    https: bool = False
    """Whether a proxy in front serves HTTPS: cookies are then sent over HTTPS only."""
    debug: bool = False
    smtp_url: str = ""
    """The server that takes mail: smtp://user:password@host:587 (STARTTLS), smtps://… (TLS, 465) or smtp+plain://… (a relay on the
    own machine, 25). Empty: no mail is sent."""
    mail_from: str = ""
    """The sender's address: no-reply@example.com"""
    site_url: str = ""
    """Where people reach this installation, for the links in mails: https://example.com"""
    sms_url: str = ""
    """Who sends codes to phones: aliyun://key:secret@dysmsapi.aliyuncs.com/?sign=…&template=… Empty: nobody can sign in by a code."""
    wechat_pay_url: str = ""
    """Where WeChat Pay listens, when not at its own address: a proxy, or the stand-in of `rongshu sandbox`."""
    alipay_url: str = ""
    """The same of Alipay's gateway: http://127.0.0.1:8900/gateway.do"""

    wechat_url: str = ""
    """Where people sign in by WeChat (its pages and its API), when not at its own addresses: the stand-in of `rongshu sandbox`."""

    @field_validator("smtp_url")
    @classmethod
    def _takes_mail(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            named = parts.scheme in ("smtp", "smtps", "smtp+plain") and parts.hostname and parts.port != 0
        except ValueError:
            named = None
        if value and not named:
            raise ValueError("must look like smtp://user:password@host:587, smtps://… or smtp+plain://…")
        return value

    @field_validator("sms_url")
    @classmethod
    def _texts(cls, value: str) -> str:
        if value and not re.fullmatch(r"aliyun(\+plain)?://[^/@:\s]+:[^/@\s]+@[^/@\s]+/\?\S*", value):
            raise ValueError("must look like aliyun://key:secret@dysmsapi.aliyuncs.com/?sign=...&template=...")
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", value):
            raise ValueError("must be an address like no-reply@example.com")
        return value

    @field_validator("site_url")
    @classmethod
    def _is_site(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/\s]+/?", value):
            raise ValueError("must look like https://example.com")
        return value

    @field_validator("wechat_pay_url", "alipay_url", "wechat_url")
    @classmethod
    def _is_address_of_provider(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", value):
            raise ValueError("must look like https://api.mch.weixin.qq.com or http://127.0.0.1:8900/gateway.do")
        return value

    @field_validator("database_url", "app_database_url")
    @classmethod
    def _is_postgres(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("must look like postgresql://user:password@host:5432/name (only PostgreSQL is supported)")
        return value

    @field_validator("secret_key", "lookup_key", "data_keys")
    @classmethod
    def _is_long(cls, value: str) -> str:
        if value and any(len(key) < 32 for key in value.split(",")):
            raise ValueError(f"must have at least 32 characters; {_MAKE_ONE}")
        return value

    @property
    def host_names(self) -> list[str]:
        """The host names as a list."""
        return [name.strip() for name in self.hosts.split(",") if name.strip()]


def _own_secrets(home: Path) -> dict[str, str]:
    """The secrets kept beside the embedded database; made at the first start, readable by their owner only."""
    path = home / "secrets.env"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{name}={secrets.token_hex(32)}\n" for name in SECRET_NAMES)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "w") as file:
                file.write(lines)
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return {name: value for name, value in pairs if name in SECRET_NAMES}


@cache
def environment() -> Environment:
    """The checked settings.

    Raises WrongEnvironment, naming each wrong variable, what it held to be wrong and how to mend it.
    """
    try:
        found = Environment()
        lacking = [name for name in SECRET_NAMES if not getattr(found, name.removeprefix("RONGSHU_").lower())]
        if lacking and found.database_url and not (found.home / "secrets.env").exists():
            raise WrongEnvironment(
                f"{', '.join(lacking)}: not set, and a database server is named by DATABASE_URL; "
                f"every process on that database needs the same secrets; {_MAKE_ONE}"
            )
        if lacking:
            own = _own_secrets(found.home)
            kept = {name.removeprefix("RONGSHU_").lower(): own[name] for name in lacking if name in own}
            found = Environment.model_validate(found.model_dump() | kept)
    except ValidationError as error:
        wrong = []
        for problem in error.errors():
            place = str(problem["loc"][0])
            name = place if place.isupper() else f"RONGSHU_{place.upper()}"
            wrong.append(f"{name}: {problem['msg'].removeprefix('Value error, ')}")
        raise WrongEnvironment("\n".join(wrong)) from error
    except OSError as error:
        raise WrongEnvironment(
            f"RONGSHU_HOME: cannot be used ({error}); name a folder this user may write to"
        ) from error
    return found
