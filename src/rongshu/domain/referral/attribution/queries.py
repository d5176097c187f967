from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Coalesce

from rongshu.domain.referral.attribution.models import AttributionPolicy, Evidence, StoreHolder
from rongshu.domain.referral.links.models import Link
from rongshu.engine.attribution import KINDS, METHODS, Fate, Policy, policy_of
from rongshu.kernel.short import as_typed
from rongshu.kernel.tenancy.scope import current_tenant

LAST = 2**63 - 1


def policy_in_force(at: datetime) -> AttributionPolicy | None:
    """The published policy that holds at an instant: of those that have begun, the one that began last."""
    begun = AttributionPolicy.objects.filter(Q(effective_from=None) | Q(effective_from__lte=at))
    return begun.order_by(Coalesce("effective_from", "at").desc(), "-id").first()


def policy(at: datetime) -> tuple[int | None, Policy]:
    """The policy that holds at an instant and its id; None and the defaults where none was published."""
    found = policy_in_force(at)
    return (None, Policy()) if found is None else (found.id, policy_of(found.document))


def policy_history(*, limit: int = 50) -> list[AttributionPolicy]:
    """Every published policy, latest first."""
    return list(AttributionPolicy.objects.order_by("-id")[:limit])


def policy_by_id(identifier: int | None) -> Policy:
    """A published policy; the defaults for None."""
    found = None if identifier is None else AttributionPolicy.objects.filter(id=identifier).first()
    return Policy() if found is None else policy_of(found.document)


def holders(*, after: str = "", limit: int = 50) -> list[StoreHolder]:
    """Stores with their holders, by name; `after` is the store of the page before's last."""
    return list(StoreHolder.objects.filter(store__gt=after).order_by("store")[:limit])


def policies_by_id(identifiers: Collection[int | None]) -> dict[int | None, Policy]:
    """Published policies by their ids, the defaults for None."""
    found = AttributionPolicy.objects.filter(id__in=[one for one in identifiers if one is not None])
    return {None: Policy(), **{one.id: policy_of(one.document) for one in found}}


def store_holders(stores: Sequence[str] | None = None) -> dict[str, int]:
    """To whom stores' orders go; all stores, or those named."""
    rows = StoreHolder.objects.all() if stores is None else StoreHolder.objects.filter(store__in=list(stores))
    return dict(rows.values_list("store", "promoter_id"))


def orders_by_link(links: Sequence[Link]) -> dict[int, int]:
    """How many orders some links won: by a touch that came through them, or as the code given at checkout."""
    won = {
        name: f"(fates >> {3 * (len(METHODS) - 1 - place)} & 7) = {int(Fate.WON)}" for place, name in enumerate(METHODS)
    }
    by_slug = {one.slug: one.id for one in links}
    found = dict.fromkeys(by_slug.values(), 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT touch_link_id, count(*) FROM referral_evidence WHERE tenant_id = %s AND touch_link_id = ANY (%s) "
            f"AND {won['touch']} GROUP BY 1",
            [current_tenant(), list(found)],
        )
        found.update(dict(cursor.fetchall()))
        cursor.execute(
            "SELECT code, count(*) FROM referral_evidence WHERE tenant_id = %s AND code_promoter_id = ANY (%s) "
            f"AND {won['code']} GROUP BY 1",
            [current_tenant(), sorted({one.promoter_id for one in links})],
        )
        for code, number in cursor.fetchall():
            if (identifier := by_slug.get(as_typed(code))) is not None:
                found[identifier] += number
    return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whom one method named for an order, and what became of it."""

    method: str
    promoter_id: int | None
    fate: Fate
    code: str = ""
    since: datetime | None = None
    """From when the bond was, or when the touch was."""
    until: datetime | None = None
    kind: str = ""
    """The kind of touch."""
    link_id: int | None = None
    touch_id: int | None = None


@dataclass(frozen=True, slots=True)
class Considered:
    """The evidence of one order, in the sequence in which the policy asked."""

    policy_id: int | None
    candidates: tuple[Candidate, ...]


def evidence_of(order_id: int) -> Considered | None:
    """What was considered for an order; None where there was nothing to consider."""
    row = Evidence.objects.filter(order_id=order_id).first()
    return None if row is None else _considered(row, policy_by_id(row.policy_id))


def missed_by(promoter_id: int, *, after: int | None = None, limit: int = 50) -> list[tuple[int, Considered]]:
    """Orders for which a promoter was named by code, bond or touch and that were not credited to them, latest id first.

    `after` is the order of the page before's last. What was considered stands beside each order.
    """
    won = " ".join(
        f"WHEN (fates >> {3 * (len(METHODS) - 1 - place)} & 7) = {int(Fate.WON)} THEN {name}_promoter_id"
        for place, name in enumerate(METHODS)
    )
    mine = " UNION ".join(
        f"(SELECT order_id FROM referral_evidence WHERE tenant_id = %(tenant)s AND {name}_promoter_id = %(me)s "
        f"AND order_id < %(after)s AND (CASE {won} END) IS DISTINCT FROM %(me)s ORDER BY order_id DESC LIMIT %(limit)s)"
        for name in ("code", "bond", "touch")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT order_id FROM ({mine}) AS mine ORDER BY order_id DESC LIMIT %(limit)s",
            {"tenant": current_tenant(), "me": promoter_id, "after": LAST if after is None else after, "limit": limit},
        )
        orders = [row[0] for row in cursor.fetchall()]
    rows = {row.order_id: row for row in Evidence.objects.filter(order_id__in=orders)}
    rules = policies_by_id({row.policy_id for row in rows.values()})
    return [(order, _considered(rows[order], rules[rows[order].policy_id])) for order in orders]


def _considered(row: Evidence, rules: Policy) -> Considered:
    fates = {method: Fate(row.fates >> 3 * (len(METHODS) - 1 - place) & 7) for place, method in enumerate(METHODS)}
    candidates = {
        "code": Candidate("code", row.code_promoter_id, fates["code"], code=row.code),
        "bond": Candidate("bond", row.bond_promoter_id, fates["bond"], since=row.bond_since, until=row.bond_until),
        "touch": Candidate(
            "touch", row.touch_promoter_id, fates["touch"], since=row.touch_at, link_id=row.touch_link_id,
            touch_id=row.touch_id, kind="" if row.touch_kind is None else KINDS[row.touch_kind],
        ),
        "store": Candidate("store", row.store_promoter_id, fates["store"]),
    }  # fmt: skip
    return Considered(row.policy_id, tuple(candidates[method] for method in rules.methods))
