from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rongshu.domain.members.profiles.models import Member
from rongshu.kernel import bulk, ids
from rongshu.kernel.errors import missing
from rongshu.kernel.secrets import fingerprint, masked, unseal
from rongshu.kernel.tenancy.scope import current_tenant


def phone_hash(phone: str) -> bytes:
    """By what a phone number is found."""
    return fingerprint("phone", phone.removeprefix("+86"))


def email_hash(email: str) -> bytes:
    """By what an e-mail address is found."""
    return fingerprint("email", email.strip().casefold())


def ids_by_external_id(external_ids: Sequence[str]) -> dict[str, int]:
    """Member ids by external id; the unknown are left out."""
    if not external_ids:
        return {}
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT external_id, id FROM members_member WHERE tenant_id = %s AND external_id = ANY (%s::text[])",
            [current_tenant(), bulk.texts(list(set(external_ids)))],
        )
        return dict(cursor.fetchall())


def find_member(text: str) -> Member:
    """A member by our id (`mem_…`), external id, phone or e-mail. Raises `missing`."""
    inside = ids.inside("mem", text)
    found = Member.objects.filter(id=inside).first() if inside is not None else None
    found = found or Member.objects.filter(external_id=text).first()
    found = found or Member.objects.filter(phone_hash=phone_hash(text)).first()
    found = found or Member.objects.filter(email_hash=email_hash(text)).first()
    if found is None:
        raise missing("unknown_member", "There is no member %(name)s.", name=text)
    return found  # type: ignore[no-any-return]


def shown_names(member_ids: Sequence[int]) -> dict[int, str]:
    """How members are called on a page: external id, else masked phone or e-mail, else our id."""
    names = {}
    for member in Member.objects.filter(id__in=list(member_ids)):
        if member.external_id:
            names[member.id] = member.external_id
        elif member.phone:
            names[member.id] = masked(unseal(member.phone))
        elif member.email:
            names[member.id] = masked(unseal(member.email))
        else:
            names[member.id] = ids.outside("mem", member.id)
    return names


@dataclass(frozen=True, slots=True)
class Known:
    """A member as an operator sees them: `name` is the name, else the external id, else what `shown_names` gives; `phone` is masked."""

    id: int
    name: str
    phone: str


def known_as(member_ids: Sequence[int]) -> dict[int, Known]:
    """Members with name and masked phone; the unknown are left out."""
    found = {}
    for member in Member.objects.filter(id__in=list(member_ids)):
        phone = masked(unseal(member.phone)) if member.phone else ""
        name = unseal(member.name) if member.name else member.external_id or ""
        if not name:
            name = phone or (masked(unseal(member.email)) if member.email else ids.outside("mem", member.id))
            phone = "" if name == phone else phone
        found[member.id] = Known(member.id, name, phone)
    return found
