from __future__ import annotations

from rongshu.domain.settlement.policies.models import PolicyVersion
from rongshu.engine.withdrawals import Policy, policy_of
from rongshu.kernel.tenancy.queries import house


def policy() -> Policy:
    """The rules in force. Where none were set, the defaults; tax is withheld by China's rules then only from yuan."""
    found = PolicyVersion.objects.order_by("-id").first()
    if found is None:
        return Policy(tax="labour" if house().currency == "CNY" else "none")
    return policy_of(found.document)


def policy_history() -> list[PolicyVersion]:
    """Every version, latest first."""
    return list(PolicyVersion.objects.order_by("-id")[:50])
