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
    "link": {
        "open": (_("Works"), "good"),
        "expired": (_("Expired"), "loss"),
        "disabled": (_("Turned off"), "loss"),
    },
    "price_rule": {
        "new": (_("New rule"), "good"),
        "changed": (_("Changed"), "decision"),
        "removed": (_("Removed"), "loss"),
    },
    "product": {
        "on": (_("Offered"), "good"),
        "off": (_("Not offered"), "loss"),
    },
    "coupon": {
        "held": (_("Good to use"), "good"),
        "reserved": (_("Held for an order"), "decision"),
        "used": (_("Used"), "plain"),
        "expired": (_("Expired"), "loss"),
        "sent": (_("Given on"), "plain"),
        "released": (_("Given up"), "plain"),
        "returned": (_("Given back"), "good"),
    },
    "coupon_kind": {
        "open": (_("Given out"), "good"),
        "closed": (_("Closed"), "plain"),
    },
    "exchange": {
        "asked": (_("To be sent or given"), "decision"),
        "sent": (_("Sent"), "plain"),
        "done": (_("Done"), "good"),
        "cancelled": (_("Cancelled"), "loss"),
    },
    "mall_item": {
        "open": (_("To be had"), "good"),
        "closed": (_("Closed"), "plain"),
    },
    "card_request": {
        "waiting": (_("Waiting"), "decision"),
        "approved": (_("Approved"), "good"),
        "refused": (_("Refused"), "loss"),
    },
    "alike": {
        "phone": (_("Phone number"), "plain"),
        "email": (_("E-mail"), "plain"),
        "external_id": (_("Your id"), "plain"),
        "name_birthday": (_("Name and birthday"), "plain"),
    },
    "sending": {
        "running": (_("Being sent"), "plain"),
        "done": (_("Sent"), "good"),
        "stopped": (_("Stopped"), "loss"),
    },
    "life": {
        "new": (_("New"), "good"),
        "active": (_("Active"), "good"),
        "cooling": (_("Cooling"), "decision"),
        "sleeping": (_("Sleeping"), "plain"),
        "lost": (_("Lost"), "loss"),
    },
    "renewal": {
        "told": (_("Told"), "plain"),
        "overdue": (_("Overdue"), "decision"),
        "paused": (_("Paused"), "loss"),
    },
    "pack": {
        "coming": (_("Not yet begun"), "plain"),
        "running": (_("Running"), "good"),
        "over": (_("Over"), "loss"),
    },
    "material": {
        "waiting": (_("To be looked at"), "plain"),
        "offered": (_("Offered"), "good"),
        "coming": (_("Not yet begun"), "plain"),
        "over": (_("Over"), "loss"),
        "withdrawn": (_("Taken back"), "loss"),
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
    "decision": {
        "plan": (_("Plan"), "decision"),
        "rerating": (_("Re-rating"), "decision"),
        "refused": (_("Refused"), "loss"),
        "poisoned": (_("Set aside"), "decision"),
    },
    "promoter": {
        "active": (_("Active"), "good"),
        "inactive": (_("Not active"), "plain"),
        "frozen": (_("Frozen"), "loss"),
        "left": (_("Left"), "plain"),
        "merged": (_("Merged"), "plain"),
    },
    "team": {
        "active": (_("Active"), "good"),
        "new": (_("New"), "plain"),
        "sleeping": (_("Sleeping"), "decision"),
        "ended": (_("Not promoting any more"), "plain"),
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
        "returned": (_("Came back"), "loss"),
        "refused": (_("Refused"), "loss"),
        "cancelled": (_("Taken back"), "plain"),
        "unsent": (_("Taken out of its batch"), "plain"),
    },
    "run": {
        "planned": (_("Planned"), "plain"),
        "running": (_("Under way"), "plain"),
        "stopped": (_("Stopped"), "decision"),
        "done": (_("Finished"), "good"),
        "dropped": (_("Dropped"), "plain"),
    },
    "batch": {
        "made": (_("Can be taken back"), "decision"),
        "sending": (_("On its way"), "plain"),
        "settled": (_("Settled"), "good"),
        "undone": (_("Taken back"), "plain"),
    },
    "payment": {
        "waiting": (_("To be given to the provider"), "plain"),
        "calling": (_("Given, not yet answered"), "decision"),
        "under_way": (_("On its way"), "plain"),
        "to_confirm": (_("Waits for the payee to confirm"), "plain"),
        "stuck": (_("Somebody has to look"), "loss"),
        "paid": (_("Arrived"), "good"),
        "failed": (_("Did not arrive"), "loss"),
    },
    "mail": {
        "waiting": (_("Waits to be sent"), "plain"),
        "sending": (_("Being sent"), "plain"),
        "sent": (_("Sent"), "good"),
        "failed": (_("Refused for good"), "loss"),
        "gave_up": (_("Given up"), "loss"),
        "dropped": (_("Not sent any more"), "plain"),
    },
    "difference": {
        "open": (_("Open"), "decision"),
        "proposed": (_("Waits for a second person"), "decision"),
        "explained": (_("Explained"), "plain"),
        "settled": (_("Settled"), "good"),
        "resolved": (_("Resolved itself"), "good"),
    },
    "difference_kind": {
        "missing": (_("Not on the bill"), "decision"),
        "extra": (_("Only on the bill"), "decision"),
        "amount": (_("Another amount"), "decision"),
        "unconfirmed": (_("Billed, not confirmed"), "decision"),
        "came_back": (_("Came back by the bill"), "decision"),
        "not_back": (_("Came back only with us"), "decision"),
        "": (_("On the other side of midnight"), "plain"),
    },
    "bill_line": {
        "paid": (_("Paid"), "plain"),
        "returned": (_("Came back"), "plain"),
        "deposit": (_("Deposit"), "plain"),
        "fee": (_("Charge"), "plain"),
        "opening": (_("Opening balance"), "plain"),
        "taken": (_("Taken out"), "plain"),
        "loss": (_("Written off"), "plain"),
        "taken_back": (_("Replaced by the bill"), "plain"),
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
    55: _("Deposits at providers"),
    56: _("Own accounts"),
    57: _("Providers' charges"),
    58: _("Written off"),
}
"""By the rest of a book's number after its hundreds, which are the unit."""
