"""Members that are alike, found set-based: likenesses are made of profiles that changed, pairs are a join of keyed hashes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rongshu.domain.members.duplicates.models import MemberPair
from rongshu.domain.members.erasure.actions import NAMED
from rongshu.domain.members.files.cleaning import half_width, name_of, phone_of
from rongshu.domain.members.profiles.birthdays import birthday_of
from rongshu.domain.members.profiles.models import Member
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import Refusal, invalid
from rongshu.kernel.secrets import fingerprint, unseal
from rongshu.kernel.tenancy.scope import current_tenant

PHONE, EMAIL, EXTERNAL_ID, NAME_BIRTHDAY = "phone", "email", "external_id", "name_birthday"
AT_ONCE = 2_000
CROWD = 20
"""So many alike are no duplicates but a placeholder everybody was given."""
_MARK = (
    "md5(concat_ws('|', coalesce(m.external_id, ''), coalesce(encode(m.phone, 'escape'), ''), coalesce(encode(m.email, 'escape'), ''), "
    "coalesce(encode(m.name, 'escape'), ''), coalesce(m.birth_day::text, ''), coalesce(encode(m.birth_year, 'escape'), '')))"
)


def look_for_likeness(*, changed: bool = True, limit: int = AT_ONCE) -> int:
    """Makes the likenesses of members who came after the last that was looked at, or (`changed`) of any whose profile is another than
    then, which goes through all of them; how many, at most `limit`. Three statements.
    """
    which = (
        f"s.mark IS DISTINCT FROM {_MARK}"
        if changed
        else "m.id > coalesce((SELECT max(l.member_id) FROM members_likeness_seen l WHERE l.tenant_id = m.tenant_id), 0)"
    )
    with bulk.cursor() as cursor:
        cursor.execute(
            f"SELECT m.id, {_MARK} FROM members_member m LEFT JOIN members_likeness_seen s "
            "ON s.tenant_id = m.tenant_id AND s.member_id = m.id "
            f"WHERE m.tenant_id = %s AND {which} ORDER BY m.id LIMIT %s",
            [current_tenant(), limit],
        )
        marks = dict(cursor.fetchall())
        if not marks:
            return 0
        found = [
            (one.id, kind, key) for one in Member.objects.filter(id__in=list(marks)) for kind, key in likenesses(one)
        ]
        ids = bulk.int8s(list(marks))
        cursor.execute(
            "DELETE FROM members_likeness WHERE tenant_id = %s AND member_id = ANY (%s::bigint[])",
            [current_tenant(), ids],
        )
        bulk.insert(
            cursor, "members_likeness",
            {"member_id": bulk.int8s([one[0] for one in found]), "kind": bulk.texts([one[1] for one in found]),
             "key": bulk.byteas([one[2] for one in found])},
            constants={"tenant_id": current_tenant()}, suffix="ON CONFLICT DO NOTHING",
        )  # fmt: skip
        bulk.insert(
            cursor, "members_likeness_seen", {"member_id": ids, "mark": bulk.texts(list(marks.values()))},
            constants={"tenant_id": current_tenant()},
            suffix="ON CONFLICT (tenant_id, member_id) DO UPDATE SET mark = excluded.mark",
        )  # fmt: skip
    return len(marks)


def likenesses(one: Member) -> list[tuple[str, bytes]]:
    """What a member may be known again by: phone and e-mail without what changes nothing, the id's letters and digits, name and day
    of birth with the year.
    """
    found = {}
    if one.phone:
        found[PHONE] = _phone(unseal(one.phone))
    if one.email:
        name, _at, host = half_width(unseal(one.email)).casefold().partition("@")
        name = name.partition("+")[0]
        found[EMAIL] = f"{name.replace('.', '') if host in ('gmail.com', 'googlemail.com') else name}@{host}"
    if one.external_id and not one.external_id.startswith(NAMED):
        found[EXTERNAL_ID] = re.sub(r"[\W_]+", "", half_width(one.external_id).casefold()).lstrip("0")
    born = birthday_of(one)
    if one.name and born is not None and born.year is not None:
        found[NAME_BIRTHDAY] = f"{name_of(unseal(one.name)).casefold()} {born.text}"
    return [(kind, fingerprint(f"like:{kind}", text)) for kind, text in found.items() if text]


def _phone(text: str) -> str:
    try:
        return phone_of(text)
    except Refusal:
        return text


@dataclass(frozen=True, slots=True)
class Pair:
    """Two members, the elder first, and what they are alike in."""

    low: int
    high: int
    kinds: tuple[str, ...]


def pairs(*, after: tuple[int, int] = (0, 0), limit: int = 50) -> list[Pair]:
    """Suspected pairs in the order of their ids, those told apart and those merged left out."""
    tenant = current_tenant()
    with bulk.cursor() as cursor:
        cursor.execute(
            "WITH alike AS (SELECT kind, key FROM members_likeness WHERE tenant_id = %s GROUP BY kind, key "
            " HAVING count(*) BETWEEN 2 AND %s) "
            "SELECT a.member_id, b.member_id, array_agg(a.kind ORDER BY a.kind) FROM alike g "
            "JOIN members_likeness a ON a.tenant_id = %s AND a.kind = g.kind AND a.key = g.key "
            "JOIN members_likeness b ON b.tenant_id = %s AND b.kind = g.kind AND b.key = g.key AND b.member_id > a.member_id "
            "JOIN members_member x ON x.tenant_id = %s AND x.id = a.member_id AND x.heir_id IS NULL "
            "JOIN members_member y ON y.tenant_id = %s AND y.id = b.member_id AND y.heir_id IS NULL "
            "WHERE (a.member_id, b.member_id) > (%s, %s) AND NOT EXISTS (SELECT 1 FROM members_pair p "
            " WHERE p.tenant_id = %s AND p.low = a.member_id AND p.high = b.member_id) "
            "GROUP BY a.member_id, b.member_id ORDER BY a.member_id, b.member_id LIMIT %s",
            [tenant, CROWD, tenant, tenant, tenant, tenant, *after, tenant, limit],
        )
        return [Pair(low, high, tuple(kinds)) for low, high, kinds in cursor.fetchall()]


def tell_apart(*, members: Sequence[int], by: Actor, now: datetime) -> bool:
    """Two members are two people: they are not suspected again. False when that was said before. Raises `invalid`."""
    low, high = min(members), max(members)
    if low == high or Member.objects.filter(id__in=[low, high]).count() < 2:
        raise invalid("no_pair", "Name two different members.", at="members")
    _row, made = MemberPair.objects.get_or_create(
        tenant_id=current_tenant(), low=low, high=high, defaults={"at": now, "actor": str(by)}
    )
    if made:
        record("members.told_apart", subject=str(low), by=by, now=now, other=str(high))
    return bool(made)
