"""PAY: how much is paid, on what, and when."""

from __future__ import annotations

from collections.abc import Iterator

from rongshu.engine.jurisdictions.profiles import CHOICE
from rongshu.engine.lint.report import BLOCK, INFO, WARN, Finding, Severity
from rongshu.engine.lint.rules.declared import FUND_RAISING, answers
from rongshu.engine.lint.rules.subject import Rule, Subject, not_declared
from rongshu.engine.money import MILLION
from rongshu.engine.plan.fields import write_percent
from rongshu.engine.wording import gettext_noop as _

CAP = _("Lower the rates, or set `caps.order`.")


def ratio(subject: Subject) -> Iterator[Finding]:
    """PAY-01: everything together in the worst case."""
    facts = subject.facts
    margin = facts.gross_margin
    of_sales = subject.worst.ppm
    if subject.plan.basis == "margin" and margin is not None:
        # Rates of the margin are a share of the sales; upwards, for the figure is a limit.
        of_sales = -(-of_sales * margin // MILLION)
    together = of_sales + (facts.other_rewards or 0)
    params = {"found": write_percent(together)}
    block, warn = subject.number("payout_block"), subject.number("payout_warn")
    if margin is not None and together > margin:
        yield Finding(
            "PAY-01", BLOCK, _where(subject),
            _("In the worst case %(found)s of the sales are paid out, more than the gross margin of %(most)s."),
            params | {"most": write_percent(margin)}, CHOICE, CAP, fact="gross_margin",
        )  # fmt: skip
    if together > warn:
        grave: Severity = BLOCK if together > block else WARN
        limit = block if together > block else warn
        yield Finding(
            "PAY-01", grave, _where(subject),
            _("In the worst case %(found)s of the sales are paid out; more than %(most)s is minded."),
            params | {"most": write_percent(limit)}, subject.basis("payout_block" if grave == BLOCK else "payout_warn"), CAP,
        )  # fmt: skip
    # The ratio itself is decided; these would only make it more certain.
    if margin is None:
        silent = _("The gross margin is not declared; whether commission eats it up could not be looked at.")
        yield not_declared("PAY-01", WARN, "gross_margin", silent, CHOICE)
    if facts.other_rewards is None:
        silent = _("Points, coupons and other rewards for the same sales are not declared and not counted.")
        yield not_declared("PAY-01", WARN, "other_rewards", silent, CHOICE)


def _where(subject: Subject) -> str:
    """Where the order cap is, or would stand."""
    return "caps.order" if subject.plan.caps.order is not None else "levels" if subject.plan.levels else "differential"


def one_payee(subject: Subject) -> Iterator[Finding]:
    """PAY-02: one promoter gets much of an order."""
    most = subject.number("payee_warn")
    if subject.worst.payee_ppm > most:
        yield Finding(
            "PAY-02", WARN, _where(subject),
            _("One promoter can get %(found)s of an order; more than %(most)s is minded."),
            {"found": write_percent(subject.worst.payee_ppm), "most": write_percent(most)}, subject.basis("payee_warn"), CAP,
        )  # fmt: skip


def release(subject: Subject) -> Iterator[Finding]:
    """PAY-04: nothing is released before a sale can no longer be undone."""
    least, days = subject.number("freeze_days"), subject.number("return_days")
    basis = subject.basis("freeze_days")
    wait = subject.plan.release
    if not least:
        return
    if wait.days < least:
        yield Finding(
            "PAY-04", BLOCK, "release.days",
            _("Commission is released after %(found)s days; goods may be returned for %(days)s days from receipt."),
            {"found": wait.days, "days": days}, basis, _("Write at least `days: %(least)s`; 15 is usual."), {"least": least},
        )  # fmt: skip
    if wait.after == "paid":
        yield Finding(
            "PAY-04", BLOCK, "release.after",
            _("The days count from payment, and the return window begins with the receipt."), {}, basis,
            _("Write `after: completed`."),
        )  # fmt: skip
    if wait.instant_below is not None:
        at_once = subject.flag("instant_release")
        yield Finding(
            "PAY-04", BLOCK if at_once else INFO, "release.instant_below",
            _("Small amounts are released at once, before the goods can no longer be returned.")
            if at_once
            else _("Instant release has no effect in this market: the return window has to end first."),
            {}, basis, _("Take `instant_below` out."),
        )  # fmt: skip


def given_back(subject: Subject) -> Iterator[Finding]:
    """PAY-06: money back without a sale, or the whole price."""
    yield from answers("PAY-06", subject)
    if subject.plan.self_purchase == "rebate" and subject.worst.payee_ppm >= MILLION:
        yield Finding(
            "PAY-06", BLOCK, "self_purchase",
            _("A buyer can get the whole price back as commission on the own purchase."), {}, FUND_RAISING,
            _("Write `self_purchase: none`, or set `caps.order`."),
        )  # fmt: skip


RULES = (
    Rule("PAY-01", _("Worst-case payout"), ratio),
    Rule("PAY-02", _("What one promoter can get"), one_payee),
    Rule("PAY-04", _("Release and the return window"), release),
    Rule("PAY-06", _("Money back without a sale"), given_back),
)
