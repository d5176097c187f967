"""Addresses of kept pictures."""

from __future__ import annotations

from django.urls import reverse


def picture_address(slug: str, content_hash: str, *, small: bool = False) -> str:
    """Where a tenant's picture is, whole or small as for lists; "" for none."""
    if not content_hash:
        return ""
    return reverse("picture", args=(slug, content_hash)) + ("?size=small" if small else "")
