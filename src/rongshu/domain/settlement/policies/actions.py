from __future__ import annotations

from datetime import datetime

from rongshu.domain.settlement.policies.models import PolicyVersion
from rongshu.domain.settlement.policies.queries import policy
from rongshu.engine.withdrawals import Policy, problems_of
from rongshu.engine.wording import gettext_noop as _
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import invalid

_WORDS = {
    "out_of_range": _("This is below 0 or beyond what is accepted."),
    "below_minimum": _("The most is below the least."),
    "no_day": _("Name at least one day of the week."),
    "fee_eats_all": _("The fee would take the whole of the least amount."),
    "unknown_vat": _("Choose whether VAT is shown."),
    "unknown_cycle": _("Choose how often withdrawals are settled."),
    "no_such_day": _("A week has days from Monday to Sunday, a month from 1 to 31."),
    "at_once_above_two": _("Amounts that need two people cannot go without anybody."),
}


def set_policy(*, rules: Policy, by: Actor, now: datetime) -> Policy:
    """Sets the rules for withdrawals asked from now on. Raises `invalid` for rules that contradict themselves."""
    for field, code in problems_of(rules):
        raise invalid(code, _WORDS[code], at=field)
    if rules == policy():
        return rules
    PolicyVersion.add(document=rules.as_document(), at=now, actor=str(by))
    record("withdrawals.policy_set", subject="withdrawals", by=by, now=now, **rules.as_document())
    return rules
