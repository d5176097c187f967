"""Phones, e-mail addresses, names and other lines as they are kept. Each raises `invalid` for what is none."""

from __future__ import annotations

import re

from rongshu.kernel.errors import invalid

_PHONE = re.compile(r"\+?[0-9]{6,15}")
_NEVER = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def clean_phone(text: str) -> str:
    """A phone number: 6 to 15 digits, perhaps with a + before them."""
    if not _PHONE.fullmatch(text):
        raise invalid("bad_phone", "A phone number has 6 to 15 digits, perhaps with a + before them.", at="phone")
    return text


def clean_email(text: str) -> str:
    """An e-mail address, up to 254 characters."""
    email = text.strip()
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise invalid("bad_email", "An e-mail address looks like name@example.com.", at="email")
    return email


def clean_name(text: str) -> str:
    """A name: one line, up to 100 characters."""
    return one_line(text, 100, "name")


def one_line(text: str, longest: int, at: str) -> str:
    """A text on one line, without what no database keeps."""
    line = " ".join(text.split())
    if len(line) > longest:
        raise invalid("long_value", "At most %(most)s characters.", at=at, most=longest)
    if _NEVER.search(line):
        raise invalid("bad_characters", "It has characters that no text has.", at=at)
    return line


def quoted(value: object) -> str:
    """What somebody sent, as it may be said back."""
    return str(value)[:60].encode("utf-8", "replace").decode()
