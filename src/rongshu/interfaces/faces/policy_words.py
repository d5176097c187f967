"""The attribution policy in words: what it does to an order and to a customer, a sentence each."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rongshu.engine.attribution import KINDS, Policy

METHODS: dict[str, str | Promise] = {
    "code": gettext_lazy("the code given at checkout"),
    "bond": gettext_lazy("whom the buyer belongs to"),
    "touch": gettext_lazy("whose sharing brought the buyer"),
    "store": gettext_lazy("who holds the store"),
}
KIND_NAMES: dict[str, str | Promise] = {
    "view": gettext_lazy("page seen"),
    "click": gettext_lazy("link clicked"),
    "scan": gettext_lazy("code scanned"),
    "entry": gettext_lazy("code entered before checkout"),
    "store": gettext_lazy("met in the store"),
}


def policy_words(policy: Policy) -> tuple[str, ...]:
    """What a policy does, in the language of now."""
    said = [
        _("An order is credited to the first active promoter that these name: %(methods)s.")
        % {"methods": _("; then ").join(str(METHODS[one]) for one in policy.methods)}
    ]
    if "touch" in policy.methods or policy.bond_at_touch:
        said.append(_touches(policy))
    said += _bonds(policy)
    said.append(
        _("Promoters may be credited with what they buy themselves.")
        if policy.self_credit
        else _("Nobody is credited with what they buy themselves.")
    )
    return tuple(said)


def _touches(policy: Policy) -> str:
    kinds = [
        _("%(kind)s (%(days)s)") % {"kind": KIND_NAMES[kind], "days": _days(policy.windows[kind])}
        for kind in KINDS
        if kind in policy.windows
    ]
    words = (
        _("Of several touches the last one counts. These count, for so long before the payment: %(kinds)s.")
        if policy.touch == "last"
        else _("Of several touches the first one counts. These count, for so long before the payment: %(kinds)s.")
    )
    return words % {"kinds": _(", ").join(kinds)}


def _days(number: int) -> str:
    return ngettext("%(days)s day", "%(days)s days", number) % {"days": number}


def _bonds(policy: Policy) -> list[str]:
    if "bond" not in policy.methods:
        return [_("Customers belong to nobody: no bond is asked for.")]
    said = []
    if policy.bond_by:
        said.append(
            _(
                "A buyer who belongs to nobody belongs to the promoter from the order on, when it was credited by: %(methods)s."
            )
            % {"methods": _(", ").join(str(METHODS[one]) for one in policy.bond_by)}
        )
    if policy.bond_at_touch:
        said.append(_("The first touch that counts is enough: no order is needed for it."))
    if not said:
        said.append(_("No order makes a bond: customers are given by hand only."))
    said.append(
        _("A bond lasts for ever.")
        if policy.bond_days == 0
        else _("A bond lasts %(days)s, and every order credited to its holder begins it anew.")
        % {"days": _days(policy.bond_days)}
        if policy.bond_extends
        else _("A bond lasts %(days)s, whatever the customer buys meanwhile.") % {"days": _days(policy.bond_days)}
    )
    if "code" in policy.methods:
        said.append(
            _("Somebody else's code at checkout takes the customer along.")
            if policy.code_moves_bond
            else _(
                "Somebody else's code at checkout wins that order only; the customer stays with whom they belong to."
            )
        )
    return said
