"""PLN: what is odd in the document itself, whatever the law."""

from __future__ import annotations

from collections.abc import Iterator

from rongshu.engine.jurisdictions import ANYWHERE, known
from rongshu.engine.jurisdictions.profiles import CHOICE
from rongshu.engine.lint.report import INFO, WARN, Finding
from rongshu.engine.lint.rules.subject import Rule, Subject
from rongshu.engine.lint.worst import never_applies
from rongshu.engine.wording import gettext_noop as _


def useless(subject: Subject) -> Iterator[Finding]:
    """PLN-01: overrides that can never win."""
    for index, stronger in never_applies(subject.plan):
        yield Finding(
            "PLN-01", INFO, f"overrides[{index}]",
            _("This override never applies: wherever it holds, one that goes before it holds as well (%(stronger)s).")
            if stronger
            else _("This override never applies: nothing can be as it asks."),
            {"stronger": ", ".join(stronger[-3:])} if stronger else {}, CHOICE,
            _("Take it out, or give it a condition more: of those that hold, the one with most conditions wins, then the later one."),
        )  # fmt: skip


def over(subject: Subject) -> Iterator[Finding]:
    """PLN-02: windows that have ended."""
    for key in ("overrides", "boosts"):
        for index, rule in enumerate(getattr(subject.plan, key)):
            window = rule.when.paid
            if window is not None and window.end is not None and window.end <= subject.on:
                yield Finding(
                    "PLN-02", INFO, f"{key}[{index}].when.paid",
                    _("This window ended on %(end)s: no order will be paid in it."), {"end": window.end.isoformat()}, CHOICE,
                    _("Take the rule out, or move its window."),
                )  # fmt: skip


def market(subject: Subject) -> Iterator[Finding]:
    """PLN-03: a plan for no market."""
    code = subject.plan.jurisdiction
    if code == ANYWHERE or not known(code):
        yield Finding(
            "PLN-03", WARN, "jurisdiction",
            _("The plan is for a trial: no market is chosen, and the strictest profile was used.")
            if code == ANYWHERE
            else _("No profile is kept for %(code)s; the strictest one was used."),
            {} if code == ANYWHERE else {"code": code}, CHOICE, _("Write the market in which promoters are paid, like `jurisdiction: CN`."),
        )  # fmt: skip


def given_up(subject: Subject) -> Iterator[Finding]:
    """PLN-04: too many rules to find the worst case."""
    if not subject.worst.exact:
        yield Finding(
            "PLN-04", INFO, "overrides",
            _("The rules are too many and too entangled to find the worst case exactly; the figures shown are upper bounds."),
            {}, CHOICE, _("Write fewer overrides and boosts with several conditions."),
        )  # fmt: skip


RULES = (
    Rule("PLN-01", _("Overrides that never apply"), useless),
    Rule("PLN-02", _("Windows that have ended"), over),
    Rule("PLN-03", _("The market of the plan"), market),
    Rule("PLN-04", _("Entangled rules"), given_up),
)
