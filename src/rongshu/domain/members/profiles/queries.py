from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.tags.models import Tagging
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


def masked_email(member_id: int) -> str:
    """A member's e-mail address as it may be shown; empty where there is none."""
    sealed = Member.objects.filter(id=member_id).values_list("email", flat=True).first()
    return masked(unseal(sealed)) if sealed else ""


def ids_by_external_id(external_ids: Sequence[str]) -> dict[str, int]:
    """Member ids by external id, or by our own id (`mem_…`) where nobody has it as theirs; the unknown are left out.

    Who was merged into another is the other.
    """
    if not external_ids:
        return {}
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT external_id, coalesce(heir_id, id) FROM members_member WHERE tenant_id = %s AND external_id = ANY (%s::text[])",
            [current_tenant(), bulk.texts(list(set(external_ids)))],
        )
        found = dict(cursor.fetchall())
    own = {name: one for name in external_ids if name not in found and (one := ids.inside("mem", name)) is not None}
    if own:
        known = dict(Member.objects.filter(id__in=list(own.values())).values_list("id", "heir_id"))
        found.update({name: known[one] or one for name, one in own.items() if one in known})
    return found


def find_member(text: str) -> Member:
    """A member by our id (`mem_…`), external id, phone or e-mail; of one merged into another, the other. Raises `missing`."""
    inside = ids.inside("mem", text)
    found = Member.objects.filter(id=inside).first() if inside is not None else None
    found = found or Member.objects.filter(external_id=text).first()
    found = found or Member.objects.filter(phone_hash=phone_hash(text)).first()
    found = found or Member.objects.filter(email_hash=email_hash(text)).first()
    if found is None:
        raise missing("unknown_member", "There is no member %(name)s.", name=text)
    return present(found)


def present(member: Member) -> Member:
    """Who a member is now: themselves, or whom they were merged into."""
    return member if member.heir_id is None else Member.objects.get(id=member.heir_id)


def latest_members(
    *,
    tier: str = "",
    region: str = "",
    preference: str = "",
    tag: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> list[Member]:
    """Members, the latest to come first, of a tier, a region, a preference, with a tag where one is named; `after` is the id of the
    page before's last.
    """
    wanted = {name: value for name, value in (("tier", tier), ("region", region), ("preference", preference)) if value}
    rows = Member.objects.filter(heir_id=None, **wanted)
    if tag is not None:
        rows = rows.filter(id__in=Tagging.objects.filter(tag_id=tag).values("member_id"))
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def regions_lived_in(*, limit: int = 200) -> list[str]:
    """The regions members live in, by their code or as written: one look in the index for each."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE found AS ("
            " (SELECT region FROM members_member WHERE tenant_id = %s AND region <> '' ORDER BY region LIMIT 1)"
            " UNION ALL SELECT (SELECT m.region FROM members_member m WHERE m.tenant_id = %s AND m.region <> '' "
            "  AND m.region > f.region ORDER BY m.region LIMIT 1) FROM found f WHERE f.region IS NOT NULL) "
            "SELECT region FROM found WHERE region IS NOT NULL LIMIT %s",
            [current_tenant(), current_tenant(), limit],
        )
        return [row[0] for row in cursor.fetchall()]


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
