"""The member card in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

WAYS: Mapping[str, object] = {
    "claim": _("by a proved phone number"),
    "spend": _("by what was paid in all"),
    "buy": _("by a product that was bought"),
    "invite": _("by an invitation"),
    "approve": _("on request"),
    "hand": _("given by the team"),
    "before": _("was a member before there were ways to it"),
}


def spaced(number: str) -> str:
    """A card's number in groups of four."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
