from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import email_hash, ids_by_external_id, phone_hash
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import new_id, new_ids
from rongshu.kernel.secrets import seal
from rongshu.kernel.tenancy.scope import current_tenant

_PHONE = re.compile(r"\+?[0-9]{6,15}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def add_member(
    *,
    external_id: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    name: str | None = None,
    tier: str = "",
    by: Actor,
    now: datetime,
) -> Member:
    """A new member. Raises `invalid` for a phone or e-mail that is none, `conflict` when one of them is somebody's already."""
    if not (external_id or phone or email):
        raise invalid("nameless_member", "Give at least one of external id, phone and e-mail.", at="external_id")
    if phone is not None and not _PHONE.fullmatch(phone):
        raise invalid("bad_phone", "A phone number has 6 to 15 digits, perhaps with a + before them.", at="phone")
    if email is not None and not _EMAIL.fullmatch(email):
        raise invalid("bad_email", "An e-mail address looks like name@example.com.", at="email")
    member = Member(
        tenant_id=current_tenant(),
        id=new_id(),
        external_id=external_id or None,
        phone=seal(phone) if phone else None,
        phone_hash=phone_hash(phone) if phone else None,
        email=seal(email) if email else None,
        email_hash=email_hash(email) if email else None,
        name=seal(name) if name else None,
        tier=tier,
        created_at=now,
    )
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError as error:
        raise conflict("member_exists", "There is already a member with this external id, phone or e-mail.") from error
    record("member.added", subject=str(member.id), by=by, now=now)
    return member


def ensure_members(*, external_ids: Sequence[str], now: datetime) -> dict[str, int]:
    """The ids of members by external id; whoever is not known yet becomes a member of that external id alone.

    No audit of its own: it is part of the caller's write.
    """
    known = ids_by_external_id(external_ids)
    unknown = sorted({external_id for external_id in external_ids if external_id not in known})
    if unknown:
        with bulk.cursor() as cursor:
            bulk.insert(
                cursor,
                "members_member",
                {"id": bulk.int8s(new_ids(len(unknown))), "external_id": bulk.texts(unknown)},
                constants={"tenant_id": current_tenant(), "tier": "", "created_at": now},
                suffix="ON CONFLICT (tenant_id, external_id) DO NOTHING RETURNING external_id, id",
            )
            known.update(cursor.fetchall())
        if still := [external_id for external_id in unknown if external_id not in known]:
            known.update(ids_by_external_id(still))
    return known
