"""Compliance in words: what is declared, what a profile asks, and the worst case, for the console's pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongshu.engine.jurisdictions import Profile
from rongshu.engine.lint import WorstCase
from rongshu.engine.lint.facts import CHOICES, COUNTS, SHARES, TEXTS
from rongshu.engine.plan.fields import write_percent
from rongshu.interfaces.console.pages.compliance import Field, FieldGroup, ProfileRow, WorstCaseWords

Label = str | Promise

GROUPS: tuple[tuple[Label, tuple[tuple[str, Label], ...]], ...] = (
    (gettext_lazy("How people come to promote"), (
        ("join_fee", gettext_lazy("Something is paid for joining, inviting or a better rate; deposits that are kept count")),
        ("purchase_required", gettext_lazy("Goods have to be bought to promote, to invite or to get a rate")),
        ("periodic_purchase_required", gettext_lazy("Goods have to be bought again and again to keep promoting or to be paid")),
        ("stock_required", gettext_lazy("Promoters have to take stock, or cannot give it back")),
        ("recruiting_reward", gettext_lazy("Money is given for people joining, outside the plan")),
        ("auto_enrolment", gettext_lazy("Buyers become promoters without asking for it")),
        ("minimum_age", gettext_lazy("Least age of promoters")),
        ("excluded_groups_asked", gettext_lazy("Students, teachers, medical staff, civil servants and soldiers are asked for when joining")),
        ("may_leave", gettext_lazy("Promoters may leave at any time and have their account deleted")),
        ("bond_days", gettext_lazy("Days without a purchase after which a customer's tie to a promoter ends; 0 for never")),
    )),
    (gettext_lazy("Documents and notice"), (
        ("legal_opinion_ref", gettext_lazy("Reference of a lawyer's opinion on this plan")),
        ("filing_ref", gettext_lazy("Number of the licence, filing or registration")),
        ("notice_days", gettext_lazy("Days between telling promoters of a change and its beginning")),
        ("agreement_signed", gettext_lazy("Promoters sign an agreement before the first payout")),
        ("quiz", gettext_lazy("Promoters answer a short quiz about the rules before the first payout")),
    )),
    (gettext_lazy("What the rates are applied to"), (
        ("base_excludes_tax_and_shipping", gettext_lazy("The amounts paid leave out tax and shipping")),
        ("base_excludes_coupons", gettext_lazy("The amounts paid leave out the brand's own coupons")),
        ("gross_margin", gettext_lazy("Gross margin, of net sales")),
        ("other_rewards", gettext_lazy("Points, coupons and other rewards for the same sales, of net sales")),
    )),
    (gettext_lazy("Payouts and tax"), (
        ("real_name_before_payout", gettext_lazy("Real name and identity document are known before a payout")),
        ("payee_name_checked", gettext_lazy("The holder of the account is compared with the verified name, whatever the amount")),
        ("staged_rebate", gettext_lazy("Money is given back over time without a new sale")),
        ("stored_balance", gettext_lazy("Balances can be topped up, passed on or spent elsewhere")),
        ("payer_role", gettext_lazy("As what the brand pays promoters")),
        ("tax_method", gettext_lazy("How tax is withheld")),
        ("vat_withholding", gettext_lazy("VAT of natural persons")),
        ("reporting_calendar", gettext_lazy("The dates of reports about promoters' income are kept")),
    )),
)  # fmt: skip

ANSWERS: Mapping[str, Label] = {
    "merchant": gettext_lazy("a merchant selling own goods"),
    "platform": gettext_lazy("a platform for several sellers"),
    "per_payment": gettext_lazy("for each payment"),
    "monthly": gettext_lazy("for the sum of a month"),
    "cumulative": gettext_lazy("for the sum of the year so far"),
    "non_resident": gettext_lazy("as for non-residents"),
    "invoice": gettext_lazy("not at all, against an invoice"),
    "other": gettext_lazy("in another way"),
    "off": gettext_lazy("is not withheld"),
    "advise": gettext_lazy("is shown, not withheld"),
    "withhold": gettext_lazy("is withheld"),
}

KEYS: Mapping[str, Label] = {
    "max_paid_depth": gettext_lazy("Paid levels at most"),
    "registered_depth": gettext_lazy("Paid levels at most, with a registration"),
    "opinion_depth": gettext_lazy("Paid levels from which a lawyer's opinion is needed"),
    "team_pay_refused": gettext_lazy("Pay by team turnover is refused"),
    "payout_warn": gettext_lazy("Worst-case payout minded above"),
    "payout_block": gettext_lazy("Worst-case payout refused above"),
    "payee_warn": gettext_lazy("One promoter's share of an order minded above"),
    "retail_warn": gettext_lazy("Sales to people who do not promote minded below"),
    "retail_block": gettext_lazy("Sales to people who do not promote refused below"),
    "return_days": gettext_lazy("Days in which goods may be returned"),
    "freeze_days": gettext_lazy("Days before release at least"),
    "instant_release": gettext_lazy("Small amounts may be released at once"),
    "leaving_days": gettext_lazy("Days in which a promoter may withdraw from joining"),
    "minimum_age": gettext_lazy("Least age of promoters"),
    "notice_days": gettext_lazy("Days of notice before a change"),
    "filing": gettext_lazy("A licence or filing comes first"),
    "filing_depth": gettext_lazy("Paid levels from which it does"),
    "excluded_groups": gettext_lazy("Some groups of people may not promote"),
    "chinese_income_tax": gettext_lazy("Income tax is withheld the Chinese way"),
    "vat_decision": gettext_lazy("VAT of natural persons has to be decided"),
    "reporting": gettext_lazy("Promoters' income has to be reported"),
    "trial": gettext_lazy("For trials only"),
}
CONFIDENCE: Mapping[str, Label] = {
    "text": gettext_lazy("read in the text"),
    "high": gettext_lazy("general knowledge, quite sure"),
    "medium": gettext_lazy("general knowledge, fairly sure"),
    "low": gettext_lazy("general knowledge, unsure"),
    "choice": gettext_lazy("our choice"),
}
PPM_KEYS = frozenset({"payout_warn", "payout_block", "payee_warn", "retail_warn", "retail_block"})


def groups_of(values: Mapping[str, str], problem_at: str = "", problem: str = "") -> tuple[FieldGroup, ...]:
    """The form of what is declared, with the values as it holds them."""
    return tuple(
        FieldGroup(
            str(title),
            tuple(
                _field(name, str(label), values.get(name, ""), problem if name == problem_at else "")
                for name, label in fields
            ),
        )
        for title, fields in GROUPS
    )


def _field(name: str, label: str, value: str, problem: str) -> Field:
    if name in CHOICES:
        options = tuple((key, str(ANSWERS[key])) for key in CHOICES[name])
        return Field(name, label, "choice", value, options, problem=problem)
    if name in COUNTS:
        return Field(name, label, "count", value, problem=problem)
    if name in SHARES:
        return Field(name, label, "share", value, unit="%", problem=problem)
    if name in TEXTS:
        return Field(name, label, "text", value, problem=problem)
    return Field(name, label, "choice", value, (("yes", _("Yes")), ("no", _("No"))), problem=problem)


def as_typed(facts: Mapping[str, Any]) -> dict[str, str]:
    """Declared facts as the form holds them."""
    return {
        name: write_percent(value).rstrip("%")
        if name in SHARES
        else {True: "yes", False: "no"}[value]
        if isinstance(value, bool)
        else str(value)
        for name, value in facts.items()
    }


def profile_rows(profile: Profile, on: date) -> tuple[ProfileRow, ...]:
    """What a profile asks on a day."""
    rows = []
    for datum in profile.in_force(on):
        if datum.key in PPM_KEYS:
            value = write_percent(int(datum.value))
        elif isinstance(datum.value, bool):
            value = _("Yes") if datum.value else _("No")
        else:
            value = str(datum.value)
        since = "" if datum.since.year <= 2000 else datum.since.isoformat()
        days = f"{since}…{datum.until.isoformat() if datum.until else ''}" if since or datum.until else ""
        rows.append(
            ProfileRow(
                str(KEYS[datum.key]), value, _(datum.basis), str(CONFIDENCE[datum.confidence]), datum.source, days
            )
        )
    return tuple(rows)


def worst_in_words(worst: WorstCase) -> WorstCaseWords:
    """The worst case as its panel shows it."""
    return WorstCaseWords(
        write_percent(worst.ppm),
        write_percent(worst.order_ppm),
        write_percent(worst.payee_ppm),
        worst.exact,
        worst.capped,
        worst.fixed,
        tuple((share.rule, write_percent(share.ppm)) for share in worst.shares),
        tuple((one.key, one.value, one.level) for one in worst.conditions),
    )
