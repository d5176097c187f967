from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from rongshu.domain.members.profiles.cleaning import clean_email, clean_phone
from rongshu.domain.members.profiles.editing import OPERATOR, read_columns, read_fields
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import email_hash, ids_by_external_id, phone_hash
from rongshu.domain.members.profiles.values import keep_values
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.ids import new_id, new_ids
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.secrets import seal
from rongshu.kernel.tenancy.scope import current_tenant


def add_member(
    *,
    external_id: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    name: str | None = None,
    tier: str = "",
    more: Mapping[str, Any] | None = None,
    said_by: str = OPERATOR,
    by: Actor,
    now: datetime,
) -> Member:
    """A new member. `more` may have `birthday`, `region`, `city`, `preference` and `fields` (own fields by code).

    Raises `invalid` for what cannot be taken, `conflict` when external id, phone or e-mail is somebody's already.
    """
    if not (external_id or phone or email):
        raise invalid("nameless_member", "Give at least one of external id, phone and e-mail.", at="external_id")
    phone = None if phone is None else clean_phone(phone)
    email = None if email is None else clean_email(email)
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
    given = {name: value for name, value in (more or {}).items() if value not in (None, {})}
    for part in read_columns(member, given, said_by=said_by, now=now).values():
        for column, value in part.items():
            setattr(member, column, value)
    cells = read_fields(member.id, given.get("fields", {}), said_by=OPERATOR, held={})
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError as error:
        raise conflict("member_exists", "There is already a member with this external id, phone or e-mail.") from error
    keep_values({member.id: {field.id: rows for field, rows in cells}})
    record("member.added", subject=str(member.id), by=by, now=now)
    announce("member.added", subjects=[member.id], now=now)
    return member


def set_external_id(*, member_id: int, external_id: str, by: Actor, now: datetime) -> None:
    """Says by which id the tenant's other systems know a member who has none yet. The same again changes nothing.

    Raises `missing`, `conflict` when the member has another one, or somebody else has this one.
    """
    member = Member.objects.select_for_update().filter(id=member_id).first()
    if member is None:
        raise missing("unknown_member", "There is no such member.")
    if member.external_id == external_id:
        return
    if member.external_id is not None:
        raise conflict("has_external_id", "This member is %(name)s already.", name=member.external_id)
    try:
        with transaction.atomic():
            Member.objects.filter(id=member_id).update(external_id=external_id)
    except IntegrityError as error:
        raise conflict("member_exists", "There is already a member with this external id, phone or e-mail.") from error
    record("member.named", subject=str(member_id), by=by, now=now, external_id=external_id)


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
