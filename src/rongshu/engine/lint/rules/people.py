"""PRT: who promotes, and what they are told. TAX: what the payer has to decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from rongshu.engine.jurisdictions.profiles import PLATFORM_TAX
from rongshu.engine.lint.report import BLOCK, WARN, Finding
from rongshu.engine.lint.rules.declared import answers
from rongshu.engine.lint.rules.subject import DECLARE, Rule, Subject, not_declared
from rongshu.engine.wording import gettext_noop as _


def age(subject: Subject) -> Iterator[Finding]:
    """PRT-01: grown-ups only."""
    least = subject.number("minimum_age")
    declared = subject.facts.minimum_age
    if declared is None:
        silent = _("It is not declared how old promoters have to be.")
        yield not_declared("PRT-01", BLOCK, "minimum_age", silent, subject.basis("minimum_age"))
    elif declared < least:
        yield Finding(
            "PRT-01", BLOCK, "", _("Promoters may be %(found)s years old; %(least)s is the least."),
            {"found": declared, "least": least}, subject.basis("minimum_age"),
            _("Let people promote from %(least)s years on."), {"least": least}, "minimum_age",
        )  # fmt: skip


def told(subject: Subject) -> Iterator[Finding]:
    """PRT-04: published rules, and notice of changes."""
    yield from answers("PRT-04", subject)
    least = subject.number("notice_days")
    if not least:
        return
    days = subject.facts.notice_days
    if days is None:
        silent = _("It is not declared how many days before a change promoters are told.")
        yield not_declared("PRT-04", WARN, "notice_days", silent, subject.basis("notice_days"))
    elif days < least:
        yield Finding(
            "PRT-04", WARN, "", _("Promoters are told of changes %(found)s days ahead; %(least)s are asked for."),
            {"found": days, "least": least}, subject.basis("notice_days"),
            _("Tell promoters at least %(least)s days before a change."), {"least": least}, "notice_days",
        )  # fmt: skip


def tax_profile(subject: Subject) -> Iterator[Finding]:
    """TAX-01: as what the payer pays, and how tax is withheld."""
    if subject.facts.payer_role is None or subject.facts.tax_method is None:
        fact = "payer_role" if subject.facts.payer_role is None else "tax_method"
        silent = _("It is not declared as what the brand pays promoters, or how tax is withheld; no payout without it.")
        yield not_declared("TAX-01", BLOCK, fact, silent, subject.basis("chinese_income_tax"))


def tax_by_month(subject: Subject) -> Iterator[Finding]:
    """TAX-02: continuing income of a month is one receipt."""
    if subject.flag("chinese_income_tax") and subject.facts.tax_method == "per_payment":
        yield Finding(
            "TAX-02", BLOCK, "",
            _("Tax is worked out for each payment; all payments of a month count as one receipt."), {},
            _("Implementation Regulations of the Individual Income Tax Law of China, article 14"),
            _("Work tax out for the sum of the month."), fact="tax_method",
        )  # fmt: skip


def tax_by_role(subject: Subject) -> Iterator[Finding]:
    """TAX-03: platforms withhold by the year so far, merchants by the month."""
    facts = subject.facts
    if subject.flag("chinese_income_tax") and (facts.payer_role, facts.tax_method) in (
        ("platform", "monthly"),
        ("merchant", "cumulative"),
    ):
        yield Finding(
            "TAX-03", BLOCK, "",
            _("The way tax is withheld does not go with the payer: platforms withhold by the year so far, merchants by the month."),
            {}, PLATFORM_TAX, _("Choose the way that goes with what the payer is; ask the tax office when unsure."),
            fact="tax_method",
        )  # fmt: skip


def vat(subject: Subject) -> Iterator[Finding]:
    """TAX-04: from 2026-11-01 somebody has to decide about withholding VAT of natural persons."""
    if subject.flag("vat_decision") and subject.facts.vat_withholding is None:
        yield Finding(
            "TAX-04", WARN, "",
            _("Payments from %(since)s on to persons: whether VAT is withheld is not decided."),
            {"since": date(2026, 11, 1).isoformat()}, subject.basis("vat_decision"), DECLARE,
            fact="vat_withholding", declared=False,
        )  # fmt: skip


RULES = (
    Rule("PRT-01", _("Age of promoters"), age),
    Rule("PRT-04", _("Published rules and notice"), told),
    Rule("TAX-01", _("Tax profile of payouts"), tax_profile),
    Rule("TAX-02", _("Tax by the month"), tax_by_month),
    Rule("TAX-03", _("Tax by what the payer is"), tax_by_role),
    Rule("TAX-04", _("VAT of natural persons"), vat),
)
