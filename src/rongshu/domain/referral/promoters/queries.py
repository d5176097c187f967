from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rongshu.domain.members.profiles.queries import ids_by_external_id
from rongshu.domain.referral.promoters.models import InviterChange, Promoter
from rongshu.engine.rating.frames import RankHistory
from rongshu.kernel import bulk, ids
from rongshu.kernel.clock import from_micros
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]
BEGINNING, FOREVER = int(np.iinfo(np.int64).min), int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Upline:
    """Promoters with everybody above them that was asked for; sorted by id. Instants in microseconds since 1970."""

    ids: I64
    inviter: I64
    """Row of the inviter in these arrays, -1 for none (or for one beyond the depth asked for)."""
    rank: I64
    ranks: tuple[str, ...]
    joined_at: I64
    active_from: I64
    active_to: I64
    history: RankHistory | None = None
    """Changes of rank since the instant asked for; None when nobody here had any."""

    def rows_of(self, identifiers: I64) -> I64:
        """The rows of some promoters, -1 for those not here."""
        if not len(self.ids):
            return np.full(len(identifiers), -1, dtype=np.int64)
        rows = np.minimum(np.searchsorted(self.ids, identifiers), len(self.ids) - 1)
        return np.where(self.ids[rows] == identifiers, rows, -1)


_MICROS = "(extract(epoch FROM {}) * 1000000)::bigint"
_FIELDS = ", ".join(
    [
        "{0}.id",
        "coalesce({0}.inviter_id, 0)",
        _MICROS.format("{0}.joined_at"),
        _MICROS.format("{0}.active_from"),
        f"coalesce({_MICROS.format('{0}.active_to')}, {FOREVER})",
        "{0}.rank",
        f"coalesce({_MICROS.format('{0}.rank_since')}, 0)",
    ]
)
_WIDTH = 7
_TWO_LEVELS = (
    f"SELECT {_FIELDS.format('p')}, {_FIELDS.format('i')} FROM referral_promoter p LEFT JOIN LATERAL "
    "(SELECT * FROM referral_promoter WHERE tenant_id = p.tenant_id AND id = p.inviter_id LIMIT 1) AS i ON true "
    "WHERE p.tenant_id = %s AND p.id = ANY (%s::bigint[])"
)
_TO_THE_ROOTS = (
    "WITH RECURSIVE up (id) AS (SELECT unnest(%s::bigint[]) UNION SELECT p.inviter_id FROM up "
    "JOIN referral_promoter p ON p.tenant_id = %s AND p.id = up.id WHERE p.inviter_id IS NOT NULL) "
    f"SELECT {_FIELDS.format('p')} FROM up JOIN referral_promoter p ON p.tenant_id = %s AND p.id = up.id"
)


def upline_of(starts: I64, levels: int | None, *, ranks_from: int = FOREVER) -> Upline:
    """`starts` (promoters; others are left out) and who stands above them, `levels` in all, or up to the roots for None.

    One query for two levels of the whole batch, so one level more than asked for may be among the rows, or one for
    everything up to the roots. Changes of rank later than `ranks_from` come along; they are asked for only when the rows
    say that there are any.
    """
    known: dict[int, tuple[int, int, int, int, int, str, int]] = {}
    wanted = np.unique(starts)
    depth = 0
    with bulk.cursor() as cursor:
        if levels is None and len(wanted):
            tenant = current_tenant()
            cursor.execute(_TO_THE_ROOTS, [bulk.int8s(wanted), tenant, tenant])
            known = {row[0]: row for row in cursor.fetchall()}
        while levels is not None and depth < levels and len(wanted):
            cursor.execute(_TWO_LEVELS, [current_tenant(), bulk.int8s(wanted)])
            above: set[int] = set()
            for row in cursor.fetchall():
                known[row[0]] = row[:_WIDTH]
                if row[_WIDTH] is not None:
                    known[row[_WIDTH]] = row[_WIDTH:]
                    above.add(row[_WIDTH + 1])
            wanted = np.array(sorted(above - known.keys() - {0}), dtype=np.int64)
            depth += 2
    rows = list(known.values())
    rows.sort()
    table = np.array([row[:5] for row in rows], dtype=np.int64).reshape(-1, 5)
    words: dict[str, int] = {}
    rank = np.array([words.setdefault(row[5], len(words)) if row[5] else -1 for row in rows], dtype=np.int64)
    identifiers = np.ascontiguousarray(table[:, 0])
    partial = Upline(identifiers, identifiers, rank, tuple(words), table[:, 2], table[:, 3], table[:, 4])
    inviter = np.where(table[:, 1] == 0, -1, partial.rows_of(table[:, 1]))
    changed = [row[0] for row in rows if row[6] > ranks_from]
    history = rank_history(identifiers, words, changed=changed, since=ranks_from) if changed else None
    return Upline(identifiers, inviter, rank, tuple(words), table[:, 2], table[:, 3], table[:, 4], history)


def rank_history(
    promoters: I64, words: dict[str, int], *, since: int, changed: Sequence[int] | None = None
) -> RankHistory | None:
    """The changes of rank after an instant, of those of `promoters` (sorted ids) named in `changed`, or of all of them.

    Ranks met for the first time are added to `words`, the codes by rank. None when there was no change.
    """
    of = "" if changed is None else "AND promoter_id = ANY (%s::bigint[]) "
    with bulk.cursor() as cursor:
        cursor.execute(
            f"SELECT promoter_id, {_MICROS.format('at')}, new_rank, old_rank FROM referral_rank_change "
            f"WHERE tenant_id = %s {of}AND at > %s "
            "ORDER BY promoter_id, at, id",
            [current_tenant(), *(() if changed is None else (bulk.int8s(list(changed)),)), from_micros(max(since, 0))],
        )
        rows = cursor.fetchall()
    if not rows:
        return None
    codes = [[words.setdefault(word, len(words)) if word else -1 for word in (new, old)] for _, _, new, old in rows]
    table = np.array([[who, at, *pair] for (who, at, _, _), pair in zip(rows, codes, strict=True)], dtype=np.int64)
    here = table[np.isin(table[:, 0], promoters)]
    return RankHistory(np.searchsorted(promoters, here[:, 0]), here[:, 1], here[:, 2], here[:, 3])


def promoter(identifier: int) -> Promoter:
    """A promoter by id. Raises `missing`."""
    found = Promoter.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_promoter", "This member is not a promoter.")
    return found  # type: ignore[no-any-return]


def which_promote(identifiers: Sequence[int]) -> set[int]:
    """Which of these members are promoters."""
    if not identifiers:
        return set()
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM referral_promoter WHERE tenant_id = %s AND id = ANY (%s::bigint[])",
            [current_tenant(), bulk.int8s(list(identifiers))],
        )
        return {row[0] for row in cursor.fetchall()}


class Person(NamedTuple):
    """A member as intake needs to know them."""

    id: int
    tier: str
    promotes: bool
    credits: int = 0
    """The promoter whom orders are credited to that name this member: their heir where they were merged; 0 for none."""


def people_by_external_id(external_ids: Sequence[str]) -> dict[str, Person]:
    """Members by external id, or by our own (`mem_…`), with their tier and whether they promote; the unknown are left out."""
    if not external_ids:
        return {}
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT n.external_id, m.id, m.tier, p.id IS NOT NULL, coalesce(p.heir_id, p.id, 0) FROM members_member n "
            "JOIN members_member m ON m.tenant_id = n.tenant_id AND m.id = coalesce(n.heir_id, n.id) "
            "LEFT JOIN LATERAL (SELECT id, heir_id FROM referral_promoter WHERE tenant_id = m.tenant_id AND id = m.id LIMIT 1) AS p ON true "
            "WHERE n.tenant_id = %s AND n.external_id = ANY (%s::text[])",
            [current_tenant(), bulk.texts(list(set(external_ids)))],
        )
        found = {name: Person(*rest) for name, *rest in cursor.fetchall()}
        own = {name: one for name in external_ids if name not in found and (one := ids.inside("mem", name)) is not None}
        if own:
            cursor.execute(
                "SELECT n.id, m.id, m.tier, p.id IS NOT NULL, coalesce(p.heir_id, p.id, 0) FROM members_member n "
                "JOIN members_member m ON m.tenant_id = n.tenant_id AND m.id = coalesce(n.heir_id, n.id) "
                "LEFT JOIN referral_promoter p ON p.tenant_id = m.tenant_id AND p.id = m.id WHERE n.tenant_id = %s AND n.id = ANY (%s::bigint[])",
                [current_tenant(), bulk.int8s(list(own.values()))],
            )
            known = {row[0]: Person(*row[1:]) for row in cursor.fetchall()}
            found.update({name: known[one] for name, one in own.items() if one in known})
    return found


def promoters_by_external_id(external_ids: Sequence[str]) -> dict[str, int]:
    """Promoter ids by their member's external id; whoever is unknown or no promoter is left out."""
    members = ids_by_external_id(external_ids)
    promote = which_promote(list(members.values()))
    return {name: identifier for name, identifier in members.items() if identifier in promote}


def inviter_history(promoter_id: int) -> list[InviterChange]:
    """Every change of a promoter's inviter, latest first."""
    return list(InviterChange.objects.filter(promoter_id=promoter_id).order_by("-id")[:100])


def moves_after(instant: int) -> list[tuple[int, int, int]]:
    """Changes of inviters after an instant, joinings left out: (promoter, instant, the inviter until then or 0), in time.

    Instants in microseconds since 1970.
    """
    with bulk.cursor() as cursor:
        cursor.execute(
            f"SELECT c.promoter_id, {_MICROS.format('c.at')}, coalesce(c.old_inviter_id, 0) FROM referral_inviterchange c "
            "WHERE c.tenant_id = %s AND c.at > %s AND EXISTS (SELECT 1 FROM referral_inviterchange b "
            "WHERE b.tenant_id = c.tenant_id AND b.promoter_id = c.promoter_id AND b.id < c.id) ORDER BY c.at, c.id",
            [current_tenant(), from_micros(instant)],
        )
        return cursor.fetchall()
