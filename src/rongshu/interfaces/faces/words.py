"""The words of states, kinds and books, in one place, so that every face says the same of the same thing."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rongshu.interfaces.faces.parts import Tone

Word = str | Promise

STATES: dict[str, dict[str, tuple[Word, Tone]]] = {
    "order": {
        "paid": (pgettext_lazy("state of an order", "Paid"), "plain"),
        "completed": (_("Completed"), "good"),
        "part_refunded": (_("Partly refunded"), "loss"),
        "refunded": (_("Refunded"), "loss"),
        "cancelled": (_("Cancelled"), "loss"),
    },
    "commission": {
        "pending": (_("Pending"), "plain"),
        "released": (_("Released"), "good"),
        "part_reversed": (_("Partly reversed"), "loss"),
        "reversed": (_("Reversed"), "loss"),
        "capped": (_("Cut to zero by a cap"), "plain"),
    },
    "intake": {
        "waiting": (_("Waiting for its order"), "plain"),
        "refused": (_("Refused"), "loss"),
        "poisoned": (_("Set aside"), "decision"),
    },
    "promoter": {
        "active": (_("Active"), "good"),
        "inactive": (_("Not active"), "plain"),
    },
    "version": {
        "in_force": (_("In force"), "good"),
        "scheduled": (_("Scheduled"), "plain"),
        "past": (_("Past"), "plain"),
        "withdrawn": (_("Withdrawn in time"), "loss"),
    },
    "finding": {
        "block": (_("Has to be mended"), "loss"),
        "warn": (_("Needs acceptance"), "decision"),
        "info": (_("For information"), "plain"),
    },
    "rerating": {
        "preparing": (_("Being previewed"), "plain"),
        "previewed": (_("Waits for a decision"), "decision"),
        "posting": (_("Being posted"), "plain"),
        "posted": (_("Posted"), "good"),
        "rejected": (_("Ended without posting"), "loss"),
    },
    "cause": {
        "attribution": (_("Corrected promoter"), "plain"),
        "plan": (_("Another version"), "plain"),
        "sequence": (_("True sequence of orders"), "plain"),
    },
    "withdrawal": {
        "asked": (_("Waiting for approval"), "decision"),
        "approved": (_("Approved"), "plain"),
        "sent": (_("On its way"), "plain"),
        "confirmed": (_("Arrived"), "good"),
        "failed": (_("Did not arrive"), "loss"),
        "refused": (_("Refused"), "loss"),
        "cancelled": (_("Taken back"), "plain"),
    },
    "check": {
        "holds": (_("Holds"), "good"),
        "differs": (_("Differs"), "loss"),
        "unknown": (_("Not checked yet"), "plain"),
    },
}

KINDS: dict[str, Word] = {
    "differential": _("Rank differential"),
    "peer": _("Peer award"),
}

BOOKS: dict[int, Word] = {
    1: _("Pending"),
    2: _("Available"),
    3: _("Reserved for withdrawal"),
    4: _("Debt"),
    51: _("Commission expense"),
    52: _("Paid out"),
    53: _("Tax payable"),
    54: _("Fees kept"),
}
"""By the rest of a book's number after its hundreds, which are the unit."""
