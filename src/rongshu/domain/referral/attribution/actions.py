from __future__ import annotations

from datetime import datetime

from rongshu.domain.referral.attribution.models import AttributionPolicy, StoreHolder
from rongshu.domain.referral.attribution.queries import policy
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.engine.attribution import Policy, problems_of
from rongshu.engine.wording import gettext_noop as _
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import invalid
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.scope import current_tenant

_WORDS = {
    "unknown_method": _("Name each of code, bond, touch and store once at most, and at least one of them."),
    "method_not_asked": _("This needs a method that the policy does not ask."),
    "unknown_kind": _("There is no such kind of touch."),
    "out_of_range": _("This is below the least or beyond the most days."),
    "no_kind": _("Touches are asked for, but no kind of touch counts."),
    "bonds_not_asked": _("Bonds would be made that no order ever asks for."),
}


def check_rules(rules: Policy) -> None:
    """Raises `invalid` for rules that contradict themselves."""
    for field, code in problems_of(rules):
        raise invalid(code, _WORDS[code], at=field)


def publish_policy(
    *, rules: Policy, reason: str, by: Actor, now: datetime, effective_from: datetime | None = None
) -> Policy:
    """Sets the rules for orders accepted from now on, or from an instant to come, until the next that begins.

    The same rules again change nothing. Raises `invalid` for rules that contradict themselves, or a beginning in the past.
    """
    if effective_from is not None and effective_from <= now:
        raise invalid("begins_in_past", "Rules begin now or later, never in the past.", at="effective_from")
    check_rules(rules)
    if rules == policy(effective_from or now)[1]:
        return rules
    made = AttributionPolicy.add(
        document=rules.as_document(), reason=reason[:500], at=now, actor=str(by), effective_from=effective_from
    )
    begins = made.begins.isoformat()
    record(
        "attribution.policy_published",
        subject=str(made.id),
        by=by,
        now=now,
        reason=reason,
        begins=begins,
        **rules.as_document(),
    )
    announce("attribution.changed", subjects=[made.id], now=now)
    return rules


def hold_store(*, store: str, promoter_id: int | None, by: Actor, now: datetime) -> None:
    """Credits a store's orders to a promoter when nothing else names one; None: to nobody. Raises `missing`."""
    if promoter_id is None:
        StoreHolder.objects.filter(store=store).delete()
    else:
        promoter(promoter_id)
        StoreHolder.objects.update_or_create(
            tenant_id=current_tenant(), store=store, defaults={"promoter_id": promoter_id, "at": now, "actor": str(by)}
        )
    record("store.held", subject=store, by=by, now=now, promoter=str(promoter_id))
