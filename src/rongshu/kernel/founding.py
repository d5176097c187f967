"""Founding: how a tenant comes to be."""

from __future__ import annotations

import re
import zoneinfo
from datetime import datetime

from rongshu.engine.money import is_currency
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import invalid
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import Tenant
from rongshu.kernel.tenancy.scope import tenant_scope

LANGUAGES = ("zh-hans", "en")


def found_tenant(
    *, slug: str, name: str, currency: str, time_zone: str, language: str = "zh-hans", by: Actor, now: datetime
) -> Tenant:
    """A new tenant. Raises `invalid` for an unknown currency, time zone or language, or a slug that is no slug."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", slug):
        raise invalid("bad_slug", "%(slug)s: use 1 to 40 small letters, digits and hyphens.", at="slug", slug=slug)
    if not is_currency(currency):
        raise invalid(
            "unknown_currency",
            "%(currency)s is not a currency code of three capital letters (ISO 4217).",
            at="currency",
            currency=currency,
        )
    if time_zone not in zoneinfo.available_timezones():
        raise invalid(
            "unknown_time_zone",
            "%(zone)s is not a known time zone (like Asia/Shanghai).",
            at="time_zone",
            zone=time_zone,
        )
    if language not in LANGUAGES:
        raise invalid(
            "unknown_language",
            "%(language)s is not a language of the interface (zh-hans, en).",
            at="language",
            language=language,
        )
    identifier = new_id()
    with tenant_scope(identifier):
        tenant = Tenant.objects.create(
            id=identifier,
            slug=slug,
            name=name,
            currency=currency,
            time_zone=time_zone,
            language=language,
            created_at=now,
        )
        record("tenant.founded", subject=slug, by=by, now=now, currency=currency, time_zone=time_zone)
    return tenant
