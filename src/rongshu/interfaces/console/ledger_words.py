"""What the ledger's rules and movements are called, and what each rule means."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongshu.interfaces.faces.words import Word
from rongshu.ledger.books import Book

RULES: dict[str, tuple[Word, Word]] = {
    "balance = sum of transfers": (
        gettext_lazy("A balance is the sum of its transfers"),
        gettext_lazy("Every account holds exactly what came in less what went out."),
    ),
    "every unit sums to 0": (
        gettext_lazy("Every unit sums to zero"),
        gettext_lazy(
            "All accounts together, the house's and the members', come to exactly zero: no money appears or is lost."
        ),
    ),
    "nothing pending is below 0": (
        gettext_lazy("Nothing pending is below zero"),
        gettext_lazy("Nobody's pending commission was taken back twice."),
    ),
    "no debt beside something available": (
        gettext_lazy("No debt beside something available"),
        gettext_lazy("A debt is settled before anything becomes available."),
    ),
    "every transfer has its journal entry": (
        gettext_lazy("Every transfer has its journal entry"),
        gettext_lazy("No amount moved without the entry that makes its work happen once."),
    ),
    "pending = open commissions": (
        gettext_lazy("Pending is the sum of open commissions"),
        gettext_lazy("What a promoter waits for is exactly their commissions neither released nor taken back."),
    ),
    "ranks held = the last change of each": (
        gettext_lazy("A rank held is the last change of it"),
        gettext_lazy("Every promoter holds the rank, from the instant, that the history of ranks ends with."),
    ),
    "every commission was accrued once": (
        gettext_lazy("Every commission was accrued once"),
        gettext_lazy("Each commission stands in the ledger with its amount and its promoter, once."),
    ),
    "what was reversed left the ledger": (
        gettext_lazy("What was reversed left the ledger"),
        gettext_lazy("What refunds took from a commission is what the ledger took back."),
    ),
    "reserved = open withdrawals": (
        gettext_lazy("Reserved is what withdrawals wait for"),
        gettext_lazy("What is set aside for each promoter is what their open withdrawals ask for."),
    ),
    "paid out, tax and fees = confirmed withdrawals": (
        gettext_lazy("What was paid out is what arrived"),
        gettext_lazy("Paid out, tax and fees are what the confirmed withdrawals say."),
    ),
    "runs = their withdrawals": (
        gettext_lazy("Every settlement run is its withdrawals"),
        gettext_lazy("As many promoters, and as much, as a run says are asked for by withdrawals of it."),
    ),
    "runs = whom they left out": (
        gettext_lazy("Whom a settlement run left out is on record"),
        gettext_lazy("Everybody a run says it left out is listed with what they had and why."),
    ),
    "orders = order journals": (
        gettext_lazy("Every order accepted is there"),
        gettext_lazy("As many orders are stored or waiting as were ever accepted; none is lost, none is twice."),
    ),
    "every order is rated and its lines sum to it": (
        gettext_lazy("Every order is rated, and its lines sum to it"),
        gettext_lazy("No order is without a rating, and no line is missing."),
    ),
    "what lines have refunded = their refunds": (
        gettext_lazy("Refunded lines match their refunds"),
        gettext_lazy("What a line has refunded is the sum of its refunds."),
    ),
    "every reversal is the refund's share": (
        gettext_lazy("Every reversal is the refund's share"),
        gettext_lazy("What was taken back of a commission is its exact share of what was refunded."),
    ),
    "cap usage = what was accrued": (
        gettext_lazy("What counts against caps is what was accrued"),
        gettext_lazy("A promoter's day and month hold exactly the commissions accrued in them."),
    ),
    "re-rated rows = what their re-rating says": (
        gettext_lazy("Re-rated rows are what was approved"),
        gettext_lazy("Every row a re-rating replaced or brought is the one its preview named, with its amount."),
    ),
    "rewards = what the ledger moved": (
        gettext_lazy("Period rewards are what the ledger moved"),
        gettext_lazy("What each close and each adjustment gave or took is what arrived at, or left, each promoter."),
    ),
    "closed periods = their runs = their rewards": (
        gettext_lazy("Closed periods sum up their rewards"),
        gettext_lazy("A period's total is the sum of what its close and its adjustments posted, reward by reward."),
    ),
    "deposits, charges and losses = what moved at providers": (
        gettext_lazy("Deposits and charges are what bills and people said"),
        gettext_lazy(
            "What the ledger holds at providers is what came and went by their bills, by hand or by a write-off."
        ),
    ),
    "deposits and charges of bills count once": (
        gettext_lazy("Every deposit and charge of a bill counts once"),
        gettext_lazy(
            "A line of a bill is in the cash exactly once, however often its file came; one that is gone is not."
        ),
    ),
    "written off = what its differences come to": (
        gettext_lazy("Written off is what two people agreed to"),
        gettext_lazy("Every write-off belongs to a settled difference and has its amount."),
    ),
    "lots = points balance": (
        gettext_lazy("The lots of points are the balance"),
        gettext_lazy("What is left of a member's lots is exactly the points they have in the ledger."),
    ),
    "waiting lots = pending points": (
        gettext_lazy("Lots that wait are the pending points"),
        gettext_lazy("Points that may not be used yet are exactly the lots that wait."),
    ),
    "open holds = reserved points": (
        gettext_lazy("Points set aside are what is held"),
        gettext_lazy("What is set aside of a member's points is what open reservations hold."),
    ),
    "a lot is what its moves left": (
        gettext_lazy("A lot is what its moves left"),
        gettext_lazy("Everything that came to a lot less everything that left it is what is left of it."),
    ),
    "the forest has no circle": (
        gettext_lazy("Nobody stands above themselves"),
        gettext_lazy("The inviters of all promoters form a forest without circles."),
    ),
}


def rule_title(name: str) -> str:
    """A rule in words; one unknown here by its own name."""
    return str(RULES[name][0]) if name in RULES else name


def rule_meaning(name: str) -> str:
    """What a rule means."""
    return str(RULES[name][1]) if name in RULES else ""


def movement(debit: Book, credit: Book) -> str:
    """What a transfer between two books is."""
    match debit, credit:
        case Book.EXPENSE, Book.PENDING:
            return _("Accrued")
        case Book.PENDING, Book.AVAILABLE:
            return _("Released")
        case Book.EXPENSE, Book.AVAILABLE:
            return _("Period reward")
        case ((Book.PENDING | Book.AVAILABLE), Book.EXPENSE):
            return _("Reversed")
        case Book.DEBT, Book.EXPENSE:
            return _("Reversed, owed")
        case Book.AVAILABLE, Book.DEBT:
            return _("Debt settled")
        case (Book.AVAILABLE, Book.AVAILABLE) | (Book.DEBT, Book.DEBT):
            return _("Merged into another account")
        case Book.AVAILABLE, Book.RESERVED:
            return _("Set aside for a withdrawal")
        case Book.RESERVED, Book.AVAILABLE:
            return _("Withdrawal given back")
        case Book.RESERVED, Book.PAID_OUT:
            return _("Paid out")
        case Book.RESERVED, Book.TAX:
            return _("Tax withheld")
        case Book.RESERVED, Book.FEE:
            return _("Fees kept")
        case ((Book.PAID_OUT | Book.TAX | Book.FEE), Book.AVAILABLE):
            return _("Payment came back")
        case Book.OWN, Book.DEPOSIT:
            return _("Brought to a provider")
        case Book.DEPOSIT, Book.OWN:
            return _("Taken back from a provider")
        case (Book.DEPOSIT, Book.CHARGE) | (Book.CHARGE, Book.DEPOSIT):
            return _("Provider's charge")
        case (Book.DEPOSIT, Book.LOSS) | (Book.LOSS, Book.DEPOSIT):
            return _("Written off")
        case (Book.POINTS_ISSUED, Book.POINTS_PENDING | Book.POINTS) | (Book.GROWTH_ISSUED, Book.GROWTH):
            return _("Granted")
        case Book.POINTS_PENDING, Book.POINTS:
            return _("Became usable")
        case ((Book.POINTS_PENDING | Book.POINTS), Book.POINTS_ISSUED) | (Book.GROWTH, Book.GROWTH_ISSUED):
            return _("Taken back")
        case Book.POINTS_DEBT, Book.POINTS_ISSUED:
            return _("Taken back, owed")
        case Book.POINTS, Book.POINTS_DEBT:
            return _("Debt settled")
        case Book.POINTS, Book.POINTS_RESERVED:
            return _("Set aside for an order")
        case Book.POINTS_RESERVED, Book.POINTS:
            return _("Free again")
        case ((Book.POINTS | Book.POINTS_RESERVED), Book.POINTS_SPENT):
            return _("Spent")
        case Book.POINTS_SPENT, Book.POINTS:
            return _("Given back")
        case Book.POINTS, Book.POINTS_EXPIRED:
            return _("Expired")
        case _unknown:
            return _("Moved")
