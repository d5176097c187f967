from __future__ import annotations

from rongshu.domain.settlement.policies.models import PolicyVersion
from rongshu.engine.withdrawals import Policy, policy_of


def policy() -> Policy:
    """The rules in force; the defaults where none were set."""
    found = PolicyVersion.objects.order_by("-id").first()
    return Policy() if found is None else policy_of(found.document)


def policy_history() -> list[PolicyVersion]:
    """Every version, latest first."""
    return list(PolicyVersion.objects.order_by("-id")[:50])
