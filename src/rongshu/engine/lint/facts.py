"""What a plan does not say and the law asks: how people join, what is declared about tax, notices and documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

PayerRole = Literal["merchant", "platform"]
TaxMethod = Literal["per_payment", "monthly", "cumulative", "non_resident", "invoice", "other"]
VatMode = Literal["off", "advise", "withhold"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tenant declares, and what the system knows of it. None, or an empty text: not declared."""

    # How people come to promote.
    join_fee: bool | None = None
    """Something is paid for joining, for the right to invite, or for a better rate; a deposit that is not given back counts."""
    purchase_required: bool | None = None
    """Goods have to be bought to promote, to invite or to get a rate."""
    periodic_purchase_required: bool | None = None
    """Goods have to be bought again and again to keep promoting or to be paid."""
    stock_required: bool | None = None
    """Promoters have to take stock, or cannot give it back."""
    recruiting_reward: bool | None = None
    """Money, or what can be turned into it, is given for people joining, outside the plan."""
    auto_enrolment: bool | None = None
    """Buyers become promoters without asking for it."""
    may_leave: bool | None = None
    """A promoter may leave and have the account deleted at any time."""
    bond_days: int | None = None
    """Days after which a customer's tie to a promoter ends; 0: never."""
    minimum_age: int | None = None
    excluded_groups_asked: bool | None = None
    """Students, teachers, medical staff, civil servants and soldiers are asked for when joining, and again every year."""
    # Documents.
    legal_opinion_ref: str = ""
    filing_ref: str = ""
    """Number of the licence, filing or registration."""
    rules_page: bool | None = None
    """A page with the rules is published. Known to the system."""
    notice_days: int | None = None
    """Days between telling promoters of a change and its beginning."""
    agreement_signed: bool | None = None
    quiz: bool | None = None
    """A short quiz is passed before the first payout."""
    # What the rates are applied to.
    base_excludes_tax_and_shipping: bool | None = None
    base_excludes_coupons: bool | None = None
    reverses_refunds: bool | None = True
    """Commission is taken back on refunds: always so here."""
    gross_margin: int | None = None
    """Of net sales, in parts per million."""
    other_rewards: int | None = None
    """Points, coupons and other rewards for the same sales, in parts per million of net sales."""
    retail_share: int | None = None
    """Share of the last 90 days' commissionable sales bought by people who are no promoters, in parts per million. Known to the system."""
    # Payouts.
    staged_rebate: bool | None = None
    """Money is given back over time without a new sale."""
    stored_balance: bool | None = None
    """The balance can be topped up, passed on to others or spent with other merchants."""
    real_name_before_payout: bool | None = None
    payee_name_checked: bool | None = None
    """The account paid to is held under the verified name, and amounts are not split below a limit of name checks."""
    # Tax.
    payer_role: PayerRole | None = None
    tax_method: TaxMethod | None = None
    vat_withholding: VatMode | None = None
    reporting_calendar: bool | None = None
    """Dates of reports to the tax office are kept."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Facts:
        """Of a JSON document. Raises ValueError naming the key that is unknown or holds what it cannot."""
        known = {one.name: one for one in fields(cls)}
        given: dict[str, Any] = {}
        for key, value in document.items():
            if key not in known:
                raise ValueError(f"{key}: unknown; known are {', '.join(known)}")
            if value is None or value == "":
                continue
            if not _fits(key, value):
                raise ValueError(f"{key}: {value!r} is not {_KINDS[key]}")
            given[key] = value
        return cls(**given)

    def as_document(self) -> dict[str, Any]:
        """What is declared, JSON-able."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name)) not in (None, "")}


CHOICES: Mapping[str, tuple[str, ...]] = {
    "payer_role": ("merchant", "platform"),
    "tax_method": ("per_payment", "monthly", "cumulative", "non_resident", "invoice", "other"),
    "vat_withholding": ("off", "advise", "withhold"),
}
COUNTS = frozenset({"bond_days", "minimum_age", "notice_days"})
SHARES = frozenset({"gross_margin", "other_rewards", "retail_share"})
TEXTS = frozenset({"legal_opinion_ref", "filing_ref"})
_KINDS = {
    one.name: f"one of {', '.join(CHOICES[one.name])}"
    if one.name in CHOICES
    else "a whole number from 0 to 36500"
    if one.name in COUNTS
    else "parts per million, from 0 to 1000000"
    if one.name in SHARES
    else "a text of at most 200 characters"
    if one.name in TEXTS
    else "true or false"
    for one in fields(Facts)
}


def _fits(key: str, value: Any) -> bool:
    if key in CHOICES:
        return value in CHOICES[key]
    if key in COUNTS or key in SHARES:
        most = 36_500 if key in COUNTS else 1_000_000
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
    return isinstance(value, str) and len(value) <= 200 if key in TEXTS else isinstance(value, bool)
