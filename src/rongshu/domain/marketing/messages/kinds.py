"""The kinds of messages: to whom, by which channels, in which words, and where they lead.

The words are msgids with named places; amounts among the places are written in the tenant's currency. `link` is the name of an
address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rongshu.engine.wording import gettext_noop as _
from rongshu.kernel.access.rules import Permission


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `mail` and `app` say whether it goes that way where nobody said otherwise."""

    code: str
    name: str
    """What it is called where it is chosen."""
    title: str
    text: str
    link: str
    """The name of the page it leads to."""
    button: str
    permission: Permission | None = None
    """None: for promoters. Else for every login with this permission."""
    mail: bool = True
    app: bool = True
    fixed: bool = False
    """Always shown in the app, whatever is preferred: money did not arrive, or is refused."""
    marketing: bool = False
    """Never by e-mail without consent, never in quiet hours, one click ends it."""
    money: tuple[str, ...] = ("amount", "net")


_WITHDRAW, _SEE = "portal:withdraw", _("See the withdrawal")
_QUEUE = _("Open the queue")

_ALL = (
    Kind(
        "withdrawal.asked", _("Withdrawal asked for"), _("Withdrawal asked for"),
        _("Your withdrawal of %(amount)s was asked for; the amount is set aside for you. We tell you of every step."),
        _WITHDRAW, _SEE, mail=False,
    ),
    Kind(
        "withdrawal.approved", _("Withdrawal approved"), _("Withdrawal approved"),
        _("Your withdrawal of %(amount)s was approved and will be sent with the next payment."), _WITHDRAW, _SEE, mail=False,
    ),
    Kind(
        "withdrawal.sent", _("Withdrawal on its way"), _("Withdrawal on its way"),
        _("%(net)s of your withdrawal of %(amount)s is on its way to your account; tax and fees are kept back."),
        _WITHDRAW, _SEE, mail=False,
    ),
    Kind(
        "withdrawal.confirmed", _("Withdrawal arrived"), _("Your money has arrived"),
        _("%(net)s of your withdrawal of %(amount)s has been paid to your account. The statement shows tax and fees."),
        _WITHDRAW, _SEE,
    ),
    Kind(
        "withdrawal.failed", _("Withdrawal did not arrive"), _("Your withdrawal did not arrive"),
        _("Your withdrawal of %(amount)s could not be paid: %(reason)s. The amount is available again; check your account and try once more."),
        _WITHDRAW, _SEE, fixed=True,
    ),
    Kind(
        "withdrawal.returned", _("Withdrawal returned by the bank"), _("The bank returned your withdrawal"),
        _("Your withdrawal of %(amount)s came back from the bank: %(reason)s. The amount is available again; check your account and try once more."),
        _WITHDRAW, _SEE, fixed=True,
    ),
    Kind(
        "withdrawal.refused", _("Withdrawal refused"), _("Your withdrawal was refused"),
        _("Your withdrawal of %(amount)s was refused: %(reason)s. The amount is available again."), _WITHDRAW, _SEE, fixed=True,
    ),
    Kind(
        "withdrawal.cancelled", _("Withdrawal taken back"), _("Withdrawal taken back"),
        _("Your withdrawal of %(amount)s was taken back. The amount is available again."), _WITHDRAW, _SEE, mail=False,
    ),
    Kind(
        "commission.released", _("Commission released, by the day"), _("Commission became available"),
        _("%(amount)s of your commission became available on %(day)s."), "portal:earnings", _("See the earnings"), mail=False,
    ),
    Kind(
        "reward.paid", _("Rewards of a period"), _("A reward was paid"),
        _("%(amount)s was paid to you as the reward of the period from %(since)s to %(until)s."), "portal:earnings",
        _("See the earnings"),
    ),
    Kind(
        "renewal.due", _("To be confirmed again"), _("Confirm that you go on promoting"),
        _("What you accepted when you joined has to be confirmed again. It takes a minute; without it you are paused later on."),
        "portal:renew", _("Confirm now"), fixed=True,
    ),
    Kind(
        "renewal.today", _("To be confirmed today"), _("Today is the day to confirm"),
        _("What you accepted when you joined is to be confirmed today. If it is not, you are paused in %(days)s days; until then everything goes on as it was."),
        "portal:renew", _("Confirm now"), fixed=True,
    ),
    Kind(
        "renewal.overdue", _("Paused until confirmed"), _("You are paused until you confirm"),
        _("You have not confirmed what you accepted, so that new orders earn you nothing for now. Confirm, and you go on at once; what you earned stays yours."),
        "portal:renew", _("Confirm now"), fixed=True,
    ),
    Kind(
        "plan.changed", _("Changes of the rules"), _("The rules change"),
        _("How you earn changes on %(day)s. See what is different for you before it begins."), "portal:home",
        _("See what changes"), app=False,
    ),
    Kind(
        "papers.waiting", _("Papers missing while money waits"), _("Your money waits for your papers"),
        _("%(amount)s is available to you. Give your name and account once, and you can withdraw it."), "portal:papers",
        _("Give name and account"),
    ),
    Kind(
        "rank.changed", _("A new rank"), _("Your rank is now %(rank)s"),
        _("From now on you hold the rank %(rank)s. See what it brings and what the next one needs."), "portal:home",
        _("See my rank"), mail=False, marketing=True,
    ),
    Kind(
        "material.withdrawn", _("A text you took was withdrawn"), _("Please stop using “%(title)s”"),
        _("The text “%(title)s”, which you took, was withdrawn: %(reason)s. Delete it where you shared it, and take a present one."),
        "portal:home", _("Open the home page"), mail=False, fixed=True,
    ),
    Kind(
        "coupon.given", _("A coupon for you"), _("A coupon for you: %(name)s"),
        _("You got the coupon “%(name)s”. See what it is worth and what is needed to use it."), "portal:coupons",
        _("See my coupons"), mail=False, marketing=True,
    ),
    Kind(
        "coupon.ending", _("A coupon that ends soon"), _("“%(name)s” ends soon"),
        _("Your coupon “%(name)s” can be used until %(day)s. After that it is gone."), "portal:coupons", _("See my coupons"),
        mail=False, marketing=True,
    ),
    Kind(
        "card.given", _("The member card is yours"), _("The member card is yours"),
        _("From now on what you buy brings points and growth value."), "portal:card", _("See my card"), mail=False,
    ),
    Kind(
        "card.refused", _("No member card yet"), _("You do not get the member card for now"), _("The brand said: %(reason)s."),
        "portal:card", _("See my card"), mail=False,
    ),
    Kind(
        "mall.sent", _("Sent from the mall"), _("“%(name)s” is on its way"), _("It was sent with %(parcel)s."), "portal:exchanges",
        _("See my exchanges"), mail=False,
    ),
    Kind(
        "mall.cancelled", _("An exchange cancelled"), _("“%(name)s” was cancelled"),
        _("The brand said: %(reason)s. %(points)s points are back."), "portal:exchanges", _("See my exchanges"), mail=False,
    ),
    Kind(
        "gift.birthday", _("A birthday gift"), _("Happy birthday!"), _("For your birthday you are given %(gift)s."), "portal:card",
        _("See my card"), mail=False,
    ),
    Kind(
        "gift.anniversary", _("A gift for the day you joined"), _("Thank you for another year"),
        _("On this day you became a member. You are given %(gift)s."), "portal:card", _("See my card"), mail=False,
    ),
    Kind(
        "points.ending", _("Points that end soon"), _("%(points)s points end on %(day)s"),
        _("%(points)s of your points can be used until %(day)s. %(use)s"), "portal:points", _("See my points"), mail=False,
        marketing=True,
    ),
    Kind(
        "tier.risen", _("A higher tier"), _("You are %(tier)s now"),
        _("You reached %(tier)s. See what it gives you, and what the next tier would."), "portal:card", _("See my card"), mail=False,
    ),
    Kind(
        "tier.grace", _("A tier to be kept"), _("Keep your tier %(tier)s"),
        _("Your growth value is below %(keeps)s, which keeps %(tier)s. Reach it by %(day)s and nothing changes for you."),
        "portal:card", _("See my card"), mail=False,
    ),
    Kind(
        "tier.fallen", _("A lower tier"), _("You are %(tier)s now"),
        _("Your growth value did not keep your tier; you are %(tier)s now. You rise again as soon as you reach what a tier asks for."),
        "portal:card", _("See my card"), mail=False,
    ),
    Kind(
        "leader.welcome", _("A welcome by whoever invited you"), _("Welcome to the team"),
        _("%(leader)s, who invited you, is glad that you are here. Share your first product; its clicks show within seconds."),
        "portal:start", _("See how to begin"), mail=False, marketing=True,
    ),
    Kind(
        "leader.help", _("Help offered by whoever invited you"), _("Do you need help?"),
        _("%(leader)s, who invited you, offers help: ask whenever something is unclear. The first steps stand on one page."),
        "portal:start", _("See the first steps"), mail=False, marketing=True,
    ),
    Kind(
        "leader.nudge", _("A reminder by whoever invited you"), _("Time to share again?"),
        _("%(leader)s, who invited you, thinks of you. See what sells best now, and share one of it."),
        "portal:share", _("Choose a product"), mail=False, marketing=True,
    ),
    Kind(
        "team.withdrawals", _("Withdrawals waiting for approval, by the day"), _("Withdrawals wait for approval"),
        _("Waiting for approval: %(count)s, together %(amount)s. The oldest waits since %(day)s."), "console:withdrawals", _QUEUE,
        permission=Permission.APPROVE_MONEY,
    ),
    Kind(
        "team.batch_undone", _("A batch was taken back"), _("A batch was taken back"),
        _("A batch of payments was taken back before it was sent. Its withdrawals are approved as before."), "console:payouts",
        _("See the batches"), permission=Permission.SEND_MONEY,
    ),
    Kind(
        "team.reconciliation", _("Reconciliation differs"), _("The provider's bill differs from our books"),
        _("New differences to be cleared: %(count)s."), "console:differences", _("See the differences"), permission=Permission.SEND_MONEY,
    ),
    Kind(
        "team.ledger", _("The ledger check differs"), _("The ledger check found differences"),
        _("Differences found by the hourly check: %(count)s. No money moves because of it; look before the next payment."),
        "console:ledger", _("Open the ledger check"), permission=Permission.CHECK_LEDGER,
    ),
    Kind(
        "application.approved", _("Application approved"), _("Welcome: your application was approved"),
        _("You are a promoter now. Share your first link, and see every order it brings."), "portal:start", _("See how to begin"),
    ),
    Kind(
        "application.refused", _("Application refused"), _("Your application was refused"),
        _("Your application to become a promoter was refused: %(reason)s."), "portal:home", _("Open my pages"),
    ),
    Kind(
        "team.application", _("Applications to join"), _("Somebody wants to become a promoter"),
        _("An application waits for your decision."), "console:applications", _("Open the queue"),
        permission=Permission.MANAGE_JOINING,
    ),
    Kind(
        "team.rerating", _("Re-ratings waiting for approval"), _("A re-rating waits for approval"),
        _("A re-rating is previewed and waits for a second person's decision: %(count)s orders change."), "console:reratings",
        _("Open the re-ratings"), permission=Permission.APPROVE_RERATING,
    ),
    Kind(
        "team.test", _("Test mail"), _("A test mail"), _("This is the test mail you asked for. Mail from this installation reaches you."),
        "console:messages", _("Open the messages"), permission=Permission.SEE_ORDERS, app=False,
    ),
)  # fmt: skip

TEST = "team.test"
KINDS: Mapping[str, Kind] = {kind.code: kind for kind in _ALL}
