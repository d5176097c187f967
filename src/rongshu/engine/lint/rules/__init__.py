"""The rules, by id. STR structure, PAY amounts, PRT people, TAX, PLN the document itself. Rules about things that do not exist
here (lotteries, points, messages, copy) are not among them."""

from rongshu.engine.lint.rules import declared, document, pay, people, structure
from rongshu.engine.lint.rules.subject import Rule, Subject

RULES_VERSION = "2026-11-22"
"""Changes with every change of what a rule minds."""

_GROUPS = ("STR", "PAY", "PRT", "TAX", "PLN")
RULES: tuple[Rule, ...] = tuple(
    sorted(
        (*structure.RULES, *pay.RULES, *people.RULES, *declared.RULES, *document.RULES),
        key=lambda rule: (_GROUPS.index(rule.id[:3]), rule.id),
    )
)

__all__ = ["RULES", "RULES_VERSION", "Rule", "Subject"]
