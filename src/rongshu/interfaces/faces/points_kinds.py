"""What happened to points, as programs and people call it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

KINDS = (
    "granted", "reserved", "spent", "released", "given_back", "expired", "taken_back", "settled", "taken_by_hand", "owed",
    "merged",
)  # fmt: skip
"""By the number of the move's kind."""

WORDS = (
    gettext_lazy("Earned"),
    gettext_lazy("Set aside or spent"),
    gettext_lazy("Spent"),
    gettext_lazy("Free again"),
    gettext_lazy("Given back after a refund"),
    gettext_lazy("Expired"),
    gettext_lazy("Taken back after a refund"),
    gettext_lazy("Settled what was owed"),
    gettext_lazy("Taken by hand"),
    gettext_lazy("Owed after a refund"),
    gettext_lazy("Members who are one were merged"),
)

SOURCES = {
    "order": gettext_lazy("Order"),
    "first_order": gettext_lazy("First order"),
    "sign_in": gettext_lazy("Signed in"),
    "birthday": gettext_lazy("Birthday"),
    "opening": gettext_lazy("Had before, brought in"),
    "anniversary": gettext_lazy("Anniversary"),
    "hand": gettext_lazy("Given by hand"),
    "shop": gettext_lazy("Given by the shop"),
    "merge": gettext_lazy("Members who are one were merged"),
}


def source_name(source: str, tasks: Mapping[str, str]) -> str:
    """What a lot comes from; `tasks` are the names of tasks by id."""
    if source.startswith("task:"):
        return tasks.get(source.removeprefix("task:"), source.removeprefix("task:"))
    return str(SOURCES.get(source, source))


def happened(kind: int, source: str, what: str, tasks: Mapping[str, str]) -> str:
    """A line of the history in words."""
    if kind == 0:
        return source_name(source, tasks)
    if what and kind in (1, 3, 4):
        return f"{WORDS[kind]} · {_('Checkout') if what == 'checkout' else what.removeprefix('mall:')}"
    return str(WORDS[kind])


def explained(why: Mapping[str, Any]) -> str:
    """Why as many as these, where there is more to say."""
    parts = [str(why["text"])] if why.get("text") else []
    if days := why.get("days"):
        parts.append(_("%(number)s days in a row") % {"number": days})
    if ppm := why.get("tier_ppm"):
        parts.append(_("%(factor)s × for the tier") % {"factor": f"{ppm / 1_000_000:g}"})
    if before := why.get("before_cap"):
        parts.append(_("%(number)s before the cap") % {"number": before})
    return " · ".join(parts)
