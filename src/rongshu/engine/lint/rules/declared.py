"""Rules that a declared fact alone decides: which answer is minded, how grave that is, and what to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rongshu.engine.jurisdictions.profiles import CHOICE, DIRECT_SELLING, E_COMMERCE, PYRAMID
from rongshu.engine.lint.report import BLOCK, WARN, Finding, Severity
from rongshu.engine.lint.rules.subject import Rule, Subject, not_declared
from rongshu.engine.wording import gettext_noop as _

PRIVACY = _("Personal Information Protection Law of China")
FUND_RAISING = _("rules against illegal fund-raising")
PAYMENT = _("Regulations on Non-bank Payment Institutions, articles 6 and 47")
SCENE = _("rules of the payment providers on the name of who is paid")


@dataclass(frozen=True, slots=True)
class Answer:
    """A fact that is minded when its answer is `minded`."""

    rule: str
    fact: str
    minded: bool
    severity: Severity
    says: str
    remedy: str
    silent: str
    """What is said when it was never declared."""
    basis: str
    where: Callable[[Subject], bool] = lambda subject: True


ANSWERS = (
    Answer(
        "STR-05", "recruiting_reward", True, BLOCK,
        _("Money is given for people joining: pay by the number recruited."),
        _("Reward sales only; a coupon for a new customer is not pay."),
        _("It is not declared whether money is given for people joining."), PYRAMID,
    ),
    Answer(
        "STR-07", "join_fee", True, BLOCK,
        _("Something has to be paid to join, to invite or to earn at a better rate."),
        _("Make joining free, and give back deposits."),
        _("It is not declared whether joining costs something."), PYRAMID,
    ),
    Answer(
        "STR-08", "purchase_required", True, BLOCK,
        _("Goods have to be bought to promote, to invite or to get a rate: an entrance fee in the form of goods."),
        _("Let people promote without buying."),
        _("It is not declared whether promoting asks for a purchase."), PYRAMID,
    ),
    Answer(
        "STR-09", "periodic_purchase_required", True, BLOCK,
        _("Goods have to be bought again and again to keep promoting or to be paid."),
        _("Let ranks and payouts depend on sales to customers, not on own purchases."),
        _("It is not declared whether promoters have to keep buying."), PYRAMID,
    ),
    Answer(
        "STR-10", "stock_required", True, BLOCK,
        _("Promoters have to take stock, or cannot give it back."),
        _("Ship to customers directly; take unsold goods back."),
        _("It is not declared whether promoters have to take stock."), DIRECT_SELLING,
    ),
    Answer(
        "STR-12", "auto_enrolment", True, WARN,
        _("Buyers become promoters without asking for it; who never agreed counts as somebody recruited."),
        _("Ask for joining separately, with the rules shown."),
        _("It is not declared whether buyers become promoters by themselves."), PYRAMID,
    ),
    Answer(
        "STR-15", "may_leave", False, WARN,
        _("Promoters cannot leave at any time and have their account deleted."),
        _("Let promoters leave by themselves; what they have earned stays theirs."),
        _("It is not declared whether promoters may leave at any time."), PRIVACY,
    ),
    Answer(
        "PAY-03", "base_excludes_tax_and_shipping", False, BLOCK,
        _("Commission is paid on tax and shipping as well."),
        _("Send order lines with what was paid for the goods alone."),
        _("It is not declared whether the amounts paid leave out tax and shipping."), CHOICE,
    ),
    Answer(
        "PAY-03", "base_excludes_coupons", False, BLOCK,
        _("Commission is paid on what the brand's own coupons paid."),
        _("Send order lines after every discount and coupon."),
        _("It is not declared whether the amounts paid leave out coupons."), CHOICE,
    ),
    Answer(
        "PAY-05", "reverses_refunds", False, BLOCK,
        _("Commission is not taken back on refunds."),
        _("Take back what was paid for goods that came back."),
        _("It is not declared whether commission is taken back on refunds."), CHOICE,
    ),
    Answer(
        "PAY-06", "staged_rebate", True, BLOCK,
        _("Money is given back over time without a new sale."),
        _("Pay for sales only; give discounts at the purchase."),
        _("It is not declared whether money is given back over time."), FUND_RAISING,
    ),
    Answer(
        "PAY-07", "stored_balance", True, BLOCK,
        _("The balance can be topped up, passed on or spent elsewhere: that is payment business and needs a licence."),
        _("Keep the balance a sum the brand owes, only to be paid out to its owner."),
        _("It is not declared whether balances can be topped up or passed on."), PAYMENT,
    ),
    Answer(
        "PAY-08", "payee_name_checked", False, BLOCK,
        _("Payouts reach accounts whose holder was not compared with the verified name, or are split below the limit of the check."),
        _("Compare the names for every payout, whatever its amount."),
        _("It is not declared whether the holder of the account is compared with the verified name."), SCENE,
    ),
    Answer(
        "PRT-02", "real_name_before_payout", False, BLOCK,
        _("Payouts are made without the real name and the number of an identity document."),
        _("Ask for both before the first payout: the payer has to report them."),
        _("It is not declared whether the real name is known before a payout."), CHOICE,
    ),
    Answer(
        "PRT-03", "excluded_groups_asked", False, WARN,
        _("Students, teachers, medical staff, civil servants and soldiers are not asked for."),
        _("Ask when joining, and again within twelve months."),
        _("It is not declared whether students, teachers, medical staff, civil servants and soldiers are asked for."),
        DIRECT_SELLING, lambda subject: subject.flag("excluded_groups"),
    ),
    Answer(
        "PRT-04", "rules_page", False, BLOCK,
        _("No page with the rules is published: formula, freeze, tax, leaving, appeal."),
        _("Publish the rules page."),
        _("It is not known whether a page with the rules is published."), E_COMMERCE,
    ),
    Answer(
        "PRT-05", "agreement_signed", False, WARN,
        _("Promoters sign no agreement before the first payout."),
        _("Have an agreement signed that says what is paid and what is forbidden."),
        _("It is not declared whether promoters sign an agreement."), CHOICE,
    ),
    Answer(
        "PRT-05", "quiz", False, WARN,
        _("Promoters answer no short quiz about the rules before the first payout."),
        _("Ask a few questions about the rules; it shows they were read."),
        _("It is not declared whether promoters answer a quiz about the rules."), CHOICE,
    ),
    Answer(
        "TAX-06", "reporting_calendar", False, WARN,
        _("Nobody keeps the dates of reports about promoters' income."),
        _("Put the reporting dates of this market into a calendar, with somebody responsible."),
        _("It is not declared whether the dates of reports about promoters' income are kept."),
        "", lambda subject: subject.flag("reporting"),
    ),
)  # fmt: skip

TITLES = {
    "STR-05": _("Pay for recruiting"),
    "STR-07": _("Fee for joining"),
    "STR-09": _("Purchases to stay"),
    "STR-10": _("Stock to take"),
    "STR-12": _("Promoters without asking"),
    "PAY-03": _("What the rates are applied to"),
    "PAY-05": _("Refunds"),
    "PAY-07": _("Stored value"),
    "PAY-08": _("Whose account is paid to"),
    "PRT-02": _("Real names"),
    "PRT-03": _("People who may not promote"),
    "PRT-05": _("Agreement and quiz"),
    "TAX-06": _("Reports about income"),
}


def answers(rule: str, subject: Subject) -> Iterator[Finding]:
    """What a rule minds in the declared facts."""
    for one in ANSWERS:
        if one.rule != rule or not one.where(subject):
            continue
        answer = getattr(subject.facts, one.fact)
        basis = one.basis or subject.basis("reporting")
        if answer is None:
            yield not_declared(rule, one.severity, one.fact, one.silent, basis)
        elif answer is one.minded:
            yield Finding(rule, one.severity, "", one.says, basis=basis, remedy=one.remedy, fact=one.fact)


def _by_answer(rule: str) -> Rule:
    return Rule(rule, TITLES[rule], lambda subject: answers(rule, subject))


RULES = tuple(_by_answer(rule) for rule in TITLES)
