"""Why an order was credited so, in words: every method the policy asked, in its sequence, and what became of whom it named."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongshu.domain.referral.attribution.queries import Candidate, evidence_of
from rongshu.domain.referral.links.queries import links_by_id
from rongshu.engine.attribution import Fate
from rongshu.interfaces.faces.credited_parts import Considered, CreditedSo
from rongshu.interfaces.faces.people import People

METHODS: dict[str, str | Promise] = {
    "code": gettext_lazy("Code at checkout"),
    "bond": gettext_lazy("Whom the buyer belongs to"),
    "touch": gettext_lazy("Whose sharing brought the buyer"),
    "store": gettext_lazy("Who holds the store"),
}
KINDS: dict[str, str | Promise] = {
    "view": gettext_lazy("saw a page"),
    "click": gettext_lazy("clicked a link"),
    "scan": gettext_lazy("scanned a code"),
    "entry": gettext_lazy("entered a code"),
    "store": gettext_lazy("was met in the store"),
}


def credited_so(order_id: int) -> CreditedSo | None:
    """The evidence of an order in the language of now; None where no policy was asked or nothing was found to consider."""
    found = evidence_of(order_id)
    if found is None:
        return None
    people = People(one.promoter_id for one in found.candidates)
    links = links_by_id([one.link_id for one in found.candidates if one.link_id])
    slugs = {identifier: one.slug for identifier, one in links.items()}
    return CreditedSo(
        found.policy_id,
        tuple(
            Considered(
                one.method, str(METHODS[one.method]), one.fate.name.lower(), _fact(one), became(one),
                people.maybe(one.promoter_id), one.promoter_id, one.code, one.kind, slugs.get(one.link_id or 0, ""),
                one.since, one.until,
            )
            for one in found.candidates
        ),
    )  # fmt: skip


def _fact(one: Candidate) -> str:
    if one.fate is Fate.ABSENT and one.code:
        return _("The code %(code)s came with the order, but was unknown, expired or turned off.") % {"code": one.code}
    if one.fate is Fate.ABSENT or one.promoter_id is None:
        return _("Nobody was found this way.")
    if one.code:
        return _("The code %(code)s came with the order.") % {"code": one.code}
    if one.kind:
        return _("The buyer %(touch)s.") % {"touch": KINDS[one.kind]}
    return ""


def became(one: Candidate) -> str:
    """What became of whom a method named, in the language of now."""
    match one.fate:
        case Fate.WON:
            return _("The order was credited to them.")
        case Fate.LATER:
            return _("A way that is asked earlier had already named somebody.")
        case Fate.SELF:
            return _("They are the buyer, and the policy credits nobody with their own order.")
        case Fate.INACTIVE:
            return _("They were not active as a promoter when the order was paid.")
        case Fate.TOO_OLD if one.method == "bond":
            return _("The bond was not in force when the order was paid.")
        case Fate.TOO_OLD:
            return _("That was longer before the payment than the policy's window.")
        case Fate.NOT_ASKED:
            return _("The policy does not ask this way.")
        case _:
            return ""
