"""A document as one statement: fixed texts for every fact, what was written in it only ever as parameters."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from rongshu.domain.members.profiles.regions import region_of
from rongshu.engine.segments.facts import DECIMALS, Kind
from rongshu.engine.segments.life import LIVES
from rongshu.engine.segments.model import AllOf, Condition, Node, Not
from rongshu.kernel.ids import inside
from rongshu.kernel.tenancy.scope import current_tenant

_COLUMNS = {
    "orders": "coalesce(p.orders, 0)",
    "paid": "coalesce(p.paid - p.refunded, 0)",
    "recency": "coalesce(p.recency, 0)",
    "frequency": "coalesce(p.frequency, 0)",
    "monetary": "coalesce(p.monetary, 0)",
}
_INSTANTS = {"joined_days": "m.created_at", "last_bought_days": "p.last_at", "first_bought_days": "p.first_at"}
_SUMS = {
    "points": "SELECT member_id FROM members_points_lot WHERE tenant_id = %(tenant)s AND is_open AND left > 0 "
    "AND (expires_at IS NULL OR expires_at > %(now)s) GROUP BY member_id HAVING (sum(left))",
    "points_expiring": "SELECT member_id FROM members_points_lot WHERE tenant_id = %(tenant)s AND is_open AND left > 0 "
    "AND expires_at > %(now)s AND expires_at <= {window} GROUP BY member_id HAVING (sum(left))",
    "invited": "SELECT inviter_id FROM referral_promoter WHERE tenant_id = %(tenant)s AND inviter_id IS NOT NULL "
    "GROUP BY inviter_id HAVING (count(*))",
    "growth": "SELECT member_id FROM members_growth_month WHERE tenant_id = %(tenant)s GROUP BY member_id HAVING (sum(amount))",
}
"""Who has any of it, and its sum to be compared; whoever is missing has 0."""
_SUMS = {fact: text.replace("left >", '"left" >').replace("(left)", '("left")') for fact, text in _SUMS.items()}
_BOUGHT = (
    "m.id IN (SELECT o.buyer_id FROM commerce_order o JOIN commerce_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id "
    "WHERE o.tenant_id = %(tenant)s AND o.paid_at > {window} AND o.buyer_id IS NOT NULL AND (l.refunded < l.paid OR l.paid = 0) AND "
)
_BOUGHT_WHAT = {
    "bought_sku": "l.sku = ANY ({values}))",
    "bought_category": "EXISTS (SELECT 1 FROM unnest({values}) AS c WHERE l.category = c OR starts_with(l.category, c || '/')))",
}
_OWN = "m.id IN (SELECT member_id FROM members_profile_value WHERE tenant_id = %(tenant)s AND field_id = {field} AND {held})"
_AMONG = {
    "tier": "m.tier = ANY ({values})",
    "region": "m.region = ANY ({values})",
    "preference": "m.preference = ANY ({values})",
    "consent": "m.id IN (SELECT member_id FROM members_consent_now WHERE tenant_id = %(tenant)s AND given AND purpose = ANY ({values}))",
}
_PROMOTES = "coalesce(r.active_from <= %(now)s AND (r.active_to IS NULL OR r.active_to > %(now)s), FALSE)"


class Statement:
    """The members a document means: `source` after SELECT … with its `parameters`; `m` is the member.

    Every condition is TRUE or FALSE, never unknown: whoever never bought has no day of the last order, which is in no bounds.
    """

    def __init__(self, node: Node, *, now: datetime) -> None:
        self.now = now
        self.parameters: dict[str, Any] = {"tenant": current_tenant(), "now": now}
        where = self._where(node)
        self.source = (
            "FROM members_member m "
            + "LEFT JOIN commerce_purchases p ON p.tenant_id = m.tenant_id AND p.member_id = m.id " * ("p." in where)
            + "LEFT JOIN referral_promoter r ON r.tenant_id = m.tenant_id AND r.id = m.id " * ("r." in where)
            + f"WHERE m.tenant_id = %(tenant)s AND m.heir_id IS NULL AND {where}"
        )

    def _value(self, value: Any, of: str) -> str:
        name = f"v{len(self.parameters)}"
        self.parameters[name] = value
        return f"%({name})s::{of}"

    def _where(self, node: Node) -> str:
        if isinstance(node, Not):
            return f"NOT ({self._where(node.part)})"
        if isinstance(node, Condition):
            return f"({self._condition(node)})"
        return (
            "(" + (" AND " if isinstance(node, AllOf) else " OR ").join(self._where(part) for part in node.parts) + ")"
        )

    def _condition(self, one: Condition) -> str:
        fact = one.fact
        if fact in _COLUMNS:
            return self._within(_COLUMNS[fact], one)
        if fact == "average":
            net = "(p.paid - p.refunded)"  # compared without dividing, so that nothing is rounded
            bounds = [f"{net} {sign} {self._value(bound, 'numeric')} * p.orders" for sign, bound in _bounds(one)]
            return (
                f"CASE WHEN p.orders > 0 THEN {' AND '.join(bounds)} ELSE {'TRUE' if not one.at_least else 'FALSE'} END"
            )
        if fact in _INSTANTS:
            return self._days(_INSTANTS[fact], one)
        if fact in _SUMS:
            return self._sum(one)
        if fact in _BOUGHT_WHAT:
            since = self.now - timedelta(days=one.within_days or 0)
            return _BOUGHT.format(window=self._value(since, "timestamptz")) + _BOUGHT_WHAT[fact].format(
                values=self._value(list(one.values), "text[]")
            )
        if fact == "life":
            return f"coalesce(p.life = ANY ({self._value([LIVES.index(life) for life in one.values], 'smallint[]')}), FALSE)"
        if fact in _AMONG:
            values = [region_of(value) for value in one.values] if fact == "region" else list(one.values)
            return _AMONG[fact].format(values=self._value(values, "text[]"))
        if fact == "birthday_month":
            return f"coalesce(m.birth_day / 100 = ANY ({self._value([int(month) for month in one.values], 'int[]')}), FALSE)"
        if fact == "tag":
            worn = [identifier for name in one.values if (identifier := inside("tag", name)) is not None]
            return (
                "m.id IN (SELECT member_id FROM members_tagging WHERE tenant_id = %(tenant)s "
                f"AND tag_id = ANY ({self._value(worn, 'bigint[]')}))"
            )
        if one.about.own:
            return _OWN.format(field=self._value(one.about.ref, "bigint"), held=self._held(one))
        if fact == "rank":
            return f"{_PROMOTES} AND r.rank = ANY ({self._value(list(one.values), 'text[]')})"
        if fact == "promotes":
            return _PROMOTES if one.wanted else f"NOT {_PROMOTES}"
        raise KeyError(fact)  # read_conditions knows no other

    def _held(self, one: Condition) -> str:
        """What the row of an own field has to hold."""
        kind = one.about.kind
        if kind is Kind.CHOICE:
            return f"word = ANY ({self._value(list(one.values), 'text[]')})"
        if kind is Kind.YES_NO:
            return "flag" if one.wanted else "NOT flag"
        bounds: list[tuple[str, Any]] = [
            (sign, date.fromordinal(bound) if kind is Kind.DAY else Decimal(bound).scaleb(-DECIMALS)) for sign, bound in _bounds(one)
        ]  # fmt: skip
        column, of = ("day", "date") if kind is Kind.DAY else ("number", "numeric")
        return " AND ".join(f"{column} {sign} {self._value(bound, of)}" for sign, bound in bounds)

    def _within(self, column: str, one: Condition) -> str:
        return " AND ".join(f"{column} {sign} {self._value(bound, 'bigint')}" for sign, bound in _bounds(one))

    def _days(self, column: str, one: Condition) -> str:
        """Whole days gone by, rounded down; as instants, so that an index can be used."""
        texts = []
        if one.at_least is not None:
            texts.append(f"{column} <= {self._value(self.now - timedelta(days=one.at_least), 'timestamptz')}")
        if one.at_most is not None:
            texts.append(f"{column} > {self._value(self.now - timedelta(days=one.at_most + 1), 'timestamptz')}")
        return f"coalesce({' AND '.join(texts)}, FALSE)"

    def _sum(self, one: Condition) -> str:
        text = _SUMS[one.fact]
        if one.within_days is not None:
            text = text.replace("{window}", self._value(self.now + timedelta(days=one.within_days), "timestamptz"))
        least, most = one.at_least or 0, one.at_most
        inside = (
            f"BETWEEN {self._value(least, 'numeric')} AND {self._value(10**18 if most is None else most, 'numeric')}"
        )
        if least > 0:
            return f"m.id IN ({text} {inside})"
        return f"m.id NOT IN ({text} NOT {inside})"


def _bounds(one: Condition) -> list[tuple[str, int]]:
    return [(sign, bound) for sign, bound in ((">=", one.at_least), ("<=", one.at_most)) if bound is not None]
